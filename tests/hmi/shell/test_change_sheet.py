"""Writing from the faceplate: two steps in two places, the second person, and what came of it."""

# size: one sheet, and every way in which its steps may end
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from engine.types.control import Check
from hmi import theme
from hmi.displays.display import Place
from hmi.shell.change_sheet import ChangeSheet
from hmi.shell.window import Window
from hmi.who import Who
from tests.hmi.booked import tell
from tests.hmi.conftest import collect
from tests.hmi.gate import (
    COMMANDS,
    GUARD,
    HYDRAULICS,
    KNOWN,
    MODE,
    SETPOINT,
    START,
    VALUES,
    WRITABLE,
    GateFeed,
    book,
    work_tag,
    write,
)
from tests.hmi.line import FORCE, PRESS, PRESSURE, TAGS
from tests.hmi.plant import NOW_US, PLANT, STALE, snapshot

pytestmark = pytest.mark.screen
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


@pytest.fixture
def feed() -> GateFeed:
    return GateFeed()


@pytest.fixture
def line(qapp: Any, feed: GateFeed) -> Iterator[Window]:
    """A window on the line where setpoint, mode and pump can be written, with an operator at it."""
    theme.load_fonts()
    look = theme.load_theme("light")
    theme.apply_theme(qapp, look)
    made = Window(look, feed, PLANT)
    made.resize(1366, 768)
    made.set_plant(WRITABLE)
    made.show()
    tell(made)
    made.set_who(KNOWN)
    made.set_control(book())
    made.on_numbers(snapshot(VALUES))
    made.go(Place("unit", PRESSURE))
    made.go(Place("", PRESSURE))
    qapp.processEvents()
    yield made
    made.close()
    made.deleteLater()
    collect()


def sheet_of(line: Window) -> ChangeSheet:
    sheets = line.faceplate.sheets
    assert sheets is not None
    return sheets.change_sheet


def opened(line: Window) -> ChangeSheet:
    line.faceplate.front.control.change.click()
    return sheet_of(line)


def entered(line: Window, text: str = "212") -> ChangeSheet:
    sheet = opened(line)
    QTest.keyClicks(sheet.entry.text, text)
    return sheet


def selected(line: Window, feed: GateFeed, **more: Any) -> ChangeSheet:
    sheet = entered(line)
    sheet.check.click()
    feed.answer(write(**more))
    return sheet


def confirmed(line: Window, feed: GateFeed, **result: Any) -> ChangeSheet:
    sheet = selected(line, feed)
    sheet.confirm.button.click()
    feed.answer(write(**result))
    return sheet


# The two steps


def test_change_stands_at_the_setpoint_and_opens_a_sheet_that_asks_nothing_yet(
    line: Window, feed: GateFeed
) -> None:
    sheet = opened(line)
    assert sheet.isVisible() and feed.ops == []
    assert sheet.title.text() == "Change S50 Hydraulics / Pressure setpoint"
    assert sheet.path.text() == SETPOINT
    assert sheet.now.text() == "220.0 bar" and sheet.quality.text() == "good · 0.2 s"
    assert not sheet.check.isEnabled() and not sheet.confirm.button.isEnabled()


def test_keys_go_on_where_they_were_once_the_sheet_has_left(line: Window, qapp: QApplication) -> None:
    change = line.faceplate.front.control.change
    change.setFocus()
    sheet = opened(line)
    qapp.processEvents()
    assert sheet.isAncestorOf(line.focusWidget())
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible() and line.focusWidget() is change


def test_enter_never_checks_nor_confirms(line: Window, feed: GateFeed) -> None:
    sheet = entered(line)
    for key in ENTER * 2:
        QTest.keyClick(sheet.entry.text, key)
    assert feed.ops == []
    sheet.check.click()
    feed.answer(write())
    for key in ENTER * 3:
        QTest.keyClick(QApplication.focusWidget() or sheet, key)
    QTest.keyClick(sheet.confirm.note, Qt.Key.Key_Return)
    assert feed.ops == ["select"]


def test_keys_never_come_to_the_button_that_writes_by_themselves(line: Window, feed: GateFeed) -> None:
    sheet = selected(line, feed)
    assert sheet.confirm.button.isEnabled()
    assert QApplication.focusWidget() is sheet.entry.text
    sheet.confirm.button.setFocus()
    sheet.confirm.button.click()
    feed.answer(write("verified"))
    assert QApplication.focusWidget() is sheet.cancel, "the way back is not pressed by what comes next"


