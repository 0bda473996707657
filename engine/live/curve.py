"""From ring entries to what a trend draws: at most two points a pixel, no spike or gap lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.types import Curve

NO_CURVE = Curve(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.bool_))


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Samples or buckets of one tag, oldest first; ``gap`` = no line may cross this entry."""

    time_us: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    gap: NDArray[np.bool_]
    uncertain: NDArray[np.bool_]

    def take(self, at: slice | NDArray[Any]) -> Entries:
        """Some of the entries."""
        return Entries(self.time_us[at], self.low[at], self.high[at], self.gap[at], self.uncertain[at])

    def then(self, other: Entries) -> Entries:
        """These, followed by others."""
        return Entries(
            np.append(self.time_us, other.time_us),
            np.append(self.low, other.low),
            np.append(self.high, other.high),
            np.append(self.gap, other.gap),
            np.append(self.uncertain, other.uncertain),
        )


def envelope(entries: Entries, start_us: int, end_us: int, pixels: int) -> Curve:
    """The entries between two instants, merged into pixel columns.

    Each column holds the smallest low and the largest high. One entry before and one after the
    span stay, so that the line runs to the edges.
    """
    first = max(int(np.searchsorted(entries.time_us, start_us, "right")) - 1, 0)
    last = int(np.searchsorted(entries.time_us, end_us, "right"))
    part = entries.take(slice(first, last + 1))
    # A bucket that holds both values and a gap: an empty point after it breaks the line.
    broken = np.flatnonzero(part.gap & np.isfinite(part.low))
    time = np.insert(part.time_us, broken + 1, part.time_us[broken])
    low, high = np.insert(part.low, broken + 1, np.nan), np.insert(part.high, broken + 1, np.nan)
    uncertain = np.insert(part.uncertain, broken + 1, True)
    if len(time) <= 2 * pixels:
        return Curve(time, low, high, uncertain)
    width = max((end_us - start_us) / pixels, 1.0)
    pixel = np.floor((time - start_us) / width).astype(np.int64)
    # A gap starts a column of its own, otherwise its neighbours would hide it.
    hole = np.isnan(low)
    edge = np.flatnonzero((np.diff(pixel, prepend=pixel[0] - 1) != 0) | (np.diff(hole, prepend=hole[0]) != 0))
    # The very last entry stays as it is, so that the line ends where the data ends.
    return Curve(
        np.append(time[edge], time[-1]),
        np.append(np.fmin.reduceat(low, edge), low[-1]),
        np.append(np.fmax.reduceat(high, edge), high[-1]),
        np.append(np.logical_or.reduceat(uncertain, edge), uncertain[-1]),
    )
