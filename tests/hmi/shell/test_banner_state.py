"""What the alarm banner says."""

from __future__ import annotations

import msgspec
import pytest

from engine.types import Alarm, Flood
from hmi.alarm_book import AlarmBook
from hmi.alarm_desk import AlarmDesk
from hmi.alarm_sums import unjudged
from hmi.model import Model, build
from hmi.shell import banner_state as state
from tests.hmi.booked import Commands, book
from tests.hmi.line import HIGH, LINE, LOW_AIR, PRESSURE, TIPS, VALUES, alarm
from tests.hmi.plant import BAD, NOW_US, PROJECT, STALE, UNCERTAIN, snapshot


@pytest.fixture
def model() -> Model:
    return build(LINE)


def desk(*alarms: Alarm, flood: Flood | None = None) -> AlarmDesk:
    """A desk that was told these."""
    made = AlarmDesk(Commands())
    made.take(book(*alarms, flood=flood))
    return made


def row_of(model: Model, one: Alarm, status: dict[int, int] | None = None) -> state.Row:
    """The row of one alarm."""
    return state.rows_of(model, [one], snapshot(VALUES, status), desk(one))[0]


def test_row_says_when_where_what_then_and_now_why_and_what_to_do(model: Model) -> None:
    row = row_of(model, HIGH)
    assert (row.time, row.where, row.message) == ("14:13:21", "S50 Hydraulics", "Pressure high-high")
    assert (row.at, row.now, row.kind) == ("at alarm 241.6", "now 241.6 bar", "normal")
    assert (row.advice, row.state) == ("seal leak: lower setpoint, inspect", "active, not acknowledged")
    assert row.spoken.startswith("priority 1, 14:13:21, S50 Hydraulics, Pressure high-high")
    assert row.act == "acknowledge"


def test_unacknowledged_stand_first_then_priority_then_the_newest() -> None:
    acked = msgspec.structs.replace(HIGH, letter="C", acked=True)
    assert state.foremost([acked, LOW_AIR, TIPS], 3, 0) == (TIPS, LOW_AIR, acked)
    assert state.foremost([acked, LOW_AIR, TIPS], 2, 0) == (TIPS, LOW_AIR)


def test_marked_alarm_is_always_among_the_rows() -> None:
    assert state.foremost([HIGH, TIPS, LOW_AIR], 2, LOW_AIR.id) == (HIGH, LOW_AIR)
    assert state.foremost([HIGH, TIPS], 1, 999) == (HIGH,), "one that is gone takes no row"


def test_alarms_set_aside_have_no_row_but_are_counted_in_the_heading(model: Model) -> None:
    shelved = msgspec.structs.replace(TIPS, letter="E")
    told = desk(HIGH, shelved, LOW_AIR)
    assert state.foremost(told.book.alarms.values(), 3, 0) == (HIGH, LOW_AIR)
    assert state.heading(model, told, 1) == (
        "Unacknowledged, highest first",
        "+1 more · 1 active · 1 shelved",
    )


def test_all_acknowledged_is_said(model: Model) -> None:
    told = desk(msgspec.structs.replace(HIGH, letter="C", acked=True))
    assert state.heading(model, told, 1) == ("All acknowledged, highest first", "1 active")
    row = state.rows_of(model, list(told.book.alarms.values()), snapshot(VALUES), told)[0]
    assert (row.state, row.act, row.is_waiting) == ("active, acknowledged", "", False)


def test_flood_names_the_alarm_that_came_first(model: Model) -> None:
    told = desk(HIGH, TIPS, flood=Flood(NOW_US - 240_000_000, 14, TIPS.id))
    left, _ = state.heading(model, told, 2)
    assert left == "FLOOD since 14:09: 14 alarms in 10 minutes. First: S30 Robot 1 Weld current high"


def test_alarm_of_another_day_has_its_day(model: Model) -> None:
    assert row_of(model, alarm(ago_s=86_400)).time == "Sat 21 Nov 14:13:46"


def test_stale_value_is_never_called_now(model: Model) -> None:
    row = row_of(model, HIGH, {model.index[PRESSURE]: STALE})
    assert (row.now, row.kind) == ("was 241.6 bar, 3 min ago", "stale")


def test_bad_value_shows_its_reason_and_no_number(model: Model) -> None:
    at = model.index[PRESSURE]
    row = row_of(model, HIGH, {at: BAD})
    assert (row.now, row.kind) == ("now bad: sensor failure", "bad")
    doubtful = row_of(model, HIGH, {at: UNCERTAIN})
    assert (doubtful.now, doubtful.kind) == ("now 241.6 bar", "uncertain")


def test_alarm_of_a_tag_that_is_gone_is_still_shown(model: Model) -> None:
    row = row_of(model, alarm("Old/Place/Tag"))
    assert (row.where, row.now, row.at) == ("Old/Place/Tag", "", "")


def test_alarm_that_is_not_on_disk_says_so(model: Model) -> None:
    lost = msgspec.structs.replace(HIGH, is_recorded=False)
    assert row_of(model, lost).state == "active, not acknowledged · not on disk"
    assert state.heading(model, desk(lost), 1)[1] == "1 active · 1 not on disk"


def test_silent_engine_makes_the_banner_say_that_it_is_not_current(model: Model) -> None:
    told = desk(HIGH)
    told.set_stalled(True)
    assert state.heading(model, told, 1)[0] == "NOT CURRENT: the engine is silent. Alarms as of 14:13:46"
    assert "not known" in state.calm(model, told)


def test_no_alarms_is_never_said_of_limits_that_nobody_can_judge(model: Model) -> None:
    limits = sum(limit.priority > 0 for each in model.limits.values() for limit in each)
    at = model.index[PRESSURE]
    one = unjudged(model, snapshot(VALUES, {at: STALE}))
    assert one == sum(limit.priority > 0 for limit in model.limits[at])
    assert state.calm(model, desk(), one) == (
        f"{one} of {limits} alarm limits cannot be judged: no current value. No alarms among the others."
    )
    dead = snapshot(VALUES, dict.fromkeys(range(len(VALUES)), STALE))
    assert unjudged(model, dead) == limits
    assert "No alarms" not in state.calm(model, desk(), limits)
    assert state.heading(model, desk(HIGH), 1, one)[1] == (
        f"1 active · {one} limits not judged: no current value"
    )
    assert unjudged(model, snapshot(VALUES)) == 0


def test_calm_line_teaches(model: Model) -> None:
    told = desk()
    assert state.calm(model, told) == "No alarms."
    told.book.last_returned_us = NOW_US - 600_000_000
    assert state.calm(model, told) == "No alarms. Last one returned 14:03."
    assert "alarms.csv" in state.calm(build(PROJECT), desk())
    unknown = AlarmDesk(Commands())
    unknown.take(AlarmBook())
    assert "not known" in state.calm(model, unknown), "before the engine has told any"


def test_calm_line_still_says_what_is_shelved(model: Model) -> None:
    assert state.calm(model, desk(msgspec.structs.replace(TIPS, letter="E"))) == "No alarms. · 1 shelved"
