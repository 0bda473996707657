"""Exports hold every sample once, read back as they were, and never hold half of anything."""

import csv
import io
import json
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest

from engine.clock import FIRST_US, LAST_US
from engine.historian import Cancelled, StoredHistory, export
from engine.historian.export import COLUMNS, MOST_ROWS, Format, copy, portions, writer
from engine.historian.points import copy_points
from engine.store.segment import Segment
from engine.types import Origin, Status, Tag, cell, uncell
from tests.engine.historian.stored import DAY_US, SECOND_US, START_US, chunk, cut, day_name, history, store

END_US = START_US + DAY_US
ODD = '=Line/+1 "odd", tag'
PRESSURE = Tag(1, "Line/Pressure", "plc", "", "float64", "°C")
COUNT, RUNS = Tag(2, ODD, "plc", "", "uint16"), Tag(3, "Line/Runs", "plc", "", "bool")
STATE = Tag(4, "Line/State", "plc", "", "string", "@unit")
TEXTS = ["open", "=1+1", "-5", "'quoted", "line\r\nbreak", "-cmd|' /C calc'!A0"]


@pytest.fixture
def stored(tmp_path: Path) -> StoredHistory:
    folder = tmp_path / "history"
    folder.mkdir()
    times = [START_US, START_US + 250_000, START_US + SECOND_US, START_US + 60 * SECOND_US]
    chunks = [
        chunk(1, times, [1.5, -2.0, np.nan, 0.1 + 0.2], [0, 0x42090000, Status.SENSOR_FAILURE, 0]),
        chunk(1, [times[-1] + 1], [4.0], [Status.STALE], Origin.ENGINE),
        chunk(2, times[:2], [65535.0, 0.0]),
        chunk(3, times[:2], [1.0, 0.0], origin=Origin.BACKFILL),
        chunk(4, START_US + np.arange(len(TEXTS)), np.arange(float(len(TEXTS)))),
    ]
    segment = Segment(folder / day_name(START_US))
    segment.put(chunks, 1, list(enumerate(TEXTS)))
    segment.close()
    return history(folder)


