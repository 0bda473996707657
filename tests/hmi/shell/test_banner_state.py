"""What the alarm banner says."""

from __future__ import annotations

import pytest

from hmi.model import Model, build
from hmi.shell import banner_state as state
from tests.hmi.line import HIGH, LINE, LOW_AIR, PRESSURE, TIPS, VALUES, alarm
from tests.hmi.plant import BAD, NOW_US, PROJECT, STALE, UNCERTAIN, snapshot


@pytest.fixture
def model() -> Model:
    return build(LINE)


def test_row_says_when_where_what_then_and_now_why_and_what_to_do(model: Model) -> None:
    row = state.rows_of(model, [HIGH], snapshot(VALUES), NOW_US, 3)[0]
    assert (row.time, row.where, row.message) == ("14:13:21", "S50 Hydraulics", "Pressure high-high")
    assert (row.at, row.now, row.kind) == ("at alarm 241.6", "now 241.6 bar", "normal")
    assert (row.advice, row.state) == ("seal leak: lower setpoint, inspect", "active")
    assert row.spoken.startswith("priority 1, 14:13:21, S50 Hydraulics, Pressure high-high")


def test_worst_active_alarm_stands_first_and_returned_ones_last(model: Model) -> None:
    rows = state.rows_of(model, [LOW_AIR, TIPS, HIGH], snapshot(VALUES), NOW_US, 3)
    assert [row.priority for row in rows] == [1, 2, 2]
    assert [row.is_active for row in rows] == [True, True, False]
    assert rows[2].state == "returned 14:10"


def test_only_so_many_rows_and_the_heading_counts_the_rest(model: Model) -> None:
    many = [HIGH, TIPS, LOW_AIR]
    assert len(state.rows_of(model, many, snapshot(VALUES), NOW_US, 2)) == 2
    assert state.heading(many, 2, False, "") == ("Active, highest first", "+1 more · 2 active")


def test_alarm_of_another_day_has_its_day(model: Model) -> None:
    row = state.rows_of(model, [alarm(ago_s=86_400)], snapshot(VALUES), NOW_US, 3)[0]
    assert row.time == "Sat 21 Nov 14:13:46"


def test_stale_value_is_never_called_now(model: Model) -> None:
    at = model.index[PRESSURE]
    row = state.rows_of(model, [HIGH], snapshot(VALUES, {at: STALE}), NOW_US, 3)[0]
    assert (row.now, row.kind) == ("was 241.6 bar, 3 min ago", "stale")


def test_bad_value_shows_its_reason_and_no_number(model: Model) -> None:
    at = model.index[PRESSURE]
    row = state.rows_of(model, [HIGH], snapshot(VALUES, {at: BAD}), NOW_US, 3)[0]
    assert (row.now, row.kind) == ("now bad: sensor failure", "bad")
    doubtful = state.rows_of(model, [HIGH], snapshot(VALUES, {at: UNCERTAIN}), NOW_US, 3)[0]
    assert (doubtful.now, doubtful.kind) == ("now 241.6 bar", "uncertain")


def test_alarm_of_a_tag_that_is_gone_is_still_shown(model: Model) -> None:
    row = state.rows_of(model, [alarm("Old/Place/Tag")], snapshot(VALUES), NOW_US, 3)[0]
    assert (row.where, row.now, row.at) == ("Old/Place/Tag", "", "")


def test_silent_engine_makes_the_banner_say_that_it_is_not_current(model: Model) -> None:
    left, _ = state.heading([HIGH], 1, True, "14:13:46")
    assert left == "NOT CURRENT: the engine is silent. Alarms as of 14:13:46"
    assert "not known" in state.calm(model, True, True, 0, NOW_US)


def test_no_alarms_is_never_said_of_limits_that_nobody_can_judge(model: Model) -> None:
    limits = sum(limit.priority > 0 for each in model.limits.values() for limit in each)
    at = model.index[PRESSURE]
    one = state.unjudged(model, snapshot(VALUES, {at: STALE}))
    assert one == sum(limit.priority > 0 for limit in model.limits[at])
    words = state.calm(model, True, False, 0, NOW_US, one)
    assert words == (
        f"{one} of {limits} alarm limits cannot be judged: no current value. No alarms among the others."
    )
    dead = snapshot(VALUES, dict.fromkeys(range(len(VALUES)), STALE))
    assert state.unjudged(model, dead) == limits
    assert "No alarms" not in state.calm(model, True, False, 0, NOW_US, limits)
    assert (
        state.heading([HIGH], 1, False, "", one)[1] == f"1 active · {one} limits not judged: no current value"
    )
    assert state.unjudged(model, snapshot(VALUES)) == 0


def test_calm_line_teaches(model: Model) -> None:
    assert state.calm(model, True, False, 0, NOW_US) == "No alarms."
    returned_us = NOW_US - 600_000_000
    assert state.calm(model, True, False, returned_us, NOW_US) == "No alarms. Last one returned 14:03."
    assert "alarms.csv" in state.calm(build(PROJECT), True, False, 0, NOW_US)
    assert "not known" in state.calm(model, False, False, 0, NOW_US), "before the engine has told any"
