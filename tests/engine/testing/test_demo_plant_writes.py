"""Writes to a demo plant: on the wire, with effect, within its limits, and wrong where that is ordered."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asyncua import Client, ua
from pymodbus.client import AsyncModbusTcpClient

from engine.clock import SystemClock
from engine.drivers.modbus.address import parse_address
from engine.testing.demo_plant import modbus, opcua
from engine.testing.demo_plant.addresses import slots
from engine.testing.demo_plant.certificate import server_certificate
from engine.testing.demo_plant.conditions import Conditions, Setting
from engine.testing.demo_plant.controller import Controller, Taken
from engine.testing.demo_plant.framing.names import S50
from engine.testing.demo_plant.orders import Orders
from engine.testing.demo_plant.plant import Model, Plant, Point
from engine.testing.demo_plant.plants import plant_named
from engine.testing.demo_plant.play import Player
from engine.testing.demo_plant.write_faults import NoSuchFault, WriteFaults

FRAMING = plant_named("framing")
MODEL = Model(FRAMING)
POINT = {point.path: point for point in MODEL.points}
SETPOINT = f"{S50}/Hydraulics/Pressure setpoint"
PRESSURE = f"{S50}/Hydraulics/Pressure"
AIR = "Utilities/Compressed air"
COOLER = "Utilities/Hydraulic oil/Cooler"


# The controller.


class Desk:
    """A controller with values that a test chooses; what is done is noted."""

    def __init__(self, *faults: str, **values: float) -> None:
        self.done: list[tuple[str, float]] = []
        self.faults = WriteFaults(point.path for point in MODEL.points if point.spec.writable)
        for fault in faults:
            self.faults.set(fault)
        self.now = MODEL.values(Conditions(), np.array([0.0]))[0]
        self.clock = SystemClock()
        self.controller = Controller(FRAMING, self.faults, self.clock, lambda: self.now, self._do)

    def _do(self, point: Point, value: float) -> None:
        self.done.append((point.path, value))

    def have(self, path: str, value: float) -> None:
        self.now[POINT[path].column] = value

    async def take(self, path: str, value: float = 1.0) -> Taken:
        return await self.controller.take(POINT[path], value)


@pytest.mark.parametrize("value", [159.9, 240.1, float("nan"), float("inf"), -float("inf")])
async def test_value_outside_the_controllers_own_limits_is_not_taken(value: float) -> None:
    desk = Desk()
    assert await desk.take(SETPOINT, value) == "out of range"
    assert await desk.take(SETPOINT, 240.0) == "done"
    assert desk.done == [(SETPOINT, 240.0)]


@pytest.mark.parametrize(
    ("path", "missing", "value"),
    [
        (f"{S50}/Start", f"{S50}/Interlocks/Guard closed", 0.0),
        (f"{S50}/Start", f"{S50}/Hydraulics/Pump running", 0.0),
        (f"{S50}/Start", f"{S50}/Mode", 1.0),
        (f"{S50}/Hydraulics/Start", f"{S50}/Hydraulics/Level low", 1.0),
        ("Utilities/Cooling water/Pump 3/Start", "Utilities/Cooling water/Pump 3/Ready", 0.0),
        (f"{COOLER}/Manual position", f"{COOLER}/Mode", 2.0),
    ],
)
async def test_command_is_refused_by_the_controller_itself_when_a_condition_is_missing(
    path: str, missing: str, value: float
) -> None:
    desk = Desk()
    desk.have(f"{COOLER}/Mode", 1.0)
    assert await desk.take(path) == "done"
    desk.have(missing, value)
    assert await desk.take(path) == "not allowed"
    assert desk.done == [(path, 1.0)]


def test_every_condition_of_the_controllers_is_a_tag_and_every_command_is_one_of_theirs() -> None:
    for path, permits in FRAMING.permits.items():
        assert POINT[path].spec.writable, path
        assert {permit.path for permit in permits} <= POINT.keys(), path


async def test_fault_of_a_write_is_that_of_its_tag_until_it_is_cleared() -> None:
    desk = Desk("write-refused", f"write-ignored:{SETPOINT}")
    assert await desk.take(SETPOINT, 200.0) == "done"
    assert await desk.take(f"{S50}/Stop") == "failed"
    assert desk.done == []
    desk.faults.clear("write-refused")
    assert await desk.take(f"{S50}/Stop") == "done"
    desk.faults.clear("")
    assert await desk.take(SETPOINT, 201.0) == "done"
    assert desk.done == [(f"{S50}/Stop", 1.0), (SETPOINT, 201.0)]


async def test_late_write_is_answered_at_once_and_a_slow_one_when_it_is_done() -> None:
    desk = Desk(f"write-late:{SETPOINT}=0.05", f"write-slow:{S50}/Stop=0.05")
    assert await desk.take(SETPOINT, 200.0) == "done"
    assert desk.done == []
    await until(lambda: desk.done == [(SETPOINT, 200.0)])
    assert await desk.take(f"{S50}/Stop") == "done"
    assert desk.done == [(SETPOINT, 200.0), (f"{S50}/Stop", 1.0)]


async def test_slow_write_is_done_although_the_client_has_gone() -> None:
    desk = Desk(f"write-slow:{SETPOINT}=0.05")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await desk.take(SETPOINT, 200.0)
    await until(lambda: desk.done == [(SETPOINT, 200.0)])


@pytest.mark.parametrize(
    "fault",
    ["write-lost", f"write-late:{PRESSURE}", f"write-late:{SETPOINT}=soon", f"write-slow:{SETPOINT}=-1"],
)
def test_fault_of_a_write_that_cannot_be_is_refused_in_words(fault: str) -> None:
    with pytest.raises(NoSuchFault, match=r"there are write-refused|cannot be"):
        Desk().faults.set(fault)


def test_faults_of_writes_are_ordered_as_others_are(tmp_path: Path) -> None:
    file = tmp_path / "orders"
    orders = Orders(FRAMING, file)
    file.write_text(f'{{"do": "set", "fault": "write-late:{SETPOINT}=2.5"}}\n')
    assert orders.apply(Conditions(), 1.0) == Conditions(), "the model does not suffer"
    found = orders.writing.of(SETPOINT)
    assert found is not None and (found.name, found.seconds) == ("write-late", 2.5)
    assert orders.writing.of(f"{S50}/Stop") is None
    with file.open("a") as more:
        more.write('{"do": "set", "fault": "write-late:nowhere"}\n{"do": "clear", "fault": "write-late"}\n')
    orders.apply(Conditions(), 2.0)
    assert orders.writing.of(SETPOINT) is None


# On the wire.


class Served:
    """A running server of a plant, its model driven by what is written."""

    def __init__(self, plant: Plant, *faults: str) -> None:
        self.player = Player(plant, Conditions(), 1.0, SystemClock())
        self.faults = WriteFaults(point.path for point in self.player.model.points if point.spec.writable)
        for fault in faults:
            self.faults.set(fault)
        clock = SystemClock()
        self.controller = Controller(plant, self.faults, clock, self.player.values, self.player.change)
        self.server: Any = None

    def own(self, source: str) -> list[Point]:
        return [point for point in self.player.model.points if point.source == source]

    async def show(self, point: Point | None = None) -> None:
        """Take the model's values: all, or that of one point."""
        due = np.array([point in (None, each) for each in self.player.model.points])
        await self.server.show(self.player.values(), due, SystemClock().now_us())


