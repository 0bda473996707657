"""The alarm banner and the counters: what a person sees and where a tap leads."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hmi.displays.display import Place
from hmi.shell.banner import Banner
from hmi.shell.counters import Counter
from hmi.shell.window import Window
from tests.hmi.line import HIGH, LOW_AIR, PRESS, TIPS, VALUES
from tests.hmi.pixels import is_colour, picture
from tests.hmi.plant import BAD, STALE, snapshot
from tests.hmi.shell.parts import STALLED, counts_of, part, rows_of

pytestmark = pytest.mark.screen


def test_alarm_appears_in_the_banner_and_go_to_opens_its_unit_with_the_faceplate(line: Window) -> None:
    assert part(line, Banner).words == "No alarms."
    line.set_alarms([HIGH, TIPS])
    first, second = rows_of(line)
    assert (first.row.message, first.row.now) == ("Pressure high-high", "now 241.6 bar")
    assert second.row.message == "Weld current high"
    QTest.mouseClick(first.button, Qt.MouseButton.LeftButton)
    assert line.place == Place("unit", PRESS)
    assert line.faceplate.isVisible()
    assert (line.faceplate.title.text(), line.faceplate.front.name.text()) == ("S50 Hydraulics", "Pressure")
    assert line.faceplate.badge.badge is not None


def test_tap_anywhere_on_a_row_and_its_key_do_the_same(line: Window) -> None:
    line.set_alarms([HIGH, TIPS])
    QTest.mouseClick(rows_of(line)[1], Qt.MouseButton.LeftButton)
    assert line.place.path == "Framing/S30 Spot weld A"
    QTest.keyClick(rows_of(line)[0], Qt.Key.Key_Return)
    assert line.place.path == PRESS


def test_counters_count_active_alarms_and_lead_to_the_worst(line: Window) -> None:
    assert counts_of(line) == {1: 0, 2: 0, 3: 0}, "those that alarms.csv uses, each in its place"
    line.set_alarms([HIGH, TIPS, LOW_AIR])
    assert counts_of(line) == {1: 1, 2: 1, 3: 0}
    counter = next(each for each in line.findChildren(Counter) if each.priority == 1)
    assert counter.accessibleName() == "priority 1: 1 active"
    counter.click()
    assert line.place.path == PRESS


def test_banner_is_one_low_line_while_calm_and_never_jumps_with_the_number_of_alarms(line: Window) -> None:
    banner = part(line, Banner)
    assert banner.height() == line.theme.size.alarm_line
    line.set_alarms([HIGH])
    tall = banner.height()
    line.set_alarms([HIGH, TIPS, LOW_AIR])
    assert banner.height() == tall
    assert all(row.height() >= 44 for row in rows_of(line))
    line.set_alarms([LOW_AIR])
    assert [row.row.state for row in rows_of(line)] == ["returned 14:10"]
    line.set_alarms(())
    assert banner.words == "No alarms. Last one returned 14:10."
    assert banner.height() == line.theme.size.alarm_line


def test_low_window_has_two_rows_and_a_tall_one_three(line: Window, qapp: Any) -> None:
    line.set_alarms([HIGH, TIPS, LOW_AIR])
    assert len(rows_of(line)) == 2
    line.resize(1920, 1080)
    qapp.processEvents()
    assert len(rows_of(line)) == 3


def test_only_the_row_of_an_active_alarm_of_priority_1_is_tinted(line: Window) -> None:
    line.set_alarms([HIGH, TIPS])
    tinted = [is_colour(picture(row), line.theme.colour.urgent, 5).mean() for row in rows_of(line)]
    assert tinted[0] > 0.5 and tinted[1] < 0.01


def test_value_in_the_banner_follows_and_old_ones_lose_the_live_colour(line: Window, qapp: Any) -> None:
    line.show_display("trends")
    assert line.wants() == {"numbers"}, "no pen is drawn; the limits are judged by values"
    line.set_alarms([HIGH])
    assert line.wants() == {"numbers"}
    line.on_numbers(snapshot((11.9, 243.7, *VALUES[2:]), version=2))
    row = rows_of(line)[0]
    assert row.row.now == "now 243.7 bar"
    assert is_colour(picture(row), line.theme.colour.live).sum() > 50
    line.on_numbers(snapshot(VALUES, {1: STALE}, version=3))
    assert row.row.now == "was 241.6 bar, 3 min ago"
    assert not is_colour(picture(row), line.theme.colour.live).any()
    line.on_numbers(snapshot(VALUES, {1: BAD}, version=4))
    assert "241" not in row.row.now and "sensor failure" in row.row.now


def test_silent_engine_is_said_by_banner_and_counters(line: Window) -> None:
    line.set_alarms([HIGH])
    line.set_stalled(STALLED)
    assert part(line, Banner).words.startswith("NOT CURRENT")
    assert counts_of(line) == {}, "nobody knows how many there are"
    assert rows_of(line)[0].row.kind == "stale"
    line.set_stalled(None)
    assert part(line, Banner).words == "Active, highest first"
    assert counts_of(line)[1] == 1
