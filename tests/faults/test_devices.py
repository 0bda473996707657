"""Devices that lie, change or vanish: T14 a dead unit, T17 foreign answers, T18 and T19 nodes, T20 NaN."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from engine.drivers import modbus, opcua
from engine.drivers.shared import Shared
from engine.types import SEVERITY_MASK, Status, Tag
from tests.faults.plants import (
    OVEN,
    PUMP,
    engine_beside,
    modbus_rows,
    modbus_server,
    observing,
    opcua_rows,
    opcua_server,
    until,
    write_project,
)
from tests.faults.rule_modbus import Device, Question, frame, serving
from tests.faults.sources import (
    ON_THE_SPOT_S,
    SHORT_AND_LONG,
    UNDER_WAY_S,
    modbus_source,
    modbus_tags,
    opcua_source,
    opcua_tags,
    watched,
)
from tests.running import watchroom

pytestmark = [pytest.mark.fault, pytest.mark.system, pytest.mark.timeout(120)]
BACK_S = 20.0
UNITS = range(1, 11)


@pytest.mark.parametrize(
    "gateway_s",
    [
        pytest.param(None, id="silent"),
        pytest.param(0.5, id="gateway answers exception 11 after 0.5 s", marks=pytest.mark.slow),
    ],
)
async def test_one_dead_unit_of_ten_costs_the_others_nothing(gateway_s: float | None) -> None:
    """T14. Scans of the other nine with the dead unit, against those without, in the same run."""
    device = Device({unit: 100 * unit for unit in UNITS}, tags=4, gateway_s=gateway_s)
    shared = Shared()
    async with serving(device), contextlib.AsyncExitStack() as stack:
        all_seen = [
            await stack.enter_async_context(
                watched(
                    modbus.DRIVER,
                    modbus_source(device.port, unit),
                    modbus_tags(100 * unit, 4, rate=5.0),
                    shared,
                )
            )
            for unit in UNITS
        ]
        await until(lambda: all(seen.all_good() for seen in all_seen), BACK_S, "all ten units are good")
        with_all = await scans(device, 10.0)
        device.deaf = {10}
        await until(all_seen[9].none_good, BACK_S, "the dead unit is found")
        await asyncio.sleep(5.0)  # the breaker has learned by now
        without = await scans(device, 10.0)
        print(f"scans of nine units in 10 s: {with_all} with all alive, {without} with one dead")
        assert without >= 0.95 * with_all
        assert all(seen.all_good() for seen in all_seen[:9])
        device.deaf = set()
        await until(all_seen[9].all_good, 45, "the dead unit comes back")
        for seen in all_seen:
            assert seen.wrongs(UNDER_WAY_S) == []


async def scans(device: Device, seconds: float) -> int:
    """Questions to the first nine units."""
    device.asked.clear()
    await asyncio.sleep(seconds)
    return sum(device.asked[unit] for unit in range(1, 10))


HOSTILE: dict[str, Callable[[Device, Question, bytes], Awaitable[list[bytes]]]] = {}


def hostile(
    answer: Callable[[Device, Question, bytes], Awaitable[list[bytes]]],
) -> Callable[[Device, Question, bytes], Awaitable[list[bytes]]]:
    HOSTILE[answer.__name__.replace("_", " ")] = answer
    return answer


def lie(question: Question) -> bytes:
    """A well-formed answer whose values are nobody's."""
    data = struct.pack(f">{question.count}H", *(0x4141 for _ in range(question.count)))
    return struct.pack(">BB", question.function, len(data)) + data


@hostile
async def late_answers(device: Device, question: Question, proper: bytes) -> list[bytes]:
    await asyncio.sleep(1.6)
    return [frame(question, lie(question))]


@hostile
async def another_transaction(device: Device, question: Question, proper: bytes) -> list[bytes]:
    return [frame(question, lie(question), tid=(question.tid + 1) % 65536)]


@hostile
async def transaction_zero(device: Device, question: Question, proper: bytes) -> list[bytes]:
    return [frame(question, lie(question), tid=0)] if question.tid else []


