from pathlib import Path

import pytest

from engine.types import Command, Permissive
from tests.engine.config.projects import PLANT, check, check_line, said

TYPE = """\
title = "Station"
paths = ["Line 3/S?0 *"]

[[commands]]
verb = "stop"
tag = "State"
value = 4
feedback = "State"
expects = [4]

[[commands]]
verb = "start"
tag = "Guard closed"
class = "critical"
feedback = "State"
expects = [1]
within_s = 8
title = "Go"
permissives = [
    { tag = "Guard closed", text = "Guard is closed" },
]

[[commands]]
verb = "open"
tag = "Hydraulics/Setpoint"
value = 200
feedback = "Hydraulics/Pressure"
expects = [200]
"""
FIRST = "Line 3/S10 Load"
SECOND = "Line 3/S50 Press"


def findings(folder: Path, text: str) -> list[str]:
    _, problems = check_line(folder, {"types/station.toml": text})
    return said(problems)


def test_every_asset_of_a_type_gets_its_commands_with_whole_paths(tmp_path: Path):
    project, problems = check_line(tmp_path, {"types/station.toml": TYPE})
    assert said(problems) == []
    assert project is not None
    assert project.commands[:2] == (
        Command(FIRST, "stop", f"{FIRST}/State", 4.0, feedback=f"{FIRST}/State", expects=(4.0,)),
        Command(
            asset=FIRST,
            verb="start",
            tag=f"{FIRST}/Guard closed",
            value=1.0,
            write_class="critical",
            feedback=f"{FIRST}/State",
            expects=(1.0,),
            within_s=8.0,
            permissives=(Permissive(f"{FIRST}/Guard closed", "Guard is closed"),),
            title="Go",
        ),
    )
    assert [(each.asset, each.verb) for each in project.commands] == [
        *((FIRST, "stop"), (FIRST, "start")),
        *((SECOND, "stop"), (SECOND, "start"), (SECOND, "open")),
    ], "the asset that has no setpoint has no open"


def test_tag_of_a_command_is_writable_and_needs_no_row_in_writes_csv(tmp_path: Path):
    project, _ = check_line(tmp_path, {"types/station.toml": TYPE})
    assert project is not None
    writable = {tag.path for tag in project.tags if tag.writable}
    assert writable == {each.tag for each in project.commands}
    assert project.writes == ()


def test_type_that_does_not_count_for_an_asset_gives_it_no_commands(tmp_path: Path):
    files = {"types/a.toml": f'paths = ["{FIRST}"]\n', "types/station.toml": TYPE}
    project, _ = check_line(tmp_path, files)
    assert project is not None
    assert {each.asset for each in project.commands} == {SECOND}


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        (
            'verb = "stop"',
            'verb = "halt"',
            5,
            'verb "halt" is not known: use "start", "stop", "open", "close", "auto", "manual" or "reset"',
        ),
        ('verb = "stop"\n', "", 4, "[[commands]] has no verb: add verb = … to it"),
        (
            'class = "critical"',
            'class = "high"',
            14,
            'class "high" is not known: use "normal" or "critical"',
        ),
        ("expects = [4]", "expects = 4", 9, "expects must be a list of numbers, as in [1, 2.5], not 4"),
        (
            "expects = [4]",
            "",
            8,
            "feedback needs expects: add the numbers that mean it was done, as in expects = [1]",
        ),
        ("expects = [4]", "expects = [3]", 9, None),
        ("value = 4", "value = 3", 7, None),
        ("within_s = 8", "within_s = 0.1", 17, "within_s 0.1 is out of range: use 0.2 to 600 (seconds)"),
        ("within_s = 8", "within_s = 0.5", 17, None),
        (
            'tag = "State"',
            'tag = ""',
            6,
            "tag is empty: write the path of the tag that is written, below the asset",
        ),
        (
            'feedback = "State"\nexpects = [1]',
            'feedback = "Stat"\nexpects = [1]',
            15,
            'feedback "Line 3/S10 Load/Stat" is no tag: there is no "Stat" in "Line 3/S10 Load"; did '
            "you mean "
            '"State"?',
        ),
        (
            '{ tag = "Guard closed"',
            '{ tag = "Guard close"',
            19,
            'permissive "Line 3/S10 Load/Guard close" is no tag: there is no "Guard close" in "Line 3/S10 '
            'Load"; did you mean "Guard closed"?',
        ),
        (
            '{ tag = "Guard closed"',
            '{ tag = "Cycle time"',
            19,
            'permissive "Line 3/S10 Load/Cycle time" is not on or off: name a tag that is',
        ),
        ('verb = "stop"', 'verb = "start"', 12, '"Line 3/S10 Load"'),
    ],
)
def test_a_mistake_is_told_on_its_line(tmp_path: Path, old: str, new: str, line: int, sentence: str | None):
    named = {
        "expects = [3]": 'expects 3 is no state of "Line 3/S10 Load/State": use "0 idle", "1 running" or '
        '"4 stopped"',
        "value = 3": 'value 3 is no state of "Line 3/S10 Load/State": use "0 idle", "1 running" or '
        '"4 stopped"',
        "within_s = 0.5": 'within_s is shorter than the 1 s between two samples of "Line 3/S10 Load/State"',
        'verb = "start"': 'start is there twice for "Line 3/S10 Load": keep one of the two',
    }
    errors = [each for each in findings(tmp_path, TYPE.replace(old, new, 1)) if ": error:" in each]
    expected = named.get(new, sentence)
    assert f"types/station.toml:{line}: error: {expected}" in errors
    assert len(errors) <= 2


