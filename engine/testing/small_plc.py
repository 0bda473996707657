"""A small PLC's OPC UA server: few sessions, few monitored items, slow publishing, small requests.

The stock asyncua server grants whatever is asked; here its session and monitored-item services are
replaced by ones that keep to the limits and advertise them. As a program
(``python -m engine.testing.small_plc``) it prints ``{"port": N}`` and takes orders in JSON on its
standard input, one a line: ``{"do": "write", "name": "T0", "value": 1.5}`` or ``{"do": "count"}``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from asyncua import Server, ua
from asyncua.common.utils import ServiceError
from asyncua.server.address_space import AddressSpace
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_session import InternalSession, User
from asyncua.server.internal_subscription import InternalSubscription
from asyncua.server.monitored_item_service import MonitoredItemService

from engine.clock import SystemClock

NAMESPACE = "urn:watchroom:small-plc"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PlcLimits:
    """What a small controller allows, as an S7-1200 class device does.

    ``subscriptions`` per session, ``items`` over the whole server; ``*_per_call`` are OperationLimits;
    intervals are the shortest granted, ``session_ms`` and ``queue`` the longest.
    """

    sessions: int = 3
    subscriptions: int = 2
    items: int = 1000
    items_per_call: int = 50
    reads_per_call: int = 100
    browses_per_call: int = 10
    publishing_ms: float = 500.0
    sampling_ms: float = 500.0
    session_ms: float = 30_000.0
    queue: int = 10


@dataclass(slots=True, eq=False)
class SmallPlc:
    """A running small PLC. ``nodes`` are its variables by name; ``refused`` counts refusals by name."""

    server: Server
    inner: SmallServer
    nodes: dict[str, ua.NodeId]

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self.server.bserver is not None
        return self.server.bserver.port

    @property
    def refused(self) -> dict[str, int]:
        """How often each limit said no, by the status code's name."""
        return self.inner.refused

    def count(self) -> dict[str, Any]:
        """Sessions, subscriptions and items held now, and the refusals so far."""
        plc = self.inner
        return {
            "sessions": plc.sessions,
            "subscriptions": len(plc.subscription_service.subscriptions),
            "items": plc.items,
            "refused": plc.refused,
        }

    async def write(self, name: str, value: float) -> None:
        """A variable gets a new value, now."""
        make: Any = ua.DataValue
        time = EPOCH + timedelta(microseconds=SystemClock().now_us())
        sample = make(ua.Variant(float(value), ua.VariantType.Double), SourceTimestamp=time)
        await self.server.write_attribute_value(self.nodes[name], sample)


class SmallServer(InternalServer):
    """asyncua's server core with limits."""

    def __init__(self, limits: PlcLimits) -> None:
        super().__init__()
        self.plc = limits
        self.refused: dict[str, int] = {}
        self.max_session_timeout_ms = limits.session_ms
        self.max_monitored_item_queue_size = limits.queue

    @property
    def sessions(self) -> int:
        """Sessions of clients now; one whose link broke counts until its timeout."""
        return len(self._external_sessions)

    @property
    def items(self) -> int:
        """Monitored items of all clients."""
        held = (sub.monitored_item_srv for sub in self.subscription_service.subscriptions.values())
        return sum(items.count for items in held if isinstance(items, SmallItems))

    def create_session(self, name: str, user: User | None = None, external: bool = False) -> InternalSession:
        """A session if there is room. Raises BadTooManySessions."""
        if external and self.sessions >= self.plc.sessions:
            raise self.refuse("BadTooManySessions")
        return SmallSession(self, name, user or User(), external)

    def refuse(self, name: str) -> ServiceError:
        """The error for a broken limit, counted."""
        self.refused[name] = self.refused.get(name, 0) + 1
        return ServiceError(getattr(ua.StatusCodes, name))


