"""Features for networks, which look at the steps themselves.

``steps/1``, a version beside ``windows/1`` in `engine.prediction.features`, with the same rules: a row looks
back only, and has the same bits alone as among a hundred thousand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from engine.prediction.buckets import Buckets
    from engine.prediction.features import FeatureSpec


def names(spec: FeatureSpec) -> tuple[str, ...]:
    """Each role and class of events, bucket after bucket back to the longest lag, newest first.

    A network takes the flat row as [steps, roles + classes].
    """
    hours = (back * spec.bucket_s / 3600.0 for back in range(depth(spec)))
    return tuple(f"{each}:lag_{back:g}h" for back in hours for each in (*spec.roles, *spec.classes))


def depth(spec: FeatureSpec) -> int:
    """Buckets in a row, the newest among them."""
    return int(max(spec.lags_h, default=0.0) * 3600.0 / spec.bucket_s + 0.5) + 1


def compute(spec: FeatureSpec, buckets: Buckets, rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Means, NaN = no good sample or before the first bucket; and counts of events, none before it."""
    found: list[NDArray[np.float32]] = []
    for back in range(depth(spec)):
        at = rows - back
        means, events = buckets.means[np.maximum(at, 0)], buckets.events[np.maximum(at, 0)]
        means[at < 0], events[at < 0] = np.nan, 0
        found += [means, events.astype(np.float32)]
    return np.concatenate(found, axis=-1, dtype=np.float32)
