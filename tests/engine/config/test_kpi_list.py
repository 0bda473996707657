from pathlib import Path

import pytest

from engine.types import KpiRule
from tests.engine.config.projects import check_line, said

OEE = """\
[[kpi]]
id = "oee"
kind = "oee"
target = 82
window_s = 1800
ideal_cycle_s = 57
states = ["Line 3/*/State"]
running = [1, 2]
good = "Line 3/S50 Press/Good"
bad = "Line 3/S50 Press/Rejects"
"""
ENERGY = """\
[[kpi]]
id = "energy"
kind = "energy"
title = "Energy per body"
unit = "kWh"
decimals = 2
good = "Line 3/S50 Press/Good"

[kpi.meters]
"compressed air" = "Utilities/Air/Energy"
water = "Utilities/Water/Energy"

[kpi.shares]
"compressed air" = 0.6
water = 0.4
"""


def findings(folder: Path, text: str) -> list[str]:
    """What is said about a kpi.toml beside a small line."""
    _, problems = check_line(folder, {"kpi.toml": text})
    return said(problems)


def test_rules_are_read_with_patterns_resolved_and_texts_filled_in(tmp_path: Path):
    project, problems = check_line(tmp_path, {"kpi.toml": OEE + ENERGY})
    assert problems == []
    assert project is not None
    assert project.kpis == (
        KpiRule(
            id="oee",
            kind="oee",
            title="OEE",
            unit="%",
            target=82.0,
            window_s=1800.0,
            ideal_cycle_s=57.0,
            states=("Line 3/S10 Load/State", "Line 3/S50 Press/State"),
            running=(1, 2),
            good="Line 3/S50 Press/Good",
            bad="Line 3/S50 Press/Rejects",
        ),
        KpiRule(
            id="energy",
            kind="energy",
            title="Energy per body",
            unit="kWh",
            decimals=2,
            good="Line 3/S50 Press/Good",
            meters={"compressed air": "Utilities/Air/Energy", "water": "Utilities/Water/Energy"},
            shares={"compressed air": 0.6, "water": 0.4},
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ('id = "oee"\n', "", 1, "[[kpi]] has no id: add id = … to it"),
        ('id = "oee"', 'id = " "', 2, 'id is empty: write a short name, as in "oee"'),
        (
            'kind = "oee"',
            'kind = "ooe"',
            3,
            'kind "ooe" is not known: use "oee", "throughput" or "energy"; did you mean "oee"?',
        ),
        ("target = 82", 'target = "82"', 4, 'target must be a number, not "82"'),
        ("window_s = 1800", "window_s = 59", 5, "window_s 59 is out of range: use 60 to 86400 (seconds)"),
        ("ideal_cycle_s = 57\n", "", 1, 'kind "oee" needs ideal_cycle_s: add it'),
        (
            "ideal_cycle_s = 57",
            "ideal_cycle_s = -1",
            6,
            "ideal_cycle_s -1 must be above 0: seconds for one piece",
        ),
        ('states = ["Line 3/*/State"]\n', "", 1, 'kind "oee" needs states: add it'),
        (
            "Line 3/*/State",
            "Line 3/*/Stat",
            7,
            'states "Line 3/*/Stat" fits no tag: there is no "Stat" in "Line 3/*"; did you mean "State"?',
        ),
        ("Line 3/*/State", "Line 3/*/Name", 7, 'states "Line 3/S10 Load/Name" is text: use a number'),
        (
            "S50 Press/Good",
            "S50 Press/Godo",
            9,
            'good "Line 3/S50 Press/Godo" is no tag: '
            'there is no "Godo" in "Line 3/S50 Press"; did you mean "Good"?',
        ),
        (
            "S50 Press/Good",
            "*/Good",
            9,
            'good "Line 3/*/Good" is no tag: it needs one whole path, no pattern',
        ),
        (
            "S50 Press/Good",
            "S50 Press/Guard closed",
            9,
            'good "Line 3/S50 Press/Guard closed" counts nothing: it is on or off',
        ),
    ],
)
def test_a_wrong_key_of_oee_is_told_on_its_line(tmp_path: Path, old: str, new: str, line: int, sentence: str):
    assert findings(tmp_path, OEE.replace(old, new, 1)) == [f"kpi.toml:{line}: error: {sentence}"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "Utilities/Air/Energy",
            "Utilities/Air/Power",
            'meters compressed air "Utilities/Air/Power" is no tag: there is no "Power" in "Utilities/Air"',
        ),
        (
            "water = 0.4",
            "gas = 0.4",
            'shares names "gas", which is none of meters: use "compressed air" or "water"',
        ),
        ("water = 0.4", "water = 0.5", "shares add up to 1.1: together they are at most 1"),
        (
            "water = 0.4",
            "water = -0.4",
            'share -0.4 of "water" is out of range: use parts of 1, as in 0.3',
        ),
        (
            "water = 0.4",
            'water = "much"',
            'shares must be names and numbers, as in { "compressed air" = 0.3 }, not a table',
        ),
        ("decimals = 2", "decimals = 11", "decimals 11 cannot be used: write a number from 0 to 10"),
    ],
)
def test_a_wrong_meter_or_share_is_told(tmp_path: Path, old: str, new: str, sentence: str):
    (finding,) = findings(tmp_path, ENERGY.replace(old, new))
    assert finding.partition(" error: ")[2] == sentence


def test_what_a_kind_does_not_use_is_a_warning(tmp_path: Path):
    text = OEE.replace('kind = "oee"', 'kind = "throughput"')
    assert findings(tmp_path, text) == [
        'kpi.toml:10: warning: bad is not used by kind "throughput" and is ignored'
    ]


def test_two_figures_of_one_id_are_told(tmp_path: Path):
    assert findings(tmp_path, OEE + OEE) == [
        'kpi.toml:12: error: id "oee" is used twice: give each figure its own'
    ]


def test_single_brackets_and_other_sections_are_told(tmp_path: Path):
    assert findings(tmp_path, '[kpi]\nid = "x"\n\n[kpis]\n') == [
        "kpi.toml:1: error: kpi needs double brackets: write [[kpi]], once for each figure",
        'kpi.toml:4: warning: "kpis" is not known and is ignored; did you mean "kpi"?',
    ]


def test_an_empty_file_names_no_figures(tmp_path: Path):
    project, problems = check_line(tmp_path, {"kpi.toml": "# none yet\n"})
    assert (project is not None and project.kpis, problems) == ((), [])
