"""A sink that remembers, a clock that a test moves, and a way to wait for a fact."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.clock import SystemClock
from engine.drivers.driver import Context
from engine.types import Batch, Clock, ConditionKey, ConditionReport, Source, Tag, TagInfo

PATIENCE_S = 10.0


@dataclass
class RecordingSink:
    """Every report, in order; ``value`` and ``status`` are the latest per tag id."""

    batches: list[Batch] = field(default_factory=list)
    proofs: list[list[int]] = field(default_factory=list)
    periods: dict[int, float] = field(default_factory=dict)
    marks: list[tuple[list[int], int]] = field(default_factory=list)
    described: dict[int, TagInfo] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    losses: list[tuple[int, str]] = field(default_factory=list)
    reports: list[ConditionReport] = field(default_factory=list)
    lists: list[frozenset[ConditionKey] | None] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    whys: dict[int, str] = field(default_factory=dict)
    lates: list[Batch] = field(default_factory=list)
    notes: dict[str, tuple[str, str]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    offsets: list[float] = field(default_factory=list)
    offset_errors: list[float] = field(default_factory=list)
    value: dict[int, float] = field(default_factory=dict)
    status: dict[int, int] = field(default_factory=dict)

    def batch(self, batch: Batch) -> None:
        assert batch.tags.dtype == np.int32
        assert batch.source_time_us.dtype == batch.receive_time_us.dtype == np.int64
        assert batch.value.dtype == np.float64
        assert batch.value.shape == (len(batch.receive_time_us), len(batch.tags))
        assert batch.quality.dtype == np.uint32
        self.order.append("batch")
        self.batches.append(batch)
        self.value.update(zip(batch.tags.tolist(), batch.value[-1].tolist(), strict=True))
        self.status.update(zip(batch.tags.tolist(), batch.quality.tolist(), strict=True))

    def alive(self, tags: NDArray[np.int32]) -> None:
        self.order.append("alive")
        self.proofs.append(tags.tolist())

    def period(self, tags: NDArray[np.int32], seconds: float) -> None:
        self.order.append("period")
        self.periods.update(dict.fromkeys(tags.tolist(), seconds))

    def mark(self, tags: NDArray[np.int32], status: int, why: str = "") -> None:
        self.order.append("mark")
        self.marks.append((tags.tolist(), status))
        self.whys.update(dict.fromkeys(tags.tolist(), why))
        self.status.update(dict.fromkeys(tags.tolist(), status))

    def describe(self, tag_id: int, info: TagInfo) -> None:
        self.described[tag_id] = info

    def connected(self, security: str) -> None:
        self.order.append("connected")
        self.links.append(security)

    def lost(self, samples: int, why: str, since_us: int = 0) -> None:
        self.losses.append((samples, why))

    def late(self, batch: Batch) -> None:
        self.order.append("late")
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
        self.order.append("condition")
        self.reports.append(report)

    def conditions(self, known: frozenset[ConditionKey] | None) -> None:
        self.order.append("conditions")
        self.lists.append(known)


@dataclass
class FakeClock:
    """Time passes only in ``sleep``, at once, or when a test moves ``now``."""

    now: int = 1_000_000_000
    slept: list[float] = field(default_factory=list)

    def now_us(self) -> int:
        return 1_700_000_000_000_000 + self.now

    def mono_us(self) -> int:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)
        self.now += round(seconds * 1e6)


def context(
    endpoint: str, tags: list[Tag], sink: RecordingSink, clock: Clock | None = None, source: str = "plc"
) -> Context:
    return Context(
        Source(source, "modbus", endpoint), tuple(tags), sink, clock or SystemClock(), Path("unused")
    )


async def until(fact: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait until ``fact`` holds; fails after ``patience_s``."""
    async with asyncio.timeout(patience_s):
        while not fact():
            await asyncio.sleep(0.005)
