"""``watchroom alarm-journal`` on a project folder without an engine."""

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet
import pytest

from engine import paths
from engine.cli import main
from engine.store import Journal
from tests.engine.store.alarm_changes import HOUR_US, START_US, body, change
from tests.engine.store.told import Told

PLANT = '[[sources]]\nid = "plc"\ndriver = "modbus"\nendpoint = "tcp://127.0.0.1:502"\n'
SPAN = ("--start", "2025-06-15T00:00:00Z", "--end", "2025-06-16T00:00:00Z")
FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder, told = tmp_path / "plant", Told()
    journal = Journal(paths.data(folder) / "journal.db", told.committed, told.failed)
    (folder / "plant.toml").write_text(PLANT)
    (folder / "tags.csv").write_text("path,source,address\nLine 1/S1/Pressure,plc,holding:1\n")
    for noted in (
        change(1, value=187.5),
        change(2, time_us=START_US + HOUR_US, priority=1, value=None),
        change(1, "acknowledged", "C", START_US + 2 * HOUR_US, by="Ann", text=FORMULA),
        change(1, "shelved", "E", START_US + 3 * HOUR_US, by="Zoë\x1b[2J", until_us=START_US + 4 * HOUR_US),
    ):
        journal.append(noted.time_us, "alarm", body(noted))
    told.until(lambda: len(told.events) == 4)
    journal.close()
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = main(["alarm-journal", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_prints_changes_newest_first_and_nothing_that_steers_the_terminal(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, project, *SPAN)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.split("  ")[2] for line in lines] == [
        "shelved [E]",
        "acknowledged [C]",
        "active [B]",
        "active [B]",
    ]
    assert "by Zoë\ufffd[2J  until 2025-06-15T19:06:40.000000Z" in lines[0]
    assert lines[3] == (
        "2025-06-15T15:06:40.000000Z  2  active [B]  Pressure is high  "
        "Line 1/S1/Pressure h  187.5 (limit 180)"
    )


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("--under", "Line 1/S2"), 1),
        (("--priority", "1", "--priority", "3"), 1),
        (("--what", "acknowledged", "--what", "active"), 3),
        (("--kind", "l"), 0),
        (("--text", "ZOË"), 1),
        (("--most", "2"), 2),
        (("--start", "2025-06-15T16:30:00Z"), 2),
        (("--end", "2025-06-15T15:30:00Z"), 1),
    ],
)
def test_filters(
    project: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], count: int
) -> None:
    code, out, _ = run(capsys, project, *SPAN, "--format", "json", *words)
    assert (code, len(out.splitlines())) == (0, count)


def test_nothing_in_a_span_is_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, project) == (0, "no alarm did anything then\n", "")


def test_csv_is_no_formula_and_json_and_parquet_say_the_same(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, project, *SPAN, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [rows[1][name] for name in ("by", "text", "what", "until")] == [
        "Ann",
        f"'{FORMULA}",
        "acknowledged",
        "",
    ]
    assert rows[2]["value"] == ""
    _, out, _ = run(capsys, project, *SPAN, "--format", "json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [lines[1]["text"], lines[3]["value"], lines[0]["seq"]] == [FORMULA, 187.5, 4]
    file = tmp_path / "out.parquet"
    code, out, _ = run(capsys, project, *SPAN, "--format", "parquet", "--out", file)
    assert (code, out) == (0, f"4 changes in {file}\n")
    table = pyarrow.parquet.read_table(file)
    assert table.column_names == list(lines[0])
    assert table["priority"].to_pylist() == [line["priority"] for line in lines]
    assert table["time"].cast("int64").to_pylist()[3] == START_US
    assert table["until"].cast("int64").to_pylist() == [START_US + 4 * HOUR_US, None, None, None]


def test_csv_file_begins_with_the_mark_of_its_encoding(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, project, *SPAN, "--format", "csv", "--out", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbftime,source_time,what")


def test_what_cannot_be_done_is_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, project, "--format", "parquet")[0] == 2
    assert run(capsys, project, "--start", "yesterday")[0] == 2
    code, _, err = run(capsys, project, "--start", "now", "--end", "-1h")
    assert (code, "the start must come first" in err) == (1, True)
    (project / "data" / "journal.db").write_bytes(b"\x93random" * 3000)
    code, _, err = run(capsys, project)
    assert (code, "journal.db cannot be used" in err) == (1, True)


def test_project_without_a_journal_has_no_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plant.toml").write_text(PLANT)
    (tmp_path / "tags.csv").write_text("path,source,address\nLine 1/S1/Pressure,plc,holding:1\n")
    assert run(capsys, tmp_path, "--format", "json") == (0, "", "")
