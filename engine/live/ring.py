"""Recent samples of every tag and their min/max pyramid, written in place. Overload: overwrite."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.live.layout import LEVELS, column
from engine.types import SEVERITY_MASK, Layout, Status

GAP = 1
"""Bucket flag: it holds a stale, bad or missing sample, so no line may cross it."""
UNCERTAIN = 2
"""Bucket flag: it holds a sample that is not plainly good."""
_SEVERITY = np.uint32(SEVERITY_MASK)


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
        self._cursor: NDArray[np.int64] = flat("cursor").view(np.int64)
        self._time, self._value, self._quality = (
            flat("ring_time_us"),
            flat("ring_value"),
            flat("ring_quality"),
        )
        self._levels = [
            _Level(
                level,
                (1 << level) - 1,
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

    def add(
        self,
        rows: NDArray[np.intp],
        time_us: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint32],
    ) -> None:
        """One new sample for each of the distinct tags in ``rows`` (live positions)."""
        cursor = self._cursor[rows]
        self._put(rows, cursor, time_us, value, quality)
        self._cursor[rows] = cursor + 1

    def extend(
        self,
        rows: NDArray[np.intp],
        time_us: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint32],
        keep: NDArray[np.bool_],
    ) -> None:
        """Several new samples, k×n in the order they came, for n distinct tags; those to ``keep``.

        k is at most the number of samples that the ring holds of a tag.
        """
        # One tag after another, so that what goes into one bucket lies together.
        chosen = keep.T
        counts = np.count_nonzero(chosen, axis=1)
        ends = np.cumsum(counts)
        if not ends[-1]:
            return
        number: NDArray[np.int64] = np.arange(int(ends[-1])) - np.repeat(ends - counts, counts)
        cursor = self._cursor[rows]
        self._put(
            np.repeat(rows, counts),
            np.repeat(cursor, counts) + number,
            time_us.T[chosen],
            value.T[chosen],
            quality.T[chosen],
            number == 0,
        )
        self._cursor[rows] = cursor + counts

    def _put(
        self,
        rows: NDArray[np.intp],
        cursor: NDArray[np.int64],
        time_us: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint32],
        head: NDArray[np.bool_] | None = None,
    ) -> None:
        """Samples into their slots and buckets. Where a tag has several they follow each other, and
        ``head`` marks its first.
        """
        slot = rows * self._samples + cursor % self._samples
        self._time[slot], self._value[slot], self._quality[slot] = time_us, value, quality
        low = high = value
        flags: NDArray[np.uint8] | None = None
        if quality.any() or not np.isfinite(value).all():
            good = drawable(value, quality)
            low = high = np.where(good, value, np.nan)
            doubtful = (quality & _SEVERITY) != 0
            flags = (np.where(good, 0, GAP) | np.where(doubtful, UNCERTAIN, 0)).astype(np.uint8)
        for level in self._levels:
            first = (cursor & level.mask) == 0
            if head is not None:
                # A finer level's runs lie within this one's: each level merges what the last one left.
                run = np.flatnonzero(first | head)
                rows, cursor, time_us, first, head = (
                    rows[run],
                    cursor[run],
                    time_us[run],
                    first[run],
                    head[run],
                )
                low, high = np.fmin.reduceat(low, run), np.fmax.reduceat(high, run)
                flags = None if flags is None else np.bitwise_or.reduceat(flags, run)
            place = rows * level.buckets + (cursor >> level.power) % level.buckets
            level.put(place, first, time_us, low, high, flags)


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """One level of the pyramid: buckets of ``2 ** power`` samples, ``buckets`` of them for each tag."""

    power: int
    mask: int
    buckets: int
    start: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    flags: NDArray[np.uint8]

    def put(
        self,
        place: NDArray[np.intp],
        first: NDArray[np.bool_],
        time_us: NDArray[np.int64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        flags: NDArray[np.uint8] | None,
    ) -> None:
        """Widen these distinct buckets; where it is the bucket's ``first`` sample, begin it anew."""
        if first.any():
            begun = place[first]
            self.start[begun], self.flags[begun] = time_us[first], 0
            self.low[begun] = self.high[begun] = np.nan
        # Most samples lie within their bucket already: looking is cheaper than writing everywhere.
        lowest, highest = self.low[place], self.high[place]
        wider = np.flatnonzero(~((lowest <= low) & (highest >= high)))
        if len(wider):
            at = place[wider]
            self.low[at] = np.fmin(lowest[wider], low[wider])
            self.high[at] = np.fmax(highest[wider], high[wider])
        if flags is not None:
            self.flags[place] |= flags
