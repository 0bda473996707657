"""Stored samples as batches for the conditions, piece by piece, and only those that matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.alarms.limits import BAD_BIT, CODE_BITS
from engine.types import Batch, Samples, Status

Stretch = tuple[int, int]
STALE = np.uint32(Status.STALE)
ROWS = 512
"""Instants that are judged in one go: while all is well they cost next to nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """time_us int64[k] · value float64[k] · quality uint32[k] · dropped uint32[k], in order of time."""

    time_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint32]
    dropped: NDArray[np.uint32]

    def where(self, rows: NDArray[np.bool_] | NDArray[np.intp] | slice) -> _Series:
        return _Series(self.time_us[rows], self.value[rows], self.quality[rows], self.dropped[rows])


class Pieces:
    """Samples of some tags from piece to piece.

    ``levels`` = (the numbers at which a limit changes its mind, whether they are passed along a line); only
    for a single tag. None = every sample matters. ``gaps`` = stretches in which nothing was stored: the value
    is not known there.
    """

    def __init__(
        self,
        tags: int,
        levels: tuple[NDArray[np.float64], bool] | None,
        gaps: Sequence[Stretch],
        start_us: int,
    ) -> None:
        self._levels, self._gaps, self._start_us = levels, sorted(gaps), start_us
        self._last: list[_Series | None] = [None] * tags
        self._class = -1
        self._known_us = 0

    def batches(
        self, read: Sequence[Samples], begin_us: int, end_us: int
    ) -> Iterator[tuple[Batch, NDArray[np.bool_] | None]]:
        """The samples that were read of each tag for [begin_us, end_us), and which of a batch are samples."""
        series = [self._piece(k, samples, begin_us, end_us) for k, samples in enumerate(read)]
        ids = np.arange(len(series), dtype=np.int32)
        times = np.unique(np.concatenate([each.time_us for each in series]))
        value = np.full((len(times), len(series)), np.nan)
        quality = np.full(value.shape, STALE, np.uint32)
        taken = np.zeros(value.shape, np.bool_)
        for k, each in enumerate(series):
            rows = np.searchsorted(times, each.time_us)
            value[rows, k], quality[rows, k], taken[rows, k] = each.value, each.quality, True
        for first in range(0, len(times), ROWS):
            rows = slice(first, first + ROWS)
            at = times[rows]
            yield Batch(0, ids, at, at, value[rows], quality[rows]), taken[rows]

    def known_us(self, end_us: int) -> int:
        """For how long the value of the first tag was known, microseconds."""
        last = self._last[0]
        if last is None or _is_bad(last)[0]:
            return self._known_us
        return self._known_us + max(end_us - max(int(last.time_us[0]), self._start_us), 0)

    def _piece(self, tag: int, samples: Samples, begin_us: int, end_us: int) -> _Series:
        raw = self._with_gaps(
            _Series(samples.time_us, samples.value, samples.quality, samples.dropped), begin_us, end_us
        )
        last = self._last[tag]
        if last is not None:
            raw = raw.where(raw.time_us > last.time_us[0])
            raw = _joined(last, raw)
        if not len(raw.time_us):
            return raw
        raw = raw.where(np.append(raw.time_us[1:] > raw.time_us[:-1], True))  # a correction counts
        self._last[tag] = raw.where(slice(-1, None))
        if tag == 0:
            spans = np.diff(np.maximum(raw.time_us, self._start_us))
            self._known_us += int(spans[~_is_bad(raw)[:-1]].sum())
        fresh = raw if self._levels is None else self._telling(raw, *self._levels)
        return fresh if last is None else fresh.where(fresh.time_us > last.time_us[0])

    def _with_gaps(self, series: _Series, begin_us: int, end_us: int) -> _Series:
        starts = [start for start, _ in self._gaps if begin_us <= start < end_us]
        if not starts:
            return series
        size = len(starts)
        unknown = _Series(
            np.array(starts, np.int64),
            np.full(size, np.nan),
            np.full(size, STALE, np.uint32),
            np.zeros(size, np.uint32),
        )
        both = _joined(series, unknown)
        return both.where(np.argsort(both.time_us, kind="stable"))

    def _telling(self, series: _Series, levels: NDArray[np.float64], is_line: bool) -> _Series:
        """Only those samples after which the value lies elsewhere among the levels, and the instants between
        samples at which a line passes one.
        """
        if is_line:
            series = _with_crossings(series, levels)
        places = np.searchsorted(levels, series.value, "left") + np.searchsorted(
            levels, series.value, "right"
        )
        places[_is_bad(series)] = -2
        before = np.append(self._class, places[:-1])
        self._class = int(places[-1])
        return series.where(places != before)


def _is_bad(series: _Series) -> NDArray[np.bool_]:
    code = series.quality & CODE_BITS
    return ((code & BAD_BIT) != 0) | (code == STALE) | ~np.isfinite(series.value)


def _joined(one: _Series, other: _Series) -> _Series:
    return _Series(
        np.concatenate([one.time_us, other.time_us]),
        np.concatenate([one.value, other.value]),
        np.concatenate([one.quality, other.quality]),
        np.concatenate([one.dropped, other.dropped]),
    )


def _with_crossings(series: _Series, levels: NDArray[np.float64]) -> _Series:
    """With an instant just beyond each level that the line between two samples crosses."""
    good = ~_is_bad(series)
    lines = np.flatnonzero(good[:-1] & good[1:] & (series.dropped[:-1] > 0))
    if not len(lines):
        return series
    is_rising = series.value[lines + 1] > series.value[lines]
    made = [_crossings(series, lines[is_rising], float(level)) for level in levels]
    made += [_crossings(series, lines[~is_rising], float(level)) for level in levels[::-1]]
    both = series
    for each in made:
        both = _joined(both, each)
    both = both.where(np.argsort(both.time_us, kind="stable"))
    # Of levels that are passed within the same microsecond, the one passed last says where the value is.
    return both.where(np.append(both.time_us[1:] > both.time_us[:-1], True))


def _crossings(series: _Series, lines: NDArray[np.intp], level: float) -> _Series:
    begin, end = series.value[lines], series.value[lines + 1]
    passes = ((begin < level) & (end > level)) | ((begin > level) & (end < level))
    passes |= (begin == level) & (end != level)
    lines, begin, end = lines[passes], begin[passes], end[passes]
    start, length = series.time_us[lines], series.time_us[lines + 1] - series.time_us[lines]
    after = np.ceil((level - begin) / (end - begin) * length).astype(np.int64)
    time_us = start + np.clip(after, 1, None)
    value = np.nextafter(level, end)
    inside = time_us < start + length
    return _Series(
        time_us[inside],
        value[inside],
        series.quality[lines][inside],
        np.zeros(int(inside.sum()), np.uint32),
    )
