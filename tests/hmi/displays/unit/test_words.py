"""Mode, state, interlocks and feedback in words, decided without a screen."""

from __future__ import annotations

import pytest

from engine.types import Alarm, Snapshot
from hmi.displays.unit import state, words
from hmi.displays.unit.looks import limit_words
from hmi.displays.unit.state import Arrangement, Check
from tests.hmi.displays.unit.cell import CELL, PRESS, TAGS, all_stale, model, snapshot
from tests.hmi.plant import BAD, NEVER, NOW_US, STALE, UNCERTAIN

PLANT = model()
GUARD, DOOR = f"{CELL}/Interlocks/Guard closed", f"{CELL}/Interlocks/Door open"
DEMAND, POSITION = f"{PRESS}/Hydraulics/Valve demand", f"{PRESS}/Hydraulics/Valve position"
ROBOT_STATE = f"{CELL}/Robot 1/State"


def arranged(path: str) -> Arrangement:
    """The arrangement of a unit of the tests."""
    found = state.arrange(PLANT, path)
    assert found is not None
    return found


CHECKS = arranged(CELL).checks
PUMP, VALVE = arranged(PRESS).pairs


def looks(now: Snapshot, first: int | None = None) -> list[words.CheckLook]:
    """Both interlocks in words."""
    return [words.check_look(PLANT, now, each, first) for each in CHECKS]


def test_interlocks_that_hold_read_true_whatever_their_tag_says() -> None:
    assert [(each.word, each.holds) for each in looks(snapshot())] == [("true", "holds")] * 2


def test_broken_interlock_says_false_and_since_when() -> None:
    look = looks(snapshot({GUARD: 0}, since={GUARD: 40}))[0]
    assert (look.word, look.holds, look.since) == ("false", "broken", "14:13:06")


@pytest.mark.parametrize("code", [STALE, BAD, NEVER])
@pytest.mark.parametrize("value", [0, 1])
def test_interlock_that_is_not_current_is_neither_true_nor_false(code: int, value: int) -> None:
    look = looks(snapshot({GUARD: value}, status={GUARD: code}))[0]
    assert (look.word, look.holds) == ("not known", "unknown")
    assert look.since, "it says why"


def test_interlock_without_any_snapshot_is_not_known() -> None:
    assert words.check_look(PLANT, None, CHECKS[0], None).holds == "unknown"


def test_uncertain_interlock_is_marked() -> None:
    assert looks(snapshot(status={GUARD: UNCERTAIN}))[0].word == "true ?"


def first(now: Snapshot, before: int | None = None, alarms: tuple[Alarm, ...] = ()) -> str:
    """The interlock that went first, by its text."""
    found = words.first_out(PLANT, now, CHECKS, alarms, before)
    return "" if found is None else next(each.text for each in CHECKS if each.tag == found)


BOTH = {GUARD: 0.0, DOOR: 1.0}


def test_first_out_is_the_interlock_whose_value_is_oldest() -> None:
    assert first(snapshot()) == ""
    assert first(snapshot({DOOR: 1})) == "not: Door open"
    assert first(snapshot(BOTH, since={GUARD: 40, DOOR: 60})) == "not: Door open"
    assert first(snapshot(BOTH, since={GUARD: 60, DOOR: 40})) == "Guard closed"


def test_nobody_is_called_first_where_two_went_together() -> None:
    assert first(snapshot(BOTH, since={GUARD: 40, DOOR: 40})) == ""


def test_first_out_stays_first_while_it_is_false_and_no_longer() -> None:
    guard = CHECKS[0].tag
    newer = snapshot(BOTH, since={GUARD: 1, DOOR: 40})
    assert first(newer, before=guard) == "Guard closed"
    assert first(snapshot({DOOR: 1}), before=guard) == "not: Door open"


def test_alarm_knows_better_than_the_source_since_when() -> None:
    alarm = Alarm(GUARD, "off", 2, True, NOW_US - 90_000_000, NOW_US - 90_000_000)
    now = snapshot(BOTH, since={GUARD: 1, DOOR: 40})
    assert first(now) == "not: Door open"
    assert first(now, alarms=(alarm,)) == "Guard closed"


def test_stale_interlock_is_never_first_out() -> None:
    now = snapshot(BOTH, status={GUARD: STALE}, since={GUARD: 60, DOOR: 40})
    assert first(now) == "not: Door open"


def test_interlock_is_read_aloud_with_all_that_is_seen() -> None:
    look = looks(snapshot({GUARD: 0}), first=CHECKS[0].tag)[0]
    assert look.spoken == "Guard closed: false, first out, 14:13:45"


