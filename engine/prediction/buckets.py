"""Samples as equal closed steps of event time: the mean by time of what is plainly good, and how much is.

A sample holds until the next one of its tag. Live, replay and training come here with the same samples and
get the same bits: what is added up is put in order of time first, and added one after another.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.prediction.pieces import Arrived, Slots, cut, joined, unheld
from engine.types import SEVERITY_MASK, Batch, Gap, Origin, Samples

MINUTE_US = 60_000_000
GRACE_US = 2_000_000
"""What was received in time may still be on its way through the ingest for so long."""
AHEAD_US = 600_000_000
"""A sample that claims a time further in the future than this was never measured then."""
CHUNK = 256
"""Slots closed in one go: bounds the memory that a replay of months takes."""
WAITING = 4_000_000
"""Samples that wait for their slot to close, at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """Closed steps of time of one asset, or of a fleet with an axis of assets before roles and classes.

    Step k covers [start_us + k·bucket_us, +bucket_us). means float32[n, roles] of the good samples, by time,
    NaN = none · coverage float32[n, roles] = part of the step with a good value, 0 to 1 · events
    int32[n, classes] = journal events in it.
    """

    start_us: int
    bucket_us: int
    means: NDArray[np.float32]
    coverage: NDArray[np.float32]
    events: NDArray[np.int32]
    roles: tuple[str, ...]
    classes: tuple[str, ...] = ()


def newest(history: Buckets, count: int) -> Buckets:
    """The last ``count`` of them."""
    first = max(0, len(history.means) - count)
    here, start_us = slice(first, None), history.start_us + first * history.bucket_us
    means, coverage, events = history.means[here], history.coverage[here], history.events[here]
    return Buckets(start_us, history.bucket_us, means, coverage, events, history.roles, history.classes)


