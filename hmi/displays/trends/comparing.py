"""Two periods in one trend: asks for the other one, fetches its curves, and tells both values."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from engine.types import Curve
from hmi import formats
from hmi.displays.feed import Feed
from hmi.displays.trends import compare_state as periods
from hmi.displays.trends.compare_parts import CompareBar, CompareSheet
from hmi.displays.trends.compare_state import DAY_US, Compare
from hmi.formats import t
from hmi.history import NO_CURVE
from hmi.pens import Pen
from hmi.theme import Theme, colour
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_beside import paint_beside
from hmi.widgets.trend_head import head_button
from hmi.widgets.trend_lines import Span
from hmi.widgets.trend_panel import TrendPanel
from hmi.widgets.trend_scene import Scene
from hmi.widgets.trend_selected import GROUND_ALPHA
from hmi.widgets.trend_words import difference_words, value_words

LOOK_US, RUN_PIXELS = 250_000, 4001
SEEK_US = 8_000_000
"""So long the beginning of the run before is waited for."""


class Comparing:
    """``button`` opens the question; ``compare`` = what is compared, None = nothing."""

    def __init__(self, theme: Theme, feed: Feed, trend: TrendPanel, view: QWidget) -> None:
        self._feed, self._trend, self._plot = feed, trend, trend.plot
        self._zone = "UTC"
        self.compare: Compare | None = None
        self._asked: tuple[Span, Compare, tuple[Pen, ...]] | None = None
        self._looked_us, self._version = 0, -1
        self._seeking: tuple[Pen, int] | None = None
        self.bar = CompareBar(theme, trend)
        self.sheet = CompareSheet(theme, view)
        self.button = head_button(t("Compare…"), t("Lay another period over this one"), view, is_narrow=True)
        trend.add_row(self.bar)
        self._plot.under.append(self._paint_where)
        self._plot.over.append(self._paint)
        self.button.clicked.connect(self._ask)
        self.bar.stopped.connect(self.stop)
        self.sheet.days.connect(self._days)
        self.sheet.started.connect(self._start)
        self.sheet.stepped.connect(self._step)
        self.sheet.aligned.connect(self._seek)
        self.sheet.left.connect(self._leave)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.bar.set_theme(theme)
        self.sheet.set_theme(theme)

    def set_zone(self, zone: str) -> None:
        """The time zone of another plant; its past is another one too."""
        self._zone = zone
        self.stop()

    def begin(self, compare: Compare) -> None:
        """Draw another period from the next frame on."""
        self.compare, self._asked = compare, None
        self.sheet.leave()
        self._plot.refresh()

    def stop(self) -> None:
        """Draw it no more."""
        self.compare, self._asked = None, None
        self.bar.hide()
        self._plot.show_beside({})

    def on_trends(self, now_us: int) -> None:
        """One frame: fetch the other period where the window moved, or more of it has come."""
        span = self._plot.shown
        if self._seeking is not None:
            self._look_for_run(now_us)
        if self.compare is None or span is None:
            return
        asked = span, self.compare, self._plot.pens
        is_same = asked == self._asked
        if is_same and now_us - self._looked_us < LOOK_US:
            return
        # Views of the past are told apart by their width: this one must not be that of the window.
        pixels = max(1, span.pixels - 1)
        self._asked, self._looked_us = asked, now_us
        version = self._feed.past.detail(self._plot.wanted, pixels).version
        if is_same and version == self._version:
            return
        self._version = version
        by_us = self.compare.by_us
        start_us, end_us = span.start_us - by_us, min(span.end_us - by_us, now_us)
        found = {
            pen.index: periods.beside(self._feed.curve(pen.index, start_us, end_us, pixels), self.compare)
            for pen in self._plot.pens
            if self.compare.path in ("", pen.path)
        }
        self._plot.show_beside(found)
        self.bar.show_legend(periods.legend(self.compare, span, now_us, self._zone))

    def then(self, pen: Pen, time_us: int) -> str:
        """What a pen was in the other period beside an instant of the window, and how far it is from that."""
        curve = self._plot.beside.get(pen.index)
        if curve is None or (self.compare is not None and not self._is_drawn(time_us)):
            return formats.NO_VALUE
        text = value_words(pen, curve, time_us, self._plot.number_locale)
        here, there = (
            lines.value_at(each, time_us) for each in (self._plot.curves.get(pen.index, NO_CURVE), curve)
        )
        by = difference_words(pen, here, there, self._plot.number_locale)
        return text if by in ("", formats.NO_VALUE) else t("{value}  Δ {by}", value=text, by=by)

    def _is_drawn(self, time_us: int) -> bool:
        only = self.compare.only if self.compare is not None else None
        return only is None or only[0] <= time_us <= only[1]

    # The question

    def _ask(self) -> None:
        span = self._plot.shown
        if span is not None:
            by_us = self.compare.by_us if self.compare is not None else DAY_US
            self.sheet.ask(span.start_us - by_us, self._zone, self._plot.pens)

    def _days(self, days: int) -> None:
        span = self._plot.shown
        if span is not None:
            by_us = periods.days_before(min(span.end_us, self._plot.now_us), days, self._zone)
            self.begin(Compare(by_us, t("yesterday") if days == 1 else t("a week ago")))

    def _start(self, text: str) -> None:
        span, start_us = self._plot.shown, periods.written(text, self._zone)
        if start_us is None or span is None:
            self.sheet.say(t("Type the start like this: 2026-11-21 13:02"))
        elif start_us >= span.start_us:
            self.sheet.say(t("That is not before the window. Choose an earlier start."))
        else:
            by_us = span.start_us - start_us
            self.begin(Compare(by_us, t("{length} before", length=periods.length(by_us))))

    def _step(self, by_us: int) -> None:
        start_us = periods.written(self.sheet.field.text(), self._zone)
        if start_us is not None:
            self.sheet.field.setText(periods.typed(start_us + by_us, self._zone))

    # Runs

    def _seek(self, index: int) -> None:
        pen = next((each for each in self._plot.pens if each.index == index), None)
        if pen is not None:
            self._seeking = pen, self._plot.now_us
            self.sheet.say(t("Looking for the last two runs…"))

    def _leave(self) -> None:
        self._seeking = None

    def _look_for_run(self, now_us: int) -> None:
        """The two last rising edges before the end of the window, once the history has come."""
        span = self._plot.shown
        if self._seeking is None or span is None:
            return
        pen, since_us = self._seeking
        end_us = min(span.end_us, now_us)
        back_us = periods.RUNS * (span.end_us - span.start_us)
        curve = self._feed.curve(pen.index, end_us - back_us, end_us, RUN_PIXELS)
        is_there = self._feed.past.detail([pen.index], RUN_PIXELS).part == 1
        if not is_there and now_us - since_us < SEEK_US:
            return
        self._seeking = None
        least = float(min(pen.states)) if pen.states else 0.0
        cursor_us = self._plot.cursor_us if self._plot.cursor_us is not None else end_us
        by_us = periods.run_before(periods.rising(curve, least), cursor_us)
        if by_us is None:
            self.sheet.say(
                t(
                    "{name} did not begin twice in the last {length}. Show a longer time, or go back "
                    "to where it ran.",
                    name=pen.name,
                    length=periods.length(back_us),
                )
            )
        else:
            self.begin(Compare(by_us, t("the run before, by {name}", name=pen.name)))

    def _paint(self, painter: QPainter, scene: Scene) -> None:
        curves: Mapping[int, Curve] = self._plot.beside
        if curves:
            paint_beside(painter, scene, curves, self._plot.draw)

    def _paint_where(self, painter: QPainter, scene: Scene) -> None:
        if self.compare is not None and self.compare.only is not None:
            left, right = (scene.x(edge) for edge in self.compare.only)
            box = QRectF(left, scene.plot.top(), right - left, scene.plot.height())
            painter.fillRect(box, colour(scene.theme.colour.selected, GROUND_ALPHA))
