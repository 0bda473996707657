"""The whole driver against a real server, over a link that the tests break."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from engine.drivers.driver import NotReady, Refused
from engine.drivers.link import Link
from engine.drivers.modbus import DRIVER
from engine.drivers.supervisor import supervise
from engine.testing.fault_proxy import FaultProxy
from engine.types import Status, Tag
from tests.engine.drivers.recording import RecordingSink, context, until

pytestmark = pytest.mark.system

UNIT = 7


def words(form: str, value: float) -> list[int]:
    data = struct.pack(">" + form, value)
    return [int.from_bytes(data[place : place + 2], "big") for place in range(0, len(data), 2)]


def turned(registers: list[int]) -> list[int]:
    return [int.from_bytes(word.to_bytes(2, "big"), "little") for word in registers]


HOLDING: dict[str, tuple[list[int], float]] = {
    "holding:0": ([40000], 40000.0),
    "holding:1:int16": (words("h", -12), -12.0),
    "holding:10:uint32": (words("I", 4_000_000_000), 4e9),
    "holding:12:int32": (words("i", -2_000_000_000), -2e9),
    "holding:14:float32": (words("f", 81.5), 81.5),
    "holding:16:float32:swap": (words("f", -0.25)[::-1], -0.25),
    "holding:18:float32:bswap": (turned(words("f", 3.0)), 3.0),
    "holding:20:float32:bswap+swap": (turned(words("f", 1e6))[::-1], 1e6),
    "holding:30:uint64": (words("Q", 2**53 - 1), 2.0**53 - 1),
    "holding:34:int64": (words("q", -(2**40)), -(2.0**40)),
    "holding:38:float64": (words("d", 1 / 3), 1 / 3),
    "holding:42:float64:swap": (words("d", -1e300)[::-1], -1e300),
    "holding:200:bit0": ([0b0101], 1.0),
}
ALSO_THERE = {"holding:200:bit1": 0.0, "holding:200:bit2": 1.0}
OTHER_TABLES = {"input:7:uint16": 777.0, "coil:3": 1.0, "coil:4": 0.0, "discrete:17": 1.0, "discrete:16": 0.0}
EXPECTED = {address: value for address, (_, value) in HOLDING.items()} | ALSO_THERE | OTHER_TABLES


def plant() -> SimDevice:
    holding = [
        SimData(int(address.split(":")[1]), values=registers, datatype=DataType.REGISTERS)
        for address, (registers, _) in HOLDING.items()
    ]
    coils = [SimData(0, values=[False, False, False, True] + [False] * 12, datatype=DataType.BITS)]
    discrete = [SimData(0, values=[False] * 17 + [True] + [False] * 14, datatype=DataType.BITS)]
    return SimDevice(UNIT, (coils, discrete, holding, [SimData(7, values=777, datatype=DataType.REGISTERS)]))


@asynccontextmanager
async def server(port: int = 0) -> AsyncIterator[int]:
    listening = ModbusTcpServer(plant(), address=("127.0.0.1", port))
    await listening.serve_forever(background=True)
    try:
        yield listening.transport.sockets[0].getsockname()[1]
    finally:
        await listening.shutdown()
        await asyncio.sleep(0)


@asynccontextmanager
async def running(
    port: int, tags: list[Tag], unit: int = UNIT
) -> AsyncIterator[tuple[RecordingSink, asyncio.Task[None]]]:
    sink = RecordingSink()
    run = DRIVER.run(context(f"tcp://127.0.0.1:{port}?unit={unit}", tags, sink))
    task = asyncio.ensure_future(run)
    try:
        yield sink, task
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.done(), "a cancel must be done within 2 s"


def one_tag(rate: float = 20) -> list[Tag]:
    return [Tag(1, "A/One", "plc", "holding:14:float32", rate=rate)]


async def test_values_of_every_type_and_table_arrive() -> None:
    tags = [Tag(number, f"A/{number}", "plc", address, rate=10) for number, address in enumerate(EXPECTED)]
    async with server() as port, running(port, tags) as (sink, task):
        await until(lambda: len(sink.value) == len(tags) or task.done())
        assert sink.value == dict(enumerate(EXPECTED.values()))
        assert set(sink.status.values()) == {Status.GOOD}
        assert sink.links == ["none"]
        assert set(sink.periods.values()) == {0.1}


async def test_a_hole_in_the_map_marks_just_that_tag() -> None:
    tags = [
        Tag(1, "A/One", "plc", "holding:14:float32", rate=20),
        Tag(2, "A/Hole", "plc", "holding:25:uint16", rate=20),
        Tag(3, "A/Three", "plc", "holding:30:uint64", rate=20),
    ]
    async with server() as port, running(port, tags) as (sink, _):
        await until(lambda: len(sink.batches) > 8)
        assert sink.value == {1: 81.5, 3: 2.0**53 - 1}
        assert sink.status == {1: Status.GOOD, 2: Status.CONFIGURATION_ERROR, 3: Status.GOOD}


async def test_a_unit_that_is_not_there_is_not_ready() -> None:
    async with server() as port, running(port, one_tag(), unit=9) as (sink, task):
        with pytest.raises(NotReady, match=f"127.0.0.1:{port} unit 9"):
            await asyncio.wait_for(task, 5)
        assert sink.links == []


@pytest.mark.fault
async def test_a_server_that_goes_away_is_not_ready() -> None:
    async with server() as port:
        sink = RecordingSink()
        task = asyncio.ensure_future(DRIVER.run(context(f"tcp://127.0.0.1:{port}?unit=7", one_tag(), sink)))
        await until(lambda: sink.batches)
    with pytest.raises(NotReady, match="closed the connection"):
        await asyncio.wait_for(task, 5)


@pytest.mark.fault
async def test_a_reset_link_is_not_ready_at_once() -> None:
    async with server() as port, FaultProxy(port) as proxy, running(proxy.port, one_tag()) as (sink, task):
        await until(lambda: sink.batches)
        proxy.cut()
        with pytest.raises(NotReady, match="closed the connection"):
            await asyncio.wait_for(task, 5)


@pytest.mark.fault
@pytest.mark.parametrize("rate", [20.0, 0.05])
async def test_a_half_open_link_is_found_within_5_seconds(rate: float) -> None:
    """Also where the tags themselves are asked for every 20 s only."""
    loop = asyncio.get_running_loop()
    async with (
        server() as port,
        FaultProxy(port) as proxy,
        running(proxy.port, one_tag(rate)) as (sink, task),
    ):
        await until(lambda: sink.batches)
        proxy.stall()
        began = loop.time()
        with pytest.raises(NotReady, match="did not answer in 1 s, twice"):
            await asyncio.wait_for(task, 6)
        assert loop.time() - began <= 5.0
        await until(lambda: proxy.open == 0)


@pytest.mark.fault
async def test_a_driver_waiting_on_a_stalled_link_stops_within_2_seconds() -> None:
    loop = asyncio.get_running_loop()
    async with server() as port, FaultProxy(port) as proxy, running(proxy.port, one_tag()) as (sink, task):
        await until(lambda: sink.batches)
        proxy.stall()
        await until(lambda: proxy.swallowed)
        began = loop.time()
        task.cancel()
        await asyncio.wait({task}, timeout=5)
        assert task.cancelled()
        assert loop.time() - began < 2.0
        await until(lambda: proxy.open == 0)


@pytest.mark.fault
@pytest.mark.parametrize("rounds", range(0, 60, 4))
async def test_a_cancel_at_any_moment_of_a_run_is_done_within_2_seconds(rounds: int) -> None:
    """From the first look-up of the name through connecting, waiting for a turn, and sleeping."""
    async with server() as port, FaultProxy(port) as proxy:
        async with running(proxy.port, one_tag()) as (_, task):
            for _ in range(rounds):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task}, timeout=2)
            assert task.cancelled()
        await until(lambda: proxy.open == 0)


@pytest.mark.fault
async def test_a_supervised_source_comes_back_after_a_cut_and_after_a_stall() -> None:
    async with server() as port, FaultProxy(port) as proxy:
        sink, link = RecordingSink(), Link()
        source = context(f"tcp://127.0.0.1:{proxy.port}?unit=7", one_tag(), sink)
        task = asyncio.create_task(supervise(source, DRIVER, link, uniform=lambda low, high: low))
        try:
            await until(lambda: link.state == "connected" and sink.status.get(1) == Status.GOOD)
            proxy.cut()
            await until(lambda: sink.status[1] == Status.STALE)
            await until(lambda: sink.status[1] == Status.GOOD)
            proxy.stall()
            await until(lambda: sink.status[1] == Status.STALE)
            assert "did not answer" in link.last_error
            proxy.resume()
            await until(lambda: sink.status[1] == Status.GOOD)
            assert link.reconnects == 2
            assert link.rate_in(source.clock.mono_us() + 1_000_000) > 0
        finally:
            task.cancel()
            await asyncio.wait({task}, timeout=2)
        assert link.state == "stopped"
        await until(lambda: proxy.open == 0)


async def test_browsing_a_modbus_device_is_refused_with_a_sentence() -> None:
    with pytest.raises(Refused, match="register list"):
        await DRIVER.browse(context("tcp://h", [], RecordingSink()), "")
