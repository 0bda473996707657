"""One supervised source in the test's own loop, and its samples held to the rule."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.clock import SystemClock
from engine.drivers import modbus, opcua
from engine.drivers.driver import Context, Driver
from engine.drivers.link import Link
from engine.drivers.shared import Shared
from engine.drivers.supervisor import supervise
from engine.testing.fault_proxy import FaultProxy
from engine.testing.recording import Recording
from engine.types import SEVERITY_MASK, Source, Tag
from tests.faults.plants import LATE_MODBUS_S, SPACES, Server, modbus_server, opcua_server, until
from tests.faults.rule import age_s


@dataclass
class Watched:
    """A source at work: its link as the supervisor sees it, and what came out."""

    link: Link
    seen: Recording
    task: asyncio.Task[None]

    @property
    def tags(self) -> list[int]:
        return sorted(self.seen.known)

    def all_good(self, *but: int) -> bool:
        return all(self.seen.good(tag) for tag in self.tags if tag not in but)

    def none_good(self) -> bool:
        return not any(self.seen.good(tag) for tag in self.tags)

    def counts(self) -> dict[int, int]:
        """Samples of each tag so far."""
        return {tag: len(self.seen.samples.get(tag, ())) for tag in self.tags}

    def wrongs(self, late_s: float) -> list[str]:
        """Good samples that are not the rule's value of their tag and time, in words."""
        found: list[str] = []
        for tag, samples in self.seen.samples.items():
            for sample in samples:
                late = age_s(tag, sample.value, sample.source_us)
                good = sample.status & SEVERITY_MASK == 0
                if good and (late is None or not -0.1 <= late <= late_s):
                    found.append(f"tag {tag} shows {sample.value!r}, late by {late}")
        return found + self.seen.faults


@contextlib.asynccontextmanager
async def watched(
    driver: Driver, source: Source, tags: list[Tag], shared: Shared | None = None
) -> AsyncGenerator[Watched]:
    """The source under its supervisor; stopped at the end."""
    seen, link = Recording(frozenset(tag.tag_id for tag in tags)), Link()
    context = Context(source, tuple(tags), seen, SystemClock(), Path("unused"), shared or Shared())
    task = asyncio.create_task(supervise(context, driver, link))
    try:
        yield Watched(link, seen, task)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def opcua_source(port: int) -> Source:
    return Source("press", "opcua", f"opc.tcp://127.0.0.1:{port}", security="none")


def opcua_tags(first: int, tags: int, rate: float = 5.0) -> list[Tag]:
    """All variables of an ``opcua_server``."""
    return [
        Tag(number, f"A/T{number}", "press", f"nsu={space};s=P{k}", rate=rate)
        for part, space in enumerate(SPACES)
        for k in range(tags)
        for number in [first + tags * part + k]
    ]


def modbus_source(port: int, unit: int = 1, timeout_s: float = 0.0) -> Source:
    return Source(f"unit{unit}", "modbus", f"tcp://127.0.0.1:{port}?unit={unit}", timeout_s=timeout_s)


def modbus_tags(first: int, tags: int, rate: float = 5.0) -> list[Tag]:
    """All values of one unit of a rule device."""
    kinds = ("float64", "uint32")
    return [
        Tag(first + k, f"A/T{first + k}", "plc", f"holding:{10 * k}:{kinds[k % 2]}", rate=rate)
        for k in range(tags)
    ]


SHORT_AND_LONG = [
    pytest.param(False, id="short"),
    pytest.param(True, id="full", marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
]
"""Every long fault test has a short form for each run and its full one under ``slow``."""
ON_THE_SPOT_S = 0.0
UNDER_WAY_S = LATE_MODBUS_S
BACK_S = 20.0


@dataclass(frozen=True)
class Kind:
    """A protocol with its server by rule."""

    driver: Driver
    server: Callable[[], Server]
    source: Callable[[int], Source]
    tags: Callable[[], list[Tag]]
    late_s: float


KINDS = {
    "opcua": Kind(
        opcua.DRIVER, lambda: opcua_server(1, 3), opcua_source, lambda: opcua_tags(1, 3), ON_THE_SPOT_S
    ),
    "modbus": Kind(
        modbus.DRIVER, lambda: modbus_server({1: 1}, 6), modbus_source, lambda: modbus_tags(1, 6), UNDER_WAY_S
    ),
}


@contextlib.asynccontextmanager
async def through_a_proxy(kind: Kind, **changes: Any) -> AsyncGenerator[tuple[FaultProxy, Watched, Server]]:
    """A source read through a proxy, every tag good; at the end no value may have been wrong."""
    server = kind.server()
    try:
        async with FaultProxy(await asyncio.to_thread(server.start)) as proxy:
            source = msgspec.structs.replace(kind.source(proxy.port), **changes)
            async with watched(kind.driver, source, kind.tags()) as seen:
                await until(seen.all_good, BACK_S, "every tag is good")
                yield proxy, seen, server
            assert seen.wrongs(kind.late_s) == []
            await until(lambda: not proxy.open, 5, "every connection is closed")
    finally:
        server.kill()
