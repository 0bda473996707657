"""What rationalisation is told about limits that could be better."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from engine import paths
from engine.alarms.lint import lint
from engine.app.project import load
from engine.types import AlarmClass, AlarmSettings, AssetType, Limit, Plant, Problem, Project, Tag

PRESSURE, STATE, TEXT = "Line/S1 Press/Pressure", "Line/S1 Press/State", "Line/S1 Press/Recipe"
TAGS = (
    Tag(0, PRESSURE, "plc", "x", type="float32", unit="bar", low=0.0, high=250.0),
    Tag(1, STATE, "plc", "x", type="int32", states={0: "idle", 1: "running", 5: "fault"}),
    Tag(2, TEXT, "plc", "x", type="string"),
    Tag(3, "Loose", "plc", "x", type="bool"),
)
UNIT = AssetType(id="press", paths=("*/S? *",), level="unit")


def good(**more: Any) -> Limit:
    """A row that nothing is to be said about."""
    row: dict[str, Any] = {
        "path": PRESSURE,
        "kind": "h",
        "limit": 200.0,
        "deadband": 2.0,
        "message": "Pressure high",
        "cause": "seal",
        "response": "look at it",
        "respond_s": 600.0,
        "line": 2,
    }
    return Limit(**{**row, **more})


def told(*limits: Limit, classes: tuple[AlarmClass, ...] = (), sound: bool = True) -> list[Problem]:
    project = Project("/p", Plant("P"), (), TAGS, (UNIT,), limits)
    return lint(limits, classes, AlarmSettings(sound=sound), project)


def test_a_good_row_is_left_alone() -> None:
    assert told(good()) == []


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"response": ""}, "no response: an alarm asks a person to act"),
        ({"cause": ""}, "no cause"),
        ({"respond_s": 0.0}, "no time to respond"),
        ({"on_delay_s": 600.0}, "on_delay 600 s leaves nothing of the 600 s to respond"),
        ({"path": TEXT, "kind": "on", "limit": None}, f'"{TEXT}" is text'),
        ({"limit": 250.0}, "limit 250 lies at or above the range"),
        ({"limit": 300.0, "kind": "hh"}, "which ends at 250 bar: it never alarms"),
        ({"limit": 0.0, "kind": "l"}, "limit 0 lies at or below the range"),
        ({"limit": -5.0}, "it always alarms"),
        ({"deadband": 0.0}, "1 % of its range would be 2.5 bar"),
        ({"display": "Line/S9"}, 'display "Line/S9" is no asset and no display'),
        ({"path": "Loose", "kind": "on", "limit": None}, '"Loose" lies in no unit'),
        ({"alarm_class": "safety"}, 'class "safety" is not in alarms.toml'),
    ],
)
def test_what_a_row_lacks_is_told_in_a_sentence_with_its_line(changed: dict[str, Any], part: str) -> None:
    (problem,) = told(good(line=7, **changed))
    assert part in problem.message
    assert (problem.file, problem.line, problem.severity) == ("alarms.csv", 7, "warning")


@pytest.mark.parametrize(
    "changed",
    [
        {"display": "Line/S1 Press"},
        {"display": "Trends"},
        {"path": TEXT, "kind": "bad", "limit": None},
        {"path": STATE, "kind": "on", "limit": 5.0, "deadband": 0.0},
        {"on_delay_s": 599.0},
        {"kind": "trip", "limit": 248.0, "priority": 0, "response": "", "cause": "", "respond_s": 0.0},
    ],
)
def test_what_is_right_is_not_told(changed: dict[str, Any]) -> None:
    assert told(good(**changed)) == []


def test_a_deadband_that_reaches_past_the_next_limit_inward_is_told() -> None:
    inner, outer = good(), good(kind="hh", limit=205.0, message="Pressure very high", line=3)
    assert told(inner, msgspec.structs.replace(outer, deadband=5.0)) == []
    (problem,) = told(inner, msgspec.structs.replace(outer, deadband=6.0))
    assert problem.line == 3
    assert problem.message.startswith("deadband 6 is larger than the 5 to h (line 2)")


def test_limits_that_contradict_each_other_are_told() -> None:
    inner = good(priority=2)
    (order,) = told(inner, good(kind="hh", limit=190.0, line=3, message="Very high", priority=1))
    assert order.message == "hh 190 does not lie beyond h 200 (line 2)"
    (mild,) = told(inner, good(kind="hh", limit=220.0, line=3, message="Very high", priority=4))
    assert mild.message.startswith("hh has a lower priority (4) than h (2, line 2)")
    low = good(kind="l", limit=50.0, line=4, message="Low")
    assert told(low, good(kind="ll", limit=40.0, line=5, message="Very low")) == []


def test_the_same_condition_twice_is_told_at_the_second_row() -> None:
    problems = told(good(), good(name="again", line=9, message="Pressure much too high"))
    assert [each.line for each in problems] == [9]
    assert "stands on line 2" in problems[0].message


def test_the_same_message_twice_in_a_unit_is_told_once_for_a_row() -> None:
    state = good(path=STATE, kind="on", limit=5.0, deadband=0.0, line=8)
    (problem,) = told(good(), state)
    assert problem.line == 8
    assert problem.message == '"Pressure high" also stands on line 2 for the same unit: tell them apart'
    other = told(good(), msgspec.structs.replace(state, path="Line/S2 Press/State"))
    assert not [each for each in other if "tell them apart" in each.message], "another unit"


def test_a_class_that_lets_the_highest_priority_be_shelved_without_a_reason_is_told() -> None:
    free = AlarmClass("quick", reason=False)
    (problem,) = told(good(priority=1, alarm_class="quick"), classes=(free,))
    assert "priority 1 be shelved without a reason" in problem.message
    never = AlarmClass("quick", reason=False, shelve_max_s=0.0)
    assert told(good(priority=1, alarm_class="quick"), classes=(never,)) == []
    assert told(good(priority=2, alarm_class="quick"), classes=(free,)) == []


def test_alarms_that_nobody_hears_are_told() -> None:
    (problem,) = told(good(priority=1), sound=False)
    assert "sound = false" in problem.message


def _many(*counts: int) -> list[Limit]:
    """So many alarms of each priority from 1 on, all different."""
    priorities = [place + 1 for place, count in enumerate(counts) for _ in range(count)]
    return [
        good(priority=priority, limit=100.0 + k, line=k + 2, message=f"Alarm {k}", name=str(k))
        for k, priority in enumerate(priorities)
    ]


def test_too_much_of_a_priority_is_told_with_its_share() -> None:
    assert told(*_many(1, 5, 15, 79)) == []
    problems = told(*_many(2, 5, 20, 73))
    assert [each.line for each in problems] == [2, 9]
    assert problems[0].message.startswith("2.0% of all alarms have priority 1, more than the 1%")
    assert problems[1].message.endswith("(20 of 100)")


def test_with_three_priorities_the_highest_may_be_a_twentieth() -> None:
    assert told(*_many(5, 15, 80)) == []
    assert len(told(*_many(6, 15, 79))) == 1


def test_a_few_alarms_have_no_shares() -> None:
    assert told(*_many(3, 3, 3)) == []


def test_a_row_of_many_tags_is_told_once() -> None:
    rows = [good(path=f"Line/S{k} Press/Pressure", response="", deadband=0.0, line=4) for k in range(1, 6)]
    tags = tuple(msgspec.structs.replace(TAGS[0], tag_id=k, path=each.path) for k, each in enumerate(rows))
    found = lint(rows, (), AlarmSettings(), Project("/p", Plant("P"), (), tags, (UNIT,)))
    assert len(found) == 2
    assert all(each.message.endswith("(also of 4 other tags)") for each in found)


def test_the_demo_line_contradicts_itself_nowhere() -> None:
    project = load(paths.resources() / "demo" / "framing")
    found = lint(project.limits, project.alarm_classes, project.alarm_settings, project)
    wrong = ("no response", "no cause", "no unit", "same condition", "does not lie beyond", "is larger than")
    assert not [str(each) for each in found if any(part in each.message for part in wrong)]
