"""What stations say of their horns, on its way to the record: some of an hour one by one, of more the sum.

It needs no login, so whoever says it without end must fill neither the journal nor the ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.types import Clock

HOUR_US = 3_600_000_000
EACH = 20
"""So many events of one name about one station stand on record one by one within an hour."""
Note = Callable[[str, dict[str, Any]], None]


@dataclass(slots=True)
class _Count:
    """Of one event and station: how many within this hour, and of those not on record yet the last."""

    since_us: int
    count: int = 0
    rest: int = 0
    rest_since_us: int = 0
    last: dict[str, Any] = field(default_factory=dict[str, Any])


class HornRecord:
    """One loop. ``note`` puts an event on record."""

    def __init__(self, note: Note, clock: Clock) -> None:
        self._note, self._clock = note, clock
        self._counts: dict[tuple[str, str], _Count] = {}

    def note(self, event: str, station: str, facts: dict[str, Any]) -> None:
        """Something happened that counts for ``station``."""
        self.tick()
        counted = self._counts.setdefault((event, station), _Count(self._clock.mono_us()))
        counted.count += 1
        if counted.count <= EACH:
            self._note(event, facts)
        else:
            counted.rest += 1
            counted.rest_since_us = counted.rest_since_us or self._clock.now_us()
            counted.last = facts

    def tick(self) -> None:
        """Sum up what an hour brought. Call it once a second."""
        mono_us = self._clock.mono_us()
        for key, counted in list(self._counts.items()):
            if mono_us - counted.since_us >= HOUR_US:
                del self._counts[key]
                self._sum_up(key[0], counted)

    def end(self) -> None:
        """Sum up the rest, before closing."""
        for key, counted in self._counts.items():
            self._sum_up(key[0], counted)
        self._counts.clear()

    def _sum_up(self, event: str, counted: _Count) -> None:
        """The last of them stands for all: it is what holds now."""
        if counted.rest:
            span = {"times": counted.rest, "since_us": counted.rest_since_us}
            self._note(event, counted.last | span)
