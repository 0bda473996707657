"""What one running project is made of: its table, tags, sources and counters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psutil
from numpy.typing import NDArray

from engine import paths
from engine.alarms import Alarms
from engine.alarms.structure import structure
from engine.app.doubts import Doubts
from engine.app.drivers import drivers
from engine.app.foresight import Foresight, Given
from engine.app.foresight_watch import Eyes
from engine.app.horn import Horns
from engine.app.ingest import Counters, Ingest
from engine.app.ledger import Scribe
from engine.app.ledger_alarm import look_at_ledger
from engine.app.links import is_down, link_alarm
from engine.app.login_files import LoginFiles
from engine.app.logins import SourceLogins
from engine.app.models import Models
from engine.app.past import Past
from engine.app.records import Records
from engine.app.turns import Turns
from engine.drivers.driver import Context, Driver
from engine.drivers.link import Link
from engine.drivers.shared import Shared
from engine.kpi import Kpis, past_figures
from engine.live import LiveTable, Texts, plan
from engine.store import Catalogue, Journal
from engine.tags import Pipeline, is_measured, is_scaled, scaled_info
from engine.twin.graph import plant_graph
from engine.twin.trouble import Troubles
from engine.types import Clock, Project, Record, Tag, TagInfo

MOST_WATCHED = 2000
"""Alarms that prediction is told of."""


@dataclass(slots=True, eq=False)
class Running:
    """A project in operation. Everything here belongs to the engine's loop thread.

    ``project`` holds the tags as tags.csv has them, ``tags`` as people see them: completed by what the
    devices say. ``reasons`` = why a tag was marked, status and words by tag id. ``restart`` ends the
    connection of a source, by id, and opens a new one.
    """

    project: Project
    clock: Clock
    table: LiveTable
    catalogue: Catalogue
    pipeline: Pipeline
    tags: list[Tag]
    started_mono_us: int
    past: Past | None = None
    foresight: Foresight | None = None
    models: Models | None = None
    eyes: Eyes | None = None
    turns: Turns | None = None
    journal: Journal | None = None
    scribe: Scribe | None = None
    logins: SourceLogins | None = None
    kpis: Kpis = field(default_factory=lambda: Kpis((), ()))
    revision: int = 1
    cpu_pct: float = 0.0
    process: psutil.Process = field(default_factory=psutil.Process)
    counters: Counters = field(default_factory=Counters)
    texts: Texts = field(default_factory=Texts)
    reasons: dict[int, tuple[int, str]] = field(default_factory=dict[int, tuple[int, str]])
    sources: list[tuple[Context, Driver, Link]] = field(default_factory=list[tuple[Context, Driver, Link]])
    doubts: dict[str, Doubts] = field(default_factory=dict[str, Doubts])
    sinks: list[Ingest] = field(default_factory=list[Ingest])
    restart: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])
    samples: NDArray[np.int64] = field(init=False)
    """How many samples of each tag came since the start, by tag id."""
    alarms: Alarms = field(init=False)
    horns: Horns = field(init=False)

    def __post_init__(self) -> None:
        highest = max((tag.tag_id for tag in self.project.tags), default=0)
        self.samples = np.zeros(highest + 1, np.int64)
        self.alarms = Alarms(
            self.project.limits,
            self.tags,
            self.table,
            self.clock,
            lambda keys: self.catalogue.number_alarms(keys, self.clock.now_us()),
            self.project.alarm_classes,
            self.project.alarm_settings,
            structure(self.project),
            Troubles(plant_graph(self.project)),
        )
        self.horns = Horns(self.alarms, self.note, self.clock)

    def note(self, event: str, body: dict[str, Any]) -> None:
        """Put an event on record."""
        if self.journal is not None:
            self.journal.append(self.clock.now_us(), event, body)

    def described(self, tag_id: int, info: TagInfo) -> None:
        """Fill what tags.csv leaves open with what the device says, and say where the two differ."""
        row = int(self.table.rows(np.array([tag_id], np.int32))[0])
        written, shown = self.project.tags[row], self.tags[row]
        if written.source in self.doubts:
            self.doubts[written.source].look(written, info, self.clock.now_us())
        measured = is_measured(info.type or written.type, written.states or info.states)
        self.pipeline.scaling.set(written, measured=measured)
        is_text = (info.type or written.type) == "string"
        self.table.set_text(tag_id, is_text)
        if is_text:
            self.alarms.leave(tag_id)
        merged = completed(written, info)
        if merged != shown:
            self.tags[row] = merged
            self.revision += 1
            if self.past is not None:
                self.past.historian.describe([merged])

    def sample_cpu(self) -> None:
        """Percent of one core since the last call; call once a second."""
        self.cpu_pct = self.process.cpu_percent()

    def count(self) -> None:
        """Let the figures of the plant see the values of now; call once a second."""
        mono_us = self.clock.mono_us()
        self.kpis.second(self.clock.now_us(), mono_us, *self.table.look(self.kpis.rows, mono_us))

    async def recall(self, stopped: Callable[[], bool]) -> None:
        """Tell the figures what the history knows of the time before the engine started."""
        if self.past is None or not self.project.kpis:
            return
        now_us, mono_us, stored = self.clock.now_us(), self.clock.mono_us(), self.past.stored
        rules, tags = self.project.kpis, self.project.tags
        self.kpis = await asyncio.to_thread(past_figures, rules, tags, stored, now_us, mono_us, stopped)

    def look_at_links(self) -> None:
        """One alarm for each source that is not connected, none for its tags; call once a second."""
        for context, _driver, link in self.sources:
            down = is_down(link, self.clock, self.started_mono_us)
            if down is not None:
                alarm = link_alarm(context.source, self.project.alarm_settings.link_priority)
                self.alarms.report(alarm, down, self.clock.now_us())
        if self.logins is not None:
            self.logins.alarm(self.alarms)

    def look_at_ledger(self) -> None:
        """An alarm where nothing can be put on record, or the ledger does not fit; call it once a second."""
        if self.scribe is not None:
            look_at_ledger(self.scribe, self.alarms, self.clock)

    def look_ahead(self, blocked: Callable[[str], str]) -> None:
        """Tell prediction what it must know of the plant; call it once a second."""
        if self.eyes is not None:
            self.eyes.second(blocked, lambda: self.alarms.worst(MOST_WATCHED), self.alarms.of)

    def close(self) -> None:
        """Make the history durable; let go of the live file and the catalogue."""
        for sink in self.sinks:
            sink.close()
        if self.foresight is not None:
            self.foresight.close()
        if self.models is not None:
            self.models.close()
        if self.past is not None:
            self.past.close()
        self.table.close()
        self.catalogue.close()

    def sweep(self, mono_us: int, now_us: int) -> None:
        """Mark what went stale; its next sample starts a new stretch of history."""
        rows = self.table.sweep(mono_us, now_us)
        if len(rows):
            tags = np.array([self.tags[int(row)].tag_id for row in rows], np.int32)
            self.pipeline.silent(tags)
            self.alarms.silent(tags)
            if self.turns is not None:
                self.turns.ended(rows)


def completed(written: Tag, info: TagInfo) -> Tag:
    """A tag of tags.csv with what it leaves open filled in by the device.

    The device's type counts where one of the two is text: what its values stand for depends on it.
    """
    measured = is_measured(info.type or written.type, written.states or info.states)
    told, stated = (scaled_info(written, info), as_seen(written)) if measured else (info, written)
    open_range = written.low is None and written.high is None
    text_differs = bool(info.type) and (info.type == "string") != (written.type == "string")
    kind = told.type if text_differs else stated.type or told.type
    return msgspec.structs.replace(
        written,
        type=kind,
        unit=written.unit or told.unit,
        low=told.low if open_range else written.low,
        high=told.high if open_range else written.high,
        states=written.states or told.states,
    )


def as_seen(tag: Tag) -> Tag:
    """A tag of tags.csv as people see it: a scaled integer need not be one any more."""
    return msgspec.structs.replace(tag, type="float64") if is_scaled(tag) and "int" in tag.type else tag


def open_plant(folder: Path, project: Project, boot: int, runtime: Path, clock: Clock) -> Running:
    """Number the tags, open the history, make the live file and prepare a context for every source.

    Raises:
        StoreError: the catalogue or the history cannot be used.
        OSError: there is no room for the live file.
    """
    catalogue, texts, past = Catalogue(paths.data(folder) / "catalogue.db"), Texts(), None
    try:
        tags = catalogue.number(project.tags, clock.now_us())
        project = msgspec.structs.replace(project, tags=tags)
        past = Past(folder, project, clock, texts)
        layout = plan(len(tags), boot, project.plant.ring_mb * 1_000_000)
        ids = np.array([tag.tag_id for tag in tags], np.int32)
        table = LiveTable(runtime / f"live-{boot:016x}.bin", layout, ids, clock.mono_us(), texts)
    except BaseException:
        if past is not None:
            past.close()
        catalogue.close()
        raise
    for tag in tags:
        table.set_text(tag.tag_id, tag.type == "string")
    seen, pipeline = [as_seen(tag) for tag in tags], Pipeline(tags)
    running = Running(project, clock, table, catalogue, pipeline, seen, clock.mono_us(), texts=texts)
    running.kpis = Kpis(project.kpis, tags)
    running.past, running.foresight = past, Foresight(given_of(running, past, folder))
    running.eyes = Eyes(project, table, clock, running.foresight)
    record = Records(past.historian, running.foresight)
    running.turns = Turns(record, table, ids, clock)
    running.logins = SourceLogins(LoginFiles(paths.data(folder)), project.sources, clock)
    _add_sources(running, paths.pki(folder), record)
    return running


def given_of(running: Running, past: Past, folder: Path) -> Given:
    """What prediction needs of a running project."""
    return Given(
        folder=folder,
        clock=running.clock,
        project=lambda: running.project,
        tags=lambda: running.tags,
        rolled=past.stored.rollup,
        note=running.note,
    )


def _add_sources(running: Running, pki: Path, record: Record) -> None:
    """A context, a driver and a link for every source, and what all of them share."""
    known, shared = drivers(), Shared()
    for source in running.project.sources:
        sink = Ingest(
            running.table,
            running.pipeline,
            running.counters,
            running.clock,
            running.reasons,
            running.described,
            running.alarms,
            record,
            running.turns,
            source.id,
            running.samples,
        )
        own = tuple(tag for tag in running.project.tags if tag.source == source.id)
        context = Context(source, own, sink, running.clock, pki, shared, running.texts.code, running.logins)
        link = Link()
        running.sinks.append(sink)
        running.sources.append((context, known[source.driver], link))
        running.doubts[source.id] = Doubts(link)
        running.restart[source.id] = asyncio.Event()
