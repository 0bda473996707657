"""Which of the alarms that came before lie upstream of a new one, by the relations of the plant."""

from __future__ import annotations

from collections.abc import Iterator

from engine.types import Spreading

WITHIN_US = 600_000_000
"""A consequence comes within 10 minutes of what it follows from: metal is slow, and longer is chance."""
SLACK_US = 2_000_000
"""A cause may bear a source time so much later than its consequence: devices are polled, clocks differ."""
MOST_AT_ASSET = 12
"""So many alarms of an asset and its parts are looked at, the latest; a flood then costs little for each."""


class Upstream:
    """The alarms that came, by the assets that they are trouble of. One thread only.

    Overload: of each asset the latest ``MOST_AT_ASSET`` are kept, those that are gone leave first.
    """

    def __init__(self, spreading: Spreading | None) -> None:
        self._spreading = spreading
        self._at: dict[str, dict[int, int]] = {}
        self._below: dict[str, dict[int, int]] = {}
        self._gone: set[int] = set()

    def prepare(self, path: str) -> None:
        """Work out the ways to a tag before an alarm comes there."""
        if self._spreading is not None:
            self._spreading.places(path)
            self._spreading.before(path)

    def note(self, alarm: int, path: str, since_us: int) -> None:
        """An alarm came, at this time of its source."""
        if self._spreading is None:
            return
        self._gone.discard(alarm)
        own, wholes = self._spreading.places(path)
        for asset in own:
            self._put(self._at, asset, alarm, since_us)
        for asset in wholes:
            self._put(self._below, asset, alarm, since_us)

    def left(self, alarm: int) -> None:
        """An alarm is over; for a while it may still be the cause of another."""
        if self._spreading is not None:
            self._gone.add(alarm)

    def of(self, path: str, since_us: int) -> Iterator[tuple[int, str]]:
        """The alarms upstream of a tag that came before, each with why; nearest first, then latest."""
        if self._spreading is None or not self._at:
            return
        for spread in self._spreading.before(path):
            at = self._at.get(spread.origin, {})
            below = self._below.get(spread.origin, {}) if spread.is_of_parts else {}
            for alarm, came_us in (*reversed(at.items()), *reversed(below.items())):
                if came_us <= since_us + SLACK_US:
                    yield alarm, spread.why

    def _put(self, by_asset: dict[str, dict[int, int]], asset: str, alarm: int, since_us: int) -> None:
        there = by_asset.setdefault(asset, {})
        there.pop(alarm, None)
        there[alarm] = since_us
        if len(there) > MOST_AT_ASSET:
            gone = next((each for each in there if each in self._gone), next(iter(there)))
            del there[gone]
