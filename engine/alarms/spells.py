"""From when to when alarms were there, were shelved, and the engine knew of it; all as arrays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from engine.types import Letter, What

WHATS: tuple[What, ...] = get_args(What)
LETTERS: tuple[Letter, ...] = get_args(Letter)
SHOWN = np.isin(LETTERS, ("B", "C", "D"))
"""Letters in which an alarm is annunciated."""
CALLS = ("active", "realarmed")
CALLS_AGAIN = ("unshelved", "expired", "unsuppressed", "in_service")
FEW_IDS = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """Changes of the alarm journal as they were noted, the oldest first; each array has length k.

    time_us int64 (when it was noted) · alarm int32 (id) · what uint8 (place in ``WHATS``) · priority uint8
    · letter uint8 (place in ``LETTERS``, as it was afterwards) · by_person bool = a person is named with it,
    None = this is not known. Rows before the span that is looked at say what was there when it began:
    "active" for an alarm that stood, "shelved" for a shelf, at the time when it came.
    """

    time_us: NDArray[np.int64]
    alarm: NDArray[np.int32]
    what: NDArray[np.uint8]
    priority: NDArray[np.uint8]
    letter: NDArray[np.uint8]
    by_person: NDArray[np.bool_] | None = None

    def rows(self, whats: Collection[What]) -> NDArray[np.bool_]:
        """Which rows say one of these, bool[k]."""
        wanted = np.array([each in whats for each in WHATS])
        return wanted[self.what]


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """Stretches of time of alarms, each array of length n: [begin_us, end_us) of ``alarm``.

    is_open bool = it goes on beyond the end · marked bool = something asked for happened in it ·
    row int64 = the row of the record that began it. One that ends before it begins, by a clock that was set
    back, lasted nobody knows how long and is left out.
    """

    alarm: NDArray[np.int32]
    begin_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    is_open: NDArray[np.bool_]
    marked: NDArray[np.bool_]
    row: NDArray[np.int64]

    def where(self, wanted: NDArray[np.bool_]) -> Spells:
        """Only these of them."""
        return Spells(
            self.alarm[wanted],
            self.begin_us[wanted],
            self.end_us[wanted],
            self.is_open[wanted],
            self.marked[wanted],
            self.row[wanted],
        )


def annunciated(record: Record) -> NDArray[np.bool_]:
    """Which changes called for the operator, bool[k].

    An alarm came, or came again by its re-alarm timer, and was in the operator's list (B, C, D); or what
    had set it aside ended while it was active, and it stood there unacknowledged (B).
    """
    came = record.rows(CALLS) & SHOWN[record.letter]
    return came | (record.rows(CALLS_AGAIN) & (record.letter == LETTERS.index("B")))


def active(record: Record, end_us: int) -> Spells:
    """From when to when alarms were active; marked = acknowledged in that time."""
    return _between(record, ("active",), ("returned", "removed"), ("acknowledged",), end_us)


def shelved(record: Record, end_us: int) -> Spells:
    """From when to when alarms were shelved; a shelf that is made longer is one."""
    return _between(record, ("shelved",), ("unshelved", "expired", "removed"), (), end_us)


def _between(
    record: Record,
    begins: Collection[What],
    ends: Collection[What],
    marks: Collection[What],
    end_us: int,
) -> Spells:
    rows = np.flatnonzero(record.rows((*begins, *ends, *marks)))
    rows = rows[by_alarm(record.alarm[rows])]
    alarm, what = record.alarm[rows], record.what[rows]
    time = record.time_us[rows]
    is_on, is_mark = _among(what, begins), _among(what, marks)
    turns = np.flatnonzero(~is_mark)
    on = is_on[turns]
    goes_on = np.zeros(len(turns), np.bool_)
    goes_on[1:] = on[:-1] & (alarm[turns][1:] == alarm[turns][:-1])
    start = turns[on & ~goes_on]
    offs = turns[~on]
    following = np.append(offs, len(rows))[np.searchsorted(offs, start)]
    of_alarm = np.append(np.flatnonzero(alarm[1:] != alarm[:-1]) + 1, len(rows))
    until = of_alarm[np.searchsorted(of_alarm, start, "right")]
    is_open = following >= until
    stop = np.where(is_open, until, following)
    marked = np.append(0, np.cumsum(is_mark))
    stop_us = np.append(time, end_us)[np.where(is_open, len(rows), following)]
    return Spells(
        alarm[start],
        time[start],
        stop_us,
        is_open,
        marked[stop] > marked[start],
        rows[start].astype(np.int64),
    ).where(stop_us >= time[start])


def _among(what: NDArray[np.uint8], whats: Collection[What]) -> NDArray[np.bool_]:
    return np.array([each in whats for each in WHATS])[what]


def by_alarm(alarm: NDArray[np.int32]) -> NDArray[np.intp]:
    """The order that brings the rows of each alarm together and leaves them in their own order.

    Small ids are sorted several times as fast: numpy has a radix sort for them.
    """
    is_small = len(alarm) > 0 and int(alarm.min()) >= 0 and int(alarm.max()) < FEW_IDS
    return np.argsort(alarm.astype(np.uint16) if is_small else alarm, kind="stable")


def within(stretches_us: NDArray[np.int64], start_us: int, end_us: int) -> NDArray[np.int64]:
    """The parts of stretches int64[m×2] that lie from ``start_us`` to ``end_us``; those that overlap are
    joined.
    """
    cut = np.clip(stretches_us.reshape(-1, 2), start_us, end_us)
    cut = cut[cut[:, 1] > cut[:, 0]]
    cut = cut[np.argsort(cut[:, 0], kind="stable")]
    if not len(cut):
        return cut
    reach = np.maximum.accumulate(cut[:, 1])
    fresh = np.append(True, cut[1:, 0] > reach[:-1])
    last = np.append(np.flatnonzero(fresh)[1:] - 1, len(cut) - 1)
    return np.stack([cut[fresh, 0], reach[last]], axis=1)


def known_before(known_us: NDArray[np.int64], at_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """How much of the stretches ``known_us`` (`within`) lies before each instant, microseconds."""
    if not len(known_us):
        return np.zeros(len(at_us), np.int64)
    length = known_us[:, 1] - known_us[:, 0]
    before = np.append(0, np.cumsum(length))
    at = np.searchsorted(known_us[:, 0], at_us, "right") - 1
    here = np.maximum(at, 0)
    part = np.clip(at_us - known_us[here, 0], 0, length[here])
    return np.where(at < 0, 0, before[here] + part)


def known_within(
    known_us: NDArray[np.int64], begin_us: NDArray[np.int64], end_us: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How much of the stretches ``known_us`` lies in each [begin_us, end_us), microseconds."""
    return known_before(known_us, end_us) - known_before(known_us, begin_us)
