"""Logins that were refused, on their way to the ledger: each of the first ones, and of a flood its sum.

Whoever types wrong names, passwords or codes without end fills neither the ledger nor the disk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.types import Clock
from engine.types.control import RecordEntry

HOUR_US = 3_600_000_000
EACH, MANY = 20, 100
"""So many alike in an hour stand on record one by one; at so many of all kinds somebody must know."""
MOST_NAMED = 5
"""Stations that a sum names; what a window calls itself may be made up."""


@dataclass(slots=True)
class _Count:
    """Of one person and one reason: how many in this hour, and those that are not on record yet."""

    since_us: int
    count: int = 0
    rest: int = 0
    rest_since_us: int = 0
    stations: dict[str, None] = field(default_factory=dict[str, None])


class Refusals:
    """One loop. ``owe`` takes the entries; ``alarm`` is told of a flood, in words."""

    def __init__(
        self, owe: Callable[[RecordEntry], None], alarm: Callable[[str], None], clock: Clock
    ) -> None:
        self._owe, self._alarm, self._clock = owe, alarm, clock
        self._counts: dict[tuple[str, str], _Count] = {}
        self._hour_us, self._all = clock.mono_us(), 0

    def refused(self, actor: str, station: str, why: str) -> None:
        """Somebody was not let in."""
        self.tick()
        now_us = self._clock.now_us()
        counted = self._counts.setdefault((actor, why), _Count(self._clock.mono_us()))
        counted.count += 1
        if counted.count <= EACH:
            self._owe(RecordEntry("login_refused", actor, {"station": station, "why": why}))
        else:
            counted.rest += 1
            counted.rest_since_us = counted.rest_since_us or now_us
            if len(counted.stations) < MOST_NAMED:
                counted.stations[station] = None
        self._all += 1
        if self._all == MANY:
            self._alarm(f"{MANY} logins were refused within an hour: somebody may be guessing")

    def tick(self) -> None:
        """Sum up what an hour brought. Call it once a second."""
        mono_us = self._clock.mono_us()
        for key, counted in list(self._counts.items()):
            if mono_us - counted.since_us >= HOUR_US:
                del self._counts[key]
                self._sum_up(key, counted)
        if mono_us - self._hour_us >= HOUR_US:
            self._hour_us, self._all = mono_us, 0

    def end(self) -> None:
        """Sum up the rest, before closing."""
        for key, counted in self._counts.items():
            self._sum_up(key, counted)
        self._counts.clear()

    def _sum_up(self, key: tuple[str, str], counted: _Count) -> None:
        if counted.rest:
            actor, why = key
            said = {"station": ", ".join(counted.stations), "why": f"{why}: {counted.rest:,} more of these"}
            span = {"times": counted.rest, "since_us": counted.rest_since_us}
            self._owe(RecordEntry("login_refused", actor, said | span))
