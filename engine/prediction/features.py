"""What a model is given of an asset: one function for training, replay and live.

Every figure is made element by element, one bucket after another, so that a row has the same bits alone as
among a hundred thousand. Never in here: time of day, calendar, age of a part, name of the asset. A model
that knows them learns the maintenance plan and not the machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.prediction import life, sequences
from engine.prediction.buckets import Buckets
from engine.prediction.conditions import Conditions
from engine.typed import convert
from engine.types import ModelCard, ModelInput

COUNTED_H = (3.0, 24.0, 48.0)
"""Events are counted over these hours."""
LONGEST_H = 72.0
"""Longer ago than this an event is not known: it would tell of the calendar."""
LONGEST_STEPS = 20_000
"""A card that looks back on more buckets than this would take all memory."""


class FeatureSpec(msgspec.Struct, frozen=True):
    """What a feature function is given. ``windows_h`` ascending; ``classes`` = journal events counted.

    ``conditions`` = ways of running that values are corrected for, None = as they are.
    """

    roles: tuple[str, ...]
    classes: tuple[str, ...]
    windows_h: tuple[float, ...]
    lags_h: tuple[float, ...]
    bucket_s: float
    conditions: Conditions | None = None


Compute = Callable[[FeatureSpec, Buckets, NDArray[np.intp]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class FeatureFunction:
    """``names(spec)`` of the m features, "role:figure" · ``depth(spec)`` = buckets a row looks back on,
    itself among them · ``compute(spec, buckets, rows)`` float32[len(rows), m] (with an axis of assets:
    [len(rows), assets, m]); row i looks at buckets <= i only, NaN = no good sample in that time.
    """

    names: Callable[[FeatureSpec], tuple[str, ...]]
    depth: Callable[[FeatureSpec], int]
    compute: Compute


def spec_of(card: ModelCard) -> FeatureSpec:
    """What the card says of its features; lags are in ``extra["lags_h"]``, conditions there too.

    Raises:
        ValueError, TypeError: they are not written as such.
    """
    lags: Any = card.extra.get("lags_h", ())
    roles = tuple(each.role for each in card.inputs)
    lags_h = tuple(float(each) for each in lags)
    longest_s = LONGEST_STEPS * card.bucket_s
    for hours in (*card.windows_h, *lags_h):
        if not 0.0 <= hours * 3600.0 <= longest_s:  # also where it is NaN
            raise ValueError(f"they would look back {hours:g} h, and up to {LONGEST_STEPS:,} steps are made")
    conditions = convert(card.extra.get("conditions"), Conditions | None)
    return FeatureSpec(roles, card.events, card.windows_h, lags_h, card.bucket_s, conditions)


def within(inputs: Sequence[ModelInput], buckets: Buckets) -> Buckets:
    """The same buckets, where a mean outside an input's range is as if no good sample had come in it.

    Live, replay and scoring come here, so that a value the model was never shown counts for none of them,
    as long as a window reaches back to it. A training's own ranges hold all it has seen.
    """
    low = np.array([-np.inf if each.low is None else each.low for each in inputs], np.float32)
    high = np.array([np.inf if each.high is None else each.high for each in inputs], np.float32)
    outside = (buckets.means < low) | (buckets.means > high)
    if not outside.any():
        return buckets
    means = np.where(outside, np.float32(np.nan), buckets.means)
    return replace(buckets, means=means, coverage=np.where(outside, np.float32(0.0), buckets.coverage))


def owner(name: str) -> str:
    """The role or the class of events that a feature is made of."""
    return name.rpartition(":")[0]


def columns_of(names: tuple[str, ...], owners: set[str]) -> NDArray[np.intp]:
    """Which features are made of these roles or classes."""
    return np.array([at for at, name in enumerate(names) if owner(name) in owners], np.intp)


def _names(spec: FeatureSpec) -> tuple[str, ...]:
    figures = [f"mean_{each:g}h" for each in spec.windows_h]
    figures += [f"lag_{each:g}h" for each in spec.lags_h]
    figures += [f"above_{each:g}h" for each in spec.windows_h[1:]]
    figures += [f"step_{each:g}h" for each in spec.windows_h[-1:]]
    counts = [*(f"count_{each:g}h" for each in COUNTED_H), "hours_since"]
    of_roles = [f"{role}:{figure}" for figure in figures for role in spec.roles]
    return (*of_roles, *(f"{each}:{figure}" for figure in counts for each in spec.classes))


def _steps(hours: float, bucket_s: float) -> int:
    """Buckets that a span of hours takes, at least one."""
    return max(1, math.floor(hours * 3600.0 / bucket_s + 0.5))


def _depth(spec: FeatureSpec) -> int:
    longest = [*spec.windows_h, *spec.lags_h, *((LONGEST_H,) if spec.classes else ())]
    return _steps(max(longest, default=0.0), spec.bucket_s) + 1


def _compute(spec: FeatureSpec, buckets: Buckets, rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Means over each window weighted by coverage, lags, the shortest mean above each longer one, the step
    of a bucket over the longest window; then counts of events and hours since, each for all roles or
    classes.
    """
    _require(spec, buckets)
    windows = _windows(spec, buckets, rows)
    here = _at(buckets.means, rows, 0)
    lags = [_at(buckets.means, rows, _steps(each, spec.bucket_s)) for each in spec.lags_h]
    above = [windows[0] - each for each in windows[1:]]
    step = [here - _at(buckets.means, rows, _steps(each, spec.bucket_s)) for each in spec.windows_h[-1:]]
    found = [*windows, *lags, *above, *step, *_events(spec, buckets, rows)]
    empty = np.empty((*here.shape[:-1], 0), np.float32)
    return np.concatenate([empty, *found], axis=-1, dtype=np.float32)


