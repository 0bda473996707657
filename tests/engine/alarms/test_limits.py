"""When a limit raises its alarm and when it takes it back."""

from __future__ import annotations

import numpy as np
import pytest

from engine.alarms import Conditions
from engine.types import Limit, LimitKind, Status, Tag
from tests.engine.alarms.samples import GUARD, PRESSURE, STATE, TAGS, S, Seen, batch, high, ids, told

CAME, WENT = True, False


def test_a_value_at_its_limit_is_no_alarm_and_one_beyond_is() -> None:
    seen = Seen(high())
    seen.send(1, 100.0)
    assert seen.changes == []
    seen.send(2, 100.1)
    assert seen.changes == [(0, CAME, 2.0, 100.1)]


def test_an_alarm_ends_only_below_its_deadband() -> None:
    seen = Seen(high(deadband=2.0))
    for second, value in enumerate((101.0, 99.0, 98.1, 98.0, 99.9, 100.0)):
        seen.send(second, value)
    assert seen.changes == [(0, CAME, 0.0, 101.0), (0, WENT, 3.0, 98.0)]


def test_low_limits_mirror_high_ones() -> None:
    seen = Seen(high(kind="l", deadband=2.0))
    for second, value in enumerate((100.0, 99.9, 101.9, 102.0)):
        seen.send(second, value)
    assert seen.came_and_went == [(CAME, 1.0), (WENT, 3.0)]


def test_a_spike_within_one_batch_comes_and_goes() -> None:
    seen = Seen(high())
    seen.send([1, 2, 3, 4], [90, 120, 90, 90])
    assert seen.changes == [(0, CAME, 2.0, 120.0), (0, WENT, 3.0, 90.0)]


def test_several_limits_of_a_tag_are_alarms_of_their_own() -> None:
    seen = Seen(high(), high(kind="hh", limit=110.0), high(kind="l", limit=50.0))
    seen.send([1, 2, 3], [105, 115, 40])
    assert [(limit, active) for limit, active, _, _ in seen.changes] == [
        (0, CAME),
        (1, CAME),
        (0, WENT),
        (1, WENT),
        (2, CAME),
    ]


def test_an_alarm_waits_for_its_on_delay_and_begins_when_that_ran_out() -> None:
    seen = Seen(high(on_delay_s=5.0))
    seen.send([10, 12, 14], [120, 121, 122])
    assert seen.changes == []
    seen.send(16, 123)
    assert seen.changes == [(0, CAME, 15.0, 122.0)], "with the value that held when the time was up"


def test_a_value_that_is_back_before_the_delay_ran_out_raises_nothing() -> None:
    seen = Seen(high(on_delay_s=5.0, deadband=10.0))
    seen.send([10, 14, 14.5, 18], [120, 99, 120, 120])
    assert seen.changes == [], "back is back: the deadband is for alarms that are there"
    seen.send(19.5, 90)
    assert seen.came_and_went == [(CAME, 19.5), (WENT, 19.5)]


def test_a_return_waits_for_the_off_delay() -> None:
    seen = Seen(high(off_delay_s=3.0))
    seen.send([1, 2, 4, 5, 6, 9], [120, 90, 120, 90, 90, 90])
    assert seen.came_and_went == [(CAME, 1.0), (WENT, 8.0)]


def test_a_delay_runs_out_without_a_new_sample_once_the_source_proves_the_value() -> None:
    seen = Seen(high(on_delay_s=5.0))
    seen.send(10, 120)
    seen.prove(14.9)
    assert seen.changes == []
    seen.prove(15.3)
    assert seen.changes == [(0, CAME, 15.0, 120.0)]
    seen.prove(30)
    assert len(seen.changes) == 1


def test_a_proof_of_other_tags_lets_no_delay_run() -> None:
    seen = Seen(high(on_delay_s=5.0))
    seen.send(10, 120)
    seen.prove(100, tag=1)
    assert seen.changes == []


def test_a_stale_value_stops_its_delay_and_a_proof_lets_it_go_on() -> None:
    seen = Seen(high(on_delay_s=5.0))
    seen.send(10, 120)
    seen.prove(12)
    seen.limits.silent(ids(0))
    seen.prove(60)
    assert seen.changes == [], "nobody knows what the value was from 12 s to 60 s"
    seen.prove(63)
    assert seen.came_and_went == [(CAME, 63.0)]


def test_a_lost_link_stops_the_delay_until_a_sample_comes() -> None:
    seen = Seen(high(on_delay_s=5.0))
    seen.send(10, 120)
    seen.prove(12)
    seen.limits.silent(ids(0), lost=True)
    seen.prove(60)
    seen.prove(70)
    assert seen.changes == []
    seen.send(80, 120)
    seen.send(83, 120)
    assert seen.came_and_went == [(CAME, 83.0)]


