"""Our Modbus driver against libmodbus, compiled on the spot: another author, another language."""

import asyncio
import struct

import pytest

from engine.drivers.modbus import DRIVER
from engine.types import Status, Tag
from tests.engine.drivers.recording import RecordingSink, context, until

pytestmark = pytest.mark.peer


def float32(value: float) -> float:
    return struct.unpack("f", struct.pack("f", value))[0]


EXPECTED = {
    "holding:0": 40000.0,
    "holding:1:int16": -12.0,
    "holding:2:int32": -2e9,
    "holding:4:int64": -1099511627777.0,
    "holding:10:float32": 81.5,
    "holding:12:float32:swap": float32(-0.3),
    "holding:14:float32:bswap": float32(3.14159),
    "holding:16:float32:bswap+swap": float32(1.1e6),
    "holding:18:bit3": 1.0,
    "holding:18:bit4": 0.0,
    "input:0": 1000.0,
    "input:9": 1009.0,
    "coil:3": 1.0,
    "coil:4": 0.0,
    "discrete:17": 1.0,
    "discrete:18": 0.0,
}


async def test_values_from_libmodbus_are_right(libmodbus: int) -> None:
    tags = [Tag(number, f"A/{number}", "plc", address, rate=10) for number, address in enumerate(EXPECTED)]
    tags.append(Tag(99, "A/Beyond", "plc", "holding:20", rate=10))
    sink = RecordingSink()
    run = DRIVER.run(context(f"tcp://127.0.0.1:{libmodbus}?unit=7", tags, sink))
    task = asyncio.ensure_future(run)
    try:
        await until(lambda: (len(sink.value) == len(EXPECTED) and 99 in sink.status) or task.done())
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=2)
    assert task.cancelled()
    assert sink.value == dict(enumerate(EXPECTED.values()))
    assert sink.status == dict.fromkeys(range(len(EXPECTED)), Status.GOOD) | {99: Status.CONFIGURATION_ERROR}
    assert sink.links == ["none"]
