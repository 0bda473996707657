"""What ``assets`` prints of a project, without an engine."""

import argparse
import json
from pathlib import Path

import pytest

from engine.cli.assets import assets
from engine.cli.out import Exit
from tests.engine.cli.test_project import folder

RELATIONS = "subject,relation,object,medium\nA/B/P,feeds,A/C,oil\nA/B/P,measured by,A/B/Good,\n"


def project(path: Path, below: str = "", *, is_json: bool = False) -> argparse.Namespace:
    arguments = folder(path, assets__csv="path,level,number\nA/B/P,ControlModule,P-1\nA/C,,\n")
    (path / "relations.csv").write_text(RELATIONS)
    return argparse.Namespace(dir=arguments.dir, path=below, json=is_json)


def test_the_tree_shows_levels_and_relations_both_ways(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert assets(project(tmp_path)) == Exit.DONE
    assert capsys.readouterr().out.splitlines() == [
        "A  Area",
        "  B  WorkUnit  2 tags",
        "    P  ControlModule  P-1  1 tag",
        "        feeds A/C (oil)",
        "        measured by A/B/Good",
        "  C  WorkUnit",
        "      fed by A/B/P (oil)",
    ]


def test_a_branch_is_printed_as_json_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert assets(project(tmp_path, "A/B/", is_json=True)) == Exit.DONE
    unit, pump = map(json.loads, capsys.readouterr().out.splitlines())
    assert (unit["asset"], unit["tags"]) == ("A/B", ["A/B/State", "A/B/Good"])
    assert pump == {
        "asset": "A/B/P",
        "level": "ControlModule",
        "type": "",
        "title": "",
        "number": "P-1",
        "parents": ["A/B"],
        "tags": ["A/B/Good"],
        "relations": [
            {"relation": "feeds", "to": "A/C", "medium": "oil"},
            {"relation": "measured by", "to": "A/B/Good", "medium": ""},
        ],
    }


def test_an_asset_that_is_not_there_is_told_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert assets(project(tmp_path, "A/D/P")) == Exit.NOT_DONE
    assert 'there is no asset "A/D/P" in' in capsys.readouterr().err
