"""What a server says about itself: what it can take, and its state and time now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asyncua import Client, ua
from asyncua.ua.ua_binary import struct_from_binary

from engine.drivers.opcua.clock import ServerClock, server_time
from engine.drivers.opcua.namespaces import node_id
from engine.drivers.opcua.reading import MOST_PER_CALL, Limits, content, in_parts
from engine.drivers.opcua.trust import EPOCH
from engine.types import Clock

STATE_NODE = node_id(ua.ObjectIds.Server_ServerStatus_State)
TIME_NODE = node_id(ua.ObjectIds.Server_ServerStatus_CurrentTime)
NAMESPACES_NODE = node_id(ua.ObjectIds.Server_NamespaceArray)
RUNNING = 0
STATES = (
    "Running",
    "Failed",
    "NoConfiguration",
    "Suspended",
    "Shutdown",
    "Test",
    "CommunicationFault",
    "Unknown",
)
"""ServerState by number (OPC 10000-5, 12.6)."""

_FEW = 5
"""A server that does not say how much it takes is not asked for more than this at once."""
_ids = ua.ObjectIds
_NODES = {
    "read": _ids.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
    "browse": _ids.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse,
    "translate": _ids.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds,
    "monitor": _ids.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
    "history": _ids.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryReadData,
    "sessions": _ids.Server_ServerCapabilities_MaxSessions,
    "subscriptions": _ids.Server_ServerCapabilities_MaxSubscriptions,
    "session_subscriptions": _ids.Server_ServerCapabilities_MaxSubscriptionsPerSession,
    "items": _ids.Server_ServerCapabilities_MaxMonitoredItems,
    "subscription_items": _ids.Server_ServerCapabilities_MaxMonitoredItemsPerSubscription,
    "queue": _ids.Server_ServerCapabilities_MaxMonitoredItemsQueueSize,
    "sampling_ms": _ids.Server_ServerCapabilities_MinSupportedSampleRate,
}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """ServerCapabilities and OperationLimits (OPC 10000-5, 6.3.2 and 6.3.11); 0 = no limit stated.

    ``read`` to ``history`` are operations per request; ``sampling_ms`` is the fastest sampling.
    """

    read: int = 0
    browse: int = 0
    translate: int = 0
    monitor: int = 0
    history: int = 0
    sessions: int = 0
    subscriptions: int = 0
    session_subscriptions: int = 0
    items: int = 0
    subscription_items: int = 0
    queue: int = 0
    sampling_ms: float = 0.0

    def limits(self, most: int) -> Limits:
        """Operations per request: the server's, at most ``most`` (0 = our own choice).

        ``describe`` browses with the size of a read, so the smaller of both counts for it.
        """
        own = min(most or MOST_PER_CALL, MOST_PER_CALL)
        read = min(self.read or own, self.browse or own, own)
        return Limits(read, min(self.translate or own, own), min(self.monitor or own, own))


async def read_capabilities(client: Client) -> Capabilities:
    """Ask for them, the first one alone: it says how many may be asked for at once."""
    names = list(_NODES)
    first = await _read_limits(client, names[:1])
    read = min(int(first["read"]) or _FEW, _FEW)
    found = dict(first)
    for part in in_parts(names[1:], read):
        found |= await _read_limits(client, part)
    counts = {name: int(value) for name, value in found.items() if name != "sampling_ms"}
    return Capabilities(sampling_ms=float(found["sampling_ms"]), **counts)


async def _read_limits(client: Client, names: Sequence[str]) -> dict[str, float]:
    answers = await read_values(client, [node_id(_NODES[name]) for name in names])
    values = [content(answer) for answer in answers]
    return {
        name: value if isinstance(value, int | float) and value > 0 else 0
        for name, value in zip(names, values, strict=True)
    }


async def read_values(client: Client, nodes: Sequence[ua.NodeId]) -> list[ua.DataValue]:
    """The values of a few nodes of the server's own, in one request."""
    return await client.uaclient.read(_asked(nodes))


def _asked(nodes: Sequence[ua.NodeId]) -> ua.ReadParameters:
    parameters = ua.ReadParameters()
    parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    parameters.NodesToRead = [ua.ReadValueId(NodeId=n, AttributeId=ua.AttributeIds.Value) for n in nodes]
    return parameters


async def measure(client: Client, server_clock: ServerClock, clock: Clock) -> None:
    """Read the server's time into ``server_clock``; a server that states none leaves it as it is."""
    request = ua.ReadRequest()
    request.Parameters = _asked([TIME_NODE])
    protocol: Any = client.uaclient.protocol
    if protocol is None:
        raise ConnectionError("the connection is not open")
    asked_us = clock.now_us()
    data = await protocol.send_request(request)
    answered_us = clock.now_us()
    answer: Any = struct_from_binary(ua.ReadResponse, data)
    answer.ResponseHeader.ServiceResult.check()
    node = _as_us(content(answer.Results[0])) if answer.Results else None
    found = server_time(node, _as_us(answer.ResponseHeader.Timestamp))
    if found is not None and node is not None and server_clock.moves(node, clock.mono_us()):
        server_clock.take(found[0], asked_us, answered_us, found[1])


def _as_us(shown: Any) -> int | None:
    """A time as UTC microseconds; None = it is none."""
    if not isinstance(shown, datetime):
        return None
    aware = shown if shown.tzinfo else shown.replace(tzinfo=EPOCH.tzinfo)
    return (aware - EPOCH) // timedelta(microseconds=1)
