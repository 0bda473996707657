"""A PLC that runs the sample of the handshake in every scan, on the memory of a Modbus or OPC UA server."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from asyncua import ua

from engine import paths
from engine.clock import SystemClock
from engine.testing.small_plc import EPOCH
from tests.engine.drivers.modbus.writable import WritableDevice
from tests.engine.drivers.opcua.writable import SPACE, WritablePlc, node
from tests.peers.structured_text import Block, Program

SAMPLE = paths.resources() / "plc" / "watchroom_write.st"
SCAN_S = 0.01
LOW, HIGH = 0.0, 250.0
KINDS = {
    "Value": "f", "Expiry": "I", "Check": "H", "Number": "I", "Clock": "I", "Ack": "I", "Answer": "H",
    "Repeats": "H", "Setpoint": "f",
}  # fmt: skip
"""What lies in the memory, in this order, as struct calls it."""
WRITTEN, SHOWN = ("Value", "Expiry", "Check", "Number"), ("Clock", "Answer", "Ack", "Repeats", "Setpoint")
TYPES = {"f": "float32", "I": "uint32", "H": "uint16"}
VARIANTS = {"f": ua.VariantType.Float, "I": ua.VariantType.UInt32, "H": ua.VariantType.UInt16}
VARIABLES: dict[str, tuple[ua.VariantType, Any]] = {name: (VARIANTS[kind], 0) for name, kind in KINDS.items()}


def block() -> Block:
    """A new instance of the block that is shipped."""
    return Program(SAMPLE.read_text(encoding="utf-8")).block("FB_WatchroomWrite")


class Memory(Protocol):
    """What clients read and write."""

    def get(self, name: str) -> Any: ...
    async def put(self, name: str, value: Any) -> None: ...
    def address(self, name: str) -> str: ...


@dataclass
class Registers:
    """Holding registers from ``start`` on."""

    device: WritableDevice
    start: int = 100

    def place(self, name: str) -> int:
        before = list(KINDS.values())[: list(KINDS).index(name)]
        return self.start + sum(struct.calcsize(f">{kind}") // 2 for kind in before)

    def get(self, name: str) -> Any:
        return self.device.number(KINDS[name], self.place(name))

    async def put(self, name: str, value: Any) -> None:
        data = struct.pack(f">{KINDS[name]}", value)
        for k in range(0, len(data), 2):
            self.device.words[self.place(name) + k // 2] = int.from_bytes(data[k : k + 2], "big")

    def address(self, name: str) -> str:
        return f"holding:{self.place(name)}:{TYPES[KINDS[name]]}"


@dataclass
class Variables:
    """Variables of an OPC UA server, made from ``VARIABLES``."""

    plc: WritablePlc

    def get(self, name: str) -> Any:
        found = self.plc.server.iserver.aspace.read_attribute_value(node(name), ua.AttributeIds.Value)
        assert found.Value is not None
        return found.Value.Value

    async def put(self, name: str, value: Any) -> None:
        if self.get(name) != value:
            make: Any = ua.DataValue
            time = EPOCH + timedelta(microseconds=SystemClock().now_us())
            one = make(ua.Variant(value, VARIANTS[KINDS[name]]), SourceTimestamp=time)
            await self.plc.server.write_attribute_value(node(name), one)

    def address(self, name: str) -> str:
        return f"nsu={SPACE};s={name}"


@dataclass
class HandshakePlc:
    """``taken`` = every value that the setpoint got, ``answers`` = every number with its answer. ``runs``
    False = the PLC is stopped. Its clock wraps ``wraps_ms`` after it was started.
    """

    memory: Memory
    wraps_ms: int = 5_000
    block: Block = field(default_factory=block)
    taken: list[float] = field(default_factory=list[float])
    answers: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    runs: bool = True
    is_allowed: bool = True
    began_us: int = field(default_factory=SystemClock().mono_us)

    @property
    def now_ms(self) -> int:
        """Its clock."""
        return ((SystemClock().mono_us() - self.began_us) // 1000 - self.wraps_ms) % 2**32

    @property
    def repeats(self) -> int:
        """Commands that came twice or out of order."""
        return self.block["Repeats"]

    async def scan(self) -> None:
        """One scan: what was written goes in, what came of it is shown."""
        one, before = self.block, self.block["Ack"]
        given = {name: self.memory.get(name) for name in WRITTEN}
        one(NowMs=self.now_ms, Low=LOW, High=HIGH, IsAllowed=self.is_allowed, **given)
        if one["Number"] != given["Number"]:
            await self.memory.put("Number", one["Number"])
        if one["Ack"] != before:
            self.answers.append((one["Ack"], one["Answer"]))
            self.taken += [one["Setpoint"]] if one["Answer"] == 1 else []
        for name in SHOWN:
            await self.memory.put(name, one[name])


@contextlib.asynccontextmanager
async def scanning(memory: Memory) -> AsyncGenerator[HandshakePlc]:
    """The PLC at work."""
    plc = HandshakePlc(memory)
    await plc.scan()

    async def scans() -> None:
        while True:
            await asyncio.sleep(SCAN_S)
            if plc.runs:
                await plc.scan()

    task = asyncio.create_task(scans())
    try:
        yield plc
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
