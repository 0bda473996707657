"""Writes over links and devices that fail: one frame and an honest word (T38, T39)."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from asyncua import ua

from engine.drivers import modbus, opcua
from engine.drivers.driver import Context, Driver, Writes
from engine.drivers.link import Link
from engine.drivers.supervisor import supervise
from engine.testing.fault_proxy import FaultProxy
from engine.types import Sent, Tag, WriteOrder
from tests.engine.drivers.modbus import writable as registers
from tests.engine.drivers.modbus.peer import UNIT, frame
from tests.engine.drivers.opcua import writable as variables
from tests.faults.plants import told, until
from tests.running import CLOCK

pytestmark = [pytest.mark.fault, pytest.mark.system, pytest.mark.timeout(180)]
DEADLINE_S = 0.6
BACK_S = 30.0
SOON_S = 0.02
"""The supervisor's back-off here: what is tested is not how long it waits."""


@dataclass
class Plant:
    """A device that can be written, behind a proxy, read by a supervised source of one tag.

    ``count`` = write requests that reached the device, ``held`` = what it holds now. While ``gate`` is not
    set it does what it is told, and does not answer.
    """

    proxy: FaultProxy
    context: Context
    writes: Writes
    link: Link
    count: Callable[[], int]
    held: Callable[[], Awaitable[float]]
    gate: asyncio.Event

    async def send(self, value: float, deadline_s: float = DEADLINE_S) -> Sent:
        return await self.writes.send(self.context, WriteOrder(1, value, deadline_s))

    async def usable(self) -> None:
        """Wait until the tag can be read again."""
        began_us = CLOCK.mono_us()
        while (await self.writes.read(self.context, 1)).value is None:
            assert CLOCK.mono_us() - began_us < BACK_S * 1e6, self.link.last_error
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def supervised(driver: Driver, one: Context) -> AsyncGenerator[tuple[Writes, Link]]:
    assert driver.load_writes is not None
    link = Link()
    task = asyncio.create_task(supervise(one, driver, link, uniform=lambda low, high: SOON_S))
    try:
        yield driver.load_writes(), link
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=5)


@contextlib.asynccontextmanager
async def modbus_plant(folder: Path) -> AsyncGenerator[Plant]:
    gate = asyncio.Event()
    gate.set()

    async def answered(request: bytes, proper: bytes) -> list[bytes]:
        await gate.wait()
        return [proper]

    device = registers.WritableDevice(on_write=answered)

    async def held() -> float:
        return device.number("d", 0)

    async with registers.serving(device), FaultProxy(device.port) as proxy:
        one = registers.source_of(proxy.port, Tag(1, "A/One", "plc", "holding:0:float64", rate=20))
        async with supervised(modbus.DRIVER, one) as (writes, link):
            plant = Plant(proxy, one, writes, link, lambda: len(device.writes), held, gate)
            await plant.usable()
            yield plant


@contextlib.asynccontextmanager
async def opcua_plant(folder: Path) -> AsyncGenerator[Plant]:
    async with (
        variables.writable_plc(Setpoint=(ua.VariantType.Double, 0.0)) as plc,
        FaultProxy(plc.port) as proxy,
    ):
        one = variables.source_of(folder, proxy.port, variables.tag_of(1, "Setpoint"))
        async with supervised(opcua.DRIVER, one) as (writes, link):
            plant = Plant(
                proxy, one, writes, link, lambda: len(plc.writes), lambda: plc.value("Setpoint"), plc.reply
            )
            await plant.usable()
            yield plant


Plants = Callable[[Path], contextlib.AbstractAsyncContextManager[Plant]]
each_plant = pytest.mark.parametrize("plants", [modbus_plant, opcua_plant], ids=["modbus", "opcua"])
Step = Callable[[Plant], None]


def nothing(plant: Plant) -> None:
    """Leave it alone."""


@dataclass(frozen=True)
class Fault:
    """What is broken before a write is sent, and once it is at the device; mended after it was judged.

    ``arrives`` = write requests that reach the device, sooner or later.
    """

    name: str
    before: Step = nothing
    during: Step | None = None
    outcome: str = "unknown"
    arrives: int = 1


def silent(plant: Plant) -> None:
    plant.gate.clear()


def half_an_answer(plant: Plant) -> None:
    plant.proxy.truncate("down")
    plant.gate.set()


