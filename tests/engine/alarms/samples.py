"""Tags, limits and batches for the tests of this package."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.alarms import Changes, Conditions
from engine.types import Batch, Limit, Tag

S = 1_000_000
PRESSURE, GUARD, STATE = "A/Press/Pressure", "A/Press/Guard closed", "A/Press/State"
TAGS = (
    Tag(0, PRESSURE, "plc", "x", type="float64", unit="bar"),
    Tag(1, GUARD, "plc", "x", type="bool"),
    Tag(2, STATE, "plc", "x", type="int32", states={0: "idle", 1: "running", 5: "fault"}),
)


def ids(*tags: int) -> np.ndarray:
    return np.array(tags, np.int32)


def batch(times_s: ArrayLike, value: ArrayLike, quality: ArrayLike = 0, tags: ArrayLike = (0,)) -> Batch:
    """Values [rows×tags] at ``times_s``; one column may be given flat."""
    times = np.atleast_1d(np.round(np.asarray(times_s, np.float64) * S)).astype(np.int64)
    values = np.array(value, np.float64).reshape(len(times), -1)
    codes = np.broadcast_to(np.array(quality, np.uint32), values.shape).copy()
    return Batch(0, np.array(tags, np.int32), times, times, values, codes)


def high(**more: Any) -> Limit:
    return Limit(**{"path": PRESSURE, "kind": "h", "limit": 100.0, **more})


def told(changes: Changes | None) -> list[tuple[int, bool, float, float]]:
    """(limit, came, seconds, value) of every change."""
    if changes is None:
        return []
    columns = changes.limits, changes.active, changes.time_us / S, changes.value
    return list(zip(*(each.tolist() for each in columns), strict=True))


class Seen:
    """Limits and what they said so far; a second of our clock is a second of the source's."""

    def __init__(self, *limits: Limit) -> None:
        self.limits = Conditions(limits, TAGS)
        self.changes: list[tuple[int, bool, float, float]] = []

    def send(self, times_s: ArrayLike, value: ArrayLike, quality: ArrayLike = 0, tag: int = 0) -> None:
        sent = batch(times_s, value, quality, (tag,))
        self.changes += told(self.limits.judge(sent, None, int(sent.source_time_us[-1])))

    def prove(self, time_s: float, tag: int = 0) -> None:
        self.changes += told(self.limits.proved(ids(tag), round(time_s * S)))

    @property
    def came_and_went(self) -> list[tuple[bool, float]]:
        return [(active, time) for _, active, time, _ in self.changes]
