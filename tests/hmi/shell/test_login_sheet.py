"""Logging in at a window: badge, PIN, password, taking over, unlocking, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from hmi.shell.break_glass_sheet import BreakGlassSheet
from hmi.shell.login_sheet import LoginSheet
from hmi.who import Who, station_name
from tests.hmi.people import JAN, MARIA, SELMA, PeopleFeed, login_answer, session, who
from tests.hmi.structure import problems

if TYPE_CHECKING:
    from hmi.shell.window import Window

pytestmark = pytest.mark.screen
ENTER = Qt.Key.Key_Return
WAIT = "Not logged in: after a wrong try one waits, try again in 8 s. Seeing needs no login."


@pytest.fixture
def feed() -> PeopleFeed:
    return PeopleFeed()


def opened(window: Window, known: Who | None = None) -> LoginSheet:
    """The sheet, as Ctrl+U opens it."""
    window.set_who(known or who())
    QTest.keyClick(window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    sheet = window.people.sheet
    assert isinstance(sheet, LoginSheet)
    return sheet


def test_pin_by_taps_alone(window: Window, feed: PeopleFeed) -> None:
    window.set_who(who())
    taps = [window.people._top.person_chip]  # noqa: SLF001  pyright: ignore[reportPrivateUsage]
    taps[0].click()
    sheet = window.people.sheet
    assert isinstance(sheet, LoginSheet)
    taps += [next(each for each in sheet.who_page.tiles if each.face is MARIA)]
    taps += [sheet.pin_page.pad.keys[each] for each in "482915>"]
    for button in taps[1:]:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(taps) == 9, "chip, face, six digits, Enter"
    assert feed.last.op == "login"
    assert feed.last.body == {
        "station": station_name(),
        "name": "m.operator",
        "secret": "482915",
        "kind": "pin",
        "pin": "",
    }
    feed.last.done(login_answer())
    assert window.people.sheet is None and not sheet.isVisible()


def test_pin_by_keyboard_and_the_last_digit_taken_back(window: Window, feed: PeopleFeed) -> None:
    sheet = opened(window)
    sheet.who_page.tiles[0].click()
    assert sheet.pin_page.field.hasFocus()
    QTest.keyClicks(sheet.pin_page.field, "4829157")
    sheet.pin_page.pad.keys["<"].click()
    QTest.keyClick(sheet.pin_page.field, ENTER)
    assert feed.last.body["secret"] == "482915"


def test_badge_is_read_at_once_and_asks_for_its_pin(window: Window, feed: PeopleFeed) -> None:
    sheet = opened(window)
    assert sheet.who_page.reader.hasFocus(), "a reader types without a tap"
    QTest.keyClicks(sheet.who_page.reader, "04A2B9")
    QTest.keyClick(sheet.who_page.reader, ENTER)
    assert sheet.page is sheet.pin_page and sheet.who_page.reader.text() == ""
    QTest.keyClicks(sheet.pin_page.field, "482915")
    QTest.keyClick(sheet.pin_page.field, ENTER)
    body = feed.last.body
    assert (body["kind"], body["secret"], body["pin"], body["name"]) == ("badge", "04A2B9", "482915", "")


def test_face_without_a_pin_asks_for_the_password(window: Window, feed: PeopleFeed) -> None:
    sheet = opened(window)
    next(each for each in sheet.who_page.tiles if each.face is JAN).click()
    page = sheet.password_page
    assert page.name.text() == "jan" and page.password.hasFocus()
    QTest.keyClicks(page.password, "a long sentence")
    QTest.keyClick(page.password, ENTER)
    body = feed.last.body
    assert (body["kind"], body["name"], body["secret"]) == ("password", "jan", "a long sentence")


def test_secrets_are_masked_and_gone_with_the_sheet(window: Window, feed: PeopleFeed) -> None:
    sheet = opened(window)
    fields = [sheet.who_page.reader, sheet.pin_page.field, sheet.password_page.password]
    assert all(each.echoMode() is QLineEdit.EchoMode.Password for each in fields)
    for field in fields:
        field.setText("secret")
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert window.people.sheet is None and all(each.text() == "" for each in fields)
    assert not feed.sent


def test_refusal_stands_in_the_sheet_and_counts_its_seconds_down(window: Window, feed: PeopleFeed) -> None:
    sheet = opened(window)
    sheet.who_page.tiles[0].click()
    sheet.pin_page.field.setText("111111")
    QTest.keyClick(sheet.pin_page.field, ENTER)
    feed.last.fail(WAIT)
    assert sheet.said.text() == WAIT and sheet.pin_page.field.text() == ""
    sheet._count()  # noqa: SLF001  pyright: ignore[reportPrivateUsage]
    assert "try again in 7\u202fs." in sheet.said.text()
    sheet.pin_page.field.setText("482915")
    QTest.keyClick(sheet.pin_page.field, ENTER)
    assert feed.ops() == ["login"], "the engine would refuse it: nothing is sent while one waits"
    for _ in range(7):
        sheet._count()  # noqa: SLF001  pyright: ignore[reportPrivateUsage]
    assert sheet.said.text() == "You can try again now."
    QTest.keyClick(sheet.pin_page.field, ENTER)
    assert feed.ops() == ["login", "login"]


def test_nobody_waits_for_the_wrong_try_of_another(window: Window, feed: PeopleFeed) -> None:
    sheet = opened(window)
    sheet.who_page.tiles[0].click()
    sheet.pin_page.field.setText("111111")
    QTest.keyClick(sheet.pin_page.field, ENTER)
    feed.last.fail(WAIT)
    sheet.back.click()
    next(each for each in sheet.who_page.tiles if each.face is SELMA).click()
    sheet.pin_page.field.setText("482915")
    QTest.keyClick(sheet.pin_page.field, ENTER)
    assert feed.last.body["name"] == "selma"


def test_login_is_sent_once_however_often_enter_is_hit(window: Window, feed: PeopleFeed) -> None:
    sheet = opened(window)
    sheet.who_page.tiles[0].click()
    sheet.pin_page.field.setText("482915")
    for _ in range(3):
        QTest.keyClick(sheet.pin_page.field, ENTER)
    assert feed.ops() == ["login"] and sheet.said.text() == "One moment…"


def test_answer_that_comes_after_the_sheet_was_closed_finds_nobody(
    window: Window, feed: PeopleFeed, qapp: Any
) -> None:
    sheet = opened(window)
    sheet.who_page.tiles[0].click()
    sheet.pin_page.field.setText("482915")
    QTest.keyClick(sheet.pin_page.field, ENTER)
    sheet.leave()
    qapp.processEvents()
    feed.last.fail("Not logged in.")
    feed.last.done(login_answer())


def test_warning_of_a_login_is_read_before_the_sheet_goes(window: Window, feed: PeopleFeed) -> None:
    sheet = opened(window)
    sheet.who_page.by_name.click()
    sheet.password_page.name.setText("jan")
    sheet.password_page.password.setText("a long sentence")
    sheet.password_page.button.click()
    feed.last.done(login_answer(JAN, warning="the directory is away; this password works for 6 days more"))
    assert sheet.isVisible() and sheet.title.text() == "You are logged in"
    assert "6 days more" in sheet.said.text()
    QTest.keyClick(sheet.cancel, Qt.Key.Key_Space)
    assert window.people.sheet is None


def test_lock_is_taken_away_by_its_person_first_of_all(window: Window, feed: PeopleFeed) -> None:
    window.set_who(who(session(is_locked=True)))
    window.people.open_menu()
    sheet = window.people.sheet
    assert isinstance(sheet, LoginSheet) and sheet.title.text() == "Unlock"
    assert sheet.pin_page.who.text() == "Maria Operator"
    sheet.pin_page.field.setText("482915")
    QTest.keyClick(sheet.pin_page.field, ENTER)
    assert (feed.last.op, feed.last.body) == ("unlock", {"secret": "482915", "kind": "pin"})


def test_locked_station_is_taken_over_by_another(window: Window, feed: PeopleFeed) -> None:
    window.set_who(who(session(is_locked=True)))
    window.people.unlock()
    sheet = window.people.sheet
    assert isinstance(sheet, LoginSheet)
    sheet.back.click()
    assert sheet.title.text() == "Take over from Maria Operator"
    next(each for each in sheet.who_page.tiles if each.face is SELMA).click()
    sheet.pin_page.field.setText("111111")
    QTest.keyClick(sheet.pin_page.field, ENTER)
    assert (feed.last.op, feed.last.body["name"]) == ("login", "selma")


def test_caps_lock_is_pointed_out(window: Window) -> None:
    sheet = opened(window)
    sheet.who_page.by_name.click()
    page = sheet.password_page
    QTest.keyClick(page.password, "A")
    assert "Caps Lock" in page.caps.text()
    QTest.keyClick(page.password, "b")
    assert page.caps.text() == ""
    QTest.keyClick(page.password, "C", Qt.KeyboardModifier.ShiftModifier)
    assert page.caps.text() == ""


def test_plant_stays_in_view_and_can_be_used_beside_the_sheet(window: Window) -> None:
    sheet = opened(window)
    assert not sheet.shade.isVisible()
    left = window.deck.geometry()
    assert left.width() - sheet.width() > 500 and not sheet.geometry().contains(left.center())


def test_broken_glass_wants_code_name_and_reason(window: Window, feed: PeopleFeed) -> None:
    opened(window).break_glass.click()
    sheet = window.people.sheet
    assert isinstance(sheet, BreakGlassSheet) and "30 min" in sheet.warnings[0].text()
    for key, text in (("code", "K3-77"), ("who", "Ina Kern"), ("reason", "pump runs dry")):
        assert not sheet.button.isEnabled()
        sheet.fields[key].setText(text)
    sheet.button.click()
    body = {"station": station_name(), "code": "K3-77", "who": "Ina Kern", "reason": "pump runs dry"}
    assert (feed.last.op, feed.last.body) == ("break_glass", body)
    feed.last.fail("Not opened: the code does not fit.")
    assert (
        sheet.said.text() == "Not opened: the code does not fit." and sheet.fields["who"].text() == "Ina Kern"
    )


@pytest.mark.parametrize("size", [(1024, 640), (1366, 768), (1920, 1080)])
@pytest.mark.parametrize("name", ["light", "dark"])
def test_no_page_is_cut_or_too_small_for_a_finger(
    window: Window, qapp: Any, size: tuple[int, int], name: str
) -> None:
    window.set_theme(name)
    window.resize(*size)
    sheet = opened(window)
    for turn in (
        lambda: None,
        sheet.who_page.tiles[0].click,
        lambda: sheet._ask_password("", False),  # noqa: SLF001  pyright: ignore[reportPrivateUsage]
    ):
        turn()
        qapp.processEvents()
        assert problems(sheet) == []
        assert window.people.sheet is sheet and sheet.parentWidget().rect().contains(sheet.geometry())