FAULTS = (
    Fault("none", outcome="accepted"),
    Fault("the device stays silent", silent),
    Fault("the link swallows everything on its way there", lambda plant: plant.proxy.stall("up"), arrives=0),
    Fault("the link swallows the answer", lambda plant: plant.proxy.stall("down")),
    Fault("half-open both ways", lambda plant: plant.proxy.stall("both"), arrives=0),
    Fault("the write is held up and comes late", lambda plant: plant.proxy.hold("up")),
    Fault("the answer is held up and comes late", lambda plant: plant.proxy.hold("down")),
    Fault("the link is reset in the middle", silent, lambda plant: plant.proxy.cut()),
    Fault("the link ends in the middle", silent, lambda plant: plant.proxy.finish("down")),
    Fault("the answer is cut in half", silent, half_an_answer),
    Fault("the answer takes longer than there is time", lambda plant: plant.proxy.drip(0, 1.5, "down")),
    Fault("a slow line, but in time", lambda plant: plant.proxy.drip(0, 0.1, "both"), outcome="accepted"),
    Fault("the answer comes twice", lambda plant: plant.proxy.duplicate("down"), outcome="accepted"),
)


async def tried(plant: Plant, fault: Fault, value: float) -> float:
    """One write with a fault; the seconds until it was judged. Raises AssertionError for a broken promise."""
    await plant.usable()
    before, old = plant.count(), await plant.held()
    fault.before(plant)
    began_us = CLOCK.mono_us()
    sending = asyncio.ensure_future(plant.send(value))
    if fault.during is not None:
        await until(lambda: plant.count() > before, 5, f"{fault.name}: the write is at the device")
        fault.during(plant)
    sent = await sending
    took_s = (CLOCK.mono_us() - began_us) / 1e6
    assert (sent.outcome, sent.frames) == (fault.outcome, 1), f"{fault.name}: {sent}"
    assert sent.why or sent.outcome == "accepted", f"{fault.name}: it must say why"
    plant.proxy.resume()
    plant.gate.set()
    if fault.arrives:
        await until(lambda: plant.count() > before, 5, f"{fault.name}: the write is at the device")
    await plant.usable()
    assert plant.count() - before == fault.arrives, f"{fault.name}: {plant.count() - before} frames"
    assert await plant.held() == (value if fault.arrives else old), fault.name
    return took_s


@each_plant
async def test_every_fault_leaves_one_frame_and_an_honest_word(plants: Plants, tmp_path: Path) -> None:
    """T39, and every other way a write can go wrong; after each the link is as good as before."""
    async with plants(tmp_path) as plant:
        for number, fault in enumerate(FAULTS):
            took_s = await tried(plant, fault, 100.0 + number)
            print(f"{fault.name}: {fault.outcome} after {took_s:.2f} s")
            assert took_s < DEADLINE_S + 2.0, f"{fault.name}: judged {took_s:.1f} s after it was asked"


@each_plant
async def test_stalled_write_is_unknown_at_its_deadline_and_its_late_execution_is_seen(
    plants: Plants, tmp_path: Path
) -> None:
    """T38. The proxy keeps the write, then lets it go: never "failed", and a read finds the value later."""
    async with plants(tmp_path) as plant:
        assert (await plant.send(1.0)).outcome == "accepted"
        plant.proxy.hold("up")
        sent = await plant.send(2.0)
        assert (sent.outcome, sent.frames) == ("unknown", 1) and "may do it yet" in sent.why
        assert await plant.held() == 1.0 and plant.count() == 1
        plant.proxy.resume()
        await until(lambda: plant.count() == 2, BACK_S, "the held write is executed")
        await plant.usable()
        assert (await plant.writes.read(plant.context, 1)).value == 2.0
        assert (await plant.send(3.0)).outcome == "accepted" and await plant.held() == 3.0
        assert plant.count() == 3 and plant.link.state == "connected"


@each_plant
async def test_write_without_a_link_is_refused_and_never_comes_later(plants: Plants, tmp_path: Path) -> None:
    async with plants(tmp_path) as plant:
        plant.proxy.refuse()
        plant.proxy.cut()
        await until(lambda: plant.link.state != "connected", BACK_S, "the loss is found")
        sent = await plant.send(5.0)
        assert (sent.outcome, sent.frames) == ("rejected", 0) and "not connected" in sent.why
        await plant.proxy.listen()
        await plant.usable()
        assert plant.count() == 0 and await plant.held() == 0.0


