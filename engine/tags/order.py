"""The order of samples by source time: what is new, what came twice and what came too late."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.tags.exception import NEVER_US
from engine.tags.quality import full_quality
from engine.types import Batch

NEW, DUPLICATE, LATE = np.uint8(0), np.uint8(1), np.uint8(2)
LONGEST_LATE_US = 2_000_000
"""A tag whose samples all come late for longer than this has a clock that was set back."""

Verdict = NDArray[np.uint8]


class Order:
    """The newest sample of every tag, and by it the verdict on the next ones.

    A sample older than the newest is late and never the live value; one with the same time, value
    and quality came twice. A source whose clock is set back must not freeze its tags: once samples
    of a tag came late, and only late, for ``LONGEST_LATE_US`` of receive time, they count as new.
    One thread only: ``judge`` moves the memory on. Arrays are indexed by tag id.
    """

    def __init__(self, size: int) -> None:
        self._time = np.full(size, NEVER_US)
        self._value = np.full(size, np.nan)
        self._quality = np.zeros(size, np.uint32)
        self._any_late = False
        # The last late sample of a tag that had no newer one since, and when the first of these came.
        self._late = np.zeros(size, np.bool_)
        self._late_since = np.zeros(size, np.int64)
        self._late_receive = np.zeros(size, np.int64)
        self._late_time = np.zeros(size, np.int64)
        self._late_value = np.full(size, np.nan)
        self._late_quality = np.zeros(size, np.uint32)

    def forget(self, tags: NDArray[np.int32]) -> None:
        """The source starts anew: the next sample of these tags is new whatever its time."""
        self._time[tags] = NEVER_US
        self._late[tags] = False

    def judge(self, batch: Batch) -> Verdict | None:
        """NEW, DUPLICATE or LATE for every sample, uint8[rows×n]; None where all are new.

        None is the common case and needs no loop: times that only grow.
        """
        ids, times = batch.tags, _times(batch)
        quality = full_quality(batch)
        if (times[0] > self._time[ids]).all() and (times[1:] > times[:-1]).all():
            self._remember(ids, times[-1], batch.value[-1], quality[-1])
            return None
        return self._by_row(batch, times, quality)

    def overdue(self, tags: NDArray[np.int32], now_us: int) -> Batch | None:
        """Late samples of these tags that no newer one followed in time, as new ones; mostly None.

        A source that only reports changes may not send another for hours after its clock was set
        back, and its keep-alives must not vouch for the value before.
        """
        if not self._any_late:
            return None
        due = tags[self._late[tags] & (np.abs(now_us - self._late_since[tags]) > LONGEST_LATE_US)]
        if not len(due):
            return None
        time, value, quality = self._late_time[due], self._late_value[due], self._late_quality[due]
        self._remember(due, time, value, quality)
        receive = self._late_receive[due].max(keepdims=True)
        return Batch(0, due, time[None, :], receive, value[None, :], quality[None, :])

    def _by_row(self, batch: Batch, times: NDArray[np.int64], quality: NDArray[np.uint32]) -> Verdict:
        """Row by row, because what is newest in one row is what the next is compared with."""
        ids, verdict = batch.tags, np.zeros(batch.value.shape, np.uint8)
        times = np.broadcast_to(times, batch.value.shape)
        for row, now_us in enumerate(batch.receive_time_us):
            time, value, code = times[row], batch.value[row], quality[row]
            last = self._time[ids]
            older = time < last
            since = np.where(self._late[ids], self._late_since[ids], now_us)
            late = older & (np.abs(now_us - since) <= LONGEST_LATE_US)
            before = self._value[ids]
            equal = (value == before) | (np.isnan(value) & np.isnan(before))
            twice = (time == last) & equal & (code == self._quality[ids])
            verdict[row] = np.where(late, LATE, np.where(twice, DUPLICATE, NEW))
            self._remember(ids[~late], time[~late], value[~late], code[~late])
            self._set_aside(ids[late], since[late], int(now_us), time[late], value[late], code[late])
        return verdict

    def _remember(
        self,
        ids: NDArray[np.int32],
        time: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint32],
    ) -> None:
        self._time[ids], self._value[ids], self._quality[ids] = time, value, quality
        if self._any_late:
            self._late[ids] = False
            self._any_late = bool(self._late.any())

    def _set_aside(
        self,
        ids: NDArray[np.int32],
        since: NDArray[np.int64],
        now_us: int,
        time: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint32],
    ) -> None:
        self._any_late |= len(ids) > 0
        self._late[ids], self._late_since[ids], self._late_receive[ids] = True, since, now_us
        self._late_time[ids], self._late_value[ids], self._late_quality[ids] = time, value, quality


def _times(batch: Batch) -> NDArray[np.int64]:
    """Source times int64[rows×n], or [rows×1] where all tags share them."""
    times = batch.source_time_us
    return times[:, None] if times.ndim == 1 else times
