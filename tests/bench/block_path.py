"""What a batch costs from a driver to the live table: scaling, quality, order, filter, ring, pyramid.

``python -m tests.bench block-path``. The alternative in the same run does the same work with a Python
object for every tag. The memory limit is the least that anyone must do: copy the same 20 bytes a
sample, time, value and quality, row after row into a ring of frames. Samples a CPU-second, and
milliseconds a batch on the clock, p50 / p99; medians of three turns.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from engine.app.ingest import Counters, Ingest
from engine.clock import SystemClock
from engine.live import LiveTable, plan
from engine.tags import Pipeline
from engine.types import Batch, Tag

FRAMES = ((28, 1), (2000, 1), (2800, 1), (28_000, 1), (2000, 10), (20_000, 10))
TURNS = 3
DIFFERENT = 16
"""Batches made beforehand, sent in turn."""
RING_MB = 256
FEWEST_BATCHES = 5


def tags(count: int) -> tuple[Tag, ...]:
    """Half of them with a deadband, a quarter scaled, all with a range."""
    return tuple(
        Tag(
            k,
            f"A/{k}",
            "plc",
            "x",
            low=-1000.0,
            high=1000.0,
            deadband=0.5 if k % 2 else 0.0,
            factor=0.1 if k % 4 == 0 else 1.0,
        )
        for k in range(count)
    )


class Source:
    """Batches of a noisy plant, one after another in time."""

    def __init__(self, count: int, rows: int) -> None:
        rng = np.random.default_rng(1)
        self._values = [rng.normal(size=(rows, count)).cumsum(axis=0) for _ in range(DIFFERENT)]
        self._ids, self._good = np.arange(count, dtype=np.int32), np.zeros(count, np.uint32)
        self._rows, self._sent = rows, 0

    def next(self) -> Batch:
        """The next instants of all tags."""
        start = SystemClock().now_us() + self._sent
        self._sent += self._rows
        times = start + np.arange(self._rows, dtype=np.int64)
        value = self._values[self._sent // self._rows % DIFFERENT]
        return Batch(0, self._ids, times, times, value, self._good)


@dataclass(slots=True)
class ObjectTag:
    """The alternative: one tag that takes its samples one by one."""

    tag: Tag
    samples: int
    ring: deque[tuple[int, float, int]] = field(default_factory=deque)
    buckets: tuple[deque[list[float]], ...] = field(default_factory=lambda: (deque(), deque(), deque()))
    kept: int = 0
    value: float = math.nan
    quality: int = 0
    source_us: int = 0
    proved_us: int = 0
    last_kept: float = math.nan
    last_code: int = -1
    last_kept_us: int = 0

    def take(self, value: float, quality: int, source_us: int, receive_us: int, proved_us: int) -> None:
        """One sample, all steps."""
        tag = self.tag
        value = value * tag.factor + tag.offset
        if not math.isfinite(value):
            value, quality = math.nan, quality if quality & 0x80000000 else 0x80000000
        elif not quality & 0xC0000000 and not -1050.0 <= value <= 1125.0:
            quality = 0x40940000
        if source_us < self.source_us:
            return
        if source_us == self.source_us and value == self.value and quality == self.quality:
            self.proved_us = proved_us
            return
        self.value, self.quality, self.source_us, self.proved_us = value, quality, source_us, proved_us
        far = tag.deadband == 0 or not abs(value - self.last_kept) <= tag.deadband
        if far or quality >> 16 != self.last_code or receive_us - self.last_kept_us >= 10_000_000:
            self.last_kept, self.last_code, self.last_kept_us = value, quality >> 16, receive_us
            self._keep(value, quality, source_us)

    def _keep(self, value: float, quality: int, source_us: int) -> None:
        if len(self.ring) == self.samples:
            self.ring.popleft()
        self.ring.append((source_us, value, quality))
        for power, buckets in zip((4, 8, 12), self.buckets, strict=True):
            if not self.kept & ((1 << power) - 1):
                if len(buckets) == self.samples >> 3:
                    buckets.popleft()
                buckets.append([source_us, value, value])
            bucket = buckets[-1]
            bucket[1], bucket[2] = min(bucket[1], value), max(bucket[2], value)
        self.kept += 1


def objects(count: int, samples: int) -> Callable[[Batch], None]:
    """A project of object tags, and how a batch is given to them."""
    made, clock = [ObjectTag(tag, samples) for tag in tags(count)], SystemClock()

    def give(batch: Batch) -> None:
        proved_us, codes = clock.mono_us(), batch.quality.tolist()
        times, receives = batch.source_time_us.tolist(), batch.receive_time_us.tolist()
        for at, receive_us, values in zip(times, receives, batch.value.tolist(), strict=True):
            for tag, value, code in zip(made, values, codes, strict=True):
                tag.take(value, code, at, receive_us, proved_us)

    return give


def measure(give: Callable[[Batch], None], source: Source, seconds: float) -> tuple[list[float], float]:
    """Seconds on the clock for each batch, and CPU seconds for all, after a few to warm up."""
    for _ in range(2):
        give(source.next())
    spent: list[float] = []
    cpu_s, end = 0.0, time.perf_counter() + seconds
    while time.perf_counter() < end or len(spent) < FEWEST_BATCHES:
        batch = source.next()
        began, cpu_began = time.perf_counter(), time.thread_time()
        give(batch)
        cpu_s += time.thread_time() - cpu_began
        spent.append(time.perf_counter() - began)
    return spent, cpu_s


def copies(count: int, rows: int) -> Callable[[Batch], None]:
    """The memory limit: rows of all tags into a ring of frames of about the size of ours."""
    frames = max(RING_MB * 1_000_000 // 20 // count // rows, 2) * rows
    # Written once, so that no page is made while it is measured.
    values, each = np.ones((frames, count)), np.ones((frames, count), np.int64)
    codes, at = np.ones((frames, count), np.uint32), 0

    def give(batch: Batch) -> None:
        nonlocal at
        part = slice(at, at + rows)
        values[part], codes[part], each[part] = batch.value, batch.quality, batch.source_time_us[:, None]
        at = (at + rows) % frames

    return give


def told(name: str, samples: int, spent: Sequence[float], cpu_s: float) -> float:
    """One line of the result; returns samples a CPU-second."""
    rate = samples * len(spent) / cpu_s
    p50, p99 = np.percentile(spent, [50, 99]) * 1000
    print(
        f"{name:34s} {rate / 1e6:8.2f} M samples/CPU-s   {p50:8.3f} / {p99:8.3f} ms a batch   "
        f"{len(spent)} batches",
        flush=True,
    )
    return rate


def one(count: int, rows: int, seconds: float) -> None:
    """Ours, the alternative and the limit in turns; prints the medians of the ratios."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        layout, ids = plan(count, 1, RING_MB * 1_000_000), np.arange(count, dtype=np.int32)
        clock = SystemClock()
        table = LiveTable(Path(folder) / "live.bin", layout, ids, clock.mono_us())
        sink = Ingest(table, Pipeline(tags(count)), Counters(), clock, {}, lambda *_: None)
        sides = {
            "Watchroom": sink.batch,
            "object per tag": objects(count, layout.samples),
            "memory limit": copies(count, rows),
        }
        sources = {name: Source(count, rows) for name in sides}
        rates: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(TURNS):
            for name, give in sides.items():
                spent, cpu_s = measure(give, sources[name], seconds / TURNS / len(sides))
                rates[name].append(told(f"{count} tags x {rows}, {name}", count * rows, spent, cpu_s))
        table.close()
    ours = median(rates["Watchroom"])
    times, part = ours / median(rates["object per tag"]), ours / median(rates["memory limit"])
    print(f"{'':34s} {times:8.1f} times as fast as an object per tag; {part:.1%} of the memory limit")


def run(seconds: float) -> None:
    """Every frame size, ``seconds`` in all."""
    for count, rows in FRAMES:
        one(count, rows, seconds / len(FRAMES))


if __name__ == "__main__":
    run(20.0)
