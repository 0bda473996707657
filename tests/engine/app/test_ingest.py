"""From a driver's report to the live table, with the filter and the figures."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.app.ingest import Ingest
from engine.app.plant import Running
from engine.live import LiveReader, LiveTable, plan
from engine.store import Catalogue
from engine.tags import Pipeline
from engine.types import Batch, Gap, Plant, Project, Source, Status, Tag, TagInfo

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
        self.pipeline = Pipeline(TAGS)
        self.catalogue = Catalogue(folder / "catalogue.db")
        project = Project(str(folder), Plant("p"), (Source("plc", "modbus", "tcp://x"),), TAGS)
        self.running = Running(
            project, self.clock, self.table, self.catalogue, self.pipeline, list(TAGS), self.clock.us
        )
        self.counters, self.reasons = self.running.counters, self.running.reasons
        self.sink = Ingest(
            self.table, self.pipeline, self.counters, self.clock, self.reasons, self.running.described
        )

    def send(self, tag: int, value: float, quality: int = 0, source_us: int | None = None) -> None:
        now = np.array([self.clock.us], np.int64)
        source = now if source_us is None else np.array([source_us], np.int64)
        self.clock.us += 100_000
        tags = np.array([tag], np.int32)
        self.sink.batch(Batch(0, tags, source, now, np.array([[value]]), np.array([quality], np.uint32)))

    def value(self, tag: int) -> float:
        return float(self.reader.snapshot(self.clock.us).value[tag])

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
    for _ in range(3):
        rig.sink.lost(3, "the queue of the server overflowed")
    assert rig.counters.dropped == 9
    rig.sink.close()
    assert [each.message for each in caplog.records] == ["9 samples lost: the queue of the server overflowed"]


def test_a_gap_begins_with_the_last_sample_before_what_was_lost(rig: Rig) -> None:
    gaps: list[Gap] = []

    class Gaps:
        def append(self, *_: object) -> None: ...
        def gap(self, gap: Gap) -> None:
            gaps.append(gap)

    sink = Ingest(
        *(rig.table, rig.pipeline, rig.counters, rig.clock, rig.reasons, rig.running.described),
        record=Gaps(),
        source="plc",
    )
    heard_us = rig.clock.us
    rig.clock.us += 4_000_000
    sink.lost(2, "the queue overflowed", heard_us + 1_000_000)
    sink.lost(3, "the queue overflowed", heard_us - 1_000_000)
    sink.close()
    (gap,) = gaps
    assert (gap.start_us, gap.end_us) == (heard_us - 1_000_000, rig.clock.us)
    assert (gap.samples, gap.source, gap.cause) == (5, "plc", "dropped")


def test_late_sample_is_in_the_trend_and_never_the_live_value(rig: Rig) -> None:
    start = rig.clock.us
    rig.send(1, 5.0)
    rig.send(1, 4.0, source_us=start - 1)
    assert rig.value(1) == 5.0
    assert rig.ring(1) == [4.0, 5.0]
    assert (rig.counters.taken, rig.counters.late) == (2, 1)


def test_duplicate_proves_the_value_current_and_is_not_kept_twice(rig: Rig) -> None:
    start = rig.clock.us
    rig.send(1, 5.0)
    for _ in range(50):
        rig.send(1, 5.0, source_us=start)
    rig.running.sweep(rig.clock.us, rig.clock.us)
    seen = rig.reader.snapshot(rig.clock.us)
    assert (seen.status[1], seen.age_s[1]) == (Status.GOOD, 0.0)
    assert rig.ring(1) == [5.0]
    assert rig.counters.duplicates == 50


def test_clock_of_the_device_set_back_does_not_freeze_the_value(rig: Rig) -> None:
    rig.send(1, 1.0)
    hour_ago = rig.clock.us - 3_600_000_000
    for k in range(25):
        rig.send(1, 2.0 + k, source_us=hour_ago + k)
    assert rig.value(1) == 26.0


def test_keep_alive_never_vouches_for_the_value_before_a_late_one_for_long(rig: Rig) -> None:
    """The device's clock was set back and it sends changes only: the one change must be shown."""
    tags = np.array([1], np.int32)
    rig.send(1, 1.0)
    rig.send(1, 9.0, source_us=rig.clock.us - 3_600_000_000)
    for _ in range(3):
        rig.clock.us += 1_000_000
        rig.sink.alive(tags)
    seen = rig.reader.snapshot(rig.clock.us)
    assert (seen.value[1], seen.status[1]) == (9.0, Status.GOOD)


def test_older_sample_after_a_new_connection_is_the_value(rig: Rig) -> None:
    start = rig.clock.us
    rig.send(1, 5.0)
    rig.sink.mark(np.array([1], np.int32), Status.STALE)
    rig.send(1, 4.0, source_us=start - 1_000_000)
    assert rig.value(1) == 4.0


def test_samples_of_the_time_without_a_link_are_history_alone(rig: Rig) -> None:
    rig.send(1, 5.0)
    now = rig.clock.us
    time = np.array([now + 1, now + 2], np.int64)
    kept = Batch(0, np.array([1], np.int32), time, time, np.array([[7.0], [np.inf]]), np.zeros(1, np.uint32))
    rig.sink.late(kept)
    rig.clock.us += 10
    assert rig.value(1) == 5.0
    drawn = rig.ring(1)
    assert drawn[:2] == [5.0, 7.0]
    assert np.isnan(drawn[2])
    assert (rig.counters.late, rig.counters.taken) == (2, 1)


def test_empty_batch_is_nothing(rig: Rig) -> None:
    none = np.empty(0, np.int64)
    rig.sink.batch(Batch(0, np.array([1], np.int32), none, none, np.empty((0, 1)), np.zeros(1, np.uint32)))
    rig.sink.late(Batch(0, np.array([1], np.int32), none, none, np.empty((0, 1)), np.zeros(1, np.uint32)))
    assert rig.counters.taken == 0


def test_value_beyond_the_written_range_is_uncertain_and_one_beyond_the_devices_is_not(rig: Rig) -> None:
    rig.sink.describe(0, TagInfo("float32", "", 0.0, 1.0))
    rig.send(0, 50.0)
    rig.send(1, 50.0)
    seen = rig.reader.snapshot(rig.clock.us)
    assert seen.status.tolist() == [Status.GOOD, 0x40940000]
    assert seen.value.tolist() == [50.0, 50.0]


def test_reason_for_a_bad_tag_outlives_the_link(rig: Rig) -> None:
    tags = np.array([0], np.int32)
    rig.sink.mark(tags, Status.CONFIGURATION_ERROR, "the device has no register 1")
    rig.sink.mark(tags, Status.STALE)
    assert rig.reasons[0] == (Status.CONFIGURATION_ERROR, "the device has no register 1")
    assert rig.reader.snapshot(rig.clock.us).status[0] == Status.CONFIGURATION_ERROR
