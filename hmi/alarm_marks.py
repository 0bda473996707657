"""Alarms that came, as marks on a line of time: near ones together, the worst in front. No Qt."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.types import AlarmChange
from hmi import alarms as words
from hmi.alarm_spells import time_of

LEAD_US = 5_000_000
"""A replay of an alarm begins so long before it came: one sees it coming."""
NEAR_US = 1_000_000
_ASIDE = ("E", "F", "G")


@dataclass(frozen=True, slots=True)
class Mark:
    """Alarms that came about the same time. ``at_us`` = when the worst of them did, ``first_us`` the first.

    ``text`` = what the worst says; ``count`` = how many there are.
    """

    at_us: int
    first_us: int
    priority: int
    count: int = 1
    text: str = ""


Choose = Callable[[Sequence[Mark], int], "Mark | None"]


def comings(changes: Sequence[AlarmChange]) -> tuple[Mark, ...]:
    """Each alarm that was annunciated, by when it came, oldest first."""
    found = (
        Mark(time_of(each), time_of(each), each.priority, 1, _text(each))
        for each in changes
        if each.what == "active" and each.letter not in _ASIDE and 1 <= each.priority <= 4
    )
    return tuple(sorted(found, key=lambda mark: mark.at_us))


def _text(change: AlarmChange) -> str:
    place = change.path.rpartition("/")[0] or change.path
    return f"{place}: {words.words_of(change.path, change.kind, change.message)}"


def clustered(marks: Sequence[Mark], x_of: Callable[[int], float], apart_px: float) -> tuple[Mark, ...]:
    """Marks of which the one before is nearer than ``apart_px`` to the first of its group, made one."""
    made: list[Mark] = []
    left = 0.0
    for mark in marks:
        x = x_of(mark.first_us)
        if made and x - left < apart_px:
            made[-1] = _together(made[-1], mark)
        else:
            made.append(mark)
            left = x
    return tuple(made)


def _together(first: Mark, second: Mark) -> Mark:
    worst = second if second.priority < first.priority else first
    return Mark(worst.at_us, first.first_us, worst.priority, first.count + second.count, worst.text)


def before(marks: Sequence[Mark], at_us: int) -> Mark | None:
    """The last mark to which one has to go back from an instant; None = there is none."""
    upto = bisect_left(marks, at_us + LEAD_US - NEAR_US, key=lambda mark: mark.at_us)
    return marks[upto - 1] if upto else None


def after(marks: Sequence[Mark], at_us: int) -> Mark | None:
    """The next mark to which one has to go on from an instant; None = there is none."""
    place = bisect_right(marks, at_us + LEAD_US + NEAR_US, key=lambda mark: mark.at_us)
    return marks[place] if place < len(marks) else None
