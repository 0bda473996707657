"""The panel of a source that may be written over an open link, once an administrator says so."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hmi.shell.window import Window
from tests.hmi.displays.system.page import tell, view_of
from tests.hmi.sources import LINE, SourceFeed, detail, secured

pytestmark = pytest.mark.screen


def test_open_link_waits_for_a_confirmation_that_is_asked_of_the_engine_once(
    window: Window, feed: SourceFeed
) -> None:
    window.show_source("press")
    panel = view_of(window).page.unsecured
    tell(window, feed, detail(LINE), detail(secured()))
    assert not panel.isVisible(), "nothing is asked of an encrypted link"
    tell(window, feed, detail(LINE), detail(secured(), unsecured="open"))
    assert panel.isVisible() and "Not confirmed: nothing is written" in panel.words.text()
    QTest.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    asked = [each for each in feed.sent if each[0] == "unsecured_confirm"]
    assert [each[1] for each in asked] == [{"source": "press"}]
    tell(window, feed, detail(LINE), detail(secured(), unsecured="confirmed"))
    assert not panel.button.isVisible() and "Confirmed by an administrator" in panel.words.text()
