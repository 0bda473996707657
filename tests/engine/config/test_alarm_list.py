from pathlib import Path

import pytest

from engine.types import Limit
from tests.engine.config.projects import PLANT, check, check_line, said

PRESSURE = "Line 3/S50 Press/Hydraulics/Pressure"


def findings(folder: Path, rows: str, header: str = "path,kind,limit,priority,deadband") -> list[str]:
    _, problems = check_line(folder, {"alarms.csv": f"{header}\n{rows}"})
    return said(problems)


def test_a_row_with_every_column_becomes_a_limit(tmp_path: Path):
    text = (
        "response,cause,message,off_delay,on_delay,deadband,priority,limit,KIND,path\n"
        f'lower the setpoint,seal leak,"Pressure high, very",4,2.5,3,1,240,HH,{PRESSURE}\n'
    )
    project, problems = check_line(tmp_path, {"alarms.csv": text})
    assert problems == []
    assert project is not None
    assert project.limits == (
        Limit(
            path=PRESSURE,
            kind="hh",
            limit=240.0,
            priority=1,
            deadband=3.0,
            on_delay_s=2.5,
            off_delay_s=4.0,
            message="Pressure high, very",
            cause="seal leak",
            response="lower the setpoint",
            line=2,
        ),
    )


def test_empty_cells_mean_the_defaults(tmp_path: Path):
    project, problems = check_line(tmp_path, {"alarms.csv": f"path,kind,limit\n{PRESSURE},h,232\n"})
    assert problems == []
    assert project is not None
    assert project.limits == (Limit(PRESSURE, "h", 232.0, line=2),)
    assert project.limits[0].priority == 3


def test_a_pattern_becomes_one_limit_for_each_tag_within_its_segment(tmp_path: Path):
    rows = "path,kind,limit\nLine 3/*/Guard closed,off,\nLine ?/S?0 */Cycle time,h,65\n*/*/State,on,4\n"
    project, problems = check_line(tmp_path, {"alarms.csv": rows})
    assert problems == []
    assert project is not None
    assert [(limit.path, limit.kind, limit.line) for limit in project.limits] == [
        ("Line 3/S10 Load/Guard closed", "off", 2),
        ("Line 3/S50 Press/Guard closed", "off", 2),
        ("Line 3/S10 Load/Cycle time", "h", 3),
        ("Line 3/S50 Press/Cycle time", "h", 3),
        ("Line 3/S10 Load/State", "on", 4),
        ("Line 3/S50 Press/State", "on", 4),
    ]


def test_a_star_does_not_reach_into_the_next_segment(tmp_path: Path):
    (finding,) = findings(tmp_path, "Line 3/*Pressure,h,240\n")
    assert finding.startswith(
        'alarms.csv:2: error: path "Line 3/*Pressure" is no tag: there is no "*Pressure"'
    )


def test_brackets_in_a_name_are_no_pattern(tmp_path: Path):
    project, problems = check(tmp_path, PLANT, "path,source,address\nA/B[1] x,plc1,i=1\nA/B1 x,plc1,i=2\n")
    assert (project is not None, problems) == (True, [])
    (tmp_path / "alarms.csv").write_text("path,kind,limit\nA/B[1] *,h,1\n")
    project, _ = check(tmp_path, PLANT, None)
    assert project is not None
    assert [limit.path for limit in project.limits] == ["A/B[1] x"]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (",h,1", "path is empty: write the tag's path, or a pattern such as Line 1/*/State"),
        (
            f"{PRESSURE},,240",
            'kind is empty: use "hh", "h", "l", "ll", "on", "off", "trip", "dev", "rate", "disc" '
            "… (13 in all)",
        ),
        (
            f"{PRESSURE},hhh,240",
            'kind "hhh" is not known: use "hh", "h", "l", "ll", "on", "off", "trip", "dev", "rate", "disc" '
            '… (13 in all); did you mean "hh"?',
        ),
        (f"{PRESSURE},hh,", "limit is empty: hh needs the number to compare with"),
        (f"{PRESSURE},trip", "limit is empty: trip needs the number to compare with"),
        (f"{PRESSURE},h,high", 'limit "high" is not a number: write a plain number such as 12.5'),
        (f"{PRESSURE},h,240,5", 'priority "5" cannot be used: write a whole number from 0 to 4'),
        (f"{PRESSURE},h,240,2,-1", "deadband -1 is negative: use 0 or more, in the unit of the tag"),
        (
            "Line 3/S50 Pres/Hydraulics/Pressure,h,240",
            'path "Line 3/S50 Pres/Hydraulics/Pressure" is no tag: '
            'there is no "S50 Pres" in "Line 3"; did you mean "S50 Press"?',
        ),
        (
            "Line 3/*/Hydraulics/Presure,h,240",
            'path "Line 3/*/Hydraulics/Presure" is no tag: '
            'there is no "Presure" in "Line 3/*/Hydraulics"; did you mean "Pressure"?',
        ),
        (
            "Line 3/S50 Press,h,240",
            'path "Line 3/S50 Press" is no tag: it is an asset',
        ),
        (
            "Line 3/S10 Load/Guard closed,h,1",
            '"Line 3/S10 Load/Guard closed" is on or off: use kind "on" or "off"',
        ),
        ("Line 3/S10 Load/State,hh,3", '"Line 3/S10 Load/State" is an enumeration: use kind "on" or "off"'),
        (
            "Line 3/S10 Load/Name,on",
            '"Line 3/S10 Load/Name" is text: only numbers and on or off raise alarms, or kind bad or expr',
        ),
        (
            "Line 3/S10 Load/Guard closed,off,1",
            '"Line 3/S10 Load/Guard closed" is on or off: leave limit empty',
        ),
        (
            "Line 3/S10 Load/State,on",
            'limit is empty: write the state of "Line 3/S10 Load/State" that on compares with',
        ),
        (f"{PRESSURE},on", f'"{PRESSURE}" is a number: use kind "hh", "h", "l" or "ll"'),
    ],
)
def test_a_wrong_row_is_told_on_its_line(tmp_path: Path, row: str, sentence: str):
    assert findings(tmp_path, f"{row}\n") == [f"alarms.csv:2: error: {sentence}"]


