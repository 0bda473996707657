"""Subscriptions and monitored items at the server: what is asked for, and what it made of that."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from asyncua import ua

from engine.drivers.opcua.groups import BLOCK_RATE, KEEP_ALIVE_S, Group, sampling_ms
from engine.drivers.opcua.link import Link
from engine.types import Sink

LIFETIME_S = 30.0
"""How long the server keeps a subscription nobody collects from."""
QUEUE = 10
"""Samples kept for a tag between two deliveries, at least."""
BLOCK_QUEUE_S = 5.0
"""For so long a server shall keep the samples of tags that come as blocks: a pause of the network or of
either side that others do not even notice would cost hundreds of theirs."""
DELETE_S = 0.3
"""Longest wait for the server to end the subscriptions of a source that leaves."""


@dataclass(frozen=True, slots=True)
class Item:
    """A node to monitor under a handle."""

    handle: int
    node: ua.NodeId
    sampling_ms: float


@dataclass(slots=True, eq=False)
class Granted:
    """What the server granted, counted: (asked, revised) of each figure. Queues: (needed, revised)."""

    publishing_s: Counter[tuple[float, float]] = field(default_factory=Counter[tuple[float, float]])
    keep_alive_s: Counter[tuple[float, float]] = field(default_factory=Counter[tuple[float, float]])
    lifetime_s: Counter[tuple[float, float]] = field(default_factory=Counter[tuple[float, float]])
    sampling_s: Counter[tuple[float, float]] = field(default_factory=Counter[tuple[float, float]])
    queue: Counter[tuple[float, float]] = field(default_factory=Counter[tuple[float, float]])
    short_queues: int = 0


async def subscribe(
    link: Link, group: Group, granted: Granted, take: Callable[[ua.PublishResult], None], most: int = 0
) -> None:
    """Create the group's subscription, still without items, and read back what the server granted.

    ``take`` gets every publish and keep-alive; ``most`` = notifications in one of them, 0 = any number.
    """
    client, publish_ms = link.client, group.publish_ms
    count = max(1, int(KEEP_ALIVE_S * 1000 // publish_ms))
    lifetime = max(3 * count, math.ceil(LIFETIME_S * 1000 / publish_ms))
    asked = ua.CreateSubscriptionParameters(
        RequestedPublishingInterval=publish_ms,
        RequestedLifetimeCount=lifetime,
        RequestedMaxKeepAliveCount=count,
        MaxNotificationsPerPublish=most,
        PublishingEnabled=True,
        Priority=0,
    )
    answer = await client.uaclient.create_subscription(asked, take)
    link.subscriptions += 1
    group.subscription = answer.SubscriptionId
    group.granted_ms = answer.RevisedPublishingInterval or publish_ms
    group.keep_alive_s = group.granted_ms * answer.RevisedMaxKeepAliveCount / 1000
    granted.publishing_s[publish_ms / 1000, group.granted_ms / 1000] += 1
    granted.keep_alive_s[publish_ms * count / 1000, group.keep_alive_s] += 1
    revised_s = group.granted_ms * answer.RevisedLifetimeCount / 1000
    granted.lifetime_s[publish_ms * lifetime / 1000, revised_s] += 1


async def monitor(
    link: Link, group: Group, items: Sequence[Item], granted: Granted
) -> list[ua.MonitoredItemCreateResult]:
    """Add items to the group's subscription, in one request, and read back what the server granted."""
    parameters = ua.CreateMonitoredItemsParameters()
    parameters.SubscriptionId = group.subscription
    parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    parameters.ItemsToCreate = [_request(link, group, item) for item in items]
    results = await link.client.uaclient.create_monitored_items(parameters)
    for item, result in zip(items, results, strict=True):
        if result.StatusCode.is_good():
            sampling_ms = result.RevisedSamplingInterval
            granted.sampling_s[item.sampling_ms / 1000, sampling_ms / 1000] += 1
            # A server that samples more slowly than asked needs a shorter queue.
            needed = _needed(group, max(item.sampling_ms, sampling_ms))
            granted.queue[needed, result.RevisedQueueSize] += 1
            granted.short_queues += result.RevisedQueueSize < needed
    return results


def _request(link: Link, group: Group, item: Item) -> ua.MonitoredItemCreateRequest:
    queue = max(QUEUE, 2 * _needed(group, item.sampling_ms))
    if item.sampling_ms <= sampling_ms(BLOCK_RATE):
        queue = max(queue, math.ceil(BLOCK_QUEUE_S * 1000 / item.sampling_ms))
    most = link.capabilities.queue or queue
    return ua.MonitoredItemCreateRequest(
        ItemToMonitor=ua.ReadValueId(NodeId=item.node, AttributeId=ua.AttributeIds.Value),
        MonitoringMode=ua.MonitoringMode.Reporting,
        RequestedParameters=ua.MonitoringParameters(
            ClientHandle=item.handle,
            SamplingInterval=item.sampling_ms,
            QueueSize=min(queue, most),
            DiscardOldest=True,
        ),
    )


def _needed(group: Group, sampling_ms: float) -> int:
    """Samples that come between two deliveries."""
    return max(1, math.ceil(group.granted_ms / sampling_ms)) if sampling_ms > 0 else 1


def tell(sink: Sink, granted: Granted, where: str) -> None:
    """Report what the server granted, and a queue that is too short to keep every change."""
    sink.fact("publishing interval", revised(granted.publishing_s))
    sink.fact("keep-alive", revised(granted.keep_alive_s))
    sink.fact("subscription lifetime", revised(granted.lifetime_s))
    if granted.sampling_s:
        sink.fact("sampling interval", revised(granted.sampling_s))
        sink.fact("queue", ", ".join(f"{size:g}" for size in sorted({size for _, size in granted.queue})))
    short = granted.short_queues
    sink.note(
        "queue",
        f"{where} keeps too few values between two deliveries of {short} tags, so quick changes get lost"
        if short
        else "",
        "raise the queue size of monitored items at the server, or lower the rate of these tags in tags.csv",
    )


def revised(counted: Counter[tuple[float, float]]) -> str:
    """Intervals as granted, with what was asked where that differs: "1 s (asked 0.5 s), 0.1 s"."""
    parts: list[str] = []
    for asked, granted in sorted(counted):
        same = math.isclose(asked, granted, rel_tol=0.01)
        parts.append(f"{granted:g} s" if same else f"{granted:g} s (asked {asked:g} s)")
    return ", ".join(dict.fromkeys(parts))


async def unsubscribe(link: Link, groups: Sequence[Group]) -> None:
    """End subscriptions in a session that others go on using; gives up after ``DELETE_S``."""
    ids = [group.subscription for group in groups if group.subscription]
    if ids:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(DELETE_S):
                await link.client.uaclient.delete_subscriptions(ids)
    link.subscriptions -= len(ids)


async def release(link: Link, group: Group, handles: Sequence[int]) -> None:
    """Stop monitoring these tags."""
    parameters = ua.DeleteMonitoredItemsParameters()
    parameters.SubscriptionId = group.subscription
    parameters.MonitoredItemIds = [group.items.pop(handle) for handle in handles]
    group.monitored[list(handles)], group.released[list(handles)] = False, True
    await link.client.uaclient.delete_monitored_items(parameters)
    for handle in handles:
        group.readers.pop(handle, None)
