from pathlib import Path

import pytest

from engine.config import read
from engine.types import Mimic, MimicPipe, MimicSymbol, MimicValue, Part
from tests.engine.config.projects import RULES, check_line, said

SCENE = """\
# the press
[[parts]]
shape = "press"
asset = "Line 3/S50 Press"
at = [12, 0, 0.5]
turn = 90
label = true

[[parts]]
shape = "pipe"
points = [[0, 0, 3], [12, 0, 3]]
"""
MIMIC = """\
asset = "Line 3/S50 Press"
title = "Press"
size = [800, 300]

[[symbols]]
symbol = "tank"
at = [10, 20]
asset = "Hydraulics"
level = "Hydraulics/Pressure"
lines = ["Good", "Rejects"]

[[values]]
tag = "Hydraulics/Pressure"
at = [200, 40]
to = [180.5, 60]

[[pipes]]
points = [[110, 70], [200, 70]]
"""


def findings(folder: Path, name: str, text: str) -> list[str]:
    """What is said about one file beside a small line."""
    _, problems = check_line(folder, {name: text})
    return said(problems)


def test_parts_of_all_scene_files_are_read_in_order(tmp_path: Path):
    files = {"scene/b.toml": '[[parts]]\nshape = "tank"\n', "scene/a.toml": SCENE}
    project, problems = check_line(tmp_path, files)
    assert problems == []
    assert project is not None
    assert project.parts == (
        Part("press", "Line 3/S50 Press", (12.0, 0.0, 0.5), 90.0, label=True, came_from="a.toml"),
        Part("pipe", points=((0.0, 0.0, 3.0), (12.0, 0.0, 3.0)), came_from="a.toml"),
        Part("tank", came_from="b.toml"),
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ('shape = "press"\n', "", 2, "error: [[parts]] has no shape: add shape = … to it"),
        (
            'shape = "press"',
            'shape = ""',
            3,
            'error: shape is empty: write what it looks like, as in "robot"',
        ),
        (
            "S50 Press",
            "S50 Pess",
            4,
            'warning: asset "Line 3/S50 Pess" is no asset: '
            'there is no "S50 Pess" in "Line 3"; did you mean "S50 Press"?',
        ),
        (
            "[12, 0, 0.5]",
            "[12, 0]",
            5,
            "error: at must be three numbers, as in [12.5, 3, 0], not a list",
        ),
        (
            "turn = 90",
            "size = [1, 2, 0]",
            6,
            "error: size holds 0 or less: write length, depth and height in metres",
        ),
        (
            "[[0, 0, 3], [12, 0, 3]]",
            "[[0, 0, 3]]",
            11,
            "error: a pipe needs two points or more: add points = [[x, y, z], …]",
        ),
        (
            "[[0, 0, 3], [12, 0, 3]]",
            "[[0, 0, 3], [12, nan, 3]]",
            11,
            "error: points holds nan, which is no number to work with",
        ),
        (
            "turn = 90",
            "trun = 90",
            6,
            'warning: "trun" is not a key of [[parts]] and is ignored; did you mean "turn"?',
        ),
    ],
)
def test_a_wrong_part_is_told_on_its_line(tmp_path: Path, old: str, new: str, line: int, sentence: str):
    told = findings(tmp_path, "scene/line.toml", SCENE.replace(old, new))
    assert told[:1] == [f"scene/line.toml:{line}: {sentence}"]


def test_a_drawing_of_an_asset_is_read_whole(tmp_path: Path):
    project, problems = check_line(tmp_path, {"displays/press.toml": MIMIC})
    assert problems == []
    assert project is not None
    assert project.mimics == (
        Mimic(
            asset="Line 3/S50 Press",
            title="Press",
            size=(800.0, 300.0),
            symbols=(
                MimicSymbol(
                    "tank",
                    at=(10.0, 20.0),
                    asset="Hydraulics",
                    level="Hydraulics/Pressure",
                    lines=("Good", "Rejects"),
                ),
            ),
            values=(MimicValue("Hydraulics/Pressure", at=(200.0, 40.0), to=(180.5, 60.0)),),
            pipes=(MimicPipe(((110.0, 70.0), (200.0, 70.0))),),
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        (
            'asset = "Line 3/S50 Press"\n',
            "",
            1,
            "error: displays/press.toml has no asset: add asset = … to it",
        ),
        (
            'asset = "Line 3/S50 Press"',
            'asset = ""',
            1,
            "error: asset is empty: write the path of what is drawn",
        ),
        (
            '"Line 3/S50 Press"',
            '"Line 3/S50 Press/State"',
            1,
            'warning: asset "Line 3/S50 Press/State" is no asset: it is a tag',
        ),
        ("[800, 300]", "[0, 300]", 3, "error: size holds 0 or less: write width and height"),
        (
            'asset = "Hydraulics"',
            'asset = "Hydraulic"',
            8,
            'warning: asset "Line 3/S50 Press/Hydraulic" is no asset: '
            'there is no "Hydraulic" in "Line 3/S50 Press"; did you mean "Hydraulics"?',
        ),
        (
            '"Rejects"',
            '"Reject"',
            10,
            'warning: lines "Reject" is no tag of "Line 3/S50 Press": '
            'there is no "Reject" in "Line 3/S50 Press"; did you mean "Rejects"?',
        ),
        (
            'tag = "Hydraulics/Pressure"',
            'tag = "Hydraulics"',
            13,
            'warning: tag "Hydraulics" is no tag of "Line 3/S50 Press": it is an asset',
        ),
        ("at = [200, 40]\n", "", 12, "error: [[values]] has no at: add at = … to it"),
        ("[[110, 70], [200, 70]]", "[[110, 70]]", 18, "error: a pipe needs two points or more"),
        (
            "[[110, 70], [200, 70]]",
            "[110, 70]",
            18,
            "error: points must be a list of points, as in [[0, 0], [100, 0]], not a list",
        ),
    ],
)
def test_a_wrong_drawing_is_told_on_its_line(tmp_path: Path, old: str, new: str, line: int, sentence: str):
    told = findings(tmp_path, "displays/press.toml", MIMIC.replace(old, new, 1))
    assert told == [f"displays/press.toml:{line}: {sentence}"]


def test_the_first_drawing_of_an_asset_counts(tmp_path: Path):
    project, problems = check_line(tmp_path, {"displays/b.toml": MIMIC, "displays/a.toml": MIMIC})
    assert project is not None
    assert len(project.mimics) == 1
    assert said(problems) == [
        'displays/b.toml:1: warning: "Line 3/S50 Press" has a drawing already: the first file by name counts'
    ]


def test_names_are_not_judged_where_tags_csv_cannot_be_read(tmp_path: Path):
    check_line(tmp_path, {"displays/a.toml": MIMIC, "scene/a.toml": SCENE})
    (tmp_path / "tags.csv").write_text("nothing\n")
    _, problems = read(tmp_path, RULES)
    assert {problem.file for problem in problems} == {"tags.csv"}