def test_delays_are_seconds_from_zero_on(tmp_path: Path):
    said_of = findings(tmp_path, f"{PRESSURE},h,240,-1,soon\n", "path,kind,limit,on_delay,off_delay")
    assert said_of == [
        "alarms.csv:2: error: on_delay -1 is negative: use 0 or more, in seconds",
        'alarms.csv:2: error: off_delay "soon" is not a number: write a plain number such as 12.5',
    ]


def test_a_number_that_is_no_state_is_a_warning(tmp_path: Path):
    assert findings(tmp_path, "Line 3/S10 Load/State,on,9\n") == [
        'alarms.csv:2: warning: limit 9 is no state of "Line 3/S10 Load/State": '
        'use "0 idle", "1 running" or "4 stopped"'
    ]


def test_limits_of_a_tag_rise_from_ll_to_hh(tmp_path: Path):
    rows = f"{PRESSURE},hh,240\n{PRESSURE},h,240\n{PRESSURE},ll,20\n{PRESSURE},l,10\n"
    assert findings(tmp_path, rows) == [
        f'alarms.csv:3: error: h 240 (line 3) is not below hh 240 (line 2) of "{PRESSURE}"',
        f'alarms.csv:5: error: ll 20 (line 4) is not below l 10 (line 5) of "{PRESSURE}"',
    ]


def test_two_rows_in_the_wrong_order_are_told_once_for_all_tags_they_meet_in(tmp_path: Path):
    rows = "Line 3/*/Cycle time,h,60\nLine 3/*/Cycle time,l,70\n"
    assert findings(tmp_path, rows) == [
        'alarms.csv:3: error: l 70 (line 3) is not below h 60 (line 2) of "Line 3/S10 Load/Cycle time"'
    ]


@pytest.mark.parametrize(("trip", "ok"), [("248", True), ("240", True), ("5", True), ("235", False)])
def test_a_trip_stands_outside_the_other_limits(tmp_path: Path, trip: str, ok: bool):
    rows = f"{PRESSURE},trip,{trip}\n{PRESSURE},hh,240\n{PRESSURE},h,232\n{PRESSURE},l,10\n"
    expected = (
        f'alarms.csv:2: error: trip {trip} of "{PRESSURE}" lies between its other limits: '
        "it stands above all of them or below all"
    )
    assert findings(tmp_path, rows) == ([] if ok else [expected])


def test_a_deadband_leaves_room_between_the_limits(tmp_path: Path):
    rows = f"{PRESSURE},h,100,3,20\n{PRESSURE},l,80,3,19\n"
    assert findings(tmp_path, rows) == [
        f'alarms.csv:2: error: deadband 20 is not smaller than the 20 between l and h of "{PRESSURE}": '
        "the alarm could not end"
    ]


def test_the_same_limit_twice_is_told_with_both_lines_once(tmp_path: Path):
    rows = "Line 3/*/Cycle time,h,60\nLine 3/S?0 */Cycle time,h,70\n"
    assert findings(tmp_path, rows) == [
        'alarms.csv:3: error: h of "Line 3/S10 Load/Cycle time" is on line 2 already: keep one of the two, '
        "or give each a name"
    ]


