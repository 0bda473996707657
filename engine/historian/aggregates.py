"""The aggregates of OPC UA (OPC 10000-13 v1.05.07, 5.4.3) over stored samples.

Where the text leaves a choice, it is the one of the published example results (AggregateExamples.csv
that Annex A refers to); tests/engine/historian/part13.py holds them, and says where they contradict
the text. TimeAverage and Total run along straight lines also where a tag is stepped, as 5.4.3.8 says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from engine.historian.series import (
    BAD,
    BAD_NO_DATA,
    DATA_SUB_NORMAL,
    GOOD,
    UNCERTAIN,
    AggregateSettings,
    Bound,
    Series,
)
from engine.types import Samples, Status

CALCULATED, INTERPOLATED, PARTIAL, MULTIPLE = 1, 2, 4, 16
"""Historian bits of a status code (OPC 10000-4, 7.38), valid with the info type of a data value."""
DATA_VALUE = 0x400
RESOLUTION_US = 1000
"""Data end this long after the last raw value, and an interval's last instant is this long before its
end (3.1.3 and 5.4.2.4: the time resolution; the examples have a millisecond)."""


@dataclass(frozen=True, slots=True, eq=False)
class Processed:
    """One result an interval: time_us int64[k], value float64[k] (NaN = none), quality uint32[k]."""

    time_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class _Interval:
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
class _Region:
    """A stretch between two points: its values at both ends, and how good it is.

    ``good``, ``bad`` = as the point it starts with; ``seen`` = severity of the whole region (5.4.3.2.2).
    """

    seconds: float
    first: float
    last: float
    good: bool
    bad: bool
    seen: int


_Result = tuple[int, float, int]
"""Time, value, quality."""
_Aggregate = Callable[[_Interval], _Result]


def aggregate(
    name: str,
    samples: Samples,
    start_us: int,
    end_us: int,
    step_us: int,
    settings: AggregateSettings = AggregateSettings(),
    annotations_us: Sequence[int] = (),
) -> Processed:
    """The aggregate ``name`` of each interval of ``step_us`` in [start_us, end_us); 0 = one interval.

    ``samples`` reach one sample beyond the span on both sides where there are such: without them the
    data begin or end within the span. A status is the value of WorstQuality and WorstQuality2.

    Raises:
        ValueError: there is no such aggregate, or the span is empty.
    """
    if name not in AGGREGATES:
        raise ValueError(f"there is no aggregate {name!r}; known are {', '.join(AGGREGATES)}")
    if end_us <= start_us or step_us < 0:
        raise ValueError("the span of an aggregate ends after it starts")
    series, of = Series(samples, settings), AGGREGATES[name]
    notes = np.sort(np.array(annotations_us, np.int64))
    found = [
        _result(of, name, series, begin, min(begin + (step_us or end_us), end_us), notes)
        for begin in range(start_us, end_us, step_us or end_us - start_us)
    ]
    time, value, quality = zip(*found, strict=True)
    return Processed(np.array(time, np.int64), np.array(value, np.float64), np.array(quality, np.uint32))


def _result(
    of: _Aggregate, name: str, series: Series, start: int, end: int, notes: NDArray[np.int64]
) -> _Result:
    nothing = start, np.nan, BAD_NO_DATA
    if len(series.time) == 0 or (name != "Interpolative" and not _reaches(series, start, end)):
        return nothing
    at = slice(*np.searchsorted(series.time, (start, end)).tolist())
    annotations = int(np.diff(np.searchsorted(notes, (start, end)))[0])
    return of(_Interval(series, start, end, at, annotations))


def _reaches(series: Series, start: int, end: int) -> bool:
    return bool(series.time[0] < end and start <= series.time[-1])


def _coded(status: int, bits: int) -> int:
    return status | DATA_VALUE | bits if bits else status


def _nothing(each: _Interval, bits: int = 0) -> _Result:
    return each.start, np.nan, _coded(BAD_NO_DATA, bits)


# ------------------------------------------------------------------------------ status of a result
def _by_count(each: _Interval) -> int:
    """PercentValues: by the raw values of the interval."""
    severity, settings = each.series.severity[each.at], each.series.settings
    if len(severity) == 0:
        return Status.GOOD
    if np.mean(severity == GOOD) * 100 >= settings.percent_good:
        return Status.GOOD
    bad = np.mean(~each.series.usable[each.at]) * 100
    return Status.BAD if bad >= settings.percent_bad else DATA_SUB_NORMAL


def _by_time(each: _Interval, regions: Sequence[_Region]) -> int:
    """PercentTime. In the examples 60 % of Bad with PercentDataBad 50 is Uncertain while some is Good."""
    settings = each.series.settings
    accepted = (GOOD,) if settings.treat_uncertain_as_bad else (GOOD, UNCERTAIN)
    total = sum(region.seconds for region in regions)
    good = sum(region.seconds for region in regions if region.seen in accepted)
    if good * 100 >= settings.percent_good * total:
        return Status.GOOD
    return Status.BAD if good == 0 else DATA_SUB_NORMAL


def _unless_all(each: _Interval, fine: NDArray[np.bool_]) -> int:
    return Status.GOOD if fine[each.at].all() else DATA_SUB_NORMAL


# ------------------------------------------------------------------------------ points and regions
def _points(each: _Interval) -> list[tuple[int, Bound]]:
    """The interval's simple bounds and the raw values between them; it ends where the data end."""
    series = each.series
    inner = range(each.at.start, each.at.stop)
    points = [(each.start, series.simple(each.start))]
    for at in inner:
        if series.time[at] != each.start:
            raw = Bound(float(series.value[at]), int(series.quality[at]), True)
            points.append((int(series.time[at]), raw if series.severity[at] != BAD else raw._replace(value=np.nan)))
    last = int(series.time[-1])
    if each.end <= last:
        points.append((each.end, series.simple(each.end)))
    else:
        points.append((min(last + RESOLUTION_US, each.end), Bound(np.nan, DATA_SUB_NORMAL)))
    return points


