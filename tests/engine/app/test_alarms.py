"""From a driver's report to an alarm: what raises one and what must not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.app.ingest import Ingest
from engine.app.plant import Running
from engine.live import LiveTable, plan
from engine.store import Catalogue
from engine.tags import Pipeline
from engine.types import Batch, Limit, Plant, Project, Source, Status, Tag, TagInfo
from tests.engine.app.test_ingest import StillClock

TAG = Tag(0, "A/x", "plc", "holding:1", low=0.0, high=100.0)
ID = np.array([0], np.int32)


class Rig:
    def __init__(self, folder: Path, limit: Limit) -> None:
        self.clock = StillClock()
        self.table = LiveTable(folder / "live.bin", plan(1, 1, 1 << 18), ID, self.clock.us)
        pipeline, catalogue = Pipeline((TAG,)), Catalogue(folder / "catalogue.db")
        project = Project(
            str(folder), Plant("p"), (Source("plc", "modbus", "tcp://x"),), (TAG,), (), (limit,)
        )
        self.running = Running(project, self.clock, self.table, catalogue, pipeline, [TAG], self.clock.us)
        self.sink = Ingest(
            self.table,
            pipeline,
            self.running.counters,
            self.clock,
            self.running.reasons,
            self.running.described,
            self.running.alarms,
        )

    def batch(self, value: float, ago_s: float = 0.0) -> Batch:
        now = np.array([self.clock.us], np.int64)
        return Batch(0, ID, now - round(ago_s * 1e6), now, np.array([[value]]), np.zeros(1, np.uint32))

    def send(self, value: float, ago_s: float = 0.0) -> None:
        self.sink.batch(self.batch(value, ago_s))
        self.clock.us += 100_000

    def states(self) -> list[str]:
        return [each.letter for each in self.running.alarms.shown().alarms]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path, Limit("A/x", "h", limit=50.0, on_delay_s=1.0))
    yield made
    made.running.close()


def test_a_delay_runs_while_the_source_proves_the_value(rig: Rig) -> None:
    rig.send(60)
    assert rig.states() == []
    rig.clock.us += 1_000_000
    rig.sink.alive(ID)
    assert rig.states() == ["B"]


def test_the_same_sample_again_proves_the_value_too(rig: Rig) -> None:
    rig.send(60)
    rig.clock.us += 1_000_000
    rig.send(60, ago_s=1.1)
    assert rig.states() == ["B"]


def test_late_samples_never_raise_an_alarm(rig: Rig) -> None:
    rig.send(40)
    rig.clock.us += 1_000_000
    rig.sink.late(rig.batch(60))
    rig.send(60, ago_s=5.0)
    rig.clock.us += 500_000
    rig.sink.alive(ID)
    assert rig.states() == []


def test_a_value_gone_stale_by_age_stops_the_delay(rig: Rig) -> None:
    rig.send(60)
    rig.clock.us += 4_000_000
    rig.running.sweep(rig.clock.us, rig.clock.us)
    rig.sink.alive(ID)
    assert rig.states() == []
    rig.clock.us += 1_000_000
    rig.sink.alive(ID)
    assert rig.states() == ["B"]


def test_a_lost_link_leaves_the_alarm_and_the_next_sample_judges_it_anew(rig: Rig) -> None:
    rig.send(60)
    rig.clock.us += 1_000_000
    rig.sink.alive(ID)
    rig.sink.mark(ID, Status.STALE)
    rig.clock.us += 60_000_000
    rig.sink.alive(ID)
    assert rig.states() == ["B"]
    rig.send(40)
    assert rig.states() == ["D"]


def test_a_tag_that_the_device_calls_text_raises_none(rig: Rig) -> None:
    rig.sink.describe(0, TagInfo("string"))
    rig.send(60)
    rig.clock.us += 2_000_000
    rig.sink.alive(ID)
    assert rig.states() == []
