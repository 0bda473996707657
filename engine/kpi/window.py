"""The last hour of a figure, second by second."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

MOST_ROWS = 3600
"""A longer window has wider rows."""
NEVER = -(2**62)
"""Slot of an empty row. Slots before this computer's start, told from the history, are negative."""


class Window:
    """Amounts by time: rows of one second or more, the oldest overwritten.

    A row holds ``columns`` amounts, each added up over the row's time.
    """

    def __init__(self, window_s: float, columns: int) -> None:
        self._width_us = math.ceil(max(window_s / MOST_ROWS, 1.0) * 1e6)
        self._rows = math.ceil(window_s * 1e6 / self._width_us)
        self._slot = np.full(self._rows, NEVER, np.int64)
        self._amounts = np.zeros((self._rows, columns))

    def add(self, mono_us: int, amounts: NDArray[np.float64]) -> None:
        """Take what happened in the moment before ``mono_us``."""
        slot = mono_us // self._width_us
        row = slot % self._rows
        if self._slot[row] != slot:
            self._slot[row] = slot
            self._amounts[row] = 0.0
        self._amounts[row] += amounts

    def read(self, mono_us: int) -> tuple[int, NDArray[np.float64]]:
        """When the oldest row began (monotonic µs) and all rows float64[k, columns], oldest first.

        Seconds of which nothing is known have no row.
        """
        now = mono_us // self._width_us
        rows = np.flatnonzero(self._slot > now - self._rows)
        rows = rows[np.argsort(self._slot[rows])]
        began = int(self._slot[rows[0]]) * self._width_us if len(rows) else mono_us
        return began, self._amounts[rows]
