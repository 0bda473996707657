"""An engine that answers by script, and the hands of a person on a trend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from hmi.displays.trends.view import TrendsView
from tests.hmi.displays.trends.plant import VALUES
from tests.hmi.plant import NOW_US, PlantFeed, snapshot

LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
MINUTE_US, DAY_US = 60_000_000, 86_400_000_000
DONE = {"job": 7, "progress": 1.0, "done": True, "error": "", "result": None}


class ToldFeed(PlantFeed):
    """Keeps what was sent; ``answers`` by op or kind of job give the state of the job, or a refusal."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Any] = {}

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        """Answer at once."""
        self.sent.append((name, body))
        found = self.answers.get(body["kind"] if name == "job" else name)
        if isinstance(found, str):
            on_error(found)
        elif found is not None:
            on_done(found)


def frame(view: TrendsView, now_us: int = NOW_US) -> None:
    view.on_numbers(snapshot(VALUES))
    view.on_trends(now_us)


def at(view: TrendsView, part: float) -> QPoint:
    """A spot on the plot, so far along the time."""
    box = view.trend.plot.plot_rect()
    return QPoint(round(box.left() + part * box.width()), round(box.center().y() + 30))


def drag(view: TrendsView, first: float, last: float, modifier: Qt.KeyboardModifier = NONE) -> None:
    plot = view.trend.plot
    QTest.mousePress(plot, LEFT, modifier, at(view, first))
    for part in np.linspace(first, last, 5):
        QTest.mouseMove(plot, at(view, float(part)))
    QTest.mouseRelease(plot, LEFT, modifier, at(view, last))


def selected(view: TrendsView) -> tuple[float, float] | None:
    """The marked stretch as parts of the window."""
    span, shown = view.trend.plot.selection.span, view.trend.plot.shown
    if span is None or shown is None:
        return None
    length = shown.end_us - shown.start_us
    return (span[0] - shown.start_us) / length, (span[1] - shown.start_us) / length


def select(view: TrendsView, minutes_ago: float = 6, length: float = 2) -> tuple[int, int]:
    start_us = NOW_US - round(minutes_ago * MINUTE_US)
    end_us = start_us + round(length * MINUTE_US)
    view.trend.plot.select(start_us, end_us)
    return start_us, end_us


def press(view: TrendsView, act: str) -> None:
    QTest.mouseClick(view.tools.bar.buttons[act], LEFT)
