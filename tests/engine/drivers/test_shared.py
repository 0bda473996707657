from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from engine.drivers.shared import Shared
from tests.engine.drivers.recording import until


@dataclass
class Plug:
    """Counts openings and closings; opening waits for ``go`` and fails while ``broken``."""

    opened: int = 0
    closed: int = 0
    broken: bool = False
    go: asyncio.Event = field(default_factory=asyncio.Event)

    @contextlib.asynccontextmanager
    async def __call__(self) -> AsyncIterator[int]:
        await self.go.wait()
        if self.broken:
            raise ConnectionRefusedError("nobody there")
        self.opened += 1
        try:
            yield self.opened
        finally:
            await asyncio.sleep(0)
            self.closed += 1


@dataclass
class Holder:
    """Holds the thing until it is told to leave."""

    shared: Shared
    plug: Plug
    got: int = 0
    leave: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> None:
        async with self.shared.hold("plc:502", self.plug) as self.got:
            await self.leave.wait()


async def test_all_who_hold_a_key_get_the_same_thing_and_the_last_one_closes_it() -> None:
    shared, plug = Shared(), Plug()
    holders = [Holder(shared, plug) for _ in range(3)]
    tasks = [asyncio.create_task(holder()) for holder in holders]
    plug.go.set()
    await until(lambda: all(holder.got == 1 for holder in holders))
    for holder, task in zip(holders, tasks, strict=True):
        assert (plug.opened, plug.closed) == (1, 0)
        holder.leave.set()
        await task
    assert plug.closed == 1
    assert shared.opened("plc:502") is None


async def test_a_failure_to_open_reaches_everybody_who_waits_and_the_next_one_tries_anew() -> None:
    shared, plug = Shared(), Plug(broken=True)
    tasks = [asyncio.create_task(Holder(shared, plug)()) for _ in range(2)]
    await asyncio.sleep(0)
    plug.go.set()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(result, ConnectionRefusedError)
    plug.broken = False
    async with shared.hold("plc:502", plug) as thing:
        assert thing == 1


async def test_a_cancelled_holder_takes_nothing_from_the_others() -> None:
    shared, plug = Shared(), Plug()
    first, second = Holder(shared, plug), Holder(shared, plug)
    tasks = [asyncio.create_task(first()), asyncio.create_task(second())]
    await asyncio.sleep(0)
    tasks[0].cancel()
    await asyncio.wait([tasks[0]])
    assert tasks[0].cancelled()
    plug.go.set()
    await until(lambda: second.got == 1)
    second.leave.set()
    await tasks[1]
    assert (plug.opened, plug.closed) == (1, 1)


async def test_opening_is_given_up_when_nobody_waits_for_it_any_more() -> None:
    shared, plug = Shared(), Plug()
    task = asyncio.create_task(Holder(shared, plug)())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    plug.go.set()
    async with shared.hold("plc:502", plug) as thing:
        assert thing == 1


async def test_who_comes_after_a_drop_gets_a_new_thing_while_the_old_one_is_left() -> None:
    shared, plug = Shared(), Plug()
    plug.go.set()
    old, new = Holder(shared, plug), Holder(shared, plug)
    first = asyncio.create_task(old())
    await until(lambda: old.got == 1)
    shared.drop("plc:502", 1)
    second = asyncio.create_task(new())
    await until(lambda: new.got == 2)
    shared.drop("plc:502", 1)  # told late by somebody else: the new thing stays
    assert shared.opened("plc:502") == 2
    old.leave.set()
    await first
    assert plug.closed == 1
    new.leave.set()
    await second
    assert plug.closed == 2


async def test_an_error_in_the_body_closes_the_thing_and_comes_out_unchanged() -> None:
    shared, plug = Shared(), Plug()
    plug.go.set()
    with pytest.raises(KeyError):
        async with shared.hold("plc:502", plug):
            raise KeyError("mine")
    assert plug.closed == 1