class Intake:
    """Samples of the tags it wants to know (a ``Record``, beside the history's), and their closed slots.

    ``tags`` int32[c] are distinct tag ids, the columns. A sample counts when it was received at most
    ``allowance_us`` after the end of its slot; None = whenever it came, for what is read back. What the
    engine itself says, that a value went stale or holds again, counts always, from the open slot on: the
    time it is of may be long past, and not to hear it would let the value hold for ever. ``append`` may be
    called from another thread than ``close``. Overload: drop, the newest, counted in ``lost``.
    """

    def __init__(
        self,
        tags: NDArray[np.int32],
        start_us: int,
        slot_us: int = MINUTE_US,
        allowance_us: int | None = 30_000_000,
    ) -> None:
        self.slot_us, self.allowance_us = slot_us, allowance_us
        self.next_us = start_us - start_us % slot_us
        self.late = self.lost = 0
        self._column = np.full(int(tags.max(initial=0)) + 1, -1, np.int64)
        self._column[tags] = np.arange(len(tags))
        self._held, self._lock = unheld(len(tags)), threading.Lock()
        self._newest_us, self._newest_good = np.zeros(len(tags), np.int64), np.zeros(len(tags), np.bool_)
        self._waiting: list[Arrived] = []
        self._count = 0

    def append(
        self, batch: Batch, origin: Origin = Origin.LIVE, taken: NDArray[np.bool_] | None = None
    ) -> None:
        """Take a batch, or of it the samples ``taken`` bool[rows×n]; others than its tags are left."""
        inside = batch.tags < len(self._column)
        column = np.where(inside, self._column[np.where(inside, batch.tags, 0)], -1)
        wanted = column >= 0
        if not wanted.any():
            return
        chosen = np.broadcast_to(wanted, batch.value.shape)
        if taken is not None:
            chosen = chosen & taken
        self._take(_flat(batch, column, chosen), is_turn=origin is Origin.ENGINE)

    def gap(self, gap: Gap) -> None:
        """A gap says nothing that the quality of the samples around it does not."""

    def samples(self, tag: int, samples: Samples) -> None:
        """Take what the history holds of one tag, in any pieces and any order."""
        good = ((samples.quality & np.uint32(SEVERITY_MASK)) == 0) & np.isfinite(samples.value)
        column = np.full(len(good), self._column[tag])
        self._take(Arrived(column, samples.time_us, samples.receive_us, samples.value, good))

    def silence(self, time_us: int) -> None:
        """From ``time_us`` on no value holds until its next sample."""
        count = len(self._held.value)
        at = np.full(count, time_us, np.int64)
        none = np.full(count, np.nan), np.zeros(count, np.bool_)
        self._take(Arrived(np.arange(count), at, at, *none), is_turn=True)

    def _take(self, arrived: Arrived, *, is_turn: bool = False) -> None:
        with self._lock:
            if is_turn:
                arrived = replace(arrived, time_us=np.maximum(arrived.time_us, self.next_us))
            time, receive = arrived.time_us, arrived.receive_us
            timely = time <= receive + AHEAD_US
            self._remember(arrived if timely.all() else arrived.where(timely), is_turn=is_turn)
            if self.allowance_us is not None:
                # By the sample's own times alone, so that a slow turn of ours changes nothing.
                timely &= receive <= time - time % self.slot_us + self.slot_us + self.allowance_us
            timely = (timely & (time >= self.next_us)) | is_turn
            many = int(np.count_nonzero(timely))
            self.late += len(time) - many
            if self._count + many > WAITING:
                self.lost += many
            elif many:
                self._waiting.append(arrived if many == len(time) else arrived.where(timely))
                self._count += many

    def _remember(self, arrived: Arrived, *, is_turn: bool) -> None:
        """The newest sample of each column: what holds at this moment, before its slot is closed."""
        order = np.argsort(arrived.time_us, kind="stable")
        column, time, good = arrived.column[order], arrived.time_us[order], arrived.good[order]
        if not is_turn:  # a turn holds from now on, whatever time it bears
            newer = time >= self._newest_us[column]
            column, time, good = column[newer], time[newer], good[newer]
        self._newest_us[column], self._newest_good[column] = time, good

    def due_us(self, now_us: int) -> int:
        """The end of the last slot that nothing can be added to any more."""
        until_us = now_us - (self.allowance_us or 0) - GRACE_US
        return max(until_us - until_us % self.slot_us, self.next_us)

    def close(self, until_us: int) -> Slots:
        """The slots from the last end to ``until_us``, an end of a slot; `due_us` says which is due."""
        parts: list[Slots] = []
        while self.next_us < until_us:
            end_us = min(until_us, self.next_us + CHUNK * self.slot_us)
            with self._lock:
                start_us, self.next_us = self.next_us, end_us
                waiting, self._waiting = self._waiting, []
                inside, after = joined(waiting).split(end_us)
                self._waiting, self._count = [after] if len(after.time_us) else [], len(after.time_us)
            slots, self._held = cut(inside, self._held, start_us, end_us, self.slot_us)
            parts.append(slots)
        return Slots.joined(parts, self.next_us, self.slot_us, len(self._held.value))

    def skip(self, until_us: int) -> None:
        """Begin at ``until_us``, an end of a slot, with what holds there."""
        if until_us > self.next_us:
            start_us, self.next_us = self.next_us, until_us
            inside, after = joined(self._waiting).split(until_us)
            self._waiting, self._count = [after], len(after.time_us)
            _, self._held = cut(inside, self._held, start_us, until_us, until_us - start_us)

    def good_now(self) -> NDArray[np.bool_]:
        """Which columns have a good value, by the newest sample of each that came, bool[c]."""
        return self._newest_good.copy()


