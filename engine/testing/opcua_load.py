"""A real OPC UA server that sends far more notifications than asyncua's own encoder could.

``python -m engine.testing.opcua_load --items 5000 --publish-ms 100`` prints ``{"port": N}`` and then takes
orders from its standard input, one JSON object a line, each answered by a line: ``{"do": "start"}``,
``{"do": "stop"}``, ``{"do": "report"}``. Sessions, security, browsing and reading are asyncua's; only the
DataChangeNotifications are encoded with numpy.

Every variable (Double, ``ns=2;i=1`` to ``i=ITEMS``) counts the ticks of the load, so a client that sees
every whole number of every item in order has lost nothing. The source time of a sample is the time its
tick was due: lateness of this server counts as age, too. A client too slow to ask finds its queue cut
like at any server: the oldest samples go and the next one carries the Overflow bit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from asyncua import Server, ua
from asyncua.server import subscription_service
from asyncua.server.internal_subscription import InternalSubscription
from asyncua.server.monitored_item_service import MonitoredItemService
from numpy.typing import NDArray

from engine.clock import SystemClock
from engine.drivers.opcua.identity import self_signed

NAMESPACE = "urn:watchroom:load"
APPLICATION_URI = "urn:watchroom:load:server"
ITEM = np.dtype(
    [
        ("handle", "<u4"),
        ("mask", "u1"),
        ("kind", "u1"),
        ("value", "<f8"),
        ("status", "<u4"),
        ("source", "<i8"),
        ("server", "<i8"),
    ]
)
"""A MonitoredItemNotification with a Double, its status and both times (OPC 10000-6, 5.2.2.17)."""
_MASK = 0x0F
_DOUBLE = 11
_OVERFLOW = 0x0480
_FOLDER = 100
_CHANGE_ID = 811
_EPOCH_TICKS = 116_444_736_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_POLICIES = [
    ua.SecurityPolicyType.NoSecurity,
    ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt,
    ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
]


@dataclass
class Load:
    """The load and what was sent of it. Ticks are numbered from 1 and go on counting over stops."""

    period_us: int
    index: int = 0
    clock: SystemClock = field(default_factory=SystemClock)
    began_us: int | None = None
    ticks_before: int = 0
    sent: int = 0
    dropped: int = 0
    publishes: int = 0

    def tick(self) -> int:
        """The last tick that was due."""
        if self.began_us is None:
            return self.ticks_before
        return self.ticks_before + (self.clock.now_us() - self.began_us) // self.period_us

    def due_us(self, ticks: NDArray[np.int64]) -> NDArray[np.int64]:
        """When these ticks were due, UTC microseconds."""
        began = self.clock.now_us() if self.began_us is None else self.began_us
        return began + (ticks - self.ticks_before) * self.period_us

    def until_next_s(self, otherwise: float) -> float:
        """Seconds until the next tick; ``otherwise`` while the load is stopped."""
        if self.began_us is None:
            return otherwise
        return (self.period_us - (self.clock.now_us() - self.began_us) % self.period_us) / 1e6

    def start(self) -> None:
        """Let the ticks run."""
        if self.began_us is None:
            self.began_us = self.clock.now_us()

    def stop(self) -> None:
        """Halt the ticks; what was due is still sent."""
        self.ticks_before, self.began_us = self.tick(), None

    def report(self) -> dict[str, Any]:
        """Counts so far, and this process's CPU seconds."""
        return {
            "tick": self.tick(),
            "sent": self.sent,
            "dropped": self.dropped,
            "publishes": self.publishes,
            "cpu_s": time.process_time(),
        }


