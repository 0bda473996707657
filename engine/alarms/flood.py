"""Floods of alarms: more than one person can follow.

ISA-18.2-2016: a flood begins with more than 10 annunciated alarms within 10 minutes for one operator, and
ends when there are fewer than 5 within 10 minutes. The figures are those of ``AlarmSettings``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.types import AlarmSettings, Flood

WINDOW_US = 600_000_000
STEP_US = 100_000
"""Alarms of so short a time are counted as one lot: a flood of any size needs little memory."""


@dataclass(slots=True)
class _Lot:
    """Alarms that came together: the first at ``mono_us``; ``first`` = its id."""

    mono_us: int
    count: int
    first: int


class FloodWatch:
    """Counts the annunciated alarms of the last 10 minutes. One thread only; a few operations an alarm.

    Time is our monotonic clock, so that a clock that is set neither begins nor ends a flood. An alarm may
    leave the count 0.1 s early (``STEP_US``), never late.
    """

    def __init__(self, settings: AlarmSettings) -> None:
        self._starts, self._ends = settings.flood_starts, ends(settings)
        self._lots: deque[_Lot] = deque()
        self._count = 0
        self._since_us, self._first = 0, 0
        self._is_on = False

    @property
    def is_on(self) -> bool:
        """Whether there is a flood now."""
        return self._is_on

    @property
    def flood(self) -> Flood | None:
        """The flood as it is now, None = there is none."""
        return Flood(self._since_us, self._count, self._first) if self._is_on else None

    def came(self, alarm: int, now_us: int, mono_us: int) -> bool:
        """An alarm was annunciated; whether this one began a flood.

        The flood is said to be since ``now_us`` (UTC), and its first alarm is the oldest of the last 10
        minutes.
        """
        self.passed(mono_us)
        if self._lots and mono_us - self._lots[-1].mono_us < STEP_US:
            self._lots[-1].count += 1
        else:
            self._lots.append(_Lot(mono_us, 1, alarm))
        self._count += 1
        if self._is_on or self._count <= self._starts:
            return False
        self._is_on, self._since_us, self._first = True, now_us, self._lots[0].first
        return True

    def passed(self, mono_us: int) -> bool:
        """Time went on; whether the flood ended with it. To be called a few times a minute at least."""
        self._forget(mono_us)
        if not self._is_on or self._count >= self._ends:
            return False
        self._is_on = False
        return True

    def resume(
        self, alarms: Iterable[tuple[int, int]], flood: Flood | None, now_us: int, mono_us: int
    ) -> None:
        """Go on after a restart: (id, when it was noted, UTC) of the last 10 minutes, and the ``flood`` there
        was. What lies in the future, by a clock that was set back, counts as of now.
        """
        for alarm, time_us in sorted(alarms, key=lambda each: each[1]):
            self.came(alarm, time_us, mono_us - max(now_us - time_us, 0))
        self._forget(mono_us)
        if flood is not None and self._count >= self._ends:
            self._is_on, self._since_us, self._first = True, flood.since_us, flood.first
        elif self._count < self._ends:
            self._is_on = False

    def _forget(self, mono_us: int) -> None:
        while self._lots and self._lots[0].mono_us <= mono_us - WINDOW_US:
            self._count -= self._lots.popleft().count


def ends(settings: AlarmSettings) -> int:
    """A flood ends below this count; never above where it starts, so that it cannot begin and end at once,
    and never 0, so that it ends.
    """
    return max(1, min(settings.flood_ends, settings.flood_starts + 1))


def floods(time_us: NDArray[np.int64], settings: AlarmSettings) -> NDArray[np.int64]:
    """Every flood among annunciated alarms at ``time_us`` (in order), int64[k×3]: begin, end, alarms.

    The same rule as `FloodWatch`: it begins with the alarm that is one too many, and ends when the count
    of the last 10 minutes falls below. ``alarms`` = those from its beginning to its end, and the ones
    before that made it one.
    """
    size, starts, low = len(time_us), settings.flood_starts, ends(settings)
    if size <= starts:
        return np.zeros((0, 3), np.int64)
    begins = np.flatnonzero(time_us[starts:] - time_us[: size - starts] < WINDOW_US) + starts
    # When alarm i leaves the window, those after it are too few if fewer than `low` came by then.
    after = np.append(time_us, np.full(low, np.iinfo(np.int64).max))[low : low + size]
    leaves = np.flatnonzero(after - time_us >= WINDOW_US)
    found: list[tuple[int, int, int]] = []
    at = 0
    while at < len(begins):
        begin = int(begins[at])
        # The first alarm of the flood's own window that leaves it too empty.
        oldest = int(np.searchsorted(time_us, int(time_us[begin]) - WINDOW_US, "right"))
        last = int(leaves[np.searchsorted(leaves, oldest)])
        end_us = int(time_us[last]) + WINDOW_US
        until = int(np.searchsorted(time_us, end_us, "left"))
        found.append((int(time_us[begin]), end_us, until - oldest))
        at = int(np.searchsorted(begins, until))
    return np.array(found, np.int64).reshape(-1, 3)
