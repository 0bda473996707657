"""Curves from stored samples: two points a pixel at most, and as little decoded as the width allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from engine.historian.reading import Piece, Reading, chunk_key
from engine.historian.shelf import DayFile
from engine.live.curve import NO_CURVE, NO_ENTRIES, Entries, envelope
from engine.live.ring import drawable
from engine.store.database import StoreError
from engine.store.segment import COARSE, Chunk, Packed, unpack_envelope
from engine.types import SEVERITY_MASK, Curve, Rollup, Samples

_SEVERITY = np.uint32(SEVERITY_MASK)
HOUR_US, MINUTE_US = 3_600_000_000, 60_000_000
LONG_US = 31 * 24 * HOUR_US
FEWEST = 4 * COARSE
"""Chunks of fewer samples are drawn sample by sample."""
WHOLE = 0.999999
"""Part of a step that is good where all of it is, as far as a float32 can tell."""
Roll = Callable[[int, int, int, int], Rollup]
"""`engine.types.History.rollup`."""
Steps = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
"""First times, smallest and largest values of stretches in which every sample is good."""


def minmax(
    reading: Reading, tag: int, start_us: int, end_us: int, pixels: int, roll: Roll | None = None
) -> Curve:
    """The stored curve of a tag; see `engine.types.History.minmax`.

    A stretch that is narrower than a pixel is counted in the column of its first sample. ``roll`` gives
    roll-ups for months at an hour a pixel or more, and for what is no longer stored as samples.
    """
    if end_us <= start_us or pixels < 1:
        return NO_CURVE
    width = (end_us - start_us) / pixels
    parts: list[Entries] = []
    begin = start_us
    if roll is not None:
        step_us, first_us, last_us = rolled_span(reading, start_us, end_us, width)
        try:
            if first_us < last_us:
                parts.append(from_samples(reading, tag, start_us, first_us, width))
                parts.append(from_rollup(reading, tag, roll(tag, first_us, last_us, step_us), width))
                begin = last_us
        except StoreError as error:
            reading.shelf.tell("rollups", str(error))
            parts, begin = [], start_us
    parts.append(from_samples(reading, tag, begin, end_us, width))
    return envelope(reduce(Entries.then, parts).in_order(), start_us, end_us, pixels)


def rolled_span(reading: Reading, start_us: int, end_us: int, width: float) -> tuple[int, int, int]:
    """(step, first, last): roll-ups of that step are drawn from first to last, which may be nothing."""
    # There are no roll-ups of a future that somebody zoomed out to, but millions of empty steps.
    oldest_us, end_us = reading.shelf.oldest_us(), min(end_us, reading.shelf.end_us())
    # A month of chunks is looked through faster than hours that may have to be rolled up first.
    is_long = width >= HOUR_US and end_us - max(start_us, oldest_us) > LONG_US
    step_us, last_us = (HOUR_US, end_us) if is_long else (MINUTE_US, min(oldest_us, end_us))
    first_us = -(-max(start_us, reading.shelf.oldest_rollup_us()) // step_us) * step_us
    return step_us, first_us, max(last_us // step_us * step_us, first_us)


def from_rollup(reading: Reading, tag: int, rollup: Rollup, width: float) -> Entries:
    """Steps in which all was good as they are; the others from samples, where these are still stored."""
    starts = rollup.start_us + rollup.step_us * np.arange(len(rollup.low), dtype=np.int64)
    hole = np.isnan(rollup.low)
    whole = (rollup.good >= WHOLE) & ~hole
    found = Entries(starts, rollup.low, rollup.high, ~whole, ~whole)
    mixed = ~whole & (starts >= reading.shelf.oldest_us())
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mixed, [False])).astype(np.int8)))
    parts: list[Entries] = []
    at = 0
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        parts.append(found.take(slice(at, first)))
        begin = rollup.start_us + first * rollup.step_us
        parts.append(from_samples(reading, tag, begin, rollup.start_us + last * rollup.step_us, width))
        at = last
    return reduce(Entries.then, [*parts, found.take(slice(at, None))])


def from_samples(reading: Reading, tag: int, start_us: int, end_us: int, width: float) -> Entries:
    """Samples or stretches of at most ``width`` µs, with the sample before the span."""
    return entries(
        reading, reading.pieces(tag, start_us, end_us) if start_us < end_us else (), start_us, end_us, width
    )


def entries(reading: Reading, pieces: Sequence[Piece], start_us: int, end_us: int, width: float) -> Entries:
    """Samples or stretches of at most ``width`` µs of the pieces, by time."""
    time: list[NDArray[np.int64]] = []
    low: list[NDArray[np.float64]] = []
    high: list[NDArray[np.float64]] = []
    holes: list[tuple[int, NDArray[np.bool_], NDArray[np.bool_]]] = []
    at = 0
    for piece in pieces:
        inside = piece.first_us >= start_us and piece.last_us < end_us
        steps = narrow(reading, piece, width) if inside else None
        if steps is None:
            chunk = reading.chunk(piece)
            if chunk.quality is None:
                steps = chunk.time_us, chunk.value, chunk.value
            else:
                some = of_samples(chunk)
                steps = some.time_us, some.low, some.high
                holes.append((at, some.gap, some.uncertain))
        time.append(steps[0])
        low.append(steps[1])
        high.append(steps[2])
        at += len(steps[0])
    return _ordered(time, low, high, holes)


def _ordered(
    time: Sequence[NDArray[np.int64]],
    low: Sequence[NDArray[np.float64]],
    high: Sequence[NDArray[np.float64]],
    holes: Sequence[tuple[int, NDArray[np.bool_], NDArray[np.bool_]]],
) -> Entries:
    if not time:
        return NO_ENTRIES
    times, lows, highs = np.concatenate(time), np.concatenate(low), np.concatenate(high)
    gap = ~np.isfinite(lows)  # a good sample without a value: nothing to draw
    if gap.any():
        lows, highs = np.where(gap, np.nan, lows), np.where(gap, np.nan, highs)
    uncertain = np.zeros(len(times), np.bool_)
    for at, gaps, doubts in holes:
        gap[at : at + len(gaps)] |= gaps
        uncertain[at : at + len(doubts)] |= doubts
    return Entries(times, lows, highs, gap, uncertain).in_order()


def of_samples(samples: Chunk | Samples) -> Entries:
    """Each sample as it is drawn: NaN where it is bad, stale or no number."""
    quality = samples.quality
    if quality is None:
        quality = np.zeros(len(samples.value), np.uint32)
    good = drawable(samples.value, quality)
    value = np.where(good, samples.value, np.nan)
    return Entries(samples.time_us, value, value, ~good, (quality & _SEVERITY) != 0)


def narrow(reading: Reading, piece: Piece, width: float) -> Steps | None:
    """A piece as stretches that are each narrower than ``width`` µs; None = its samples are needed."""
    file, packed = piece.file, piece.packed
    if file is None or packed is None or packed.quality is not None or packed.n < FEWEST:
        return None
    if packed.coarse is not None and packed.low is not None and packed.high is not None:
        # Only where there is a coarse envelope every sample is known to be a number.
        if piece.last_us - piece.first_us <= width:
            return np.array([piece.first_us]), np.array([packed.low]), np.array([packed.high])
    if (piece.last_us - piece.first_us) * COARSE > width * packed.n * 2:
        return None  # the mean step is too wide already: no need to look at the times
    key = *chunk_key(file, packed), COARSE
    found: tuple[Steps, int] | None = reading.cache.get(key)
    if found is None:
        try:
            found = _steps(reading, file, packed, piece)
        except StoreError:
            return None  # reading the samples will tell what is wrong
        if found is None:
            return None
        reading.cache.keep(key, found, 3 * found[0][0].nbytes)
    return found[0] if found[1] <= width else None


def _steps(reading: Reading, file: DayFile, packed: Packed, piece: Piece) -> tuple[Steps, int] | None:
    """Stretches of `COARSE` samples and how wide the widest is; None = not every sample is a number."""
    times = reading.times(file, packed).source
    starts = times[::COARSE].copy()
    both = unpack_envelope(file.path, packed)
    if both is None:
        value = reading.chunk(piece).value
        if len(value) != len(times) or not np.isfinite(value).all():
            return None
        steps = np.arange(0, len(value), COARSE)
        both = np.minimum.reduceat(value, steps), np.maximum.reduceat(value, steps)
    ends = np.minimum(np.arange(len(starts)) * COARSE + COARSE - 1, len(times) - 1)
    return (starts, both[0], both[1]), int((times[ends] - starts).max())