def test_a_text_nobody_would_read_in_an_alarm_is_refused(tmp_path: Path):
    assert findings(tmp_path, f"{PRESSURE},h,240,{'x' * 301}\n", "path,kind,limit,message") == [
        "alarms.csv:2: error: message has 301 characters: use at most 300"
    ]


def test_unknown_columns_are_warned_about_and_missing_ones_told(tmp_path: Path):
    assert findings(tmp_path, f"{PRESSURE},h,240,2\n", "path,kind,limit,prio") == [
        'alarms.csv:1: warning: column "prio" is not known and is ignored; did you mean "priority"?'
    ]
    assert findings(tmp_path, f"{PRESSURE},240\n", "path,limit") == [
        "alarms.csv:1: error: column kind is missing: add it to the first line"
    ]


HEADER = (
    "path,kind,limit,other,expression,window,count,suppress,class,latching,group,quality,name,priority,"
    "respond,realarm,consequence,display"
)
CLASSES = """\
[[class]]
id = "safety"
managed = true
shelve_max_s = 0

[[class]]
id = "info"
acknowledge = false
"""


def read_rows(folder: Path, rows: list[dict[str, str]], toml: str = CLASSES) -> tuple[list[Limit], list[str]]:
    """The limits of these rows, and what is said about them."""
    columns = HEADER.split(",")
    lines = [",".join('"' + row.get(each, "").replace('"', '""') + '"' for each in columns) for row in rows]
    files = {"alarms.csv": "\n".join([HEADER, *lines]) + "\n", "alarms.toml": toml}
    project, problems = check_line(folder, files)
    return list(project.limits) if project else [], said(problems)


def test_all_new_columns_become_fields_of_the_limit(tmp_path: Path):
    row = {
        **{"path": PRESSURE, "kind": "rate", "limit": "5", "window": "10", "count": "3", "class": "safety"},
        **{"latching": "TRUE", "quality": "raise", "name": "fast", "respond": "180", "realarm": "600"},
        **{"consequence": "oil on the floor", "display": "Line 3/S50 Press", "priority": "1"},
    }
    (limit,), problems = read_rows(tmp_path, [row])
    assert problems == []
    assert limit == Limit(
        PRESSURE,
        "rate",
        5.0,
        1,
        line=2,
        name="fast",
        window_s=10.0,
        count=3,
        alarm_class="safety",
        latching=True,
        quality="raise",
        respond_s=180.0,
        realarm_s=600.0,
        consequence="oil on the floor",
        display="Line 3/S50 Press",
    )


def test_names_with_a_dot_are_those_beside_the_tag_that_the_row_means(tmp_path: Path):
    rows = [
        {"path": PRESSURE, "kind": "dev", "limit": "10", "other": "./Setpoint"},
        {
            **{"path": "Line 3/*/Cycle time", "kind": "h", "limit": "60"},
            "suppress": 'not {./Guard closed} or {./State} == "stopped" or {Utilities/Air/Energy} < 1',
        },
        {
            **{"path": "Line 3/*/State", "kind": "expr"},
            "expression": '{./State} == "running" and {./Cycle time} > 100',
        },
    ]
    limits, problems = read_rows(tmp_path, rows)
    assert problems == []
    assert limits[0].other == "Line 3/S50 Press/Hydraulics/Setpoint"
    assert [limit.suppress for limit in limits[1:3]] == [
        f'not {{Line 3/{unit}/Guard closed}} or {{Line 3/{unit}/State}} == "stopped" '
        "or {Utilities/Air/Energy} < 1"
        for unit in ("S10 Load", "S50 Press")
    ]
    assert limits[4].expression == (
        '{Line 3/S50 Press/State} == "running" and {Line 3/S50 Press/Cycle time} > 100'
    )


