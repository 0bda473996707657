"""The faceplate: beside the display or over it, and what it says."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest

from hmi.displays.display import Place
from hmi.model import build
from hmi.shell.faceplate import WIDTH_PX
from hmi.shell.window import Window
from tests.hmi.line import HIGH, LINE, PRESS, PRESSURE, PUMP, TIPS, VALUES
from tests.hmi.plant import BAD, PLANT, STALE, snapshot

pytestmark = pytest.mark.screen


def test_faceplate_is_beside_the_display_on_a_wide_window_and_over_it_on_a_narrow_one(
    line: Window, qapp: Any
) -> None:
    line.go(Place("unit", PRESSURE))
    face, display = line.faceplate, line.deck
    assert face.isVisible() and face.geometry().intersects(display.geometry())
    line.resize(1920, 1080)
    qapp.processEvents()
    assert not face.geometry().intersects(display.geometry())
    assert face.width() == WIDTH_PX
    face.leave()
    qapp.processEvents()
    assert display.width() == line.deck.parentWidget().width()


def test_unit_opens_with_its_faceplate_beside_it_until_a_person_closes_it(line: Window, qapp: Any) -> None:
    line.resize(1920, 1080)
    qapp.processEvents()
    line.go(Place("unit", PRESS))
    assert line.faceplate.isVisible() and line.faceplate.title.text() == "S50 Roof press"
    QTest.keyClick(line.faceplate, Qt.Key.Key_Escape)
    assert not line.faceplate.isVisible()
    line.show_display("overview")
    line.go(Place("unit", PRESS))
    assert not line.faceplate.isVisible()
    line.go(Place("", PUMP))
    assert line.faceplate.isVisible(), "a value was tapped: it is wanted again"


def test_value_tapped_on_a_display_without_room_leads_to_its_unit(line: Window) -> None:
    line.show_display("overview")
    line.go(Place("", PRESSURE))
    assert line.place == Place("unit", PRESS)
    assert line.faceplate.path == PRESSURE


def test_faceplate_shows_value_setpoint_limits_quality_and_other_tags(line: Window) -> None:
    line.go(Place("unit", PRESSURE))
    front = line.faceplate.front
    assert (front.value.text(), front.unit.text()) == ("241.6", "bar")
    assert (front.setpoint.text(), front.setpoint_unit.text()) == ("220.0", "bar")
    assert (front.limits.text(), front.quality.text()) == ("Trip 248 · HH 240 · H 232 · L 180", "good")
    row = next(row for row in line.faceplate.rows if row.path == PUMP)
    assert row.accessibleName() == "Pump running: on, good"
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert line.faceplate.front.name.text() == "Pump running"


def test_faceplate_says_stale_and_bad_in_words_and_shows_no_bad_number(line: Window) -> None:
    line.go(Place("unit", PRESSURE))
    front = line.faceplate.front
    line.on_numbers(snapshot(VALUES, {1: STALE, 2: BAD}, version=2))
    assert (front.value.text(), front.quality.text()) == ("241.6", "stale · 3 min ago")
    assert front.mark.isVisible() and front.value.property("look") == "muted"
    assert (
        "220" not in front.setpoint.text() and front.setpoint_name.text() == "Setpoint · bad: sensor failure"
    )
    line.on_numbers(snapshot(VALUES, {1: BAD}, version=3))
    assert "241" not in front.value.text() and front.quality.text() == "bad: sensor failure"


def test_faceplate_lists_the_alarms_of_its_asset_with_cause_and_response(line: Window) -> None:
    line.go(Place("unit", PRESSURE))
    line.set_alarms([HIGH, TIPS])
    spoken = [
        each.accessibleName()
        for each in line.faceplate.findChildren(QObject)
        if type(each).__name__ == "AlarmNote"
    ]
    assert len(spoken) == 1 and "seal leak: lower setpoint, inspect" in spoken[0]


def test_faceplate_leads_to_trends_unit_and_all_tags(line: Window) -> None:
    line.go(Place("unit", PRESSURE))
    line.faceplate.buttons["trend"].click()
    assert line.place.display == "trends"
    line.go(Place("", PRESSURE))
    assert line.place.display == "trends" and line.faceplate.isVisible()
    line.faceplate.buttons["tags"].click()
    assert line.place.display == "unit"


def test_new_engine_keeps_the_faceplate_open_where_the_tag_still_exists(line: Window) -> None:
    line.go(Place("unit", PRESSURE))
    line.set_plant(LINE)
    assert line.faceplate.isVisible() and line.faceplate.path == PRESSURE
    line.set_model(build(type(LINE)("", PLANT, (), LINE.tags[:1])))
    assert not line.faceplate.isVisible()
