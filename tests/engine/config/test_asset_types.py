from pathlib import Path

import pytest

from engine.types import AssetType, Feedback, Interlock
from tests.engine.config.projects import check_line, said

STATION = """\
title = "Station"
paths = ["Line 3/S?0 *"]
level = "unit"
"""
PRESS = """\
title = "Hydraulic press"
paths = ["Line 3/S50 Press"]
level = "unit"
symbol = "press"
main = "Hydraulics/Pressure"
setpoint = "Hydraulics/Setpoint"
nominal = [200, 225.5]
state = "State"
running = [1, 2]
shown = [
    "Cycle time",
    "Good",
]

[[interlocks]]
tag = "Guard closed"
text = "Guard is closed"

[[feedback]]
command = "Hydraulics/Setpoint"
actual = "Hydraulics/Pressure"
"""


def findings(folder: Path, **types: str) -> list[str]:
    """What is said of a small line with these files in its types folder."""
    _, problems = check_line(folder, {f"types/{name}.toml": text for name, text in types.items()})
    return said(problems)


def test_a_type_is_named_by_its_file_and_read_whole(tmp_path: Path):
    project, problems = check_line(tmp_path, {"types/press.toml": PRESS})
    assert problems == []
    assert project is not None
    assert project.types == (
        AssetType(
            id="press",
            title="Hydraulic press",
            paths=("Line 3/S50 Press",),
            level="unit",
            symbol="press",
            main="Hydraulics/Pressure",
            setpoint="Hydraulics/Setpoint",
            nominal=(200.0, 225.5),
            state="State",
            running=(1, 2),
            shown=("Cycle time", "Good"),
            interlocks=(Interlock("Guard closed", "Guard is closed"),),
            feedback=(Feedback("Hydraulics/Setpoint", "Hydraulics/Pressure"),),
        ),
    )


def test_types_come_in_the_order_of_their_names_and_other_files_are_left_alone(tmp_path: Path):
    files = {"types/b.toml": STATION, "types/a.toml": PRESS, "types/.c.toml": "[", "types/notes.txt": "["}
    project, problems = check_line(tmp_path, files)
    assert project is not None
    assert [each.id for each in project.types] == ["a", "b"]
    assert said(problems) == [
        'types/b.toml:2: warning: "Line 3/S50 Press" is of type types/a.toml already: '
        "the first file by name counts"
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ('level = "unit"', 'level = "unitt"', 3, None),
        ('title = "Hydraulic press"', "title = 7", 1, "title must be text in double quotes, not 7"),
        (
            '["Line 3/S50 Press"]',
            '"Line 3/S50 Press"',
            2,
            'paths must be a list of texts, as in ["A", "B"], not "Line 3/S50 Press"',
        ),
        ("[200, 225.5]", "[200]", 7, "nominal must be two numbers, as in [0, 100], not a list"),
        ("[200, 225.5]", "[230, 225.5]", 7, "nominal 230 is not below 225.5: write the lower end first"),
        ("[200, 225.5]", "[200, inf]", 7, "nominal holds inf, which is no number to work with"),
        ("[1, 2]", '["running"]', 9, "running must be a list of whole numbers, as in [1, 2], not a list"),
        ('"Hydraulic press"', '"Hydraulic\\npress"', 1, None),
        ("[[interlocks]]", "[interlocks]", 15, None),
        ('tag = "Guard closed"', 'text2 = "x"', 15, "[[interlocks]] has no tag: add tag = … to it"),
        ('tag = "Guard closed"', 'tag = ""', 16, "tag is empty: write the tag's path"),
        ('actual = "Hydraulics/Pressure"', 'actual = ""', 21, "actual is empty: write the tag's path"),
    ],
)
def test_a_wrong_key_is_told_on_its_line(tmp_path: Path, old: str, new: str, line: int, sentence: str | None):
    named = {
        'level = "unitt"': 'level "unitt" is not known: use "area", "unit", "utility" or "equipment"; '
        'did you mean "unit"?',
        "[interlocks]": "interlocks need double brackets: write [[interlocks]], once for each",
        '"Hydraulic\\npress"': "title holds a control character or a line break: type it again",
    }
    errors = [each for each in findings(tmp_path, press=PRESS.replace(old, new)) if ": error:" in each]
    assert errors == [f"types/press.toml:{line}: error: {sentence or named[new]}"]