STATE = "Line 3/S10 Load/State"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            {"kind": "dev", "limit": "5"},
            "error: other is empty: dev needs the tag to compare with, as in ./Setpoint",
        ),
        (
            {"kind": "dev", "limit": "5", "other": "./Setpiont"},
            'error: other "Line 3/S50 Press/Hydraulics/Setpiont" is no tag: there is no "Setpiont" in '
            '"Line 3/S50 Press/Hydraulics"; did you mean "Setpoint"?',
        ),
        (
            {"kind": "dev", "limit": "5", "other": "./Pressure"},
            f'error: other is "{PRESSURE}" itself: write the tag to compare with',
        ),
        (
            {"kind": "dev", "limit": "5", "other": "./*"},
            'error: other "Line 3/S50 Press/Hydraulics/*" is no tag: it needs one tag, no pattern; '
            "./ stands for the asset of the row's own tag",
        ),
        (
            {"kind": "disc", "other": "Line 3/S10 Load/Guard closed"},
            f'error: "{PRESSURE}" and other "Line 3/S10 Load/Guard closed" are not alike',
        ),
        (
            {"kind": "rate", "limit": "5"},
            "error: window is empty: rate needs the seconds over which the change is measured",
        ),
        (
            {"kind": "h", "limit": "5", "count": "3"},
            "error: window is empty: count 3 needs the seconds within which it comes so often",
        ),
        ({"kind": "h", "limit": "5", "window": "3"}, "warning: window is not used by kind h and is ignored"),
        (
            {"kind": "h", "limit": "5", "other": "./Setpoint"},
            "warning: other is not used by kind h and is ignored",
        ),
        (
            {"kind": "bad", "limit": "5"},
            "error: bad has no limit, it alarms on quality alone: leave limit empty",
        ),
        (
            {"kind": "status"},
            f'error: "{PRESSURE}" is a measured value: status needs a NE 107 status',
        ),
        (
            {"kind": "expr"},
            "error: expression is empty: expr needs one, as in {./Pressure} > 180 and {./Running}",
        ),
        (
            {"kind": "expr", "expression": "{./Pressure} > "},
            "error: expression, column 14: something is missing",
        ),
        (
            {"kind": "expr", "expression": "{./Presure} > 1"},
            'error: expression: "Line 3/S50 Press/Hydraulics/Presure" is no tag: there is no "Presure"',
        ),
        (
            {"kind": "expr", "expression": "{./Pressure} + 1"},
            "error: expression: it says a number, not yes or no",
        ),
        (
            {"kind": "h", "limit": "5", "suppress": f'{{{STATE}}} == "halted"'},
            f'error: suppress, column 28: "halted" is no state of "{STATE}": use "idle"',
        ),
        (
            {"kind": "h", "limit": "5", "suppress": "{Line 3/S10 Load/Name} == 1"},
            'error: suppress: "Line 3/S10 Load/Name" is text',
        ),
        ({"kind": "h", "limit": "5", "suppress": "1 > 2"}, "error: suppress: it names no tag"),
        (
            {"kind": "h", "limit": "5", "class": "safty"},
            'error: class "safty" is not in alarms.toml: use "safety" or "info"; did you mean "safety"?',
        ),
        (
            {"kind": "h", "limit": "5", "class": "info", "latching": "true"},
            'error: latching needs a person to reset it, but class "info" returns to normal without one',
        ),
        ({"kind": "h", "limit": "5", "latching": "yes"}, 'error: latching "yes" is neither true nor false'),
        (
            {"kind": "h", "limit": "5", "quality": "rise"},
            'error: quality "rise" is not known: use "hold", "raise" or "clear"',
        ),
        ({"kind": "h", "limit": "5", "group": "press"}, 'warning: group "press" has this alarm alone'),
        ({"kind": "dev", "limit": "-5", "other": "./Setpoint"}, "error: limit -5 is negative"),
        ({"kind": "link"}, 'error: kind "link" is not known'),
    ],
)
def test_a_wrong_new_column_is_told_on_its_line(tmp_path: Path, row: dict[str, str], sentence: str):
    _, problems = read_rows(tmp_path, [{"path": PRESSURE, **row}])
    assert len(problems) == 1
    assert problems[0].startswith(f"alarms.csv:2: {sentence}")


def test_a_mistake_in_an_expression_of_many_tags_is_told_once(tmp_path: Path):
    row = {"path": "Line 3/*/State", "kind": "expr", "expression": "{./Nothing} > 1"}
    _, problems = read_rows(tmp_path, [row])
    assert len(problems) == 1


def test_limits_of_one_kind_and_tag_are_told_apart_by_name(tmp_path: Path):
    rows = [
        {"path": PRESSURE, "kind": "expr", "expression": "{./Pressure} > 1", "name": "a"},
        {"path": PRESSURE, "kind": "expr", "expression": "{./Pressure} > 2", "name": "b"},
    ]
    limits, problems = read_rows(tmp_path, rows)
    assert (len(limits), problems) == (2, [])


def test_a_project_of_bad_quality_and_text_can_be_watched(tmp_path: Path):
    limits, problems = read_rows(tmp_path, [{"path": "Line 3/S10 Load/*", "kind": "bad"}])
    assert (len(limits), problems) == (4, [])
