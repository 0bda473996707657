"""Writes to a Modbus device: one frame each, and an honest word about what came of it."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import replace

import pytest

from engine.drivers.modbus import DRIVER
from engine.drivers.writing import LEAST_S
from engine.testing.fault_proxy import FaultProxy
from engine.types import Reading, Sent, Status, Tag, WriteOrder
from tests.engine.drivers.modbus.peer import UNIT, frame
from tests.engine.drivers.modbus.writable import (
    ILLEGAL_FUNCTION,
    WritableDevice,
    polled,
    serving,
    source_of,
)
from tests.engine.drivers.recording import until

pytestmark = pytest.mark.system


def tag(number: int, address: str, **more: object) -> Tag:
    return Tag(number, f"A/T{number}", "plc", address, rate=20, **more)  # type: ignore[arg-type]


ONE = tag(1, "holding:0:int16")


@pytest.mark.parametrize(
    ("address", "value", "form", "place", "expected", "function"),
    [
        ("holding:1", 65535.0, "H", 1, 65535, 6),
        ("holding:1:int16", -12.0, "h", 1, -12, 6),
        ("holding:1:uint16:bswap", 0x1234, "H", 1, 0x3412, 6),
        ("holding:2:int32", -2e9, "i", 2, -2_000_000_000, 16),
        ("holding:2:uint32:swap", 0x12345678, "I", 2, 0x56781234, 16),
        ("holding:4:float32", 81.5, "f", 4, 81.5, 16),
        ("holding:4:float64", 1 / 3, "d", 4, 1 / 3, 16),
        ("holding:8:int64", -(2.0**40), "q", 8, -(2**40), 16),
    ],
)
async def test_value_lands_in_the_registers_with_one_request(
    address: str, value: float, form: str, place: int, expected: float, function: int
) -> None:
    async with serving(WritableDevice()) as device:
        one = source_of(device.port, tag(1, address))
        async with polled(one) as (writes, _):
            assert await writes.send(one, WriteOrder(1, value)) == Sent("accepted", "", 1)
            assert await writes.read(one, 1) == Reading(value)
        assert device.number(form, place) == expected
        assert [pdu[0] for pdu in device.writes] == [function]


async def test_coil_is_switched_on_and_off() -> None:
    async with serving(WritableDevice()) as device:
        one = source_of(device.port, tag(1, "coil:3"))
        async with polled(one) as (writes, _):
            for value in (1.0, 0.0):
                assert (await writes.send(one, WriteOrder(1, value))).outcome == "accepted"
                assert device.coils[3] == bool(value)
                assert await writes.read(one, 1) == Reading(value)
        assert device.writes == [b"\x05\0\x03\xff\0", b"\x05\0\x03\0\0"]


async def test_bit_in_a_register_is_changed_alone_with_one_mask_write() -> None:
    async with serving(WritableDevice({5: 0xA5C3})) as device:
        one = source_of(device.port, tag(1, "holding:5:bit3"), tag(2, "holding:5:bit0"))
        async with polled(one) as (writes, _):
            assert await writes.send(one, WriteOrder(1, 1.0)) == Sent("accepted", "", 1)
            assert device.words[5] == 0xA5CB
            assert (await writes.send(one, WriteOrder(2, 0.0))).outcome == "accepted"
        assert device.words[5] == 0xA5CA and [pdu[0] for pdu in device.writes] == [22, 22]


async def test_device_without_mask_write_says_no_and_nothing_else_is_tried() -> None:
    async with serving(WritableDevice({5: 1}, without={22})) as device:
        one = source_of(device.port, tag(1, "holding:5:bit3"))
        async with polled(one) as (writes, _):
            sent = await writes.send(one, WriteOrder(1, 1.0))
        assert (sent.outcome, sent.frames) == ("rejected", 1)
        assert "illegal function" in sent.why and "does not take this kind of write" in sent.why
        assert device.words[5] == 1 and len(device.writes) == 1


async def test_value_is_scaled_on_the_way_out_as_on_the_way_in() -> None:
    async with serving(WritableDevice()) as device:
        one = source_of(device.port, tag(1, "holding:0:int16", factor=0.1, offset=-40.0))
        async with polled(one) as (writes, _):
            assert (await writes.send(one, WriteOrder(1, 81.7))).outcome == "accepted"
            assert device.words[0] == 1217
            read = await writes.read(one, 1)
        assert read.value == pytest.approx(81.7)


@pytest.mark.parametrize(
    ("address", "value", "why"),
    [
        ("discrete:1", 1.0, "only be read"),
        ("input:1", 1.0, "only be read"),
        ("holding:1:string:4", 1.0, "holds text"),
        ("holding:1", 65536.0, "does not fit"),
        ("holding:1", 1.5, "whole numbers only"),
        ("holding:1:float32", float("nan"), "no number"),
        ("coil:1", 2.0, "0 or 1"),
    ],
)
async def test_what_cannot_be_written_never_leaves(address: str, value: float, why: str) -> None:
    async with serving(WritableDevice()) as device:
        one = source_of(device.port, tag(1, address))
        async with polled(one) as (writes, _):
            sent = await writes.send(one, WriteOrder(1, value))
        assert (sent.outcome, sent.frames) == ("rejected", 0) and why in sent.why
        assert device.writes == []


async def test_plain_modbus_is_not_written_unless_somebody_allowed_it() -> None:
    async with serving(WritableDevice()) as device:
        one = source_of(device.port, ONE, unsecured_writes=False)
        async with polled(one) as (writes, _):
            sent = await writes.send(one, WriteOrder(1, 5.0))
            assert (await writes.read(one, 1)).value == 0.0
        assert (sent.outcome, sent.frames) == ("rejected", 0) and "unsecured_writes = true" in sent.why
        assert device.writes == []


async def test_without_a_link_nothing_is_sent_now_or_later() -> None:
    async with serving(WritableDevice()) as device:
        one = source_of(device.port, ONE)
        assert DRIVER.load_writes is not None
        writes = DRIVER.load_writes()
        sent, read = await writes.send(one, WriteOrder(1, 5.0)), await writes.read(one, 1)
        assert (sent.outcome, sent.frames) == ("rejected", 0) and "plc is not connected" in sent.why
        assert read.value is None and read.status == Status.NO_COMMUNICATION and "not connected" in read.why
        async with polled(one):
            await until(lambda: device.reads > 5)
        assert device.writes == []
        assert (await writes.send(one, WriteOrder(1, 5.0))).frames == 0


async def test_source_whose_unit_is_silent_is_not_connected_though_the_line_is_open() -> None:
    async with serving(WritableDevice()) as device:
        one = source_of(device.port, ONE)
        other = replace(source_of(device.port, ONE, unit=9), shared=one.shared)
        async with polled(one) as (writes, _):
            assert (await writes.send(other, WriteOrder(1, 5.0))).frames == 0
            assert (await writes.send(one, WriteOrder(77, 5.0))).why.startswith("plc has no tag number 77")
        assert device.writes == []


@pytest.mark.parametrize(
    ("code", "outcome", "words"),
    [
        (1, "rejected", "does not take this kind of write"),
        (2, "rejected", "no such place to write to"),
        (3, "rejected", "does not take this value"),
        (4, "rejected", "failed to do it"),
        (5, "accepted", "it has begun"),
        (6, "rejected", "busy"),
        (10, "rejected", "gateway"),
        (11, "unknown", "may have done it, or not"),
        (99, "rejected", "exception 99"),
    ],
)
async def test_exception_of_the_device_is_told_in_words(code: int, outcome: str, words: str) -> None:
    async def refuse(request: bytes, proper: bytes) -> list[bytes]:
        return [frame(int.from_bytes(request[:2], "big"), UNIT, bytes([request[7] | 0x80, code]))]

    async with serving(WritableDevice(on_write=refuse)) as device:
        one = source_of(device.port, ONE)
        async with polled(one) as (writes, task):
            sent = await writes.send(one, WriteOrder(1, 5.0))
            assert (sent.outcome, sent.frames) == (outcome, 1) and words in sent.why
            assert (await writes.read(one, 1)).value is not None and not task.done()
        assert len(device.writes) == 1


def _changed(proper: bytes, **at: int) -> bytes:
    """The proper answer with one byte of its PDU, or its transaction or unit, changed."""
    data = bytearray(proper)
    for name, by in at.items():
        data[{"tid": 1, "unit": 6, "function": 7, "address": 9, "value": 11}[name]] ^= by
    return bytes(data)


@pytest.mark.parametrize("what", ["tid", "unit", "function", "address", "value"])
async def test_echo_that_does_not_fit_is_no_answer(what: str) -> None:
    async def spoil(request: bytes, proper: bytes) -> list[bytes]:
        return [_changed(proper, **{what: 1})]

    async with serving(WritableDevice(on_write=spoil)) as device:
        one = source_of(device.port, ONE)
        async with polled(one) as (writes, _):
            sent = await writes.send(one, WriteOrder(1, 5.0, 0.4))
        assert (sent.outcome, sent.frames) == (
            "unknown",
            1,
        ) and "answered the write, but not as it must" in sent.why
        assert len(device.writes) == 1


async def test_echo_of_many_registers_must_name_their_place_and_number() -> None:
    async def spoil(request: bytes, proper: bytes) -> list[bytes]:
        return [_changed(proper, value=3)]

    async with serving(WritableDevice(on_write=spoil)) as device:
        one = source_of(device.port, tag(1, "holding:0:float32"))
        async with polled(one) as (writes, _):
            assert (await writes.send(one, WriteOrder(1, 5.0, 0.4))).outcome == "unknown"
        assert len(device.writes) == 1


async def test_write_waits_for_its_turn_and_the_wait_counts_against_its_deadline() -> None:
    """A device that takes long for a read holds the line; nothing is sent once the time is over."""
    hold = asyncio.Event()
    hold.set()

    class Slow(WritableDevice):
        async def answers(self, request: bytes) -> list[bytes]:
            await hold.wait()
            return await super().answers(request)

    async with serving(Slow()) as device:
        one = source_of(device.port, ONE)
        async with polled(one) as (writes, _):
            hold.clear()
            line = one.shared.opened(f"modbus tcp 127.0.0.1:{device.port}")
            await until(lambda: line.turn.locked() and line.wire.asked)
            sent = await writes.send(one, WriteOrder(1, 5.0, 0.2))
            assert (sent.outcome, sent.frames) == ("rejected", 0) and "busy with other questions" in sent.why
            waiting = asyncio.ensure_future(writes.send(one, WriteOrder(1, 6.0, 5.0)))
            await asyncio.sleep(0.05)
            assert device.writes == []
            hold.set()
            assert await waiting == Sent("accepted", "", 1)
        assert device.writes == [b"\x06\0\0\0\x06"]


async def test_turn_that_comes_too_late_for_an_answer_is_not_used() -> None:
    async with serving(WritableDevice()) as device:
        one = source_of(device.port, ONE)
        async with polled(one) as (writes, _):
            line = one.shared.opened(f"modbus tcp 127.0.0.1:{device.port}")
            async with line.turn:
                waiting = asyncio.ensure_future(writes.send(one, WriteOrder(1, 5.0, LEAST_S)))
                await asyncio.sleep(0.01)  # less than LEAST_S is left now, in which no answer would come
            sent = await waiting
        assert (sent.outcome, sent.frames) == ("rejected", 0) and "busy with other questions" in sent.why
        assert device.writes == []


async def test_write_is_not_put_behind_what_a_stalled_link_has_not_taken_yet() -> None:
    """Whatever waits inside this machine goes out when the stall ends; a write must not be among it."""
    async with serving(WritableDevice()) as device, FaultProxy(device.port) as proxy:
        one = source_of(proxy.port, ONE)
        async with polled(one) as (writes, _):
            line = one.shared.opened(f"modbus tcp 127.0.0.1:{proxy.port}")
            async with line.turn:
                proxy.hold("up")
                while line.wire.is_clear:
                    line.wire.transport.write(bytes(1_000_000))
            sent = await writes.send(one, WriteOrder(1, 5.0))
        assert (sent.outcome, sent.frames) == ("rejected", 0) and "stalled" in sent.why
        assert device.writes == []


@pytest.mark.parametrize("deadline_s", [0.0, -1.0, float("nan"), 0.01])
async def test_order_without_time_is_not_sent(deadline_s: float) -> None:
    async with serving(WritableDevice()) as device:
        one = source_of(device.port, ONE)
        async with polled(one) as (writes, _):
            sent = await writes.send(one, WriteOrder(1, 5.0, deadline_s))
        assert (sent.outcome, sent.frames) == ("rejected", 0) and "no time" in sent.why
        assert device.writes == []


async def test_polls_and_many_writes_share_the_line_one_question_at_a_time() -> None:
    """The device answers in order and one by one; every write is answered, none is doubled."""
    async with serving(WritableDevice()) as device:
        tags = [tag(n, f"holding:{10 * n}:uint32") for n in range(1, 11)]
        one = source_of(device.port, *tags)
        async with polled(one) as (writes, task):
            orders = [WriteOrder(n, float(value), 10.0) for value in range(5) for n in range(1, 11)]
            sent = await asyncio.gather(*(writes.send(one, order) for order in orders))
            assert set(sent) == {Sent("accepted", "", 1)} and not task.done()
            assert [await writes.read(one, n) for n in range(1, 11)] == [Reading(4.0)] * 10
        assert len(device.writes) == 50


async def test_cancelled_write_that_waits_for_its_turn_is_never_sent() -> None:
    async with serving(WritableDevice()) as device:
        one = source_of(device.port, ONE)
        async with polled(one) as (writes, _):
            line = one.shared.opened(f"modbus tcp 127.0.0.1:{device.port}")
            async with line.turn:
                task = asyncio.ensure_future(writes.send(one, WriteOrder(1, 5.0)))
                await asyncio.sleep(0.02)
                task.cancel()
                await asyncio.wait({task})
            assert task.cancelled()
            reads = device.reads
            await until(lambda: device.reads > reads + 3)
        assert device.writes == []


async def test_cancelled_write_is_not_repeated_and_its_late_echo_answers_no_other() -> None:
    go = asyncio.Event()

    async def late(request: bytes, proper: bytes) -> list[bytes]:
        await go.wait()
        return [proper]

    async with serving(WritableDevice(on_write=late)) as device:
        one = source_of(device.port, tag(1, "holding:0:int16"))
        async with polled(one) as (writes, run):
            task = asyncio.ensure_future(writes.send(one, WriteOrder(1, 5.0)))
            await until(lambda: device.writes)
            task.cancel()
            await asyncio.wait({task})
            assert task.cancelled()
            again = asyncio.ensure_future(writes.send(one, WriteOrder(1, 5.0)))
            await asyncio.sleep(0.05)
            assert not again.done(), "the same value, but not the same question"
            go.set()
            assert await again == Sent("accepted", "", 1) and not run.done()
        assert len(device.writes) == 2


async def test_value_that_is_no_number_is_read_as_none() -> None:
    high, low = struct.unpack(">HH", struct.pack(">f", float("nan")))
    async with serving(WritableDevice({0: high, 1: low})) as device:
        one = source_of(device.port, tag(1, "holding:0:float32"), tag(2, "holding:4:string:4"))
        async with polled(one) as (writes, _):
            assert (await writes.read(one, 1)).value is None
            assert "holds text" in (await writes.read(one, 2)).why


async def test_read_of_a_place_the_device_refuses_says_so() -> None:
    async with serving(WritableDevice()) as device:
        one = source_of(device.port, ONE)
        async with polled(one) as (writes, _):
            device.without = {3}
            read = await writes.read(one, 1)
        assert read.value is None and read.status == Status.CONFIGURATION_ERROR
        assert f"exception {ILLEGAL_FUNCTION}" in read.why
