"""The alarm banner: what a person sees, what its buttons do, and where a tap leads."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.types import Flood
from hmi.displays.display import Place
from hmi.shell import alarm_row
from hmi.shell.banner import Banner
from hmi.shell.window import Window
from tests.hmi.booked import Commands, book, tell
from tests.hmi.line import HIGH, LOW_AIR, PRESS, TIPS, VALUES
from tests.hmi.pixels import is_colour, picture
from tests.hmi.plant import BAD, NOW_US, STALE, snapshot
from tests.hmi.shell.parts import STALLED, counts_of, part, rows_of
from tests.hmi.structure import cut_text

pytestmark = pytest.mark.screen
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def feed() -> Commands:
    """A feed that keeps what is sent."""
    return Commands()


def paint(window: Window) -> None:
    """Lay out and paint all of it."""
    QTest.qWait(0)
    window.grab()


def test_acknowledge_sends_the_alarm_as_it_was_painted(line: Window, feed: Commands, qapp: Any) -> None:
    assert part(line, Banner).words == "No alarms."
    tell(line, HIGH, TIPS)
    paint(line)
    first, second = rows_of(line)
    assert (first.row.message, first.row.now) == ("Pressure high-high", "now 241.6 bar")
    assert second.row.message == "Weld current high"
    QTest.mouseClick(first.button, LEFT)
    assert feed.sent[0]["what"] == "acknowledge"
    assert feed.sent[0]["alarms"] == [(HIGH.id, HIGH.changed_us)]
    assert feed.sent[0]["by"] != ""
    assert line.place.display == "overview", "to acknowledge leads nowhere"
    assert (first.button.text(), first.button.isEnabled()) == ("Sending…", False)


def test_alarm_that_changed_since_it_was_painted_is_sent_as_it_was_seen(line: Window, feed: Commands) -> None:
    tell(line, HIGH)
    paint(line)
    anew = msgspec.structs.replace(HIGH, changed_us=HIGH.changed_us + 5_000_000, times=2)
    line.desk.take(book(anew))
    line.desk.acknowledge([HIGH.id])
    assert feed.sent[0]["alarms"] == [(HIGH.id, HIGH.changed_us)], "the engine refuses what was not seen"
    feed.answer(((HIGH.id, "it came again since it was shown"),))
    assert rows_of(line)[0].row.state == "Not done: It came again since it was shown."
    assert rows_of(line)[0].button.isEnabled()


def test_alarm_that_was_never_painted_is_not_acknowledged(line: Window, feed: Commands) -> None:
    line.hide()
    tell(line, HIGH)
    assert line.desk.acknowledge([HIGH.id]) == 0
    assert feed.sent == []


def test_tap_anywhere_else_on_a_row_and_its_key_lead_to_where_it_is_handled(line: Window) -> None:
    tell(line, HIGH, TIPS)
    QTest.mouseClick(rows_of(line)[1], LEFT)
    assert line.place.path == "Framing/S30 Spot weld A"
    QTest.keyClick(rows_of(line)[0], Qt.Key.Key_Return)
    assert line.place == Place("unit", PRESS)
    assert line.faceplate.isVisible()
    assert (line.faceplate.title.text(), line.faceplate.front.name.text()) == ("S50 Hydraulics", "Pressure")


def test_more_of_a_row_shows_this_alarm_on_the_alarms_display_and_shelves_nothing(
    line: Window, feed: Commands
) -> None:
    tell(line, HIGH, TIPS)
    row = rows_of(line)[1]
    assert row.more.accessibleName() == "More: show this alarm in Alarms"
    QTest.mouseClick(row.more, LEFT)
    assert line.place.display == "alarms"
    assert line.deck.view.lists.table.selected() == [TIPS.id]  # type: ignore[attr-defined]
    assert feed.sent == []


def test_banner_is_one_low_line_while_calm_and_never_jumps_with_the_number_of_alarms(line: Window) -> None:
    banner = part(line, Banner)
    assert banner.height() == line.theme.size.alarm_line
    told = tell(line, HIGH)
    tall = banner.height()
    tell(line, HIGH, TIPS, LOW_AIR)
    assert banner.height() == tall
    assert all(row.height() >= 44 for row in rows_of(line))
    told = tell(line, LOW_AIR)
    assert [row.row.state for row in rows_of(line)] == ["returned 14:10, not acknowledged"]
    assert told.last_returned_us == LOW_AIR.changed_us
    gone = book()
    gone.last_returned_us = told.last_returned_us
    line.set_alarm_book(gone)
    assert banner.words == "No alarms. Last one returned 14:10."
    assert banner.height() == line.theme.size.alarm_line


def test_row_does_not_move_when_others_come_below_it(line: Window) -> None:
    tell(line, HIGH)
    paint(line)
    place = rows_of(line)[0].mapTo(line, QPoint(0, 0))
    tell(line, HIGH, TIPS, LOW_AIR)
    paint(line)
    first = rows_of(line)[0]
    assert (first.row.id, first.mapTo(line, QPoint(0, 0))) == (HIGH.id, place)


def test_low_window_has_two_rows_and_a_tall_one_three(line: Window, qapp: Any) -> None:
    tell(line, HIGH, TIPS, LOW_AIR)
    assert len(rows_of(line)) == 2
    line.resize(1920, 1080)
    qapp.processEvents()
    assert len(rows_of(line)) == 3


def test_narrow_row_says_what_to_do_whole_before_why_and_the_state_before_how_often(
    line: Window, qapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cause = "there is no sound device: No such file or directory (ALSA), or somebody took its cable"
    tell(line, msgspec.structs.replace(HIGH, cause=cause, response="look at the cable", times=4), TIPS)
    shown, told = dict[str, list[str]](), list[str]()
    paint = alarm_row.paint_words
    monkeypatch.setattr(alarm_row, "paint_words", lambda *all_of: (told.append(all_of[2]), paint(*all_of)))
    for wide in (1366, 2560):
        line.resize(wide, 768)
        qapp.processEvents()
        with cut_text() as cut:
            rows_of(line)[0].grab()
        assert cut == []
        shown[str(wide)] = list(told)
        told.clear()
    narrow, broad = (" ".join(each) for each in shown.values())
    assert "look at the cable" in narrow and "sound device" not in narrow
    assert "not acknowledged" in narrow and "4 times" not in narrow
    assert "sound device" in broad and "look at the cable" in broad and "4 times" in broad


def test_only_the_row_of_an_active_alarm_of_priority_1_is_tinted(line: Window) -> None:
    tell(line, HIGH, TIPS)
    tinted = [is_colour(picture(row), line.theme.colour.urgent, 5).mean() for row in rows_of(line)]
    assert tinted[0] > 0.5 and tinted[1] < 0.01


def test_value_in_the_banner_follows_and_old_ones_lose_the_live_colour(line: Window, qapp: Any) -> None:
    line.show_display("trends")
    assert line.wants() == {"numbers"}, "no pen is drawn; the limits are judged by values"
    tell(line, HIGH)
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


def test_silent_engine_is_said_by_banner_and_counters_and_nothing_can_be_done(
    line: Window, feed: Commands
) -> None:
    tell(line, HIGH)
    paint(line)
    line.set_stalled(STALLED)
    assert part(line, Banner).words.startswith("NOT CURRENT")
    assert counts_of(line) == {}, "nobody knows how many there are"
    row = rows_of(line)[0]
    assert row.row.kind == "stale" and not row.button.isEnabled()
    QTest.mouseClick(row.button, LEFT)
    QTest.keyClick(line, Qt.Key.Key_F3)
    QTest.keyClick(line, Qt.Key.Key_F4)
    assert feed.sent == []
    line.set_stalled(None)
    assert part(line, Banner).words == "Unacknowledged, highest first"
    assert counts_of(line)[1] == 1 and row.button.isEnabled()


def test_f3_marks_the_next_unacknowledged_and_f4_acknowledges_it(line: Window, feed: Commands) -> None:
    acked = msgspec.structs.replace(LOW_AIR, letter="C", acked=True, active=True)
    tell(line, HIGH, TIPS, acked)
    paint(line)
    QTest.keyClick(line, Qt.Key.Key_F3)
    assert [row.row.is_marked for row in rows_of(line)] == [True, False]
    QTest.keyClick(line, Qt.Key.Key_F3)
    assert [row.row.is_marked for row in rows_of(line)] == [False, True]
    QTest.keyClick(line, Qt.Key.Key_F4)
    assert [each["alarms"] for each in feed.sent] == [[(TIPS.id, TIPS.changed_us)]]
    QTest.keyClick(line, Qt.Key.Key_F3)
    assert line.desk.selected == HIGH.id, "after the last comes the first; acknowledged ones are left out"


def test_f4_without_a_mark_only_marks_the_worst(line: Window, feed: Commands) -> None:
    tell(line, HIGH, TIPS)
    paint(line)
    QTest.keyClick(line, Qt.Key.Key_F4)
    assert feed.sent == [] and line.desk.selected == HIGH.id


def test_flood_is_said_and_names_the_first(line: Window) -> None:
    tell(line, HIGH, TIPS, flood=Flood(NOW_US - 240_000_000, 14, HIGH.id))
    assert part(line, Banner).words == (
        "FLOOD since 14:09: 14 alarms in 10 minutes. First: S50 Hydraulics Pressure high-high"
    )


def test_badge_blinks_only_while_something_waits(line: Window) -> None:
    banner = part(line, Banner)
    tell(line, HIGH)
    assert banner.blink.is_needed
    tell(line, msgspec.structs.replace(HIGH, letter="C", acked=True))
    assert not banner.blink.is_needed
    tell(line, HIGH)
    line.set_stalled(STALLED)
    assert not banner.blink.is_needed, "what is not current does not call for a hand"


def test_buttons_are_named_for_those_who_hear_them(line: Window) -> None:
    tell(line, HIGH)
    row = rows_of(line)[0]
    assert row.button.accessibleName() == "Acknowledge: S50 Hydraulics Pressure high-high"
    assert row.accessibleName().startswith("priority 1, 14:13:21, S50 Hydraulics, Pressure high-high")