class SmallSession(InternalSession):
    """One client's session, which takes small requests only."""

    def __init__(self, server: SmallServer, name: str, user: User, external: bool) -> None:
        super().__init__(server, server.aspace, server.subscription_service, name, user, external)
        self.small = server

    async def create_subscription(
        self,
        params: ua.CreateSubscriptionParameters,
        callback: Callable[..., Any],
        request_callback: Callable[..., Any] | None = None,
    ) -> ua.CreateSubscriptionResult:
        """As asked but slower, up to so many. Raises BadTooManySubscriptions."""
        held = self.subscription_service.subscriptions
        if sum(sub.session_id == self.session_id for sub in held.values()) >= self.small.plc.subscriptions:
            raise self.small.refuse("BadTooManySubscriptions")
        slowest = max(params.RequestedPublishingInterval, self.small.plc.publishing_ms)
        params.RequestedPublishingInterval = slowest
        result = await super().create_subscription(params, callback, request_callback)
        subscription = held[result.SubscriptionId]
        subscription.monitored_item_srv = SmallItems(subscription, self.aspace, self.small)
        return result

    async def create_monitored_items(
        self, params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        """So many in one call. Raises BadTooManyOperations."""
        self._check(params.ItemsToCreate, self.small.plc.items_per_call)
        return await super().create_monitored_items(params)

    async def read(self, params: ua.ReadParameters) -> list[ua.DataValue]:
        """So many in one call. Raises BadTooManyOperations."""
        self._check(params.NodesToRead, self.small.plc.reads_per_call)
        return await super().read(params)

    async def browse(self, params: ua.BrowseParameters) -> list[ua.BrowseResult]:
        """So many in one call. Raises BadTooManyOperations."""
        self._check(params.NodesToBrowse, self.small.plc.browses_per_call)
        return await super().browse(params)

    async def translate_browsepaths_to_nodeids(
        self, params: list[ua.BrowsePath]
    ) -> list[ua.BrowsePathResult]:
        """So many in one call. Raises BadTooManyOperations."""
        self._check(params, self.small.plc.browses_per_call)
        return await super().translate_browsepaths_to_nodeids(params)

    def _check(self, operations: Sequence[Any], most: int) -> None:
        if len(operations) > most:
            raise self.small.refuse("BadTooManyOperations")


class SmallItems(MonitoredItemService):
    """The monitored items of one subscription, out of a number that all share."""

    def __init__(self, subscription: InternalSubscription, aspace: AddressSpace, server: SmallServer) -> None:
        super().__init__(subscription, aspace)
        self.small = server

    @property
    def count(self) -> int:
        """Items here now."""
        return len(self._monitored_items)

    async def create_monitored_items(
        self, params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        """Each item for itself; those without room get BadTooManyMonitoredItems."""
        results: list[ua.MonitoredItemCreateResult] = []
        for item in params.ItemsToCreate:
            if self.small.items >= self.small.plc.items:
                result = ua.MonitoredItemCreateResult()
                code: Any = self.small.refuse("BadTooManyMonitoredItems").code
                result.StatusCode = ua.StatusCode(code)
            else:
                one = ua.CreateMonitoredItemsParameters()
                one.ItemsToCreate = [item]
                (result,) = await super().create_monitored_items(one)
                asked_ms = item.RequestedParameters.SamplingInterval
                result.RevisedSamplingInterval = max(asked_ms, self.small.plc.sampling_ms)
            results.append(result)
        return results


@contextlib.asynccontextmanager
async def small_plc(
    tags: int = 10, limits: PlcLimits | None = None, port: int = 0
) -> AsyncGenerator[SmallPlc]:
    """A small PLC on 127.0.0.1 with Double variables ``T0`` … whose values are their numbers."""
    limits = limits or PlcLimits()
    inner = SmallServer(limits)
    server = Server(iserver=inner)
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/small-plc")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await server.register_namespace(NAMESPACE)
    await _advertise(server, limits)
    nodes = {f"T{number}": ua.NodeId(cast("Any", f"T{number}"), cast("Any", index)) for number in range(tags)}
    for number, (name, node) in enumerate(nodes.items()):
        value = ua.Variant(float(number), ua.VariantType.Double)
        await server.nodes.objects.add_variable(node, ua.QualifiedName(name, cast("Any", index)), value)
    await server.start()
    try:
        yield SmallPlc(server, inner, nodes)
    finally:
        await server.stop()


async def _advertise(server: Server, limits: PlcLimits) -> None:
    """ServerCapabilities and OperationLimits (OPC 10000-5, 6.3.2 and 6.3.11)."""
    ids, number = ua.ObjectIds, ua.VariantType.UInt32
    told: dict[int, tuple[float, ua.VariantType]] = {
        ids.Server_ServerCapabilities_MinSupportedSampleRate: (limits.sampling_ms, ua.VariantType.Double),
        ids.Server_ServerCapabilities_MaxSessions: (limits.sessions, number),
        ids.Server_ServerCapabilities_MaxSubscriptionsPerSession: (limits.subscriptions, number),
        ids.Server_ServerCapabilities_MaxMonitoredItems: (limits.items, number),
        ids.Server_ServerCapabilities_MaxMonitoredItemsQueueSize: (limits.queue, number),
        ids.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead: (limits.reads_per_call, number),
        ids.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse: (limits.browses_per_call, number),
        ids.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds: (
            limits.browses_per_call,
            number,
        ),
        ids.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall: (
            limits.items_per_call,
            number,
        ),
    }
    for node, (value, kind) in told.items():
        await server.get_node(ua.NodeId(cast("Any", node))).write_value(ua.Variant(value, kind))


async def _serve(asked: argparse.Namespace) -> None:
    limits = PlcLimits(**{one.name: getattr(asked, one.name) for one in fields(PlcLimits)})
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    async with small_plc(asked.tags, limits, asked.port) as plc:
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        print(json.dumps({"port": plc.port}), flush=True)
        while line := await reader.readline():
            order = json.loads(line)
            if order["do"] == "write":
                await plc.write(order["name"], order["value"])
            print(json.dumps({"done": order["do"], **plc.count()}), flush=True)


def main(words: Sequence[str] | None = None) -> None:
    """Run as a program until the standard input ends; every limit is an option."""
    parser = argparse.ArgumentParser(prog="small_plc")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tags", type=int, default=10)
    for one in fields(PlcLimits):
        name = "--" + one.name.replace("_", "-")
        parser.add_argument(name, type=type(one.default), default=one.default)
    asyncio.run(_serve(parser.parse_args(words)))


if __name__ == "__main__":
    main()
