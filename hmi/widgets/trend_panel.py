"""The trend in its frame: head, legend, and the same data as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QStackedLayout, QVBoxLayout, QWidget

from engine.types import Alarm, Annotation, Curve
from hmi.alarm_spells import Spell, history_of, within
from hmi.formats import t
from hmi.history import Detail, Stored
from hmi.known_alarms import AlarmPast
from hmi.pens import Pen
from hmi.theme import Theme
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_alarm_card import TrendAlarmCard
from hmi.widgets.trend_alarm_lanes import Band
from hmi.widgets.trend_head import LeanHead, TrendHead
from hmi.widgets.trend_loading import TrendLoading
from hmi.widgets.trend_pen import Legend
from hmi.widgets.trend_plot import TrendPlot
from hmi.widgets.trend_table import TrendTable

SPANS_S = (60, 600, 3600)
TABLE_REFRESH_US = 1_000_000
QUICK_US = 250_000
YOUNG_US = 120_000_000
"""With less data than this the first picture is of the shortest span, not of an empty one."""
Ask = Callable[[int, int, int, int], Curve]
"""Live position, first and last UTC microsecond, pixels: the curve of a tag."""


class TrendPanel(QFrame):
    """Asks for the curves of its pens when, and only when, it would look different.

    ``lean`` = title, what it shows, legend in the head, no buttons; a tap on it (or Return) is `opened`.
    ``spans_s`` are the lengths of time with a button. ``with_mark`` adds Pause and the difference cursor.
    ``with_legend`` = name the pens under the head; off where a list beside it does. ``past`` tells how
    much of the stored curves has come, and why there are none.
    """

    opened = Signal(list)
    """A lean panel was tapped: the tag paths of its pens."""
    alarm_wanted = Signal(int)
    """The alarm of that id is to be shown in the list of alarms."""

    def __init__(
        self,
        theme: Theme,
        ask: Ask,
        parent: QWidget,
        *,
        lean: bool = False,
        spans_s: Sequence[int] = SPANS_S,
        with_mark: bool = False,
        with_legend: bool = True,
        past: Stored | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._ask, self._spans_s, self._with_legend = ask, tuple(spans_s), with_legend
        self._zone, self._locale, self._tabled_us = "UTC", "en", 0
        self._title, self._subtitle, self._is_first = "", "", True
        self._past, self._detail, self._coming_us = past, Detail(), 0
        self._notes: tuple[Annotation, ...] = ()
        self._alarms: tuple[Alarm, ...] = ()
        self._told: tuple[tuple[AlarmPast, ...], tuple[Alarm, ...], int] = ((), (), 0)
        self.plot = TrendPlot(theme, self)
        self.table = TrendTable(self)
        self.head = None if lean else TrendHead(theme, self.plot, spans_s, with_mark, self)
        self._lean = LeanHead(theme, self) if lean else None
        self._legend = self._lean.legend if self._lean is not None else Legend(theme, self)
        self._loading = None if past is None or lean else self._make_loading(theme, past)
        self.card = None if lean else self._make_card(theme)
        self._lay_out()
        self.plot.moved.connect(self._show_subtitle)
        if self._lean is not None:
            self._be_tapped()

    def _lay_out(self) -> None:
        self.body = QStackedLayout()
        self.body.addWidget(self.plot)
        self.body.addWidget(self.table)
        box = self._box = QVBoxLayout(self)
        box.setContentsMargins(14, 8, 10, 8)
        box.setSpacing(4)
        if self.head is not None:
            box.addWidget(self.head)
            box.addWidget(self._legend)
            self.head.table.toggled.connect(self._show_table)
        elif self._lean is not None:
            box.addWidget(self._lean)
        box.addLayout(self.body, 1)

    def _make_loading(self, theme: Theme, past: Stored) -> TrendLoading:
        made = TrendLoading(theme, self.plot)
        made.stopped.connect(lambda: past.stop_loading(self.plot.wanted))
        made.again.connect(lambda: past.load_again(self.plot.wanted))
        return made

    def _make_card(self, theme: Theme) -> TrendAlarmCard:
        made = TrendAlarmCard(theme, self.plot)
        made.wanted.connect(self.alarm_wanted)
        self.plot.alarm_tapped.connect(self._tell_band)
        self.plot.moved.connect(made.hide)
        return made

    def _tell_band(self, band: Band, spot: QPointF) -> None:
        if self.card is not None:
            self.card.show_band(band, self.plot.history, self.plot.now_us, self._zone, spot)

    def _be_tapped(self) -> None:
        self.plot.is_lean = True
        self.plot.tapped.connect(lambda: self.opened.emit([pen.path for pen in self.plot.pens if pen.path]))
        self.plot.setCursor(Qt.CursorShape.PointingHandCursor)
        self.plot.setToolTip(t("Open in Trends"))
        self.plot.setAccessibleDescription(t("Return opens these tags in Trends."))
        self.plot.hint = t("No tag is drawn here.")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_names()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; the pens follow by `show_pens`."""
        self.plot.set_theme(theme)
        self._legend.set_theme(theme)
        for part in (self._loading, self.card):
            if part is not None:
                part.set_theme(theme)
        for head in (self.head, self._lean):
            if head is not None:
                head.set_theme(theme)

    def set_place(self, zone: str, locale: str) -> None:
        """Time zone and locale of the plant."""
        self._zone, self._locale = zone, locale
        self.plot.set_place(zone, locale)

    def set_stalled(self, stalled: bool) -> None:
        """Draw all of it as old."""
        self.plot.set_stalled(stalled)

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """The alarms of the plant; those of the pens are marked."""
        self._alarms = tuple(alarms)
        self.plot.set_alarms(alarms)

    def show_pens(self, title: str, pens: Sequence[Pen], subtitle: str = "") -> None:
        """Draw these tags from the next frame on. Without ``subtitle`` a lean panel tells its span."""
        if self.head is not None:
            self.head.title.show_text(title)
        self._subtitle = subtitle
        self._title = title
        self._legend.show_pens(pens)
        self.plot.set_pens(pens)
        self.plot.set_alarms(self._alarms)
        self._show_subtitle()
        self._show_names()

    def _show_subtitle(self) -> None:
        if self._lean is not None:
            last = t("last {length}", length=lines.length_text(self.plot.span_us))
            self._lean.show_title(self._title, f"{self._subtitle} · {last}" if self._subtitle else last)

    def _show_names(self) -> None:
        if self.head is None:
            self._legend.set_room(self.width() // 2)
            return
        # Without room for the title the legend names even a single pen.
        has_title = self.head.fit(self.width())
        self._legend.setVisible(self._with_legend and len(self.plot.pens) > (1 if has_title else 0))

    def on_trends(self, now_us: int) -> None:
        """One frame: fetch and draw, if something would look different."""
        self._look_back(now_us)
        self._draw_curves(now_us)
        self._look_at_alarms(now_us)

    def _draw_curves(self, now_us: int) -> None:
        span = self.plot.due(now_us)
        if span is None:
            return
        curves = {at: self._ask(at, span.start_us, span.end_us, span.pixels) for at in self.plot.wanted}
        self.plot.show_curves(span, curves)
        if self._is_first:
            self._fit_first(curves.values(), now_us)
        if self.table.isVisible() and now_us - self._tabled_us >= TABLE_REFRESH_US:
            self._tabled_us = now_us
            self._fill_table(now_us)

    def _look_back(self, now_us: int) -> None:
        """Whether more of the stored curves has come, and what to say while it has not."""
        shown = self.plot.shown
        if self._past is None or shown is None:
            return
        detail = self._past.detail(self.plot.wanted, shown.pixels)
        if detail.version != self._detail.version:
            self.plot.refresh()
        if 1 in (detail.part, self._detail.part) or detail.is_stopped:
            self._coming_us = now_us
        gaps = self._past.gaps(self.plot.wanted, shown.start_us, shown.end_us)
        # What comes at once needs no progress: it would only flash.
        is_coming = now_us - self._coming_us > QUICK_US
        self.plot.show_past(detail, gaps, self._past.oldest_us(), is_coming)
        if self._loading is not None:
            self._loading.show_detail(detail, self.plot.plot_rect())
        self._detail = detail

    def _look_at_alarms(self, now_us: int) -> None:
        """What the alarms of the pens did, as far as it is known; worked out anew only after news."""
        shown, paths = self.plot.shown, [pen.path for pen in self.plot.pens if pen.path]
        if shown is None:
            return
        if self._past is not None:
            past = tuple(self._past.alarms(paths, shown.start_us, shown.end_us))
        else:
            past = tuple(AlarmPast(path) for path in paths)
        live = tuple(each for each in self._alarms if each.path in paths)
        before_us = self._told[2]
        is_same_time = before_us <= now_us < self.plot.history.later_us
        if self._told[:2] == (past, live) and is_same_time:
            return
        self._told = past, live, now_us
        self.plot.show_history(history_of(past, live, now_us))
        if self.table.isVisible():
            self._fill_table(now_us)

    def _fit_first(self, curves: Iterable[Curve], now_us: int) -> None:
        begins = [int(curve.time_us[0]) for curve in curves if len(curve.time_us)]
        if self._past is not None and self._detail.part < 1:
            return
        self._is_first = not begins
        if begins and now_us - min(begins) < YOUNG_US:
            self.plot.set_span(self._spans_s[0])

    def add_row(self, row: QWidget) -> None:
        """One more row between the legend and the plot."""
        self._box.insertWidget(2, row)

    def keep_span(self) -> None:
        """Take the length of time as it is, however young the data are."""
        self._is_first = False

    def _fill_table(self, now_us: int) -> None:
        self.table.rows.show_curves(
            self.plot.pens,
            self.plot.curves,
            now_us,
            self._zone,
            self._locale,
            self._notes,
            self._spells(),
        )

    def _spells(self) -> tuple[Spell, ...]:
        shown = self.plot.shown
        return () if shown is None else within(self.plot.history, shown.start_us, shown.end_us)

    def show_notes(self, notes: Sequence[Annotation]) -> None:
        """What people noted on the window, for the table; the flags on the plot are of who shows them."""
        if tuple(notes) != self._notes:
            self._notes = tuple(notes)
            if self.table.isVisible():
                self._fill_table(self.plot.now_us)

    def _show_table(self, wanted: bool) -> None:
        self.body.setCurrentWidget(self.table if wanted else self.plot)
        if wanted:
            self._fill_table(self.plot.now_us)
