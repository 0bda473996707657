"""Rows to learn from: features of each bucket, hours to the next failure, and the part of the split."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.prediction.features import FEATURES, FeatureSpec, within
from engine.prediction.train_fleet import Asset, Fleet
from engine.prediction.train_plan import Plan, Split
from engine.types import ModelInput

HOUR_US = 3_600_000_000
FULL = 0.8
"""Share of good data in the longest window that a probability needs (as live, see prediction.md)."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """One row for each asset and bucket, asset by asset, ascending in time.

    asset intp[n] = place in ``names`` · known_us int64[n] · features float32[n, m] · left_h float64[n] =
    hours to the next failure, inf = none seen · seen_h float64[n] = hours after it of which it is known
    whether it failed · served bool[n] = enough data for a probability · means float32[n, roles] · repaired
    bool[n] = there was a fault then that was repaired in time; ``repaired_us`` = those of each asset.
    """

    names: tuple[str, ...]
    failures_us: tuple[NDArray[np.int64], ...]
    asset: NDArray[np.intp]
    known_us: NDArray[np.int64]
    features: NDArray[np.float32]
    left_h: NDArray[np.float64]
    seen_h: NDArray[np.float64]
    served: NDArray[np.bool_]
    means: NDArray[np.float32]
    repaired: NDArray[np.bool_]
    repaired_us: tuple[NDArray[np.int64], ...]

    def label(self, horizon_h: float) -> NDArray[np.bool_]:
        """Whether a failure follows within the horizon."""
        return self.left_h <= horizon_h

    def is_known(self, horizon_h: float) -> NDArray[np.bool_]:
        """Whether it is known what followed: a failure, or data to the end of the horizon."""
        return self.label(horizon_h) | (self.seen_h >= horizon_h)


def taken_of(fleet: Fleet, plan: Plan) -> tuple[Plan, Rows, dict[str, NDArray[np.bool_]]]:
    """The plan with the ranges of what is learned from, the rows by them, and the served ones of each part.

    What lies outside a range counts for no part, as it counts for nothing live: the figures of validation
    and test are those that live keeps.
    """
    rows, parts = _served(fleet, plan)
    if not parts["train"].any():
        return plan, rows, parts
    means = rows.means[parts["train"]]
    inputs = tuple(_with_range(each, means[:, place]) for place, each in enumerate(plan.inputs))
    return msgspec.structs.replace(plan, inputs=inputs), *_served(as_live(fleet, inputs), plan)


def _served(fleet: Fleet, plan: Plan) -> tuple[Rows, dict[str, NDArray[np.bool_]]]:
    optional = frozenset(each.role for each in plan.inputs if not each.required)
    rows = rows_of(fleet, plan.spec(), plan.features, optional)
    parts = parts_of(rows, plan.split, max(plan.horizon_h))
    return rows, {name: part & rows.served for name, part in parts.items()}


def as_live(fleet: Fleet, inputs: Sequence[ModelInput]) -> Fleet:
    """The same fleet, its values outside the ranges of ``inputs`` missing."""
    return replace(
        fleet, assets=tuple(replace(each, buckets=within(inputs, each.buckets)) for each in fleet.assets)
    )


def _with_range(given: ModelInput, values: NDArray[np.float32]) -> ModelInput:
    """A little outside what was seen is still the same machine; also where it was always the same."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = 0.1 * ((high - low) or abs(high) or 1.0)
    digits = max(3, 1 - math.floor(math.log10(margin))) if np.isfinite(margin) else 3
    return msgspec.structs.replace(given, low=round(low - margin, digits), high=round(high + margin, digits))


