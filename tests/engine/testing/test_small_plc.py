"""The small PLC says no to a stock client, and our driver lives with it or says what to change."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from asyncua import Client, Node, ua
from asyncua.ua import uaerrors

from engine.drivers.driver import NotReady
from engine.drivers.opcua import DRIVER
from engine.testing.small_plc import NAMESPACE, PlcLimits, SmallPlc, small_plc
from tests.engine.drivers.opcua.recording import RecordingSink, context, running, sink_of, tag, until

pytestmark = pytest.mark.system


class Ignore:
    def datachange_notification(self, node: Node, value: Any, data: Any) -> None:
        pass


@contextlib.asynccontextmanager
async def stock(plc: SmallPlc) -> AsyncIterator[Client]:
    client = Client(f"opc.tcp://127.0.0.1:{plc.port}")
    try:
        await client.connect()
        yield client
    finally:
        await client.disconnect()


async def test_fourth_session_is_refused_until_one_leaves() -> None:
    async with small_plc() as plc, stock(plc), stock(plc):
        async with stock(plc):
            with pytest.raises(uaerrors.BadTooManySessions):
                async with stock(plc):
                    pass
            assert plc.refused == {"BadTooManySessions": 1}
        async with stock(plc) as client:
            assert await client.get_node(plc.nodes["T3"]).read_value() == 3.0
            assert plc.count()["sessions"] == 3


async def test_third_subscription_of_a_session_is_refused() -> None:
    async with small_plc() as plc, stock(plc) as client, stock(plc) as other:
        for _ in range(2):
            await client.create_subscription(500, Ignore())
        with pytest.raises(uaerrors.BadTooManySubscriptions):
            await client.create_subscription(500, Ignore())
        await other.create_subscription(500, Ignore())


async def test_items_beyond_the_limit_are_refused_one_by_one() -> None:
    async with small_plc(30, PlcLimits(items=20)) as plc, stock(plc) as client, stock(plc) as other:
        subscription = await client.create_subscription(500, Ignore())
        nodes = [client.get_node(node) for node in plc.nodes.values()]
        handles = await subscription.subscribe_data_change(nodes)
        assert isinstance(handles, list)
        refused = [handle for handle in handles if isinstance(handle, ua.StatusCode)]
        assert [code.name for code in refused] == ["BadTooManyMonitoredItems"] * 10
        elsewhere = await other.create_subscription(500, Ignore())
        with pytest.raises(uaerrors.BadTooManyMonitoredItems):
            await elsewhere.subscribe_data_change(other.get_node(plc.nodes["T0"]))
        await subscription.unsubscribe(handles[0])
        await elsewhere.subscribe_data_change(other.get_node(plc.nodes["T0"]))
        assert plc.count()["items"] == 20


async def test_requests_that_are_too_big_are_refused_whole_and_the_limits_are_told() -> None:
    async with small_plc(120) as plc, stock(plc) as client:
        nodes = [client.get_node(node) for node in plc.nodes.values()]
        with pytest.raises(uaerrors.BadTooManyOperations):
            await client.read_values(nodes)
        assert await client.read_values(nodes[:100]) == [float(k) for k in range(100)]
        subscription = await client.create_subscription(500, Ignore())
        with pytest.raises(uaerrors.BadTooManyOperations):
            await subscription.subscribe_data_change(nodes[:51])
        told = ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall
        assert await client.get_node(ua.NodeId(told)).read_value() == 50
        told = ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead
        assert await client.get_node(ua.NodeId(told)).read_value() == 100


async def test_fast_wishes_are_revised() -> None:
    async with small_plc() as plc, stock(plc) as client:
        asked = ua.CreateSubscriptionParameters(RequestedPublishingInterval=50, RequestedMaxKeepAliveCount=10)
        subscription = await client.uaclient.create_subscription(asked, lambda result: None)
        assert subscription.RevisedPublishingInterval == 500
        item = ua.MonitoredItemCreateRequest(
            ItemToMonitor=ua.ReadValueId(NodeId=plc.nodes["T0"], AttributeId=ua.AttributeIds.Value),
            MonitoringMode=ua.MonitoringMode.Reporting,
            RequestedParameters=ua.MonitoringParameters(SamplingInterval=10, QueueSize=1000),
        )
        wishes = ua.CreateMonitoredItemsParameters(subscription.SubscriptionId, ItemsToCreate=[item])
        (granted,) = await client.uaclient.create_monitored_items(wishes)
        assert (granted.RevisedSamplingInterval, granted.RevisedQueueSize) == (500, 10)
        assert client.session_timeout == 30_000


async def test_session_whose_link_broke_keeps_its_place_until_its_timeout() -> None:
    async with small_plc(limits=PlcLimits(sessions=1, session_ms=5000)) as plc:
        async with stock(plc) as client:
            await client.create_subscription(500, Ignore())
            assert plc.server.bserver is not None
            for connection in plc.server.bserver.clients:
                assert connection.transport is not None
                connection.transport.abort()
        with pytest.raises(uaerrors.BadTooManySessions):
            async with stock(plc):
                pass
        await until(lambda: plc.count()["sessions"] == 0, 10)
        async with stock(plc):
            pass


def test_program_prints_its_port_and_takes_orders() -> None:
    words = ["--tags", "3", "--sessions", "2", "--publishing-ms", "250"]
    with subprocess.Popen(
        [sys.executable, "-m", "engine.testing.small_plc", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        process.stdin.write('{"do": "write", "name": "T2", "value": 7.5}\n')
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["done"] == "write"
        assert asyncio.run(_read(port, "T2")) == 7.5
        process.stdin.close()
        assert process.wait(10) == 0


async def _read(port: int, name: str) -> float:
    async with Client(f"opc.tcp://127.0.0.1:{port}") as client:
        index = await client.get_namespace_index(NAMESPACE)
        return await client.get_node(f"ns={index};s={name}").read_value()


# ------------------------------------------------------------------------------- our driver with it


def tags(count: int, rates: tuple[float, ...] = (10.0,)) -> list[Any]:
    return [tag(k, f"nsu={NAMESPACE};s=T{k}", rates[k % len(rates)]) for k in range(count)]


def endpoint(plc: SmallPlc) -> str:
    return f"opc.tcp://127.0.0.1:{plc.port}"


def named(sink: RecordingSink, *words: str) -> list[tuple[str, str]]:
    """Notes whose text names one of the words, with something to do."""
    found = [note for note in sink.notes.values() if any(w.lower() in note[0].lower() for w in words)]
    assert all(do for _, do in found), found
    return found


async def test_driver_keeps_to_the_limits_of_each_request_and_to_one_session(tmp_path: Path) -> None:
    async with (
        small_plc(300) as plc,
        running(context(tmp_path, endpoint(plc), *tags(300))) as (sink, task),
    ):
        await until(lambda: len(sink.samples) == 300, 20, task)
        assert {k: seen[-1].value for k, seen in sink.samples.items()} == {k: float(k) for k in range(300)}
        assert plc.refused == {}
        assert plc.count()["sessions"] == 1


async def test_driver_marks_the_tags_that_find_no_room_and_says_what_to_change(tmp_path: Path) -> None:
    async with (
        small_plc(120, PlcLimits(items=100)) as plc,
        running(context(tmp_path, endpoint(plc), *tags(120))) as (sink, task),
    ):
        await until(lambda: len(sink.samples) + len(sink.marks) >= 120, 20, task)
        assert len(sink.samples) >= 95, "what fits is delivered"
        left = [k for k in range(120) if k not in sink.samples]
        assert left
        for k in left:
            assert sink.marks[k] & 0x80000000, "bad, not just uncertain"
            assert sink.whys[k]
        assert named(sink, "100 items"), sink.notes
        await plc.write("T0", 0.5)
        await until(lambda: sink.samples[0][-1].value == 0.5, 5, task)


async def test_driver_explains_a_plc_without_a_free_session_and_gets_in_once_there_is_one(
    tmp_path: Path,
) -> None:
    async with small_plc() as plc, stock(plc), stock(plc):
        one = context(tmp_path, endpoint(plc), *tags(1))
        async with stock(plc):
            with pytest.raises(NotReady) as caught:
                await asyncio.wait_for(DRIVER.run(one), 15)
            assert "session" in caught.value.what.lower()
            assert caught.value.do
            assert caught.value.busy
            assert sink_of(one).security == []
        async with running(one) as (sink, task):
            await until(lambda: 0 in sink.samples, 10, task)


async def test_driver_gets_by_with_two_subscriptions_for_three_rates(tmp_path: Path) -> None:
    async with (
        small_plc(9) as plc,
        running(context(tmp_path, endpoint(plc), *tags(9, (10.0, 2.0, 0.5)))) as (sink, task),
    ):
        await until(lambda: len(sink.samples) == 9, 20, task)
        await until(lambda: len(sink.proofs) == 9, 10, task)
        await plc.write("T2", 99.0)
        await until(lambda: sink.samples[2][-1].value == 99.0, 10, task)
        assert {k: hex(seen[-1].status) for k, seen in sink.samples.items()} == dict.fromkeys(range(9), "0x0")


async def test_driver_tells_what_the_plc_granted(tmp_path: Path) -> None:
    async with small_plc(2) as plc, running(context(tmp_path, endpoint(plc), *tags(2))) as (sink, task):
        await until(lambda: len(sink.samples) == 2, 10, task)
        await until(lambda: any("publish" in name.lower() for name in sink.facts), 5, task)
        text = next(text for name, text in sink.facts.items() if "publish" in name.lower())
        assert "0.5" in text or "500" in text, sink.facts


async def test_driver_leaves_no_session_behind_however_it_ends(tmp_path: Path) -> None:
    async with small_plc(limits=PlcLimits(sessions=1)) as plc:
        for _ in range(4):
            async with running(context(tmp_path, endpoint(plc), *tags(2))) as (sink, task):
                await until(lambda sink=sink: len(sink.samples) == 2, 10, task)
        await until(lambda: plc.count()["sessions"] == 0, 5)
        assert plc.refused == {}
