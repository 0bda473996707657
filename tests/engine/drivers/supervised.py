"""One source under its real supervisor, on a clock that a test moves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

from engine.drivers.driver import Context, Driver
from engine.drivers.link import Link
from engine.drivers.supervisor import supervise
from engine.types import Batch, SourceStateName, Tag
from tests.engine.drivers.recording import FakeClock, RecordingSink, context

TAGS = [Tag(1, "A/One", "plc", "holding:0"), Tag(2, "A/Two", "plc", "holding:1")]


@dataclass
class HeldClock(FakeClock):
    """A clock whose sleeps end only when the test lets them."""

    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.go.wait()
        self.go.clear()
        self.now += round(seconds * 1e6)


@dataclass
class Scene:
    """One supervised source, with everything it did."""

    link: Link
    sink: RecordingSink
    clock: FakeClock
    states: list[SourceStateName]
    task: asyncio.Task[None]


def driver(run: Callable[[Context], Awaitable[None]]) -> Driver:
    async def browse(context: Context, node: str) -> list[object]:
        raise AssertionError

    return Driver("fake", lambda s: (), lambda a: (), lambda a: "", lambda: None, run, browse)


@asynccontextmanager
async def supervised(
    run: Callable[[Context], Awaitable[None]], clock: FakeClock | None = None
) -> AsyncIterator[Scene]:
    clock = clock or HeldClock()
    sink = RecordingSink()
    link = Link()
    states: list[SourceStateName] = []
    task = asyncio.create_task(
        supervise(
            context("tcp://plc", TAGS, sink, clock), driver(run), link, states.append, lambda low, high: high
        )
    )
    try:
        yield Scene(link, sink, clock, states, task)
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=5)
        assert task.done()


def batch(clock: FakeClock, rows: int = 1) -> Batch:
    time_us = np.full(rows, clock.now_us(), dtype=np.int64)
    return Batch(
        7, np.array([1, 2], np.int32), time_us, time_us, np.ones((rows, 2)), np.zeros(2, dtype=np.uint32)
    )


async def forever(run_context: Context) -> None:
    run_context.sink.connected("none")
    await asyncio.Event().wait()
