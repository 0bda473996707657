from pathlib import Path

import pytest

from tests.engine.config.projects import PLANT, check, said


def states(folder: Path, cell: str, kind: str = "int32", more: str = "") -> list[str]:
    """What is said of one tag with this cell."""
    header = "path,source,address,type,states,factor\n"
    _, problems = check(folder, PLANT, f"{header}A/State,plc1,i=1,{kind},{cell},{more}\n")
    return said(problems)


def test_words_of_an_enumeration_are_read_by_number(tmp_path: Path):
    tags = "path,source,address,states\nA/State,plc1,i=1, 0 off | 1  warming up|-3 fault: hot\n"
    project, problems = check(tmp_path, PLANT, tags)
    assert problems == []
    assert project is not None
    assert project.tags[0].states == {0: "off", 1: "warming up", -3: "fault: hot"}


def test_a_tag_without_states_has_none(tmp_path: Path):
    assert states(tmp_path, "") == []


@pytest.mark.parametrize(
    ("cell", "kind", "sentence"),
    [
        ("0 off|manual", "int32", '"manual" is not a number and its word: write "0 off|1 manual|2 auto"'),
        ("0 off|", "int32", '"" is not a number and its word: write "0 off|1 manual|2 auto"'),
        ("0=off", "", '"0=off" is not a number and its word: write "0 off|1 manual|2 auto"'),
        ("1 on|1 off", "int32", "names 1 twice: give each number one word"),
        ("0 off|2 on", "bool", "names 2, but this tag is on or off: use 0 and 1"),
        ("0 off|1 on", "string", "cannot be applied, since this tag is text: leave states empty"),
    ],
)
def test_states_that_are_none_are_told(tmp_path: Path, cell: str, kind: str, sentence: str):
    assert states(tmp_path, cell, kind) == [f"tags.csv:2: error: states {sentence}"]


def test_every_wrong_part_of_a_cell_is_told(tmp_path: Path):
    assert len(states(tmp_path, "off|on|2 auto|2 hand")) == 3


def test_an_enumeration_is_not_scaled(tmp_path: Path):
    assert states(tmp_path, "0 off|1 on", "int32", "0.1") == [
        "tags.csv:2: error: factor cannot be applied, since this tag is an enumeration: leave factor empty"
    ]
