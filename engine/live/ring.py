"""Recent samples of every tag and their min/max pyramid, written in place. Overload: overwrite."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.live.layout import LEVELS, column
from engine.types import SEVERITY_MASK, Layout, Status

GAP = 1
"""Bucket flag: it holds a stale, bad or missing sample, so no line may cross it."""
UNCERTAIN = 2
"""Bucket flag: it holds a sample that is not plainly good."""


def drawable(value: NDArray[np.float64], quality: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """True where a sample may be drawn as a value: finite, not bad and not stale."""
    usable = ((quality & np.uint32(0x80000000)) == 0) & (quality != np.uint32(Status.STALE))
    return np.isfinite(value) & usable


class Ring:
    """Writer's side of the ring columns. Not thread-safe: one writer, inside the row's seqlock."""

    def __init__(self, memory: mmap.mmap, layout: Layout) -> None:
        def flat(name: str) -> NDArray[Any]:
            return column(memory, layout, name)

        self._samples = layout.samples
        self._cursor = flat("cursor")
        self._time, self._value, self._quality = (
            flat("ring_time_us"),
            flat("ring_value"),
            flat("ring_quality"),
        )
        self._levels = [
            (
                level,
                layout.columns[f"l{level}_low"].items,
                flat(f"l{level}_start_us"),
                flat(f"l{level}_low"),
                flat(f"l{level}_high"),
                flat(f"l{level}_flags"),
            )
            for level in LEVELS
        ]

    def last_time_us(self, rows: NDArray[np.intp]) -> NDArray[np.int64]:
        """Time of the newest sample of each row, int64[n]; 0 = none yet."""
        cursor = self._cursor[rows]
        slot = rows * self._samples + ((cursor - np.uint64(1)) % self._samples).astype(np.intp)
        return np.where(cursor > 0, self._time[slot], 0)

    def add(
        self,
        rows: NDArray[np.intp],
        time_us: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint32],
    ) -> None:
        """One new sample for each of the distinct tags in ``rows`` (live positions)."""
        cursor = self._cursor[rows]
        slot = rows * self._samples + (cursor % self._samples).astype(np.intp)
        self._time[slot], self._value[slot], self._quality[slot] = time_us, value, quality
        good = drawable(value, quality)
        shown = np.where(good, value, np.nan)
        flags = np.where(good, 0, GAP) | np.where((quality & np.uint32(SEVERITY_MASK)) != 0, UNCERTAIN, 0)
        for level, buckets, start, low, high, flag in self._levels:
            at = rows * buckets + ((cursor >> np.uint64(level)) % buckets).astype(np.intp)
            first = (cursor & np.uint64((1 << level) - 1)) == 0
            start[at] = np.where(first, time_us, start[at])
            low[at] = np.fmin(np.where(first, np.nan, low[at]), shown)
            high[at] = np.fmax(np.where(first, np.nan, high[at]), shown)
            flag[at] = np.where(first, 0, flag[at]) | flags
        self._cursor[rows] = cursor + np.uint64(1)