def _require(spec: FeatureSpec, buckets: Buckets) -> None:
    if (spec.roles, spec.classes) != (buckets.roles, buckets.classes):
        raise ValueError(
            f"features of {spec.roles} and {spec.classes} are asked of buckets of {buckets.roles} and "
            f"{buckets.classes}: give them in the same order"
        )
    if buckets.bucket_us != round(spec.bucket_s * 1e6):
        raise ValueError(
            f"features of {spec.bucket_s:g} s are asked of {buckets.bucket_us / 1e6:g} s buckets"
        )


def _at(values: NDArray[np.float32], rows: NDArray[np.intp], back: int) -> NDArray[np.float32]:
    """Values float32[rows, ...] so many buckets before each row, NaN before the first."""
    at = rows - back
    found = values[np.maximum(at, 0)]
    found[at < 0] = np.nan
    return found


def _windows(spec: FeatureSpec, buckets: Buckets, rows: NDArray[np.intp]) -> list[NDArray[np.float32]]:
    """The mean over each window that ends with the row: one walk back, newest first, serves all of them."""
    ends = [_steps(each, spec.bucket_s) for each in spec.windows_h]
    longest = max(ends, default=0)
    first = max(0, int(rows.min(initial=len(buckets.means))) + 1 - longest)
    means, coverage, rows = buckets.means[first:], buckets.coverage[first:], rows - first
    weight = np.where(np.isnan(means), 0.0, coverage.astype(np.float64))
    area = np.where(weight > 0, means, 0.0) * weight + 0.0  # no -0.0: its sum depends on the start
    before = np.zeros((longest, *area.shape[1:]))
    weight, area = np.concatenate([before, weight]), np.concatenate([before, area])
    sums = _walk_one if len(rows) == 1 else _walk
    weights, areas = sums(weight, rows + longest, ends), sums(area, rows + longest, ends)
    return [_divided(areas[each], weights[each]) for each in ends]


def _walk(
    values: NDArray[np.float64], rows: NDArray[np.intp], ends: list[int]
) -> dict[int, NDArray[np.float64]]:
    """Sums over so many values back from each row, [rows, ...], added one after another."""
    total = np.zeros((len(rows), *values.shape[1:]))
    found: dict[int, NDArray[np.float64]] = {}
    for back in range(max(ends, default=0)):
        total += values[rows - back]
        if back + 1 in ends:
            found[back + 1] = total.copy()
    return found


def _walk_one(
    values: NDArray[np.float64], rows: NDArray[np.intp], ends: list[int]
) -> dict[int, NDArray[np.float64]]:
    """The same for one row, as live asks: the same additions in the same order, without the walk."""
    row, longest = int(rows[0]), max(ends, default=0)
    totals = np.add.accumulate(values[row + 1 - longest : row + 1][::-1], axis=0)
    return {each: totals[each - 1 : each] for each in ends}


def _divided(area: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float32]:
    mean = np.divide(area, weight, out=np.full(area.shape, np.nan), where=weight > 0)
    return mean.astype(np.float32)


def _events(spec: FeatureSpec, buckets: Buckets, rows: NDArray[np.intp]) -> list[NDArray[np.float32]]:
    """Counts over each span that ends with the row, and hours since the last one. Whole numbers: exact."""
    if not spec.classes:
        return []
    events = buckets.events.astype(np.int64)
    total = np.concatenate([np.zeros((1, *events.shape[1:]), np.int64), np.cumsum(events, axis=0)])
    spans = [_steps(each, spec.bucket_s) for each in COUNTED_H]
    counts = [(total[rows + 1] - total[np.maximum(rows + 1 - span, 0)]).astype(np.float32) for span in spans]
    place = np.arange(len(events)).reshape(-1, *[1] * (events.ndim - 1))
    last = np.maximum.accumulate(np.where(events > 0, place, -len(events) - 2**40), axis=0)[rows]
    here = rows.reshape(-1, *[1] * (events.ndim - 1))
    since = np.minimum((here - last) * spec.bucket_s / 3600.0, LONGEST_H)
    return [*counts, since.astype(np.float32)]


def _checked(compute: Compute) -> Compute:
    def checked(spec: FeatureSpec, buckets: Buckets, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        _require(spec, buckets)
        return compute(spec, buckets, rows)

    return checked


FEATURES: Mapping[str, FeatureFunction] = {
    "windows/1": FeatureFunction(_names, _depth, _compute),
    "steps/1": FeatureFunction(sequences.names, sequences.depth, _checked(sequences.compute)),
    "life/1": FeatureFunction(life.names, life.depth, _checked(life.compute)),
}
"""By name and version. What a version makes never changes: a model was trained on it."""
