"""The ways to System and through it: chips, rail and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hmi.shell.palette import Palette
from hmi.shell.rail import RailItem
from hmi.shell.sources_popup import SourcesPopup
from hmi.shell.window import Window
from hmi.widgets.link_chip import LinkChip
from tests.hmi.displays.system.page import tell, view_of
from tests.hmi.sources import LINE, REFUSED, SourceFeed, detail, early, secured

pytestmark = pytest.mark.screen


def test_keys_walk_through_the_sources(window: Window, feed: SourceFeed) -> None:
    view = view_of(window)
    window.activateWindow()
    assert window.focusWidget() is view.list
    first = view.list.sources.rows[0].id
    QTest.keyClick(view.list, Qt.Key.Key_Down)
    second = view.list.sources.rows[1].id
    assert second != first
    assert feed.asked_of("source")[-1] == second


def test_tap_on_a_source_behind_the_chip_opens_its_page(window: Window, feed: SourceFeed) -> None:
    window.show_display("overview")
    tell(window, feed, detail(LINE), REFUSED)
    chip = next(each for each in window.findChildren(LinkChip) if each.name == "PLCs")
    popup = window.findChildren(SourcesPopup)[0]
    chip.click()
    assert "The certificate of press's server is not trusted." in popup.texts
    assert any(text.startswith("To do: Compare its thumbprint") for text in popup.texts)
    tapped = next(each for each in popup.buttons if each.accessibleName().startswith("press"))
    assert tapped.height() >= window.theme.size.target
    QTest.mouseClick(tapped, Qt.MouseButton.LeftButton)
    assert not popup.isVisible()
    assert view_of(window).isVisible()
    assert view_of(window).page.head.what.words.text() == "The certificate of press's server is not trusted."


def test_clock_chip_is_there_only_while_a_clock_is_off_and_leads_to_its_source(
    window: Window, feed: SourceFeed
) -> None:
    window.show_display("overview")
    chip = next(each for each in window.findChildren(LinkChip) if each.name == "")
    assert not chip.isVisible()
    tell(window, feed, detail(LINE), detail(early()))
    assert chip.isVisible() and not chip.is_well
    assert (chip.name, chip.words) == ("Clock of press", "62 s ahead")
    chip.click()
    assert view_of(window).page.head.headline.text().endswith("Its clock is 62 s ahead.")
    window.set_stalled("since 14:13:46: the engine is gone")
    assert not chip.isVisible(), "while the engine is silent nobody knows how the clocks are"
    window.set_stalled(None)
    assert chip.isVisible()
    tell(window, feed, detail(LINE), detail(secured()))
    assert not chip.isVisible()


def test_rail_counts_the_sources_that_need_a_look(window: Window, feed: SourceFeed) -> None:
    item = next(each for each in window.findChildren(RailItem) if each.text() == "System")
    assert (item.count, item.accessibleName()) == (0, "System (Ctrl+5)")
    tell(window, feed, detail(LINE), REFUSED)
    assert (item.count, item.accessibleName()) == (1, "System (Ctrl+5), 1 needs a look")


def test_control_and_its_number_open_system_and_search_leads_back_to_the_tag(window: Window) -> None:
    window.show_display("overview")
    QTest.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert view_of(window).isVisible()
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    search = window.findChildren(Palette)[0]
    QTest.keyClicks(search.field, "s50 oil")
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    assert not view_of(window).isVisible(), "a tag stands on its unit"
