"""Log-over: another person takes the station over, and nothing on its screens moves (reliability.md T37)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea

from hmi import theme
from hmi.bridge.seat import Seat
from hmi.displays.display import Place
from hmi.shell.login_sheet import LoginSheet
from hmi.shell.station import Station
from hmi.shell.window import Window
from tests.hmi.booked import tell
from tests.hmi.conftest import collect
from tests.hmi.line import HIGH, LINE, LOW_AIR, PRESSURE, TIPS, VALUES
from tests.hmi.people import SELMA, PeopleFeed, control, login_answer, session, who
from tests.hmi.plant import PLANT, snapshot, source
from tests.hmi.shell.parts import part

pytestmark = pytest.mark.screen


@pytest.fixture
def feed() -> PeopleFeed:
    return PeopleFeed()


@pytest.fixture
def station(qapp: Any, feed: PeopleFeed) -> Iterator[Station]:
    """Two windows at work, with somebody logged in."""
    theme.load_fonts()
    look = theme.load_theme("light")
    theme.apply_theme(qapp, look)
    made = Station(look, feed, PLANT)
    made.open()
    made.set_plant(LINE)
    made.set_sources([source()])
    tell(made, HIGH, TIPS, LOW_AIR)
    made.on_numbers(snapshot(VALUES))
    made.set_who(who(session()))
    made.set_control(control())
    first = made.windows[0]
    first.showNormal()
    first.setGeometry(20, 30, 1366, 768)
    first.command("new window")
    made.windows[1].setGeometry(60, 50, 1200, 700)
    first.go(Place("unit", PRESSURE))
    first.deck.show_page(1)
    made.windows[1].show_display("alarms")
    first.desk.select(HIGH.id)
    qapp.processEvents()
    yield made
    made.close()
    made.deleteLater()
    collect()


def stands(window: Window) -> dict[str, object]:
    """All of a window that a person set, and would have to set again."""
    scrolls = [
        (each.verticalScrollBar().value(), each.horizontalScrollBar().value())
        for each in window.findChildren(QAbstractScrollArea)
    ]
    return {
        "geometry": window.geometry().getRect(),
        "state": window.windowState(),
        "place": window.place,
        "faceplate": (
            window.faceplate.isVisible(),
            window.faceplate.path,
            window.faceplate.geometry().getRect(),
        ),
        "display": (window.deck.current.id, window.deck.geometry().getRect()),
        "scrolled": scrolls,
        "selected": window.desk.selected,
        "remembered": window.deck.layouts(),
        "theme": window.theme.name,
    }


def test_new_person_takes_over_and_nothing_moves(station: Station, feed: PeopleFeed, qapp: Any) -> None:
    window = station.windows[0]
    area = next(
        each
        for each in window.findChildren(QAbstractScrollArea)
        if each.isVisible() and each.verticalScrollBar().maximum() > 0
    )
    area.verticalScrollBar().setValue(3)
    qapp.processEvents()
    before = [stands(each) for each in station.windows]
    seat = Seat(lambda *_: None, station.set_who)
    seat.who = who(session())
    seat.token = "the token of the person before"

    window.activateWindow()
    qapp.processEvents()
    QTest.keyClick(window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    sheet = window.people.sheet
    assert isinstance(sheet, LoginSheet)
    QTest.keyClicks(sheet.who_page.reader, "04A2B9")
    QTest.keyClick(sheet.who_page.reader, Qt.Key.Key_Return)
    QTest.keyClicks(sheet.pin_page.field, "482915")
    QTest.keyClick(sheet.pin_page.field, Qt.Key.Key_Return)
    login = next(each for each in feed.sent if each.op == "login")
    login.done(seat.answered("login", login_answer(SELMA, "a new token")))
    qapp.processEvents()

    assert seat.token == "a new token"
    assert [stands(each) for each in station.windows] == before
    assert all(each.people.known.session == session(SELMA) for each in station.windows)


def test_lock_and_unlock_move_nothing(station: Station, qapp: Any) -> None:
    before = [stands(each) for each in station.windows]
    for held in (session(is_locked=True), session(), None):
        station.set_who(who(held))
        qapp.processEvents()
        assert [stands(each) for each in station.windows] == before


def test_window_that_is_opened_later_knows_the_person_and_the_stage(station: Station) -> None:
    from hmi.shell.person_chip import PersonChip
    from hmi.shell.stage_chip import StageChip

    station.windows[0].command("new window")
    newest = station.windows[-1]
    assert part(newest, PersonChip).shown.first == "M. Operator"
    assert part(newest, StageChip).text() == "Control"
