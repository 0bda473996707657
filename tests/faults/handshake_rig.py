"""A real engine before two PLCs that take a setpoint over the handshake, one on OPC UA and one on Modbus."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.testing.fault_proxy import FaultProxy
from engine.types import HANDSHAKE
from tests.engine.drivers.modbus import writable as registers
from tests.engine.drivers.modbus.peer import UNIT, frame
from tests.engine.drivers.opcua import writable as variables
from tests.faults.gate_rig import WRITE_REQUEST, off
from tests.peers.handshake_plc import VARIABLES, HandshakePlc, Registers, Variables, scanning
from tests.people import operated
from tests.running import eyes, start_engine, stop, until

DEADLINE_S = 1.0
PATIENCE_S = 60.0
TYPES = {name: kinds[0] for name, kinds in HANDSHAKE.items()}


@dataclass
class Lane:
    """One PLC behind a proxy. ``frames`` = how many reached it; ``hold`` keeps the next one on its way and
    ``deliver`` lets it go on; ``again`` brings the last one once more.
    """

    path: str
    proxy: FaultProxy
    plc: HandshakePlc
    frames: Callable[[], int]
    is_write: Callable[[bytes], bool]
    order: str
    hold: Callable[[], None]
    deliver: Callable[[], Awaitable[None]]
    again: Callable[[], Awaitable[None]]

    def damage(self, value: float) -> None:
        """One bit of this value is turned over in every frame that follows."""
        right = struct.pack(f"{self.order}f", value)
        at = 0 if self.order == "<" else 3
        wrong = right[:at] + bytes([right[at] ^ 1]) + right[at + 1 :]
        self.on_write(lambda chunk: chunk.replace(right, wrong))

    def stop_at_write(self) -> None:
        """The PLC stops as a frame comes: it is stored, and not looked at."""

        def stopped(chunk: bytes) -> bytes:
            self.plc.runs = False
            return chunk

        self.on_write(stopped)

    def on_write(self, change: Callable[[bytes], bytes]) -> None:
        """What becomes of the frames that write from now on; all others pass as they are."""
        self.proxy.garble("up", 1_000_000, lambda chunk: change(chunk) if self.is_write(chunk) else chunk)

    def mend(self) -> None:
        """The link and the PLC are as they should be."""
        self.proxy.resume()
        self.plc.runs = self.plc.is_allowed = True


@dataclass
class Rig:
    """A project whose engine runs, and its PLCs."""

    folder: Path
    lanes: list[Lane] = field(default_factory=list[Lane])
    process: Any = None

    async def start(self) -> None:
        """A new engine, and good values from both PLCs."""
        self.process = await off(start_engine, self.folder)
        await off(self._see_good)

    def _see_good(self) -> None:
        with eyes(self.folder) as seen:
            until(seen.all_good, PATIENCE_S, "good values")

    async def kill(self) -> None:
        """kill -9, collected."""
        self.process.kill()
        await off(self.process.wait)
        self.process.stdout.close()


@contextlib.asynccontextmanager
async def rig(folder: Path) -> AsyncGenerator[Rig]:
    """Both PLCs, and an engine with its people in stage control."""
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        server = await enter(variables.writable_plc(**VARIABLES))
        device = await enter(registers.serving(registers.WritableDevice()))
        over_opcua = await enter(scanning(Variables(server)))
        over_modbus = await enter(scanning(Registers(device)))
        made = Rig(folder)
        made.lanes.append(opcua_lane(server, await enter(FaultProxy(server.port)), over_opcua))
        made.lanes.append(modbus_lane(device, await enter(FaultProxy(device.port)), over_modbus))
        _project(made)
        try:
            await made.start()
            await off(operated, folder)
            yield made
        finally:
            for lane in made.lanes:
                lane.mend()
            server.go.set()
            await off(stop, made.process)


def opcua_lane(server: variables.WritablePlc, proxy: FaultProxy, plc: HandshakePlc) -> Lane:
    async def deliver() -> None:
        server.go.set()

    async def again() -> None:
        last = server.writes[-4:]
        server.writes += last
        for each in last:
            await server.server.write_attribute_value(each.NodeId, each.Value)

    return Lane(
        "Line/Press/Setpoint", proxy, plc,
        lambda: len(server.writes) // 4,
        lambda chunk: WRITE_REQUEST in chunk,
        "<", server.go.clear, deliver, again,
    )  # fmt: skip


def modbus_lane(device: registers.WritableDevice, proxy: FaultProxy, plc: HandshakePlc) -> Lane:
    kept = list[bytes]()

    def hold() -> None:
        def keep(chunk: bytes) -> bytes:
            kept.append(chunk)
            return b""

        lane.on_write(keep)

    async def arrive(chunk: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", device.port)
        writer.write(chunk)
        await reader.readexactly(12)
        writer.close()

    async def deliver() -> None:
        proxy.resume()
        await arrive(kept.pop())

    async def again() -> None:
        await arrive(frame(77, UNIT, device.writes[-1]))

    lane = Lane(
        "Line/Oven/Setpoint", proxy, plc,
        lambda: len(device.writes),
        lambda chunk: len(chunk) > 7 and chunk[7] in registers.WRITES,
        ">", hold, deliver, again,
    )  # fmt: skip
    return lane


def _project(made: Rig) -> None:
    made.folder.mkdir(parents=True)
    plc, oven = made.lanes
    (made.folder / "plant.toml").write_text(
        f"""[plant]
name = "Handshake"
[security]
second_after_days = 0
[[sources]]
id = "press"
driver = "opcua"
endpoint = "opc.tcp://127.0.0.1:{plc.proxy.port}"
security = "none"
unsecured_writes = true
[[sources]]
id = "oven"
driver = "modbus"
endpoint = "tcp://127.0.0.1:{oven.proxy.port}?unit={UNIT}"
security = "none"
unsecured_writes = true
"""
    )
    rows = [
        row for source, lane in zip(("press", "oven"), made.lanes, strict=True) for row in _tags(source, lane)
    ]
    (made.folder / "tags.csv").write_text("path,source,address,type,rate\n" + "".join(rows))
    (made.folder / "writes.csv").write_text(
        "tag,low,high,tolerance,deadline_s,handshake\n"
        + "".join(f"{lane.path},0,1000,0.01,{DEADLINE_S},./Handshake\n" for lane in made.lanes)
    )


def _tags(source: str, lane: Lane) -> list[str]:
    asset, memory = lane.path.rpartition("/")[0], lane.plc.memory
    rows = [f"{lane.path},{source},{memory.address('Setpoint')},{_type(source, 'float32')},20\n"]
    return rows + [
        f"{asset}/Handshake/{name},{source},{memory.address(name)},{_type(source, kind)},2\n"
        for name, kind in TYPES.items()
    ]


def _type(source: str, kind: str) -> str:
    """Of an OPC UA tag tags.csv states it, of a Modbus tag its address."""
    return kind if source == "press" else ""