def _regions(each: _Interval) -> list[_Region]:
    points, series = _points(each), each.series
    strict = series.settings.treat_uncertain_as_bad
    found: list[_Region] = []
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
            _Region(
                *((end - begin) / 1e6, value, last.value if reaches else value),
                *(good, severity == BAD or doubtful, seen),
            )
        )
    return found


# ------------------------------------------------------------------------------------- aggregates
def _interpolative(each: _Interval) -> _Result:
    found = each.series.interpolated(each.start, sloped=False)
    bits = INTERPOLATED if not found.is_raw and found.quality != BAD_NO_DATA else 0
    return each.start, found.value, _coded(found.quality, bits)


def _average(each: _Interval) -> _Result:
    good = _good(each)
    if len(good) == 0:
        return _nothing(each)
    return each.start, float(good.mean()), _coded(_by_count(each), CALCULATED)


def _good(each: _Interval) -> NDArray[np.float64]:
    """The good raw values of the interval."""
    return each.series.value[each.at][each.series.severity[each.at] == GOOD]


def _time_average(each: _Interval, *, total: bool) -> _Result:
    series = each.series
    first, last = (series.interpolated(time, sloped=True) for time in (each.start, each.end))
    inner = np.flatnonzero(series.usable[each.at]) + each.at.start
    inner = inner[series.time[inner] > each.start]
    ends = [] if np.isnan(first.value) else [(each.start, first.value)]
    time = np.array([at for at, _ in ends] + series.time[inner].tolist() + [each.end]) / 1e6
    value = np.array([v for _, v in ends] + series.value[inner].tolist() + [last.value])
    lasted = time[-1] - time[0]
    if lasted == 0 or np.isnan(last.value):
        return _nothing(each)
    doubt = first.severity != GOOD or last.severity != GOOD or series.severity[each.at].any()
    quality = _coded(DATA_SUB_NORMAL if doubt else Status.GOOD, CALCULATED | each.partial)
    area = float((np.diff(time) * 0.5 * (value[1:] + value[:-1])).sum())
    return each.start, area if total else area / float(lasted), quality


def _time_average2(each: _Interval, *, total: bool) -> _Result:
    regions = _regions(each)
    known = [region for region in regions if not np.isnan(region.first)]
    lasted = sum(region.seconds for region in known)
    if lasted == 0:
        return _nothing(each)
    status = _by_time(each, regions)
    area = sum(region.seconds * 0.5 * (region.first + region.last) for region in known)
    value = np.nan if status == Status.BAD else area if total else area / lasted
    return each.start, value, _coded(status, CALCULATED | each.partial)


