from pathlib import Path

import pytest

from engine.types import WriteRule
from tests.engine.config.projects import LINE, PLANT, check, check_line, said

SETPOINT = "Line 3/S50 Press/Hydraulics/Setpoint"
OTHER = "Line 3/S10 Load/Cycle time"
SECURE = {"writes.csv": f"tag,tolerance\n{SETPOINT},0.1\n"}


def findings(folder: Path, rows: str, header: str = "tag") -> list[str]:
    """What is said of a small line with this writes.csv."""
    _, problems = check_line(folder, {"writes.csv": f"{header}\n{rows}\n"})
    return said(problems)


def one(folder: Path, column: str, cell: str, tag: str = SETPOINT) -> list[str]:
    """What is said of one row with one cell filled in, without the file and line."""
    found = findings(folder, f"{tag},{cell}", f"tag,{column}")
    assert all(each.startswith("writes.csv:2: ") for each in found), found
    return [each.removeprefix("writes.csv:2: ") for each in found]


def test_a_row_with_every_column_becomes_a_rule_with_whole_paths(tmp_path: Path):
    text = (
        "reasons,roles,deadline_s,tolerance,readback,interlock,rate,step,high,low,CLASS,tag\n"
        'quality | test,Shift lead|engineer,2.5,0.5,./Pressure,"{./Pressure} < 240 and '
        '{Line 3/S50 Press/State} == ""running""",20,0.5,235,180,Critical,' + SETPOINT + "\n"
    )
    project, problems = check_line(tmp_path, {"writes.csv": text})
    assert said(problems) == []
    assert project is not None
    assert project.writes == (
        WriteRule(
            tag=SETPOINT,
            write_class="critical",
            low=180.0,
            high=235.0,
            step=0.5,
            rate=20.0,
            interlock="{Line 3/S50 Press/Hydraulics/Pressure} < 240 and "
            '{Line 3/S50 Press/State} == "running"',
            readback="Line 3/S50 Press/Hydraulics/Pressure",
            tolerance=0.5,
            deadline_s=2.5,
            roles=("shift lead", "engineer"),
            reasons=("quality", "test"),
            line=2,
        ),
    )


def test_empty_cells_mean_the_defaults_and_the_tag_becomes_writable(tmp_path: Path):
    project, problems = check_line(tmp_path, {"writes.csv": f"tag\n{SETPOINT}\n"})
    assert problems == []
    assert project is not None
    assert project.writes == (WriteRule(SETPOINT, line=2),)
    assert [tag.path for tag in project.tags if tag.writable] == [SETPOINT]


def test_without_the_file_nothing_can_be_written(tmp_path: Path):
    project, problems = check_line(tmp_path, {})
    assert problems == []
    assert project is not None
    assert (project.writes, project.commands) == ((), ())
    assert not any(tag.writable for tag in project.tags)


