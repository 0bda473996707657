"""A real engine before two devices that are written and counted, each behind a proxy, in the test's loop."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from asyncua import ua

from engine.client import RequestFailed
from engine.testing.fault_proxy import FaultProxy
from engine.types import Alarm, Write
from engine.wire import ResolveBody
from tests.engine.drivers.modbus import writable as registers
from tests.engine.drivers.modbus.peer import UNIT
from tests.engine.drivers.opcua import writable as variables
from tests.people import Person, at, operated
from tests.running import CLOCK, eyes, start_engine, stop, until

P = ParamSpec("P")
R = TypeVar("R")
PLC, MODBUS = "Line/Press/Setpoint", "Line/Oven/Setpoint"
DEADLINE_S = 0.6
PATIENCE_S = 60.0
DOUBTS = ("What was written is in doubt", "A write came late")
WRITE_REQUEST, READ_REQUEST = b"\x01\x00\xa1\x02", b"\x01\x00\x77\x02"
"""Node ids of the requests as a message begins with them: i=673 and i=631 (OPC 10000-6, 5.2.2.9)."""


async def off(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Ask the engine without holding up the devices, which live in this loop."""
    return await asyncio.to_thread(call, *args, **kwargs)


async def soon(condition: Callable[[], object], what: str, seconds: float = PATIENCE_S) -> None:
    """Wait until it is so."""
    end_us = CLOCK.mono_us() + seconds * 1e6
    while not condition():
        assert CLOCK.mono_us() < end_us, f"not within {seconds:g} s: {what}"
        await asyncio.sleep(0.01)


@dataclass
class Lane:
    """One device: its tag, its proxy, and every value it was asked to write, in order."""

    path: str
    proxy: FaultProxy
    device: Any
    asked: Callable[[], list[float]]
    held: Callable[[], float]
    is_write: Callable[[bytes], bool]

    @property
    def is_opcua(self) -> bool:
        return self.path == PLC

    def mend(self) -> None:
        """The link and the device are as they should be."""
        self.proxy.resume()
        if self.is_opcua:
            self.device.answers = None
            self.device.go.set()
            self.device.reply.set()
        else:
            self.device.without.clear()
            self.device.on_write = None
            self.device.silent = False


@dataclass
class Rig:
    """A project whose engine runs, and its two devices."""

    folder: Path
    plc: Lane
    modbus: Lane
    process: Any = None

    @contextlib.contextmanager
    def station(self, name: str, station: str = "desk") -> Iterator[Person]:
        with at(self.folder, name, station) as person:
            yield person

    async def start(self) -> None:
        """A new engine, and good values from both devices."""
        self.process = await off(start_engine, self.folder)
        await off(self._see_good)

    def _see_good(self) -> None:
        with eyes(self.folder) as seen:
            end_us = CLOCK.mono_us() + PATIENCE_S * 1e6
            while not seen.all_good():
                threading.Event().wait(0.05)
                assert CLOCK.mono_us() < end_us, "no good values"

    async def kill(self) -> None:
        """kill -9, collected."""
        self.process.kill()
        await off(self.process.wait)
        self.process.stdout.close()


@contextlib.asynccontextmanager
async def rig(folder: Path, rules: str = "") -> AsyncGenerator[Rig]:
    """Both devices and an engine with its people in stage control. ``rules`` = rows of writes.csv instead."""
    async with contextlib.AsyncExitStack() as stack:
        plc = await stack.enter_async_context(variables.writable_plc(Setpoint=(ua.VariantType.Double, 0.0)))
        device = await stack.enter_async_context(registers.serving(registers.WritableDevice()))
        first = await stack.enter_async_context(FaultProxy(plc.port))
        second = await stack.enter_async_context(FaultProxy(device.port))
        made = Rig(
            folder,
            Lane(
                PLC, first, plc,
                lambda: [float(each.Value.Value.Value) for each in plc.writes],
                lambda: float(_now(plc)),
                lambda chunk: WRITE_REQUEST in chunk,
            ),
            Lane(
                MODBUS, second, device,
                lambda: [_float(each) for each in device.writes],
                lambda: float(device.number("d", 0)),
                lambda chunk: len(chunk) > 7 and chunk[7] in registers.WRITES,
            ),
        )  # fmt: skip
        _project(made, rules)
        await made.start()
        try:
            await off(operated, folder)
            yield made
        finally:
            made.plc.mend()
            made.modbus.mend()
            await off(stop, made.process)


def _now(plc: variables.WritablePlc) -> Any:
    data = plc.server.iserver.aspace.read_attribute_value(variables.node("Setpoint"), ua.AttributeIds.Value)
    return data.Value.Value if data.Value is not None else None


def _float(request: bytes) -> float:
    """What a request to write four registers holds as a float64."""
    return float(struct.unpack(">d", request[6:14])[0])


def _project(made: Rig, rules: str) -> None:
    made.folder.mkdir(parents=True)
    (made.folder / "plant.toml").write_text(
        f"""[plant]
name = "Faults"
[security]
second_after_days = 0
[[sources]]
id = "plc"
driver = "opcua"
endpoint = "opc.tcp://127.0.0.1:{made.plc.proxy.port}"
security = "none"
unsecured_writes = true
[[sources]]
id = "oven"
driver = "modbus"
endpoint = "tcp://127.0.0.1:{made.modbus.proxy.port}?unit={UNIT}"
security = "none"
unsecured_writes = true
"""
    )
    (made.folder / "tags.csv").write_text(
        "path,source,address,low,high,rate\n"
        f"{PLC},plc,nsu={variables.SPACE};s=Setpoint,0,1000000,20\n"
        f"{MODBUS},oven,holding:0:float64,0,1000000,20\n"
    )
    rows = rules or f"{PLC},0.01,{DEADLINE_S}\n{MODBUS},0.01,{DEADLINE_S}\n"
    (made.folder / "writes.csv").write_text("tag,tolerance,deadline_s\n" + rows)


def selected(person: Person, path: str, value: float) -> Write:
    """A value selected, as soon as it can be: after a fault the link needs its time."""
    end_us, why, pause = CLOCK.mono_us() + PATIENCE_S * 1e6, "", threading.Event()
    while CLOCK.mono_us() < end_us:
        try:
            write = person.select(path, value)
            if write.step == "selected":
                return write
            why = write.why
        except RequestFailed as error:
            why = str(error)
        pause.wait(0.1)
    raise AssertionError(f"{path} = {value:g} is never selected: {why}")


def settled(person: Person, write: Write) -> Write:
    """A write once its outcome is no more unknown, or is for a person to say."""
    end_us, pause = CLOCK.mono_us() + 3e6, threading.Event()
    while person.seen(write.id).step == "unknown" and CLOCK.mono_us() < end_us:
        pause.wait(0.1)
    return person.seen(write.id)


def resolve(person: Person, write: Write, *, was_done: bool) -> Write:
    """A person went and looked."""
    return person.ask("resolve", ResolveBody(write.id, was_done, "looked at the device"), Write)


def about_writes(person: Person) -> list[Alarm]:
    """The alarms that tell of writes, as soon as there is one."""
    found = list[Alarm]()

    def told() -> bool:
        found[:] = [each for each in person.alarms() if each.message in DOUBTS]
        return bool(found)

    until(told, 30, "an alarm tells of the write")
    return found
