"""The working page of one asset: its drawing or its cards, interlocks, feedback, and the trend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.types import Alarm, Curve, Snapshot
from hmi import values
from hmi.alarms import Badge
from hmi.displays.feed import Feed
from hmi.displays.unit.checks import Checks
from hmi.displays.unit.floor import Floor
from hmi.displays.unit.state import Arrangement
from hmi.displays.unit.words import trend_title
from hmi.model import Model
from hmi.pens import pens_of
from hmi.theme import Theme
from hmi.widgets.mimic import MimicView
from hmi.widgets.trend_panel import TrendPanel

LEAST_SIZE_PX = (800, 500)
"""Below this the page scrolls."""
FLOOR_PART, MOST_FLOOR_PART, FULL_TREND_PX = 0.58, 0.69, 270
MOST_CHECKS_PART = 0.45
_PAD, _ABOVE_PX, _BELOW_PX = 14, 12, 8


class WorkingPage(QScrollArea):
    """``head`` of the frame is filled by the view; numbers and trends come only while it can be seen."""

    def __init__(
        self,
        theme: Theme,
        feed: Feed,
        tapped: Callable[[str], None],
        opened: Callable[[str], None],
        to_trends: Callable[[list[str]], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setProperty("look", "page")
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self._theme, self._feed = theme, feed
        self._model = Model()
        self._shown: Arrangement | None = None
        self._snapshot: Snapshot | None = None
        self._snapshot_us = 0
        self._alarms: tuple[Alarm, ...] = ()
        self._page = QWidget()
        self._panel = QFrame(self._page)
        self._panel.setProperty("look", "panel")
        self.head = QVBoxLayout()
        self.head.setContentsMargins(0, 0, 0, 0)
        self._head_room = QWidget(self._panel)
        self._head_room.setLayout(self.head)
        self.floor = Floor(theme, tapped, opened, self._panel)
        self.mimic = MimicView(theme, tapped, self._panel)
        self.checks = Checks(theme, tapped, self._panel)
        self._lists = QScrollArea(self._panel)
        self._lists.setFrameShape(QScrollArea.Shape.NoFrame)
        self._lists.setWidget(self.checks)
        self.checks.setAutoFillBackground(False)
        self._lists.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.full_trend = TrendPanel(theme, self._curve, self._page, past=feed.past)
        self.lean_trend = TrendPanel(theme, self._curve, self._page, lean=True, past=feed.past)
        self.lean_trend.opened.connect(to_trends)
        self.trend = self.full_trend
        self.setWidget(self._page)
        self._page.setAutoFillBackground(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_arrangement(self, model: Model, shown: Arrangement) -> None:
        """Another asset, or the same one of another engine."""
        self._model, self._shown, self._snapshot = model, shown, None
        self.floor.setVisible(shown.mimic is None)
        self.mimic.setVisible(shown.mimic is not None)
        if shown.mimic is not None:
            self.mimic.show_mimic(model, shown.asset, shown.mimic)
        else:
            self.floor.show_arrangement(model, shown)
        self.checks.show_arrangement(model, shown, shown.shown[:4] if shown.mimic is not None else ())
        for trend in self._trends():
            trend.set_place(model.plant.timezone, model.plant.locale)
        self._show_pens()
        self._lay_out()
        self.on_numbers(None)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (self.floor, self.mimic, self.checks, *self._trends()):
            part.set_theme(theme)
        self._show_pens()
        self._lay_out()

    def set_alarms(self, alarms: Sequence[Alarm], badges: Mapping[str, Badge]) -> None:
        """Alarms of the plant, and what they put on assets and tags."""
        if tuple(alarms) != self._alarms:
            self._alarms = tuple(alarms)
            for trend in self._trends():
                trend.set_alarms(alarms)
        for part in (self.floor, self.mimic, self.checks):
            part.set_badges(badges)

    def set_stalled(self, stalled: bool) -> None:
        """Numbers come in as stale by themselves; the trend needs to be told."""
        for trend in self._trends():
            trend.set_stalled(stalled)

    def on_numbers(self, snapshot: Snapshot | None) -> None:
        """Paint what differs and nothing else."""
        changed: NDArray[np.bool_] | None = None
        if snapshot is not None and self._snapshot is not None:
            changed = values.changed(self._snapshot, snapshot)
        self._snapshot, self._snapshot_us = snapshot, self._feed.now_us()
        if self._shown is None:
            return
        if self._shown.mimic is not None:
            self.mimic.on_numbers(snapshot, changed)
        else:
            self.floor.on_numbers(snapshot, changed)
        self.checks.on_numbers(snapshot, self._alarms, self._snapshot_us)

    def on_trends(self, now_us: int) -> None:
        """One frame of the trend."""
        self.trend.on_trends(now_us)

    # Inside

    def _curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        curve = self._feed.curve(index, start_us, end_us, pixels)
        if self._snapshot is None:
            return curve
        return values.with_proof(curve, self._snapshot, index, self._snapshot_us, end_us)

    def _show_pens(self) -> None:
        if self._shown is not None:
            pens = pens_of(self._model, self._shown.trend, self._theme.pens, with_setpoint=True)
            for trend in self._trends():
                trend.show_pens(trend_title(self._model, self._shown.trend), pens)

    def _trends(self) -> tuple[TrendPanel, TrendPanel]:
        return self.full_trend, self.lean_trend

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        if self._shown is None:
            return
        gap, size = self._theme.size.gap, self.viewport().size()
        width, height = max(LEAST_SIZE_PX[0], size.width()), max(LEAST_SIZE_PX[1], size.height())
        self._page.resize(width, height)
        tall = self._tall(width - 2 * gap, height - 3 * gap)
        self._panel.setGeometry(gap, gap, width - 2 * gap, tall)
        top = gap + tall + gap
        # Where it is low, the curves get the room of the buttons; Trends is a tap away.
        is_low = height - top - gap < FULL_TREND_PX
        self.trend = self.lean_trend if is_low else self.full_trend
        for trend in self._trends():
            trend.setVisible(trend is self.trend)
        self.trend.setGeometry(gap, top, width - 2 * gap, height - top - gap)
        self._lay_out_panel(self._panel.width(), tall)

    def _tall(self, width: int, height: int) -> int:
        """How much of the height the panel takes: more for interlocks, less where there is little to show."""
        tall, most = round(height * FLOOR_PART), round(height * MOST_FLOOR_PART)
        frame = self._head_px() + _ABOVE_PX + _BELOW_PX
        tall = frame + self.checks.wanted(tall - frame, most - frame, round(width * MOST_CHECKS_PART))
        is_drawn = self._shown is not None and self._shown.mimic is not None
        wanted = None if is_drawn else self.floor.wanted(width - 2 * _PAD)
        return tall if wanted is None or self.checks.checks else min(tall, wanted + frame + 10)

    def _head_px(self) -> int:
        return max(self._theme.size.target, self._head_room.sizeHint().height())

    def _lay_out_panel(self, width: int, tall: int) -> None:
        head = self._head_px()
        self._head_room.setGeometry(_PAD, 8, width - 2 * _PAD, head)
        top = head + _ABOVE_PX
        room = tall - top - _BELOW_PX
        wide, deep = self.checks.fit(room, round(width * MOST_CHECKS_PART))
        self._lists.setVisible(wide > 0)
        left = width - _PAD
        if wide:
            bar = self._lists.verticalScrollBar().sizeHint().width() if deep > room else 0
            self.checks.resize(wide, deep)
            left -= wide + bar
            self._lists.setGeometry(left, top, wide + bar, room)
            left -= 18
        body = (self.floor, self.mimic)[self._shown is not None and self._shown.mimic is not None]
        body.setGeometry(_PAD, top, left - _PAD, room)
