"""Samples on their way from the wire to the window, always as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Samples of one scan group: ``rows`` instants of the same ``n`` distinct tags.

    tags int32[n] (tag ids) · source_time_us int64[rows | rows×n] · receive_time_us int64[rows]
    · value float64[rows×n] · quality uint32[n | rows×n]. Rows are in time order.
    """

    group: int
    tags: NDArray[np.int32]
    source_time_us: NDArray[np.int64]
    receive_time_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """All live tags at one instant, in live order (the order of the ``tags`` answer).

    value float64[n] (NaN = none) · status uint32[n], with staleness already applied ·
    source_time_us, receive_time_us int64[n] (0 = never) · age_s float64[n] (NaN = never) ·
    stale bool[n] · version uint64[n], changes with every new sample or quality ·
    torn = tags whose row could not be read whole, so the reader kept its last copy · text = what the
    text tags say, by live position; their ``value`` is only a number that changes with the text ·
    alarm uint8[n] = priority 1 to 4 of the worst active alarm of each tag, 0 = none.
    """

    value: NDArray[np.float64]
    status: NDArray[np.uint32]
    source_time_us: NDArray[np.int64]
    receive_time_us: NDArray[np.int64]
    age_s: NDArray[np.float64]
    stale: NDArray[np.bool_]
    version: NDArray[np.uint64]
    torn: int
    text: Mapping[int, str] = field(default_factory=dict[int, str])
    alarm: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One tag over a span, never more than two points a pixel, oldest first.

    time_us int64[k] · low, high float64[k]: smallest and largest value of that bucket (equal for
    raw samples); NaN = a gap, draw no line across it · uncertain bool[k] = not plainly good.
    """

    time_us: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    uncertain: NDArray[np.bool_]


class Column(msgspec.Struct, frozen=True):
    """One array of the live file: ``items`` elements for each tag, tags one after another."""

    offset: int
    dtype: str
    items: int = 1


class Layout(msgspec.Struct, frozen=True):
    """The whole live file: sizes in bytes and the place of every column by name."""

    version: int
    boot: int
    generation: int
    capacity: int
    count: int
    size: int
    columns: dict[str, Column]

    @property
    def samples(self) -> int:
        """Raw samples kept for each tag."""
        return self.columns["ring_time_us"].items
