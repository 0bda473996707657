"""Which condition of an asset went first: permissives and interlocks, and since when each does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from engine.types import Check, Interlock, Permissive

Condition = Permissive | Interlock
Look = Callable[[str], tuple[float | None, str]]
"""The value of a tag by its path, or None and why it is not known."""


def holds(condition: Condition, look: Look) -> tuple[bool, str]:
    """Whether a condition is known to hold, and why not where it is not known at all."""
    value, why = look(condition.tag)
    return (value is not None and (value != 0) == condition.ok), why


class FirstOut:
    """Remembers when each condition was last seen to stop holding. Only as fine as it is looked at."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, bool], int | None] = {}

    def see(self, conditions: Iterable[Condition], look: Look, now_us: int) -> None:
        """Look at them all now. One that does not hold when first seen went at a time not known (0)."""
        for each in conditions:
            key = (each.tag, each.ok)
            if holds(each, look)[0]:
                self._since[key] = None
            elif self._since.get(key, 0) is None:
                self._since[key] = now_us
            else:
                self._since.setdefault(key, 0)

    def checks(
        self, permissives: Sequence[Condition], interlocks: Sequence[Condition], look: Look
    ) -> tuple[Check, ...]:
        """A check for each, true or false, with the first out among those that are false.

        Two that were first seen false at one and the same look have no first.
        """
        rows = [(each, True) for each in permissives] + [(each, False) for each in interlocks]
        states = [(each, needed, *holds(each, look)) for each, needed in rows]
        times = [self._since.get((each.tag, each.ok)) or 0 for each, _, ok, _ in states if not ok]
        first = min(times, default=0)
        is_one = times.count(first) == 1
        return tuple(
            Check(each.text or each.tag, ok, why, needed)
            if ok
            else Check(
                each.text or each.tag,
                False,
                why,
                needed,
                since := self._since.get((each.tag, each.ok)) or 0,
                is_one and since == first,
            )
            for each, needed, ok, why in states
        )
