"""The bars on real and simulated public data (slow, skipped where it is absent), and any folder like them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from tests.bench.prediction import nab, skab, tep
from tests.bench.prediction.__main__ import main
from tests.bench.prediction.counts import Counts, counted

DATA = Path(__file__).parents[4] / "shared" / "data"


def folder(name: str) -> Path:
    found = DATA / name
    if not found.is_dir():
        pytest.skip(f"the public data set is not here: {found}")
    return found


def number(pattern: str, line: str) -> float:
    found = re.search(pattern, line)
    assert found, f"{pattern!r} is not in {line!r}"
    return float(found[1])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_skab_is_found_better_than_an_alarm_that_is_always_on():
    lines = skab.run(folder("skab")).lines
    for line in (lines[2], lines[3]):  # valves apart, which chose nothing, and all
        assert number(r"F1 (\d\.\d+)", line) >= 0.80
        assert number(r"always on scores F1 (\d\.\d+)", line) < 0.75
        assert number(r"FAR (\d+\.\d)", line) <= 27
        assert number(r"delay (\d+) rows", line) <= 60


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_tennessee_eastman_is_found_without_false_alarms():
    line = tep.run(folder("tennessee_eastman")).lines[1]
    assert number(r"FAR (\d+\.\d+) %", line) <= 1.0
    assert number(r"normal, (\d+\.\d+) %", line) <= 1.0
    assert number(r"detection (\d\.\d+)", line) >= 0.82


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_machine_of_nab_is_alarmed_before_it_fails_with_re_baselining_and_without():
    lines = nab.run(folder("nab_machine_temperature")).lines
    for line in lines[1:3]:
        assert 12 <= number(r"alarm (\d+\.\d) h before", line) <= 48
        assert number(r"(\d+) other episodes", line) <= 4


def test_counts_tell_what_an_alarm_that_is_always_on_scores():
    truth = np.array([True, True, False, False, False])
    found = counted(np.array([True, False, True, False, False]), truth)
    assert found == Counts(1, 1, 1, 2)
    assert found.f1 == 0.5
    assert found.far == pytest.approx(100 / 3)
    assert found.mar == 50.0
    assert found.always_on_f1 == pytest.approx(counted(np.ones(5, bool), truth).f1)


def write_skab(folder: Path, shift: float) -> None:
    random = np.random.default_rng(5)
    values = random.normal(size=(700, 3)) + [10, 20, 30]
    values[550:, 1] += shift
    start = datetime(2020, 3, 1, tzinfo=UTC)
    lines = ["datetime;A;B;C;anomaly;changepoint"]
    for at, row in enumerate(values):
        time = (start + timedelta(seconds=at)).strftime("%Y-%m-%d %H:%M:%S")
        lines.append(";".join([time, *(f"{each:.4f}" for each in row), f"{float(at >= 550)}", "0.0"]))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "0.csv").write_text("\n".join(lines))


def test_any_folder_like_skab_is_scored_and_odd_files_are_named(tmp_path):
    write_skab(tmp_path / "valve9", 3.0)
    (tmp_path / "valve9" / "notes.csv").write_text("a;b\n1;2\n")
    found = skab.run(tmp_path)
    assert len(found.rows) == 300
    assert found.rows[0].asset == "valve9/0"
    assert number(r"F1 (\d\.\d+)", found.lines[1]) > 0.9
    assert any("notes.csv" in line for line in found.lines)
    assert max(row.score for row in found.rows[:150]) < 1 < found.rows[-1].score


def test_a_folder_without_runs_is_refused_with_a_sentence(tmp_path):
    for each in (skab, nab):
        with pytest.raises(ValueError, match="expected"):
            each.run(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("m.csv", "", "m.csv has no columns timestamp and value"),
        ("m.csv", "time,value\n1,2\n", "m.csv has no columns timestamp and value"),
        ("m.csv", "timestamp,value\n", "m.csv has no rows"),
    ],
)
def test_a_table_like_nab_that_lacks_what_is_needed_is_named(tmp_path, capsys, name, text, said):
    (tmp_path / name).write_text(text)
    (tmp_path / "labels.json").write_text(
        json.dumps({"labels": ["2020-01-01 00:00:00"], "windows": [["2020-01-01 00:00:00"] * 2]})
    )
    assert main(["--set", "nab", "--data", str(tmp_path)]) == 1
    assert said in capsys.readouterr().err


def test_a_table_like_tennessee_eastman_without_its_columns_is_named(tmp_path, capsys):
    assert main(["--set", "tep", "--data", str(tmp_path)]) == 1
    assert "tep.parquet is expected" in capsys.readouterr().err
    parquet.write_table(arrow.table({"a": [1, 2], "fault": [0, 0]}), tmp_path / "tep.parquet")
    assert main(["--set", "tep", "--data", str(tmp_path)]) == 1
    assert "tep.parquet lacks the columns part, sample, xmeas_" in capsys.readouterr().err


def test_any_folder_like_tennessee_eastman_is_scored(tmp_path):
    random = np.random.default_rng(6)
    columns: dict[str, list[np.ndarray]] = {name: [] for name in ("fault", "sample", "xmeas_1", "xmv_1")}
    parts: list[str] = []
    for fault, part, rows in ((0, "train", 400), (0, "test", 600), (7, "test", 600)):
        values = random.normal(size=(rows, 2)) + [5, 9]
        values[160:, 0] += 4.0 * (fault == 7)
        columns["fault"].append(np.full(rows, fault))
        columns["sample"].append(np.arange(1, rows + 1))
        columns["xmeas_1"].append(values[:, 0])
        columns["xmv_1"].append(values[:, 1])
        parts += [part] * rows
    table = {name: np.concatenate(each) for name, each in columns.items()} | {"part": parts}
    parquet.write_table(arrow.table(table), tmp_path / "tep.parquet")
    found = tep.run(tmp_path)
    assert {row.asset for row in found.rows} == {"fault 0", "fault 7"}
    assert number(r"detection (\d\.\d+)", found.lines[1]) > 0.95
    assert "7: " in found.lines[2]


def write_nab(folder: Path, falls_h: float) -> None:
    random = np.random.default_rng(7)
    start, rows = datetime(2014, 1, 1, tzinfo=UTC), 10 * 144
    fails = rows - 18
    value = 80 + random.normal(size=rows)
    begins = fails - int(falls_h * 6)
    value[begins:] -= 0.16 * np.arange(rows - begins)
    stamps = [(start + timedelta(minutes=10 * at)).strftime("%Y-%m-%d %H:%M:%S") for at in range(rows)]
    text = "\n".join(f"{stamp},{each:.3f}" for stamp, each in zip(stamps, value, strict=True))
    (folder / "machine.csv").write_text("timestamp,value\n" + text)
    labels = {"labels": [stamps[fails]], "windows": [[stamps[fails - 200], stamps[fails]]]}
    (folder / "labels.json").write_text(json.dumps(labels))


def test_any_folder_like_nab_is_replayed_and_the_alarm_dated_back(tmp_path):
    write_nab(tmp_path, 30)
    found = nab.run(tmp_path)
    for line in found.lines[1:3]:
        lead = number(r"alarm (\d+\.\d) h before", line)
        assert 20 <= lead <= 30
        assert lead < number(r"dated back to (\d+\.\d) h", line) <= 31
        assert number(r"(\d+) other episodes", line) == 0


def test_the_replay_closes_every_bucket_when_live_would_have(tmp_path):
    time_us = np.arange(12, dtype=np.int64) * 300_000_000
    value = np.arange(12.0)
    found = list(nab.replay(time_us, value, 600.0))
    # Two samples a bucket, each holding for five minutes; the last bucket is still open.
    assert found == [((at + 1) * 600_000_000, 2 * at + 0.5) for at in range(5)]
