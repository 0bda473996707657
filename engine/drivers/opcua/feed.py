"""What one source's subscriptions deliver: every publish turned into calls of the sink at once."""

from __future__ import annotations

import logging
import math
from dataclasses import replace

import numpy as np
from asyncua import ua
from numpy.typing import NDArray

from engine.drivers.opcua import samples as settle
from engine.drivers.opcua.clock import ServerClock
from engine.drivers.opcua.decode import Publish, decode
from engine.drivers.opcua.failures import Place, ended
from engine.drivers.opcua.groups import Group
from engine.drivers.opcua.samples import Samples
from engine.drivers.opcua.server import RUNNING, STATES
from engine.types import Clock, Sink, Status

_COVERS: dict[int, int] = {
    1: Status.DEVICE_FAILURE,
    2: Status.CONFIGURATION_ERROR,
    5: Status.UNCERTAIN,
    6: Status.COMMUNICATION_ERROR,
}
"""What a server state other than Running makes of good values (OPC 10000-5, 12.6); else LAST_USABLE."""
_GONE = np.array([ua.StatusCodes.BadNodeIdUnknown, ua.StatusCodes.BadNodeIdInvalid], np.uint32)
_CODE = np.uint32(0xFFFF0000)
_BAD = np.uint32(Status.BAD)
TELL_AGAIN_US = 10_000_000
"""How often the number of samples that are not ours is told."""
GONE_WHY = "the node is no longer on the server"
DEAD_WHY = "the server stopped reporting its changes; it is monitored anew"

log = logging.getLogger(__name__)


