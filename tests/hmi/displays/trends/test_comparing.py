"""Another period over the one on show."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from engine.types import Curve
from hmi.displays.trends.compare_state import Compare
from hmi.displays.trends.view import TrendsView
from tests.hmi.displays.trends.acting import DAY_US, LEFT, MINUTE_US, ToldFeed, frame
from tests.hmi.displays.trends.plant import MODEL, PRESSURE, PUMP
from tests.hmi.plant import NOW_US, curve
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen


def test_yesterday_is_drawn_beside_now_and_the_cursor_tells_both(view: TrendsView, feed: ToldFeed) -> None:
    made = feed.made

    def both(index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        if end_us > NOW_US - DAY_US // 2:
            return made(index)
        now = made(index)
        return Curve(now.time_us - DAY_US, now.low + 10, now.high + 10, now.uncertain)

    feed.curve = both  # type: ignore[method-assign]
    QTest.mouseClick(view.tools.comparing.button, LEFT)
    sheet = view.tools.comparing.sheet
    assert sheet.isVisible() and problems(sheet) == []
    QTest.mouseClick(sheet.of_days[1], LEFT)
    assert not sheet.isVisible()
    frame(view)
    beside = view.trend.plot.beside[MODEL.index[PRESSURE]]
    assert beside.time_us[0] == made(0).time_us[0]
    view.trend.plot.set_cursor(NOW_US - 5 * MINUTE_US, is_pinned=True)
    frame(view)
    row = view.readout.rows.cells[0]
    assert row[2] == "204.0\u202fbar" and row[3] == "214.0\u202fbar  Δ \u221210.0\u202fbar"
    assert view.readout.rows.titles[3] == "Then" and not view.readout.isColumnHidden(3)
    QTest.mouseClick(view.tools.comparing.bar.stop, LEFT)
    assert not view.trend.plot.beside and not view.tools.comparing.bar.isVisible()


def test_start_is_stepped_and_typed_and_a_wrong_one_is_explained(view: TrendsView) -> None:
    QTest.mouseClick(view.tools.comparing.button, LEFT)
    sheet = view.tools.comparing.sheet
    for step, hours in zip(sheet.steps, (-24, -1, 1, 24), strict=True):
        before = datetime.fromisoformat(sheet.field.text())
        QTest.mouseClick(step, LEFT)
        assert datetime.fromisoformat(sheet.field.text()) - before == timedelta(hours=hours)
    sheet.field.setText("soon")
    QTest.mouseClick(sheet.draw, LEFT)
    assert sheet.isVisible() and "like this" in sheet.said.text()
    sheet.field.setText("2026-11-22 12:00")
    QTest.mouseClick(sheet.draw, LEFT)
    compare = view.tools.comparing.compare
    assert compare is not None and "before" in compare.name


def test_two_runs_are_laid_over_each_other_at_the_rising_edge_of_a_switch(
    view: TrendsView, feed: ToldFeed
) -> None:
    made, pump = feed.made, MODEL.index[PUMP]
    edges = curve([-900, -500, -400, -100, -50], [0, 1, 0, 1, 1])
    feed.made = lambda index: edges if index == pump else made(index)
    QTest.mouseClick(view.tools.comparing.button, LEFT)
    words = [each.text() for each in view.tools.comparing.sheet.findChildren(QLabel) if each.isVisible()]
    assert any("Draw a switch" in each for each in words) and not view.tools.comparing.sheet.aligners
    view.tools.comparing.sheet.leave()
    view.show_place(PUMP)
    frame(view)
    QTest.mouseClick(view.tools.comparing.button, LEFT)
    QTest.mouseClick(view.tools.comparing.sheet.aligners[0], LEFT)
    frame(view)
    compare = view.tools.comparing.compare
    assert compare is not None and compare.by_us == 400_000_000 and "Pump running" in compare.name


class Paints(QObject):
    """Counts the frames of a widget."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_period_that_stands_still_costs_no_frame_of_its_own(qapp: Any, view: TrendsView) -> None:
    view.trend.plot.show_until(NOW_US - MINUTE_US)
    view.tools.comparing.begin(Compare(MINUTE_US, "earlier"))
    for step in range(3):
        view.on_trends(NOW_US + step)
        qapp.processEvents()
    assert view.trend.plot.beside
    paints = Paints()
    view.trend.plot.installEventFilter(paints)
    # Less than the half second after which a paused trend draws again by itself.
    view.tools.comparing.on_trends(NOW_US + 400_000)
    view.tools.comparing.on_trends(NOW_US + 900_000)
    qapp.processEvents()
    assert paints.count == 0
