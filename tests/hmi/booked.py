"""Alarms as the engine tells them: answers to ``alarms`` and the book that is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from engine.types import Alarm, AlarmCounts, Flood
from engine.wire import AlarmsAnswer
from hmi.alarm_book import AlarmBook
from tests.hmi.plant import NOW_US, PlantFeed

Four = tuple[int, int, int, int]


def counts_of(alarms: Iterable[Alarm]) -> AlarmCounts:
    """What the engine counts of these."""
    found = list(alarms)

    def by_priority(letter: str) -> Four:
        return cast(
            "Four", tuple(sum((a.letter, a.priority) == (letter, p) for a in found) for p in range(1, 5))
        )

    def all_of(letter: str) -> int:
        return sum(each.letter == letter for each in found)

    return AlarmCounts(
        by_priority("B"),
        by_priority("C"),
        all_of("D"),
        all_of("E"),
        all_of("F"),
        all_of("G"),
        sum(not each.is_recorded for each in found),
    )


def whole(alarms: Iterable[Alarm], flood: Flood | None = None, version: int = 1) -> AlarmsAnswer:
    """An answer that tells all of them."""
    found = tuple(alarms)
    return AlarmsAnswer(version, True, found, (), counts_of(found), flood)


def book(*alarms: Alarm, flood: Flood | None = None) -> AlarmBook:
    """A book that holds these."""
    made = AlarmBook()
    made.take(whole(alarms, flood), NOW_US)
    return made


def tell(window: Any, *alarms: Alarm, flood: Flood | None = None) -> AlarmBook:
    """What the bridge tells a window of the alarms: those of now, and the book."""
    made = book(*alarms, flood=flood)
    window.set_alarms(alarms)
    window.set_alarm_book(made)
    return made


class Commands(PlantFeed):
    """A feed that keeps every ``alarm_command`` until the test answers it; other requests wait for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []
        self._waiting: list[tuple[Callable[[Any], None], Callable[[str], None]]] = []

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        """Keep it."""
        if name == "alarm_command":
            self.sent.append(body)
            self._waiting.append((on_done, on_error))

    def answer(self, refused: tuple[tuple[int, str], ...] = ()) -> None:
        """The oldest is done, but for those refused."""
        done, _ = self._waiting.pop(0)
        asked = [each for each, _ in self.sent[len(self.sent) - len(self._waiting) - 1]["alarms"]]
        gone = {each for each, _ in refused}
        done(
            {"done": [each for each in asked if each not in gone], "refused": [list(one) for one in refused]}
        )

    def fail(self, why: str) -> None:
        """The oldest did not come through."""
        _, error = self._waiting.pop(0)
        error(why)
