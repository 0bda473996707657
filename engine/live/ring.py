"""Recent samples of every tag and their min/max pyramid, written in place. Overload: overwrite.

A bucket is filled once, when its last sample came: the finest ones from the samples in the ring,
coarser ones from 16 of the next finer. The bucket that is still open is not in the file; readers
make it from the samples and finer buckets that it will be filled from, which are all still there.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.live.layout import FAN, LEVELS, column
from engine.types import SEVERITY_MASK, Layout, Status

GAP = 1
"""Bucket flag: it holds a stale, bad or missing sample, so no line may cross it."""
UNCERTAIN = 2
"""Bucket flag: it holds a sample that is not plainly good."""
_SEVERITY = np.uint32(SEVERITY_MASK)
_FINEST = LEVELS[0]
_INSIDE = np.arange(FAN)


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
        self.most = layout.samples - FAN
        """Rows that ``extend`` takes at once: the samples of the open bucket must outlast them."""
        self._cursor: NDArray[np.int64] = flat("cursor").view(np.int64)
        self._time, self._value, self._quality = (
            flat("ring_time_us"),
            flat("ring_value"),
            flat("ring_quality"),
        )
        # The samples of one finest bucket lie together: whole lines of these.
        self._time_16, self._value_16, self._quality_16 = (
            each.reshape(-1, FAN) for each in (self._time, self._value, self._quality)
        )
        self._levels = [
            _Level(
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
        slot = rows * self._samples + (cursor - 1) % self._samples
        return np.where(cursor > 0, self._time[slot], 0)

    def reach_us(self, count: int) -> NDArray[np.int64]:
        """From the oldest to the newest sample that is there of the first ``count`` tags; -1 = none is."""
        rows, cursor = np.arange(count), self._cursor[:count]
        oldest = np.where(cursor > self._samples, cursor % self._samples, 0)
        reach = self.last_time_us(rows) - self._time[rows * self._samples + oldest]
        return np.where(cursor > 0, reach, -1)

    def add(
        self,
        rows: NDArray[np.intp],
        time_us: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint32],
    ) -> None:
        """One new sample for each of the distinct tags in ``rows`` (live positions)."""
        cursor = self._cursor[rows]
        slot = rows * self._samples + _rest(cursor, self._samples)
        self._time[slot], self._value[slot], self._quality[slot] = time_us, value, quality
        cursor += 1
        self._cursor[rows] = cursor
        full = np.flatnonzero((cursor & (FAN - 1)) == 0)
        if len(full):
            self._fill(rows[full], (cursor[full] >> _FINEST) - 1)

    def extend(
        self,
        rows: NDArray[np.intp],
        time_us: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint32],
        keep: NDArray[np.bool_],
    ) -> None:
        """Several new samples, k×n in the order they came, for n distinct tags; those to ``keep``.

        k is at most ``most``.
        """
        cursor = self._cursor[rows]
        counts = self._put(rows, cursor, time_us, value, quality, keep)
        self._cursor[rows] = cursor + counts
        first = cursor >> _FINEST
        full = ((cursor + counts) >> _FINEST) - first
        ends = np.cumsum(full)
        if ends[-1]:
            number = np.arange(int(ends[-1])) - np.repeat(ends - full, full)
            self._fill(np.repeat(rows, full), np.repeat(first, full) + number)

    def _put(
        self,
        rows: NDArray[np.intp],
        cursor: NDArray[np.int64],
        time_us: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint32],
        keep: NDArray[np.bool_],
    ) -> NDArray[np.int64]:
        """The samples to keep into their slots; returns how many each tag got.

        Tag by tag, since the samples of a tag lie together and those of two tags far apart.
        """
        kept = np.ascontiguousarray(keep.T)
        number: NDArray[np.int64] = np.cumsum(kept, axis=1, dtype=np.int64)
        slot = _rest(cursor, self._samples)[:, None] + (number - 1)
        slot[slot >= self._samples] -= self._samples
        slot += (rows * self._samples)[:, None]
        chosen = slice(None) if kept.all() else np.flatnonzero(kept)
        place = slot.ravel()[chosen]
        for ring, given in ((self._time, time_us), (self._value, value), (self._quality, quality)):
            ring[place] = given.T.ravel()[chosen]
        return number[:, -1]

    def _fill(self, rows: NDArray[np.intp], bucket: NDArray[np.int64]) -> None:
        """These finest buckets are complete, and with them maybe coarser ones."""
        line = rows * (self._samples // FAN) + _rest(bucket, self._samples // FAN)
        value, quality = self._value_16[line], self._quality_16[line]
        shown, flags = value, np.zeros(len(line), np.uint8)
        if quality.any() or not np.isfinite(value).all():
            good = drawable(value, quality)
            shown = np.where(good, value, np.nan)
            flags[~good.all(axis=1)] = GAP
            flags[((quality & _SEVERITY) != 0).any(axis=1)] |= UNCERTAIN
        shown = np.ascontiguousarray(shown.T)  # twice as quick as along the short side
        low, high = np.fmin.reduce(shown), np.fmax.reduce(shown)
        finer = self._levels[0]
        finer.put(rows, bucket, self._time_16[line, 0], low, high, flags)
        for level in self._levels[1:]:
            full = np.flatnonzero((bucket & (FAN - 1)) == FAN - 1)
            if not len(full):
                return
            rows, bucket = rows[full], bucket[full] // FAN
            level.put(rows, bucket, *finer.merged(rows, bucket * FAN))
            finer = level


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """One level of the pyramid: ``buckets`` of them for each tag."""

    buckets: int
    start: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    flags: NDArray[np.uint8]

    def put(
        self,
        rows: NDArray[np.intp],
        bucket: NDArray[np.int64],
        start_us: NDArray[np.int64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        flags: NDArray[np.uint8],
    ) -> None:
        """Store complete buckets, each given by its number among all of the tag."""
        place = rows * self.buckets + bucket % self.buckets
        self.start[place], self.low[place], self.high[place] = start_us, low, high
        self.flags[place] = flags

    def merged(
        self, rows: NDArray[np.intp], first: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]:
        """Start, low, high and flags of the next coarser buckets; ``first`` = number of their first."""
        place = (rows * self.buckets)[:, None] + (first[:, None] + _INSIDE) % self.buckets
        return (
            self.start[place[:, 0]],
            np.fmin.reduce(self.low[place], axis=1),
            np.fmax.reduce(self.high[place], axis=1),
            np.bitwise_or.reduce(self.flags[place], axis=1),
        )


def _rest(number: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """``number % size`` for numbers of 0 and more; numpy divides much faster than it takes the rest."""
    return number - number // size * size
