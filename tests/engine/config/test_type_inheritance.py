"""`extends` of types: one edit reaches all that extend, and every mistake has its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.types import Project, types_of
from tests.engine.config.projects import PLANT, check, said
from tests.engine.config.test_assets_of_projects import PRESS, findings, sound

ROBOT = """\
equipment = "EquipmentModule"
symbol = "robot"
main = "Current"

[[relations]]
subject = "Gun"
kind = "part of"
object = ""

[[documents]]
title = "Manual"
file = "robot.pdf"

[nameplate]
Maker = "Kestrel"
Year = "2020"
"""


def robots(folder: Path, base: str, count: int = 500) -> Project:
    """Robots of two types that extend one, a few tags each."""
    paths = [f"Line/S{k // 100} Weld/R{'A' if k % 2 else 'B'}{k}" for k in range(count)]
    tags = "".join(
        f"{path}/Current,plc1,i={k * 2}\n{path}/Gun/Force,plc1,i={k * 2 + 1}\n"
        for k, path in enumerate(paths)
    )
    files = {
        "robot.toml": base,
        "robot-a.toml": 'extends = "robot"\npaths = ["Line/*/RA*"]\ntitle = "A"\n',
        "robot-b.toml": 'extends = "robot-a"\npaths = ["Line/*/RB*"]\ntitle = "B"\n'
        '[nameplate]\nYear = "2024"\n',
    }
    for where in ("types", "documents"):
        (folder / where).mkdir(exist_ok=True)
    (folder / "documents" / "robot.pdf").write_bytes(b"")
    for name, text in files.items():
        (folder / "types" / name).write_text(text)
    project, problems = check(folder, PLANT, f"path,source,address\n{tags}")
    assert said(problems) == []
    assert project is not None
    return project


def test_one_edit_in_a_base_type_reaches_500_robots_over_two_generations(tmp_path: Path) -> None:
    before = robots(tmp_path, ROBOT)
    after = robots(
        tmp_path, ROBOT.replace('main = "Current"', 'main = "Gun/Force"').replace("Kestrel", "Falcon")
    )
    for project, main, maker in ((before, "Current", "Kestrel"), (after, "Gun/Force", "Falcon")):
        assets = {path for tag in project.tags if (path := tag.path.rpartition("/")[0]).count("/") == 2}
        kinds = types_of(assets, project.types)
        assert len(kinds) == 500
        assert {each.main for each in kinds.values()} == {main}
        assert {each.title for each in kinds.values()} == {"A", "B"}
        plates = {(each.name, each.value): each for each in project.nameplates}
        assert set(plates) == {("Maker", maker), ("Year", "2020"), ("Year", "2024")}
        assert len(project.nameplates) == 1000
        assert len(project.documents) == len(project.relations) == 500
        assert all(each.kind == "part of" and each.of_type for each in project.relations)


def test_a_row_of_an_asset_goes_before_what_its_type_says(tmp_path: Path) -> None:
    (tmp_path / "relations.csv").write_text(
        "subject,relation,object,medium\nLine/S0 Weld/RB0/Gun,part of,Line/S0 Weld/RB0,bolts\n"
    )
    (tmp_path / "nameplate.csv").write_text("asset,name,value\nLine/S0 Weld/RB0,Maker,Other\n")
    project = robots(tmp_path, ROBOT, 4)
    of_first = [each for each in project.relations if each.object == "Line/S0 Weld/RB0"]
    assert [(each.medium, each.of_type) for each in of_first] == [("bolts", "")]
    assert {each.value for each in project.nameplates if each.asset == "Line/S0 Weld/RB0"} == {
        "Other",
        "2024",
    }


def test_the_type_that_a_row_names_goes_before_all_patterns(tmp_path: Path) -> None:
    project = sound(
        tmp_path,
        assets__csv=f"path,type\n{PRESS},special\n",
        **{
            "types/press__toml": 'paths = ["Line 3/S?0 *"]\nlevel = "unit"\n',
            "types/special__toml": 'title = "Special"\nlevel = "unit"\n',
        },
    )
    kinds = types_of([PRESS, "Line 3/S10 Load"], project.types, project.assets)
    assert {path: kind.id for path, kind in kinds.items()} == {PRESS: "special", "Line 3/S10 Load": "press"}


@pytest.mark.parametrize(
    ("types", "told"),
    [
        (
            {"a": 'paths = ["Line 3"]\nextends = "b"\n', "b": 'extends = "a"\n'},
            [
                "types/a.toml:2: error: extends goes in a circle: a extends b extends a; "
                "take it out of one of them",
                "types/b.toml:1: error: extends goes in a circle: b extends a extends b; "
                "take it out of one of them",
            ],
        ),
        (
            {"a": 'paths = ["Line 3"]\nextends = "a"\n'},
            ["types/a.toml:2: error: extends goes in a circle: a extends a; take it out of one of them"],
        ),
        (
            {"press": 'paths = ["Line 3"]\nextends = "stetion"\n', "station": 'paths = ["Utilities"]\n'},
            [
                'types/press.toml:2: error: extends "stetion" is no file of types/; did you mean "station"?',
            ],
        ),
        (
            {"lost": 'title = "Nobody is this"\n'},
            ['types/lost.toml:1: error: paths names no assets: write patterns, as in ["Line 1/S?0 *"]'],
        ),
    ],
)
def test_types_that_extend_nothing_or_themselves(
    tmp_path: Path, types: dict[str, str], told: list[str]
) -> None:
    assert findings(tmp_path, **{f"types/{name}__toml": text for name, text in types.items()}) == told


def test_a_slip_in_a_base_type_is_told_once_and_in_its_file(tmp_path: Path) -> None:
    told = findings(
        tmp_path,
        **{
            "types/base__toml": 'state = "Stat"\n',
            "types/a__toml": 'extends = "base"\npaths = ["Line 3/S10 *"]\n',
            "types/b__toml": 'extends = "base"\npaths = ["Line 3/S50 *"]\n',
        },
    )
    assert told == [
        'types/base.toml:1: warning: state "Stat" is a tag of no asset of this type: there is no "Stat" in '
        '"Line 3/S10 Load"; did you mean "State"?'
    ]


def test_a_key_that_only_one_kind_of_a_base_type_has_is_no_slip(tmp_path: Path) -> None:
    sound(
        tmp_path,
        **{
            "types/base__toml": 'main = "Hydraulics/Pressure"\n',
            "types/a__toml": 'extends = "base"\npaths = ["Line 3/S10 *"]\n',
            "types/b__toml": 'extends = "base"\npaths = ["Line 3/S50 *"]\n',
        },
    )


def test_mistakes_in_what_a_type_says_of_all_its_assets(tmp_path: Path) -> None:
    text = """\
