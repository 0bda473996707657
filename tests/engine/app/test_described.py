"""What the device says of a tag beside what tags.csv says."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.app.plant import Running, open_plant
from engine.drivers.link import Link
from engine.types import Batch, Plant, Project, Source, Tag, TagInfo
from tests.engine.app.test_ingest import StillClock

PLAIN = Tag(-1, "A/plain", "plc", "holding:1", line=2)
TAGS = (
    PLAIN,
    msgspec.structs.replace(PLAIN, path="A/scaled", line=3, factor=0.1, offset=-40.0, type="int16"),
    msgspec.structs.replace(PLAIN, path="A/unit", line=4, unit="°C"),
    msgspec.structs.replace(PLAIN, path="A/text", line=5, type="string"),
    msgspec.structs.replace(PLAIN, path="A/truth", line=6, factor=10.0, low=0.0, high=1.0),
    msgspec.structs.replace(PLAIN, path="A/other unit", line=7, unit="°C"),
)
PLAIN_ID, SCALED, UNIT, TEXT, TRUTH, OTHER = range(6)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    project = Project(str(tmp_path), Plant("p", ring_mb=1), (Source("plc", "modbus", "tcp://h"),), TAGS)
    (tmp_path / "runtime").mkdir()
    made = open_plant(tmp_path, project, 7, tmp_path / "runtime", StillClock())
    yield made
    made.close()


def link(running: Running) -> Link:
    return running.sources[0][2]


def send(running: Running, tag: int, value: float) -> tuple[float, int]:
    """Value and quality that a raw value gives."""
    now = np.array([running.clock.now_us()], np.int64)
    sink = running.sources[0][0].sink
    sink.batch(Batch(0, np.array([tag], np.int32), now, now, np.array([[value]]), np.zeros(1, np.uint32)))
    return float(running.table._value[tag]), int(running.table.quality()[tag])  # noqa: SLF001


def test_scaled_integer_is_seen_as_a_number_with_decimals(running: Running) -> None:
    assert running.tags[SCALED].type == "float64"
    assert send(running, SCALED, 615.0)[0] == pytest.approx(21.5)


def test_range_of_the_device_is_scaled_and_its_unit_no_longer_holds(running: Running) -> None:
    running.described(SCALED, TagInfo("int16", "0.1 K", 0.0, 1000.0))
    seen = running.tags[SCALED]
    assert (seen.type, seen.unit, seen.low, seen.high) == ("float64", "", -40.0, 60.0)
    assert not link(running).notes, "who scales a tag knows of the unit"


def test_other_unit_on_the_device_is_a_note_and_nothing_is_converted(running: Running) -> None:
    running.described(UNIT, TagInfo("float32", "°F"))
    note = link(running).notes["tags.csv unit"]
    assert note.what == "tags.csv:4 says °C, the device says °F"
    assert note.do == "values are not converted: set factor and offset in tags.csv, or correct the unit there"
    assert running.tags[UNIT].unit == "°C"
    assert send(running, UNIT, 68.0)[0] == 68.0
    running.described(UNIT, TagInfo("float32", "°C"))
    assert not link(running).notes, "the device was put right"


def test_many_tags_with_the_same_contradiction_make_one_note(running: Running) -> None:
    running.described(UNIT, TagInfo("float32", "°F"))
    running.described(OTHER, TagInfo("float32", "K"))
    (note,) = link(running).notes.values()
    assert note.what == "tags.csv:4 says °C, the device says °F, and 1 more tag like it"


def test_type_that_is_text_on_one_side_only_follows_the_device(running: Running) -> None:
    running.described(TEXT, TagInfo("float32"))
    assert running.tags[TEXT].type == "float32"
    assert link(running).notes["tags.csv type"].what == "tags.csv:5 says string, the device says float32"
    assert send(running, TEXT, 3.0) == (3.0, 0)
    running.described(PLAIN_ID, TagInfo("string"))
    assert running.tags[PLAIN_ID].type == "string"


def test_words_of_an_enumeration_reach_the_tag_which_is_then_not_scaled_or_doubted(running: Running) -> None:
    running.described(TRUTH, TagInfo("int32", states={0: "off", 7: "fault"}))
    assert running.tags[TRUTH].states == {0: "off", 7: "fault"}
    assert running.tags[TRUTH].type == "int32"
    assert send(running, TRUTH, 7.0) == (7.0, 0)
    assert link(running).notes["tags.csv factor"].what == "tags.csv:6 scales a tag that is an enumeration"


def test_truth_is_not_scaled(running: Running) -> None:
    running.described(TRUTH, TagInfo("bool"))
    assert send(running, TRUTH, 1.0) == (1.0, 0)
    assert link(running).notes["tags.csv factor"].what == "tags.csv:6 scales a tag that is bool"


def test_contexts_of_all_sources_share_texts_and_connections(tmp_path: Path) -> None:
    (tmp_path / "runtime").mkdir()
    sources = tuple(Source(name, "modbus", "tcp://h") for name in ("a", "b"))
    project = Project(str(tmp_path), Plant("p", ring_mb=1), sources, ())
    made = open_plant(tmp_path, project, 7, tmp_path / "runtime", StillClock())
    first, second = (context for context, _driver, _link in made.sources)
    assert first.shared is second.shared
    assert first.intern("Ready") == second.intern("Ready") == made.texts.code("Ready")
    made.close()
