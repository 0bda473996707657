"""A sensor was changed and reads a little otherwise: its normal level is followed, without any label.

The median of a trailing window (14 d; 72 h on request) is held against the level of the training; the
difference is taken off before features are made. It is frozen while something is wrong, moves in bounded
steps, and every change is journalled and can be taken back. Never on for a window as short as the failures:
on NAB a 72-h baseline learns the failure and never alarms it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

WINDOW_H = {"14d": 336.0, "72h": 72.0}
STEP = 0.5
"""Spreads that an offset may move in one day."""
LARGEST = 2.0
"""Spreads that an offset may have: beyond that it is no other sensor but another machine."""
DEADBAND = 0.25
"""Spreads below which a difference is chance."""
SHARE = 0.5
"""Part of the window that must hold good samples of a time when nothing was wrong."""
DAY_H = 24.0

Journal = Callable[[str, dict[str, Any]], None]


class Baseline(msgspec.Struct, frozen=True):
    """What is taken off each role's mean, in its unit.

    ``updated_us`` 0 = never; ``is_on`` False = taken back.
    """

    offset: dict[str, float] = {}
    updated_us: int = 0
    window: Literal["14d", "72h"] = "14d"
    is_on: bool = True


def follow(
    before: Baseline,
    now_us: int,
    normal: Mapping[str, tuple[float, float]],
    roles: tuple[str, ...],
    means: NDArray[np.float32],
    is_wrong: NDArray[np.bool_],
    bucket_s: float,
    journal: Journal,
) -> Baseline:
    """The baseline a day later: at most one step for each role.

    ``means`` float32[n, roles] = closed buckets that end now, without any offset taken off; ``is_wrong``
    bool[n] = the asset was in WATCH or ACT, in alarm or under maintenance then. Those buckets are left out;
    while the last is wrong nothing moves. ``normal`` = (level, spread) by role. A change goes to ``journal``
    with ``before`` and ``after``, enough to take it back.
    """
    hours = WINDOW_H[before.window]
    if not before.is_on or now_us - before.updated_us < DAY_H * 3.6e9 or not len(means) or is_wrong[-1]:
        return before
    steps = max(1, round(hours * 3600 / bucket_s))
    recent, calm = means[-steps:], ~is_wrong[-steps:]
    offset = dict(before.offset)
    for place, role in enumerate(roles):
        if role not in normal or normal[role][1] <= 0:
            continue
        values = recent[calm, place]
        values = values[np.isfinite(values)]
        if len(values) < SHARE * steps:
            continue
        offset[role] = _step(
            offset.get(role, 0.0), float(np.median(values)) - normal[role][0], normal[role][1]
        )
    after = msgspec.structs.replace(before, offset=offset, updated_us=now_us)
    if offset != before.offset:
        journal("baseline moved", {"before": dict(before.offset), "after": offset, "window": before.window})
    return after


def _step(was: float, wanted: float, spread: float) -> float:
    if abs(wanted - was) < DEADBAND * spread:
        return was
    moved = was + float(np.clip(wanted - was, -STEP * spread, STEP * spread))
    return round(float(np.clip(moved, -LARGEST * spread, LARGEST * spread)), 6)


def take_back(before: Baseline, now_us: int, by: str, reason: str, journal: Journal) -> Baseline:
    """The model's own normal again, and no following until it is switched on: who wanted it is on record."""
    journal("baseline taken back", {"before": dict(before.offset), "after": {}, "by": by, "reason": reason})
    return msgspec.structs.replace(before, offset={}, updated_us=now_us, is_on=False)


def switch_on(before: Baseline, now_us: int, by: str, reason: str, journal: Journal) -> Baseline:
    """Follow again from where it is."""
    journal(
        "baseline followed",
        {"before": dict(before.offset), "after": dict(before.offset), "by": by, "reason": reason},
    )
    return msgspec.structs.replace(before, updated_us=now_us, is_on=True)


def without(baseline: Baseline, roles: tuple[str, ...], means: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means float32[..., roles] with the offset taken off; the same bits for one row as for many."""
    off = np.array([baseline.offset.get(role, 0.0) for role in roles], np.float32)
    return means - off