def rows_of(
    fleet: Fleet, spec: FeatureSpec, function: str = "windows/1", optional: frozenset[str] = frozenset()
) -> Rows:
    """All rows of a fleet. A bucket without any sample is no row; one without an input is not served, unless
    the input is ``optional``.
    """
    needed = np.array([role not in optional for role in spec.roles])
    parts = [_rows(each, spec, function, needed) for each in fleet.assets]
    place = [np.full(len(part[0]), number, np.intp) for number, part in enumerate(parts)]
    columns = [np.concatenate(each) for each in zip(*parts, strict=True)]
    known_us, features, left_h, seen_h, served, means, repaired = columns
    names = tuple(each.name for each in fleet.assets)
    failures = tuple(each.failures_us for each in fleet.assets)
    spans = tuple(each.repaired_us for each in fleet.assets)
    return Rows(
        names, failures, np.concatenate(place), known_us, features, left_h, seen_h, served, means, repaired,
        spans,
    )  # fmt: skip


def _rows(
    asset: Asset, spec: FeatureSpec, function: str, needed: NDArray[np.bool_]
) -> tuple[NDArray[np.generic], ...]:
    buckets, known_us = asset.buckets, asset.known_us()
    coverage = buckets.coverage[:, needed]
    there = np.flatnonzero(coverage.any(axis=1))
    features = FEATURES[function].compute(spec, buckets, there)
    at = np.searchsorted(asset.failures_us, known_us, side="right")
    padded = np.append(asset.failures_us, np.iinfo(np.int64).max)
    left_h = np.where(at < len(asset.failures_us), (padded[at] - known_us) / HOUR_US, np.inf)
    seen_h = (known_us[-1] - known_us) / HOUR_US
    repaired = np.zeros(len(known_us), np.bool_)
    for since_us, until_us in asset.repaired_us.tolist():
        inside = (known_us >= since_us) & (known_us < until_us)
        seen_h[inside] = np.minimum(seen_h[inside], (until_us - known_us[inside]) / HOUR_US)
        repaired |= inside
    served = (coverage > 0).all(axis=1) & (_coverage(coverage, spec) >= FULL)
    columns = known_us, left_h, seen_h, served, buckets.means, repaired
    known_us, left_h, seen_h, served, means, repaired = (each[there] for each in columns)
    return known_us, features, left_h, seen_h, served, means, repaired


def _coverage(coverage: NDArray[np.float32], spec: FeatureSpec) -> NDArray[np.float64]:
    """Of the role with the least, over the longest window that ends with each bucket."""
    steps = max(1, round(max(spec.windows_h, default=0.0) * 3600 / spec.bucket_s))
    total = np.vstack([np.zeros((1, coverage.shape[1])), np.cumsum(coverage, axis=0, dtype=np.float64)])
    ends = np.arange(1, len(coverage) + 1)
    return ((total[ends] - total[np.maximum(ends - steps, 0)]) / steps).min(axis=1)


def parts_of(rows: Rows, split: Split, horizon_h: float) -> dict[str, NDArray[np.bool_]]:
    """Rows of train, validation, test (known assets, later) and unseen (other assets), with known outcome.

    Those in which a fault was that was repaired in time are among them: a warning there is neither right nor
    wrong. What is learned from, and how good the probabilities are, is of `Rows.is_known` alone.
    """
    numbers = np.array([int(name) if name.isdecimal() else -1 for name in rows.names])[rows.asset]
    ours = (numbers >= split.assets[0]) & (numbers <= split.assets[1])
    known = rows.is_known(horizon_h) | rows.repaired
    spans = {"train": split.train, "validation": split.validation, "test": split.test}
    found = {name: ours & known & _between(rows.known_us, span) for name, span in spans.items()}
    return {**found, "unseen": ~ours & known}


def _between(time_us: NDArray[np.int64], span: tuple[str, str]) -> NDArray[np.bool_]:
    first, last = (np.datetime64(each, "D").astype("datetime64[us]").astype(np.int64) for each in span)
    return (time_us >= first) & (time_us < last + 24 * HOUR_US)


def failures_in(rows: Rows, part: NDArray[np.bool_]) -> int:
    """How many failures lie between the first and the last row of each asset in a part."""
    found = 0
    for asset in np.unique(rows.asset[part]):
        known = rows.known_us[part & (rows.asset == asset)]
        failed: NDArray[np.int64] = rows.failures_us[int(asset)]
        found += int(np.count_nonzero((failed > known[0]) & (failed <= known[-1])))
    return found
