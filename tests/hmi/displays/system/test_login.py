"""The login of a source on its page: what is told, and a password that is sent once and kept nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from engine.types import SourceLogin
from hmi.displays.system.view import SystemView
from hmi.shell.window import Window
from tests.hmi.displays.system.page import seen, tell, view_of
from tests.hmi.plant import NOW_US
from tests.hmi.sources import LINE, SourceFeed, detail, refused, secured

pytestmark = pytest.mark.screen
SECRET = "not-for-eyes-5"


def opened(window: Window, feed: SourceFeed, **login: Any) -> SystemView:
    window.show_source("press")
    told = None if not login else SourceLogin("hmi", **login)
    tell(window, feed, detail(LINE), detail(secured(), login=told))
    return view_of(window)


def sent(feed: SourceFeed) -> list[dict[str, Any]]:
    return [body for name, body in feed.sent if name == "password_set"]


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ({"state": "none"}, "No password is set"),
        ({"state": "accepted", "set_us": NOW_US, "by": "ada"}, "by ada. It works."),
        ({"state": "refused", "set_us": NOW_US, "by": "ada"}, "The server refused it. It is not sent again"),
        ({"state": "sent", "set_us": NOW_US, "by": "ada"}, "did not end well"),
    ],
)
def test_page_tells_whom_we_log_in_as_and_what_came_of_it(
    window: Window, feed: SourceFeed, login: dict[str, Any], said: str
) -> None:
    panel = opened(window, feed, **login).page.login
    assert panel.isVisible() and said in panel.words.text() and "User hmi." in panel.words.text()


def test_source_without_a_user_has_no_login(window: Window, feed: SourceFeed) -> None:
    assert not opened(window, feed).page.login.isVisible()


def test_password_is_typed_twice_sent_once_and_forgotten(window: Window, feed: SourceFeed) -> None:
    view = opened(window, feed, state="refused", set_us=NOW_US, by="ada")
    QTest.mouseClick(view.page.login.button, Qt.MouseButton.LeftButton)
    sheet = view.asks.password
    assert sheet.isVisible() and sheet.new.hasFocus() and not sheet.button.isEnabled()
    assert {each.echoMode() for each in (sheet.new, sheet.again)} == {QLineEdit.EchoMode.Password}
    QTest.keyClicks(sheet.new, SECRET)
    QTest.keyClicks(sheet.again, SECRET[:-1])
    assert not sheet.button.isEnabled() and sheet.said.text() == "The two differ."
    QTest.keyClicks(sheet.again, SECRET[-1])
    feed.is_slow = True
    for _ in range(2):
        QTest.mouseClick(sheet.button, Qt.MouseButton.LeftButton)
    assert sent(feed) == [{"source": "press", "password": SECRET}]
    feed.is_slow = False
    for answer in feed.waiting:
        answer()
    assert not sheet.isVisible() and sheet.new.text() == sheet.again.text() == ""
    assert "The password is set. Connecting…" in seen(view)
    assert not any(SECRET in each for each in seen(view))


def test_refusal_of_the_engine_stays_on_the_sheet_and_another_source_closes_it(
    window: Window, feed: SourceFeed
) -> None:
    view = opened(window, feed, state="none")
    assert not view.page.head.password_button.isVisible(), "the link is there: nobody waits for a password"
    tell(window, feed, detail(LINE), detail(refused(), login=SourceLogin("hmi")))
    QTest.mouseClick(view.page.head.password_button, Qt.MouseButton.LeftButton)
    sheet = view.asks.password
    feed.errors["password_set"] = "you may not trust devices here"
    for field in (sheet.new, sheet.again):
        QTest.keyClicks(field, SECRET)
    QTest.mouseClick(sheet.button, Qt.MouseButton.LeftButton)
    assert sheet.isVisible() and sheet.said.text() == "You may not trust devices here."
    window.show_source("line")
    assert not sheet.isVisible() and sheet.new.text() == ""
