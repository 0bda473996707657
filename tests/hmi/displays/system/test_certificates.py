"""Trusting a server, taking the trust back, and saving our own certificate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from hmi.displays.system.view import SystemView
from hmi.shell.window import Window
from tests.hmi.displays.system.page import button, tell, view_of
from tests.hmi.sources import (
    LINE,
    OWN_THUMBPRINT,
    REFUSED,
    THUMBPRINT,
    SourceFeed,
    certificate,
    detail,
    secured,
)

pytestmark = pytest.mark.screen


@pytest.fixture
def untrusted(window: Window, feed: SourceFeed) -> SystemView:
    """System at a source whose server nobody trusts yet."""
    tell(window, feed, detail(LINE), REFUSED)
    window.show_source("press")
    window.activateWindow()
    feed.sent.clear()
    return view_of(window)


def test_trust_needs_two_steps_in_two_places_and_digits_from_the_server(
    untrusted: SystemView, feed: SourceFeed
) -> None:
    first = button(untrusted, "Trust…")
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    sheet = untrusted.sheet
    assert sheet.isVisible() and feed.sent == []
    assert "".join(words.text() for words in sheet.groups) == THUMBPRINT
    second = button(untrusted, "Trust this server")
    places = [each.mapTo(untrusted, each.rect().center()) for each in (first, second)]
    assert (places[0] - places[1]).manhattanLength() > 80, "a double tap must not hit both"
    assert sheet.field.hasFocus() and not second.isEnabled()
    QTest.keyClick(sheet.field, Qt.Key.Key_Return)
    QTest.keyClicks(sheet.field, "3f2a91b")
    assert not second.isEnabled()
    QTest.keyClicks(sheet.field, "c")
    QTest.keyClick(sheet.field, Qt.Key.Key_Return)
    assert feed.sent == [], "no key trusts by itself"
    assert second.isEnabled() and not second.hasFocus() and not second.isDefault()
    QTest.mouseClick(second, Qt.MouseButton.LeftButton)
    assert feed.sent[0] == ("trust", {"source": "press", "thumbprint": THUMBPRINT})
    assert not sheet.isVisible()
    assert untrusted.page.head.said.text() == "The server is trusted now. Connecting…"
    assert feed.asked_of("source") == ["press"], "the page follows at once"


def test_wrong_digits_trust_nothing_and_warn(untrusted: SystemView, feed: SourceFeed) -> None:
    QTest.mouseClick(button(untrusted, "Trust…"), Qt.MouseButton.LeftButton)
    QTest.keyClicks(untrusted.sheet.field, "3f2a91bd")
    assert "Do not trust it" in untrusted.sheet.said.text()
    trust = button(untrusted, "Trust this server")
    assert not trust.isEnabled()
    QTest.mouseClick(trust, Qt.MouseButton.LeftButton)
    assert feed.sent == []


def test_refusal_of_the_engine_is_said_in_the_sheet_and_can_be_tried_again(
    untrusted: SystemView, feed: SourceFeed
) -> None:
    feed.errors["trust"] = "the server has shown no such certificate"
    QTest.mouseClick(button(untrusted, "Trust…"), Qt.MouseButton.LeftButton)
    QTest.keyClicks(untrusted.sheet.field, THUMBPRINT[-8:])
    QTest.mouseClick(button(untrusted, "Trust this server"), Qt.MouseButton.LeftButton)
    assert untrusted.sheet.isVisible()
    assert untrusted.sheet.said.text() == "The server has shown no such certificate."
    assert button(untrusted, "Trust this server").isEnabled()


def test_escape_leaves_without_trusting(untrusted: SystemView, feed: SourceFeed) -> None:
    QTest.mouseClick(button(untrusted, "Trust…"), Qt.MouseButton.LeftButton)
    QTest.keyClicks(untrusted.sheet.field, THUMBPRINT[:8])
    QTest.keyClick(untrusted.sheet.field, Qt.Key.Key_Escape)
    assert not untrusted.sheet.isVisible() and not untrusted.sheet.shade.isVisible()
    assert feed.sent == []
    QTest.mouseClick(button(untrusted, "Trust…"), Qt.MouseButton.LeftButton)
    assert untrusted.sheet.field.text() == "", "digits typed before are no proof now"


def test_another_source_closes_the_sheet(untrusted: SystemView) -> None:
    QTest.mouseClick(button(untrusted, "Trust…"), Qt.MouseButton.LeftButton)
    untrusted.show_place("line")
    assert not untrusted.sheet.isVisible()


def test_removing_trust_has_two_steps_and_starts_at_cancel(window: Window, feed: SourceFeed) -> None:
    window.show_source("press")
    window.activateWindow()
    view = view_of(window)
    feed.sent.clear()
    QTest.mouseClick(button(view, "Remove…"), Qt.MouseButton.LeftButton)
    assert view.sheet.cancel.hasFocus() and not view.sheet.field.isVisible()
    assert feed.sent == []
    QTest.mouseClick(button(view, "Stop trusting it"), Qt.MouseButton.LeftButton)
    assert feed.sent[0] == ("distrust", {"source": "press", "thumbprint": THUMBPRINT})


def test_our_certificate_is_saved_and_the_page_says_what_to_do_with_it(
    window: Window, feed: SourceFeed, tmp_path: Path, qapp: Any
) -> None:
    own = tmp_path / "own.der"
    own.write_bytes(b"\x30\x03abc")
    mine = certificate("own", OWN_THUMBPRINT, file=str(own))
    tell(window, feed, detail(LINE), detail(secured(), certificates=(mine,)))
    window.show_source("press")
    view = view_of(window)
    for target, words in (
        (tmp_path / "to-the-plc.der", "Saved as"),
        (tmp_path / "no" / "way", "was not saved"),
    ):
        QTest.mouseClick(button(view, "Save our certificate…"), Qt.MouseButton.LeftButton)
        dialog = next(each for each in view.findChildren(QFileDialog) if each.isVisible())
        dialog.fileSelected.emit(str(target))
        dialog.reject()
        qapp.processEvents()
        assert words in view.page.head.said.text()
    assert (tmp_path / "to-the-plc.der").read_bytes() == own.read_bytes()
