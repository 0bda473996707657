"""A driver at work on a real device behind a proxy: what the checks of the contract stand on."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from engine.clock import SystemClock
from engine.drivers.driver import Context, Driver, NotReady
from engine.drivers.link import Link
from engine.drivers.supervisor import supervise
from engine.testing.fault_proxy import FaultProxy
from engine.testing.recording import Recording
from engine.types import Source, Tag

STOP_S = 2.0
"""A driver stops within this time of a cancel."""
SLACK_S = 3.0
"""What a busy machine may add to a promise."""
PATIENCE_S = 30.0


class Rig(Protocol):
    """A device for the checks: started and stopped, read through a port of ours, set from aside.

    ``tags`` are two or more number tags of the device that hold still unless set. ``unknown`` is a tag
    whose address is well formed, but not on the device. ``real`` is one of ``tags`` that can hold NaN,
    or None where the protocol has no such numbers.
    """

    @property
    def tags(self) -> tuple[Tag, ...]: ...
    @property
    def unknown(self) -> Tag: ...
    @property
    def real(self) -> Tag | None: ...

    def source(self, port: int) -> Source:
        """The source entry that reads the device through 127.0.0.1:``port``."""
        ...

    async def start(self) -> int:
        """Start the device, again after ``stop``; the port it listens on."""
        ...

    async def stop(self) -> None:
        """End the device at once."""
        ...

    async def set(self, tag: Tag, value: float) -> None:
        """Give a tag's value on the device."""
        ...


@dataclass(frozen=True, slots=True)
class Bench:
    """A device behind a proxy, what a driver needs to read it, and what it has reported."""

    rig: Rig
    proxy: FaultProxy
    context: Context
    seen: Recording

    @property
    def ids(self) -> list[int]:
        """Tag ids of the rig."""
        return [tag.tag_id for tag in self.rig.tags]

    def all_good(self) -> bool:
        """Whether each tag of the rig shows a good value."""
        return all(self.seen.good(tag) for tag in self.ids)

    def none_good(self) -> bool:
        """Whether no tag of the rig does."""
        return not any(self.seen.good(tag) for tag in self.ids)


@contextlib.asynccontextmanager
async def bench_of(rig: Rig, *more: Tag) -> AsyncGenerator[Bench]:
    """The rig's device started, behind a proxy; ``more`` tags are asked for beside the rig's own."""
    with tempfile.TemporaryDirectory(prefix="driver-checks-") as folder:
        port = await rig.start()
        try:
            async with FaultProxy(port) as proxy:
                tags = (*rig.tags, *more)
                seen = Recording(frozenset(tag.tag_id for tag in tags))
                context = Context(rig.source(proxy.port), tags, seen, SystemClock(), Path(folder))
                try:
                    yield Bench(rig, proxy, context, seen)
                finally:  # what a driver reports wrongly explains what is missing
                    assert not seen.faults, "; ".join(dict.fromkeys(seen.faults))
        finally:
            await rig.stop()


@contextlib.asynccontextmanager
async def running(driver: Driver, bench: Bench) -> AsyncGenerator[asyncio.Task[None]]:
    """One run of the driver, connected and with every tag of the rig good."""
    run = asyncio.ensure_future(driver.run(bench.context))
    try:
        await until(bench.all_good, PATIENCE_S, "every tag of the device is good", run)
        yield run
    finally:
        await cancelled(run)


@contextlib.asynccontextmanager
async def supervised(driver: Driver, bench: Bench) -> AsyncGenerator[Link]:
    """The driver under its supervisor, every tag good."""
    link = Link()
    task = asyncio.ensure_future(supervise(bench.context, driver, link))
    try:
        await until(bench.all_good, PATIENCE_S, "every tag of the device is good", task)
        yield link
    finally:
        await cancelled(task)


async def ended(run: asyncio.Future[None]) -> BaseException | None:
    """The error a run ends with, awaited as long as a connect may take."""
    await asyncio.wait({run}, timeout=PATIENCE_S)
    assert run.done(), f"the run goes on {PATIENCE_S:g} s after the link broke"
    return run.exception()


def explained(error: BaseException | None) -> None:
    """Check that an error is a ``NotReady`` in words for a person."""
    assert isinstance(error, NotReady), f"a broken link is NotReady, not {error!r}"
    assert error.what, "NotReady must say what happened"
    assert error.do, f"NotReady must say what to do about it: {error.what}"
    assert not error.what.endswith(".") and not error.do.endswith("."), f"no full stop at the end: {error}"


async def cancel_once(driver: Driver, bench: Bench, after_s: float) -> None:
    """Run the driver for a moment and stop it."""
    run = asyncio.ensure_future(driver.run(bench.context))
    await asyncio.wait({run}, timeout=after_s)
    await cancelled(run)
    if not run.cancelled():
        assert isinstance(run.exception(), NotReady), f"a cancel ended as {run.exception()!r}"


async def cancelled(task: asyncio.Future[None]) -> None:
    """Cancel a run; it must have stopped in time."""
    task.cancel()
    await asyncio.wait({task}, timeout=STOP_S + SLACK_S)
    assert task.done(), f"still running {STOP_S + SLACK_S:g} s after the cancel"
    if not task.cancelled():
        task.exception()


def foreign_tasks(ours: set[asyncio.Task[None] | None]) -> list[asyncio.Task[None]]:
    """Tasks of this loop that are not among ``ours``."""
    return [task for task in asyncio.all_tasks() if task not in ours]


def open_sockets(port: int) -> list[str]:
    """Connections of this process to a port that are still open."""
    connections = psutil.Process().net_connections("tcp")
    return [c.status for c in connections if c.raddr and c.raddr.port == port and c.fd >= 0]


async def until(
    fact: Callable[[], object], seconds: float, what: str, run: asyncio.Future[None] | None = None
) -> None:
    """Wait for a fact. Raises ``AssertionError`` when time is up, or the error of a ``run`` that ends."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not fact():
        if run is not None and run.done():
            run.result()
        assert loop.time() < deadline, f"not within {seconds:g} s: {what}"
        await asyncio.sleep(0.01)
