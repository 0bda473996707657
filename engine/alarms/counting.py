"""Conditions that must come several times within a while before they are an alarm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.alarms.state import Changes, Samples, joined, known_us
from engine.types import Limit

NEVER = -(2**62)


class Counted:
    """The limits with a ``count`` above 1, among all of a project.

    The alarm comes when its condition came ``count`` times within ``window_s``, and goes when the
    condition is gone and came less often than that within the last ``window_s``. Times are source times;
    while nothing is known of the value, nothing goes.
    """

    def __init__(self, limits: Sequence[Limit]) -> None:
        rows = [row for row, each in enumerate(limits) if each.count > 1]
        self.rows = np.array(rows, np.intp)
        self.pending = np.zeros(len(limits), np.bool_)
        self._place = np.full(len(limits), -1)
        self._place[self.rows] = np.arange(len(rows))
        self._count = np.array([limits[row].count for row in rows], np.intp)
        self._window_us = np.array([round(limits[row].window_s * 1e6) for row in rows], np.int64)
        self._times = np.full((len(rows), int(self._count.max(initial=1))), NEVER, np.int64)
        self.active, self._on = np.zeros(len(rows), np.bool_), np.zeros(len(rows), np.bool_)
        self._off_us, self._off_value = np.zeros(len(rows), np.int64), np.full(len(rows), np.nan)
        self._known_us = np.full(len(rows), NEVER, np.int64)

    def see(self, rows: NDArray[np.intp], samples: Samples, paused: NDArray[np.uint8]) -> None:
        """Note until when these samples make the conditions of ``rows`` known, before they are judged."""
        own = np.flatnonzero(self._place[rows] >= 0)
        if len(own):
            places = self._place[rows[own]]
            known = known_us(samples.part(np.s_[:], own), paused[own])
            self._known_us[places] = np.where(known > NEVER, known, self._known_us[places])

    def hold(self, rows: NDArray[np.intp], time_us: NDArray[np.int64]) -> None:
        """The last values of these hold until then."""
        own = self._place[rows] >= 0
        self._known_us[self._place[rows[own]]] = time_us[own]

    def take(self, changes: Changes | None, rows: NDArray[np.intp]) -> Changes | None:
        """The changes of alarms that these changes of conditions make; ``rows`` = what was looked at."""
        found: list[Changes] = []
        if changes is not None:
            own = self._place[changes.limits] >= 0
            found, left = [changes.where(~own)], changes.where(own)
            while len(left.limits):
                _, first = np.unique(left.limits, return_index=True)
                now = np.isin(np.arange(len(left.limits)), first)
                found += self._step(left.where(now))
                left = left.where(~now)
        places = self._place[rows]
        places = places[places >= 0]
        found += self._ended(places, self._known_us[places])
        self.pending[self.rows] = self.active & ~self._on
        found = [each for each in found if len(each.limits)]
        return joined(found) if found else None

    def resume(self, rows: NDArray[np.intp]) -> None:
        """These were active, and how often they came is not known any more."""
        places = self._place[rows]
        self.active[places[places >= 0]] = self._on[places[places >= 0]] = True

    def leave(self, rows: NDArray[np.intp]) -> None:
        """Nothing more is heard of these."""
        places = self._place[rows]
        self.active[places[places >= 0]] = self._on[places[places >= 0]] = False
        self.pending[rows] = False

    def take_over(self, before: Counted, new: NDArray[np.intp], old: NDArray[np.intp]) -> None:
        """Go on with what was counted ``before`` for rows that bore other numbers."""
        mine, theirs = self._place[new], before._place[old]
        both = (mine >= 0) & (theirs >= 0)
        mine, theirs = mine[both], theirs[both]
        most = min(self._times.shape[1], before._times.shape[1])
        self._times[mine, :most] = before._times[theirs, :most]
        for name in ("active", "_on", "_off_us", "_off_value", "_known_us"):
            getattr(self, name)[mine] = getattr(before, name)[theirs]
        self.pending[self.rows] = self.active & ~self._on

    def _step(self, now: Changes) -> list[Changes]:
        """At most one change of each condition."""
        places = self._place[now.limits]
        found = self._ended(places, now.time_us)
        came, off = places[now.active], places[~now.active]
        self._on[places] = now.active
        self._off_us[off], self._off_value[off] = now.time_us[~now.active], now.value[~now.active]
        self._times[came, 1:] = self._times[came, :-1]
        self._times[came, 0] = now.time_us[now.active]
        often = self._oldest_us(came) + self._window_us[came] >= now.time_us[now.active]
        fresh = np.zeros(len(places), np.bool_)
        fresh[now.active] = often & ~self.active[came]
        self.active[places[fresh]] = True
        return [*found, now.where(fresh), *self._ended(places, now.time_us)]

    def _oldest_us(self, places: NDArray[np.intp]) -> NDArray[np.int64]:
        """When the first of the last ``count`` came."""
        return self._times[places, self._count[places] - 1]

    def _ended(self, places: NDArray[np.intp], now_us: NDArray[np.int64]) -> list[Changes]:
        """Those that ended by now, when they did."""
        due_us = np.maximum(self._oldest_us(places) + self._window_us[places], self._off_us[places])
        over = self.active[places] & ~self._on[places] & (due_us <= now_us)
        if not over.any():
            return []
        self.active[places[over]] = False
        gone = np.zeros(int(over.sum()), np.bool_)
        return [Changes(self.rows[places[over]], gone, due_us[over], self._off_value[places[over]])]
