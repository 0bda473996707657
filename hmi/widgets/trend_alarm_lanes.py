"""Alarms on a trend in rows: which alarm has which row, and which of its times are drawn as one. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmi.alarm_spells import AlarmHistory, Spell, Tick
from hmi.widgets.trend_gaps import Stretch

MOST_LANES = 3
CELL_PX, APART_PX, COUNT_PX = 56.0, 20.0, 54.0
"""What begins in the same so many pixels of absolute time is one band with a count: it stands still while
time goes on. Two shapes are never nearer than ``APART_PX``, with a count never than ``COUNT_PX``."""


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """One row: the times of one alarm, or of all those that have no row of their own; by when they began.

    ``begin_us`` and ``end_us`` int64[n], ``rank`` (priority) int8[n] and ``is_aside`` bool[n] are theirs.
    """

    spells: tuple[Spell, ...]
    ticks: tuple[Tick, ...]
    begin_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    rank: NDArray[np.int8]
    is_aside: NDArray[np.bool_]

    def seen(self, start_us: int, end_us: int) -> NDArray[np.intp]:
        """Places of the spells that touch a stretch of time."""
        return np.flatnonzero((self.begin_us <= end_us) & (self.end_us >= start_us))


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Spells that are drawn as one, by when they began. ``lane`` = its row from the top."""

    lane: int
    spells: tuple[Spell, ...]
    x: float
    end_x: float

    @property
    def priority(self) -> int:
        """The worst of them."""
        return min(each.priority for each in self.spells)

    @property
    def is_aside(self) -> bool:
        """None of them was annunciated."""
        return all(each.is_aside for each in self.spells)


def lanes_of(history: AlarmHistory) -> tuple[Lane, ...]:
    """A row for each alarm: the worst priority first, then by tag and kind."""
    spells: dict[int, list[Spell]] = {}
    ticks: dict[int, list[Tick]] = {}
    for spell in history.spells:
        spells.setdefault(spell.alarm, []).append(spell)
    for tick in history.ticks:
        ticks.setdefault(tick.alarm, []).append(tick)
    order = sorted(spells.values(), key=lambda s: (s[-1].priority, s[-1].path, s[-1].kind, s[-1].name))
    return tuple(_lane(each, ticks.get(each[0].alarm, ())) for each in order)


def _lane(spells: Sequence[Spell], ticks: Sequence[Tick]) -> Lane:
    begins = np.array([each.begin_us for each in spells], np.int64)
    ends = np.array([each.end_us for each in spells], np.int64)
    ranks = np.array([each.priority for each in spells], np.int8)
    aside = np.array([each.is_aside for each in spells], np.bool_)
    return Lane(tuple(spells), tuple(ticks), begins, ends, ranks, aside)


def rows(lanes: Sequence[Lane], start_us: int, end_us: int, most: int = MOST_LANES) -> tuple[Lane, ...]:
    """The rows that a window needs; what finds no room shares the last one."""
    seen = [lane for lane in lanes if lane.seen(start_us, end_us).size]
    if len(seen) <= most:
        return tuple(seen)
    left = seen[most - 1 :]
    spells = sorted((each for lane in left for each in lane.spells), key=lambda each: each.begin_us)
    ticks = sorted((each for lane in left for each in lane.ticks), key=lambda each: each.time_us)
    return (*seen[: most - 1], _lane(spells, ticks))


def bands(lane: Lane, place: int, window: Stretch, left: float, width: float) -> list[Band]:
    """The bands of a row in a window that is ``width`` pixels wide from ``left`` on, by time."""
    start_us, end_us = window
    seen = lane.seen(start_us, end_us)
    if not seen.size:
        return []
    scale = width / (end_us - start_us)
    begins = np.maximum(lane.begin_us[seen], start_us)
    cells = begins // max(1, round(CELL_PX / scale))
    first = np.flatnonzero(np.concatenate(([True], cells[1:] != cells[:-1]))).tolist()
    xs = left + (begins - start_us) * scale
    groups: list[tuple[int, int]] = []
    for begin, end in zip(first, [*first[1:], len(seen)], strict=True):
        before = groups[-1] if groups else (begin, begin)
        apart = COUNT_PX if before[1] - before[0] > 1 else APART_PX
        if groups and xs[begin] - xs[before[0]] < apart:
            groups[-1] = before[0], end
        else:
            groups.append((begin, end))
    ends = left + np.minimum(np.maximum(lane.end_us[seen] - start_us, 0), end_us - start_us) * scale
    return [
        Band(place, tuple(lane.spells[at] for at in seen[a:b]), float(xs[a]), float(ends[a:b].max()))
        for a, b in groups
    ]


def active(
    rows: Sequence[Lane], window: Stretch, joined_us: int, is_aside: bool, priority: int = 0
) -> list[Stretch]:
    """When any alarm of these rows was active in a window: those set aside, or all the others; of one
    ``priority``, 0 = of any.

    Without overlaps; what is nearer than ``joined_us`` is one.
    """
    if not rows:
        return []
    start_us, end_us = window
    begins = np.concatenate([lane.begin_us for lane in rows])
    ends = np.concatenate([lane.end_us for lane in rows])
    aside = np.concatenate([lane.is_aside for lane in rows])
    wanted = (begins <= end_us) & (ends >= start_us) & (aside == is_aside)
    if priority:
        wanted &= np.concatenate([lane.rank for lane in rows]) == priority
    seen = np.flatnonzero(wanted)
    if not seen.size:
        return []
    seen = seen[np.argsort(begins[seen], kind="stable")]
    begins, ends = np.maximum(begins[seen], start_us), np.minimum(ends[seen], end_us)
    reach = np.maximum.accumulate(ends)
    first = np.flatnonzero(np.concatenate(([True], begins[1:] - reach[:-1] > joined_us)))
    last = np.append(first[1:] - 1, len(seen) - 1)
    return list(zip(begins[first].tolist(), reach[last].tolist(), strict=True))
