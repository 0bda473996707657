"""Figures of a stretch of time, from every stored sample of it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.historian.line import along
from engine.historian.reading import Cancelled, Watch
from engine.historian.rolling import reaching
from engine.historian.rollup import is_good, roll
from engine.types import History, Samples
from engine.wire import Statistics, StatisticsAnswer, StatisticsBody

FIRST_PORTION_US = 3_600_000_000
MANY, FEW = 1_000_000, 100_000
"""Samples read at once: more make the next portion of time shorter, fewer longer."""


def statistics(history: History, body: StatisticsBody, watch: Watch) -> StatisticsAnswer:
    """Low, high, mean and deviation of each tag, weighted by time over the part with a good value.

    Raises:
        Cancelled: ``watch`` said so.
    """
    found: list[Statistics] = []
    for k, tag in enumerate(body.tags):

        def watched(part: float, done: int = k) -> bool:
            return watch((done + part) / len(body.tags))

        found.append(_of_tag(history, tag, body.start_us, body.end_us, watched))
    return StatisticsAnswer(tuple(found))


def _of_tag(history: History, tag: int, start_us: int, end_us: int, watch: Watch) -> Statistics:
    moments, low, high, samples = _Moments(), math.nan, math.nan, 0
    at_us, portion_us = start_us, FIRST_PORTION_US
    while at_us < end_us:
        until_us = min(at_us + portion_us, end_us)
        part = reaching(history, tag, at_us, until_us)
        whole = roll(part, at_us, until_us - at_us, 1)
        low, high = float(np.fmin(low, whole.low[0])), float(np.fmax(high, whole.high[0]))
        samples += int(whole.count[0])
        moments.add(*_pieces(part, at_us, until_us))
        if len(part.time_us) > MANY:
            portion_us = max(portion_us // 4, 1)
        elif len(part.time_us) < FEW:
            portion_us *= 2
        at_us = until_us
        if not watch((at_us - start_us) / (end_us - start_us)):
            raise Cancelled("the statistics were not needed any more")
    if math.isnan(low):
        return Statistics(None, None, None, None, samples, 0.0)
    good = moments.weight / (end_us - start_us)
    if not moments.weight:  # good values, but none that lasted
        return Statistics(low, high, 0.5 * low + 0.5 * high, 0.0, samples, 0.0)
    mean = min(max(moments.mean, low), high)
    deviation = math.sqrt(moments.square / moments.weight)
    return Statistics(low, high, mean, deviation if math.isfinite(deviation) else None, samples, good)


def _pieces(
    samples: Samples, start_us: int, end_us: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """How long each good value lasted within the span, in µs, and the value when it began and ended."""
    begin = np.maximum(samples.time_us, start_us)
    end = np.minimum(np.append(samples.time_us[1:], end_us), end_us)
    good = is_good(samples)
    line = samples.dropped > 0
    line[:-1] &= good[1:]
    line[-1:] = False
    at = np.flatnonzero(good & (end > begin))
    first = samples.value[at]
    last = first.copy()
    sloped = line[at]
    first[sloped] = along(samples, at[sloped], begin[at[sloped]])
    last[sloped] = along(samples, at[sloped], end[at[sloped]])
    return (end - begin)[at].astype(np.float64), first, last


class _Moments:
    """Weight, mean and sum of weighted squares about it, portion by portion.

    Joined as by T. Chan, G. Golub, R. LeVeque (1979), so that no large squares cancel.
    """

    def __init__(self) -> None:
        self.weight = self.mean = self.square = 0.0

    def add(self, weight: NDArray[np.float64], first: NDArray[np.float64], last: NDArray[np.float64]) -> None:
        """Add stretches in which the value runs straight from ``first`` to ``last``."""
        total = float(weight.sum())
        if not total:
            return
        middle = 0.5 * first + 0.5 * last
        with np.errstate(over="ignore"):
            mean = float((middle * (weight / total)).sum())
            mean = min(max(mean, float(middle.min())), float(middle.max()))  # a constant's mean is itself
            # The mean square of a straight line about its middle is a twelfth of its height squared.
            square = float((weight * ((middle - mean) ** 2 + (last - first) ** 2 / 12)).sum())
        step, both = mean - self.mean, self.weight + total
        self.square += square + step * step * (self.weight / both) * total
        self.mean += step * (total / both)
        self.weight = both
