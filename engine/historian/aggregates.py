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

from engine.historian.intervals import (
    CALCULATED,
    INTERPOLATED,
    MULTIPLE,
    RESOLUTION_US,
    Interval,
    by_count,
    by_time,
    coded,
    points_of,
    regions_of,
    unless_all,
)
from engine.historian.series import (
    BAD,
    BAD_NO_DATA,
    DATA_SUB_NORMAL,
    GOOD,
    UNCERTAIN,
    AggregateSettings,
    Series,
)
from engine.types import Samples, Status

DEFAULT = AggregateSettings()


@dataclass(frozen=True, slots=True, eq=False)
class Processed:
    """One result an interval: time_us int64[k], value float64[k] (NaN = none), quality uint32[k]."""

    time_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint32]


_Result = tuple[int, float, int]
"""Time, value, quality."""
_Aggregate = Callable[[Interval], _Result]


def aggregate(
    name: str,
    samples: Samples,
    start_us: int,
    end_us: int,
    step_us: int,
    settings: AggregateSettings = DEFAULT,
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
        _result(of, name, series, begin, min(begin + (step_us or end_us - start_us), end_us), notes)
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
    return of(Interval(series, start, end, at, annotations))


def _reaches(series: Series, start: int, end: int) -> bool:
    return bool(series.time[0] < end and start <= series.time[-1])


def _nothing(each: Interval, bits: int = 0) -> _Result:
    return each.start, np.nan, coded(BAD_NO_DATA, bits)


def _interpolative(each: Interval) -> _Result:
    found = each.series.interpolated(each.start, sloped=False)
    bits = INTERPOLATED if not found.is_raw and found.quality != BAD_NO_DATA else 0
    return each.start, found.value, coded(found.quality, bits)


def _average(each: Interval) -> _Result:
    good = _good(each)
    if len(good) == 0:
        return _nothing(each)
    return each.start, float(good.mean()), coded(by_count(each), CALCULATED)


def _good(each: Interval) -> NDArray[np.float64]:
    """The good raw values of the interval."""
    return each.series.value[each.at][each.series.severity[each.at] == GOOD]


def _time_average(each: Interval, *, total: bool) -> _Result:
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
    quality = coded(DATA_SUB_NORMAL if doubt else Status.GOOD, CALCULATED | each.partial)
    area = float((np.diff(time) * 0.5 * (value[1:] + value[:-1])).sum())
    return each.start, area if total else area / float(lasted), quality


def _time_average2(each: Interval, *, total: bool) -> _Result:
    regions = regions_of(each)
    known = [region for region in regions if not np.isnan(region.first)]
    lasted = sum(region.seconds for region in known)
    if lasted == 0:
        return _nothing(each)
    status = by_time(each, regions)
    area = sum(region.seconds * 0.5 * (region.first + region.last) for region in known)
    value = np.nan if status == Status.BAD else area if total else area / lasted
    return each.start, value, coded(status, CALCULATED | each.partial)


def _extreme(each: Interval, *, high: bool, actual: bool) -> _Result:
    series, fine = each.series, each.series.severity[each.at] == GOOD
    if not fine.any():
        return _nothing(each)
    value = series.value[each.at][fine]
    best = float(value.max() if high else value.min())
    time = int(series.time[each.at][fine][np.flatnonzero(value == best)[0]])
    status = unless_all(each, series.usable)
    bits = each.partial | (MULTIPLE if (value == best).sum() > 1 else 0)
    if actual:
        return time, best, coded(status, bits)
    return each.start, best, coded(status, bits | _calculated(time == each.start, status))


def _calculated(is_at_start: bool, status: int) -> int:
    """A value that stands at the interval's start is raw, others are said to be calculated."""
    return 0 if is_at_start and status == Status.GOOD else CALCULATED


def _extreme2(each: Interval, *, high: bool, actual: bool) -> _Result:
    series, strict = each.series, each.series.settings.treat_uncertain_as_bad
    *inner, (end, last) = points_of(each)
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
    status = by_time(each, regions_of(each))
    if status == Status.BAD:
        return each.start, np.nan, coded(status, CALCULATED | each.partial)
    bits = each.partial | (MULTIPLE if sum(bound.value == best for _, bound in found) > 1 else 0)
    if actual and time == each.end:
        return time - RESOLUTION_US, best, coded(status, bits | INTERPOLATED)
    if not bound.is_raw:
        bits |= INTERPOLATED
    elif not actual:
        bits |= _calculated(time == each.start, status)
    return time if actual else each.start, best, coded(status, bits)


def _range(each: Interval, *, of: Callable[..., _Result]) -> _Result:
    low, high = of(each, high=False, actual=False), of(each, high=True, actual=False)
    if low[2] == BAD_NO_DATA:
        return low
    status = low[2] & 0xFFFF0000
    return each.start, high[1] - low[1], coded(status, CALCULATED | each.partial)


def _count(each: Interval) -> _Result:
    status = by_count(each)
    if status == Status.BAD:
        return each.start, np.nan, status
    return each.start, float(len(_good(each))), coded(status, CALCULATED | each.partial)


def _transitions(each: Interval) -> _Result:
    status, series = by_count(each), each.series
    if status == Status.BAD:
        return each.start, np.nan, status
    before = np.flatnonzero(series.usable[: each.at.start])[-1:]
    value = series.value[np.append(before, np.flatnonzero(series.usable[each.at]) + each.at.start)]
    changes = int((np.diff(value) != 0).sum()) + (0 if len(before) else min(len(value), 1))
    return each.start, float(changes), coded(status, CALCULATED | each.partial)


def _state(each: Interval, *, zero: bool) -> _Result:
    regions = regions_of(each)
    lasted = sum(region.seconds for region in regions if region.good and (region.first == 0) == zero)
    return each.start, lasted * 1e3, coded(by_time(each, regions), CALCULATED | each.partial)


def _quality_time(each: Interval, *, good: bool, percent: bool) -> _Result:
    regions = regions_of(each)
    lasted = sum(region.seconds for region in regions if (region.good if good else region.bad))
    total = sum(region.seconds for region in regions)
    value = 100 * lasted / total if percent else lasted * 1e3
    return each.start, value, coded(Status.GOOD, CALCULATED | each.partial)


def _worst(each: Interval, *, bounds: bool) -> _Result:
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
    return each.start, float(found[severity.index(worst)]), coded(Status.GOOD, bits)


def _edge(each: Interval, *, at: int) -> _Result:
    series = each.series
    if each.at.start == each.at.stop:
        return _nothing(each)
    place = range(each.at.start, each.at.stop)[at]
    value = np.nan if series.severity[place] == BAD else float(series.value[place])
    return int(series.time[place]), value, coded(int(series.quality[place]), each.partial)


def _delta(each: Interval) -> _Result:
    good = _good(each)
    if len(good) == 0:
        return _nothing(each)
    status = unless_all(each, each.series.severity == GOOD)
    return each.start, float(good[-1] - good[0]), coded(status, CALCULATED | each.partial)


def _bound(each: Interval, *, end: bool) -> _Result:
    found = each.series.simple(each.end if end else each.start)
    if np.isnan(found.value):
        return _nothing(each, each.partial)
    bits = CALCULATED if end else 0 if found.is_raw else INTERPOLATED
    return each.start, found.value, coded(found.quality, bits | each.partial)


def _delta_bounds(each: Interval) -> _Result:
    first, last = each.series.simple(each.start), each.series.simple(each.end)
    if np.isnan(first.value) or np.isnan(last.value):
        return _nothing(each, each.partial)
    doubt = first.severity != GOOD or last.severity != GOOD
    quality = coded(DATA_SUB_NORMAL if doubt else Status.GOOD, CALCULATED | each.partial)
    return each.start, last.value - first.value, quality


def _spread(each: Interval, *, sample: int, root: bool) -> _Result:
    good = _good(each)
    if len(good) == 0:
        return _nothing(each)
    variance = float(good.var(ddof=sample)) if len(good) > 1 else 0.0
    status = unless_all(each, each.series.severity == GOOD)
    return each.start, variance**0.5 if root else variance, coded(status, CALCULATED | each.partial)


def _annotations(each: Interval) -> _Result:
    return each.start, float(each.annotations), coded(Status.GOOD, CALCULATED | each.partial)


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
