"""Everything that can go wrong between the engine and a device, by name, each with its way back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from engine.testing.fault_proxy import FaultProxy
from tests.faults.plants import Server

OPCUA_HEADER = 24
"""Message header, channel, token and sequence header of an OPC UA chunk (OPC 10000-6, 6.7.2)."""
MODBUS_HEADER = 8
"""MBAP header and function code."""
AUDIT_S = 6.0


@dataclass
class Line:
    """A server, the proxy before it, and the ids of the sources that read it through that."""

    name: str
    server: Server
    proxy: FaultProxy
    sources: tuple[str, ...]
    signed: bool = False
    swapped: bool = False

    @property
    def is_opcua(self) -> bool:
        return "opcua" in self.server.words[0]

    async def restart(self, *more: str) -> None:
        """A new server process; who connects to the proxy reaches it."""
        self.proxy.target_port = await asyncio.to_thread(self.server.start, *more)

    async def order(self, do: str, **what: object) -> None:
        await asyncio.to_thread(lambda: self.server.order(do, **what))


Fault = Callable[[Line, random.Random, float], Awaitable[None]]
"""Break a line, keep it broken for so many seconds, and mend it."""


async def stall(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.stall(keep_ends=luck.random() < 0.5)
    await asyncio.sleep(seconds)
    line.proxy.resume()


async def half_open(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.stall(luck.choice(("up", "down")), keep_ends=luck.random() < 0.5)
    await asyncio.sleep(seconds)
    line.proxy.resume()


async def reset(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.cut()
    await asyncio.sleep(seconds)
    line.proxy.cut()


async def refuse(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.refuse()
    line.proxy.cut()
    await asyncio.sleep(seconds)
    await line.proxy.listen()


async def drip(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.drip(8000, delay_s=0.3)
    await asyncio.sleep(seconds)
    line.proxy.resume()


async def truncate(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.truncate(luck.choice(("up", "down")))
    await asyncio.sleep(seconds)
    line.proxy.resume()


async def duplicate(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.duplicate(luck.choice(("up", "down")), chunks=5)
    await asyncio.sleep(seconds)
    line.proxy.resume()


async def garble(line: Line, luck: random.Random, seconds: float) -> None:
    """One bit pattern in one byte of some answers; where nothing signs the bytes, in their headers only."""
    line.proxy.garble("down", chunks=3, change=lambda chunk: garbled(line, luck, chunk))
    await asyncio.sleep(seconds)
    line.proxy.resume()


def garbled(line: Line, luck: random.Random, chunk: bytes) -> bytes:
    """The chunk with one byte changed."""
    header = len(chunk) if line.signed else OPCUA_HEADER if line.is_opcua else MODBUS_HEADER
    at = luck.randrange(min(header, len(chunk)))
    return chunk[:at] + bytes([chunk[at] ^ luck.randrange(1, 256)]) + chunk[at + 1 :]


async def hold(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.hold(luck.choice(("up", "down", "both")))
    await asyncio.sleep(seconds)
    line.proxy.resume()


async def finish(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.finish(luck.choice(("up", "down")))
    await asyncio.sleep(seconds)
    line.proxy.cut()


async def kill(line: Line, luck: random.Random, seconds: float) -> None:
    await asyncio.to_thread(line.server.kill)
    await asyncio.sleep(seconds)
    await line.restart(*(["--swapped", str(int(line.swapped))] if line.is_opcua else []))


async def freeze(line: Line, luck: random.Random, seconds: float) -> None:
    line.server.freeze()
    try:
        await asyncio.sleep(seconds)
    finally:
        line.server.thaw()


async def storm(line: Line, luck: random.Random, seconds: float) -> None:
    await line.order("storm", share=0.5)
    await asyncio.sleep(seconds)
    await line.order("storm", share=0.0)


async def swap(line: Line, luck: random.Random, seconds: float) -> None:
    """The server comes back with its namespaces in another order."""
    line.swapped = not line.swapped
    await kill(line, luck, seconds)


async def remove(line: Line, luck: random.Random, seconds: float) -> None:
    """A node goes and comes back. This server tells nobody: the driver asks for each node every 5 s."""
    await line.order("remove", name="P1")
    await asyncio.sleep(AUDIT_S + seconds)
    await line.order("add", name="P1")


async def deaf_unit(line: Line, luck: random.Random, seconds: float) -> None:
    await line.order("deaf", units=[luck.choice((1, 2))])
    await asyncio.sleep(seconds)
    await line.order("deaf", units=[])


EITHER: dict[str, Fault] = {
    "stall": stall,
    "half-open": half_open,
    "reset": reset,
    "refuse": refuse,
    "drip": drip,
    "truncate": truncate,
    "duplicate": duplicate,
    "garble": garble,
    "hold": hold,
    "finish": finish,
    "kill": kill,
    "freeze": freeze,
    "storm": storm,
}
OPCUA_ONLY: dict[str, Fault] = {"swap": swap, "remove": remove}
MODBUS_ONLY: dict[str, Fault] = {"deaf unit": deaf_unit}


def faults_of(line: Line) -> dict[str, Fault]:
    """The faults that a line knows, by name."""
    return EITHER | (OPCUA_ONLY if line.is_opcua else MODBUS_ONLY)
