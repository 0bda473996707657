"""The load server counts, loses nothing by itself, and says what it had to drop."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asyncua import Client, ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_to_binary

from engine.drivers.opcua.arrays import parse_response
from engine.drivers.opcua.decode import Change, Publish, decode
from engine.drivers.opcua.identity import own_identity
from engine.drivers.opcua.publish import install
from engine.testing import opcua_load

ROOT = Path(__file__).resolve().parents[3]
PUBLISH_MS = 50
QUEUE = 4
OVERFLOW = 0x0480


@dataclass
class Server:
    process: subprocess.Popen[str]
    port: int

    def order(self, do: str) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer["done"] == do
        return answer


StartServer = Callable[..., Server]


@pytest.fixture
def load_server() -> Iterator[StartServer]:
    started: list[subprocess.Popen[str]] = []

    def start(items: int, pki: Path | None = None) -> Server:
        words = ["--items", str(items), "--publish-ms", str(PUBLISH_MS)]
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "engine.testing.opcua_load",
                *words,
                *(["--pki", str(pki)] if pki else []),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        started.append(process)
        assert process.stdout is not None
        return Server(process, json.loads(process.stdout.readline())["port"])

    yield start
    for process in started:
        process.kill()
        process.communicate()


class Received:
    """The publishes of one subscription to all items, by handle."""

    def __init__(self) -> None:
        self.publishes: list[Publish] = []
        self.fast = 0

    def take(self, result: ua.PublishResult) -> None:
        self.fast += sum(isinstance(n, Change) for n in result.NotificationMessage.NotificationData or [])
        self.publishes.append(decode(result))

    def values(self, handle: int) -> list[float]:
        parts = [p.samples.value[p.samples.handle == handle] for p in self.publishes]
        return np.concatenate(parts).tolist() if parts else []

    def statuses(self, handle: int) -> list[int]:
        parts = [p.samples.status[p.samples.handle == handle] for p in self.publishes]
        return np.concatenate(parts).tolist() if parts else []


async def subscribed(client: Client, items: int) -> Received:
    received = Received()
    asked = ua.CreateSubscriptionParameters(
        RequestedPublishingInterval=PUBLISH_MS,
        RequestedLifetimeCount=1000,
        RequestedMaxKeepAliveCount=10,
        PublishingEnabled=True,
    )
    granted = await client.uaclient.create_subscription(asked, received.take)
    index = await client.get_namespace_index(opcua_load.NAMESPACE)
    wanted = ua.CreateMonitoredItemsParameters(SubscriptionId=granted.SubscriptionId)
    wanted.TimestampsToReturn = ua.TimestampsToReturn.Both
    wanted.ItemsToCreate = [
        ua.MonitoredItemCreateRequest(
            ItemToMonitor=ua.ReadValueId(NodeId=ua.NodeId(k, index), AttributeId=ua.AttributeIds.Value),
            MonitoringMode=ua.MonitoringMode.Reporting,
            RequestedParameters=ua.MonitoringParameters(ClientHandle=k, QueueSize=QUEUE, DiscardOldest=True),
        )
        for k in range(1, items + 1)
    ]
    results = await client.uaclient.create_monitored_items(wanted)
    assert all(result.StatusCode.is_good() for result in results)
    await until(lambda: len(received.values(items)) > 0)
    return received


async def until(fact: Callable[[], Any], within_s: float = 20.0) -> None:
    async with asyncio.timeout(within_s):
        while not fact():
            await asyncio.sleep(0.02)


def connected(port: int) -> AbstractAsyncContextManager[Client]:
    return Client(f"opc.tcp://127.0.0.1:{port}/load", timeout=20)


def counted(values: list[float]) -> bool:
    """Whether there are at least six and each is the one before plus one."""
    return len(values) > 5 and np.diff(values).tolist() == [1.0] * (len(values) - 1)


def test_the_notification_is_what_asyncua_would_read() -> None:
    body = opcua_load.encoded(
        np.array([7, 8], np.uint32),
        np.array([3, 4], np.int64),
        np.array([1_790_000_000_000_001, 1_790_000_000_000_002]),
        overflow=True,
    )
    made = ua.PublishResponse()
    made.Parameters.NotificationMessage.NotificationData = [
        ua.ExtensionObject(TypeId=ua.FourByteNodeId(811), Body=body)
    ]
    raw = struct_to_binary(made)
    fast = parse_response(raw).samples
    slow = decode(ua.ua_binary.struct_from_binary(ua.PublishResponse, Buffer(raw)).Parameters).samples
    for samples in (fast, slow):
        assert samples.handle.tolist() == [7, 8, 7, 8]
        assert samples.value.tolist() == [3.0, 3.0, 4.0, 4.0]
        assert samples.status.tolist() == [OVERFLOW, OVERFLOW, 0, 0]
        times = [1_790_000_000_000_001] * 2 + [1_790_000_000_000_002] * 2
        assert samples.source_us.tolist() == samples.server_us.tolist() == times


@pytest.mark.system
async def test_every_item_counts_the_ticks_and_none_is_missing(load_server: StartServer) -> None:
    server = load_server(items=150)
    async with connected(server.port) as client:
        assert install(client)
        received = await subscribed(client, 150)
        server.order("start")
        await until(lambda: len(received.values(150)) > 10)
        stopped = server.order("stop")
        await until(lambda: received.values(1)[-1] == stopped["tick"])
        assert counted(received.values(1)) and received.values(1) == received.values(150)
        assert stopped["dropped"] == 0
        assert server.order("report")["sent"] == stopped["tick"] * 150
        index = await client.get_namespace_index(opcua_load.NAMESPACE)
        assert await client.get_node(ua.NodeId(99, index)).read_value() == stopped["tick"]


@pytest.mark.system
async def test_a_stock_client_reads_the_same(load_server: StartServer) -> None:
    server = load_server(items=20)
    async with connected(server.port) as client:
        received = await subscribed(client, 20)
        server.order("start")
        await until(lambda: len(received.values(20)) > 10)
        assert counted(received.values(20))
        assert received.fast == 0


@pytest.mark.system
async def test_encrypted_messages_of_several_chunks_are_decoded_as_arrays(
    load_server: StartServer, tmp_path: Path
) -> None:
    items = 2500
    assert items * opcua_load.ITEM.itemsize > 65_535, "one chunk would do"
    server = load_server(items=items, pki=tmp_path)
    identity = own_identity(tmp_path, 1_790_000_000_000_000)
    client = connected(server.port)
    assert isinstance(client, Client)
    client.application_uri = identity.application_uri
    own = f"{identity.certificate_file},{identity.certificate_file.with_suffix('.pem')}"
    await client.set_security_string(f"Aes256Sha256RsaPss,SignAndEncrypt,{own},{tmp_path / 'server.der'}")
    async with client:
        assert install(client)
        received = await subscribed(client, items)
        server.order("start")
        await until(lambda: len(received.values(items)) > 10)
        assert counted(received.values(1)) and counted(received.values(items))
        assert received.fast >= 10


@pytest.mark.system
async def test_a_client_that_does_not_ask_loses_the_oldest_and_is_told(load_server: StartServer) -> None:
    server = load_server(items=5)
    async with connected(server.port) as client:
        install(client)
        asks, ask = asyncio.Event(), client.uaclient.session.publish
        asks.set()

        async def publish(acks: Any) -> ua.PublishResponse:
            await asks.wait()
            return await ask(acks)

        client.uaclient.session.publish = publish
        received = await subscribed(client, 5)
        server.order("start")
        await until(lambda: len(received.values(5)) > 2)
        asks.clear()
        held = server.order("report")["tick"]
        await until(lambda: server.order("report")["tick"] > held + 3 * QUEUE)
        asks.set()
        await until(lambda: OVERFLOW in received.statuses(5))
        before, after = (received.values(5)[received.statuses(5).index(OVERFLOW) + k] for k in (-1, 0))
        assert after > before + 1
        await until(lambda: server.order("report")["dropped"] == 5 * (after - before - 1))
