"""The person at a window: the chip and its menu, first start, own secrets, looking as another, the stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from engine.types import StageState
from hmi.shell.first_sheet import FirstSheet
from hmi.shell.palette import Palette
from hmi.shell.person_chip import PersonChip
from hmi.shell.secret_sheet import SecretSheet
from hmi.shell.stage_chip import StageChip
from hmi.shell.stage_sheet import StageSheet
from hmi.who import NOBODY, station_name
from tests.hmi.people import JAN, PeopleFeed, control, login_answer, session, who
from tests.hmi.plant import NOW_US
from tests.hmi.shell.parts import STALLED, part
from tests.hmi.structure import problems

if TYPE_CHECKING:
    from hmi.shell.window import Window

pytestmark = pytest.mark.screen
CTRL = Qt.KeyboardModifier.ControlModifier
PASSWORD = "four words that fit"


@pytest.fixture
def feed() -> PeopleFeed:
    return PeopleFeed()


def menu_of(window: Window) -> QMenu:
    """The menu under the person."""
    part(window, PersonChip).click()
    assert window.people.menu.shown is not None
    return window.people.menu.shown


def choose(window: Window, text: str) -> None:
    """Tap a line of the menu."""
    next(each for each in menu_of(window).actions() if text in each.text()).trigger()


# The chip and its menu


def test_engine_without_people_leaves_the_window_as_it_was(window: Window, feed: PeopleFeed) -> None:
    assert not part(window, PersonChip).isVisible()
    stage = part(window, StageChip)
    assert (stage.text(), stage.isEnabled()) == ("View only", False)
    for key in ("U", "L"):
        QTest.keyClick(window, key, CTRL)
    window.command("stage")
    assert window.people.sheet is None and not feed.sent


def test_person_and_stage_stand_in_the_top_bar(window: Window) -> None:
    window.set_who(who(session()))
    window.set_control(control())
    chip, stage = part(window, PersonChip), part(window, StageChip)
    assert chip.isVisible() and chip.accessibleName() == "Person: M. Operator, until 18:13"
    assert (stage.text(), stage.isEnabled()) == ("Control", True)
    window.set_control(control(StageState("advise", asked="control", asked_by="Maria Operator")))
    assert stage.text() == "Advise → Control?"


def test_menu_locks_and_logs_out(window: Window, feed: PeopleFeed) -> None:
    window.set_who(who(session()))
    choose(window, "Lock")
    choose(window, "Log out")
    assert feed.ops() == ["lock", "logout"]


def test_keys_and_typed_commands_lead_to_the_same(window: Window, feed: PeopleFeed) -> None:
    window.set_who(who(session()))
    QTest.keyClick(window, Qt.Key.Key_L, CTRL)
    assert feed.ops() == ["lock"]
    palette = part(window, Palette)
    for typed in ("log in", "change my pass"):
        palette.open()
        QTest.keyClicks(palette.field, typed)
        QTest.keyClick(palette.field, Qt.Key.Key_Return)
        assert window.people.sheet is not None and window.people.sheet.isVisible()


def test_locked_window_locks_no_second_time_and_keeps_showing(window: Window, feed: PeopleFeed) -> None:
    window.set_who(who(session(is_locked=True)))
    window.command("lock")
    assert not feed.sent
    assert window.deck.isVisible() and "numbers" in window.wants()


def test_session_that_ends_closes_nothing(window: Window) -> None:
    window.set_who(who(session()))
    window.command("stage")
    before = (window.place, window.geometry(), window.faceplate.isVisible())
    window.set_who(who(ended="the shift ended"))
    assert (window.place, window.geometry(), window.faceplate.isVisible()) == before
    assert part(window, PersonChip).shown.second == "Log in again"


def test_sheet_stays_in_front_of_the_faceplate_that_opens_under_it(window: Window) -> None:
    from hmi.displays.display import Place

    window.set_who(who())
    window.command("log in")
    sheet = window.people.sheet
    assert sheet is not None
    window.go(Place("unit", "Body shop/S50/Press/Pressure"))
    siblings = [each for each in sheet.parentWidget().children() if each in (sheet, window.faceplate)]
    assert siblings[-1] is sheet


# First start


def test_first_administrator_is_offered_and_never_forced(window: Window) -> None:
    window.set_who(who(is_new=True, faces=()))
    bar = window.people.bar
    assert bar.isVisible() and window.people.sheet is None
    bar.later.click()
    window.set_who(who(is_new=True, faces=(), ended=""))
    assert not bar.isVisible()
    part(window, PersonChip).click()
    assert isinstance(window.people.sheet, FirstSheet)


def test_first_administrator_is_made_with_a_password_of_ones_own(window: Window, feed: PeopleFeed) -> None:
    window.set_who(who(is_new=True, faces=()))
    window.people.bar.make.click()
    sheet = window.people.sheet
    assert isinstance(sheet, FirstSheet)
    assert "12 characters" in sheet.rule.text() and all(not each.text() for each in sheet.fields.values())
    for key, text in (("full_name", "Ada Admin"), ("name", "ada"), ("password", PASSWORD)):
        sheet.fields[key].setText(text)
        assert not sheet.button.isEnabled()
    sheet.fields["again"].setText(PASSWORD)
    QTest.keyClick(sheet.fields["again"], Qt.Key.Key_Return)
    body = {"station": station_name(), "name": "ada", "full_name": "Ada Admin", "password": PASSWORD}
    assert (feed.last.op, feed.last.body) == ("first_administrator", body)
    feed.last.done(login_answer())
    assert window.people.sheet is None


# Secrets of one's own


def test_given_password_is_changed_before_anything_else(window: Window, feed: PeopleFeed) -> None:
    window.set_who(who(session(must_change=True)))
    sheet = window.people.sheet
    assert isinstance(sheet, SecretSheet) and sheet.title.text() == "Change your password first"
    sheet.old.setText("given")
    sheet.new.setText(PASSWORD)
    assert not sheet.button.isEnabled(), "it is typed twice"
    sheet.again.setText(PASSWORD)
    QTest.keyClick(sheet.again, Qt.Key.Key_Return)
    body = {
        "name": "m.operator",
        "kind": "password",
        "new": PASSWORD,
        "old": "given",
        "station": station_name(),
    }
    assert (feed.last.op, feed.last.body) == ("secret_change", body)
    feed.last.done(True)
    assert window.people.sheet is None


def test_given_pin_is_changed_with_the_pin_itself(window: Window, feed: PeopleFeed) -> None:
    window.set_who(who(session(must_change=True, to_change="pin")))
    sheet = window.people.sheet
    assert isinstance(sheet, SecretSheet) and sheet.title.text() == "Choose your own PIN first"
    assert sheet.old.accessibleName() == "PIN that you were given" and not sheet.remove.isVisible()
    assert part(window, PersonChip).shown.second == "choose your PIN"
    sheet.old.setText("815263")
    for field in (sheet.new, sheet.again):
        field.setText("482915")
    sheet.button.click()
    assert feed.last.body | {"station": ""} == {
        "name": "m.operator", "kind": "pin", "new": "482915", "old": "815263", "station": "",
    }  # fmt: skip


def test_sheet_that_was_closed_by_hand_does_not_come_again_by_itself(window: Window) -> None:
    window.set_who(who(session(must_change=True)))
    assert window.people.sheet is not None
    window.people.sheet.leave()
    window.set_who(who(session(must_change=True), faces=()))
    assert window.people.sheet is None
    assert part(window, PersonChip).shown.second == "change your password"


def test_pin_is_of_digits_and_can_be_taken_away(window: Window, feed: PeopleFeed) -> None:
    window.set_who(who(session()))
    choose(window, "My PIN")
    sheet = window.people.sheet
    assert isinstance(sheet, SecretSheet)
    sheet.old.setText(PASSWORD)
    for new, is_fit in (("12ab56", False), ("4829", False), ("482915", True)):
        sheet.new.setText(new)
        sheet.again.setText(new)
        assert sheet.button.isEnabled() is is_fit
    sheet.remove.click()
    assert (feed.last.body["kind"], feed.last.body["new"]) == ("pin", "")
    feed.last.fail("the present password is wrong")
    assert sheet.said.text() == "The present password is wrong." and sheet.old.text() == ""


def test_half_typed_secret_of_one_person_is_not_left_to_the_next(window: Window) -> None:
    window.set_who(who(session()))
    window.command("change password")
    sheet = window.people.sheet
    assert isinstance(sheet, SecretSheet)
    sheet.old.setText(PASSWORD)
    window.set_who(who(session(JAN)))
    assert window.people.sheet is None and sheet.old.text() == ""


# Looking as another


def test_looking_as_another_says_so_until_it_is_ended(window: Window, feed: PeopleFeed) -> None:
    window.set_who(who(session(trying="Jan de Vries")))
    bar = window.people.bar
    assert bar.isVisible() and bar.words.text() == "You look at this as Jan de Vries: nothing is done."
    bar.end.click()
    assert (feed.last.op, feed.last.body) == ("try_as", {"name": ""})
    window.set_who(who(session()))
    assert not bar.isVisible()


# The stage


def stage_sheet(window: Window, state: StageState, known: Any = None) -> StageSheet:
    """The sheet, as a tap on the stage opens it."""
    window.set_who(known or who(session()))
    window.set_control(control(state))
    part(window, StageChip).click()
    sheet = window.people.sheet
    assert isinstance(sheet, StageSheet)
    return sheet


def test_stage_says_since_when_and_by_whom(window: Window) -> None:
    sheet = stage_sheet(window, StageState("advise", NOW_US - 60_000_000, ("Ada Admin", "Selma Shift")))
    assert sheet.since.text() == "Advise since 14:12:46, by Ada Admin and Selma Shift"
    texts = [(line.name.text(), line.go.text(), line.go.isVisible()) for line in sheet.lines]
    assert texts == [("Look", "Lower", True), ("Advise: now", "Lower", False), ("Control", "Raise…", True)]


def test_stage_is_lowered_at_once(window: Window, feed: PeopleFeed) -> None:
    sheet = stage_sheet(window, StageState("control"))
    sheet.lines[0].go.click()
    assert (feed.last.op, feed.last.body) == ("stage_ask", {"to": "look", "answers": ()})


def test_stage_is_lowered_also_while_a_raise_waits(window: Window) -> None:
    sheet = stage_sheet(window, StageState("advise", asked="control", asked_by="Ada Admin", asked_us=NOW_US))
    assert sheet.lines[0].go.isEnabled() and not sheet.lines[2].go.isEnabled()


def test_stage_is_raised_by_one_step_with_every_line_of_the_checklist(
    window: Window, feed: PeopleFeed
) -> None:
    assert not stage_sheet(window, StageState("look")).lines[2].go.isEnabled()
    sheet = stage_sheet(window, StageState("advise"))
    sheet.lines[2].go.click()
    assert sheet.checklist.isVisible() and not sheet.overview.isVisible()
    for each in sheet.answers.values():
        assert not sheet.raise_it.isEnabled()
        each.click()
    sheet.raise_it.click()
    assert (feed.last.op, feed.last.body) == ("stage_ask", {"to": "control", "answers": tuple(sheet.answers)})


def test_second_person_confirms_with_their_own_password(window: Window, feed: PeopleFeed) -> None:
    sheet = stage_sheet(window, StageState("advise"))
    assert not sheet.second.isVisible()
    asked = StageState("advise", asked="control", asked_by="Maria Operator", asked_us=NOW_US)
    window.set_control(control(asked))
    assert sheet.second.isVisible() and sheet.waits.text().startswith(
        "Maria Operator asked for Control at 14:13:46"
    )
    sheet.name.setText("selma")
    sheet.password.setText(PASSWORD)
    QTest.keyClick(sheet.password, Qt.Key.Key_Return)
    assert (feed.last.op, feed.last.body) == ("stage_approve", {"name": "selma", "secret": PASSWORD})
    assert sheet.password.text() == ""
    feed.last.fail("that is the same person")
    assert sheet.said.text() == "That is the same person."


def test_stage_without_the_right_can_be_read_only(window: Window) -> None:
    sheet = stage_sheet(window, StageState("advise"), who(session(), actions=frozenset()))
    assert not any(line.go.isEnabled() for line in sheet.lines)
    assert sheet.why.text() == "Your role has not the right “stage”."


def test_stage_tapped_in_a_replay_says_why_nothing_can_be_changed(window: Window, feed: PeopleFeed) -> None:
    waits = StageState("advise", asked="control", asked_by="Ada Admin", asked_us=NOW_US)
    window.set_who(who(session()))
    window.set_control(control(waits))
    window.people.set_past(True)
    sheet = stage_sheet(window, waits)
    assert sheet.why.text() == "This is the stage of now. In a replay nothing is changed: go back to live."
    assert not any(line.go.isEnabled() for line in sheet.lines) and not sheet.second.isVisible()
    window.people.set_past(True)
    assert window.people.sheet is sheet and sheet.isVisible(), "every instant of a replay comes this way"
    window.people.set_past(False)
    assert sheet.lines[0].go.isEnabled() and sheet.second.isVisible() and not sheet.why.isVisible()
    sheet.lines[0].go.click()
    assert feed.ops() == ["stage_ask"]


def test_replay_that_begins_stops_a_raise_that_was_being_answered(window: Window, feed: PeopleFeed) -> None:
    sheet = stage_sheet(window, StageState("advise"))
    sheet.lines[2].go.click()
    window.people.set_past(True)
    assert not sheet.checklist.isVisible() and sheet.overview.isVisible() and sheet.why.isVisible()
    assert not feed.sent


# Looks


STATES = {
    "nobody": who(),
    "new": who(is_new=True, faces=()),
    "normal": who(session()),
    "demo": who(session(is_demo=True, full_name="Selma Shift-Hohenstein")),
    "locked": who(session(is_locked=True)),
    "trying": who(session(trying="Jan de Vries")),
}


@pytest.mark.parametrize("size", [(960, 540), (1366, 768), (1920, 1080)])
@pytest.mark.parametrize("state", STATES)
def test_top_bar_has_room_in_every_state(
    window: Window, qapp: Any, size: tuple[int, int], state: str
) -> None:
    window.resize(*size)
    window.set_who(STATES[state])
    window.set_control(control())
    qapp.processEvents()
    top = part(window, PersonChip).parentWidget()
    assert problems(top) == [] and problems(window.people.bar) == []


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
@pytest.mark.parametrize("what", ["change password", "change pin", "change badge", "stage", "first", "glass"])
def test_no_sheet_is_cut_or_too_small(window: Window, qapp: Any, size: tuple[int, int], what: str) -> None:
    window.resize(*size)
    window.set_control(control(StageState("advise", asked="control", asked_by="Ada", asked_us=NOW_US)))
    window.set_who(who(is_new=True) if what == "first" else who(session()))
    if what == "first":
        window.people.make_first()
    elif what == "glass":
        window.people._break_glass()  # noqa: SLF001  pyright: ignore[reportPrivateUsage]
    else:
        window.command(what)
    qapp.processEvents()
    sheet = window.people.sheet
    assert sheet is not None and problems(sheet) == []
    assert sheet.parentWidget().rect().contains(sheet.geometry())


def test_theme_reaches_an_open_sheet(window: Window) -> None:
    window.set_who(who())
    window.command("log in")
    window.set_theme("dark")
    assert window.people.sheet is not None and window.people.sheet.theme.name == "dark"


def test_silent_engine_says_that_nothing_was_sent(window: Window, feed: PeopleFeed) -> None:
    window.set_who(who())
    window.command("log in")
    window.set_stalled(STALLED)
    sheet = window.people.sheet
    assert sheet is not None and sheet.isVisible()
    sheet.ask("login", {}, lambda _: None, lambda _: None)
    feed.last.fail("the engine does not answer; nothing was sent")
    assert sheet.said.text() == "The engine does not answer; nothing was sent."


def test_window_of_an_older_engine_goes_back_to_it(window: Window) -> None:
    window.set_who(who(session()))
    window.set_who(NOBODY)
    assert not part(window, PersonChip).isVisible()
