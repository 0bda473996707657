"""One interval of an OPC UA aggregate: its points, its regions, and the status that follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.historian.series import BAD, DATA_SUB_NORMAL, GOOD, UNCERTAIN, Bound, Series
from engine.types import Status

CALCULATED, INTERPOLATED, PARTIAL, MULTIPLE = 1, 2, 4, 16
"""Historian bits of a status code (OPC 10000-4, 7.38), valid with the info type of a data value."""
DATA_VALUE = 0x400
RESOLUTION_US = 1000
"""Data end this long after the last raw value, and an interval's last instant is this long before its
end (3.1.3 and 5.4.2.4: the time resolution; the examples have a millisecond)."""


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """[start, end) of a series, with the raw values ``at`` in it."""

    series: Series
    start: int
    end: int
    at: slice
    annotations: int

    @property
    def partial(self) -> int:
        """The bit of an interval in which the data begin or end (5.3.3.2)."""
        first, last = int(self.series.time[0]), int(self.series.time[-1])
        return PARTIAL if self.start < first < self.end or self.start <= last < self.end else 0


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch between two points: its values at both ends, and how good it is.

    ``good``, ``bad`` = as the point it starts with; ``seen`` = severity of the whole region (5.4.3.2.2).
    """

    seconds: float
    first: float
    last: float
    good: bool
    bad: bool
    seen: int


def coded(status: int, bits: int) -> int:
    """The status code with these historian bits."""
    return status | DATA_VALUE | bits if bits else status


def by_count(each: Interval) -> int:
    """PercentValues: by the raw values of the interval."""
    severity, settings = each.series.severity[each.at], each.series.settings
    if len(severity) == 0:
        return Status.GOOD
    if np.mean(severity == GOOD) * 100 >= settings.percent_good:
        return Status.GOOD
    bad = 100 - 100 * int(each.series.usable[each.at].sum()) / len(severity)
    return Status.BAD if bad >= settings.percent_bad else DATA_SUB_NORMAL


def by_time(each: Interval, regions: Sequence[Region]) -> int:
    """PercentTime. In the examples 60 % of Bad with PercentDataBad 50 is Uncertain while some is Good."""
    settings = each.series.settings
    accepted = (GOOD,) if settings.treat_uncertain_as_bad else (GOOD, UNCERTAIN)
    total = sum(region.seconds for region in regions)
    good = sum(region.seconds for region in regions if region.seen in accepted)
    if good * 100 >= settings.percent_good * total:
        return Status.GOOD
    return Status.BAD if good == 0 else DATA_SUB_NORMAL


def unless_all(each: Interval, fine: NDArray[np.bool_]) -> int:
    """Good where all raw values of the interval are fine, Uncertain otherwise."""
    return Status.GOOD if fine[each.at].all() else DATA_SUB_NORMAL


def points_of(each: Interval) -> list[tuple[int, Bound]]:
    """The interval's simple bounds and the raw values between them; it ends where the data end."""
    series = each.series
    inner = range(each.at.start, each.at.stop)
    points = [(each.start, series.simple(each.start))]
    for at in inner:
        if series.time[at] != each.start:
            raw = Bound(float(series.value[at]), int(series.quality[at]), True)
            points.append(
                (int(series.time[at]), raw if series.severity[at] != BAD else raw._replace(value=np.nan))
            )
    last = int(series.time[-1])
    if each.end <= last:
        points.append((each.end, series.simple(each.end)))
    else:
        points.append((min(last + RESOLUTION_US, each.end), Bound(np.nan, DATA_SUB_NORMAL)))
    return points


def regions_of(each: Interval) -> list[Region]:
    """The stretches between the points, as 5.4.3.2 divides an interval."""
    points, series = points_of(each), each.series
    strict = series.settings.treat_uncertain_as_bad
    found: list[Region] = []
    for (begin, first), (end, last) in zip(points, points[1:], strict=False):
        at = int(np.searchsorted(series.time, begin, "right")) - 1
        sloped, severity = bool(series.sloped[max(at, 0)]), first.severity
        unusable = strict and severity == UNCERTAIN and first.is_raw
        value = np.nan if unusable else first.value
        doubtful = strict and severity == UNCERTAIN and (unusable or not np.isnan(value))
        ends_raw = last.is_raw and last.severity == UNCERTAIN and strict
        reaches = sloped and not np.isnan(last.value) and not ends_raw
        seen = max(severity, UNCERTAIN) if sloped and last.severity != GOOD else severity
        good = severity == GOOD and not np.isnan(value)
        found.append(
            Region(
                *((end - begin) / 1e6, value, last.value if reaches else value),
                *(good, severity == BAD or doubtful, seen),
            )
        )
    return found
