"""Which limits the values of a plant pass, judged a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.alarms.bounds import bounds, judged
from engine.alarms.state import NO, UNTIL_PROVED, UNTIL_SAMPLE, Changes, Samples, Walk, new_state
from engine.types import Batch, Limit, Status, Tag

BAD_BIT = np.uint32(0x80000000)
CODE_BITS = np.uint32(0xFFFF0000)
STALE = np.uint32(Status.STALE)
NONE = np.uint8(255)


class Limits:
    """The limits of a project and which of their alarms are active. One thread only.

    A value beyond its limit raises the alarm once it was so for the on-delay, by source time, and ends it
    once it was back, by the deadband, for the off-delay. Only good and uncertain values are judged; what
    is bad, stale or was never there leaves the alarm as it is, and delays stand still meanwhile. ``on``
    and ``off`` have no deadband. Limits of text tags, of unknown tags and those never annunciated
    (priority 0) are left out: ``rows`` holds the others, and all arrays go by their order.
    """

    def __init__(self, limits: Sequence[Limit], tags: Sequence[Tag]) -> None:
        self._tag_of = {tag.path: tag.tag_id for tag in tags if tag.type != "string"}
        self.rows = [each for each in judged(limits) if each.path in self._tag_of]
        self.tag_ids = np.array([self._tag_of[each.path] for each in self.rows], np.int32)
        self.priority = np.array([each.priority for each in self.rows], np.uint8)
        self._bounds, self._state = bounds(self.rows, limits), new_state(len(self.rows))
        self._order = np.argsort(self.tag_ids, kind="stable")
        size = max((tag.tag_id for tag in tags), default=-1) + 1
        self._count = np.bincount(self.tag_ids, minlength=size)
        self._start = np.cumsum(self._count) - self._count
        # Between these no value of a tag changes anything. Before the first one nothing is known.
        limited = self._count > 0
        self._floor = np.where(limited, np.inf, -np.inf)
        self._ceiling = np.where(limited, -np.inf, np.inf)
        self._waiting = False

    @property
    def active(self) -> NDArray[np.bool_]:
        """Which alarms are active, bool[limits]; a copy."""
        return self._state.active.copy()

    def worst(self, tags: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Priority of the worst active alarm of each of these tags, 0 = none."""
        places, rows = self.of(tags)
        active = self._state.active[rows]
        found = np.full(len(tags), NONE)
        np.minimum.at(found, places[active], self.priority[rows[active]])
        return np.where(found == NONE, np.uint8(0), found)

    def of(self, tags: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The limits of these tags: the place in ``tags`` of each, and its row."""
        count = self._count[tags]
        places = np.repeat(np.arange(len(tags)), count)
        first = np.repeat(self._start[tags] - (np.cumsum(count) - count), count)
        return places, self._order[first + np.arange(len(places))]

    def judge(self, batch: Batch, taken: NDArray[np.bool_] | None, mono_us: int) -> Changes | None:
        """Look at a batch, whose ``taken`` bool[rows×n] samples (None = all) are the newest of their tags."""
        inside = (batch.value >= self._floor[batch.tags]) & (batch.value <= self._ceiling[batch.tags])
        if inside.all():  # nearly always
            return None
        columns = np.flatnonzero(~inside.all(axis=0) & (self._count[batch.tags] > 0))
        tags = batch.tags[columns]
        places, rows = self.of(tags)
        if not len(rows):
            return None
        seen = np.ones(batch.value.shape, np.bool_) if taken is None else taken
        samples = self._samples(batch, rows, columns[places], seen, seen & _usable(batch))
        walk = Walk(self._state.take(rows), self._bounds.on_us[rows], self._bounds.off_us[rows])
        walk.samples(samples)
        walk.state.at_mono_us[samples.taken.any(axis=0)] = mono_us
        return self._done(tags, rows, walk)

    def _samples(
        self,
        batch: Batch,
        rows: NDArray[np.intp],
        places: NDArray[np.intp],
        taken: NDArray[np.bool_],
        good: NDArray[np.bool_],
    ) -> Samples:
        value, limit = batch.value[:, places], self._bounds
        times = batch.source_time_us
        times = np.broadcast_to(times[:, None] if times.ndim == 1 else times, batch.value.shape)
        raises = (value < limit.low[rows]) | (value > limit.high[rows])
        keeps = (value < limit.stay_low[rows]) | (value > limit.stay_high[rows])
        inside = limit.inside[rows]
        return Samples(
            times[:, places], value, taken[:, places], good[:, places], raises != inside, keeps != inside
        )

    def proved(self, tags: NDArray[np.int32], mono_us: int) -> Changes | None:
        """The last values of these tags hold now: their delays go on, and those that run out end."""
        if not self._waiting:
            return None
        _, rows = self.of(tags)
        rows = rows[self._state.waiting[rows] & (self._state.paused[rows] != UNTIL_SAMPLE)]
        if not len(rows):
            return None
        walk = Walk(self._state.take(rows), self._bounds.on_us[rows], self._bounds.off_us[rows])
        state = walk.state
        passed_us = np.maximum(mono_us - state.at_mono_us, 0)
        state.ran_us += np.where(state.paused == NO, passed_us, 0)
        state.at_us += passed_us
        state.at_mono_us[:], state.paused[:] = mono_us, NO
        walk.turn(state.at_us, np.ones(len(rows), np.bool_))
        return self._done(np.unique(self.tag_ids[rows]), rows, walk)

    def silent(self, tags: NDArray[np.int32], *, lost: bool = False) -> None:
        """These values are stale: their delays stand still until proved, or a new sample if ``lost``."""
        _, rows = self.of(tags)
        why = UNTIL_SAMPLE if lost else UNTIL_PROVED
        self._state.paused[rows] = np.maximum(self._state.paused[rows], why)

    def leave(self, tag_id: int) -> None:
        """Judge this tag no more: its values stand for texts."""
        _, rows = self.of(np.array([tag_id], np.int32))
        self._state.active[rows] = self._state.waiting[rows] = False
        self._count[tag_id] = 0
        self._floor[tag_id], self._ceiling[tag_id] = -np.inf, np.inf

    def resume(self, active: NDArray[np.intp]) -> None:
        """These alarms were active before a restart; their first samples say whether they still are."""
        self._state.active[active] = True

    def _done(self, tags: NDArray[np.int32], rows: NDArray[np.intp], walk: Walk) -> Changes | None:
        self._state.put(rows, walk.state)
        self._waiting = bool(self._state.waiting.any())
        places, rows_of_tags = self.of(tags)
        start, end = self._quiet(rows_of_tags)
        self._floor[tags], self._ceiling[tags] = -np.inf, np.inf
        np.maximum.at(self._floor, tags[places], start)
        np.minimum.at(self._ceiling, tags[places], end)
        return walk.changes(rows)

    def _quiet(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where nothing changes; a limit that waits must see every sample, also one that says the same."""
        value = np.where(self._state.waiting[rows], np.nan, self._state.value[rows])
        return self._bounds.quiet(rows, self._state.active[rows], value)


def _usable(batch: Batch) -> NDArray[np.bool_]:
    """Which samples may be judged, bool[rows×n]: good and uncertain, and not stale."""
    code = batch.quality & CODE_BITS
    return (((code & BAD_BIT) == 0) & (code != STALE)) & np.isfinite(batch.value)
