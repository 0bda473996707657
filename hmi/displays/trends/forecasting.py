"""Where the chosen pen is heading: asks the engine once a minute while it is seen, and tells it in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from engine.types import Forecast, Snapshot
from hmi.displays.feed import Feed
from hmi.displays.trends import forecast_state as ahead
from hmi.formats import sentence, t
from hmi.history import NO_CURVE
from hmi.model import Model
from hmi.pens import Pen
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords
from hmi.widgets.predicted_mark import PredictedMark
from hmi.widgets.trend_forecast import Ahead, ahead_of, paint_ahead
from hmi.widgets.trend_head import head_button
from hmi.widgets.trend_panel import TrendPanel
from hmi.widgets.trend_scene import Scene
from hmi.widgets.trend_window import AHEAD


class ForecastBar(QFrame):
    """One line over the plot: what is ahead, or why nothing is told of it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.mark = PredictedMark(theme, self)
        self.words = ShortWords(theme, step="small", bold=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 3, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.mark)
        row.addWidget(self.words, 1)
        self.hide()

    def show_words(self, text: str, is_known: bool, has_trouble: bool) -> None:
        """In the ink of predictions where there is one, muted where not; marked where a limit is crossed."""
        self.words.set_look("prediction" if is_known else "muted")
        self.words.show_text(text)
        self.mark.show_tier("act" if has_trouble else "")


class Forecasting:
    """``button`` turns it on. Nothing is asked and nothing is worked out while it is off or not seen."""

    def __init__(
        self, theme: Theme, feed: Feed, trend: TrendPanel, pen: Callable[[], Pen | None], view: QWidget
    ) -> None:
        self._feed, self._trend, self._plot, self._pen = feed, trend, trend.plot, pen
        self._model = Model()
        self._is_past = self._is_stalled = False
        self._asked_us: dict[str, int] = {}
        self._known: dict[str, tuple[int, Forecast | None, str]] = {}
        self._of = 0
        self._before_us: tuple[int, int] | None = None
        self.drawn: Ahead | None = None
        self.bar = ForecastBar(theme, trend)
        self.button = head_button(
            t("Forecast"), t("Where the chosen pen is heading"), view, checkable=True, is_narrow=True
        )
        trend.add_row(self.bar)
        self._plot.over.append(self._paint)
        self.button.toggled.connect(self._turn)

    # What the view calls

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.bar.words.set_theme(theme)
        self.bar.mark.set_theme(theme)

    def set_model(self, model: Model) -> None:
        """Another list of tags, or another engine: what it foresaw is worth nothing."""
        self._model = model
        self._asked_us, self._known = {}, {}
        self._of += 1
        self._draw(None)

    def set_past(self, is_past: bool) -> None:
        """In replay there is no forecast: it would be one of now."""
        self._is_past = is_past
        if is_past:
            self._plot.show_ahead(False)

    def set_stalled(self, stalled: bool) -> None:
        """While the engine is silent nothing is foreseen."""
        self._is_stalled = stalled

    def on_trends(self, now_us: int, snapshot: Snapshot | None) -> None:
        """One frame: ask where it is time, and bring drawing and words up to date."""
        if not self.button.isChecked():
            return
        pen = self._pen()
        why = ahead.why_not(pen, snapshot, self._is_past, self._is_stalled)
        if why or pen is None:
            name = t("{name}: no forecast", name=pen.name) if pen is not None else t("No forecast")
            self._tell(f"{name}: {why}.", None)
            return
        if not 0 <= now_us - self._asked_us.get(pen.path, -ahead.ASK_US) < ahead.ASK_US:
            self._ask(pen.path, now_us)
        known = self._known.get(pen.path)
        if known is None:
            self._tell(t("{name}: looking ahead…", name=pen.name), None)
        elif not 0 <= now_us - known[0] <= ahead.OLD_US:
            self._tell(t("{name}: no forecast: the last one is too old.", name=pen.name), None)
        elif known[2]:
            self._tell(t("{name}: no forecast. {why}", name=pen.name, why=sentence(known[2])), None)
        else:
            self._show(pen, known[1], now_us)

    # Asking

    def _ask(self, path: str, now_us: int) -> None:
        self._asked_us[path] = now_us
        of = self._of

        def came(answer: Any) -> None:
            if of == self._of:
                found, is_read = ahead.read(answer, path)
                why = "" if is_read else t("the engine told this in a way we do not know")
                self._known[path] = now_us, found, why

        def missed(why: str) -> None:
            if of == self._of:
                self._known[path] = now_us, None, why

        self._feed.submit("forecast", {"paths": (path,), "ahead_s": ahead.AHEAD_S}, came, missed)

    # Showing

    def _turn(self, is_on: bool) -> None:
        self.bar.setVisible(is_on)
        if not is_on:
            self._tell("", None)
            if self._before_us is not None and self._plot.span_us == self._before_us[1]:
                self._plot.set_span(self._before_us[0] / 1e6)
            self._before_us = None
            self._plot.show_ahead(False)

    def _show(self, pen: Pen, forecast: Forecast | None, now_us: int) -> None:
        plant, shown = self._model.plant, self._plot.shown
        said = ahead.words(pen, forecast, now_us, plant.timezone, plant.locale)
        curve = self._plot.curves.get(pen.index, NO_CURVE)
        self._plot.show_ahead(forecast is not None)
        is_newest = shown is not None and shown.end_us > now_us
        joined = ahead_of(pen, forecast, curve) if forecast is not None and is_newest else None
        if forecast is not None and forecast.at_us and self._before_us is None:
            self._show_far(ahead.reach_us(forecast, now_us))
        self._tell(said, joined, forecast)

    def _show_far(self, reach_us: int) -> None:
        """The first time after it was turned on, so much time that all that matters of it is seen."""
        before_us = self._plot.span_us
        if reach_us > before_us * AHEAD:
            self._trend.keep_span()
            self._plot.set_span(reach_us / AHEAD / 1e6)
        self._before_us = before_us, self._plot.span_us

    def _tell(self, said: str, joined: Ahead | None, forecast: Forecast | None = None) -> None:
        crosses = forecast is not None and forecast.crosses_us is not None
        self.bar.show_words(said, forecast is not None, crosses)
        self._draw(joined)

    def _draw(self, joined: Ahead | None) -> None:
        shown = self._plot.shown
        if joined is None and self.drawn is None:
            return
        self.drawn = joined
        self._plot.ahead = (
            {} if joined is None or shown is None else {joined.pen.index: joined.until(shown.end_us)}
        )
        self._plot.update()

    def _paint(self, painter: QPainter, scene: Scene) -> None:
        if self.drawn is not None and not scene.is_stalled:
            paint_ahead(painter, scene, self.drawn)
