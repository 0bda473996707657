"""Subscriptions: one per sampling rate, every publish turned into calls of the sink at once."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from asyncua import Client, ua
from numpy.typing import NDArray

from engine.drivers.driver import NotReady
from engine.drivers.opcua import samples as settle
from engine.drivers.opcua.decode import Publish, decode
from engine.drivers.opcua.failures import status_name
from engine.drivers.opcua.samples import Samples
from engine.types import Clock, Sink, Status

KEEP_ALIVE_S = 0.75
"""Asked for between two proofs of life; the server may revise it."""
LIFETIME_S = 30.0
"""How long the server keeps a subscription nobody collects from."""
QUEUE = 10
SLOWEST_PUBLISH_MS = 500.0
FASTEST_PUBLISH_MS = 50.0

RUNNING = 0
_COVERS: dict[int, int] = {
    1: Status.DEVICE_FAILURE,
    2: Status.CONFIGURATION_ERROR,
    5: Status.UNCERTAIN,
    6: Status.COMMUNICATION_ERROR,
}
"""What a server state other than Running makes of good values (OPC 10000-5, 12.6); else LAST_USABLE."""
_STATES = (
    "Running",
    "Failed",
    "NoConfiguration",
    "Suspended",
    "Shutdown",
    "Test",
    "CommunicationFault",
    "Unknown",
)
_GONE = np.array([ua.StatusCodes.BadNodeIdUnknown, ua.StatusCodes.BadNodeIdInvalid], np.uint32)
_CODE = np.uint32(0xFFFF0000)

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Group:
    """One subscription. ``live`` bool[handles] = item exists and a value has come.

    ``expected`` = number of the next notification, 0 = not known yet. ``gap`` = notifications were
    lost and all items must be read again before anything counts as current.
    """

    number: int
    rate: float
    handles: NDArray[np.int32]
    live: NDArray[np.bool_]
    subscription: int = 0
    keep_alive_s: float = KEEP_ALIVE_S
    expected: int = 0
    gap: bool = False
    heard_us: int = 0
    alive: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))


class Feed:
    """What one connection delivers: turns publishes into calls of the sink, quickly and in place.

    A handle is a tag's position in ``tag_ids``; the last handle, one past them, is the server state.
    Overload: nothing is queued here; what the server dropped is counted and told to the sink.
    """

    def __init__(self, tag_ids: NDArray[np.int32], sink: Sink, clock: Clock, source: str) -> None:
        self.tag_ids = tag_ids
        self.state_handle = len(tag_ids)
        self.gone: set[int] = set()
        self.failure: Exception | None = None
        self._sink = sink
        self._clock = clock
        self._source = source
        self._state = RUNNING
        self._groups: list[Group] = []

    def add(self, group: Group) -> None:
        """Publishes of this group will come."""
        group.heard_us = self._clock.mono_us()
        self._groups.append(group)

    def on_publish(self, group: Group, result: ua.PublishResult) -> None:
        """Callback of every publish and keep-alive. asyncua would swallow an error, so it is kept."""
        try:
            self._publish(group, decode(result))
        except Exception as error:
            self.failure = self.failure or error

    def _publish(self, group: Group, publish: Publish) -> None:
        group.heard_us = self._clock.mono_us()
        if publish.ended:
            name = status_name(publish.ended)
            self.failure = NotReady(f"source '{self._source}' ended the subscription ({name})")
            return
        if missing := missed(group, publish):
            group.gap = True
            self._sink.lost(missing, f"source '{self._source}': {missing} notifications never came")
        self.take(group, publish.samples)
        if not publish.more and not group.gap and self._state == RUNNING:
            self._sink.alive(group.alive)

    def take(self, group: Group, samples: Samples) -> None:
        """Hand samples of this group to the sink: from a publish or from reading again."""
        of_state = samples.handle == self.state_handle
        if of_state.any():
            value = samples.value[of_state][-1]
            self.server_state(int(value) if math.isfinite(value) else 7)
            samples = samples.pick(~of_state)
        if not len(samples.handle):
            return
        samples, dropped = settle.take_overflow(samples)
        if dropped:
            self._sink.lost(dropped, f"source '{self._source}': the server's queue overflowed")
        now_us = self._clock.now_us()
        samples = settle.settle_times(settle.settle_values(samples), now_us)
        samples = self._drop_gone(group, samples)
        if self._state != RUNNING:
            samples = settle.worsen(samples, self.cover)
        for batch in settle.batches(group.number, self.tag_ids, samples, now_us):
            self._sink.batch(batch)
        if not group.live[samples.handle].all():
            self.set_live(group, samples.handle, True)

    def _drop_gone(self, group: Group, samples: Samples) -> Samples:
        """Take out samples that say the node no longer exists: those tags are to be found anew."""
        gone = np.isin(samples.status & _CODE, _GONE)
        if not gone.any():
            return samples
        self.lose(group, samples.handle[gone])
        return samples.pick(~np.isin(samples.handle, samples.handle[gone]))

    def lose(self, group: Group, handles: NDArray[np.int32]) -> None:
        """The nodes of these tags are gone from the server."""
        self.set_live(group, handles, False)
        self._sink.mark(self.tag_ids[handles], Status.CONFIGURATION_ERROR)
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
        name = _STATES[state] if 0 <= state < len(_STATES) else str(state)
        log.warning("source '%s': the server says it is in state %s", self._source, name)
        for group in self._groups:
            if state == RUNNING:
                group.gap = True
            elif len(group.alive):
                self._sink.mark(group.alive, self.cover)


def missed(group: Group, publish: Publish) -> int:
    """How many notifications are missing before this publish; keeps count (OPC 10000-4, 5.14.1.4).

    A keep-alive carries the number of the next notification; some servers send the last one's.
    """
    expected, number = group.expected, publish.sequence
    if publish.holds_data:
        group.expected = 1 if number == 0xFFFFFFFF else number + 1
        return 0 if expected in (0, number) else max(1, number - expected)
    if expected and number > expected:
        group.expected = number
        return number - expected
    return 0


def grouped(rates: Sequence[float]) -> list[Group]:
    """One group per distinct rate (samples/s), handles by position; at least one, for the server state."""
    distinct = sorted(set(rates), reverse=True) or [1.0]
    rate_of = np.array(rates, np.float64)
    return [
        Group(k, rate, np.flatnonzero(rate_of == rate).astype(np.int32), np.zeros(len(rates), np.bool_))
        for k, rate in enumerate(distinct)
    ]


async def subscribe(client: Client, feed: Feed, group: Group) -> None:
    """Create the group's subscription, still without items, and read back what the server granted."""
    publish_ms = min(SLOWEST_PUBLISH_MS, max(FASTEST_PUBLISH_MS, sampling_ms(group)))
    count = max(1, int(KEEP_ALIVE_S * 1000 // publish_ms))
    asked = ua.CreateSubscriptionParameters(
        RequestedPublishingInterval=publish_ms,
        RequestedLifetimeCount=max(3 * count, math.ceil(LIFETIME_S * 1000 / publish_ms)),
        RequestedMaxKeepAliveCount=count,
        MaxNotificationsPerPublish=0,
        PublishingEnabled=True,
        Priority=0,
    )
    granted = await client.uaclient.create_subscription(asked, lambda result: feed.on_publish(group, result))
    group.subscription = granted.SubscriptionId
    group.keep_alive_s = granted.RevisedPublishingInterval * granted.RevisedMaxKeepAliveCount / 1000
    feed.add(group)


def sampling_ms(group: Group) -> float:
    """Sampling interval asked for."""
    return 1000.0 / group.rate


async def monitor(
    client: Client, group: Group, items: Sequence[tuple[int, ua.NodeId]]
) -> list[ua.MonitoredItemCreateResult]:
    """Add (handle, node) items to the group's subscription, in one request."""
    publish_ms = max(FASTEST_PUBLISH_MS, group.keep_alive_s * 1000)
    queue = max(QUEUE, math.ceil(2 * publish_ms / sampling_ms(group)))
    parameters = ua.CreateMonitoredItemsParameters()
    parameters.SubscriptionId = group.subscription
    parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    parameters.ItemsToCreate = [
        ua.MonitoredItemCreateRequest(
            ItemToMonitor=ua.ReadValueId(NodeId=node, AttributeId=ua.AttributeIds.Value),
            MonitoringMode=ua.MonitoringMode.Reporting,
            RequestedParameters=ua.MonitoringParameters(
                ClientHandle=handle, SamplingInterval=sampling_ms(group), QueueSize=queue, DiscardOldest=True
            ),
        )
        for handle, node in items
    ]
    return await client.uaclient.create_monitored_items(parameters)