def test_second_step_is_at_the_other_side_of_the_sheet(line: Window, feed: GateFeed, qapp: Any) -> None:
    sheet = selected(line, feed)
    qapp.processEvents()
    check = sheet.check.rect().translated(sheet.check.mapTo(sheet, QPoint()))
    button = sheet.confirm.button.rect().translated(sheet.confirm.button.mapTo(sheet, QPoint()))
    assert check.right() < sheet.width() / 2 < button.left()
    assert min(sheet.check.height(), button.height()) >= line.theme.size.target


def test_button_says_value_and_tag_and_sends_both(line: Window, feed: GateFeed) -> None:
    sheet = selected(line, feed)
    assert sheet.confirm.button.accessibleName() == (
        "Write 212.0\u202fbar to S50 Hydraulics / Pressure setpoint"
    )
    sheet.confirm.button.click()
    assert feed.ops == ["select", "confirm"]
    assert (feed.sent[-1].body["path"], feed.sent[-1].body["value"]) == (SETPOINT, 212.0)


def test_wheel_changes_and_writes_nothing(line: Window, feed: GateFeed) -> None:
    sheet = selected(line, feed)
    for part in (sheet.entry.text, sheet.confirm.button, sheet.trend):
        turn = QWheelEvent(
            QPointF(5, 5),
            QPointF(part.mapToGlobal(QPoint(5, 5))),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(part, turn)
    assert sheet.entry.text.text() == "212" and feed.ops == ["select"]


def test_another_value_gives_back_what_was_selected(line: Window, feed: GateFeed) -> None:
    sheet = selected(line, feed)
    QTest.keyClicks(sheet.entry.text, ".5")
    assert feed.ops == ["select", "cancel"]
    assert sheet.isVisible() and not sheet.confirm.button.isEnabled() and sheet.check.isEnabled()


def test_pad_enters_what_the_keyboard_does(line: Window) -> None:
    sheet = opened(line)
    for key in ("2", "1", "2", ".", "5"):
        sheet.entry.keys[key].click()
    assert sheet.entry.value == 212.5 and sheet.check.isEnabled()
    sheet.entry.more.click()
    assert sheet.entry.text.text() == "213.0"
    sheet.entry.keys["C"].click()
    assert sheet.entry.value is None and not sheet.check.isEnabled()
    least = min(min(each.width(), each.height()) for each in sheet.entry.keys.values())
    assert least >= line.theme.size.target


def test_first_step_up_starts_at_the_live_value(line: Window) -> None:
    sheet = opened(line)
    sheet.entry.less.click()
    assert sheet.entry.text.text() == "219.5"


def test_invalid_entry_is_said_at_once_and_cannot_be_checked(line: Window) -> None:
    sheet = entered(line, "260")
    assert sheet.entry.said.text() == "Too high: 160 to 230\u202fbar." and not sheet.check.isEnabled()


def test_checks_that_fail_are_told_and_nothing_can_be_confirmed(line: Window, feed: GateFeed) -> None:
    sheet = entered(line)
    sheet.check.click()
    checks = (Check("Guard closed", True), Check("At most 20 bar a minute", False, "3 bar are left", True))
    feed.answer(write("rejected", sent_us=0, until_us=0, checks=checks, why="a check does not hold"))
    spoken = [each.accessibleName() for each in sheet.checks.lines]
    assert spoken[0] == "At most 20 bar a minute: false. 3 bar are left."
    assert not sheet.confirm.button.isEnabled() and sheet.entry.said.text() == "A check does not hold."
    assert not sheet.result.isVisible()


def test_lease_that_ended_cannot_be_confirmed(line: Window, feed: GateFeed) -> None:
    sheet = selected(line, feed)
    assert "15 s" in sheet.confirm.held.text()
    feed.now = NOW_US + 16_000_000
    line.people.writes.tell()
    assert not sheet.confirm.button.isEnabled() and "over" in sheet.confirm.held.text()


# Leaving


@pytest.mark.parametrize("how", ["cancel", "escape", "log over", "lock", "replay", "plant"])
def test_leaving_in_any_way_gives_back_what_was_selected(line: Window, feed: GateFeed, how: str) -> None:
    sheet = selected(line, feed)
    if how == "cancel":
        sheet.cancel.click()
    elif how == "escape":
        QTest.keyClick(sheet.entry.text, Qt.Key.Key_Escape)
    elif how in ("log over", "lock"):
        line.set_who(Who(is_known=True))
    elif how == "replay":
        line.people.set_past(True)
    else:
        line.set_plant(WRITABLE)
    assert feed.ops == ["select", "cancel"] and not sheet.isVisible()


def test_closed_sheet_has_no_clock(line: Window) -> None:
    sheet = opened(line)
    assert any(each.isActive() for each in sheet.findChildren(QTimer))
    sheet.cancel.click()
    assert not any(each.isActive() for each in sheet.findChildren(QTimer))


# Two people


def test_critical_write_needs_a_reason_and_waits_for_another_person(line: Window, feed: GateFeed) -> None:
    sheets = line.faceplate.sheets
    assert sheets is not None
    sheets.change(MODE)
    sheet, facts = sheet_of(line), {"path": MODE, "new": 1.0, "old": 2.0, "unit": ""}
    sheet.entry.picks[1.0].click()
    sheet.check.click()
    feed.answer(write(needs_second=True, needs_reason=True, **facts))
    assert not sheet.confirm.button.isEnabled() and sheet.confirm.held.text() == "Choose a reason first."
    sheet.confirm.chips[1].click()
    sheet.confirm.button.setFocus()
    sheet.confirm.button.click()
    assert feed.sent[-1].body["reason"] == "equipment trouble"
    keys = QApplication.focusWidget()
    assert keys is sheet or (keys and sheet.isAncestorOf(keys)), (
        "a second stroke of the space bar presses nothing behind"
    )
    until = NOW_US + 60_000_000
    signed = {**facts, "reason": "equipment trouble", "until_us": until}
    feed.answer(write("confirmed", needs_second=True, needs_reason=True, **signed))
    second = sheet.second
    assert "because: equipment trouble" in sheet.confirm.held.text(), "the second person sees it too"
    assert second.isVisible() and "60 s" in second.told.text() and not second.button.isEnabled()
    assert QApplication.focusWidget() is second.name
    QTest.keyClicks(second.name, "lead")
    QTest.keyClicks(second.secret, "correct horse")
    QTest.keyClick(second.secret, Qt.Key.Key_Return)
    assert feed.ops[-1] == "confirm", "Enter approves nothing"
    second.button.setFocus()
    second.button.click()
    assert feed.sent[-1].body == {"id": "w1", "name": "lead", "secret": "correct horse"}
    assert second.secret.text() == "" and second.secret.echoMode() == QLineEdit.EchoMode.Password
    feed.refuse("the requester cannot be the second person as well")
    assert "requester" in second.said.text()
    assert QApplication.focusWidget() is second.secret, "it is typed again in the sheet, and nowhere else"


# What came of it


def test_verified_write_is_told_on_the_sheet_and_at_the_value(line: Window, feed: GateFeed) -> None:
    sheet = confirmed(line, feed, step="verified")
    line.set_control(book(write("verified")))
    assert sheet.result.head.text() == "Written" and sheet.cancel.text() == "Close"
    assert sheet.result.undo_button.text() == "Back to 220.0\u202fbar (10 min left)…"
    sheet.leave()
    control = line.faceplate.front.control
    assert control.said.text() == "written 14:13:46 by M. Operator" and control.undo_button.isVisible()


def test_way_back_is_another_write_through_the_same_two_steps(line: Window, feed: GateFeed) -> None:
    line.set_control(book(write("verified")))
    line.faceplate.front.control.undo_button.click()
    sheet = sheet_of(line)
    assert sheet.isVisible() and feed.ops == []
    sheet.check.click()
    body = feed.sent[-1].body
    assert (body["kind"], body["of"], body["value"]) == ("rollback", "w1", 220.0)


def test_refused_write_says_why_on_the_sheet_and_at_the_value(line: Window, feed: GateFeed) -> None:
    sheet = confirmed(line, feed, step="rejected", why="the device said no")
    line.set_control(book(write("rejected", why="the device said no")))
    assert (sheet.result.head.text(), sheet.result.told.text()) == ("Not written", "The device said no.")
    assert "not written 14:13:46: The device said no." in line.faceplate.front.control.said.text()


def test_unknown_write_is_locked_at_the_value_until_somebody_resolves_it(
    line: Window, feed: GateFeed
) -> None:
    sheet = confirmed(line, feed, step="unknown", why="no answer within 3 s")
    line.set_control(book(write("unknown")))
    assert sheet.result.head.text() == "? Unknown" and "locked" in sheet.result.aside.text()
    sheet.result.resolve_button.click()
    sheets = line.faceplate.sheets
    assert sheets is not None and not sheet.isVisible()
    asked = sheets.resolve_sheet
    assert asked.isVisible() and not asked.button.isEnabled()
    asked.not_done.click()
    assert not asked.button.isEnabled(), "how it is known must be said"
    QTest.keyClicks(asked.note, "seen at the press")
    asked.button.click()
    assert feed.sent[-1].body == {"id": "w1", "was_done": False, "note": "seen at the press"}
    feed.answer(write("closed"))
    assert not asked.isVisible()
    control = line.faceplate.front.control
    assert control.said.text() == "? unknown: locked – resolve" and not control.change.isEnabled()


def test_engine_that_goes_away_leaves_no_second_try(line: Window, feed: GateFeed) -> None:
    sheet = selected(line, feed)
    sheet.confirm.button.click()
    feed.refuse("the engine went away before it answered")
    assert sheet.result.isVisible() and sheet.result.head.text() == "? Unknown"
    assert not sheet.confirm.isVisible()


def test_row_of_a_tag_says_what_is_being_written(line: Window) -> None:
    line.set_control(book(write("sent", path=FORCE, new=1800.0, unit="kN")))
    line.go(Place("", PRESS))
    row = next(each for each in line.faceplate.rows if each.path == FORCE)
    assert "being written 1\u202f800\u202fkN…" in row.accessibleName()


# Drawn and enabled


def test_change_is_not_drawn_at_the_stage_look(line: Window) -> None:
    line.set_control(book(stage="look"))
    assert not line.faceplate.front.control.change.isVisible() and not line.faceplate.commands.isVisible()


def test_change_without_right_is_disabled_with_the_reason_beside_it(line: Window) -> None:
    control = line.faceplate.front.control
    for told, said in (
        (lambda: line.set_control(book(stage="advise")), "Advise"),
        (lambda: line.set_control(book(work=(work_tag(),))), "Ina Kern, phone 4711"),
        (lambda: line.set_control(book(refusing="the ledger is full")), "The ledger is full."),
        (lambda: line.set_who(Who(is_known=True)), "Log in first."),
        (lambda: line.set_stalled("since 14:13"), "does not answer"),
    ):
        told()
        assert control.change.isVisible() and not control.change.isEnabled()
        assert control.why.isVisible() and said in control.why.text()
        line.set_control(book())


def test_tag_without_a_rule_has_no_change(line: Window) -> None:
    line.go(Place("", FORCE))
    assert not line.faceplate.front.control.change.isVisible()


def test_stale_value_is_said_on_the_sheet(line: Window) -> None:
    sheet = opened(line)
    line.on_numbers(snapshot(VALUES, {2: STALE}, version=2))
    assert sheet.quality.text() == "stale · 3 min ago" and sheet.now.property("look") == "muted"
    sheet.entry.more.click()
    assert sheet.entry.value is None, "a step from a value nobody vouches for leads nowhere"


# Commands


def test_tap_on_a_command_opens_the_sheet_and_sends_nothing(line: Window, feed: GateFeed) -> None:
    line.faceplate.commands.buttons["start"].click()
    sheet = sheet_of(line)
    assert sheet.isVisible() and feed.ops == [] and sheet.title.text() == "Start S50 Hydraulics"
    assert "Pump running must answer within 5 s" in sheet.todo.text()
    sheet.check.click()
    body = feed.sent[-1].body
    assert (body["path"], body["verb"], body["value"], body["kind"]) == (HYDRAULICS, "start", None, "command")
    feed.answer(write(kind="command", path=START, asset=HYDRAULICS, verb="start", new=1.0, old=None))
    assert sheet.confirm.button.accessibleName() == "Start S50 Hydraulics"


def test_conditions_are_true_or_false_with_the_first_out(line: Window) -> None:
    at = len(TAGS) + 1
    assert line.tags[at].path == GUARD
    rows = line.faceplate.commands.rows
    assert [each.look.word for each in rows if each.look] == ["true", "true", "true"]
    broken = list(VALUES)
    broken[at] = broken[at + 1] = 0.0
    shown = snapshot(tuple(broken), version=2)
    shown.source_time_us[at] -= 60_000_000
    line.on_numbers(shown)
    spoken = [each.accessibleName() for each in rows]
    assert spoken[0].startswith("Guard closed: false, first out 14:12:45")
    assert spoken[1].startswith("Oil level > 40 %: false, 14:13:45")


def test_condition_that_is_not_current_is_neither_true_nor_false(line: Window) -> None:
    line.on_numbers(snapshot(VALUES, {len(TAGS) + 1: STALE}, version=2))
    look = line.faceplate.commands.rows[0].look
    assert look is not None and look.holds is None and look.word == "not known"


def test_commands_of_the_project_are_buttons_in_their_order(line: Window) -> None:
    assert list(line.faceplate.commands.buttons) == [each.verb for each in COMMANDS]