class Filling:
    """Slots of the columns added up to buckets of ``bucket_us``, a multiple of the slot.

    ``columns`` intp[...]: which column stands where in a bucket, -1 = there is no such tag. Buckets start at
    multiples of their width; the first one may lack slots, and its coverage says so.
    """

    def __init__(self, columns: NDArray[np.intp], bucket_us: int, slot_us: int) -> None:
        if bucket_us % slot_us:
            raise ValueError(
                f"buckets of {bucket_us / 1e6:g} s are no multiple of slots of {slot_us / 1e6:g} s"
            )
        self._columns, self.bucket_us, self._slot_us = columns, bucket_us, slot_us
        self._area = np.zeros(columns.shape)
        self._good = np.zeros(columns.shape, np.int64)

    def add(self, slots: Slots) -> list[tuple[int, NDArray[np.float32], NDArray[np.float32]]]:
        """The buckets that are whole now: start, means and coverage float32[...], oldest first."""
        closed: list[tuple[int, NDArray[np.float32], NDArray[np.float32]]] = []
        at, there = np.maximum(self._columns, 0), self._columns >= 0
        for slot in range(len(slots.area)):
            # Values near the largest there are add up to none; `_closed` gives no mean for that.
            with np.errstate(over="ignore", invalid="ignore"):
                self._area += np.where(there, slots.area[slot][at], 0.0)
            self._good += np.where(there, slots.good_us[slot][at], 0)
            end_us = slots.start_us + (slot + 1) * self._slot_us
            if end_us % self.bucket_us == 0:
                closed.append((end_us - self.bucket_us, *self._closed()))
        return closed

    def _closed(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        area, good = self._area, self._good
        lasted = good > 0
        with np.errstate(over="ignore", invalid="ignore"):
            means = np.divide(area, good, out=np.full(area.shape, np.nan), where=lasted).astype(np.float32)
        finite = np.isfinite(means)
        coverage = np.where(finite, good / self.bucket_us, 0.0).astype(np.float32)
        self._area, self._good = np.zeros(area.shape), np.zeros(area.shape, np.int64)
        return np.where(finite, means, np.float32(np.nan)), coverage

    def open(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """What the open bucket holds so far: area and good microseconds, to be kept over a restart."""
        return self._area.copy(), self._good.copy()

    def resume(self, area: NDArray[np.float64], good_us: NDArray[np.int64]) -> None:
        """Go on with what `open` gave."""
        self._area, self._good = area.copy(), good_us.copy()


def fill(
    samples: Sequence[Samples], start_us: int, end_us: int, bucket_us: int, allowance_us: int | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Means and coverage float32[n, tags] of what the history holds of each tag, as live would have had it.

    The span is whole buckets, at multiples of their width. ``samples`` hold those of the span and the one
    before it. Samples that the deadband left out (``dropped``) are taken as if the value before had held:
    where the bits must be those of live, the buckets that live has kept are read instead.
    """
    slot_us = int(np.gcd(bucket_us, MINUTE_US))
    first_us = min((int(each.time_us[0]) for each in samples if len(each.time_us)), default=start_us)
    tags = np.arange(len(samples), dtype=np.int32)
    intake = Intake(tags, min(first_us, start_us), slot_us, allowance_us)
    for tag, each in enumerate(samples):
        intake.samples(tag, each)
    intake.skip(start_us)
    filling = Filling(np.arange(len(samples)), bucket_us, slot_us)
    found: list[tuple[int, NDArray[np.float32], NDArray[np.float32]]] = []
    while intake.next_us < end_us:
        found += filling.add(intake.close(min(end_us, intake.next_us + CHUNK * slot_us)))
    shape = (0, len(samples))
    means = np.array([each[1] for each in found], np.float32).reshape(-1, shape[1])
    return means, np.array([each[2] for each in found], np.float32).reshape(-1, shape[1])


def _flat(batch: Batch, column: NDArray[np.int64], chosen: NDArray[np.bool_]) -> Arrived:
    """The chosen samples one after another, row by row."""
    shape = batch.value.shape
    time = batch.source_time_us
    time = np.broadcast_to(time[:, None] if time.ndim == 1 else time, shape)[chosen]
    value = batch.value[chosen]
    quality = np.broadcast_to(batch.quality, shape)[chosen]
    good = ((quality & np.uint32(SEVERITY_MASK)) == 0) & np.isfinite(value)
    receive = np.broadcast_to(batch.receive_time_us[:, None], shape)[chosen]
    return Arrived(np.broadcast_to(column, shape)[chosen], time, receive, value, good)