class Feed:
    """What one connection delivers: turns publishes into calls of the sink, quickly and in place.

    A handle is a tag's position in ``tag_ids``; the last handle, one past them, is the server state.
    ``first_us`` and ``last_us`` int64[handles] = oldest and newest source time delivered, 0 = none;
    ``last_value`` float64[handles] = the value delivered last.
    Overload: nothing is queued here; what the server dropped is counted and told to the sink.
    """

    def __init__(
        self, tag_ids: NDArray[np.int32], sink: Sink, clock: Clock, place: Place, server_clock: ServerClock
    ) -> None:
        self.tag_ids = tag_ids
        self.state_handle = len(tag_ids)
        self.first_us = np.zeros(len(tag_ids), np.int64)
        self.last_us = np.zeros(len(tag_ids), np.int64)
        self.last_value = np.full(len(tag_ids), np.nan)
        self.gone: set[int] = set()
        self.failure: Exception | None = None
        self.groups: list[Group] = []
        self._sink = sink
        self._clock = clock
        self._place = place
        self._server_clock = server_clock
        self._state = RUNNING
        self._strange = 0
        self._strange_told_us: int | None = None

    def add(self, group: Group) -> None:
        """Publishes of this group will come."""
        group.heard_us = self._clock.mono_us()
        self.groups.append(group)

    def on_publish(self, group: Group, result: ua.PublishResult) -> None:
        """Callback of every publish and keep-alive. asyncua would swallow an error, so it is kept."""
        try:
            self._publish(group, decode(result, group.readers))
        except Exception as error:
            self.failure = self.failure or error

    def _publish(self, group: Group, publish: Publish) -> None:
        group.heard_us = self._clock.mono_us()
        if publish.ended:
            self.failure = ended(publish.ended, self._place)
            return
        if gap := missed(group, publish.sequence, publish.holds_data):
            group.gaps.append(gap)
            if group.before_us is None:
                group.before_us = self.last_us.copy()
        self.take(group, publish.samples)
        if not publish.more and not group.broken and self._state == RUNNING:
            self._sink.alive(group.alive)

    def take(self, group: Group, samples: Samples) -> None:
        """Hand samples of this group to the sink: from a publish or from reading again."""
        samples = self._take_state(self._ours(group, samples))
        if not len(samples.handle):
            return
        now_us = self._clock.now_us()
        samples = self._drop_gone(group, self.settled(samples, now_us))
        if self._state != RUNNING:
            samples = settle.worsen(samples, self.cover)
        self._note(samples)
        for batch in settle.batches(group.number, self.tag_ids, samples, now_us):
            self._sink.batch(batch)
        if not group.live[samples.handle].all():
            self.set_live(group, samples.handle, True)

    def take_old(self, group: Group, samples: Samples) -> None:
        """Hand over samples that come after newer ones: those that are older become history."""
        samples = self._take_state(self._ours(group, samples))
        shift_us = self._server_clock.offset_us if self._server_clock.wrong else 0
        time_us = np.where(samples.source_us > 0, samples.source_us, samples.server_us) - shift_us
        samples = replace(samples, source_us=time_us)
        newer = time_us > self.last_us[samples.handle]
        self.take(group, samples.pick(newer))
        for handle in np.unique(samples.handle[~newer]).tolist():
            self.take_history(group, handle, samples.pick(~newer & (samples.handle == handle)))

    def take_history(self, group: Group, handle: int, samples: Samples) -> int:
        """Hand over samples of one tag from the past, oldest first; gives their number."""
        now_us = self._clock.now_us()
        settled = settle.settle_values(settle.take_overflow(samples)[0])
        settled = settled.pick(np.argsort(settled.source_us, kind="stable"))
        if len(settled.handle):
            self._sink.late(settle.history(group.number, int(self.tag_ids[handle]), settled, now_us))
        return len(settled.handle)

    def settled(self, samples: Samples, now_us: int) -> Samples:
        """Samples with usable values and times; counts what the server's queue dropped."""
        samples, dropped = settle.take_overflow(samples)
        if len(dropped):
            why = f"the queue of {self._place.where} overflowed between two deliveries"
            self._sink.lost(len(dropped), why, self._known_until(dropped, samples))
        clock = self._server_clock
        settled, doubted = settle.settle_times(
            settle.settle_values(samples), now_us, clock.offset_us, clock.wrong
        )
        clock.doubted = clock.doubted or doubted
        return settled

    def _known_until(self, handles: NDArray[np.int32], samples: Samples) -> int:
        """Source time of the oldest of the last samples known of these; of new ones it came just now."""
        first_us = np.full(len(self.last_us), np.iinfo(np.int64).max)
        np.minimum.at(first_us, samples.handle, samples.source_us)
        last_us = self.last_us[handles]
        return int(np.where(last_us > 0, last_us, first_us[handles]).min())

    def _ours(self, group: Group, samples: Samples) -> Samples:
        """Take out samples of items that this group does not monitor: nobody knows what they are of."""
        # Read as unsigned, a handle that is none of ours lies behind all others and is cut to the last.
        handle = samples.handle.view(np.uint32)
        ours = group.monitored.take(handle, mode="clip")
        if ours.all():
            return samples
        strange = int(np.count_nonzero(~ours & ~group.released.take(handle, mode="clip")))
        if strange:
            self._strangers(strange)
        return samples.pick(ours)

    def _strangers(self, count: int) -> None:
        """Count them and tell, not with every publish."""
        where, now_us = self._place.where, self._clock.mono_us()
        self._strange += count
        if self._strange_told_us is None:
            what = f"{where} sends values under handles that we did not give out; they are dropped"
            log.warning("%s", what)
            self._sink.note(
                "strangers",
                what,
                "update or restart the OPC UA server: it mixes up its items, so its values are to be doubted",
            )
        elif now_us - self._strange_told_us < TELL_AGAIN_US:
            return
        self._strange_told_us = now_us
        self._sink.lost(self._strange, f"{where} sent values of items that we do not monitor")
        self._strange = 0

    def _take_state(self, samples: Samples) -> Samples:
        """Take out the samples of the server's state and act on the last of them."""
        of_state = samples.handle == self.state_handle
        if not of_state.any():
            return samples
        value = samples.value[of_state][-1]
        self.server_state(int(value) if math.isfinite(value) else 7)
        return samples.pick(~of_state)

    def _note(self, samples: Samples) -> None:
        self.last_value[samples.handle] = samples.value
        np.maximum.at(self.last_us, samples.handle, samples.source_us)
        unseen = self.first_us[samples.handle] == 0
        if unseen.any():
            first = samples.pick(unseen)
            self.first_us[first.handle[::-1]] = first.source_us[::-1]

    def _drop_gone(self, group: Group, samples: Samples) -> Samples:
        """Take out samples that say the node no longer exists: those tags are to be found anew."""
        if not (samples.status & _BAD).any():
            return samples
        gone = np.isin(samples.status & _CODE, _GONE)
        if not gone.any():
            return samples
        self.lose(group, samples.handle[gone])
        return samples.pick(~np.isin(samples.handle, samples.handle[gone]))

    def lose(self, group: Group, handles: NDArray[np.int32], why: str = GONE_WHY) -> None:
        """The nodes of these tags are gone from the server, or their items report no more."""
        self.set_live(group, handles, False)
        group.monitored[handles], group.released[handles] = False, True
        self._sink.mark(self.tag_ids[handles], Status.CONFIGURATION_ERROR, why)
        self.gone.update(int(h) for h in handles)

    def set_live(self, group: Group, handles: NDArray[np.int32], live: bool) -> None:
        """Whether keep-alives prove these tags current."""
        group.live[handles] = live
        group.alive = self.tag_ids[np.flatnonzero(group.live)]

    @property
    def cover(self) -> int:
        """The quality of otherwise good values in the server's present state."""
        return Status.GOOD if self._state == RUNNING else _COVERS.get(self._state, Status.LAST_USABLE)

    def server_state(self, state: int) -> None:
        """ServerStatus.State is now ``state``: values count only while it is Running (0)."""
        if state == self._state:
            return
        self._state = state
        name = STATES[state] if 0 <= state < len(STATES) else str(state)
        what = f"{self._place.where} says of itself that it is in state {name}"
        if state == RUNNING:
            log.info("%s again", what)
            self._sink.note("server state", "")
        else:
            log.warning("%s", what)
            self._sink.note("server state", what, "look at the server: values count only while it is Running")
        for group in self.groups:
            if state == RUNNING:
                group.stale = True
            elif len(group.alive):
                self._sink.mark(group.alive, self.cover, what)


def missed(group: Group, number: int, holds_data: bool) -> tuple[int, int] | None:
    """First and last number of the notifications missing before publish ``number``, None = none.

    Keeps count (OPC 10000-4, 5.14.1.4). A keep-alive carries the number of the next notification;
    some servers send the last one's.
    """
    expected = group.expected
    if holds_data:
        group.expected = 1 if number == 0xFFFFFFFF else number + 1
        if expected in (0, number):
            return None
        return (expected, number - 1) if number > expected else (expected, expected)
    if expected and number > expected:
        group.expected = number
        return expected, number - 1
    return None