@hostile
async def another_unit(device: Device, question: Question, proper: bytes) -> list[bytes]:
    return [frame(question, lie(question), unit=question.unit + 1)]


@hostile
async def unit_zero(device: Device, question: Question, proper: bytes) -> list[bytes]:
    return [frame(question, lie(question), unit=0)]


@hostile
async def another_function(device: Device, question: Question, proper: bytes) -> list[bytes]:
    return [frame(question, bytes([4]) + lie(question)[1:])]


@hostile
async def too_few_registers(device: Device, question: Question, proper: bytes) -> list[bytes]:
    return [frame(question, bytes([question.function, 2]) + b"AA")]


@hostile
async def too_many_registers(device: Device, question: Question, proper: bytes) -> list[bytes]:
    data = b"A" * min(250, 2 * question.count + 4)
    return [frame(question, bytes([question.function, len(data)]) + data)]


@hostile
async def the_last_answer_again(device: Device, question: Question, proper: bytes) -> list[bytes]:
    old = frame(question, lie(question), tid=(question.tid - 1) % 65536)
    return [old, old]


@hostile
async def an_answer_nobody_asked_for_first(device: Device, question: Question, proper: bytes) -> list[bytes]:
    return [frame(question, lie(question), tid=(question.tid + 7) % 65536), proper]


@pytest.mark.parametrize("how", HOSTILE)
async def test_foreign_answer_is_never_shown_as_a_value(how: str) -> None:
    """T17. One answer of four is hostile; those between are right and are shown."""
    luck = random.Random(how)
    device = Device({1: 1, 2: 101}, tags=4)
    lies = 0

    async def change(question: Question, proper: bytes) -> list[bytes]:
        nonlocal lies
        if luck.random() > 0.25:
            return [proper]
        lies += 1
        return await HOSTILE[how](device, question, proper)

    async with serving(device):
        async with watched(modbus.DRIVER, modbus_source(device.port), modbus_tags(1, 4, 20.0)) as seen:
            await until(seen.all_good, BACK_S, "good at first")
            device.change = change
            await until(lambda: lies >= 4, 60, "it lied often enough")
            device.change = None
            seen_before = seen.counts()
            await until(
                lambda: seen.all_good() and all(n > seen_before[tag] for tag, n in seen.counts().items()),
                BACK_S,
                "right again",
            )
        assert seen.wrongs(UNDER_WAY_S) == []


async def test_server_restarted_with_its_namespaces_swapped_never_shows_the_other_tag() -> None:
    """T18. Tags by namespace URI are right again; those by index are right or bad, never the other's."""
    server = opcua_server(1, 3)
    by_uri = opcua_tags(1, 3)
    by_index = [
        Tag(tag.tag_id, tag.path, tag.source, f"ns={2 + k // 3};s=P{k % 3}", rate=5.0)
        for k, tag in enumerate(by_uri)
    ]
    try:
        port = await asyncio.to_thread(server.start)
        async with (
            watched(opcua.DRIVER, opcua_source(port), by_uri) as named,
            watched(opcua.DRIVER, opcua_source(port), by_index) as numbered,
        ):
            await until(lambda: named.all_good() and numbered.all_good(), BACK_S, "good at first")
            for swapped in (1, 0, 1):
                await asyncio.to_thread(server.kill)
                await until(lambda: named.none_good() and numbered.none_good(), BACK_S, "the end is seen")
                words = ["--swapped", str(swapped), "--port", str(port)]
                await asyncio.to_thread(server.start, *words)
                await until(named.all_good, BACK_S, "tags by URI are good again")
                await until(
                    lambda: all(numbered.seen.status[tag] != Status.STALE for tag in numbered.tags),
                    BACK_S,
                    "tags by index are judged anew",
                )
        assert named.wrongs(ON_THE_SPOT_S) == []
        assert numbered.wrongs(ON_THE_SPOT_S) == []
    finally:
        server.kill()


