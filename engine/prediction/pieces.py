"""Samples cut at the edges of slots: how much of each slot was good, and what it adds to the mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Arrived:
    """Samples in the order they came, all arrays [k]: column, source and receive time, value, is it good."""

    column: NDArray[np.int64]
    time_us: NDArray[np.int64]
    receive_us: NDArray[np.int64]
    value: NDArray[np.float64]
    good: NDArray[np.bool_]

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Arrived:
        """Those chosen, by a mask or in the order of an index."""
        column, time, receive = self.column[chosen], self.time_us[chosen], self.receive_us[chosen]
        return Arrived(column, time, receive, self.value[chosen], self.good[chosen])

    def split(self, end_us: int) -> tuple[Arrived, Arrived]:
        """Those before ``end_us`` and the others."""
        before = self.time_us < end_us
        return self.where(before), self.where(~before)


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The last value float64[c] of each column, and whether it holds bool[c]."""

    value: NDArray[np.float64]
    good: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """Closed slots: slot k covers [start_us + k·slot_us, +slot_us).

    area float64[n, c] = sum of value x good microseconds · good_us int64[n, c].
    """

    start_us: int
    slot_us: int
    area: NDArray[np.float64]
    good_us: NDArray[np.int64]

    @staticmethod
    def joined(parts: Sequence[Slots], next_us: int, slot_us: int, columns: int) -> Slots:
        """Slots that follow each other as one; none at all begin at ``next_us``."""
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return Slots(next_us, slot_us, np.zeros((0, columns)), np.zeros((0, columns), np.int64))
        area = np.concatenate([part.area for part in parts])
        return Slots(parts[0].start_us, slot_us, area, np.concatenate([part.good_us for part in parts]))


def unheld(columns: int) -> Held:
    """Nothing known of any column."""
    return Held(np.zeros(columns), np.zeros(columns, np.bool_))


def joined(parts: Sequence[Arrived]) -> Arrived:
    """All of them, in this order."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        whole = np.empty(0, np.int64)
        return Arrived(whole, whole, whole, np.empty(0), np.empty(0, np.bool_))
    return Arrived(
        np.concatenate([part.column for part in parts]),
        np.concatenate([part.time_us for part in parts]),
        np.concatenate([part.receive_us for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.good for part in parts]),
    )


def in_order(arrived: Arrived) -> Arrived:
    """By column and time, one sample for each time, whatever the order in which they came.

    Of several with the same time one that is not good counts, else the largest: two values at one time are
    a doubt, and any rule that asks which came first would make live and replay differ.
    """
    placed = arrived.where(_by_time(arrived.column, arrived.time_us))
    column, time = placed.column, placed.time_us
    if ((column[1:] != column[:-1]) | (time[1:] != time[:-1])).all():
        return placed
    value = np.where(placed.good, placed.value, np.inf)
    placed = placed.where(np.lexsort((value, time, column)))
    column, time = placed.column, placed.time_us
    last = np.ones(len(time), np.bool_)
    last[:-1] = (column[1:] != column[:-1]) | (time[1:] != time[:-1])
    return placed.where(last)


def _by_time(column: NDArray[np.int64], time_us: NDArray[np.int64]) -> NDArray[np.intp]:
    """The order by column and time; what is equal in both keeps its order."""
    if not len(time_us):
        return np.empty(0, np.intp)
    first_us = int(time_us.min())
    span = int(time_us.max()) - first_us + 1
    if span < 2**62 // (int(column.max()) + 1):
        # One key is several times faster than two, and mostly in order already.
        return np.argsort(column * span + (time_us - first_us), kind="stable")
    return np.lexsort((time_us, column))


def cut(arrived: Arrived, held: Held, start_us: int, end_us: int, slot_us: int) -> tuple[Slots, Held]:
    """The slots of [start_us, end_us) and what holds at their end; all samples lie within, in any order.

    Each slot starts anew with what held at its edge, so that one slot at a time gives the same bits as many.
    """
    columns, count = len(held.value), (end_us - start_us) // slot_us
    placed = in_order(arrived)
    if not len(placed.time_us):
        return _unchanged(held, start_us, count, slot_us), held
    edges = start_us + slot_us * np.arange(count, dtype=np.int64)
    # An edge stands before a sample of the same time: what held there lasted no time at all.
    column = np.concatenate([np.repeat(np.arange(columns), count), placed.column])
    time = np.concatenate([np.tile(edges, columns), placed.time_us])
    source = np.concatenate([np.full(columns * count, -1), np.arange(len(placed.time_us))])
    order = _by_time(column, time)
    column, time, source = column[order], time[order], source[order]
    firsts = np.searchsorted(column, np.arange(columns))
    value, good = _carried(placed, held, source, firsts)
    last = np.append(firsts[1:], len(column)) - 1
    ends = np.append(time[1:], end_us)
    ends[last] = end_us
    lasted = np.where(good, ends - time, 0)
    slot = (time - start_us) // slot_us
    area, good_us = np.zeros((count, columns)), np.zeros((count, columns), np.int64)
    # Added one after another in the order of the array, which is that of time in every slot.
    with np.errstate(over="ignore", invalid="ignore"):
        np.add.at(area, (slot, column), np.where(good, value, 0.0) * lasted)
    np.add.at(good_us, (slot, column), lasted)
    slots = Slots(start_us, slot_us, area, good_us)
    return slots, Held(value[last], good[last])


def _carried(
    placed: Arrived, held: Held, source: NDArray[np.int64], firsts: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Value and goodness from each place on: of its sample, else of the last one of its column."""
    known = source >= 0
    value = np.where(known, placed.value[source], 0.0)
    good = np.where(known, placed.good[source], False)
    value[firsts], good[firsts] = held.value, held.good
    known[firsts] = True
    at = np.maximum.accumulate(np.where(known, np.arange(len(source)), 0))
    return value[at], good[at]


def _unchanged(held: Held, start_us: int, count: int, slot_us: int) -> Slots:
    """Slots in which no sample came: every value held, as it would have piece by piece."""
    lasted = np.where(held.good, slot_us, 0)
    with np.errstate(over="ignore"):
        area = np.where(held.good, held.value, 0.0) * lasted
    shape = (count, len(lasted))
    return Slots(start_us, slot_us, np.broadcast_to(area, shape), np.broadcast_to(lasted, shape))
