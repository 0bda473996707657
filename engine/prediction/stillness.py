"""Tags that do not move any more: a sensor that is stuck shows one value for ever, in good quality.

How long each tag may stand still is learned from the same normal period as its asset. What is said of it is
a matter of the data's quality: neither that the asset is abnormal nor that it will fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PART = 0.1
"""A change of less than this part of a tag's usual one from row to row is none."""
BITS = 1e-6
"""Nor is one that the rounding of a mean in float32 makes, as a part of the value."""
LEAST, TIMES = 12, 3
"""So many still rows are too many, and so many times as many as the normal period had in one go."""
STANDS = 0.5
"""With this part of the tags still at once the asset stands, and no sensor is blamed."""


class Rest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How still a tag was when all was well: up to ``step`` (its unit) from row to row is no change, and at
    most ``rows`` rows followed each other without one.
    """

    step: float
    rows: int


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """After a row, by tag: the row float64[t], how many rows it has not moved, and since when (UTC us)."""

    last: Floats
    rows: NDArray[np.int64]
    since_us: NDArray[np.int64]


def rests_of(rows: Floats) -> tuple[Rest, ...]:
    """How still each tag was, from rows float64[n, t] of a normal period, oldest first, NaN = not good."""
    change = np.abs(np.diff(rows, axis=0))
    found: list[Rest] = []
    for own, value in zip(change.T, rows.T, strict=True):
        known = own[np.isfinite(own)]
        if not len(known):
            found.append(Rest(0.0, len(rows)))
            continue
        step = max(PART * float(np.median(known)), BITS * float(np.nanmax(np.abs(value))))
        found.append(Rest(step, _longest(own <= step)))
    return tuple(found)


def _longest(still: NDArray[np.bool_]) -> int:
    """The most that are True one after another."""
    moved = np.flatnonzero(~still)
    return int(np.diff(moved, prepend=-1, append=len(still)).max()) - 1


def begin(tags: int) -> Still:
    """Before the first row: nothing is known."""
    return Still(np.full(tags, np.nan), np.zeros(tags, np.int64), np.zeros(tags, np.int64))


def after(still: Still, rests: Sequence[Rest], row: Floats, start_us: int) -> Still:
    """After a ``row`` float64[t] that began at ``start_us``. A tag that is NaN (not good) begins anew."""
    step = np.array([each.step for each in rests])
    stays = np.abs(row - still.last) <= step
    rows = np.where(stays, still.rows + 1, 0)
    return Still(row, rows, np.where(rows == 1, start_us, still.since_us))


def stuck(still: Still, rests: Sequence[Rest]) -> list[int]:
    """Places of the tags that have stood still for far longer than they ever did when all was well."""
    most = np.array([max(LEAST, TIMES * each.rows) for each in rests], np.int64)
    found: list[int] = np.flatnonzero(still.rows >= most).tolist()
    return found if len(found) < max(2.0, STANDS * len(rests)) else []
