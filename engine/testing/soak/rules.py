"""The rules that stored samples are held to, each a pure function over arrays.

A sample that is not stored may have been left out by the thinning of its tag: then it lies within the
deadband of the line between its stored neighbours, and these say how many were left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.types import SEVERITY_MASK, Gap, Origin, Samples, Tag

Times = NDArray[np.int64]
Span = tuple[int, int]
SAME = 1e-6
"""Relative: what single precision makes of a number."""
EDGE_US = 1_000_000
"""A sample that the device took so shortly before a link or an engine was lost had not been delivered: half a
second between two publishes at most, and its way."""


def is_equal(found: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Equal within the precision of the wire."""
    return np.isclose(found, right, rtol=SAME, atol=1e-9)


def came(samples: Samples) -> NDArray[np.bool_]:
    """bool[k]: what a device sent, with a value that counts."""
    good = samples.quality & np.uint32(SEVERITY_MASK) != 0x80000000
    return (samples.origin != Origin.ENGINE) & good & np.isfinite(samples.value)


def twice(samples: Samples) -> Times:
    """Times at which a device's sample is stored more than once; an uncertain copy counts, too."""
    time = np.sort(samples.time_us[came(samples)])
    return time[1:][time[1:] == time[:-1]]


def left_out(
    samples: Samples, time_us: Times, value: NDArray[np.float64], deadband: float
) -> NDArray[np.bool_]:
    """bool[k]: these samples are not stored, and the stored ones stand for them within the deadband."""
    at = np.searchsorted(samples.time_us, time_us, "right") - 1
    inside = (at >= 0) & (at < len(samples.time_us) - 1)
    spot = np.where(inside, at, 0)
    if len(samples.time_us) < 2:
        return np.zeros(len(time_us), np.bool_)
    start, end = samples.time_us[spot], samples.time_us[spot + 1]
    low, high = samples.value[spot], samples.value[spot + 1]
    part = (time_us - start) / np.maximum(end - start, 1)
    line = low + part * (high - low)
    near = np.abs(line - value) <= deadband * (1 + SAME) + SAME * np.abs(value) + 1e-9
    return inside & (samples.dropped[spot] > 0) & near


def missing(samples: Samples, time_us: Times, value: NDArray[np.float64], deadband: float) -> Times:
    """Times of those offered samples (in order) that are neither stored nor rightly left out.

    Where more are said to be left out than there were, nothing is missing; where fewer are, the last ones
    of that stretch are.
    """
    stored = np.isin(time_us, samples.time_us[came(samples)])
    thinned = ~stored & left_out(samples, time_us, value, deadband)
    at = np.searchsorted(samples.time_us, time_us, "right") - 1
    for place in np.unique(at[thinned]).tolist():
        those = np.flatnonzero(thinned & (at == place))
        thinned[those[int(samples.dropped[place]) :]] = False
    return time_us[~stored & ~thinned]


def dark(samples: Samples, end_us: int) -> list[Span]:
    """Stretches that the engine ended: from there to the next sample nobody knew the value."""
    bad = samples.quality & np.uint32(SEVERITY_MASK) != 0
    ended = np.flatnonzero((samples.origin == Origin.ENGINE) & bad)
    ends = np.append(samples.time_us[1:], end_us)
    return [(int(samples.time_us[at]), int(ends[at])) for at in ended]


def told(gaps: Iterable[Gap], tag: Tag) -> list[Span]:
    """The gaps that concern a tag."""
    mine = (gap for gap in gaps if (gap.source in ("", tag.source) and gap.tag_id in (None, tag.tag_id)))
    return [(gap.start_us, gap.end_us) for gap in mine]


def within(time_us: Times, spans: Sequence[Span], edge_us: int = 0) -> NDArray[np.bool_]:
    """bool[k]: in one of these spans, or so shortly before one."""
    found = np.zeros(len(time_us), np.bool_)
    for start, end in spans:
        found |= (time_us >= start - edge_us) & (time_us < end)
    return found


def silent(samples: Samples, spans: Sequence[Span], limit_us: float) -> list[Span]:
    """Waits of a tag that is read all the time which are longer than its limit and told by nobody.

    A wait is told where a span reaches to within the limit of both its ends.
    """
    own = (samples.origin != Origin.ENGINE) | (samples.quality == 0)
    time = samples.time_us[own]
    waits = np.diff(time) / (samples.dropped[own][:-1].astype(np.int64) + 1)
    found: list[Span] = []
    for at in np.flatnonzero(waits > limit_us).tolist():
        start, end = int(time[at]), int(time[at + 1])
        covered = sorted((max(a, start), min(b, end)) for a, b in spans if a < end and b > start)
        reached, bare = start, 0
        for a, b in covered:
            bare, reached = max(bare, a - reached), max(reached, b)
        if max(bare, end - reached) > limit_us:
            found.append((start, end))
    return found
