"""A sink that remembers, and a source to read with it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.clock import SystemClock
from engine.drivers.driver import Context
from engine.drivers.opcua import DRIVER
from engine.types import Batch, ConditionKey, ConditionReport, Source, Tag, TagInfo


@dataclass(frozen=True)
class Seen:
    value: float
    status: int
    source_us: int
    receive_us: int


@dataclass
class RecordingSink:
    samples: dict[int, list[Seen]] = field(default_factory=dict)
    proofs: dict[int, int] = field(default_factory=dict)
    periods: dict[int, float] = field(default_factory=dict)
    marks: dict[int, int] = field(default_factory=dict)
    infos: dict[int, TagInfo] = field(default_factory=dict)
    security: list[str] = field(default_factory=list)
    losses: list[tuple[int, str]] = field(default_factory=list)
    losses_since: list[int] = field(default_factory=list)
    whys: dict[int, str] = field(default_factory=dict)
    lates: list[Batch] = field(default_factory=list)
    notes: dict[str, tuple[str, str]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    offsets: list[float] = field(default_factory=list)
    offset_errors: list[float] = field(default_factory=list)
    reports: list[ConditionReport] = field(default_factory=list)
    lists: list[frozenset[ConditionKey] | None] = field(default_factory=list)
    held: dict[ConditionKey, ConditionReport] = field(default_factory=dict)

    def batch(self, batch: Batch) -> None:
        rows, n = batch.value.shape
        assert len(set(batch.tags.tolist())) == n == len(batch.tags)
        assert batch.tags.dtype == np.int32 and batch.quality.dtype == np.uint32
        source = np.broadcast_to(batch.source_time_us, (rows, n))
        quality = np.broadcast_to(batch.quality, (rows, n))
        for row in range(rows):
            for k, tag in enumerate(batch.tags.tolist()):
                seen = Seen(
                    float(batch.value[row, k]),
                    int(quality[row, k]),
                    int(source[row, k]),
                    int(batch.receive_time_us[row]),
                )
                self.samples.setdefault(tag, []).append(seen)
                self.marks.pop(tag, None)

    def alive(self, tags: NDArray[np.int32]) -> None:
        for tag in tags.tolist():
            self.proofs[tag] = self.proofs.get(tag, 0) + 1

    def period(self, tags: NDArray[np.int32], seconds: float) -> None:
        self.periods.update(dict.fromkeys(tags.tolist(), seconds))

    def mark(self, tags: NDArray[np.int32], status: int, why: str = "") -> None:
        self.whys.update(dict.fromkeys(tags.tolist(), why))
        self.marks.update(dict.fromkeys(tags.tolist(), int(status)))

    def describe(self, tag_id: int, info: TagInfo) -> None:
        self.infos[tag_id] = info

    def connected(self, security: str) -> None:
        self.security.append(security)

    def lost(self, samples: int, why: str, since_us: int = 0) -> None:
        self.losses.append((samples, why))
        self.losses_since.append(since_us)

    def late(self, batch: Batch) -> None:
        self.lates.append(batch)

    def note(self, about: str, what: str, do: str = "") -> None:
        if what:
            self.notes[about] = (what, do)
        else:
            self.notes.pop(about, None)

    def fact(self, name: str, text: str) -> None:
        self.facts[name] = text

    def clock_offset(self, seconds: float, error_s: float = 0.0) -> None:
        self.offsets.append(seconds)
        self.offset_errors.append(error_s)

    def condition(self, report: ConditionReport) -> None:
        self.reports.append(report)
        self.held.pop(report.key, None)
        if report.retain:
            self.held[report.key] = report

    def conditions(self, known: frozenset[ConditionKey] | None) -> None:
        self.lists.append(known)
        if known is not None:
            self.held = {key: report for key, report in self.held.items() if key in known}

    def last(self, tag: int) -> Seen | None:
        return self.samples[tag][-1] if self.samples.get(tag) else None


def tag(tag_id: int, address: str, rate: float = 10.0) -> Tag:
    return Tag(tag_id=tag_id, path=f"Line/Press/T{tag_id}", source="press", address=address, rate=rate)


def context(pki: Path, endpoint: str, *tags: Tag, security: str = "none") -> Context:
    source = Source(id="press", driver="opcua", endpoint=endpoint, security=security)
    return Context(source, tags, RecordingSink(), SystemClock(), pki)


def sink_of(one: Context) -> RecordingSink:
    assert isinstance(one.sink, RecordingSink)
    return one.sink


@contextlib.asynccontextmanager
async def running(one: Context) -> AsyncIterator[tuple[RecordingSink, asyncio.Task[None]]]:
    """The driver at work; cancelled at the end, which must take at most 2 s and leave no task."""
    before = asyncio.all_tasks()
    task = asyncio.ensure_future(DRIVER.run(one))
    try:
        yield sink_of(one), task
    finally:
        await stopped(task)
        left = {t for t in asyncio.all_tasks() - before if not t.done() and "asyncua/client" in _file(t)}
        assert not left, left


async def stopped(task: asyncio.Task[Any], within_s: float = 2.0) -> None:
    task.cancel()
    _, late = await asyncio.wait([task], timeout=within_s)
    assert not late, f"still running {within_s} s after the cancel"
    if not task.cancelled():
        task.exception()


def _file(task: asyncio.Task[Any]) -> str:
    code = getattr(task.get_coro(), "cr_code", None)
    return code.co_filename if code else ""


async def until(condition: Callable[[], Any], within_s: float, task: asyncio.Task[Any] | None = None) -> None:
    """Wait for a condition; a driver that ends meanwhile fails the test with its own error."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not condition():
        if task is not None and task.done():
            task.result()
        assert loop.time() < deadline, f"not true within {within_s} s"
        await asyncio.sleep(0.02)
