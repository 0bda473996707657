"""The demo plant's own servers in a process of theirs, and a real engine before them that may be killed.

Between the two every write frame is counted on the wire before anything befalls it. The project is one of
two setpoints, read and written in the clear, so that frames can be told apart.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from engine.testing.beside import modbus_float, opcua_value
from engine.testing.fault_proxy import FaultProxy
from tests.engine.drivers.modbus.writable import WRITES
from tests.faults.gate_rig import WRITE_REQUEST, Rig, off
from tests.people import operated
from tests.running import demo_plant, start_engine, stop

LIFT = "Framing line 3/S10 Underbody load/Lift/Force setpoint"
AIR = "Utilities/Compressed air/Pressure setpoint"
LIFT_NODE, AIR_REGISTER = "nsu=urn:watchroom:demo;s=S10.Lift.ForceSetpoint", 30
TOLERANCE = 0.05
HEAD = 7
"""Bytes of a Modbus frame before its function code; the last two but one tell how many follow."""


@dataclass
class Lane:
    """One setpoint. Engine, ``wire`` (counts), ``line`` (fails), device; ``held`` asks it beside both.

    ``values`` are within what the device takes, ``refused`` is beyond, though writes.csv allows it.
    ``then`` is what befalls the next write frame, as it passes the wire.
    """

    path: str
    wire: FaultProxy
    line: FaultProxy
    held: Callable[[], Awaitable[float]]
    count: Callable[[bytes], int]
    values: tuple[float, ...]
    refused: float
    frames: int = 0
    then: Callable[[Lane], None] | None = None

    def listen(self) -> None:
        """Count from now on."""
        self.wire.garble("up", sys.maxsize, self._passes)

    def mend(self) -> None:
        """The line is as it should be."""
        self.then = None
        self.line.resume()

    def _passes(self, chunk: bytes) -> bytes:
        if found := self.count(chunk):
            self.frames += found
            if self.then is not None:
                befalls, self.then = self.then, None
                befalls(self)
        return chunk


@dataclass
class PlantLine(Rig):
    """A project of two setpoints on the demo plant. ``program`` runs its engine, the real one unless said."""

    lanes: tuple[Lane, ...] = ()
    program: Sequence[str] = field(default_factory=list[str])

    async def start(self) -> None:
        """A new engine, and good values from both servers."""
        self.process = await off(start_engine, self.folder) if not self.program else await off(self._begin)
        await off(self._see_good)

    def _begin(self) -> subprocess.Popen[str]:
        process = subprocess.Popen([*self.program, str(self.folder)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline(), "the engine starts"
        return process


def opcua_writes(chunk: bytes) -> int:
    """Write requests in what a client sends in the clear."""
    return chunk.count(WRITE_REQUEST)


def modbus_writes(chunk: bytes) -> int:
    """The same of Modbus, frame by frame."""
    found = 0
    while len(chunk) > HEAD:
        found += chunk[HEAD] in WRITES
        chunk = chunk[6 + int.from_bytes(chunk[4:6], "big") :]
    return found


@contextlib.asynccontextmanager
async def plant_line(
    folder: Path, deadline_s: float = 1.5, classes: tuple[str, str] = ("normal", "normal")
) -> AsyncGenerator[PlantLine]:
    """The plant, its people in stage control, and an engine at work; all stopped at the end."""
    async with contextlib.AsyncExitStack() as stack:
        plant = stack.enter_context(demo_plant(folder / "plant", name="framing"))
        ports = plant.ports["plc-1"], plant.ports["utilities"]
        lines = [await stack.enter_async_context(FaultProxy(port)) for port in ports]
        wires = [await stack.enter_async_context(FaultProxy(line.port)) for line in lines]
        lift = partial(opcua_value, ports[0], LIFT_NODE)
        air = partial(modbus_float, ports[1], AIR_REGISTER, swapped=True)
        made = PlantLine(
            folder / "line", plc=None, modbus=None,  # pyright: ignore[reportArgumentType]
            lanes=(
                Lane(LIFT, wires[0], lines[0], lift, opcua_writes, (8.0, 9.0, 10.0, 11.0, 12.0), 50.0),
                Lane(AIR, wires[1], lines[1], air, modbus_writes, (5.6, 5.9, 6.2, 6.5, 6.8), 9.5),
            ),
        )  # fmt: skip
        _project(made, deadline_s, classes)
        for lane in made.lanes:
            lane.listen()
        await made.start()
        try:
            await off(operated, made.folder)
            yield made
        finally:
            for lane in made.lanes:
                lane.mend()
            await off(stop, made.process)


def _project(made: PlantLine, deadline_s: float, classes: tuple[str, str]) -> None:
    lift, air = made.lanes
    made.folder.mkdir(parents=True)
    sources = [
        ("plc-1", "opcua", f"opc.tcp://127.0.0.1:{lift.wire.port}"),
        ("utilities", "modbus", f"tcp://127.0.0.1:{air.wire.port}"),
    ]
    (made.folder / "plant.toml").write_text(
        '[plant]\nname = "Faults"\n[security]\nsecond_after_days = 0\n'
        + "".join(
            f'[[sources]]\nid = "{id}"\ndriver = "{driver}"\nendpoint = "{endpoint}"\n'
            'security = "none"\nunsecured_writes = true\n'
            for id, driver, endpoint in sources
        )
    )
    (made.folder / "tags.csv").write_text(
        "path,source,address,low,high,rate\n"
        f"{LIFT},plc-1,{LIFT_NODE},0,100,10\n{AIR},utilities,holding:{AIR_REGISTER}:float32:swap,0,100,10\n"
    )
    (made.folder / "writes.csv").write_text(
        "tag,class,low,high,tolerance,deadline_s\n"
        + "".join(
            f"{lane.path},{of_class},0,100,{TOLERANCE},{deadline_s}\n"
            for lane, of_class in zip(made.lanes, classes, strict=True)
        )
    )