def test_all_mistakes_of_a_type_are_told_in_one_pass(tmp_path: Path):
    text = 'pathss = ["Line 3/*"]\nlevel = 3\nrunning = 1\n\n[[interlocks]]\ntext = "x"\nOk = true\n'
    assert findings(tmp_path, a=text) == [
        'types/a.toml:1: warning: "pathss" is not a key of types/a.toml and is ignored; '
        'did you mean "paths"?',
        'types/a.toml:1: error: paths names no assets: write patterns, as in ["Line 1/S?0 *"]',
        'types/a.toml:2: error: level 3 is not known: use "area", "unit", "utility" or "equipment"',
        "types/a.toml:3: error: running must be a list of whole numbers, as in [1, 2], not 1",
        "types/a.toml:5: error: [[interlocks]] has no tag: add tag = … to it",
        'types/a.toml:7: warning: "Ok" is not a key of [[interlocks]] and is ignored; did you mean "ok"?',
    ]


def test_a_pattern_without_assets_is_a_warning_that_names_the_nearest(tmp_path: Path):
    assert findings(tmp_path, a='paths = ["Line 3/S50 Pres", "Line 3/S10 *"]\n') == [
        'types/a.toml:1: warning: "Line 3/S50 Pres" in paths fits no asset: '
        'there is no "S50 Pres" in "Line 3"; did you mean "S50 Press"?'
    ]


def test_the_path_of_a_tag_is_no_asset(tmp_path: Path):
    assert findings(tmp_path, a='paths = ["Line 3/*/State"]\n') == [
        'types/a.toml:1: warning: "Line 3/*/State" in paths fits no asset: it is a tag'
    ]


def test_a_tag_that_only_some_assets_have_is_left_out_there_in_silence(tmp_path: Path):
    assert findings(tmp_path, station=STATION + 'main = "Hydraulics/Pressure"\n') == []


def test_a_tag_that_no_asset_has_is_a_warning(tmp_path: Path):
    text = STATION
    text += 'main = "Hydraulic/Pressure"\nshown = ["Cycle tim"]\n\n[[interlocks]]\ntag = "Guard close"\n'
    assert findings(tmp_path, station=text) == [
        'types/station.toml:4: warning: main "Hydraulic/Pressure" is a tag of no asset of this type: '
        'there is no "Hydraulic" in "Line 3/S10 Load"',
        'types/station.toml:5: warning: shown "Cycle tim" is a tag of no asset of this type: '
        'there is no "Cycle tim" in "Line 3/S10 Load"; did you mean "Cycle time"?',
        'types/station.toml:8: warning: tag "Guard close" is a tag of no asset of this type: '
        'there is no "Guard close" in "Line 3/S10 Load"; did you mean "Guard closed"?',
    ]


def test_what_is_shown_may_lie_at_the_asset_above_and_what_must_hold_may_not(tmp_path: Path):
    text = 'paths = ["Line 3/S50 Press/Hydraulics"]\nstate = "../State"\nshown = ["../Cycle time"]\n'
    assert findings(tmp_path, supply=text) == []
    text = text.replace("../State", "../Stat") + '\n[[interlocks]]\ntag = "../Guard closed"\n'
    above, own = findings(tmp_path, supply=text)
    assert above.startswith('types/supply.toml:2: warning: state "../Stat" is a tag of no asset of this type')
    assert 'there is no "Stat" in "Line 3/S50 Press"' in above
    assert own.startswith('types/supply.toml:6: warning: tag "../Guard closed" is a tag of no asset')


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path):
    _, problems = check_line(tmp_path, {"types": "x"})
    assert said(problems) == ["types:1: error: types is a file: it must be a folder of .toml files"]


def test_broken_toml_is_told_by_its_name_in_the_folder(tmp_path: Path):
    assert findings(tmp_path, a='title = "x\n') == [
        "types/a.toml:1: error: a quote opened on this line is not closed: add the closing quote"
    ]