def _extreme(each: _Interval, *, high: bool, actual: bool) -> _Result:
    series, fine = each.series, each.series.severity[each.at] == GOOD
    if not fine.any():
        return _nothing(each)
    value = series.value[each.at][fine]
    best = float(value.max() if high else value.min())
    time = int(series.time[each.at][fine][np.flatnonzero(value == best)[0]])
    status = _unless_all(each, series.usable)
    bits = each.partial | (MULTIPLE if (value == best).sum() > 1 else 0)
    if actual:
        return time, best, _coded(status, bits)
    return each.start, best, _coded(status, bits | _calculated(time == each.start, status))


def _calculated(is_at_start: bool, status: int) -> int:
    """A value that stands at the interval's start is raw, others are said to be calculated."""
    return 0 if is_at_start and status == Status.GOOD else CALCULATED


def _extreme2(each: _Interval, *, high: bool, actual: bool) -> _Result:
    series, strict = each.series, each.series.settings.treat_uncertain_as_bad
    *inner, (end, last) = _points(each)
    ends = bool(end == each.end and series.sloped[max(each.at.stop - 1, 0)])
    found = [
        (time, bound)
        for time, bound in [*inner, *([(end, last)] if ends else [])]
        if not np.isnan(bound.value) and not (strict and bound.is_raw and bound.severity == UNCERTAIN)
    ]
    if not found:
        return _nothing(each)
    best = (max if high else min)(bound.value for _, bound in found)
    time, bound = next((time, bound) for time, bound in found if bound.value == best)
    status = _by_time(each, _regions(each))
    if status == Status.BAD:
        return each.start, np.nan, _coded(status, CALCULATED | each.partial)
    bits = each.partial | (MULTIPLE if sum(bound.value == best for _, bound in found) > 1 else 0)
    if actual and time == each.end:
        return time - RESOLUTION_US, best, _coded(status, bits | INTERPOLATED)
    if not bound.is_raw:
        bits |= INTERPOLATED
    elif not actual:
        bits |= _calculated(time == each.start, status)
    return time if actual else each.start, best, _coded(status, bits)


def _range(each: _Interval, *, of: Callable[..., _Result]) -> _Result:
    low, high = of(each, high=False, actual=False), of(each, high=True, actual=False)
    if low[2] == BAD_NO_DATA:
        return low
    status = low[2] & 0xFFFF0000
    return each.start, high[1] - low[1], _coded(status, CALCULATED | each.partial)


def _count(each: _Interval) -> _Result:
    status = _by_count(each)
    if status == Status.BAD:
        return each.start, np.nan, status
    return each.start, float(len(_good(each))), _coded(status, CALCULATED | each.partial)


def _transitions(each: _Interval) -> _Result:
    status, series = _by_count(each), each.series
    if status == Status.BAD:
        return each.start, np.nan, status
    before = np.flatnonzero(series.usable[: each.at.start])[-1:]
    value = series.value[np.append(before, np.flatnonzero(series.usable[each.at]) + each.at.start)]
    changes = int((np.diff(value) != 0).sum()) + (0 if len(before) else min(len(value), 1))
    return each.start, float(changes), _coded(status, CALCULATED | each.partial)


def _state(each: _Interval, *, zero: bool) -> _Result:
    regions = _regions(each)
    lasted = sum(region.seconds for region in regions if region.good and (region.first == 0) == zero)
    return each.start, lasted * 1e3, _coded(_by_time(each, regions), CALCULATED | each.partial)


def _quality_time(each: _Interval, *, good: bool, percent: bool) -> _Result:
    regions = _regions(each)
    lasted = sum(region.seconds for region in regions if (region.good if good else region.bad))
    total = sum(region.seconds for region in regions)
    value = 100 * lasted / total if percent else lasted * 1e3
    return each.start, value, _coded(Status.GOOD, CALCULATED | each.partial)


def _worst(each: _Interval, *, bounds: bool) -> _Result:
    series = each.series
    found = series.quality[each.at].tolist()
    if bounds:
        if len(found) and series.time[each.at.start] == each.start:
            found = found[1:]
        found = [series.simple(each.start).quality, *found, series.simple(each.end).quality]
    if not found:
        return _nothing(each)
    severity = [min(quality >> 30, BAD) for quality in found]
    worst = max(severity)
    several = MULTIPLE if worst != GOOD and severity.count(worst) > 1 else 0
    bits = CALCULATED | each.partial | several
    return each.start, float(found[severity.index(worst)]), _coded(Status.GOOD, bits)