@pytest.mark.parametrize(
    ("column", "cell", "sentence"),
    [
        ("class", "urgent", 'error: class "urgent" is not known: use "normal" or "critical"'),
        ("low", "high", 'error: low "high" is not a number: write a plain number such as 12.5'),
        ("step", "0", "error: step 0 is not above 0: leave it empty for any step"),
        ("rate", "-1", "error: rate -1 is not above 0: write the most change per minute, or leave it empty"),
        ("tolerance", "-0.1", "error: tolerance -0.1 is negative: use 0 or more, in the unit of the tag"),
        ("deadline_s", "0.1", "error: deadline_s 0.1 is out of range: use 0.2 to 60 (seconds)"),
        ("deadline_s", "61", "error: deadline_s 61 is out of range: use 0.2 to 60 (seconds)"),
        (
            "interlock",
            "{./Pressure} >",
            "error: interlock, column 14: something is missing or out of place here: look for an operator, a "
            "number or a parenthesis",
        ),
        (
            "interlock",
            "{./Pressur} > 1",
            'error: interlock: "Line 3/S50 Press/Hydraulics/Pressur" is no tag: there is no "Pressur" in '
            '"Line 3/S50 Press/Hydraulics"; did you mean "Pressure"?',
        ),
        (
            "interlock",
            "{./Pressure} + 1",
            "error: interlock: it says a number, not yes or no: compare it, as in {./Pressure} > 180",
        ),
        (
            "readback",
            "./Pressur",
            'error: readback "Line 3/S50 Press/Hydraulics/Pressur" is no tag: there is no "Pressur" in '
            '"Line 3/S50 Press/Hydraulics"; did you mean "Pressure"?',
        ),
        (
            "readback",
            "./*",
            'error: readback "Line 3/S50 Press/Hydraulics/*" is no tag: it needs one tag, no '
            "pattern; ./ stands "
            "for the asset of the row's own tag",
        ),
        (
            "readback",
            "Line 3/S10 Load/Name",
            'error: readback "Line 3/S10 Load/Name" is text: name a number, or on and off',
        ),
        (
            "roles",
            "operatr",
            'error: roles: "operatr" is not known: use "viewer", "operator", "shift lead", "maintenance", '
            '"engineer", "administrator" or "auditor"; did you mean "operator"?',
        ),
        (
            "reasons",
            "test|",
            'error: reasons "test|" has an empty part: write one | between two of them',
        ),
        ("reasons", "test|test", 'error: reasons names "test" twice: write each once'),
        ("reasons", "x" * 61, f'error: reasons: "{"x" * 59}…" has 61 characters: use at most 60'),
        ("low", "-5", "warning: low -5 is outside the tag's range 0 to 260: the narrower of the two counts"),
        (
            "high",
            "300",
            "warning: high 300 is outside the tag's range 0 to 260: the narrower of the two counts",
        ),
    ],
)
def test_a_wrong_cell_is_told_on_its_line(tmp_path: Path, column: str, cell: str, sentence: str):
    assert one(tmp_path, column, cell) == [sentence]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ("200,200,", "low 200 is not below high 200: write the lower one first"),
        ("200,210,11", "step 11 is larger than all of 200 to 210: nothing could be written"),
        ("260,,", "nothing could be written: 260 to … and the tag's range 0 to 260 have no value in common"),
    ],
)
def test_limits_that_leave_nothing_to_write_are_an_error(tmp_path: Path, cells: str, sentence: str):
    assert findings(tmp_path, f"{SETPOINT},{cells}", "tag,low,high,step") == [
        f"writes.csv:2: error: {sentence}"
    ]


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        ("", "tag is empty: write the whole path of the tag that may be written"),
        (
            "Line 3/S50 Press/Hydraulics/Setpont",
            'tag "Line 3/S50 Press/Hydraulics/Setpont" is no tag: there is no "Setpont" in '
            '"Line 3/S50 Press/Hydraulics"; did you mean "Setpoint"?',
        ),
        ("Line 3/*/State", 'tag "Line 3/*/State" is no tag: each row names one tag, no pattern'),
        (
            "Line 3/S10 Load/Name",
            'tag "Line 3/S10 Load/Name" is text: only numbers, on and off, and states can be written',
        ),
    ],
)
def test_a_row_names_one_tag_that_can_be_written(tmp_path: Path, tag: str, sentence: str):
    assert findings(tmp_path, f"{tag},normal", "tag,class") == [f"writes.csv:2: error: {sentence}"]


def test_a_tag_is_there_once(tmp_path: Path):
    found = findings(tmp_path, f"{SETPOINT},\n{OTHER},0.1\n{SETPOINT},", "tag,tolerance")
    assert found == [
        f'writes.csv:4: error: tag "{SETPOINT}" is on line 2 already: keep one of the two rows',
    ]


def test_on_and_off_takes_no_limits(tmp_path: Path):
    found = findings(tmp_path, "Line 3/S50 Press/Guard closed,0,1", "tag,low,high")
    assert found == [
        "writes.csv:2: error: low and high cannot be applied, since this tag is on or off: leave low "
        "and high "
        "empty"
    ]