def test_feedback_says_what_was_asked_and_what_came() -> None:
    assert words.pair_look(PLANT, snapshot(), VALVE).words == "demand 62 %, at 61.6 %"
    assert words.pair_look(PLANT, snapshot(), PUMP).words == "asked on, is on"


def test_device_far_from_its_command_is_apart_and_one_close_to_it_is_not() -> None:
    assert not words.is_apart(PLANT, snapshot(), VALVE)
    assert words.is_apart(PLANT, snapshot({POSITION: 41.2}), VALVE)
    assert not words.is_apart(PLANT, snapshot({POSITION: 57.5}), VALVE)
    assert words.is_apart(PLANT, snapshot({f"{PRESS}/Hydraulics/Pump running": 0}), PUMP)


@pytest.mark.parametrize("path", [DEMAND, POSITION])
def test_nothing_differs_from_what_is_not_known(path: str) -> None:
    now = snapshot({POSITION: 41.2}, status={path: STALE})
    assert not words.is_apart(PLANT, now, VALVE)
    look = words.pair_look(PLANT, now, VALVE)
    assert (look.kind, look.words) == ("stale", "demand 62 %, at 41.2 %, 3 min ago")
    bad = words.pair_look(PLANT, snapshot(status={path: BAD}), VALVE)
    assert bad.kind == "bad" and "not known" in bad.words


def test_headline_tells_mode_step_and_body_as_an_operator_would() -> None:
    told = words.headline(PLANT, snapshot(), arranged(PRESS))
    assert told.whole == "auto · sequence step 7 of 11: pressing · body 4467"


def test_headline_of_a_lost_link_says_its_age_once() -> None:
    told = words.headline(PLANT, all_stale(snapshot()), arranged(PRESS))
    assert told.whole == "auto · sequence step 7 of 11: pressing · body 4467, 3 min ago"
    assert told.kind == "stale"


def test_headline_names_what_is_not_known() -> None:
    told = words.headline(PLANT, snapshot(status={f"{PRESS}/Mode": BAD}), arranged(PRESS))
    assert told.text.startswith("mode not known · sequence step 7")
    assert told.kind == "bad"


def test_headline_before_the_first_snapshot_claims_nothing() -> None:
    assert "auto" not in words.headline(PLANT, None, arranged(PRESS)).whole


def test_unit_without_steps_tells_its_state() -> None:
    assert words.headline(PLANT, snapshot(), arranged(CELL)).whole == "auto · running"


def test_device_runs_in_the_states_its_type_names_and_nobody_guesses_otherwise() -> None:
    robot = arranged(CELL).devices[0]
    assert words.is_running(snapshot(), robot.state, robot.running) is True
    assert words.is_running(snapshot({ROBOT_STATE: 5}), robot.state, robot.running) is False
    for code in (STALE, BAD, NEVER):
        assert words.is_running(snapshot(status={ROBOT_STATE: code}), robot.state, robot.running) is None
    assert words.device_words(PLANT, snapshot({ROBOT_STATE: 5}), robot).whole == "fault"


def test_limits_are_told_highest_first_and_without_idle_zeros() -> None:
    at = PLANT.index[f"{PRESS}/Hydraulics/Pressure"]
    assert limit_words(PLANT, at) == "Trip 248 · HH 240"


def test_trend_is_named_by_what_its_pens_have_in_common() -> None:
    def title(*paths: str) -> str:
        return words.trend_title(PLANT, [PLANT.index[path] for path in paths])

    one, other = f"{CELL}/Robot 1/Weld current", f"{CELL}/Robot 2/Weld current"
    pressure, level = f"{PRESS}/Hydraulics/Pressure", f"{PRESS}/Hydraulics/Oil level"
    assert title(one, other) == "Weld current"
    assert title(pressure, level) == "Pressure and oil level"
    assert title(pressure, level, one) == "Pressure and 2 more"
    assert title() == "Trend"


def test_flag_that_stands_for_a_state_reads_as_one() -> None:
    running = PLANT.index[f"{PRESS}/Hydraulics/Pump running"]
    device = state.Device("", "P", "", running, None, (1,), None, None, ())
    assert words.device_words(PLANT, snapshot(), device).whole == "running"
    off = snapshot({TAGS[running].path: 0})
    assert words.device_words(PLANT, off, device).whole == "stopped"
    door = state.Device("", "D", "", PLANT.index[DOOR], None, (1,), None, None, ())
    assert words.device_words(PLANT, snapshot(), door).whole == "not door open"


def test_checks_of_the_tests_have_both_senses() -> None:
    assert [each.ok for each in CHECKS] == [True, False]
    assert all(isinstance(each, Check) for each in CHECKS)