def _edge(each: _Interval, *, at: int) -> _Result:
    series = each.series
    if each.at.start == each.at.stop:
        return _nothing(each)
    place = range(each.at.start, each.at.stop)[at]
    value = np.nan if series.severity[place] == BAD else float(series.value[place])
    return int(series.time[place]), value, _coded(int(series.quality[place]), each.partial)


def _delta(each: _Interval) -> _Result:
    good = _good(each)
    if len(good) == 0:
        return _nothing(each)
    status = _unless_all(each, each.series.severity == GOOD)
    return each.start, float(good[-1] - good[0]), _coded(status, CALCULATED | each.partial)


def _bound(each: _Interval, *, end: bool) -> _Result:
    found = each.series.simple(each.end if end else each.start)
    if np.isnan(found.value):
        return _nothing(each, each.partial)
    bits = CALCULATED if end else 0 if found.is_raw else INTERPOLATED
    return each.start, found.value, _coded(found.quality, bits | each.partial)


def _delta_bounds(each: _Interval) -> _Result:
    first, last = each.series.simple(each.start), each.series.simple(each.end)
    if np.isnan(first.value) or np.isnan(last.value):
        return _nothing(each, each.partial)
    doubt = first.severity != GOOD or last.severity != GOOD
    quality = _coded(DATA_SUB_NORMAL if doubt else Status.GOOD, CALCULATED | each.partial)
    return each.start, last.value - first.value, quality


def _spread(each: _Interval, *, sample: int, root: bool) -> _Result:
    good = _good(each)
    if len(good) == 0:
        return _nothing(each)
    variance = float(good.var(ddof=sample)) if len(good) > 1 else 0.0
    status = _unless_all(each, each.series.severity == GOOD)
    return each.start, variance**0.5 if root else variance, _coded(status, CALCULATED | each.partial)


def _annotations(each: _Interval) -> _Result:
    return each.start, float(each.annotations), _coded(Status.GOOD, CALCULATED | each.partial)


AGGREGATES: dict[str, _Aggregate] = {
    "Interpolative": _interpolative,
    "Average": _average,
    "TimeAverage": partial(_time_average, total=False),
    "TimeAverage2": partial(_time_average2, total=False),
    "Total": partial(_time_average, total=True),
    "Total2": partial(_time_average2, total=True),
    "Minimum": partial(_extreme, high=False, actual=False),
    "Maximum": partial(_extreme, high=True, actual=False),
    "MinimumActualTime": partial(_extreme, high=False, actual=True),
    "MaximumActualTime": partial(_extreme, high=True, actual=True),
    "Range": partial(_range, of=_extreme),
    "Minimum2": partial(_extreme2, high=False, actual=False),
    "Maximum2": partial(_extreme2, high=True, actual=False),
    "MinimumActualTime2": partial(_extreme2, high=False, actual=True),
    "MaximumActualTime2": partial(_extreme2, high=True, actual=True),
    "Range2": partial(_range, of=_extreme2),
    "Count": _count,
    "AnnotationCount": _annotations,
    "DurationInStateZero": partial(_state, zero=True),
    "DurationInStateNonZero": partial(_state, zero=False),
    "NumberOfTransitions": _transitions,
    "Start": partial(_edge, at=0),
    "End": partial(_edge, at=-1),
    "Delta": _delta,
    "StartBound": partial(_bound, end=False),
    "EndBound": partial(_bound, end=True),
    "DeltaBounds": _delta_bounds,
    "DurationGood": partial(_quality_time, good=True, percent=False),
    "DurationBad": partial(_quality_time, good=False, percent=False),
    "PercentGood": partial(_quality_time, good=True, percent=True),
    "PercentBad": partial(_quality_time, good=False, percent=True),
    "WorstQuality": partial(_worst, bounds=False),
    "WorstQuality2": partial(_worst, bounds=True),
    "StandardDeviationPopulation": partial(_spread, sample=0, root=True),
    "VariancePopulation": partial(_spread, sample=0, root=False),
    "StandardDeviationSample": partial(_spread, sample=1, root=True),
    "VarianceSample": partial(_spread, sample=1, root=False),
}
"""All of them by the name of their standard object (4.2.2)."""
