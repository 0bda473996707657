"""Rolling up a tag straight from its samples, a bounded number of them at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.historian.rollup import MINUTE_US, SECOND_US, combine, nothing, roll
from engine.types import History, Rollup, Samples

MOST_SAMPLES = 200_000
"""Read at once: about 5 ms to unpack and as much to roll up."""
REACH_US = tuple(MINUTE_US * 16**k for k in range(4))
"""How far after a span the end of a line is looked for; a line never reaches over a seal."""


def from_raw(
    history: History, tag_id: int, start_us: int, step_us: int, count: int, rate: float = 1.0
) -> Rollup:
    """``count`` steps from the samples. ``rate`` = samples a second, only for how much is read at once."""
    portion_us = max(int(MOST_SAMPLES / max(rate, 1e-3) * SECOND_US), SECOND_US)
    parts = _divisor(step_us, -(-step_us // portion_us))
    steps = max(portion_us // step_us, 1) if parts == 1 else 1
    found: list[Rollup] = []
    for first in range(0, count, steps):
        some, begin = min(steps, count - first), start_us + first * step_us
        if parts == 1:
            found.append(roll(reaching(history, tag_id, begin, begin + some * step_us), begin, step_us, some))
            continue
        small = step_us // parts
        pieces = [
            roll(reaching(history, tag_id, at, at + small), at, small, 1)
            for at in range(begin, begin + step_us, small)
        ]
        found.append(combine(joined(pieces), parts))
    return joined(found) if found else nothing(start_us, step_us, 0)


def joined(parts: list[Rollup]) -> Rollup:
    """Roll-ups that follow each other as one."""
    if len(parts) == 1:
        return parts[0]
    return Rollup(
        parts[0].start_us,
        parts[0].step_us,
        np.concatenate([part.low for part in parts]),
        np.concatenate([part.high for part in parts]),
        np.concatenate([part.mean for part in parts]),
        np.concatenate([part.count for part in parts]),
        np.concatenate([part.good for part in parts]),
    )


def reaching(history: History, tag_id: int, start_us: int, end_us: int) -> Samples:
    """The samples of a span, the one before, and the one after where a line leads there."""
    found = history.raw(tag_id, start_us, end_us)
    if len(found.time_us) == 0 or not found.dropped[-1]:
        return found
    last = int(found.time_us[-1])
    for reach in REACH_US:
        after = history.raw(tag_id, end_us, end_us + reach)
        later = np.flatnonzero(after.time_us >= max(end_us, last))
        if len(later):
            return _with(found, after, int(later[0]))
    # The end of the line is lost (a damaged file, say): what is left of it is its first point.
    return replace(found, dropped=np.append(found.dropped[:-1], np.uint32(0)))


def _with(samples: Samples, after: Samples, at: int) -> Samples:
    pick = slice(at, at + 1)
    return Samples(
        np.append(samples.time_us, after.time_us[pick]),
        np.append(samples.receive_us, after.receive_us[pick]),
        np.append(samples.value, after.value[pick]),
        np.append(samples.quality, after.quality[pick]),
        np.append(samples.origin, after.origin[pick]),
        np.append(samples.dropped, after.dropped[pick]),
    )


def _divisor(whole: int, least: int) -> int:
    """The smallest number from ``least`` on that divides ``whole``, 1 where it would be far larger."""
    for parts in range(least, 4 * least + 1):
        if whole % parts == 0:
            return parts
    return 1
