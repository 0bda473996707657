"""Features for remaining life: where each sensor is and where it is heading, over windows up to a long one.

``life/1``, a version beside ``windows/1`` in `engine.prediction.features`, with the same rules: a row looks
back only, and has the same bits alone as among a hundred thousand. Sensors are corrected for the way of
running first (`engine.prediction.conditions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.prediction.conditions import corrected, sensors

if TYPE_CHECKING:
    from engine.prediction.buckets import Buckets
    from engine.prediction.features import FeatureSpec


def names(spec: FeatureSpec) -> tuple[str, ...]:
    """The mean of each sensor over each window, and its slope per hour over all but the shortest."""
    hours = _hours(spec)
    figures = [*(f"mean_{each:g}h" for each in hours), *(f"slope_{each:g}h" for each in hours[1:])]
    kept = sensors(spec.roles, spec.conditions)
    return tuple(f"{role}:{figure}" for figure in figures for role in kept)


def depth(spec: FeatureSpec) -> int:
    """Buckets that a row looks back on, itself among them."""
    return max(_steps(spec), default=1)


def compute(spec: FeatureSpec, buckets: Buckets, rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Least-squares lines through the known values of each window, newest first: one walk serves all."""
    values = corrected(buckets.means, buckets.roles, spec.conditions)
    shape = (len(rows), *values.shape[1:])
    # count, and sums of: time back, its square, value, value x time back
    count, back_, back2, total, cross = (np.zeros(shape) for _ in range(5))
    means: dict[int, NDArray[np.float64]] = {}
    slopes: dict[int, NDArray[np.float64]] = {}
    steps = _steps(spec)
    for back in range(depth(spec)):
        at = rows - back
        value = values[np.maximum(at, 0)]
        value[at < 0] = np.nan
        known = np.isfinite(value)
        value[~known] = 0.0
        count += known
        back_ += back * known
        back2 += back * back * known
        total += value
        cross += back * value
        if back + 1 in steps:
            means[back + 1] = np.divide(total, count, out=np.full(shape, np.nan), where=count > 0)
            wide = count * back2 - back_ * back_
            rise = (back_ * total - count * cross) * (3600.0 / spec.bucket_s)
            slopes[back + 1] = np.divide(rise, wide, out=np.full(shape, np.nan), where=wide > 0)
    found = [*(means[each] for each in steps), *(slopes[each] for each in steps[1:])]
    return np.concatenate(found, axis=-1).astype(np.float32)


def _hours(spec: FeatureSpec) -> tuple[float, ...]:
    """Windows that must be known, and longer ones (the lags) that are used as far as they are."""
    return (*spec.windows_h, *spec.lags_h)


def _steps(spec: FeatureSpec) -> list[int]:
    return [max(1, int(each * 3600.0 / spec.bucket_s + 0.5)) for each in _hours(spec)]
