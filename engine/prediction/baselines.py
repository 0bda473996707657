"""What needs no learning, run beside every model on the same data: limits, and limits with an event.

A model that does not beat them is not worth its trouble, so their record is kept in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

LIMIT, RULE = "baseline: limit", "baseline: limit and event"
"""Under these names their episodes are kept."""
FAR = 4.0
"""Without limits of its own a tag's are so many deviations of its normal away."""


def limits_of(
    normal: Mapping[str, tuple[float, float]], roles: Sequence[str], assets: int
) -> NDArray[np.float64]:
    """Limits float64[assets, roles, 2] from (middle, deviation) of each role; infinite where not known."""
    ends = np.full((len(roles), 2), (-np.inf, np.inf))
    for at, role in enumerate(roles):
        if role in normal:
            middle, deviation = normal[role]
            ends[at] = middle - FAR * deviation, middle + FAR * deviation
    return np.broadcast_to(ends, (assets, len(roles), 2))


def beyond(means: NDArray[np.float32], limits: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which assets have a value beyond LL or HH: means float32[assets, roles], NaN is beyond nothing."""
    return np.logical_or(means <= limits[..., 0], means >= limits[..., 1]).max(axis=-1, initial=False)


def with_event(is_beyond: NDArray[np.bool_], events: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Beyond a limit, and an event within the buckets given: events int32[buckets, assets, classes]."""
    return is_beyond & (events.sum(axis=(0, 2)) > 0)
