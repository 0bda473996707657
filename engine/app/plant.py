"""What one running project is made of: its table, tags, sources and counters."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import psutil

from engine import paths
from engine.app.drivers import drivers
from engine.app.ingest import Counters, Ingest
from engine.drivers.driver import Context, Driver
from engine.drivers.link import Link
from engine.live import LiveTable, plan
from engine.store import Catalogue, Journal
from engine.tags import Exceptions, deadbands
from engine.types import Clock, Project, Tag, TagInfo


@dataclass(slots=True, eq=False)
class Running:
    """A project in operation. Everything here belongs to the engine's loop thread."""

    project: Project
    clock: Clock
    table: LiveTable
    catalogue: Catalogue
    exceptions: Exceptions
    tags: list[Tag]
    started_mono_us: int
    journal: Journal | None = None
    revision: int = 1
    cpu_pct: float = 0.0
    process: psutil.Process = field(default_factory=psutil.Process)
    counters: Counters = field(default_factory=Counters)
    sources: list[tuple[Context, Driver, Link]] = field(default_factory=list[tuple[Context, Driver, Link]])

    def described(self, tag_id: int, info: TagInfo) -> None:
        """Fill what tags.csv leaves open with what the device says."""
        row = int(self.table.rows(np.array([tag_id], np.int32))[0])
        written, shown = self.project.tags[row], self.tags[row]
        low, high = (info.low, info.high) if written.low is None and written.high is None else (None, None)
        merged = msgspec.structs.replace(
            shown,
            type=written.type or info.type,
            unit=written.unit or info.unit,
            low=written.low if low is None else low,
            high=written.high if high is None else high,
        )
        if merged != shown:
            self.tags[row] = merged
            self.revision += 1

    def sample_cpu(self) -> None:
        """Percent of one core since the last call; call once a second."""
        self.cpu_pct = self.process.cpu_percent()

    def close(self) -> None:
        """Let go of the live file and the catalogue."""
        self.table.close()
        self.catalogue.close()

    def sweep(self, mono_us: int, now_us: int) -> None:
        """Mark what went stale; its next sample starts a new stretch of history."""
        rows = self.table.sweep(mono_us, now_us)
        if len(rows):
            self.exceptions.known[[self.tags[int(row)].tag_id for row in rows]] = False


def open_plant(folder: Path, project: Project, boot: int, runtime: Path, clock: Clock) -> Running:
    """Number the tags, make the live file and prepare a context for every source.

    Raises:
        StoreError: the catalogue cannot be used.
        OSError: there is no room for the live file.
    """
    catalogue = Catalogue(paths.data(folder) / "catalogue.db")
    try:
        tags = catalogue.number(project.tags, clock.now_us())
        layout = plan(len(tags), boot, project.plant.ring_mb * 1_000_000)
        ids = np.array([tag.tag_id for tag in tags], np.int32)
        table = LiveTable(runtime / f"live-{boot:016x}.bin", layout, ids, clock.mono_us())
    except BaseException:
        catalogue.close()
        raise
    project = msgspec.structs.replace(project, tags=tags)
    exceptions = Exceptions(deadbands(tags))
    running = Running(project, clock, table, catalogue, exceptions, list(tags), clock.mono_us())
    known = drivers()
    for source in project.sources:
        sink = Ingest(table, exceptions, running.counters, clock, running.described)
        own = tuple(tag for tag in tags if tag.source == source.id)
        context = Context(source, own, sink, clock, paths.pki(folder))
        running.sources.append((context, known[source.driver], Link()))
    return running