def test_number_without_any_limit_is_a_warning(tmp_path: Path):
    assert findings(tmp_path, "Line 3/S50 Press/Good,0", "tag,low") == [
        "writes.csv:2: warning: high is stated neither here nor in tags.csv: only the device limits what is "
        "written"
    ]


def test_number_of_single_precision_needs_a_tolerance(tmp_path: Path):
    assert one(tmp_path, "tolerance", "0", OTHER) == [
        "warning: tolerance is 0, but float32 keeps about 7 digits: write half of the finest step, as in 0.05"
    ]


def test_tolerance_is_no_finer_than_what_the_device_keeps(tmp_path: Path):
    tags = "path,source,address,type,low,high,factor\nA/B,plc1,i=1,int16,0,10,0.1\n"
    (tmp_path / "writes.csv").write_text("tag,tolerance\nA/B,0.01\n")
    _, problems = check(tmp_path, PLANT, tags)
    assert said(problems) == [
        "writes.csv:2: warning: tolerance 0.01 is finer than what the device keeps: write 0.05 or more, half "
        "of what one raw unit is worth"
    ]


def test_part_of_an_array_cannot_be_written(tmp_path: Path):
    (tmp_path / "writes.csv").write_text("tag,low,high,tolerance\nA/B,0,1,0.1\n")
    _, problems = check(tmp_path, PLANT, "path,source,address\nA/B,plc1,at=3;i=1\n")
    assert said(problems) == [
        'writes.csv:2: error: tag "A/B" is part of an array or structure: only whole values can be written'
    ]


def test_column_writable_gives_no_right_by_itself(tmp_path: Path):
    tags = "path,source,address,type,low,high,writable\n"
    tags += "A/B,plc1,i=1,float64,0,1,true\nA/C,plc1,i=2,bool,,,false\n"
    project, problems = check(tmp_path, PLANT, tags)
    assert said(problems) == [
        'tags.csv:2: warning: "A/B" cannot be written: add a row to writes.csv, or take writable out'
    ]
    assert project is not None and not any(tag.writable for tag in project.tags)
    (tmp_path / "writes.csv").write_text("tag\nA/B\nA/C\n")
    project, problems = check(tmp_path, PLANT, tags)
    assert problems == []
    assert project is not None and all(tag.writable for tag in project.tags)


@pytest.mark.parametrize(
    ("plant", "line"),
    [
        (PLANT.replace('"opc.tcp://10.0.0.5:4840"', '"opc.tcp://10.0.0.5:4840"\nsecurity = "none"'), 5),
        (PLANT.replace('id = "plc1"', 'id = "was"').replace('id = "meters"', 'id = "plc1"'), None),
    ],
    ids=["open OPC UA", "Modbus"],
)
def test_writing_over_an_open_link_must_be_wanted(tmp_path: Path, plant: str, line: int | None):
    tags = LINE if line else "path,source,address,type,low,high\nA/B,plc1,holding:1,float64,0,1\n"
    (tmp_path / "writes.csv").write_text(f"tag\n{SETPOINT if line else 'A/B'}\n")
    _, problems = check(tmp_path, plant, tags)
    assert said(problems) == [
        f'plant.toml:{line or 10}: warning: source "plc1" is not encrypted, so its 1 writable tag is '
        f"refused: "
        "write unsecured_writes = true here if anybody on its network may write, or use an encrypted link"
    ]
    wanted = plant.replace('id = "plc1"', 'id = "plc1"\nunsecured_writes = true')
    assert check(tmp_path, wanted, tags)[1] == []


def test_other_checks_are_left_out_where_there_are_no_tags(tmp_path: Path):
    (tmp_path / "writes.csv").write_text("tag,low,high\nA/B,5,1\n")
    _, problems = check(tmp_path, PLANT, None)
    assert [each for each in said(problems) if each.startswith("writes")] == [
        "writes.csv:2: error: low 5 is not below high 1: write the lower one first"
    ]
