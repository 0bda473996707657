"""Work in progress on an asset, and sets of setpoints, from the faceplate."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtTest import QTest

from engine.types.control import SetDifference, SetInfo
from hmi import alarms
from hmi.displays.display import Place
from hmi.model import build
from hmi.shell import faceplate_menu
from hmi.shell.control_sheets import ControlSheets
from hmi.shell.window import Window
from tests.hmi.gate import HYDRAULICS, MODE, SETPOINT, WRITABLE, GateFeed, book, work_tag
from tests.hmi.line import HIGH, PRESS
from tests.hmi.plant import NOW_US
from tests.hmi.shell.test_change_sheet import feed, line

pytestmark = pytest.mark.screen
__all__ = ["feed", "line"]
SETS = {"sets": [SetInfo(2, "Product B", "", "M. Operator", NOW_US, 3)]}
ROWS = {
    "rows": [
        SetDifference(SETPOINT, 212.0, 220.0, "bar", False),
        SetDifference(MODE, 1.0, 2.0, "", False),
        SetDifference("Framing/S1/Speed", 5.0, 5.0, "m/s", True),
        SetDifference("Framing/S2/Speed", 5.0, None, "m/s", False, "has no good value now"),
    ]
}


def sheets_of(line: Window) -> ControlSheets:
    assert line.faceplate.sheets is not None
    return line.faceplate.sheets


# Work in progress


def test_work_tag_is_put_on_with_name_phone_and_time(line: Window, feed: GateFeed) -> None:
    sheets = sheets_of(line)
    sheets.put_on(HYDRAULICS)
    sheet = sheets.work_sheet
    assert sheet.name.text() == "Maria Operator"
    QTest.keyClicks(sheet.phone, "4711")
    sheet.length.buttons["4"].click()
    sheet.button.click()
    body = feed.sent[-1].body
    assert feed.ops == ["work_tag"] and (body["asset"], body["phone"]) == (HYDRAULICS, "4711")
    assert body["until_us"] == NOW_US + 4 * 3_600_000_000
    feed.answer(work_tag(by="operator"))
    assert not sheet.isVisible()


def test_tag_of_another_needs_a_second_person_and_ones_own_does_not(line: Window, feed: GateFeed) -> None:
    sheets = sheets_of(line)
    sheets.take_off(work_tag())
    sheet = sheets.work_sheet
    assert sheet.second.isVisible() and not sheet.button.isEnabled()
    QTest.keyClicks(sheet.second, "lead")
    QTest.keyClicks(sheet.secret, "correct horse")
    sheet.button.click()
    assert feed.sent[-1].body == {
        "asset": HYDRAULICS,
        "owner": "ina",
        "second": "lead",
        "secret": "correct horse",
    }
    assert sheet.secret.text() == ""
    feed.refuse("the password is not right")
    assert sheet.said.text() == "The password is not right." and sheet.isVisible()
    sheets.take_off(work_tag(by="Operator"))
    assert not sheet.second.isVisible() and sheet.button.isEnabled()
    sheet.button.click()
    feed.refuse("Ada set a password of Operator after this work tag was put on: a second person takes it off")
    assert sheet.second.isVisible() and not sheet.button.isEnabled(), "then two are asked for"


def test_menu_of_a_faceplate_offers_what_can_be_done(line: Window) -> None:
    line.set_control(book(work=(work_tag(),)))
    told = [each.text for each in faceplate_menu.lines(sheets_of(line), HYDRAULICS)]
    assert told[:2] == ["Put a work tag on…", "Take the work tag of Ina Kern off…"]


def test_faceplate_says_who_works_there(line: Window) -> None:
    assert not line.faceplate.work.isVisible()
    line.set_control(book(work=(work_tag(),)))
    assert line.faceplate.work.words.text() == "Ina Kern, phone 4711, order WO-10884: seal"


def test_work_is_marked_on_the_asset_below_it_and_on_its_unit() -> None:
    model = build(WRITABLE)
    found = alarms.with_work(alarms.badges([HIGH]), model, [HYDRAULICS])
    assert {path for path, each in found.items() if each.is_work} == {HYDRAULICS, PRESS}
    assert found[HYDRAULICS].priority == 1, "the alarm stays"
    below = alarms.with_work({}, model, [PRESS])
    assert below[HYDRAULICS] == alarms.WORK
    assert alarms.with_work({}, model, []) == {}


def test_work_alone_is_no_alarm() -> None:
    assert alarms.WORK.is_over and not alarms.WORK.waiting
    assert alarms.spoken(alarms.WORK) == "work in progress, no alarm"


@pytest.mark.parametrize("display", ["overview", "unit"])
def test_displays_show_the_mark_and_take_it_away(line: Window, qapp: Any, display: str) -> None:
    line.go(Place(display, PRESS if display == "unit" else ""))
    before = line.deck.grab().toImage()
    line.set_control(book(work=(work_tag(),)))
    qapp.processEvents()
    marked = line.deck.grab().toImage()
    assert marked != before
    line.set_control(book())
    qapp.processEvents()
    assert line.deck.grab().toImage() == before


# Sets of setpoints


def compared(line: Window, feed: GateFeed) -> Any:
    sheets = sheets_of(line)
    sheets.sets()
    feed.answer(SETS)
    assert feed.ops == ["sets", "set_compare"]
    feed.answer(ROWS)
    return sheets.sets_sheet


def test_set_is_compared_and_what_differs_and_can_be_written_is_chosen(line: Window, feed: GateFeed) -> None:
    sheet = compared(line, feed)
    assert sheet.rows.chosen == {SETPOINT, MODE}
    assert sheet.said.text() == "3 of 4 differ from what was saved."
    assert [row.saved for row in sheet.rows.rows[:2]] == ["212.0\u202fbar", "1 manual"]
    assert sheet.rows.rows[3].state == "has no good value now" and not sheet.rows.rows[3].can


def test_filter_narrows_the_rows_and_not_the_choice(line: Window, feed: GateFeed) -> None:
    sheet = compared(line, feed)
    sheet.which.buttons["differs"].click()
    assert len(sheet.rows.rows) == 3
    sheet.rows.toggle(sheet.rows.index(0, 0))
    assert sheet.rows.chosen == {MODE}
    sheet.rows.toggle(sheet.rows.index(2, 0))
    assert sheet.rows.chosen == {MODE}, "what cannot be written cannot be chosen"


def test_restore_has_two_steps_and_asks_the_second_person_for_a_critical_tag(
    line: Window, feed: GateFeed
) -> None:
    sheet = compared(line, feed)
    assert not sheet.confirm.isVisible()
    sheet.begin.click()
    assert feed.ops[-1] == "set_compare" and sheet.confirm.isVisible() and not sheet.confirm.isEnabled()
    sheet.reasons.buttons["quality"].click()
    QTest.keyClicks(sheet.second, "lead")
    QTest.keyClicks(sheet.secret, "correct horse")
    assert sheet.confirm.text() == "Write 2 tags now"
    sheet.confirm.click()
    sent = feed.sent[-1].body
    assert (feed.ops[-1], sent["kind"], sent["body"]["paths"]) == ("job", "set_restore", (SETPOINT, MODE))
    assert sheet.secret.text() == "" and sheet.stop.isVisible()


def test_restore_tells_what_came_of_each_tag_and_offers_the_way_back(line: Window, feed: GateFeed) -> None:
    sheet = compared(line, feed)
    sheet.rows.toggle(sheet.rows.index(1, 0))
    sheet.begin.click()
    sheet.confirm.click()
    result = {"rows": [[SETPOINT, "unknown", "no answer"]], "saved": 3}
    feed.answer({"job": 1, "done": True, "error": "", "result": result, "progress": 1.0})
    assert sheet.said.text() == "1 ? unknown."
    assert sheet.rows.rows[0].state == "? unknown: No answer."
    assert sheet.undo.isVisible() and feed.ops[-1] == "sets"


def test_cancelled_restore_is_compared_again(line: Window, feed: GateFeed) -> None:
    sheet = compared(line, feed)
    sheet.rows.toggle(sheet.rows.index(1, 0))
    sheet.begin.click()
    sheet.confirm.click()
    sheet.stop.click()
    assert feed.ops[-1] == "set_compare"
    feed.answer(ROWS)
    assert sheet.said.text().startswith("Cancelled.")


def test_set_is_removed_in_two_steps(line: Window, feed: GateFeed) -> None:
    sheet = compared(line, feed)
    assert not sheet.remove.button.isVisible()
    sheet.remove.ask.click()
    assert "set_remove" not in feed.ops and "Product B is then gone for good" in sheet.said.text()
    sheet.remove.button.click()
    assert (feed.ops[-1], feed.sent[-1].body) == ("set_remove", {"id": 2})
    feed.answer(True)
    assert feed.ops[-1] == "sets"
    feed.answer({"sets": []})
    assert sheet.said.text() == "It is removed." and not sheet.rows.rows
    assert not sheet.remove.ask.isEnabled() and not sheet.remove.button.isVisible()


def test_set_is_saved_below_the_asset_it_was_asked_for(line: Window, feed: GateFeed) -> None:
    sheets = sheets_of(line)
    sheets.sets(PRESS)
    feed.answer({"sets": []})
    sheet = sheets.sets_sheet
    QTest.keyClicks(sheet.name, "Product C")
    sheet.save.click()
    assert feed.sent[-1].body == {"name": "Product C", "scope": PRESS}
    feed.answer(SetInfo(4, "Product C", PRESS, "M. Operator", NOW_US, 2, (("x", "bad"),)))
    assert "Saved 2 setpoints as Product C. 1 had no good value and were left out." in sheet.said.text()
