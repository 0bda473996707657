"""Which limits the values of a plant pass, judged a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.alarms.bounds import CLEAR, HOLD, RAISE, bounds, judged, policies
from engine.alarms.by_tag import ByTag
from engine.alarms.counting import Counted
from engine.alarms.state import NO, UNTIL_PROVED, UNTIL_SAMPLE, Changes, Samples, new_state, together
from engine.alarms.walk import Walk
from engine.types import Batch, Limit, Status, Tag

BAD_BIT = np.uint32(0x80000000)
CODE_BITS = np.uint32(0xFFFF0000)
STALE = np.uint32(Status.STALE)


class Limits:
    """Limits on single values and which of their alarms are active. One thread only.

    A value beyond its limit raises the alarm once it was so for the on-delay, by source time, and ends it
    once it was back, by the deadband, for the off-delay. Good and uncertain values are judged. What is
    bad, stale or was never there does as `Limit.quality` says: by default it leaves the alarm as it is,
    and delays stand still meanwhile. Limits of text tags (but for ``bad``), of unknown tags and those
    never annunciated (priority 0) are left out: ``rows`` holds the others, and all arrays go by their
    order. A trip is seen ``beside`` all limits of its tag, those that are only drawn as well.
    """

    def __init__(
        self, limits: Sequence[Limit], tags: Sequence[Tag], beside: Sequence[Limit] | None = None
    ) -> None:
        ids = {tag.path: tag.tag_id for tag in tags}
        texts = {tag.path for tag in tags if tag.type == "string"}
        self.rows = [
            each
            for each in judged(limits)
            if each.path in ids and (each.kind == "bad" or each.path not in texts)
        ]
        self.tag_ids = np.array([ids[each.path] for each in self.rows], np.int32)
        self._bounds, self._state = (
            bounds(self.rows, limits if beside is None else beside),
            new_state(len(self.rows)),
        )
        self._counted, self._policy = Counted(self.rows), policies(self.rows)
        size = max(ids.values(), default=-1) + 1
        self._tags = ByTag(self.tag_ids, size)
        # Between these no value of a tag changes anything. Before the first one nothing is known.
        limited = self._tags.count > 0
        self._floor = np.where(limited, np.inf, -np.inf)
        self._ceiling = np.where(limited, -np.inf, np.inf)
        self._open = np.zeros(len(self.rows), np.bool_)
        # Of what is raised or ended by values that are not usable: the last value, NaN = not usable, and
        # its source time and ours.
        self._cares = np.zeros(size, np.bool_)
        self._cares[self.tag_ids[self._policy != HOLD]] = True
        self._held, self._held_us = np.full(size, np.nan), np.zeros((2, size), np.int64)
        self._mute, self._said = np.zeros(len(self.rows), np.uint8), np.zeros(len(self.rows), np.bool_)

    @property
    def active(self) -> NDArray[np.bool_]:
        """Which alarms are active, bool[limits]; a copy."""
        active = self._state.active.copy()
        active[self._counted.rows] = self._counted.active
        return active

    def sees_all(self, tags: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Of which tags every sample matters, bool[tags]: something waits for them, or nothing is known."""
        return self._floor[tags] > self._ceiling[tags]

    def judge(self, batch: Batch, taken: NDArray[np.bool_] | None, mono_us: int) -> Changes | None:
        """Look at a batch, whose ``taken`` bool[rows×n] samples (None = all) are the newest of their tags."""
        beyond = ~((batch.value >= self._floor[batch.tags]) & (batch.value <= self._ceiling[batch.tags]))
        cares = self._cares[batch.tags]
        if not cares.any() and not beyond.any():  # nearly always
            return None
        usable = usable_of(batch)
        minds = cares | self.sees_all(batch.tags)
        noticed = np.where(usable, beyond, minds).any(axis=0) & (self._tags.count[batch.tags] > 0)
        self._keep(batch, taken, usable, np.flatnonzero(cares), mono_us)
        columns = np.flatnonzero(noticed)
        if not len(columns):
            return None
        tags = batch.tags[columns]
        places, rows = self._tags.of(tags)
        seen = np.ones(batch.value.shape, np.bool_) if taken is None else taken
        samples = self._samples(batch, rows, columns[places], seen, usable)
        walk = self._walk(rows)
        self._counted.see(rows, samples, walk.state.paused)
        walk.samples(samples)
        heard = samples.taken.any(axis=0)
        walk.state.at_mono_us[heard] = mono_us
        self._mute[rows[heard]] = NO
        return self._done(rows, walk, tags)

    def proved(self, tags: NDArray[np.int32], mono_us: int) -> Changes | None:
        """The last values of these tags hold now: their delays go on, and those that run out end."""
        _, rows = self._tags.of(tags)
        back = rows[self._mute[rows] == UNTIL_PROVED]
        found = self._again(back, mono_us) if len(back) else None
        rows = rows[self._open[rows] & (self._mute[rows] == NO) & (self._state.paused[rows] != UNTIL_SAMPLE)]
        if not len(rows):
            return found
        walk = self._walk(rows)
        state = walk.state
        passed_us = np.maximum(mono_us - state.at_mono_us, 0)
        state.ran_us += np.where(state.waiting & (state.paused == NO), passed_us, 0)
        state.at_us += passed_us
        state.at_mono_us[:], state.paused[:] = mono_us, NO
        self._counted.hold(rows, state.at_us)
        walk.turn(np.ones(len(rows), np.bool_))
        return together(found, self._done(rows, walk))

    def silent(self, tags: NDArray[np.int32], *, lost: bool = False, status: int = Status.STALE) -> None:
        """These values are stale: their delays stand still until proved, or a new sample if ``lost``.

        What is raised or ended by that changes with the next `tick`. A link that was lost (``lost``, and
        no ``status`` that is bad) raises nothing: that is the one alarm of its source.
        """
        _, rows = self._tags.of(tags)
        why = UNTIL_SAMPLE if lost else UNTIL_PROVED
        heard = rows[self._mute[rows] == NO]
        self._state.paused[heard] = np.maximum(self._state.paused[heard], why)
        policy, is_link = self._policy[rows], lost and not status & int(BAD_BIT)
        mute = rows[(policy == CLEAR) | ((policy == RAISE) & (not is_link))]
        self._said[mute] &= self._mute[mute] != NO
        self._mute[mute] = np.maximum(self._mute[mute], why)
        if is_link:
            left = rows[policy == RAISE]
            self._mute[left] = NO
            self._state.paused[left] = UNTIL_SAMPLE
        self._see_all(self.tag_ids[rows[policy != HOLD]])

    def tick(self, mono_us: int, now_us: int) -> Changes | None:
        """Time passed: what silence raises or ends, by our own clock since no sample comes."""
        rows = np.flatnonzero((self._mute != NO) & (~self._said | self._open))
        if not len(rows):
            return None
        self._said[rows] = True
        return self._say(rows, np.full(len(rows), np.nan), mono_us, now_us)

    def leave(self, tag_id: int) -> None:
        """Judge this tag no more: its values stand for texts."""
        _, rows = self._tags.of(np.array([tag_id], np.int32))
        self._state.active[rows] = self._state.waiting[rows] = self._open[rows] = False
        self._counted.leave(rows)
        self._mute[rows] = NO
        self._tags.leave(tag_id)
        self._cares[tag_id] = False
        self._floor[tag_id], self._ceiling[tag_id] = -np.inf, np.inf

    def resume(self, active: NDArray[np.intp]) -> None:
        """These alarms were active before a restart; their first samples say whether they still are."""
        self._state.active[active] = True
        self._counted.resume(active)
        self._see_all(self.tag_ids[active])

    def take_over(self, before: Limits, new: NDArray[np.intp], old: NDArray[np.intp]) -> None:
        """Go on from what these rows were ``before``, where they bore the numbers ``old``."""
        self._state.put(new, before._state.take(old))
        self._counted.take_over(before._counted, new, old)
        same = self._policy[new] == before._policy[old]
        self._mute[new], self._said[new] = np.where(same, before._mute[old], NO), before._said[old]
        both = min(len(self._held), len(before._held))
        self._held[:both], self._held_us[:, :both] = before._held[:both], before._held_us[:, :both]
        self._open[:] = self._state.waiting | self._counted.pending
        self._see_all(self.tag_ids[new])

    def _walk(self, rows: NDArray[np.intp]) -> Walk:
        return Walk(self._state.take(rows), self._bounds.on_us[rows], self._bounds.off_us[rows])

    def _see_all(self, tags: NDArray[np.int32]) -> None:
        """Whatever these tags say next matters."""
        self._floor[tags], self._ceiling[tags] = np.inf, -np.inf

    def _keep(
        self,
        batch: Batch,
        taken: NDArray[np.bool_] | None,
        usable: NDArray[np.bool_],
        columns: NDArray[np.intp],
        mono_us: int,
    ) -> None:
        """Remember the last values of these columns."""
        if not len(columns):
            return
        row = np.full(len(columns), len(batch.value) - 1)
        if taken is not None:
            part = taken[:, columns]
            row, columns = row - part[::-1].argmax(axis=0), columns[part.any(axis=0)]
            row = row[part.any(axis=0)]
        tags, times = batch.tags[columns], batch.source_time_us
        self._held[tags] = np.where(usable[row, columns], batch.value[row, columns], np.nan)
        self.heard(tags, times[row] if times.ndim == 1 else times[row, columns], mono_us)

    def heard(self, tags: NDArray[np.int32], time_us: NDArray[np.int64], mono_us: int) -> None:
        """These said at that source time what they said before, so that there is nothing to judge."""
        self._held_us[:, tags] = time_us, np.full(len(tags), mono_us)

    def _samples(
        self,
        batch: Batch,
        rows: NDArray[np.intp],
        places: NDArray[np.intp],
        taken: NDArray[np.bool_],
        usable: NDArray[np.bool_],
    ) -> Samples:
        times = batch.source_time_us
        times = np.broadcast_to(times[:, None] if times.ndim == 1 else times, batch.value.shape)
        times, seen, sound = times[:, places], taken[:, places], usable[:, places]
        return self._judged(rows, times, batch.value[:, places], seen, sound)

    def _judged(
        self,
        rows: NDArray[np.intp],
        time_us: NDArray[np.int64],
        value: NDArray[np.float64],
        taken: NDArray[np.bool_],
        sound: NDArray[np.bool_],
    ) -> Samples:
        """What these samples say of their limits; all [k×rows]."""
        limit, policy = self._bounds, self._policy[rows]
        inside = limit.inside[rows]
        raises: NDArray[np.bool_] = ((value < limit.low[rows]) | (value > limit.high[rows])) ^ inside
        keeps: NDArray[np.bool_] = ((value < limit.stay_low[rows]) | (value > limit.stay_high[rows])) ^ inside
        odd = ~sound & (policy != HOLD)
        if odd.any():
            raises, keeps = np.where(odd, policy == RAISE, raises), np.where(odd, policy == RAISE, keeps)
            value, sound = np.where(odd, np.nan, value), sound | odd
        return Samples(time_us, value, taken, taken & sound, raises, keeps)

    def _again(self, rows: NDArray[np.intp], mono_us: int) -> Changes | None:
        """The last values of these hold again."""
        self._mute[rows] = NO
        return self._say(rows, self._held[self.tag_ids[rows]], mono_us, 0)

    def _say(
        self, rows: NDArray[np.intp], value: NDArray[np.float64], mono_us: int, now_us: int
    ) -> Changes | None:
        """As if a sample had come now; NaN = one that is not usable."""
        walk = self._walk(rows)
        heard_us, heard_mono_us = self._held_us[:, self.tag_ids[rows]]
        passed_us = np.maximum(mono_us - heard_mono_us, 0)
        time_us = np.where(heard_us == 0, now_us, heard_us + passed_us)[None]
        seen, value = np.ones(time_us.shape, np.bool_), value[None]
        samples = self._judged(rows, time_us, value, seen, np.isfinite(value))
        self._counted.see(rows, samples, walk.state.paused)
        walk.samples(samples)
        walk.state.at_mono_us[:] = mono_us
        return self._done(rows, walk)

    def _done(
        self, rows: NDArray[np.intp], walk: Walk, tags: NDArray[np.int32] | None = None
    ) -> Changes | None:
        """Keep what became of ``rows``; ``tags`` = theirs, if these are all rows of them, side by side."""
        self._state.put(rows, walk.state)
        changes = walk.changes(rows)
        self._open[rows] = walk.state.waiting
        if len(self._counted.rows):
            changes = self._counted.take(changes, rows)
            self._open[rows] |= self._counted.pending[rows]
        if tags is None:
            tags = np.unique(self.tag_ids[rows])
            _, rows = self._tags.of(tags)
        start, end = self._quiet(rows)
        count = self._tags.count[tags]
        if len(rows) > len(tags):
            first = np.cumsum(count) - count
            start, end = np.maximum.reduceat(start, first), np.minimum.reduceat(end, first)
        self._floor[tags], self._ceiling[tags] = start, end
        return changes

    def _quiet(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where nothing changes; a limit that waits must see every sample, also one that says the same."""
        value = np.where(self._open[rows] | (self._mute[rows] != NO), np.nan, self._state.value[rows])
        return self._bounds.quiet(rows, self._state.active[rows], value)


def usable_of(batch: Batch) -> NDArray[np.bool_]:
    """Which samples may be judged, bool[rows×n]: good and uncertain, and not stale."""
    code = batch.quality & CODE_BITS
    return (((code & BAD_BIT) == 0) & (code != STALE)) & np.isfinite(batch.value)
