"""Writes to an OPC UA server: one request each, and an honest word about what came of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from asyncua import ua

from engine.drivers.opcua import DRIVER
from engine.testing.fault_proxy import FaultProxy
from engine.types import Reading, Sent, Status, WriteOrder
from tests.engine.drivers.opcua.recording import sink_of, tag, until
from tests.engine.drivers.opcua.writable import WritablePlc, monitored, node, source_of, tag_of, writable_plc

pytestmark = [pytest.mark.system, pytest.mark.timeout(60)]
T, C = ua.VariantType, ua.StatusCodes
DOUBLE = (T.Double, 1.0)


TYPES: dict[ua.VariantType, tuple[Any, float, Any]] = {
    T.Boolean: (False, 1.0, True),
    T.SByte: (0, -128.0, -128),
    T.Byte: (0, 255.0, 255),
    T.Int16: (0, -32768.0, -32768),
    T.UInt16: (0, 65535.0, 65535),
    T.Int32: (0, -2.0, -2),
    T.UInt32: (0, 4e9, 4_000_000_000),
    T.Int64: (0, -(2.0**53), -(2**53)),
    T.UInt64: (0, 2.0**53, 2**53),
    T.Float: (0.0, 81.5, 81.5),
    T.Double: (0.0, 1 / 3, 1 / 3),
}
"""What a node of each type holds before, what is written, and what it holds then."""


async def test_value_arrives_in_the_nodes_own_type(tmp_path: Path) -> None:
    async with writable_plc(**{kind.name: (kind, before) for kind, (before, _, _) in TYPES.items()}) as plc:
        tags = [tag_of(number, kind.name) for number, kind in enumerate(TYPES)]
        one = source_of(tmp_path, plc.port, *tags)
        async with monitored(one) as (writes, _):
            for number, (kind, (_, value, after)) in enumerate(TYPES.items()):
                assert await writes.send(one, WriteOrder(number, value)) == Sent("accepted", "", 1)
                assert await writes.read(one, number) == Reading(value)
                found = await plc.value(kind.name)
                assert found == after and type(found) is type(after) and await plc.kind(kind.name) is kind
        assert len(plc.writes) == len(TYPES)


async def test_variable_that_may_only_be_read_is_refused_by_the_server(tmp_path: Path) -> None:
    async with writable_plc(Measured=DOUBLE) as plc:
        one = source_of(tmp_path, plc.port, tag_of(1, "Measured"))
        async with monitored(one) as (writes, _):
            sent = await writes.send(one, WriteOrder(1, 5.0))
        assert (sent.outcome, sent.frames) == ("rejected", 1) and "does not allow us to write" in sent.why
        assert await plc.value("Measured") == 1.0


async def test_only_the_value_is_sent_no_status_and_no_time(tmp_path: Path) -> None:
    passed: list[bytes] = []

    def kept(chunk: bytes) -> bytes:
        passed.append(chunk)
        return chunk

    async with writable_plc(Setpoint=(T.Float, 0.0)) as plc, FaultProxy(plc.port) as proxy:
        one = source_of(tmp_path, proxy.port, tag_of(1, "Setpoint"))
        async with monitored(one) as (writes, _):
            proxy.garble("up", chunks=1000, change=kept)
            assert (await writes.send(one, WriteOrder(1, 1.5))).outcome == "accepted"
    # AttributeId Value, no IndexRange, and a DataValue (mask 1: the value alone) that is a Float of 1.5.
    expected = bytes.fromhex("0d000000 ffffffff 01 0a 0000c03f")
    assert sum(chunk.count(expected) for chunk in passed) == 1


async def test_value_is_scaled_on_the_way_out_as_on_the_way_in(tmp_path: Path) -> None:
    async with writable_plc(Setpoint=(T.Int16, 0)) as plc:
        one = source_of(tmp_path, plc.port, tag_of(1, "Setpoint", factor=0.1, offset=-40.0))
        async with monitored(one) as (writes, _):
            assert (await writes.send(one, WriteOrder(1, 81.7))).outcome == "accepted"
            assert await plc.value("Setpoint") == 1217
            assert (await writes.read(one, 1)).value == pytest.approx(81.7)
            refused = await writes.send(one, WriteOrder(1, 81.75))
        assert (refused.outcome, refused.frames) == ("rejected", 0) and "lies between" in refused.why


REFUSED: dict[str, tuple[ua.VariantType, Any, float, str]] = {
    "TooLarge": (T.Int16, 0, 32768.0, "does not fit"),
    "Fraction": (T.Int16, 0, 0.5, "whole numbers only"),
    "Switch": (T.Boolean, False, 2.0, "0 or 1"),
    "Single": (T.Float, 0.0, 1e39, "too large"),
    "Endless": (T.Double, 0.0, float("inf"), "no number"),
    "Text": (T.String, "auto", 1.0, "holds text"),
    "Array": (T.Double, [1.0, 2.0], 1.0, "holds text"),
}


async def test_what_cannot_be_written_never_leaves(tmp_path: Path) -> None:
    async with writable_plc(**{name: (kind, now) for name, (kind, now, _, _) in REFUSED.items()}) as plc:
        tags = [tag_of(number, name) for number, name in enumerate(REFUSED)]
        one = source_of(tmp_path, plc.port, *tags)
        async with monitored(one) as (writes, _):
            for number, (_, _, value, why) in enumerate(REFUSED.values()):
                sent = await writes.send(one, WriteOrder(number, value))
                assert (sent.outcome, sent.frames) == ("rejected", 0) and why in sent.why
        assert plc.writes == []


async def test_element_of_an_array_is_read_but_not_written(tmp_path: Path) -> None:
    """The whole array would have to go out, with what others may have put beside it meanwhile."""
    async with writable_plc(Axes=(T.Double, [1.0, 2.0])) as plc:
        one = source_of(tmp_path, plc.port, tag(1, "at=1;nsu=urn:test:writable;s=Axes"))
        async with monitored(one) as (writes, _):
            sent = await writes.send(one, WriteOrder(1, 5.0))
            assert await writes.read(one, 1) == Reading(2.0)
        assert (sent.outcome, sent.frames) == ("rejected", 0) and "cannot be written alone" in sent.why
        assert plc.writes == []


ANSWERS: dict[int, tuple[str, str]] = {
    C.BadUserAccessDenied: ("rejected", "does not allow us to write this (BadUserAccessDenied)"),
    C.BadNotWritable: ("rejected", "can only be read"),
    C.BadTypeMismatch: ("rejected", "another type of number"),
    C.BadOutOfRange: ("rejected", "outside what the server takes"),
    C.BadInternalError: ("unknown", "may have been done, or not"),
    C.BadDeviceFailure: ("unknown", "may have been done, or not"),
    C.BadHistoryOperationInvalid: ("rejected", "refused it with BadHistoryOperationInvalid"),
    C.GoodCompletesAsynchronously: ("accepted", "does it later"),
    C.GoodClamped: ("accepted", "cut the value"),
    0: ("accepted", ""),
}
FAULTS: dict[int, str] = {C.BadServiceUnsupported: "rejected", C.BadTimeout: "unknown"}
"""Answers to the whole request, which is believed or doubted."""


async def test_answer_of_the_server_is_told_in_words(tmp_path: Path) -> None:
    async with writable_plc(Setpoint=DOUBLE) as plc:
        one = source_of(tmp_path, plc.port, tag_of(1, "Setpoint"))
        async with monitored(one) as (writes, run):
            for code, (outcome, words) in ANSWERS.items():
                plc.answers = code
                sent = await writes.send(one, WriteOrder(1, 5.0))
                assert (sent.outcome, sent.frames) == (outcome, 1) and words in sent.why
            for code, outcome in FAULTS.items():
                plc.fault = code
                sent = await writes.send(one, WriteOrder(1, 5.0))
                assert (sent.outcome, sent.frames) == (outcome, 1) and sent.why
            assert await writes.read(one, 1) == Reading(1.0) and not run.done()
        assert len(plc.writes) == len(ANSWERS) + len(FAULTS)


async def test_open_link_is_not_written_unless_somebody_allowed_it(tmp_path: Path) -> None:
    async with writable_plc(Setpoint=DOUBLE) as plc:
        one = source_of(tmp_path, plc.port, tag_of(1, "Setpoint"), unsecured_writes=False)
        async with monitored(one) as (writes, _):
            sent = await writes.send(one, WriteOrder(1, 5.0))
            assert await writes.read(one, 1) == Reading(1.0)
        assert (sent.outcome, sent.frames) == ("rejected", 0) and "unsecured_writes = true" in sent.why
        assert plc.writes == []


async def test_without_a_link_nothing_is_sent_now_or_later(tmp_path: Path) -> None:
    async with writable_plc(Setpoint=DOUBLE) as plc:
        one = source_of(tmp_path, plc.port, tag_of(1, "Setpoint"))
        assert DRIVER.load_writes is not None
        writes = DRIVER.load_writes()
        sent, read = await writes.send(one, WriteOrder(1, 5.0)), await writes.read(one, 1)
        assert (sent.outcome, sent.frames) == ("rejected", 0) and "press is not connected" in sent.why
        assert read.value is None and read.status == Status.NO_COMMUNICATION
        async with monitored(one):
            pass
        assert (await writes.send(one, WriteOrder(1, 5.0))).frames == 0
        assert plc.writes == []


async def test_tag_without_a_node_or_unknown_is_not_written(tmp_path: Path) -> None:
    async with writable_plc(Setpoint=DOUBLE) as plc:
        one = source_of(tmp_path, plc.port, tag_of(1, "Setpoint"), tag_of(2, "Nothing"))
        async with monitored(one) as (writes, _):
            for number, why in ((2, "Line/Press/Nothing is not to be had"), (77, "no tag number 77")):
                sent, read = await writes.send(one, WriteOrder(number, 5.0)), await writes.read(one, number)
                assert (sent.outcome, sent.frames) == ("rejected", 0) and why in sent.why
                assert read.value is None and why in read.why
        assert plc.writes == []


async def test_read_asks_for_a_value_of_no_age(tmp_path: Path) -> None:
    async with writable_plc(Setpoint=DOUBLE) as plc:
        one = source_of(tmp_path, plc.port, tag_of(1, "Setpoint"))
        async with monitored(one) as (writes, _):
            plc.reads.clear()
            assert await writes.read(one, 1) == Reading(1.0)
            assert plc.reads == [0]


async def test_bad_value_is_read_as_none_with_its_reason(tmp_path: Path) -> None:
    async with writable_plc(Setpoint=DOUBLE) as plc:
        one = source_of(tmp_path, plc.port, tag_of(1, "Setpoint"))
        async with monitored(one) as (writes, _):
            bad = ua.DataValue(ua.Variant(1.0, T.Double), ua.StatusCode(C.BadSensorFailure))  # type: ignore[arg-type]
            await plc.server.write_attribute_value(node("Setpoint"), bad)
            read = await writes.read(one, 1)
        assert read.value is None and read.status == C.BadSensorFailure and "sensor failure" in read.why


async def test_slow_server_is_unknown_at_the_deadline_and_its_late_answer_is_nobodys(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with writable_plc(Setpoint=DOUBLE) as plc:
        one = source_of(tmp_path, plc.port, tag_of(1, "Setpoint"))
        async with monitored(one) as (writes, run):
            plc.reply.clear()
            began_s = loop.time()
            sent = await writes.send(one, WriteOrder(1, 5.0, 0.3))
            assert 0.25 <= loop.time() - began_s < 1.5
            assert (sent.outcome, sent.frames) == ("unknown", 1) and "may do it yet" in sent.why
            plc.reply.set()
            assert await writes.send(one, WriteOrder(1, 6.0)) == Sent("accepted", "", 1)
            assert await writes.read(one, 1) == Reading(6.0) and not run.done()
        assert asked(plc) == [5.0, 6.0]


def asked(plc: WritablePlc) -> list[float]:
    """What was asked to be written, in order."""
    return [written.Value.Value.Value for written in plc.writes]  # type: ignore[union-attr]


async def test_cancelled_write_is_never_sent_again(tmp_path: Path) -> None:
    async with writable_plc(Setpoint=DOUBLE) as plc:
        one = source_of(tmp_path, plc.port, tag_of(1, "Setpoint"))
        async with monitored(one) as (writes, run):
            plc.go.clear()
            task = asyncio.ensure_future(writes.send(one, WriteOrder(1, 5.0)))
            await until(lambda: plc.writes, 5)
            task.cancel()
            await asyncio.wait({task})
            assert task.cancelled()
            plc.go.set()
            samples = sink_of(one).samples[1]
            await until(lambda: samples[-1].value == 5.0, 5, run)
        assert asked(plc) == [5.0]


async def test_many_writes_at_once_are_each_answered(tmp_path: Path) -> None:
    names = [f"T{n}" for n in range(20)]
    async with writable_plc(**dict.fromkeys(names, DOUBLE)) as plc:
        one = source_of(tmp_path, plc.port, *(tag_of(n, name) for n, name in enumerate(names)))
        async with monitored(one) as (writes, _):
            orders = [WriteOrder(n, 100.0 + n, 10.0) for n in range(20)]
            sent = await asyncio.gather(*(writes.send(one, order) for order in orders))
        assert set(sent) == {Sent("accepted", "", 1)} and len(plc.writes) == 20
        assert [await plc.value(name) for name in names] == [100.0 + n for n in range(20)]


async def test_order_without_time_is_not_sent(tmp_path: Path) -> None:
    async with writable_plc(Setpoint=DOUBLE) as plc:
        one = source_of(tmp_path, plc.port, tag_of(1, "Setpoint"))
        async with monitored(one) as (writes, _):
            for deadline_s in (0.0, -1.0, float("nan")):
                sent = await writes.send(one, WriteOrder(1, 5.0, deadline_s))
                assert (sent.outcome, sent.frames) == ("rejected", 0) and "no time" in sent.why
        assert plc.writes == []