@each_plant
async def test_write_cancelled_at_any_moment_reaches_the_device_once_at_most(
    plants: Plants, tmp_path: Path
) -> None:
    """An engine that stops loses the outcome, and never sends a second frame."""
    luck = random.Random(20_261_123)
    async with plants(tmp_path) as plant:
        plant.proxy.drip(0, 0.01)
        for number in range(25):
            before = plant.count()
            task = asyncio.ensure_future(plant.send(float(number), 5.0))
            await asyncio.wait({task}, timeout=luck.uniform(0, 0.05))
            task.cancel()
            await asyncio.wait({task}, timeout=2)
            assert task.done()
            read = await plant.writes.read(plant.context, 1)  # it comes after the write, on the same way
            assert read.value is not None, read.why
            assert plant.count() - before <= 1
        plant.proxy.resume()
        assert (await plant.send(77.0, 5.0)).outcome == "accepted" and await plant.held() == 77.0


async def test_silent_modbus_device_gets_exactly_one_write_frame() -> None:
    """T39 on the wire itself: pymodbus would send four. Polls go on, and none of them is a write."""
    device = registers.WritableDevice()
    async with registers.serving(device):
        one = registers.source_of(device.port, Tag(1, "A/One", "plc", "holding:0:uint16", rate=20))
        async with supervised(modbus.DRIVER, one) as (writes, link):
            await until(lambda: link.state == "connected", BACK_S, "connected")
            device.silent = True
            sent = await writes.send(one, WriteOrder(1, 5.0, DEADLINE_S))
            assert (sent.outcome, sent.frames) == ("unknown", 1)
            await until(lambda: link.reconnects or link.state != "connected", BACK_S, "the line is closed")
            device.silent = False
            reads = device.reads
            await until(lambda: device.reads > reads + 10, BACK_S, "it is polled again")
    assert device.writes == [b"\x06\0\0\0\x05"]


@dataclass
class Chances:
    """A device that answers writes as luck has it, and remembers what is true of each.

    ``did`` = the values it took, in order.
    """

    luck: random.Random
    proxy: FaultProxy | None = None
    did: list[int] = field(default_factory=list)

    async def __call__(self, request: bytes, proper: bytes) -> list[bytes]:
        tid = int.from_bytes(request[:2], "big")
        self.did.append(int.from_bytes(request[10:12], "big"))
        match self.luck.randrange(8):
            case 0:
                return []
            case 1:
                await asyncio.sleep(0.12)
                return [proper]
            case 2:
                return [frame(tid + 1, UNIT, proper[7:])]
            case 3:
                return [proper[:9]]
            case 4:
                assert self.proxy is not None
                self.proxy.cut()
                return []
            case _:
                return [proper]


async def test_three_hundred_writes_with_injected_faults_are_each_told_right() -> None:
    """Accepted = the device did it; one frame each, in order; an unknown one it did or did not."""
    chances = Chances(random.Random(20_261_123))
    device = registers.WritableDevice(on_write=chances)
    outcomes: dict[str, int] = {}
    async with registers.serving(device), FaultProxy(device.port) as proxy:
        chances.proxy = proxy
        one = registers.source_of(proxy.port, Tag(1, "A/One", "plc", "holding:0:uint16", rate=50))
        async with supervised(modbus.DRIVER, one) as (writes, _):
            for value in range(300):
                while (await writes.read(one, 1)).value is None:
                    await asyncio.sleep(0.005)
                sent = await writes.send(one, WriteOrder(1, float(value), 0.1))
                outcomes[sent.outcome] = outcomes.get(sent.outcome, 0) + 1
                assert (sent.frames == 1) == (value in chances.did), f"{value}: {sent}"
                assert sent.outcome != "accepted" or device.words[0] == value
                assert sent.outcome != "rejected" or not sent.frames
    print(outcomes)
    assert len(chances.did) == len(set(chances.did)) and chances.did == sorted(chances.did)
    assert outcomes["accepted"] > 100 and outcomes["unknown"] > 60


@each_plant
async def test_write_and_read_back_take_moments(plants: Plants, tmp_path: Path) -> None:
    """Published, not promised: the round trips of a write and of the read that verifies it."""
    sent_s: list[float] = []
    both_s: list[float] = []
    async with plants(tmp_path) as plant:
        for number in range(200):
            began_us = CLOCK.mono_us()
            assert (await plant.send(float(number), 3.0)).outcome == "accepted"
            sent_s.append((CLOCK.mono_us() - began_us) / 1e6)
            assert (await plant.writes.read(plant.context, 1)).value == float(number)
            both_s.append((CLOCK.mono_us() - began_us) / 1e6)
    for what, times in (("write", sent_s), ("write and read back", both_s)):
        told(what, times)
        ordered = sorted(times)
        print(f"{what}: p50 {ordered[100] * 1e3:.2f} ms, p99 {ordered[197] * 1e3:.2f} ms")
    assert plant.count() == 200
