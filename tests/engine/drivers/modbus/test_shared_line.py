"""Supervised sources that share one connection (T12, T14)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from engine.drivers.link import Link
from engine.drivers.modbus import DRIVER
from engine.drivers.shared import Shared
from engine.drivers.supervisor import supervise
from engine.testing.fault_proxy import FaultProxy
from engine.types import Status, Tag
from tests.engine.drivers.modbus.peer import (
    Peer,
    always,
    device,
    numbered,
    unit_of,
)
from tests.engine.drivers.recording import RecordingSink, context, until


def answering(alive: Callable[[int], bool]) -> Callable[..., object]:
    """A gateway behind which only some units answer; the others are silent."""

    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        if alive(unit_of(request)):
            writer.write(numbered(request))

    return answer


def tags_of(unit: int, rate: float = 20) -> list[Tag]:
    return [Tag(unit, f"A/{unit}", f"plc{unit}", f"holding:{unit}", rate=rate)]


@asynccontextmanager
async def plant(
    port: int, units: range, rate: float = 20
) -> AsyncIterator[tuple[dict[int, RecordingSink], dict[int, Link]]]:
    """One supervised source for each unit, all behind one port."""
    shared = Shared()
    sinks = {unit: RecordingSink() for unit in units}
    links = {unit: Link() for unit in units}
    tasks = [
        asyncio.create_task(
            supervise(
                replace(
                    context(
                        f"tcp://127.0.0.1:{port}?unit={unit}",
                        tags_of(unit, rate),
                        sinks[unit],
                        source=f"plc{unit}",
                    ),
                    shared=shared,
                ),
                DRIVER,
                links[unit],
            )
        )
        for unit in units
    ]
    try:
        yield sinks, links
    finally:
        for task in tasks:
            task.cancel()
        _, late = await asyncio.wait(tasks, timeout=2)
        assert not late, "a cancel must be done within 2 s"


@pytest.mark.fault
@pytest.mark.system
async def test_one_dead_of_ten_leaves_the_other_nine_their_scan_rate() -> None:
    """T14: the same nine, in the same time, with the tenth alive and with it dead."""
    loop = asyncio.get_running_loop()
    dead: set[int] = set()
    async with device(answering(lambda unit: unit not in dead)) as peer:
        async with plant(peer.place.port, range(1, 11)) as (sinks, links):
            await until(lambda: all(link.state == "connected" for link in links.values()))
            assert peer.accepted == 1
            dead.add(10)
            await until(lambda: "unit 10 did not answer" in links[10].last_error)

            def scans() -> int:
                return sum(len(sinks[unit].batches) for unit in range(1, 10))

            before, began, trials = scans(), loop.time(), peer.asked_of(10)
            await until(lambda: peer.asked_of(10) >= trials + 2, 25)
            rate = (scans() - before) / (loop.time() - began)
            assert rate >= 0.95 * 9 * 20
            assert [links[unit].state for unit in range(1, 10)] == ["connected"] * 9
            assert links[10].state == "connecting"
            dead.clear()
            await until(lambda: links[10].state == "connected", 15)
            assert sinks[10].status[10] == Status.GOOD
            assert peer.accepted == 1


@pytest.mark.fault
@pytest.mark.system
async def test_all_units_come_back_over_one_new_connection_after_a_cut_and_a_stall() -> None:
    async with device(always(numbered)) as peer, FaultProxy(peer.place.port) as proxy:
        async with plant(proxy.port, range(1, 5)) as (sinks, links):
            await until(lambda: all(link.state == "connected" for link in links.values()))
            proxy.cut()
            await until(lambda: all(sinks[unit].status[unit] == Status.STALE for unit in sinks))
            await until(lambda: all(sinks[unit].status[unit] == Status.GOOD for unit in sinks))
            assert proxy.accepted == 2
            loop = asyncio.get_running_loop()
            began = loop.time()
            proxy.stall()
            await until(lambda: all(link.state == "connecting" for link in links.values()))
            assert loop.time() - began <= 5
            proxy.resume()
            await until(lambda: all(sinks[unit].status[unit] == Status.GOOD for unit in sinks))
            assert {sinks[unit].value[unit] for unit in sinks} == {1.0, 2.0, 3.0, 4.0}
            assert {link.reconnects for link in links.values()} == {2}
        await until(lambda: proxy.open == 0)


@pytest.mark.fault
@pytest.mark.system
async def test_an_idle_half_open_line_is_found_within_5_seconds_by_all_its_units() -> None:
    loop = asyncio.get_running_loop()
    async with device(always(numbered)) as peer, FaultProxy(peer.place.port) as proxy:
        async with plant(proxy.port, range(1, 4), rate=0.02) as (_, links):
            await until(lambda: all(link.state == "connected" for link in links.values()))
            proxy.stall()
            began = loop.time()
            await until(lambda: all(link.state == "connecting" for link in links.values()))
            assert loop.time() - began <= 5.0


@pytest.mark.system
async def test_a_source_that_leaves_keeps_the_connection_of_the_others() -> None:
    async with device(always(numbered)) as peer:
        shared, sinks = Shared(), [RecordingSink(), RecordingSink()]
        runs = [
            asyncio.create_task(
                DRIVER.run(
                    replace(
                        context(f"tcp://127.0.0.1:{peer.place.port}?unit={unit}", tags_of(unit), sink),
                        shared=shared,
                    )
                )
            )
            for unit, sink in enumerate(sinks, start=1)
        ]
        await until(lambda: sinks[0].batches and sinks[1].batches)
        runs[0].cancel()
        await asyncio.wait({runs[0]}, timeout=2)
        assert runs[0].cancelled()
        count = len(sinks[1].batches)
        await until(lambda: len(sinks[1].batches) > count + 3)
        assert peer.accepted == peer.open == 1
        runs[1].cancel()
        await asyncio.wait({runs[1]}, timeout=2)
        await until(lambda: peer.open == 0)
