"""The engine's own path for one scan group, without drivers and sockets, at a rate that is kept.

Batch → scaling, quality, order, filter → live table and alarms → history on disk. As a process of its
own (``python -m tests.bench.plant_engine FOLDER RATE SECONDS``) it writes ``live_file(FOLDER)``.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine import paths
from engine.alarms import Alarms
from engine.app.ingest import Counters, Ingest
from engine.clock import SystemClock
from engine.historian import Historian
from engine.live import LiveTable, plan
from engine.tags import Pipeline
from engine.types import Batch, Layout, Limit, Tag
from tests.bench.signals import plant

TAGS = 2000
RING_MB = 256
DIFFERENT = 50
"""Batches made beforehand and sent in turn."""


def layout(count: int = TAGS) -> Layout:
    """Of the live file that is written."""
    return plan(count, 1, RING_MB * 1_000_000)


def live_file(folder: Path) -> Path:
    """Where the engine itself has it: in memory, where the system offers that, never on the disk."""
    return paths.runtime(folder) / "live.bin"


def project(count: int, deadband: float) -> tuple[Tag, ...]:
    """Tags of which every second has this deadband, and every tenth an alarm limit (`limits`)."""
    return tuple(
        Tag(k, f"A/{k}", "plc", "x", "float64", low=-1e7, high=1e7, deadband=deadband if k % 2 else 0.0)
        for k in range(count)
    )


def limits(tags: tuple[Tag, ...]) -> tuple[Limit, ...]:
    """High limits that the generator's transmitters cross now and then."""
    return tuple(Limit(tag.path, "h", limit=68.0, deadband=1.0) for tag in tags[::10])


@dataclass(slots=True)
class Engine:
    """All that takes a batch."""

    table: LiveTable
    ingest: Ingest
    alarms: Alarms
    historian: Historian
    trouble: list[str]

    def take(self, batch: Batch) -> None:
        """What the engine does with a batch of a driver."""
        self.ingest.batch(batch)
        self.historian.append(batch)


@contextmanager
def engine(folder: Path, count: int = TAGS, deadband: float = 0.0) -> Iterator[Engine]:
    """An engine below ``folder``; closed, and all on disk, at the end."""
    clock, tags = SystemClock(), project(count, deadband)
    table = LiveTable(live_file(folder), layout(count), np.arange(count, dtype=np.int32), clock.mono_us())
    alarms = Alarms(limits(tags), tags, table, clock)
    alarms.begin(lambda name, body: 0, ())
    ingest = Ingest(table, Pipeline(tags), Counters(), clock, {}, lambda *_: None, alarms)
    trouble: list[str] = []
    (folder / "history").mkdir()
    historian = Historian(
        folder / "history",
        tags,
        clock,
        failed=trouble.append,
        healed=trouble.append,
        texts=lambda code: "",
        limits=dict.fromkeys(range(0, count, 10), (68.0,)),
    )
    try:
        yield Engine(table, ingest, alarms, historian, trouble)
    finally:
        historian.close()
        table.close()
        shutil.rmtree(paths.runtime(folder))


def batches(count: int, rows: int) -> Callable[[], Batch]:
    """The next instants of all tags, ``rows`` of them, up to now."""
    data = plant(count, DIFFERENT * rows).value.reshape(DIFFERENT, rows, count)
    ids, good, clock = np.arange(count, dtype=np.int32), np.zeros(count, np.uint32), SystemClock()
    sent, last_us = 0, clock.now_us()

    def following() -> Batch:
        nonlocal sent, last_us
        now_us = max(clock.now_us(), last_us + rows)
        times = np.linspace(last_us, now_us, rows + 1)[1:].astype(np.int64)
        last_us = now_us
        sent += 1
        return Batch(0, ids, times, times, data[sent % DIFFERENT], good)

    return following


def paced(period_s: float, seconds: float, work: Callable[[], None], late: Callable[[float], None]) -> None:
    """Do the work every period; ``late`` hears how many seconds after its planned instant it was done.

    What falls behind catches up as fast as it can, and ends in time all the same.
    """
    due = time.perf_counter()
    end = due + seconds
    while time.perf_counter() < end:
        wait = due - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        work()
        late(time.perf_counter() - due)
        due += period_s


def main(folder: str, rate: float, seconds: float) -> None:
    """Run at ``rate`` samples a second; says when it begins."""
    period_s = 0.01
    rows = max(round(rate * period_s / TAGS), 1)
    following = batches(TAGS, rows)
    with engine(Path(folder)) as running:
        running.take(following())
        print("ready", flush=True)
        paced(rows * TAGS / rate, seconds, lambda: running.take(following()), lambda _: None)
        print(f"lost {running.historian.lost}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
