"""The verbs ``import`` and ``export``: what they show, what they write, and how they end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.cli.out import Exit
from tests.engine.twin.exchange_plant import full_plant, plant_at, read

LIST = "path,level,colour\nHall/P 1,Unit,red\nHall/P 9,WorkCell,\n"


def test_an_import_is_only_shown_until_it_is_applied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, given = plant_at(tmp_path / "p"), tmp_path / "list.csv"
    given.write_text(LIST)
    assert main(["import", str(folder), "--csv", str(given)]) == Exit.DONE
    assert not (folder / "assets.csv").exists()
    assert capsys.readouterr().out.splitlines() == [
        "assets.csv: + Hall/P 1, Unit",
        "assets.csv: + Hall/P 9, WorkCell",
        "note: column 'colour' is left out; to take it: --map \"colour=technical.colour\"",
        "2 new rows, 0 changed, 0 kept that differ, 0 documents: nothing is written yet; --apply writes it",
    ]
    assert main(["import", str(folder), "--csv", str(given), "--apply"]) == Exit.DONE
    assert [each.path for each in read(folder).assets] == ["Hall/P 1", "Hall/P 9"]


def test_json_holds_every_change_and_a_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, given = full_plant(tmp_path / "p"), tmp_path / "list.csv"
    given.write_text("path,title\nHall/P 1,Other\n")
    assert main(["import", str(folder), "--csv", str(given), "--json"]) == Exit.DONE
    change, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert change == {
        "file": "assets.csv",
        "do": "keep",
        "row": "Hall/P 1",
        "line": 2,
        "cells": {"title": "Other"},
        "was": {"title": "Press No. 1"},
    }
    assert summary == {"applied": False, "added": 0, "changed": 0, "kept": 1, "files": [], "notes": []}


def test_a_file_that_cannot_be_read_ends_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = plant_at(tmp_path / "p")
    (tmp_path / "a.aasx").write_bytes(b"no zip")
    assert main(["import", str(folder), "--aas", str(tmp_path / "a.aasx"), "--apply"]) == Exit.NOT_DONE
    assert "a.aasx is no AASX package" in capsys.readouterr().err
    assert main(["import", str(folder), "--aas", str(tmp_path / "none.aasx")]) == Exit.NOT_DONE
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        ([], Exit.USAGE, "say what to import"),
        (["--source", "other"], Exit.NOT_DONE, "source 'other' is not in plant.toml"),
        (["--source", "plc"], Exit.NO_ENGINE, "no engine"),
        (["--csv", "x", "--map", "path"], Exit.USAGE, "--map wants HEADER=FIELD"),
    ],
)
def test_what_is_missing_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: Exit, why: str
) -> None:
    assert main(["import", str(plant_at(tmp_path / "p")), *words]) == code
    assert why in capsys.readouterr().err


def test_an_export_says_how_much_it_holds_and_comes_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.aasx"
    assert main(["export", str(full_plant(tmp_path / "p")), "--aas", str(out)]) == Exit.DONE
    assert capsys.readouterr().out == f"4 shells and 2 documents in {out}\n"
    other = plant_at(tmp_path / "other")
    assert main(["import", str(other), "--aas", str(out), "--under", "Site", "--apply"]) == Exit.DONE
    assert {each.path for each in read(other).tags} == {
        "Site/Hall/P 1/Oil/Pressure",
        "Site/Hall/P 1/State",
        "Site/Hall/P 2/State",
    }


def test_the_command_line_starts_without_the_libraries_of_the_exchange() -> None:
    heavy = "[name for name in sys.modules if name.startswith(('basyx', 'lxml', 'engine.twin.aas'))]"
    said = subprocess.run(
        [sys.executable, "-c", f"import sys, engine.cli.main; print({heavy})"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said == "[]\n"
