"""How fast values change, over a window of source time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 16
"""A window begins at one of these parts of itself: it is up to a sixteenth longer than asked for."""
RING = 4 * STEPS
"""Values kept at the beginnings of parts: of the window, and of the rows that are looked at together."""
FAR = 2**62


class Rates:
    """The change a second of each signal, between now and the beginning of its window.

    Between two samples a value went straight, unless the source said that the first still held. Nothing
    is known before a whole window has been seen, and after a gap it begins anew: what changed unseen is
    no rate of change.
    """

    def __init__(self, window_us: NDArray[np.int64]) -> None:
        self._window_us = np.maximum(window_us, 1)
        self._step_us = -(-self._window_us // STEPS)
        self._ring = np.zeros((len(window_us), RING))
        self._from = np.full(len(window_us), FAR, np.int64)
        self._time_us = np.zeros(len(window_us), np.int64)
        self._value = np.full(len(window_us), np.nan)

    def gap(self, which: NDArray[np.intp]) -> None:
        """Nothing is known of these from now on until the next sample."""
        self._value[which] = np.nan

    def take(
        self,
        which: NDArray[np.intp],
        time_us: NDArray[np.int64],
        value: NDArray[np.float64],
        seen: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Rates after each row of samples, float64[k×which] as all of them; NaN = not known.

        A value that is NaN is a gap; what was not ``seen`` changes nothing.
        """
        parts = (time_us[-1] - np.minimum(time_us[0], self._time_us[which])) // self._step_us[which]
        if seen.all() and (parts < RING - STEPS - 2).all() and not np.isnan(value).any():
            return self._rows(which, time_us, value)
        found = np.full(value.shape, np.nan)
        for row in range(len(value)):
            own = np.flatnonzero(seen[row])
            found[row, own] = self._rows(which[own], time_us[row : row + 1, own], value[row : row + 1, own])[
                0
            ]
        return found

    def _rows(
        self, which: NDArray[np.intp], time_us: NDArray[np.int64], value: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """All seen; of several rows, all values known and not too far apart in time."""
        step_us, start, start_us = self._step_us[which], self._value[which], self._time_us[which]
        begins = np.isnan(start)
        # What begins now was what it is a moment ago.
        start, start_us = np.where(begins, value[0], start), np.where(begins, time_us[0] - 1, start_us)
        self._from[which[begins]] = -(-time_us[0] // step_us)[begins]
        was = np.concatenate((start[None], value[:-1]))
        was_us = np.concatenate((start_us[None], time_us[:-1]))
        now, before = time_us // step_us, was_us // step_us
        crossings = now - before
        for back in range(min(int(crossings.max(initial=0)), STEPS + 2)):
            rows, columns = np.nonzero(crossings > back)
            mark, from_us = now[rows, columns] - back, was_us[rows, columns]
            passed_us = np.maximum(time_us[rows, columns] - from_us, 1)
            part = (mark * step_us[columns] - from_us) / passed_us
            from_ = was[rows, columns]
            self._ring[which[columns], mark % RING] = from_ + (value[rows, columns] - from_) * part
        self._time_us[which], self._value[which] = time_us[-1], value[-1]
        mark = (time_us - self._window_us[which]) // step_us
        change = np.abs(value - self._ring[which, mark % RING]) / ((time_us - mark * step_us) / 1e6)
        return np.where(mark >= self._from[which], change, np.nan)

    def take_over(self, before: Rates, new: NDArray[np.intp], old: NDArray[np.intp]) -> None:
        """Go on from what was seen ``before``."""
        for name in ("_ring", "_from", "_time_us", "_value"):
            getattr(self, name)[new] = getattr(before, name)[old]