TAGS = [PRESSURE, COUNT, RUNS, STATE]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_has_the_promised_columns_and_every_sample(stored: StoredHistory, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert export(stored, TAGS, START_US, END_US, path, "csv") == 15
    rows = table(path)
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 15
    assert list(rows[1].values()) == [
        *("Line/Pressure", "2026-01-01T00:00:00.250000Z", "2026-01-01T00:00:00.255000Z", "-2.0", "°C"),
        *("uncertain", "0x42090000", "simulated value", "live"),
    ]
    assert [row["value"] for row in rows[:7]] == ["1.5", "-2.0", "", repr(0.1 + 0.2), "4.0", "65535", "0"]
    assert [(row["quality"], row["origin"]) for row in rows[4:8]] == [
        ("uncertain", "engine"),
        ("good", "live"),
        ("good", "live"),
        ("good", "backfill"),
    ]
    assert [row["value"] for row in rows[7:9]] == ["1", "0"]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    stored.close()


def test_csv_text_is_no_formula_and_reads_back_as_it_was(stored: StoredHistory, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    export(stored, TAGS, START_US, END_US, path, "csv")
    rows = table(path)
    texts = [row["value"] for row in rows if row["tag"] == "Line/State"]
    assert texts == ["open", "'=1+1", "-5", "''quoted", "line\r\nbreak", "'-cmd|' /C calc'!A0"]
    assert [uncell(text) for text in texts] == TEXTS
    assert {uncell(row["tag"]) for row in rows} == {tag.path for tag in TAGS}
    assert {row["unit"] for row in rows if row["tag"] == "Line/State"} == {"'@unit"}
    stored.close()


@pytest.mark.parametrize(
    "text", ["=1", "+a", "-", "@x", "\tx", "\rx", "\nx", "\0x", "'=", "-1e", "+1_0", "-inf", "=", "'"]
)
def test_dangerous_text_gets_a_mark_and_comes_back(text: str) -> None:
    (row,) = list(csv.reader(io.StringIO(f"{cell(text)}\r\n", newline="")))
    assert row[0][0] == "'"
    assert uncell(row[0]) == text


@pytest.mark.parametrize("text", ["-5", "+5", "-.5e-3", "12", "", "a=b", "press 1", "5'"])
def test_numbers_and_harmless_text_stay_as_they_are(text: str) -> None:
    assert cell(text) == text
    assert uncell(text) == text


def test_json_gives_one_object_a_line(stored: StoredHistory) -> None:
    file = io.BytesIO()
    assert copy(stored, TAGS, START_US, END_US, writer(file, "json")) == 15
    rows = [json.loads(line) for line in file.getvalue().splitlines()]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert [row["value"] for row in rows] == [1.5, -2.0, None, 0.1 + 0.2, 4.0, 65535, 0, True, False, *TEXTS]
    assert rows[2]["quality"] == "bad"
    assert rows[2]["status"] == "0x808C0000"
    assert rows[2]["reason"] == "sensor failure"
    stored.close()


def test_parquet_has_times_in_utc_and_texts_of_their_own(stored: StoredHistory, tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    assert export(stored, TAGS, START_US, END_US, path, "parquet") == 15
    found = pyarrow.parquet.read_table(path)
    assert str(found.schema.field("source_time").type) == "timestamp[us, tz=UTC]"
    assert str(found.schema.field("receive_time").type) == "timestamp[us, tz=UTC]"
    columns = found.to_pydict()
    assert columns["value"][:5] == [1.5, -2.0, None, 0.1 + 0.2, 4.0]
    assert columns["text"][9:] == TEXTS
    assert columns["value"][9:] == [None] * len(TEXTS)
    assert columns["tag"][5] == ODD
    assert columns["status"][1] == 0x42090000
    assert columns["origin"][7] == "backfill"
    assert int(columns["source_time"][1].timestamp() * 1e6) == START_US + 250_000
    stored.close()


@pytest.mark.parametrize("step_us", [SECOND_US, 10 * SECOND_US, 1200 * SECOND_US])
def test_steps_give_what_stood_at_each(stored: StoredHistory, step_us: int) -> None:
    file = io.BytesIO()
    end = START_US + 3600 * SECOND_US
    count = copy(stored, [PRESSURE], START_US - 2 * step_us, end, writer(file, "json"), step_us)
    rows = [json.loads(line) for line in file.getvalue().splitlines()]
    assert count == len(rows) == 3600 * SECOND_US // step_us, "nothing was known before the first sample"
    assert rows[0]["source_time"] == "2026-01-01T00:00:00.000000Z"
    assert rows[0]["value"] == 1.5
    assert rows[0]["receive_time"] is rows[0]["origin"] is None
    assert rows[-1]["value"] == 4.0
    assert rows[-1]["quality"] == "uncertain"
    stored.close()


def test_steps_follow_the_line_where_samples_were_left_out(tmp_path: Path) -> None:
    store(tmp_path, [chunk(1, [START_US, START_US + 10], [0.0, 10.0], dropped=[4, 0])])
    stored = history(tmp_path)
    file = io.BytesIO()
    copy(stored, [PRESSURE], START_US, START_US + 12, writer(file, "json"), 3)
    assert [json.loads(line)["value"] for line in file.getvalue().splitlines()] == [0.0, 3.0, 6.0, 9.0]
    stored.close()


def test_large_exports_come_in_bounded_portions_with_every_sample_once(tmp_path: Path) -> None:
    times = START_US + 1000 * np.arange(400_000)  # 1 kHz
    sparse = START_US + DAY_US + 3600 * SECOND_US * np.arange(100)
    for part in cut(times, [50_000]):
        store(tmp_path, [chunk(1, times[part], np.arange(part.start, part.stop, dtype=float))])
    for part in cut(sparse, [50]):
        store(tmp_path, [chunk(1, sparse[part], np.ones(len(sparse[part])))])
    stored = history(tmp_path)
    found = [samples for _, samples in portions(stored, 1, START_US - DAY_US, START_US + 9 * DAY_US)]
    assert np.concatenate([samples.time_us for samples in found]).tolist() == [
        *times.tolist(),
        *sparse.tolist(),
    ]
    sizes = [len(samples.time_us) for samples in found]
    assert max(sizes) <= MOST_ROWS
    assert len(found) < 80
    stored.close()


@pytest.mark.parametrize("format", ["csv", "json", "parquet"])
def test_stopped_export_leaves_nothing(stored: StoredHistory, tmp_path: Path, format: Format) -> None:
    place = tmp_path / "exports"
    place.mkdir()
    heard: list[float] = []

    def watch(done: float) -> bool:
        heard.append(done)
        return len(heard) < 5

    with pytest.raises(Cancelled):
        export(stored, TAGS, START_US, END_US, place / f"out.{format}", format, watch=watch)
    assert list(place.iterdir()) == []
    assert len(heard) == 5
    assert heard == sorted(heard)
    export(stored, TAGS, START_US, END_US, place / f"out.{format}", format, watch=lambda _: True)
    assert [path.name for path in place.iterdir()] == [f"out.{format}"]
    stored.close()


def test_export_that_cannot_be_written_names_the_file_and_keeps_the_old_one(
    stored: StoredHistory, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="there is no folder .*nowhere: make it, or choose another") as caught:
        export(stored, TAGS, START_US, END_US, tmp_path / "nowhere" / "out.csv", "csv")
    assert caught.value.filename == str(tmp_path / "nowhere" / "out.csv")
    with pytest.raises(OSError, match="is a folder: choose another name"):
        export(stored, TAGS, START_US, END_US, tmp_path, "csv")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="is no plain file: choose another name"):
        export(stored, TAGS, START_US, END_US, tmp_path / "pipe", "csv")
    kept = tmp_path / "kept.csv"
    kept.write_text("old")
    with pytest.raises(Cancelled):
        export(stored, TAGS, START_US, END_US, kept, "csv", watch=lambda _: False)
    assert kept.read_text() == "old"
    stored.close()


def test_export_of_all_time_takes_few_portions(stored: StoredHistory) -> None:
    """Somebody leaves the end open, or types a year too many."""
    for span in ((START_US, LAST_US), (FIRST_US, LAST_US)):
        found = list(portions(stored, TAGS[0].tag_id, *span))
        assert len(found) < 2000
        assert sum(len(samples.time_us) for _, samples in found) == stored.count(TAGS[0].tag_id, *span)
    stored.close()


def test_two_exports_to_one_place_do_not_write_into_each_other(stored: StoredHistory, tmp_path: Path) -> None:
    place, between = tmp_path / "out.csv", list[int]()
    rows = export(stored, TAGS, START_US, END_US, tmp_path / "alone.csv", "csv")

    def watch(_: float) -> bool:
        if not between:
            between.append(export(stored, TAGS[:1], START_US, END_US, place, "csv"))
            assert len(table(place)) == between[0] < rows
        return True

    assert export(stored, TAGS, START_US, END_US, place, "csv", watch=watch) == rows
    assert place.read_bytes() == (tmp_path / "alone.csv").read_bytes()
    stored.close()


@pytest.mark.parametrize("format", ["csv", "json", "parquet"])
def test_points_are_the_curve_with_its_gaps(stored: StoredHistory, format: Format) -> None:
    file = io.BytesIO()
    assert copy_points(stored, [PRESSURE], (START_US, END_US), 500, file, format) == 5
    if format == "parquet":
        rows = pyarrow.parquet.read_table(io.BytesIO(file.getvalue())).to_pylist()
    elif format == "json":
        rows = [json.loads(line) for line in file.getvalue().splitlines()]
    else:
        rows = list(csv.DictReader(io.StringIO(file.getvalue().decode(), newline="")))
    assert list(rows[0]) == ["tag", "source_time", "low", "high", "unit", "quality"]
    assert [row["quality"] for row in rows] == ["good", "uncertain", "bad", "good", "bad"]
    assert float(rows[1]["low"]) == -2.0
    assert rows[2]["low"] in (None, "")
    stored.close()
