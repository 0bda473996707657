"""Samples as equal steps of time: smallest, largest, mean by time, how many, how much of it good."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.types import SEVERITY_MASK, Rollup, Samples

SECOND_US, MINUTE_US, HOUR_US, DAY_US = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000


def roll(samples: Samples, start_us: int, step_us: int, count: int) -> Rollup:
    """``count`` steps of ``step_us`` from ``start_us`` on.

    ``samples`` hold those of the span, the one before it, and where the last of them stands at the
    start of a line (``dropped`` > 0) the one after it. A value holds until the next sample, and the last
    one to the end of the span; between two good samples with ``dropped`` > 0 it runs along the straight
    line. Only plainly good values count, so stale, bad and missing ones are in no figure but ``count``.
    Left-out samples are counted as if they lay evenly between their two neighbours.
    """
    if count <= 0:
        return nothing(start_us, step_us, 0)
    edges = start_us + step_us * np.arange(count + 1, dtype=np.int64)
    pieces = _pieces(samples, edges)
    low = np.fmin.reduceat(np.fmin(pieces.first, pieces.last), pieces.steps)
    high = np.fmax.reduceat(np.fmax(pieces.first, pieces.last), pieces.steps)
    good = np.add.reduceat(pieces.weight, pieces.steps)
    middle = 0.5 * pieces.first + 0.5 * pieces.last
    area = np.add.reduceat(np.where(pieces.weight > 0, middle * pieces.weight, 0.0), pieces.steps)
    # A good value that lasted no time at all still is a value: the step is not empty.
    mean = np.divide(area, good, out=0.5 * low + 0.5 * high, where=good > 0)
    # Rounding must not push a mean out of its bounds: a constant's mean is the constant.
    mean = np.fmin(np.fmax(mean, low), high)
    return Rollup(start_us, step_us, low, high, mean, _received(samples, edges), _part(good))


def combine(rollup: Rollup, steps: int) -> Rollup:
    """The same with ``steps`` steps put into one; a last group that is not whole is left out."""
    count = len(rollup.low) // steps
    if steps == 1 or count == 0:
        return rollup if steps == 1 else nothing(rollup.start_us, rollup.step_us * steps, 0)

    whole, shape = slice(count * steps), (count, steps)
    good = rollup.good[whole].reshape(shape).astype(np.float64)
    low = np.fmin.reduce(rollup.low[whole].reshape(shape), axis=1)
    high = np.fmax.reduce(rollup.high[whole].reshape(shape), axis=1)
    total = good.sum(axis=1)
    # Shares of each step and not a sum that is divided: that of large values would be infinite.
    share: NDArray[np.float64] = np.divide(good, total[:, np.newaxis], out=np.zeros(shape), where=good > 0)
    mean: NDArray[np.float64] = np.where(good > 0, rollup.mean[whole].reshape(shape) * share, 0.0).sum(axis=1)
    mean = np.where(total > 0, mean, 0.5 * low + 0.5 * high)
    mean = np.fmin(np.fmax(mean, low), high)
    received = rollup.count[whole].reshape(shape).sum(axis=1, dtype=np.uint32)
    return Rollup(rollup.start_us, rollup.step_us * steps, low, high, mean, received, _part(total / steps))


def nothing(start_us: int, step_us: int, count: int) -> Rollup:
    """Steps in which there is no value."""
    none = np.full(count, np.nan)
    return Rollup(
        *(start_us, step_us, none, none.copy(), none.copy()),
        *(np.zeros(count, np.uint32), np.zeros(count, np.float32)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """The span cut at every sample and every edge, so that each piece lies in one step.

    first, last float64[p] = value at both ends of the piece, NaN where it is not good · weight
    float64[p] = its part of the step, 0 where not good · steps intp[count] = first piece of each step.
    """

    first: NDArray[np.float64]
    last: NDArray[np.float64]
    weight: NDArray[np.float64]
    steps: NDArray[np.intp]


def _pieces(samples: Samples, edges: NDArray[np.int64]) -> _Pieces:
    time, starts = samples.time_us, edges[:-1]
    if len(time) == 0:
        none = np.full(len(starts), np.nan)
        return _Pieces(none, none, np.zeros(len(starts)), np.arange(len(starts)))
    begin, stop = (int(at) for at in np.searchsorted(time, edges[[0, -1]]))
    inside = slice(begin, stop)
    at = np.searchsorted(time[inside], starts)
    begins = np.insert(time[inside], at, starts)
    ends = np.append(begins[1:], edges[-1])
    holds = np.arange(begin, stop, dtype=np.int64)
    owner = np.insert(holds, at, np.searchsorted(time, starts, "right") - 1)
    good = is_good(samples)
    counts = (owner >= 0) & good[owner]
    first = np.where(counts, samples.value[owner], np.nan)
    last = first.copy()
    if samples.dropped.any():
        on_line = _line_starts(samples, good)[owner] & (owner >= 0)
        first[on_line] = _along(samples, owner[on_line], begins[on_line])
        last[on_line] = _along(samples, owner[on_line], ends[on_line])
    weight = np.where(counts, (ends - begins) / (edges[1] - edges[0]), 0.0)
    return _Pieces(first, last, weight, at + np.arange(len(starts)))


def is_good(samples: Samples) -> NDArray[np.bool_]:
    """Which samples are plainly good and have a value."""
    return ((samples.quality & np.uint32(SEVERITY_MASK)) == 0) & np.isfinite(samples.value)


def _line_starts(samples: Samples, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """After which samples the value runs along a line to the next one."""
    found = samples.dropped > 0
    found[:-1] &= good[:-1] & good[1:]
    found[-1:] = False
    return found


def _along(samples: Samples, at: NDArray[np.int64], time_us: NDArray[np.int64]) -> NDArray[np.float64]:
    """The value at ``time_us`` on the lines that start at the samples ``at``."""
    time, value = samples.time_us, samples.value
    begin, end = value[at], value[at + 1]
    part = (time_us - time[at]) / np.maximum(time[at + 1] - time[at], 1)
    found = begin + (end - begin) * part
    return np.clip(found, np.minimum(begin, end), np.maximum(begin, end))


def _received(samples: Samples, edges: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Samples received in each step, those left out by the deadband too."""
    before = np.searchsorted(samples.time_us, edges)
    total = before.astype(np.float64)
    if samples.dropped.any():
        left_out = samples.dropped.astype(np.float64)
        left_out[-1] = 0.0
        earlier = np.append(0.0, np.cumsum(left_out))
        at = before - 1
        here = np.clip(at, 0, None)
        gap = np.append(np.diff(samples.time_us), 1)[here]
        part = (edges - samples.time_us[here]) / np.maximum(gap, 1)
        passed = np.floor(left_out[here] * np.clip(part, 0.0, 1.0))
        total += np.where(at >= 0, earlier[here] + passed, 0.0)
    return np.diff(total).astype(np.uint32)


def _part(good: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.minimum(good, 1.0).astype(np.float32)