@asynccontextmanager
async def plc(folder: Path, *faults: str) -> AsyncGenerator[tuple[Served, Client, Callable[[str], Any]]]:
    served = Served(FRAMING, *faults)
    own, now_us = served.own("plc-2"), SystemClock().now_us()
    files = server_certificate(folder, "plc-2", now_us)
    first = served.player.values()
    served.server = await opcua.start_server(FRAMING, own, first, 0, files, served.controller.take, now_us)
    served.controller.shown = served.show
    try:
        async with Client(served.server.endpoint) as client:
            index = await client.get_namespace_index("urn:watchroom:demo")
            yield served, client, lambda text: client.get_node(f"ns={index};s={text}")
    finally:
        await served.controller.stop()
        await served.server.stop()


def double(value: float) -> ua.Variant:
    return ua.Variant(value, ua.VariantType.Double)


def true() -> ua.Variant:
    return ua.Variant(True, ua.VariantType.Boolean)


@pytest.mark.system
async def test_opcua_setpoint_can_be_read_back_at_once_and_stays(tmp_path: Path) -> None:
    async with plc(tmp_path) as (served, _, node):
        setpoint = node("S50.Hydraulics.PressureSetpoint")
        await setpoint.write_value(double(212.5))
        assert await setpoint.read_value() == 212.5
        await served.show()
        assert await setpoint.read_value() == 212.5
        assert served.player.conditions.settings[0].value == 212.5


