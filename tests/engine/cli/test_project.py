"""What ``check`` and ``tags`` say of a project folder."""

import argparse
import json
from pathlib import Path

import pytest

from engine.cli import project
from engine.cli.out import Exit

PLANT = '[[sources]]\nid = "plc"\ndriver = "modbus"\nendpoint = "tcp://127.0.0.1:502"\n'
TAGS = "path,source,address,states\nA/B/State,plc,holding:1,0 off|1 on\nA/B/Good,plc,holding:2,\n"


def folder(path: Path, **files: str) -> argparse.Namespace:
    """A project folder as an argument; double underscores in names are dots."""
    for name, content in {"plant__toml": PLANT, "tags__csv": TAGS, **files}.items():
        (path / name.replace("__", ".")).write_text(content)
    return argparse.Namespace(dir=path, json=False)


def test_check_counts_what_the_project_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kpi = '[[kpi]]\nid = "rate"\nkind = "throughput"\ngood = "A/B/Good"\n'
    alarms = "path,kind,limit\nA/B/State,on,1\nA/B/Good,h,100\n"
    assert project.check(folder(tmp_path, kpi__toml=kpi, alarms__csv=alarms)) == Exit.DONE
    assert capsys.readouterr().out == f"{tmp_path}: 2 tags, 1 source, 2 alarm limits, 1 figure, no errors\n"


def test_check_prints_the_findings_of_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = folder(tmp_path, kpi__toml="[[kpi]]\n", alarms__csv="path,kind,limit\nA/B/Stat,on,1\n")
    assert project.check(arguments) == Exit.NOT_DONE
    said = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in said] == ["alarms.csv:2", "kpi.toml:1", "kpi.toml:1"]


def test_tags_names_the_states_of_an_enumeration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = folder(tmp_path)
    arguments.json = True
    assert project.tags(arguments) == Exit.DONE
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["states"] == {"0": "off", "1": "on"}
    assert second["states"] == {}