@pytest.mark.parametrize("full", SHORT_AND_LONG)
async def test_missing_node_is_bad_and_comes_back_without_a_reconnect(full: bool) -> None:
    """T19."""
    server = opcua_server(1, 2)
    gone = (2, 4)
    try:
        port = await asyncio.to_thread(server.start)
        async with watched(opcua.DRIVER, opcua_source(port), opcua_tags(1, 2)) as seen:
            await until(seen.all_good, BACK_S, "good at first")
            await asyncio.to_thread(server.order, "remove", name="P1")
            found_s = await until(
                lambda: all(seen.seen.status[tag] & SEVERITY_MASK == Status.BAD for tag in gone),
                BACK_S,
                "the missing nodes are bad",
            )
            assert all(seen.seen.why[tag] for tag in gone), "and it is said why"
            await asyncio.sleep(300 if full else 1)
            assert seen.all_good(*gone), "the others are good"
            await asyncio.to_thread(server.order, "add", name="P1")
            back_s = await until(seen.all_good, 10 + 5, "they are good again")
            print(f"missing found after {found_s:.1f} s, good again after {back_s:.1f} s")
            assert seen.link.connects == 1
        assert seen.wrongs(ON_THE_SPOT_S) == []
    finally:
        server.kill()


async def test_node_replaced_between_two_looks_is_monitored_again() -> None:
    """The node is deleted and made anew at once, as by a program download; its old item reports no more."""
    server = opcua_server(1, 2)
    try:
        port = await asyncio.to_thread(server.start)
        async with watched(opcua.DRIVER, opcua_source(port), opcua_tags(1, 2)) as seen:
            await until(seen.all_good, BACK_S, "good at first")
            await asyncio.to_thread(server.order, "remove", name="P1")
            await asyncio.to_thread(server.order, "add", name="P1")
            before = seen.counts()
            await until(
                lambda: all(count > before[tag] + 3 for tag, count in seen.counts().items()),
                BACK_S,
                "every tag gets new values, the replaced ones too",
            )
        assert seen.wrongs(ON_THE_SPOT_S) == []
    finally:
        server.kill()


@pytest.mark.parametrize("full", SHORT_AND_LONG)
async def test_storm_of_nan_and_bad_values_is_survived(tmp_path: Path, full: bool) -> None:
    """T20, through the whole engine: half of all samples are NaN, infinite or bad."""
    plc, device = opcua_server(OVEN, 3), modbus_server({1: PUMP}, 6)
    try:
        ports = [await asyncio.to_thread(plc.start), await asyncio.to_thread(device.start)]
        sources = [
            {
                "id": "oven",
                "driver": "opcua",
                "endpoint": f"opc.tcp://127.0.0.1:{ports[0]}",
                "security": "none",
            },
            {"id": "pump", "driver": "modbus", "endpoint": f"tcp://127.0.0.1:{ports[1]}?unit=1"},
        ]
        rows = [*opcua_rows("oven", OVEN, 3), *modbus_rows("pump", PUMP, 6)]
        folder = write_project(tmp_path / "plant", sources, rows)
        async with engine_beside(folder) as process:
            with observing(folder, frozenset({"oven"})) as observer:
                await until(observer.all_right, 45, "good at first")
                for server in (plc, device):
                    await asyncio.to_thread(server.order, "storm", share=0.5)
                await until(lambda: not observer.all_right(), BACK_S, "the storm is on")
                tags = list(observer.seen.rows)
                done = await asyncio.to_thread(watchroom, "read", folder, *tags, "--json")
                for line in done.stdout.splitlines():
                    told = json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
                    assert told["value"] is not None or told["quality"] == "bad"
                await asyncio.sleep(600 if full else 4)
                for server in (plc, device):
                    await asyncio.to_thread(server.order, "storm", share=0.0)
                await until(observer.all_right, 45, "good at last")
                assert process.poll() is None
            assert observer.wrongs == []
    finally:
        plc.kill()
        device.kill()
