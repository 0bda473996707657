"""Writes over a serial line, where nothing but silence and a second question tells answers apart."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace

import msgspec
import pytest

from engine.drivers.driver import Context
from engine.types import Reading, Sent, Tag, WriteOrder
from tests.engine.drivers.modbus.peer import BAUD, UNIT, Bus, rtu_numbered, serial_bus
from tests.engine.drivers.modbus.writable import polled
from tests.engine.drivers.recording import RecordingSink, context

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are a thing of POSIX systems"),
]
WRITE = 6
TAG = Tag(1, "A/One", "plc", "holding:10", rate=20)


@dataclass
class SlowDevice:
    """Answers reads at once, and writes after ``late_s``, None = never; ``deaf`` = it answers nothing."""

    late_s: float | None = 0.0
    deaf: bool = False
    writes: list[bytes] = field(default_factory=list)

    def __call__(self, bus: Bus, request: bytes) -> None:
        if request[1] != WRITE:
            if not self.deaf:
                bus.later(0.0, rtu_numbered(request))
            return
        self.writes.append(request)
        if self.late_s is not None:
            bus.later(self.late_s, request)


def source_on(bus: Bus) -> Context:
    endpoint = f"rtu://{bus.place.device}?baud={BAUD}&parity=N&unit={UNIT}"
    one = context(endpoint, [TAG], RecordingSink())
    return replace(one, source=msgspec.structs.replace(one.source, unsecured_writes=True))


@contextlib.asynccontextmanager
async def again(one: Context) -> AsyncGenerator[object]:
    """The source once more, as its supervisor would run it: what is known of the line is kept."""
    async with polled(replace(one, sink=RecordingSink())) as (writes, _):
        yield writes


async def test_write_over_a_serial_line_is_echoed_and_read_back() -> None:
    device = SlowDevice()
    async with serial_bus(device) as bus:
        one = source_on(bus)
        async with polled(one) as (writes, _):
            assert await writes.send(one, WriteOrder(1, 77.0)) == Sent("accepted", "", 1)
            assert await writes.read(one, 1) == Reading(10.0)
    assert len(device.writes) == 1 and device.writes[0][:6] == bytes([UNIT, WRITE, 0, 10, 0, 77])


async def test_late_echo_of_a_write_is_not_the_answer_to_the_next_one_of_the_same_value() -> None:
    """The two echoes are equal byte by byte; the second write gets none and must not be called done."""
    device = SlowDevice(late_s=0.8)
    async with serial_bus(device) as bus:
        one = source_on(bus)
        async with polled(one) as (writes, run):
            first = await writes.send(one, WriteOrder(1, 77.0, 0.3))
            assert (first.outcome, first.frames) == ("unknown", 1) and "did not answer" in first.why
            await asyncio.wait({run}, timeout=3)
            assert run.done(), "the line is opened anew after a write without an answer"
        device.late_s = None
        async with again(one):
            second = await writes.send(one, WriteOrder(1, 77.0, 1.5))
        assert (second.outcome, second.frames) == ("unknown", 1)
    assert len(device.writes) == 2


async def test_unit_that_cannot_be_brought_into_step_is_not_written() -> None:
    device = SlowDevice(late_s=None)
    async with serial_bus(device) as bus:
        one = source_on(bus)
        async with polled(one) as (writes, _):
            waiting = asyncio.ensure_future(writes.send(one, WriteOrder(1, 77.0, 3.0)))
            while not device.writes:
                await asyncio.sleep(0.005)
            waiting.cancel()  # a question is open now, and nobody knows when its answer comes
            await asyncio.wait({waiting})
            device.deaf = True
            sent = await writes.send(one, WriteOrder(1, 78.0, 0.5))
        assert (sent.outcome, sent.frames) == ("rejected", 0)
    assert len(device.writes) == 1
