"""Carrying out one fault: break a line, keep it broken, mend it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping

from engine.testing.soak.rig import Line
from engine.testing.soak.schedule import Kind

Fault = Callable[[Line, random.Random, float], Awaitable[None]]
SLOW_BYTES_S = 8000.0
"""64 kbit/s."""
SLOW_DELAY_S = 0.5
CHUNKS = 3


async def _freeze(line: Line, luck: random.Random, seconds: float) -> None:
    line.freeze()
    try:
        await asyncio.sleep(seconds)
    finally:
        line.thaw()


async def _killed(line: Line, luck: random.Random, seconds: float) -> None:
    await asyncio.to_thread(line.kill)
    await asyncio.sleep(seconds)
    await line.start()


async def _stall(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.stall(keep_ends=luck.random() < 0.5)
    await _then_mended(line, seconds)


async def _half_open(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.stall(luck.choice(("up", "down")), keep_ends=luck.random() < 0.5)
    await _then_mended(line, seconds)


async def _hold(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.hold(luck.choice(("up", "down", "both")))
    await _then_mended(line, seconds)


async def _slow_line(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.drip(SLOW_BYTES_S, SLOW_DELAY_S)
    await _then_mended(line, seconds)


async def _reset(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.cut()
    await asyncio.sleep(seconds)
    line.proxy.cut()


async def _refuse(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.refuse()
    line.proxy.cut()
    try:
        await asyncio.sleep(seconds)
    finally:
        await line.proxy.listen()


async def _truncate(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.truncate(luck.choice(("up", "down")))
    await _then_mended(line, seconds)


async def _duplicate(line: Line, luck: random.Random, seconds: float) -> None:
    line.proxy.duplicate(luck.choice(("up", "down")), CHUNKS)
    await _then_mended(line, seconds)


async def _then_mended(line: Line, seconds: float) -> None:
    try:
        await asyncio.sleep(seconds)
    finally:
        line.proxy.resume()


FAULTS: Mapping[Kind, Fault] = {
    "freeze": _freeze,
    "server killed": _killed,
    "stall": _stall,
    "half-open": _half_open,
    "hold": _hold,
    "slow line": _slow_line,
    "reset": _reset,
    "refuse": _refuse,
    "truncate": _truncate,
    "duplicate": _duplicate,
}
"""The faults of a line by name."""