class LoadItems(MonitoredItemService):
    """Keeps the client handles of the monitored load variables, in the order they were asked for."""

    def __init__(self, subscription: InternalSubscription, space: Any, index: int) -> None:
        super().__init__(subscription, space)
        self._index = index
        self._handle_of: dict[int, int] = {}
        self.handles = np.empty(0, np.uint32)
        self.queue = 1

    async def create_monitored_items(
        self, params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        """As asyncua does it; remembers the client handles of the load's variables."""
        results = await super().create_monitored_items(params)
        for asked, result in zip(params.ItemsToCreate, results, strict=True):
            wanted = asked.ItemToMonitor.NodeId.NamespaceIndex == self._index
            if wanted and result.StatusCode.is_good():
                self._handle_of[result.MonitoredItemId] = asked.RequestedParameters.ClientHandle
                self.queue = max(1, result.RevisedQueueSize)
        self.handles = np.array(list(self._handle_of.values()), np.uint32)
        return results

    def delete_monitored_items(self, ids: Any) -> list[ua.StatusCode]:
        """As asyncua does it; forgets their handles."""
        for one in ids:
            self._handle_of.pop(one, None)
        self.handles = np.array(list(self._handle_of.values()), np.uint32)
        return super().delete_monitored_items(ids)


class LoadSubscription(InternalSubscription):
    """A subscription that publishes every tick of the load as one numpy-encoded notification."""

    load: Load

    def __init__(self, data: Any, aspace: Any, *args: Any, **options: Any) -> None:
        super().__init__(data, aspace, *args, **options)
        self._items = LoadItems(self, aspace, self.load.index)
        self.monitored_item_srv = self._items
        self._sent_tick = self.load.tick()

    async def _subscription_loop(self) -> None:
        await self.publish_results()
        while not self._closing:
            await asyncio.sleep(self.load.until_next_s(self.data.RevisedPublishingInterval / 1000))
            await self.publish_results()

    def has_published_results(self) -> bool:
        """Whether a tick, or something of asyncua's own, waits to be sent."""
        waiting = len(self._items.handles) and self.load.tick() > self._sent_tick
        return bool(waiting) or super().has_published_results()

    def _pop_triggered_datachanges(self, result: ua.PublishResult) -> None:
        super()._pop_triggered_datachanges(result)
        last, handles = self.load.tick(), self._items.handles
        if not len(handles) or last <= self._sent_tick:
            self._sent_tick = last
            return
        first = max(self._sent_tick + 1, last - self._items.queue + 1)
        dropped = first - self._sent_tick - 1
        ticks = np.arange(first, last + 1)
        body = encoded(handles, ticks, self.load.due_us(ticks), overflow=dropped > 0)
        make: Any = ua.ExtensionObject
        type_id: Any = ua.FourByteNodeId
        notification = make(TypeId=type_id(_CHANGE_ID), Body=body)
        result.NotificationMessage.NotificationData.append(notification)
        self._sent_tick = last
        self.load.sent += len(ticks) * len(handles)
        self.load.dropped += dropped * len(handles)
        self.load.publishes += 1


def encoded(
    handles: NDArray[np.uint32], ticks: NDArray[np.int64], due_us: NDArray[np.int64], *, overflow: bool
) -> bytes:
    """A DataChangeNotification: for each tick all handles, with the tick's number as their value."""
    table = np.empty((len(ticks), len(handles)), ITEM)
    table["handle"], table["mask"], table["kind"], table["status"] = handles, _MASK, _DOUBLE, 0
    table["value"] = ticks[:, np.newaxis]
    table["source"] = table["server"] = (due_us * 10 + _EPOCH_TICKS)[:, np.newaxis]
    if overflow:
        table["status"][0] = _OVERFLOW
    return np.int32(table.size).tobytes() + table.tobytes() + np.int32(-1).tobytes()


async def make_server(load: Load, items: int, port: int, pki: Path | None) -> Server:
    """The server with its variables, not yet listening."""
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/load")
    await server.set_application_uri(APPLICATION_URI)
    if pki is not None:
        der, pem = self_signed(
            "Watchroom load server", APPLICATION_URI, ["localhost"], load.clock.now_us(), 1
        )
        pki.mkdir(parents=True, exist_ok=True)
        (pki / "server.der").write_bytes(der)
        await server.load_certificate(der, "der")
        await server.load_private_key(pem, format="pem")
    server.set_security_policy(_POLICIES if pki is not None else _POLICIES[:1])
    load.index = await server.register_namespace(NAMESPACE)
    make: Any = ua.NodeId
    folder = server.nodes.objects
    for k in range(1, items + 1):
        if k % _FOLDER == 1:  # asyncua looks at every child of a folder for each new one
            name = f"Load{k}"
            folder = await server.nodes.objects.add_folder(make(name, load.index), f"{load.index}:{name}")
        node = make(k, load.index)
        await folder.add_variable(node, ua.QualifiedName(f"T{k}", load.index), 0.0)
        server.iserver.aspace.set_attribute_value_callback(
            node, ua.AttributeIds.Value, lambda *_: current(load)
        )
    return server


def current(load: Load) -> ua.DataValue:
    """What a read of any variable gives now."""
    tick = load.tick()
    time = _EPOCH + timedelta(microseconds=int(load.due_us(np.array([tick]))[0]))
    make: Any = ua.DataValue
    return make(ua.Variant(float(tick), ua.VariantType.Double), SourceTimestamp=time, ServerTimestamp=time)


async def serve(asked: argparse.Namespace) -> None:
    """Run until the standard input ends."""
    load = Load(period_us=round(asked.publish_ms * 1000))
    LoadSubscription.load = load
    # The service makes subscriptions by this name; this process has no other server.
    service: Any = subscription_service
    service.InternalSubscription = LoadSubscription
    server = await make_server(load, asked.items, asked.port, Path(asked.pki) if asked.pki else None)
    await server.start()
    assert server.bserver is not None
    print(json.dumps({"port": server.bserver.port}), flush=True)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    orders = {"start": load.start, "stop": load.stop, "report": lambda: None}
    while line := await reader.readline():
        order = json.loads(line)["do"]
        orders[order]()
        print(json.dumps({"done": order, **load.report()}), flush=True)
    await server.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--publish-ms", type=float, default=100.0)
    parser.add_argument("--port", type=int, default=0, help="0 = any free port")
    parser.add_argument("--pki", default="", help="folder for a certificate: also offers encrypted endpoints")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
