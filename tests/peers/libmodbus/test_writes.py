"""What our Modbus driver writes, as libmodbus understands it."""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from engine.drivers.driver import Context
from engine.drivers.modbus import DRIVER
from engine.types import Reading, Sent, Tag, WriteOrder
from tests.engine.drivers.modbus.writable import polled
from tests.engine.drivers.recording import RecordingSink, context, until
from tests.peers.libmodbus.test_libmodbus import serial_pair, served

pytestmark = [pytest.mark.peer, pytest.mark.system]


def words(form: str, value: float) -> list[int]:
    data = struct.pack(f">{form}", value)
    return list(struct.unpack(f">{len(data) // 2}H", data))


WRITTEN: dict[str, tuple[float, list[int]]] = {
    "holding:0": (65535.0, [0xFFFF]),
    "holding:1:int16": (-12.0, words("h", -12)),
    "holding:2:int32": (-2e9, words("i", -2_000_000_000)),
    "holding:4:int64": (-(2.0**40), words("q", -(2**40))),
    "holding:10:float32": (81.25, words("f", 81.25)),
    "holding:12:float32:swap": (-0.25, words("f", -0.25)[::-1]),
    "holding:20:float64": (1 / 3, words("d", 1 / 3)),
    "holding:26:uint16:bswap": (0x1234, [0x3412]),
}
"""What is written where, and the registers of it, made by another hand than ours."""
BITS = {"coil:4": 1.0, "coil:3": 0.0, "holding:18:bit4": 1.0, "holding:18:bit3": 0.0}


@asynccontextmanager
async def at_work(endpoint: str) -> AsyncIterator[tuple[Context, dict[str, int]]]:
    """All tags, and every register of the written ones as a tag of its own; tag numbers by address."""
    single = {
        f"holding:{int(address.split(':')[1]) + n}"
        for address, (_, registers) in WRITTEN.items()
        for n in range(len(registers))
    }
    addresses = list(dict.fromkeys([*WRITTEN, *BITS, *sorted(single), "holding:18"]))
    tags = [Tag(number, f"A/{number}", "plc", address) for number, address in enumerate(addresses)]
    one = context(endpoint, tags, RecordingSink())
    one = replace(one, source=msgspec.structs.replace(one.source, unsecured_writes=True))
    async with polled(one):
        yield one, {address: number for number, address in enumerate(addresses)}


async def everything_written_is_understood(endpoint: str) -> None:
    assert DRIVER.load_writes is not None
    writes = DRIVER.load_writes()
    async with at_work(endpoint) as (one, number):
        for address, value in {**{a: v for a, (v, _) in WRITTEN.items()}, **BITS}.items():
            assert await writes.send(one, WriteOrder(number[address], value)) == Sent("accepted", "", 1)
            assert await writes.read(one, number[address]) == Reading(value)
        for address, (_, registers) in WRITTEN.items():
            first = int(address.split(":")[1])
            found = [
                (await writes.read(one, number[f"holding:{first + n}"])).value for n in range(len(registers))
            ]
            assert found == registers, address
        assert await writes.read(one, number["holding:18"]) == Reading(16.0)


async def test_what_is_written_is_what_libmodbus_holds(libmodbus: int) -> None:
    await everything_written_is_understood(f"tcp://127.0.0.1:{libmodbus}?unit=7")


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are a thing of POSIX systems")
async def test_what_is_written_over_a_serial_line_is_what_libmodbus_holds(libmodbus_server: Path) -> None:
    async with serial_pair() as (theirs, ours):
        with served(libmodbus_server, "rtu", theirs):
            await everything_written_is_understood(f"rtu://{ours}?parity=N&unit=7")


async def test_place_that_libmodbus_does_not_have_is_refused_in_words(libmodbus: int) -> None:
    assert DRIVER.load_writes is not None
    writes = DRIVER.load_writes()
    endpoint = f"tcp://127.0.0.1:{libmodbus}?unit=7"
    tags = [Tag(1, "A/One", "plc", "holding:0"), Tag(2, "A/Two", "plc", "holding:100")]
    one = context(endpoint, tags, RecordingSink())
    one = replace(one, source=msgspec.structs.replace(one.source, unsecured_writes=True))
    sink, run = one.sink, asyncio.ensure_future(DRIVER.run(one))
    assert isinstance(sink, RecordingSink)
    await until(lambda: sink.value and 2 in sink.whys)
    sent = await writes.send(one, WriteOrder(2, 5.0))
    run.cancel()
    await asyncio.wait({run})
    assert (sent.outcome, sent.frames) == ("rejected", 1) and "no such place to write to" in sent.why
