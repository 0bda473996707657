"""The whole driver over a serial line."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from pymodbus import FramerType
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from engine.drivers.driver import Refused
from engine.drivers.modbus import DRIVER
from engine.drivers.modbus.endpoint import SerialPlace
from engine.drivers.shared import Shared
from engine.types import Status, Tag
from tests.engine.drivers.modbus.peer import UNIT, Bus, rtu_numbered, serial_bus
from tests.engine.drivers.recording import RecordingSink, context, until

if os.name != "posix":
    pytest.skip("pseudo-terminals are a thing of POSIX systems", allow_module_level=True)


def endpoint(place: SerialPlace, unit: int, parity: str = "N") -> str:
    return f"rtu://{place.device}?baud={place.baud}&parity={parity}&unit={unit}"


async def test_two_units_on_one_bus_are_polled_over_one_port() -> None:
    def answer(bus: Bus, request: bytes) -> None:
        if request[0] in {3, 4}:
            bus.write(rtu_numbered(request))

    shared, sinks = Shared(), {3: RecordingSink(), 4: RecordingSink()}
    async with serial_bus(answer) as bus:
        runs = [
            asyncio.create_task(
                DRIVER.run(
                    replace(
                        context(
                            endpoint(bus.place, unit),
                            [Tag(unit, "A/B", "plc", f"holding:{unit}", rate=50)],
                            sink,
                        ),
                        shared=shared,
                    )
                )
            )
            for unit, sink in sinks.items()
        ]
        await until(lambda: all(len(sink.batches) > 10 for sink in sinks.values()))
        assert sinks[3].value == {3: 3.0}
        assert sinks[4].value == {4: 4.0}
        assert sinks[3].facts["connection"] == "shared by 2 sources"
        other = context(endpoint(bus.place, 5, "O"), [], RecordingSink())
        with pytest.raises(Refused, match="is open with other settings") as caught:
            await DRIVER.run(replace(other, shared=shared))
        assert "same baud, parity and stop" in caught.value.do
        for run in runs:
            run.cancel()
        await asyncio.wait(runs, timeout=2)
        assert all(run.cancelled() for run in runs)


@pytest.mark.fault
async def test_a_bus_with_noise_lost_answers_and_a_dead_unit_gives_only_right_values() -> None:
    """T17 on a serial line."""

    def awful(bus: Bus, request: bytes) -> None:
        place = len(bus.requests)
        if request[0] == 9 or place % 11 == 0:
            return
        answer = rtu_numbered(request)
        if place % 7 == 0:
            answer = answer[:-2] + b"\x00\x00"
        if place % 5 == 0:
            answer = bytes([UNIT, 3, 2]) + answer
        bus.later(0.17 if place % 13 == 0 else 0, answer)

    tags = [Tag(number, f"A/{number}", "plc", f"holding:{number * 20}", rate=50) for number in range(8)]
    sink = RecordingSink()
    async with serial_bus(awful) as bus:
        source = context(endpoint(bus.place, UNIT), tags, sink)
        source = replace(source, source=replace_timeout(source.source, 0.1))
        for _ in range(20):
            run = asyncio.create_task(DRIVER.run(source))
            asked = len(bus.requests) + 40
            await until(lambda run=run, asked=asked: run.done() or len(bus.requests) > asked)
            run.cancel()
            await asyncio.wait({run}, timeout=2)
            assert run.done()
            if len(bus.requests) > 150:
                break
    seen = {
        (tag, value) for batch in sink.batches for tag, value in zip(batch.tags, batch.value[0], strict=True)
    }
    assert seen == {(number, number * 20.0) for number in range(8)}


def replace_timeout(source: object, seconds: float) -> object:
    import msgspec

    return msgspec.structs.replace(source, timeout_s=seconds)


@asynccontextmanager
async def pymodbus_server() -> AsyncIterator[str]:
    """pymodbus's own RTU server on one end of a pair of pseudo-terminals; gives the other end's name."""
    (far_a, near_a), (far_b, near_b) = os.openpty(), os.openpty()
    loop = asyncio.get_running_loop()
    for fd in (far_a, far_b):
        os.set_blocking(fd, False)
    loop.add_reader(far_a, lambda: os.write(far_b, os.read(far_a, 1024)))
    loop.add_reader(far_b, lambda: os.write(far_a, os.read(far_b, 1024)))
    blocks = [SimData(10, values=[100, 101, 102], datatype=DataType.REGISTERS)]
    bits = [SimData(0, values=[True] * 16, datatype=DataType.BITS)]
    server = ModbusSerialServer(
        SimDevice(UNIT, (bits, bits, blocks, blocks)),
        framer=FramerType.RTU,
        port=os.ttyname(near_b),
        baudrate=19200,
    )
    await server.serve_forever(background=True)
    try:
        yield os.ttyname(near_a)
    finally:
        await server.shutdown()
        await asyncio.sleep(0)
        for fd in (far_a, far_b):
            loop.remove_reader(fd)
        for fd in (far_a, near_a, far_b, near_b):
            os.close(fd)


@pytest.mark.system
async def test_values_from_pymodbus_over_a_serial_line_are_right() -> None:
    tags = [
        Tag(1, "A/1", "plc", "holding:10", rate=20),
        Tag(2, "A/2", "plc", "holding:12", rate=20),
        Tag(3, "A/3", "plc", "holding:13", rate=20),
        Tag(4, "A/4", "plc", "coil:3", rate=20),
    ]
    sink = RecordingSink()
    async with pymodbus_server() as device:
        run = asyncio.create_task(DRIVER.run(context(f"rtu://{device}?unit={UNIT}&parity=N", tags, sink)))
        await until(lambda: (len(sink.value) == 3 and 3 in sink.status) or run.done())
        run.cancel()
        await asyncio.wait({run}, timeout=2)
        assert run.cancelled()
    assert sink.value == {1: 100.0, 2: 102.0, 4: 1.0}
    assert sink.status[3] == Status.CONFIGURATION_ERROR
