"""One frame for a handshake, on both protocols: what it holds, and when nothing leaves."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from asyncua import ua

from engine.drivers.sealing import check_of
from engine.types import Seal, Sent, Tag, WriteOrder
from tests.engine.drivers.modbus import writable as registers
from tests.engine.drivers.opcua import writable as variables

pytestmark = pytest.mark.system
SEAL = Seal(4, 2, 3, number=7, expiry_ms=0xFFFF_FFF0)
ORDER = WriteOrder(1, 21.5, 3.0, SEAL)
CHECK = check_of(7, 0xFFFF_FFF0, 21.5, "float32")
NAMES = {1: "Value", 2: "Expiry", 3: "Check", 4: "Number"}
KINDS = {
    1: ua.VariantType.Float,
    2: ua.VariantType.UInt32,
    3: ua.VariantType.UInt16,
    4: ua.VariantType.UInt32,
}


def modbus_tags(*addresses: str) -> list[Tag]:
    return [Tag(n, f"Line/{NAMES[n]}", "plc", address, rate=20) for n, address in enumerate(addresses, 1)]


async def test_modbus_writes_all_four_with_one_request_in_the_order_of_the_registers() -> None:
    tags = modbus_tags("holding:5:float32:swap", "holding:3:uint32", "holding:2", "holding:0:uint32")
    async with registers.serving(registers.WritableDevice()) as device:
        one = registers.source_of(device.port, *tags)
        async with registers.polled(one) as (writes, _):
            assert await writes.send(one, ORDER) == Sent("accepted", "", 1)
    high, low = struct.unpack(">HH", struct.pack(">f", 21.5))
    expected = struct.pack(">BHHBIHIHH", 16, 0, 7, 14, 7, CHECK, 0xFFFF_FFF0, low, high)
    assert device.writes == [expected]


async def test_modbus_with_a_gap_sends_nothing() -> None:
    tags = modbus_tags("holding:5:float32", "holding:3:uint32", "holding:2", "holding:10:uint32")
    async with registers.serving(registers.WritableDevice()) as device:
        one = registers.source_of(device.port, *tags)
        async with registers.polled(one) as (writes, _):
            sent = await writes.send(one, ORDER)
    assert (sent.outcome, sent.frames, device.writes) == ("rejected", 0, []) and "without a gap" in sent.why


async def test_scaled_value_is_checked_as_the_device_holds_it() -> None:
    tags = modbus_tags("holding:5:int32", "holding:3:uint32", "holding:2", "holding:0:uint32")
    tags[0] = Tag(1, "Line/Value", "plc", "holding:5:int32", factor=0.1, rate=20)
    async with registers.serving(registers.WritableDevice()) as device:
        one = registers.source_of(device.port, *tags)
        async with registers.polled(one) as (writes, _):
            assert (await writes.send(one, ORDER)).outcome == "accepted"
        assert device.number("i", 5) == 215
        assert device.number("H", 2) == check_of(7, 0xFFFF_FFF0, 215, "int32")


def opcua_source(folder: Path, plc: variables.WritablePlc) -> Any:
    return variables.source_of(folder, plc.port, *(variables.tag_of(n, name) for n, name in NAMES.items()))


async def test_opcua_writes_all_four_with_one_request_the_number_last(tmp_path: Path) -> None:
    async with variables.writable_plc(**{NAMES[n]: (kind, 0) for n, kind in KINDS.items()}) as plc:
        one = opcua_source(tmp_path, plc)
        async with variables.monitored(one) as (writes, _):
            assert await writes.send(one, ORDER) == Sent("accepted", "", 1)
        found = [(each.NodeId.Identifier, each.Value.Value.Value) for each in plc.writes]
    assert found == [("Value", 21.5), ("Expiry", 0xFFFF_FFF0), ("Check", CHECK), ("Number", 7)]


async def test_opcua_server_that_takes_a_part_leaves_it_unknown(tmp_path: Path) -> None:
    kinds = {NAMES[n]: (kind, 0) for n, kind in KINDS.items()}
    async with variables.writable_plc(Measured=(ua.VariantType.UInt16, 0), **kinds) as plc:
        rows = {**NAMES, 3: "Measured"}
        one = variables.source_of(
            tmp_path, plc.port, *(variables.tag_of(n, name) for n, name in rows.items())
        )
        async with variables.monitored(one) as (writes, _):
            sent = await writes.send(one, ORDER)
    assert (sent.outcome, sent.frames) == ("unknown", 1)
    assert "only a part of it (the server does not allow us" in sent.why


async def test_kind_of_number_that_a_handshake_does_not_carry_is_not_sent(tmp_path: Path) -> None:
    kinds: dict[str, Any] = {NAMES[n]: (kind, 0) for n, kind in KINDS.items()}
    kinds["Value"] = (ua.VariantType.Double, 0.0)
    async with variables.writable_plc(**kinds) as plc:
        one = opcua_source(tmp_path, plc)
        async with variables.monitored(one) as (writes, _):
            sent = await writes.send(one, ORDER)
        assert (sent.outcome, sent.frames, plc.writes) == ("rejected", 0, []) and "as float64" in sent.why
