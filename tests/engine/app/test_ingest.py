"""From a driver's report to the live table, with the filter and the figures."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.app.ingest import Counters, Ingest
from engine.app.plant import Running
from engine.live import LiveReader, LiveTable, plan
from engine.store import Catalogue
from engine.tags import Exceptions, deadbands
from engine.types import Batch, Plant, Project, Source, Status, Tag, TagInfo

TAGS = (
    Tag(0, "A/x", "plc", "holding:1", deadband=1.0),
    Tag(1, "A/y", "plc", "holding:2", unit="bar", low=0.0, high=10.0),
)


class StillClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.us = 1_000_000_000

    def now_us(self) -> int:
        return self.us

    def mono_us(self) -> int:
        return self.us

    async def sleep(self, seconds: float) -> None:
        self.us += round(seconds * 1e6)


class Rig:
    def __init__(self, folder: Path) -> None:
        self.clock = StillClock()
        layout = plan(2, 1, 1 << 18)
        self.table = LiveTable(folder / "live.bin", layout, np.array([0, 1], np.int32), self.clock.us)
        self.reader = LiveReader(folder / "live.bin", layout)
        self.exceptions = Exceptions(deadbands(TAGS))
        self.counters = Counters()
        self.catalogue = Catalogue(folder / "catalogue.db")
        project = Project(str(folder), Plant("p"), (Source("plc", "modbus", "tcp://x"),), TAGS)
        self.running = Running(
            project, self.clock, self.table, self.catalogue, self.exceptions, list(TAGS), self.clock.us
        )
        self.sink = Ingest(self.table, self.exceptions, self.counters, self.clock, self.running.described)

    def send(self, tag: int, value: float, quality: int = 0) -> None:
        now = np.array([self.clock.us], np.int64)
        self.clock.us += 100_000
        tags = np.array([tag], np.int32)
        self.sink.batch(Batch(0, tags, now, now, np.array([[value]]), np.array([quality], np.uint32)))

    def ring(self, tag: int) -> list[float]:
        return self.reader.curve(tag, 0, self.clock.us, 100).low.tolist()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.reader.close()
    made.catalogue.close()
    made.table.close()


def test_every_sample_is_live_but_only_news_is_kept(rig: Rig) -> None:
    for value in (5.0, 5.5, 5.9, 6.1):
        rig.send(0, value)
    assert rig.reader.snapshot(rig.clock.us).value[0] == 6.1
    assert rig.ring(0) == [5.0, 6.1]
    assert (rig.counters.taken, rig.counters.kept) == (4, 2)


def test_value_that_is_no_number_is_bad(rig: Rig) -> None:
    rig.send(0, float("nan"))
    rig.send(1, float("inf"))
    assert (rig.reader.snapshot(rig.clock.us).status == Status.BAD).all()


def test_first_sample_after_a_lost_link_is_kept_though_it_brings_nothing_new(rig: Rig) -> None:
    rig.send(0, 5.0)
    rig.sink.mark(np.array([0], np.int32), Status.STALE)
    rig.send(0, 5.0)
    drawn = rig.ring(0)
    assert drawn[0] == drawn[-1] == 5.0
    assert np.isnan(drawn[1]), "the outage is a gap that ends with the first new sample"


def test_first_sample_after_silence_is_kept(rig: Rig) -> None:
    rig.send(0, 5.0)
    rig.clock.us += 4_000_000
    rig.running.sweep(rig.clock.us, rig.clock.us)
    rig.send(0, 5.0)
    assert rig.ring(0)[-1] == 5.0


def test_what_the_device_says_fills_only_what_tags_csv_leaves_open(rig: Rig) -> None:
    rig.sink.describe(0, TagInfo("float32", "mbar", 1.0, 2.0))
    rig.sink.describe(1, TagInfo("float32", "mbar", 1.0, 2.0))
    first, second = rig.running.tags
    assert (first.type, first.unit, first.low, first.high) == ("float32", "mbar", 1.0, 2.0)
    assert (second.type, second.unit, second.low, second.high) == ("float32", "bar", 0.0, 10.0)
    assert rig.running.revision == 3
    rig.sink.describe(0, TagInfo("float32", "mbar", 1.0, 2.0))
    assert rig.running.revision == 3, "the same again is no news"


def test_rates_count_the_last_seconds(rig: Rig) -> None:
    rig.counters.mark(rig.clock.us)
    for _ in range(20):
        rig.send(1, 5.0)
    rig.counters.mark(rig.clock.us)
    assert rig.counters.rates() == (10.0, 10.0)


def test_lost_samples_are_counted(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.sink.lost(3, "the queue of the server overflowed")
    assert rig.counters.dropped == 3
    assert "overflowed" in caplog.text