def test_permissives_in_sections_of_their_own_are_told_where_they_stand(tmp_path: Path):
    inline = TYPE[TYPE.index("permissives = [") : TYPE.index(']\n\n[[commands]]\nverb = "open"') + 2]
    tables = '[[commands.permissives]]\ntag = "Guard closed"\n\n[[commands.permissives]]\ntag = 7\n'
    text = TYPE.replace(inline, tables)
    text = text.replace(
        "expects = [4]\n", 'expects = [4]\n\n[[commands.permissives]]\ntag = "Guard closed"\n', 1
    )
    errors = [each for each in findings(tmp_path, text) if ": error:" in each]
    line = text.splitlines().index("tag = 7") + 1
    assert errors == [f"types/station.toml:{line}: error: tag must be text in double quotes, not 7"]


def test_command_without_feedback_is_a_warning(tmp_path: Path):
    text = TYPE.replace('feedback = "State"\nexpects = [4]\n', "", 1)
    assert findings(tmp_path, text) == [
        "types/station.toml:4: warning: stop has no feedback, so nobody sees that it was done: add "
        "feedback and "
        "expects"
    ]


def test_command_whose_tag_no_asset_has_is_a_warning(tmp_path: Path):
    assert findings(tmp_path, TYPE.replace('tag = "State"', 'tag = "Stat"')) == [
        'types/station.toml:6: warning: tag "Stat" is a tag of no asset of this type: there is no "Stat" in '
        '"Line 3/S10 Load"; did you mean "State"?'
    ]


def test_on_and_off_takes_one_and_zero(tmp_path: Path):
    text = TYPE.replace('tag = "Guard closed"\nclass', 'tag = "Guard closed"\nvalue = 2\nclass')
    assert findings(tmp_path, text)[0] == (
        'types/station.toml:14: error: value 2 cannot be: "Line 3/S10 Load/Guard closed" is on or '
        "off, so write "
        "1 or 0"
    )


def test_commands_over_an_open_link_count_as_writes(tmp_path: Path):
    (tmp_path / "types").mkdir()
    (tmp_path / "types" / "pump.toml").write_text(
        'paths = ["Water/Pump"]\n\n[[commands]]\nverb = "start"\ntag = "Start"\nfeedback = '
        '"On"\nexpects = [1]\n'
    )
    tags = "path,source,address,type\nWater/Pump/Start,meters,coil:1,bool\nWater/Pump/On,meters,coil:2,bool\n"
    _, problems = check(tmp_path, PLANT, tags)
    assert [each.partition(": write unsecured")[0] for each in said(problems)] == [
        'plant.toml:10: warning: source "meters" is not encrypted, so its 1 writable tag is refused'
    ]