def test_an_alarm_stays_while_its_link_is_lost_and_is_judged_anew_after() -> None:
    seen = Seen(high())
    seen.send(1, 120)
    seen.limits.silent(ids(0), lost=True)
    assert seen.limits.active.tolist() == [True]
    seen.send(50, 90)
    assert seen.came_and_went == [(CAME, 1.0), (WENT, 50.0)]


@pytest.mark.parametrize("status", [Status.BAD, Status.SENSOR_FAILURE, Status.STALE, 0x808D0000])
def test_bad_and_stale_values_leave_an_alarm_as_it_is(status: int) -> None:
    seen = Seen(high())
    seen.send(1, 120, status)
    assert seen.changes == []
    seen.send(2, 120)
    seen.send(3, 90, status)
    assert seen.came_and_went == [(CAME, 2.0)]


@pytest.mark.parametrize("status", [Status.UNCERTAIN, 0x40930000, 0x00000480])
def test_uncertain_values_and_good_ones_with_limit_bits_are_judged(status: int) -> None:
    seen = Seen(high())
    seen.send(1, 120, status)
    assert seen.came_and_went == [(CAME, 1.0)]


def test_a_bad_sample_stops_a_delay_without_starting_it_again() -> None:
    seen = Seen(high(on_delay_s=5.0))
    seen.send([10, 13, 20, 23], [120, np.nan, 120, 120], [[0], [Status.BAD], [0], [0]])
    assert seen.came_and_went == [(CAME, 22.0)], "3 s before the gap and 2 s after it"


def test_samples_that_are_not_the_newest_are_not_judged() -> None:
    seen = Seen(high())
    taken = np.array([[False]])
    assert told(seen.limits.judge(batch(1, 120), taken, S)) == []


def test_interlocks_alarm_when_off_and_requests_when_on() -> None:
    kinds: tuple[tuple[LimitKind, float], ...] = (("off", 0.0), ("on", 1.0))
    for kind, alarming in kinds:
        seen = Seen(Limit(GUARD, kind))
        seen.send([1, 2, 3], [1 - alarming, alarming, 1 - alarming], tag=1)
        assert seen.came_and_went == [(CAME, 2.0), (WENT, 3.0)]


def test_an_enumeration_alarms_on_a_number_or_on_any_other() -> None:
    fault, not_running = Limit(STATE, "on", limit=5), Limit(STATE, "off", limit=1)
    seen = Seen(fault, not_running)
    seen.send([1, 2, 3], [1, 5, 0], tag=2)
    assert seen.changes == [(0, CAME, 2.0, 5.0), (1, CAME, 2.0, 5.0), (0, WENT, 3.0, 0.0)]


@pytest.mark.parametrize(
    ("kind", "at", "alarming"), [("h", 100.0, 130.0), ("l", 100.0, 60.0)], ids=["above", "below"]
)
def test_a_trip_with_a_priority_alarms_on_the_far_side_of_the_others(
    kind: LimitKind, at: float, alarming: float
) -> None:
    trip = high(kind="trip", limit=(at + alarming) / 2, priority=1)
    seen = Seen(high(kind=kind, limit=at, priority=0), trip)
    seen.send([1, 2], [at, alarming])
    assert seen.changes == [(0, CAME, 2.0, alarming)]
    assert seen.limits.rows == [trip], "the one with priority 0 is only drawn"


def test_texts_unknown_tags_and_what_is_only_drawn_are_left_out() -> None:
    tags = (Tag(0, PRESSURE, "plc", "x", type="string"), *TAGS[1:])
    limits = Conditions([high(), Limit("A/None", "on"), Limit(GUARD, "off", priority=0)], tags)
    assert limits.rows == []
    assert limits.judge(batch(1, 120), None, 0) is None


def test_a_tag_whose_device_sends_text_is_judged_no_more() -> None:
    seen = Seen(high())
    seen.send(1, 120)
    seen.limits.leave(0)
    seen.send([2, 3], [90, 120])
    assert seen.came_and_went == [(CAME, 1.0)]
    assert not seen.limits.active.any()


def test_a_project_without_limits_judges_nothing() -> None:
    limits = Conditions([], TAGS)
    assert limits.judge(batch([1, 2], [1, 2]), None, 0) is None
    assert limits.proved(ids(0, 1, 2), 0) is None


def test_the_worst_active_alarm_of_each_tag_is_known() -> None:
    seen = Seen(high(priority=3), high(kind="hh", limit=110.0, priority=1), Limit(GUARD, "off", priority=2))
    assert seen.limits.worst(ids(2, 0, 1)).tolist() == [0, 0, 0]
    seen.send(1, 120)
    seen.send(1, 0, tag=1)
    assert seen.limits.worst(ids(2, 0, 1)).tolist() == [0, 1, 2]
    seen.send(2, 105)
    assert seen.limits.worst(ids(0)).tolist() == [3]
