"""Every button of a window is tried in a replay: none reaches the plant or its alarms.

They are found, not listed, so that a new one is tried too. The banner is of now and says so: what is done
there is done to alarms of now.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QWidget,
)

from engine.app.guard import SEEN
from hmi.displays.display import Place
from hmi.displays.twin.time_bar import TimeBar
from hmi.shell.banner import Banner
from hmi.shell.rail import Rail
from hmi.shell.replay_bar import ReplayBar
from hmi.shell.window import Window
from tests.hmi import foreseen
from tests.hmi.booked import tell
from tests.hmi.gate import HYDRAULICS, KNOWN, MAY, SETPOINT, VALUES, GateFeed, book
from tests.hmi.line import HIGH, LOW_AIR, PRESS, TIPS
from tests.hmi.plant import snapshot
from tests.hmi.shell.gated import gated, past_feed

pytestmark = pytest.mark.screen
READS = SEEN | {"sets", "set_compare", "people", "ledger", "may", "session", "touch"}
"""Requests that change nothing; all others do something."""
OWN = {"logout", "lock", "login", "secret_change"}
"""What somebody does to his own session: that is of now."""
OF_NOW = (Banner, ReplayBar, TimeBar, Rail)
"""Where hands are of now, or lead to other displays."""
LEAVES = ("Cancel", "Close", "Back")
"""They end what was opened before all of it was tried."""
MOST_ALIKE = 2
ALL = frozenset({
    *MAY, "acknowledge", "shelve", "service", "annotate", "configure", "stage", "trust", "people", "ledger",
})  # fmt: skip
PLACES = (
    Place("unit", HYDRAULICS),
    Place("twin", HYDRAULICS),
    Place("alarms"),
    Place("overview"),
    Place("trends", SETPOINT),
)


@pytest.fixture
def feed() -> GateFeed:
    return past_feed()


@pytest.fixture
def window(qapp: Any, feed: GateFeed) -> Iterator[Window]:
    """A window where everything can be done: alarms, setpoints, a warning; a person with every right."""
    with gated(qapp, feed, 1920, 1080) as made:
        tell(made, HIGH, TIPS, LOW_AIR)
        made.set_who(all_rights(KNOWN))
        made.set_control(book())
        made.set_outlooks(foreseen.book(foreseen.outlook()))
        made.on_numbers(snapshot(VALUES))
        qapp.processEvents()
        yield made


def all_rights(known: Any) -> Any:
    """The same person with every right there is."""
    from dataclasses import replace

    return replace(known, actions=ALL)


def hands_of(window: Window) -> list[QAbstractButton]:
    """All that can be pressed now, a few of each kind."""
    found: list[QAbstractButton] = []
    alike: dict[tuple[str, str], int] = {}
    for each in window.findChildren(QAbstractButton):
        if not (each.isVisible() and each.isEnabled()) or any(is_in(each, kind) for kind in OF_NOW):
            continue
        key = type(each).__name__, each.accessibleName() or each.text()
        alike[key] = alike.get(key, 0) + 1
        if alike[key] <= MOST_ALIKE:
            found.append(each)
    return found


def is_in(widget: QWidget, kind: type[QWidget]) -> bool:
    above: QWidget | None = widget
    while above is not None:
        if isinstance(above, kind):
            return True
        above = above.parentWidget()
    return False


def try_all(window: Window, place: Place, feed: GateFeed, is_past: bool) -> set[str]:
    """Press every button, every line of its menu, then what came to light with it; gives what was sent."""
    stand(window, place, is_past)
    names = [name_of(each) for each in hands_of(window)]
    for name in names:
        stand(window, place, is_past)
        press(window, name)
        lines = menu_texts()
        QApplication.processEvents()
        for line in lines:
            stand(window, place, is_past)
            press(window, name)
            choose(line)
            go_on(window, set(names))
        if not lines:
            go_on(window, set(names))
    return {each for each in feed.ops if each not in READS | OWN}


def stand(window: Window, place: Place, is_past: bool) -> None:
    """At a place, now or then, with nothing open."""
    for _ in range(3):
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        for each in QApplication.topLevelWidgets():
            if isinstance(each, QDialog) and each.isVisible():
                each.reject()
        QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Escape)
    window.command("replay" if is_past else "live")
    window.go(place)
    if place.display != "alarms":
        window.go(Place("", place.path or PRESS))
    QApplication.processEvents()
    assert window.deck.is_past is is_past


def name_of(each: QAbstractButton) -> tuple[str, str]:
    return type(each).__name__, each.accessibleName() or each.text()


def press(window: Window, name: tuple[str, str]) -> None:
    found = next((each for each in hands_of(window) if name_of(each) == name), None)
    if found is not None:
        found.click()
        QApplication.processEvents()


def menu_texts() -> list[str]:
    popup = QApplication.activePopupWidget()
    if not isinstance(popup, QMenu):
        return []
    return [each.text() for each in popup.actions() if each.isEnabled() and each.text()]


def choose(text: str) -> None:
    popup = QApplication.activePopupWidget()
    if isinstance(popup, QMenu):
        for each in popup.actions():
            if each.text() == text and each.isEnabled():
                popup.close()
                each.trigger()
                break
    QApplication.processEvents()


def go_on(window: Window, known: set[tuple[str, str]]) -> None:
    """Fill what asks for words, and press what was not there before."""
    for field in (*window.findChildren(QLineEdit), *window.findChildren(QPlainTextEdit)):
        if field.isVisible() and field.isEnabled() and not field.isReadOnly():
            field.setFocus()
            field.selectAll()
            QTest.keyClicks(field, "212")
    QApplication.processEvents()
    fresh = [each for each in hands_of(window) if name_of(each) not in known and each.text() not in LEAVES]
    for name in [name_of(each) for each in fresh]:
        press(window, name)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.display)
def test_no_hand_reaches_the_plant_from_the_past(window: Window, feed: GateFeed, place: Place) -> None:
    assert try_all(window, place, feed, is_past=True) == set()


@pytest.mark.timeout(240)
def test_live_the_same_hands_do_reach_it(window: Window, feed: GateFeed) -> None:
    sent = try_all(window, Place("unit", HYDRAULICS), feed, is_past=False)
    assert {"select", "work_tag", "verdict"} <= sent, f"else the tests above prove nothing: {sent}"
