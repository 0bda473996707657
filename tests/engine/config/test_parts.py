"""Models, motions, saved views and the plan of the 3D scene: what is read, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.types import Cut, Motion, Plan, SavedView
from tests.engine.config.projects import check_line, said

MODEL = """\
[[parts]]
shape = "model"
asset = "Line 3/S50 Press"
file = "press.glb"
binds = { "Pump" = "Line 3/S50 Press/Hydraulics" }

[[parts.motions]]
tag = "Hydraulics/Pressure"
kind = "slide"
joint = "Ram"
values = [0, 250]
moves = [0, -0.6]
"""
VIEWS = """\
[plan]
file = "hall.png"
width = 40

[[views]]
name = "Press"
target = [1, 2, 0]
distance = 9
turn = 30
tilt = 20
apart = "Line 3/S50 Press"
[views.cut]
axis = "y"
at = 1.5
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scene" / "models").mkdir(parents=True)
    (tmp_path / "scene" / "models" / "press.glb").write_bytes(b"")
    (tmp_path / "scene" / "hall.png").write_bytes(b"")
    return tmp_path


def findings(folder: Path, name: str, text: str) -> list[str]:
    return said(check_line(folder, {f"scene/{name}": text})[1])


def test_a_model_is_read_with_what_it_stands_for_and_what_moves_it(folder: Path) -> None:
    project, problems = check_line(folder, {"scene/press.toml": MODEL})
    assert (said(problems), project is None) == ([], False)
    assert project is not None
    (part,) = project.parts
    assert (part.file, part.came_from) == ("press.glb", "press.toml")
    assert part.binds == {"Pump": "Line 3/S50 Press/Hydraulics"}
    assert part.motions == (Motion("Hydraulics/Pressure", "slide", "Ram", "z", (0.0, 250.0), (0.0, -0.6)),)


def test_the_tag_of_a_motion_may_be_written_whole(folder: Path) -> None:
    assert findings(folder, "a.toml", MODEL.replace('"Hydraulics/P', '"Line 3/S50 Press/Hydraulics/P')) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"press.glb"', '"gone.glb"', '4: warning: file "gone.glb" is not in scene/models/: put it there'),
        ('"press.glb"', '"../press.glb"', '4: error: file "../press.glb" leads out of scene/models/'),
        ('file = "press.glb"\n', "", "1: error: a model needs its file"),
        ('"model"', '"press"', '1: warning: file, node and binds are only used where shape = "model"'),
        (
            'S50 Press/Hydraulics" }',
            'S50 Press/Hydro" }',
            '5: warning: binds "Line 3/S50 Press/Hydro" is no asset',
        ),
        (
            "Hydraulics/Pressure",
            "Pressure",
            '8: warning: tag "Pressure" is no tag, so nothing moves: there is no',
        ),
        ("[0, 250]", "[5, 5]", "11: error: values are 5 twice: write two different values of the tag"),
        ('"Ram"', '" Ram"', '10: error: joint " Ram" cannot be used'),
        ('"slide"', '"slip"', '9: error: kind "slip" is not known: use "turn", "slide" or "flow"'),
        ("binds =", "scale = 0\nbinds =", "5: error: scale 0 is not above 0"),
        (
            "binds =",
            'came_from = "x"\nbinds =',
            '5: warning: "came_from" is not a key of [[parts]] and is ignored',
        ),
    ],
)
def test_mistakes_in_models_and_motions(folder: Path, old: str, new: str, told: str) -> None:
    assert old in MODEL
    found = findings(folder, "p.toml", MODEL.replace(old, new))
    assert len(found) == 1
    assert found[0].startswith(f"scene/p.toml:{told}")


def test_a_text_moves_nothing(folder: Path) -> None:
    text = MODEL.replace('"Hydraulics/Pressure"', '"Line 3/S10 Load/Name"')
    assert findings(folder, "p.toml", text) == [
        'scene/p.toml:8: error: tag "Line 3/S10 Load/Name" is text: only a number can move a part'
    ]


def test_saved_views_and_the_plan_are_read_and_are_no_parts(folder: Path) -> None:
    project, problems = check_line(folder, {"scene/views.toml": VIEWS})
    assert said(problems) == []
    assert project is not None
    assert project.parts == ()
    assert project.plan == Plan("hall.png", width=40.0)
    cut = Cut("y", 1.5)
    assert project.views == (
        SavedView("Press", (1.0, 2.0, 0.0), 9.0, 30.0, 20.0, "Line 3/S50 Press", cut=cut),
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"hall.png"', '"/etc/hall.png"', '2: error: file "/etc/hall.png" leads out of scene/'),
        ('"hall.png"', '"gone.png"', '2: warning: file "gone.png" is not in scene/: put it there'),
        ("width = 40", "width = 0", "3: error: width 0 is not above 0"),
        ("width = 40", "strength = 2", "3: error: strength 2 is out of range: use 0 to 1"),
        ('"Press"', '""', "6: error: name is empty: write what the menu shows"),
        ("distance = 9", "distance = 0", "8: error: distance 0 is not above 0"),
        ("tilt = 20", "tilt = 100", "10: error: tilt 100 is out of range"),
        ("S50 Press", "S50 Pres", '11: warning: apart "Line 3/S50 Pres" is no asset'),
        ('axis = "y"', 'axis = "w"', '13: error: axis "w" is not known: use "x", "y" or "z"'),
        ("distance = 9\n", "", "5: error: [[views]] has no distance: add distance = … to it"),
        (
            '[views.cut]\naxis = "y"\nat = 1.5',
            "cut = 3",
            "12: error: cut must be one section: write [views.cut]",
        ),
        ("[plan]", "[plans]", '1: warning: "plans" is not known and is ignored; did you mean "plan"?'),
    ],
)
def test_mistakes_in_views_and_plan(folder: Path, old: str, new: str, told: str) -> None:
    assert old in VIEWS
    found = findings(folder, "views.toml", VIEWS.replace(old, new))
    assert found
    assert found[0].startswith(f"scene/views.toml:{told}")


def test_two_views_of_one_name_are_a_mistake(folder: Path) -> None:
    again = VIEWS + VIEWS.partition("\n\n")[2]
    assert findings(folder, "views.toml", again) == [
        'scene/views.toml:16: error: name "Press" is used twice: give each view its own'
    ]
