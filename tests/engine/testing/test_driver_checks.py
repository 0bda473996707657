"""The contract checks pass an honest driver and find out each way of breaking a promise."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from engine.drivers.driver import Context, Driver, NotReady
from engine.testing import driver_bench
from engine.testing import driver_checks as checks
from engine.testing.driver_checks import CHECKS, Check, check_driver
from engine.types import Batch, Source, Status, Tag

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]
POLL_S = 0.1
ANSWER_S = 0.5


class LineRig:
    """A device that answers ``name`` with its number, one a line."""

    def __init__(self) -> None:
        self.tags = (Tag(1, "A/x", "dev", "x"), Tag(2, "A/y", "dev", "y"))
        self.unknown = Tag(9, "A/z", "dev", "z")
        self.real = self.tags[1]
        self.values = {"x": 0.5, "y": 0.5}
        self.server: asyncio.Server | None = None
        self.talks: set[asyncio.Task[Any]] = set()

    def source(self, port: int) -> Source:
        return Source("dev", "line", f"line://127.0.0.1:{port}")

    async def start(self) -> int:
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return int(self.server.sockets[0].getsockname()[1])

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.talks.add(task)
        try:
            while line := await reader.readline():
                value = self.values.get(line.decode().strip())
                writer.write(b"unknown\n" if value is None else f"{value!r}\n".encode())
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self.talks.discard(task)
            writer.transport.abort()

    async def stop(self) -> None:
        assert self.server is not None
        self.server.close()
        for talk in tuple(self.talks):
            talk.cancel()
        await asyncio.gather(*self.talks, return_exceptions=True)

    async def set(self, tag: Tag, value: float) -> None:
        self.values[tag.address] = value


@dataclass
class Habits:
    """How a driver of the line protocol behaves; the defaults keep the contract."""

    connects_first: bool = True
    connects_once: bool = True
    tells_period: bool = True
    says_why: bool = True
    says_do: bool = True
    repeats_unchanged: bool = True
    waits_s: float | None = ANSWER_S
    dtype: type = np.float64
    nan_as: float = math.nan
    unknown_as: float | None = None
    stops_slowly: bool = False
    closes: bool = True
    haunts: bool = False
    retries: bool = True
    ghosts: set[asyncio.Task[None]] = field(default_factory=set)
    open: list[asyncio.StreamWriter] = field(default_factory=list)

    async def run(self, context: Context) -> None:
        host, port = context.source.endpoint.removeprefix("line://").split(":")
        try:
            async with self.joined(host, int(port)) as (reader, writer):
                await self.poll(context, reader, writer)
        except asyncio.CancelledError:
            if self.haunts:
                self.ghosts.add(asyncio.create_task(self.report_on(context)))
            if self.stops_slowly:
                task = asyncio.current_task()
                assert task is not None
                self.ghosts.add(task)
                await asyncio.sleep(6)
            raise
        except (OSError, EOFError, TimeoutError) as error:
            do = "check power and cable" if self.says_do else ""
            raise NotReady(f"{host}:{port} does not answer ({error})", do) from None

    @asynccontextmanager
    async def joined(
        self, host: str, port: int
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            yield reader, writer
        finally:
            if self.closes:
                writer.transport.abort()
            else:
                self.open.append(writer)
            await asyncio.sleep(0)

    async def poll(
        self, context: Context, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        sink, told, last = context.sink, set[int](), dict[int, float]()
        connected = not self.connects_first
        ids = np.array([tag.tag_id for tag in context.tags], np.int32)
        while True:
            for tag in context.tags:
                writer.write(f"{tag.address}\n".encode())
                async with asyncio.timeout(self.waits_s):
                    line = await reader.readline()
                if not line:
                    raise EOFError("it closed the connection")
                if not connected:
                    connected = self.connects_once
                    sink.connected("none")
                    if self.tells_period:
                        sink.period(ids, POLL_S)
                one = np.array([tag.tag_id], np.int32)
                if line == b"unknown\n" and self.unknown_as is None:
                    if tag.tag_id not in told:
                        why = "the device has no such name" if self.says_why else ""
                        sink.mark(one, Status.CONFIGURATION_ERROR, why)
                        told.add(tag.tag_id)
                    continue
                value = float(line) if line != b"unknown\n" else self.unknown_as
                assert value is not None
                value = value if math.isfinite(value) else self.nan_as
                if self.repeats_unchanged or last.get(tag.tag_id) != value:
                    sink.batch(self.batch(context, one, value))
                last[tag.tag_id] = value
            await context.clock.sleep(POLL_S)

    def batch(self, context: Context, tags: Any, value: float) -> Batch:
        now = np.array([context.clock.now_us()], np.int64)
        return Batch(0, tags, now, now, np.array([[value]], self.dtype), np.zeros(1, np.uint32))

    async def report_on(self, context: Context) -> None:
        for _ in range(10):
            context.sink.alive(np.array([1], np.int32))
            await asyncio.sleep(0.1)


def driver(habits: Habits) -> Driver:
    async def browse(context: Context, node: str) -> list[Any]:
        return []

    return Driver(
        "line",
        lambda s: () if s.endpoint.startswith("line://") else ("the endpoint begins with line://",),
        lambda a: () if a in ("x", "y", "z") else ("an address is one letter, x to z",),
        lambda a: "float64",
        lambda: None,
        habits.run,
        browse,
    )


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_honest_driver_passes(check: Check) -> None:
    await check(driver(Habits()), LineRig())


BROKEN: list[tuple[Check, Habits, str]] = [
    (checks.values_arrive_with_quality, Habits(connects_first=False), "before connected"),
    (checks.values_arrive_with_quality, Habits(connects_once=False), "times in one run"),
    (checks.values_arrive_with_quality, Habits(tells_period=False), "period"),
    (checks.changed_value_arrives, Habits(dtype=np.float32), "float32"),
    (checks.unchanged_value_is_proven_current, Habits(repeats_unchanged=False), "proven current"),
    (checks.not_a_number_is_bad, Habits(nan_as=0.0), "is bad"),
    (checks.unknown_address_harms_no_other, Habits(says_why=False), "why"),
    (checks.unknown_address_harms_no_other, Habits(unknown_as=0.0), "it is bad"),
    (checks.refused_connection_is_not_ready, Habits(says_do=False), "what to do"),
    (checks.broken_link_ends_the_run, Habits(says_do=False), "what to do"),
    (checks.mute_device_is_not_ready, Habits(waits_s=None), "goes on"),
    (checks.silent_link_is_found, Habits(waits_s=None), "silent link"),
    (checks.recovers_by_itself, Habits(waits_s=None), "silent link"),
    (checks.cancel_leaves_nothing_behind, Habits(stops_slowly=True), "after the cancel"),
    (checks.cancel_leaves_nothing_behind, Habits(closes=False), "every connection is closed"),
    (checks.nothing_is_reported_after_the_end, Habits(haunts=True), "after its end"),
]


@pytest.mark.parametrize(
    ("check", "habits", "words"), BROKEN, ids=[f"{c.__name__}-{words}" for c, _, words in BROKEN]
)
async def test_broken_promise_is_found(
    check: Check, habits: Habits, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (checks, driver_bench):
        monkeypatch.setattr(module, "PATIENCE_S", 4.0)
    try:
        with pytest.raises(AssertionError, match=words):
            await check(driver(habits), LineRig())
    finally:
        for writer in habits.open:
            writer.transport.abort()
        for ghost in habits.ghosts:
            ghost.cancel()
        await asyncio.gather(*habits.ghosts, return_exceptions=True)
        await asyncio.sleep(0)


async def test_nonsense_address_must_be_judged() -> None:
    careless = replace(driver(Habits()), check_address=lambda address: ())
    with pytest.raises(AssertionError, match="must be found wrong"):
        await check_driver(careless, LineRig())