@pytest.mark.system
async def test_opcua_server_says_why_it_does_not_take_a_value(tmp_path: Path) -> None:
    async with plc(tmp_path) as (served, _, node):
        setpoint, start = node("S50.Hydraulics.PressureSetpoint"), node("S50.Start")
        with pytest.raises(ua.uaerrors.BadOutOfRange):
            await setpoint.write_value(double(9_000.0))
        for wrong in (
            ua.Variant(212.5, ua.VariantType.Float),
            ua.Variant(212, ua.VariantType.Int32),
            ua.Variant([212.5], ua.VariantType.Double),
            ua.Variant("212.5", ua.VariantType.String),
            ua.Variant(True, ua.VariantType.Boolean),
        ):
            with pytest.raises(ua.uaerrors.BadTypeMismatch):
                await setpoint.write_value(wrong)
        await node("S50.Manual").write_value(true())
        await until(lambda: served.player.values()[POINT[f"{S50}/Mode"].column] == 1.0)
        with pytest.raises(ua.uaerrors.BadUserAccessDenied):
            await start.write_value(true())
        served.faults.set(f"write-refused:{SETPOINT}")
        with pytest.raises(ua.uaerrors.BadDeviceFailure):
            await setpoint.write_value(double(212.5))
        assert [each.path for each in served.player.conditions.settings] == [f"{S50}/Manual"]


@pytest.mark.system
async def test_opcua_node_is_read_only_unless_the_project_may_write_it(tmp_path: Path) -> None:
    async with plc(tmp_path) as (served, _, node):
        space = served.server.server.iserver.aspace
        for point, own in zip(served.own("plc-2"), served.server.offered.column, strict=True):
            level = space.read_attribute_value(own, ua.AttributeIds.AccessLevel).Value.Value
            user = space.read_attribute_value(own, ua.AttributeIds.UserAccessLevel).Value.Value
            expected = 3 if point.spec.writable else 1
            assert (level, user) == (expected, expected), point.path
        for text, value in (("S50.Hydraulics.Pressure", 1.0), ("S50.Ram.Position", 1.0)):
            with pytest.raises(ua.uaerrors.BadUserAccessDenied):
                await node(text).write_value(double(value))
        with pytest.raises(ua.UaStatusCodeError):
            await node("S50.Hydraulics.PressureSetpoint").write_attribute(
                ua.AttributeIds.DisplayName, ua.DataValue(ua.LocalizedText("x"))
            )
        assert served.player.conditions.settings == ()


@pytest.mark.system
async def test_opcua_command_is_reset_by_the_plc_and_its_feedback_follows(tmp_path: Path) -> None:
    async with plc(tmp_path) as (served, _, node):
        stop, running = node("S50.Hydraulics.Stop"), node("S50.Hydraulics.PumpRunning")
        await stop.write_value(true())
        assert await stop.read_value() is True
        assert await running.read_value() is True
        states: list[tuple[bool, bool]] = []
        async with asyncio.timeout(10):
            while (False, False) not in states:
                await served.show()
                states.append((await stop.read_value(), await running.read_value()))
        assert states.index((False, True)) < states.index((False, False)), "the pump runs out after the pulse"


@pytest.mark.system
async def test_opcua_write_that_comes_late_is_done_after_the_client_gave_up(tmp_path: Path) -> None:
    async with plc(tmp_path, f"write-slow:{SETPOINT}=0.4") as (served, _, node):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await node("S50.Hydraulics.PressureSetpoint").write_value(double(205.0))
        assert served.player.conditions.settings == ()
        await until(lambda: [each.value for each in served.player.conditions.settings] == [205.0])


