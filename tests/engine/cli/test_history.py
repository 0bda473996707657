"""``watchroom history`` on a project folder without an engine."""

import csv
import io
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet
import pytest

from engine import paths
from engine.cli import main
from engine.cli.history import joined
from engine.cli.moments import instant, length
from engine.store import Catalogue
from engine.types import Tag
from tests.engine.historian.stored import SECOND_US, START_US, chunk, store

PLANT = (
    '[plant]\ntimezone = "Europe/Berlin"\n[[sources]]\nid = "plc"\ndriver = "modbus"\n'
    'endpoint = "tcp://127.0.0.1:502"\n'
)
TAGS = (
    "path,source,address,type,unit\nLine/Press/Pressure,plc,holding:1:float64,,bar\n"
    "Line/Press/Runs,plc,coil:1,,\n"
)
SPAN = ("--start", "2026-01-01T00:00:00Z", "--end", "2026-01-01T01:00:00Z")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "plant"
    paths.data(folder)
    (folder / "plant.toml").write_text(PLANT)
    (folder / "tags.csv").write_text(TAGS)
    catalogue = Catalogue(folder / "data" / "catalogue.db")
    names = ("Line/Press/Pressure", "Line/Press/Runs", "Line/Old/Level")
    catalogue.number([Tag(-1, name, "plc", "") for name in names], 1)
    catalogue.close()
    store(
        paths.history(folder),
        [
            chunk(0, [START_US + k * SECOND_US for k in range(100)], [float(k) for k in range(100)]),
            chunk(1, [START_US], [1.0]),
            chunk(2, [START_US], [7.5]),
        ],
    )
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = main(["history", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_prints_every_sample_as_csv(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, project, "Line/Press/Pressure", "Line/Press/Runs", *SPAN)
    assert (code, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 101
    assert [rows[99][name] for name in ("tag", "value", "unit")] == ["Line/Press/Pressure", "99.0", "bar"]
    assert rows[100]["value"] == "1"


def test_json_step_and_points(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, project, "Line/Press/Pressure", *SPAN, "--format", "json", "--step", "1m")
    assert [json.loads(line)["value"] for line in out.splitlines()] == [0.0, 60.0, *[99.0] * 58]
    code, out, _ = run(capsys, project, "Line/Press/Pressure", *SPAN, "--points", "10")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert rows[0]["low"] == "0.0"
    assert max(float(row["high"]) for row in rows) == 99.0
    assert len(rows) <= 21


def test_file_comes_whole_and_is_told(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "out.parquet"
    code, out, err = run(capsys, project, "Line/Press/Runs", *SPAN, "--format", "parquet", "--out", file)
    assert (code, out, err) == (0, f"1 row in {file}\n", "")
    assert pyarrow.parquet.read_table(file)["value"].to_pylist() == [1.0]


def test_tag_that_was_removed_from_the_project_keeps_its_history(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, project, "Line/Old/Level", *SPAN, "--format", "json")
    assert code == 0
    assert json.loads(out)["value"] == 7.5


def test_unknown_tag_is_a_sentence_with_near_matches(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, project, "line/press/presure", "Nowhere", *SPAN)
    assert (code, out) == (1, "")
    first, second = err.splitlines()
    assert first.startswith("there is no tag 'line/press/presure'; did you mean Line/Press/Pressure")
    assert second == "there is no tag 'Nowhere', 3 others are known"


def test_last_hour_is_the_default_and_may_be_empty(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, project, "Line/Press/Pressure", "--format", "json")
    assert (code, out, err) == (0, "", "")


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("--start", "yesterday"), 2, "'yesterday' is no time"),
        (("--start", "now", "--end", "-1h"), 1, "the start must come first"),
        (("--format", "parquet"), 2, "cannot be printed"),
    ],
)
def test_what_cannot_be_done_is_said(
    project: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, text: str
) -> None:
    found, _, err = run(capsys, project, "Line/Press/Pressure", *words)
    assert found == code
    assert text in err


def test_project_without_any_history_prints_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "plant.toml").write_text(PLANT)
    (tmp_path / "tags.csv").write_text(TAGS)
    code, out, err = run(capsys, tmp_path, "Line/Press/Pressure", "--format", "json", "--start", "-90d")
    assert (code, out, err) == (0, "", "")
    assert not (tmp_path / "data").exists(), "looking makes no files"


def test_times_are_read_as_people_write_them() -> None:
    berlin, now = ZoneInfo("Europe/Berlin"), START_US

    def at(text: str) -> int:
        return (instant(text, now, berlin) - START_US) // SECOND_US

    assert at("now") == 0
    assert at("-24h") == at("now-1d") == at("now - 86400s") == -86400
    assert at("+10min") == 600
    assert at("2026-01-01T00:00:10Z") == at("2026-01-01T01:00:10+01:00") == 10
    assert at("2026-01-01 01:00:10") == at("2026-01-01T01:00:10") == 10
    assert at("2026-01-01") == -3600
    assert at("2026-07-01 00:00") - at("2026-07-01 00:00Z") == -7200
    assert length("250ms") == 250_000
    assert length("90") == length("1.5m") == 90 * SECOND_US


def test_a_time_in_the_past_is_no_option() -> None:
    assert joined(["history", "d", "t", "--start", "-24h", "--end", "now"])[-3:] == [
        "--start=-24h",
        "--end",
        "now",
    ]
    assert joined(["read", "d", "--start", "--end", "-1h"]) == ["read", "d", "--start", "--end=-1h"]
