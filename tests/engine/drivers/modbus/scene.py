"""Polling in a time that the test owns, against a device that is a plain object."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.drivers.modbus.address import Table
from engine.drivers.modbus.blocks import Limits
from engine.drivers.modbus.endpoint import Endpoint, TcpPlace
from engine.drivers.modbus.memory import UnitMemory
from engine.drivers.modbus.poll import Poll, poll_device
from engine.drivers.modbus.scan import read_tags
from engine.drivers.modbus.wire import ExceptionReply
from engine.types import Tag
from tests.engine.drivers.recording import FakeClock, RecordingSink, context

ENOUGH = 1000


class Over(Exception):
    """The scene has been played."""


@dataclass
class FakeDevice:
    """Register n holds n, unless ``missing`` or ``failing``; an answer takes ``answer_us``."""

    clock: FakeClock
    until_us: int
    missing: set[int] = field(default_factory=set)
    longest: int = 125
    failing: int = 0
    answer_us: int = 1_000
    asked: list[tuple[int, Table, int, int]] = field(default_factory=list)
    on_ask: Callable[[int], None] = lambda now_us: None

    async def read(self, table: Table, start: int, count: int) -> NDArray[np.uint16]:
        await asyncio.sleep(0)
        self.on_ask(self.clock.now)
        if self.clock.now >= self.until_us or len(self.asked) >= ENOUGH:
            raise Over
        self.asked.append((self.clock.now, table, start, count))
        self.clock.now += self.answer_us
        if self.failing:
            raise ExceptionReply(self.failing)
        if count > self.longest:
            raise ExceptionReply(3)
        if self.missing & set(range(start, start + count)):
            raise ExceptionReply(2)
        return np.arange(start, start + count, dtype=np.uint16)

    def starts(self, start: int) -> list[int]:
        """Milliseconds at which a block from ``start`` was asked for."""
        return [(at - 1_000_000_000) // 1000 for at, _, first, _ in self.asked if first == start]


@dataclass
class Scene:
    sink: RecordingSink
    clock: FakeClock
    device: FakeDevice
    poll: Poll

    async def play(self) -> None:
        with pytest.raises(Over):
            await poll_device(self.poll)


def scene(
    tags: list[Tag], seconds: float, memory: UnitMemory | None = None, limits: Limits | None = None
) -> Scene:
    clock, sink = FakeClock(), RecordingSink()
    device = FakeDevice(clock, clock.now + round(seconds * 1e6))
    endpoint = Endpoint(TcpPlace("plc", 502), 7)
    poll = Poll(
        context("tcp://plc:502?unit=7", tags, sink, clock),
        endpoint,
        device,
        read_tags(tags),
        limits or Limits(),
        memory or UnitMemory(),
    )
    return Scene(sink, clock, device, poll)


def tag(tag_id: int, address: str, rate: float = 1.0) -> Tag:
    return Tag(tag_id, f"A/{tag_id}", "plc", address, rate=rate)