@asynccontextmanager
async def registers(*faults: str) -> AsyncGenerator[tuple[Served, AsyncModbusTcpClient]]:
    served = Served(FRAMING, *faults)
    own = served.own("utilities")
    served.server = await modbus.start_server(own, served.player.values(), 0, served.controller.take)
    served.controller.shown = served.show
    port = int(served.server.endpoint.rpartition(":")[2])
    client = AsyncModbusTcpClient("127.0.0.1", port=port, retries=0)
    assert await client.connect()
    try:
        yield served, client
    finally:
        client.close()
        await served.controller.stop()
        await served.server.stop()


def place(path: str) -> Any:
    own = [point for point in MODEL.points if point.source == "utilities"]
    return parse_address(slots(own)[own.index(POINT[path])].text)


def swapped(value: float) -> list[int]:
    """A float32 in two registers, low word first."""
    high, low = struct.unpack(">HH", struct.pack(">f", value))
    return [low, high]


@pytest.mark.system
async def test_modbus_setpoint_can_be_read_back_at_once_and_stays() -> None:
    async with registers() as (served, client):
        start = place(f"{AIR}/Pressure setpoint").start
        answer = await client.write_registers(start, swapped(6.9), device_id=1)
        assert not answer.isError()
        for _ in range(2):
            read = await client.read_holding_registers(start, count=2, device_id=1)
            assert read.registers == swapped(6.9)
            await served.show()
        assert served.player.conditions.settings[0] == Setting(
            f"{AIR}/Pressure setpoint", served.player.conditions.settings[0].time_s, 6.9
        )


@pytest.mark.system
async def test_modbus_server_says_why_it_does_not_take_a_value() -> None:
    async with registers() as (served, client):
        start = place(f"{AIR}/Pressure setpoint").start
        position = place(f"{COOLER}/Manual position").start
        measured = place(f"{AIR}/Pressure").start

        async def code(address: int, values: list[int]) -> int:
            return (await client.write_registers(address, values, device_id=1)).exception_code

        assert await code(start, swapped(8.1)) == 3, "outside its limits"
        assert await code(start, swapped(float("nan"))) == 3
        assert await code(position, swapped(50.0)) == 3, "the controller is in auto"
        assert await code(measured, swapped(6.0)) == 2, "a measured value"
        assert await code(start, swapped(6.9)[:1]) == 2, "half a number"
        assert await code(start, [*swapped(6.9), 0]) == 2, "more than the number"
        assert (await client.write_register(start, 1, device_id=1)).exception_code == 2
        assert (await client.write_coil(0, True, device_id=1)).exception_code == 2, "a coil that is read only"
        served.faults.set("write-refused")
        assert await code(start, swapped(6.9)) == 4
        assert served.player.conditions.settings == ()


@pytest.mark.system
async def test_modbus_command_acts_on_a_coil_that_the_plc_resets() -> None:
    async with registers() as (served, client):
        pump = "Utilities/Cooling water/Pump 3"
        start = place(f"{pump}/Start").start
        assert not (await client.write_coil(start, True, device_id=1)).isError()
        assert (await client.read_coils(start, count=1, device_id=1)).bits[0] is True
        running = place(f"{pump}/Running").start
        assert (await client.read_coils(running, count=1, device_id=1)).bits[0] is False
        async with asyncio.timeout(10):
            while not (await client.read_coils(running, count=1, device_id=1)).bits[0]:
                await served.show()
        assert (await client.read_coils(start, count=1, device_id=1)).bits[0] is False


@pytest.mark.system
async def test_modbus_write_that_is_ignored_is_answered_like_any_other_and_read_back_as_before() -> None:
    async with registers(f"write-ignored:{AIR}/Pressure setpoint") as (_, client):
        start = place(f"{AIR}/Pressure setpoint").start
        assert not (await client.write_registers(start, swapped(6.9), device_id=1)).isError()
        read = await client.read_holding_registers(start, count=2, device_id=1)
        assert read.registers == swapped(6.5)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)
