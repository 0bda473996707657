"""How much counters went on in a second, whatever a PLC does to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

JUMP = 50.0
"""A step this many times the usual one was no production: the counter was set."""
LEARNED = 3
"""Steps after which the usual one is known."""
REMEMBERED = 10.0


class Counters:
    """The last values of ``n`` counters. One step at a time; all arrays are of length n."""

    def __init__(self, most_per_s: NDArray[np.float64]) -> None:
        """``most_per_s`` = how fast each can count at best, infinite where nobody knows."""
        self._most = most_per_s
        self._before = np.full(len(most_per_s), np.nan)
        self._usual = np.zeros(len(most_per_s))
        self._seen = np.zeros(len(most_per_s))

    def forget(self) -> None:
        """Nothing is known of the time since the last step: the next values are a new beginning."""
        self._before[:] = np.nan

    def step(
        self, value: NDArray[np.float64], good: NDArray[np.bool_], seconds: float
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """What each counted in these seconds, and whether that is known (good now and before).

        A counter that went back (reset, rollover, restart) or leapt (set to a stored value) counted 0:
        it is a new beginning and no production, and never a negative one.
        """
        known = good & np.isfinite(self._before)
        step = np.where(known, value - np.where(known, self._before, 0.0), 0.0)
        usual = np.where(self._seen >= LEARNED, JUMP * self._usual, np.inf)
        most = np.minimum(usual, self._most * seconds)
        step[(step < 0) | (step > most)] = 0.0
        self._learn(step)
        self._before = np.where(good, value, np.nan)
        return step, known

    def _learn(self, step: NDArray[np.float64]) -> None:
        on = step > 0
        weight = np.minimum(self._seen[on], REMEMBERED)
        self._usual[on] = (self._usual[on] * weight + step[on]) / (weight + 1)
        self._seen[on] += 1
