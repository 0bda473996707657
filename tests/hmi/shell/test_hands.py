"""Hands at a window, told to the engine, so that it knows when a station stands alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from hmi import theme
from hmi.shell.hands import TOLD_EVERY_S
from hmi.shell.station import Station
from tests.hmi.conftest import collect
from tests.hmi.line import LINE
from tests.hmi.people import JAN, PeopleFeed, session, who
from tests.hmi.plant import PLANT
from tests.hmi.shell.parts import STALLED

pytestmark = pytest.mark.screen


@pytest.fixture
def feed() -> PeopleFeed:
    return PeopleFeed()


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that hands are told by."""
    now = [1000.0]
    monkeypatch.setattr("hmi.shell.hands.time.monotonic", lambda: now[0])
    return now


@pytest.fixture
def station(qapp: Any, feed: PeopleFeed, seconds: list[float]) -> Iterator[Station]:
    look = theme.load_theme("light")
    theme.apply_theme(qapp, look)
    made = Station(look, feed, PLANT)
    made.open()
    made.set_plant(LINE)
    made.set_who(who(session()))
    qapp.processEvents()
    yield made
    made.close()
    made.deleteLater()
    collect()


def touch(station: Station, at: int = 0) -> None:
    """A tap on a window that has nothing there."""
    QTest.mouseClick(station.windows[at].windowHandle(), Qt.MouseButton.LeftButton, pos=QPoint(3, 300))


def test_first_hand_is_told_and_then_every_20_seconds(
    station: Station, feed: PeopleFeed, seconds: list[float]
) -> None:
    touch(station)
    assert (feed.last.op, feed.last.body) == ("touch", {})
    seconds[0] += TOLD_EVERY_S - 0.1
    touch(station)
    assert feed.ops() == ["touch"]
    seconds[0] += 0.2
    QTest.keyClick(station.windows[0].windowHandle(), Qt.Key.Key_Shift)
    assert feed.ops() == ["touch", "touch"]


def test_all_windows_of_a_station_are_one_place_of_work(station: Station, feed: PeopleFeed) -> None:
    station.windows[0].command("new window")
    touch(station, 0)
    touch(station, 1)
    assert feed.ops() == ["touch"]


def test_next_person_is_noticed_at_once(station: Station, feed: PeopleFeed) -> None:
    touch(station)
    station.set_who(who(session(JAN)))
    touch(station)
    assert feed.ops() == ["touch", "touch"]


def test_nobody_a_lock_and_a_silent_engine_are_told_nothing(station: Station, feed: PeopleFeed) -> None:
    for held in (None, session(is_locked=True)):
        station.set_who(who(held))
        station.hands.forget()
        touch(station)
    station.set_who(who(session()))
    station.set_stalled(STALLED)
    station.hands.forget()
    touch(station)
    assert not feed.sent


def test_pointer_that_only_moves_is_no_hand(station: Station, feed: PeopleFeed) -> None:
    for x in range(10, 60, 10):
        QTest.mouseMove(station.windows[0].windowHandle(), QPoint(x, 300))
    assert not feed.sent