paths = ["Line 3/S50 *"]
[[relations]]
subject = ""
kind = "feeds"
object = ""
[[relations]]
subject = "Hydraulic"
kind = "feeds"
object = ""
[[documents]]
title = "M"
file = "../x.pdf"
page = 0
[[parts]]
shape = "model"
"""
    assert [each.partition(": ")[0::2] for each in findings(tmp_path, **{"types/p__toml": text})] == [
        ("types/p.toml:5", "error: the asset feeds itself: name two different assets"),
        (
            "types/p.toml:6",
            'warning: subject "Line 3/S50 Press/Hydraulic" is no asset, nor is any such '
            "of this type: there is no "
            '"Hydraulic" in "Line 3/S50 Press"; did you mean "Hydraulics"?',
        ),
        (
            "types/p.toml:12",
            'error: file "../x.pdf" leads out of documents/: write its name in that '
            "folder, with / between parts",
        ),
        ("types/p.toml:13", "error: page 0 cannot be used: write 1 to 100000"),
        (
            "types/p.toml:14",
            'error: a model needs its file: add file = "…", the name of a file in scene/models/',
        ),
    ]


def test_a_type_cannot_fill_the_memory_with_what_it_says_of_all_its_assets(tmp_path: Path) -> None:
    many = "".join(
        f'[[relations]]\nsubject = ""\nkind = "measured by"\nobject = "T{k}"\n' for k in range(500)
    )
    (tmp_path / "types").mkdir()
    (tmp_path / "types" / "a.toml").write_text(f'paths = ["Line/*"]\n{many}')
    tags = "path,source,address\n" + "".join(f"Line/P{k}/T,plc1,i={k}\n" for k in range(500))
    found = [str(each) for each in check(tmp_path, PLANT, tags)[1] if each.severity == "error"]
    assert found == [
        "types/a.toml:1: error: relations of this type are 500 for each of 500 assets: types may make "
        "200000 in all; say fewer, or of fewer assets"
    ]


def test_types_that_extend_each_other_over_hundreds_are_read(tmp_path: Path) -> None:
    (tmp_path / "types").mkdir()
    for k in range(300):
        base = f'extends = "t{k + 1:03}"' if k < 299 else 'title = "Last"'
        paths = "" if k else 'paths = ["Line 1/*"]\n'
        (tmp_path / "types" / f"t{k:03}.toml").write_text(f"{paths}{base}\n")
    project, _ = check(tmp_path)
    assert project is not None
    assert {each.title for each in project.types} == {"Last"}
