"""The trend in its frame: title, legend, lengths of time, zoom, Live, and the same data as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from engine.types import Curve
from hmi import formats
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.trend_pen import Legend, Pen
from hmi.widgets.trend_plot import TrendPlot
from hmi.widgets.trend_table import TrendTable

SPANS_S = (60, 600, 3600)
TABLE_REFRESH_US = 1_000_000
NARROW_PX, NO_TITLE_PX = 760, 650
YOUNG_US = 120_000_000
"""With less data than this the first picture is of the shortest span, not of an empty one."""


class TrendPanel(QFrame):
    """Asks for the curves of its pens when, and only when, it would look different."""

    def __init__(self, theme: Theme, ask: Callable[[int, int, int, int], Curve], parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._ask = ask
        self._zone, self._locale, self._tabled_us = "UTC", "en", 0
        self._is_first = True
        self.plot = TrendPlot(theme, self)
        self.table = TrendTable(self)
        self._stretch = QWidget(self)
        self._title = ShortWords(theme, step="body", bold=True)
        self._when = Words(theme, step="small", look="muted")
        self._legend = Legend(theme, self)
        self._words = (self._title, self._when)
        self._body = QStackedLayout()
        self._body.addWidget(self.plot)
        self._body.addWidget(self.table)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 8, 10, 8)
        box.setSpacing(4)
        box.addLayout(self._make_head())
        box.addWidget(self._legend)
        box.addLayout(self._body, 1)
        self.plot.moved.connect(self._show_window)
        self._show_window()

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._title, 1)
        head.addWidget(self._stretch, 1)
        head.addWidget(self._when)
        head.addSpacing(10)
        self._spans = QButtonGroup(self)
        for seconds in SPANS_S:
            button = self._button(
                formats.span(seconds) if seconds > 60 else t("1 min"), t("Show this length of time")
            )
            button.setCheckable(True)
            self._spans.addButton(button, seconds)
            head.addWidget(button)
        self._spans.idClicked.connect(lambda seconds: self.plot.set_span(seconds))
        head.addSpacing(6)
        for text, words, factor in (("\u2212", t("Longer time"), 0.5), ("+", t("Shorter time"), 2.0)):
            button = self._button(text, words)
            button.clicked.connect(lambda _=False, factor=factor: self.plot.zoom(factor))
            head.addWidget(button)
        self._live = self._button(t("Live"), t("Back to now"))
        self._live.clicked.connect(self.plot.go_live)
        self._table_button = self._button(t("Table"), t("The same data as a table"))
        self._table_button.setCheckable(True)
        self._table_button.toggled.connect(self._show_table)
        head.addSpacing(6)
        head.addWidget(self._live)
        head.addWidget(self._table_button)
        return head

    def _button(self, text: str, words: str) -> QPushButton:
        made = QPushButton(text, self)
        made.setAccessibleName(f"{text}: {words}")
        made.setToolTip(words)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # Never narrower than its word: where room is short the title gives way, not a button.
        made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return made

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # On a narrow panel the buttons come first: the pressed one says the same.
        self._when.setVisible(self.width() >= NARROW_PX)
        self._show_names()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; the pens follow by `show_pens`."""
        self.plot.set_theme(theme)
        self._legend.set_theme(theme)
        for words in self._words:
            words.set_theme(theme)

    def set_place(self, zone: str, locale: str) -> None:
        """Time zone and locale of the plant."""
        self._zone, self._locale = zone, locale
        self.plot.set_place(zone, locale)

    def set_stalled(self, stalled: bool) -> None:
        """Draw all of it as old."""
        self.plot.set_stalled(stalled)

    def show_pens(self, title: str, pens: Sequence[Pen]) -> None:
        """Draw these tags from the next frame on."""
        self._title.show_text(title)
        self._legend.show_pens(pens)
        self.plot.set_pens(pens)
        self._show_names()

    def _show_names(self) -> None:
        # Without room for the title the legend names even a single pen.
        has_title = self.width() >= NO_TITLE_PX
        self._title.setVisible(has_title)
        self._stretch.setVisible(not has_title)
        self._legend.setVisible(len(self.plot.pens) > (1 if has_title else 0))

    def on_trends(self, now_us: int) -> None:
        """One frame: fetch and draw, if something would look different."""
        span = self.plot.due(now_us)
        if span is None:
            return
        curves = {
            p.index: self._ask(p.index, span.start_us, span.end_us, span.pixels) for p in self.plot.pens
        }
        self.plot.show_curves(span, curves)
        if self._is_first:
            self._fit_first(curves.values(), now_us)
        if self.table.isVisible() and now_us - self._tabled_us >= TABLE_REFRESH_US:
            self._tabled_us = now_us
            self._fill_table(now_us)

    def _fit_first(self, curves: Iterable[Curve], now_us: int) -> None:
        begins = [int(curve.time_us[0]) for curve in curves if len(curve.time_us)]
        self._is_first = not begins
        if begins and now_us - min(begins) < YOUNG_US:
            self.plot.set_span(SPANS_S[0])

    def _fill_table(self, now_us: int) -> None:
        self.table.rows.show_curves(self.plot.pens, self.plot.curves, now_us, self._zone, self._locale)

    def _show_table(self, wanted: bool) -> None:
        self._body.setCurrentWidget(self.table if wanted else self.plot)
        if wanted:
            self._fill_table(self.plot.now_us)

    def _show_window(self) -> None:
        length = formats.span(round(self.plot.span_us / 1e6)).replace(".0", "")
        live = self.plot.is_live
        self._when.show_text(
            t("last {length}", length=length) if live else t("paused · {length}", length=length)
        )
        self._live.setEnabled(not live)
        with QSignalBlocker(self._spans):
            self._spans.setExclusive(False)
            for button in self._spans.buttons():
                button.setChecked(self._spans.id(button) * 1_000_000 == self.plot.span_us)
            self._spans.setExclusive(self._spans.checkedButton() is not None)
