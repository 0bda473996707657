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

    def in_order(self) -> Entries:
        """Sorted by time: a late sample, or a bucket that began with one, stands out of line."""
        if (self.time_us[1:] >= self.time_us[:-1]).all():
            return self
        return self.take(np.argsort(self.time_us, kind="stable"))


NO_ENTRIES = Entries(
    np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.bool_), np.empty(0, np.bool_)
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
    time, low, high, uncertain = part.time_us, part.low, part.high, part.uncertain
    if len(broken):
        time, uncertain = np.insert(time, broken + 1, time[broken]), np.insert(uncertain, broken + 1, True)
        low, high = np.insert(low, broken + 1, np.nan), np.insert(high, broken + 1, np.nan)
    if len(time) <= 2 * pixels:
        return Curve(time, low, high, uncertain)
    width = max((end_us - start_us) / pixels, 1.0)
    pixel = np.floor((time - start_us) / width).astype(np.int64)
    # The very last entry stays as it is, so that the line ends where the data ends.
    drawn = _columns(Entries(time, low, high, np.isnan(low), uncertain), pixel)
    return Curve(
        np.append(drawn.time_us, time[-1]),
        np.append(drawn.low, low[-1]),
        np.append(drawn.high, high[-1]),
        np.append(drawn.uncertain, uncertain[-1]),
    )


def _columns(entries: Entries, pixel: NDArray[np.int64]) -> Entries:
    """One entry for the values of each pixel column, and one for its gaps."""
    edge = np.flatnonzero(np.diff(pixel, prepend=pixel[0] - 1))
    last = np.append(edge[1:], len(pixel)) - 1
    hole, time = entries.gap, entries.time_us
    drawn = Entries(
        time[edge],
        np.fmin.reduceat(entries.low, edge),
        np.fmax.reduceat(entries.high, edge),
        np.logical_and.reduceat(hole, edge),
        np.logical_or.reduceat(entries.uncertain, edge),
    )
    both = np.flatnonzero(np.logical_or.reduceat(hole, edge) & ~drawn.gap)
    if not len(both):
        return drawn
    # The gap breaks the line before the values where the column begins with it and ends in a value,
    # else after them: what follows the column must not be joined to what was before its gap.
    value_at = np.minimum.reduceat(np.where(hole, len(hole), np.arange(len(hole))), edge)[both]
    before = hole[edge[both]] & ~hole[last[both]]
    drawn.time_us[both] = time[value_at]
    gap_us = np.where(before, time[edge[both]], time[last[both]])
    at = both + np.where(before, 0, 1)
    return Entries(
        np.insert(drawn.time_us, at, gap_us),
        np.insert(drawn.low, at, np.nan),
        np.insert(drawn.high, at, np.nan),
        np.insert(drawn.gap, at, True),
        np.insert(drawn.uncertain, at, True),
    )
