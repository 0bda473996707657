"""The bar of time under the twin: one replay for the window, marks of alarms, always a way to live."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtTest import QTest

from engine.types import AlarmChange
from hmi import replay
from hmi.alarm_marks import LEAD_US, Mark, after, before, clustered, comings
from hmi.displays.twin.time_bar import TimeBar
from hmi.known_alarms import PLANT
from hmi.model import build
from hmi.replay import Replay
from hmi.shell.past_feed import PastFeed
from hmi.theme import load_theme
from tests.hmi.line import LINE
from tests.hmi.plant import NOW_US, PlantFeed
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
HOUR_US, MINUTE_US = 3_600_000_000, 60_000_000


class Rewinder(QObject):
    """The replay of a window without a window."""

    moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.replay: Replay | None = None

    def begin(self, at_us: int | None = None) -> None:
        begun = replay.begun(NOW_US, NOW_US - 72 * HOUR_US, at_us)
        self.replay = begun if self.replay is None else replay.moved(self.replay, at_us or self.replay.at_us)
        self.moved.emit()

    def toggle(self) -> None:
        assert self.replay is not None
        self.replay = replay.with_play(self.replay, not self.replay.is_playing)
        self.moved.emit()

    def set_speed(self, speed: int) -> None:
        assert self.replay is not None
        self.replay = replay.with_speed(self.replay, speed)
        self.moved.emit()

    def leave(self) -> None:
        self.replay = None
        self.moved.emit()


def came(minutes_ago: float, priority: int = 2, what: Any = "active", letter: Any = "B") -> AlarmChange:
    at_us = NOW_US - round(minutes_ago * MINUTE_US)
    path = f"Line/S{priority}/Pressure"
    return AlarmChange(priority, what, letter, priority, at_us, at_us - 1000, path, "h", message="high")


CHANGES = [came(400, 3), came(240, 4), came(120, 2), came(30, 2), came(29.9, 1), came(29, 2, "returned", "A")]


@pytest.fixture
def rewinder() -> Rewinder:
    return Rewinder()


@pytest.fixture
def bar(qapp: Any, rewinder: Rewinder) -> Iterator[TimeBar]:
    plain = PlantFeed()
    plain.past.oldest = NOW_US - 72 * HOUR_US
    feed = PastFeed(plain)
    feed.replaying = rewinder
    made = TimeBar(load_theme("light"), feed, None)  # type: ignore[arg-type]
    made.set_plant(build(LINE))
    made.resize(1200, made.sizeHint().height())
    made.show()
    tell(plain, CHANGES)
    made.set_alarms(())
    yield made
    made.close()
    made.deleteLater()


def tell(feed: PlantFeed, changes: Sequence[AlarmChange]) -> None:
    ask = feed.past.known_alarms.next_ask(NOW_US)
    assert ask is not None and ask.path == PLANT
    feed.past.known_alarms.take(ask, changes[::-1], (), NOW_US)


def tap(bar: TimeBar, at_us: int) -> None:
    at = QPoint(round(bar.line.x_of(at_us)), round(bar.line.line_y))
    QTest.mouseClick(bar.line, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def test_live_it_says_so_and_a_tap_on_the_line_goes_back(bar: TimeBar, rewinder: Rewinder) -> None:
    assert bar.words.startswith("LIVE ")
    tap(bar, NOW_US - 90 * MINUTE_US)
    assert rewinder.replay is not None
    assert abs(rewinder.replay.at_us - (NOW_US - 90 * MINUTE_US)) < MINUTE_US
    assert bar.words == "Back to live"
    QTest.mouseClick(bar.live, Qt.MouseButton.LeftButton)
    assert rewinder.replay is None and bar.words.startswith("LIVE ")


def test_tap_on_a_mark_goes_to_some_seconds_before_the_alarm_came(bar: TimeBar, rewinder: Rewinder) -> None:
    assert [each.priority for each in bar.marks] == [3, 4, 2, 2, 1]
    tap(bar, CHANGES[2].source_us)
    assert rewinder.replay is not None
    assert rewinder.replay.at_us == CHANGES[2].source_us - LEAD_US


def test_near_alarms_are_one_mark_of_the_worst_with_their_number(bar: TimeBar) -> None:
    assert [(each.priority, each.count) for each in bar.line.groups()] == [(3, 1), (4, 1), (2, 1), (1, 2)]


def test_buttons_step_from_alarm_to_alarm(bar: TimeBar, rewinder: Rewinder) -> None:
    assert not bar.on.isEnabled()
    seen: list[int] = []
    for _ in range(5):
        bar.back.click()
        assert rewinder.replay is not None
        seen.append(rewinder.replay.at_us + LEAD_US)
    assert seen == [CHANGES[k].source_us for k in (4, 3, 2, 1, 0)]
    assert not bar.back.isEnabled()
    bar.on.click()
    assert rewinder.replay is not None and rewinder.replay.at_us == CHANGES[1].source_us - LEAD_US


def test_dragging_to_the_end_is_live_again(bar: TimeBar, rewinder: Rewinder) -> None:
    line, y = bar.line, round(bar.line.line_y)
    between_marks = QPoint(round(line.x_of(NOW_US - 180 * MINUTE_US)), y)
    QTest.mousePress(line, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, between_marks)
    assert rewinder.replay is not None
    end = QPoint(line.width() - 1, y)
    QTest.mouseMove(line, end - QPoint(40, 0))
    QTest.mouseRelease(line, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    assert rewinder.replay is None


def test_play_begins_a_replay_and_holds_it(bar: TimeBar, rewinder: Rewinder) -> None:
    bar.play.click()
    assert rewinder.replay is not None and rewinder.replay.is_playing
    assert bar.play.accessibleName() == "Hold the past"
    bar.speeds.activated.emit(3)
    assert rewinder.replay.speed == 10
    bar.play.click()
    assert rewinder.replay is not None and not rewinder.replay.is_playing


def test_keys_move_by_minutes_and_hours(bar: TimeBar, rewinder: Rewinder) -> None:
    QTest.keyClick(bar.line, Qt.Key.Key_PageDown)
    assert rewinder.replay is not None and rewinder.replay.at_us == NOW_US - HOUR_US
    QTest.keyClick(bar.line, Qt.Key.Key_Right)
    assert rewinder.replay.at_us == NOW_US - 59 * MINUTE_US


def test_hidden_it_asks_for_nothing(bar: TimeBar, rewinder: Rewinder) -> None:
    bar.hide()
    feed: Any = bar._feed  # noqa: SLF001 - what was asked for cannot be seen from outside
    while feed.past.known_alarms.next_ask(NOW_US + HOUR_US) is not None:
        pass
    bar.set_alarms(())
    rewinder.begin(NOW_US - 5 * HOUR_US)
    assert feed.past.known_alarms.next_ask(NOW_US + HOUR_US) is None


@pytest.mark.parametrize("width", [560, 900, 1500])
@pytest.mark.parametrize("theme", ["light", "dark", "sunlight"])
def test_all_of_it_can_be_hit_and_read(bar: TimeBar, width: int, theme: str) -> None:
    bar.set_theme(load_theme(theme))
    bar.resize(width, bar.sizeHint().height())
    assert problems(bar) == []


def test_marks_leave_out_what_was_set_aside_and_what_did_not_come() -> None:
    found = comings([came(3), came(2, 1, letter="E"), came(1, 1, "acknowledged")])
    assert [each.at_us for each in found] == [came(3).source_us]


def test_marks_in_a_row_never_grow_into_one() -> None:
    marks = [Mark(k, k, 2) for k in range(0, 100, 10)]
    assert [each.count for each in clustered(marks, float, 25.0)] == [3, 3, 3, 1]


def test_no_mark_before_the_first_nor_after_the_last() -> None:
    marks = [Mark(NOW_US, NOW_US, 2)]
    assert before(marks, NOW_US - LEAD_US) is None and after(marks, NOW_US - LEAD_US) is None
    assert before(marks, NOW_US) is marks[0] and after(marks, NOW_US - HOUR_US) is marks[0]
