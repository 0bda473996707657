"""Conditions of more than one value, of quality, of counts, and what suppresses an alarm."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine.alarms import Conditions
from engine.types import Batch, Limit, LimitKind, Status, Tag
from tests.engine.alarms.samples import S, batch, ids, told

CAME, WENT = True, False
A, B, RUNS, STATE, TEXT = "P/A", "P/B", "P/Running", "P/State", "P/Text"
TAGS = (
    Tag(0, A, "plc", "x", type="float64"),
    Tag(1, B, "plc", "x", type="float64"),
    Tag(2, RUNS, "plc", "x", type="bool"),
    Tag(7, STATE, "plc", "x", type="int32", states={1: "running", 4: "stopped"}),
    Tag(9, TEXT, "plc", "x", type="string"),
)


def limit(kind: LimitKind, at: float | None = None, path: str = A, **more: Any) -> Limit:
    return Limit(path, kind, at, **more)


class Line:
    """Conditions and what they said so far; a second of our clock is a second of the source's."""

    def __init__(self, *limits: Limit) -> None:
        self.conditions = Conditions(limits, TAGS)
        self.changes: list[tuple[int, bool, float, float]] = []

    def send(self, time_s: float, quality: int = 0, **values: float) -> None:
        """Values of A, B, RUNS (``R``) and STATE (``Z``) at one time, as one batch."""
        tags = [{"A": 0, "B": 1, "R": 2, "Z": 7, "T": 9}[name] for name in values]
        sent = batch(time_s, [list(values.values())], quality, tags)
        self.changes += told(self.conditions.judge(sent, None, round(time_s * S)))

    def prove(self, time_s: float, *tags: int) -> None:
        self.changes += told(self.conditions.proved(ids(*tags), round(time_s * S)))

    def tick(self, time_s: float) -> None:
        self.changes += told(self.conditions.tick(round(time_s * S), round(time_s * S)))

    @property
    def came_and_went(self) -> list[tuple[bool, float]]:
        return [(came, time) for _, came, time, _ in self.changes]


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
def test_a_deviation_alarms_whichever_of_the_two_moves(together: bool) -> None:
    line = Line(limit("dev", 5.0, other=B, deadband=1.0))
    if together:
        line.send(1, A=50, B=50)
    else:
        line.send(1, A=50)
        line.send(1, B=50)
    line.send(2, A=55)
    assert line.changes == [], "at its limit is no alarm"
    line.send(3, B=49)
    line.send(4, A=53.5)
    line.send(5, A=53)
    assert line.changes == [(0, CAME, 3.0, 6.0), (0, WENT, 5.0, 4.0)]


def test_nothing_is_compared_before_both_are_known() -> None:
    line = Line(limit("dev", 5.0, other=B), limit("expr", expression="{P/A} > 1 or {P/B} > 1"))
    line.send(1, A=500)
    assert line.changes == []
    line.send(2, B=0)
    assert line.came_and_went == [(CAME, 2.0), (CAME, 2.0)]


def test_a_late_sample_of_the_other_source_is_used_but_turns_no_time_back() -> None:
    line = Line(limit("dev", 5.0, other=B))
    line.send(10, A=50)
    line.send(4, B=40)
    assert line.changes == [(0, CAME, 10.0, 10.0)]


def test_a_sample_that_is_not_the_newest_of_its_tag_changes_nothing() -> None:
    line = Line(limit("dev", 5.0, other=B))
    line.send(1, A=50, B=50)
    sent = batch([2, 3], [[90, 50], [50, 50]], 0, (0, 1))
    taken = np.array([[False, True], [True, True]])
    assert told(line.conditions.judge(sent, taken, 3 * S)) == []


def test_one_stale_input_leaves_the_alarm_as_it_is() -> None:
    line = Line(limit("dev", 5.0, other=B, on_delay_s=4.0))
    line.send(1, A=50, B=50)
    line.send(2, A=60)
    line.conditions.silent(ids(1))
    line.send(10, A=60)
    assert line.changes == [], "B is not known, so the delay stood still"
    line.prove(11, 1)
    line.send(13, A=61)
    line.send(15, A=61)
    assert line.came_and_went == [(CAME, 15.0)]


def test_a_discrepancy_of_command_and_feedback_alarms_after_its_delay() -> None:
    line = Line(limit("disc", path=RUNS, other=A, on_delay_s=2.0))
    line.send(1, R=0, A=0)
    line.send(2, R=1)
    line.send(3, A=1)
    line.send(4, R=0)
    line.send(7, A=1)
    assert line.came_and_went == [(CAME, 6.0)]


def test_a_rate_is_known_once_its_window_has_passed() -> None:
    line = Line(limit("rate", 2.0, window_s=16.0))
    for second in range(0, 16):
        line.send(second, A=10.0 * second)
    assert line.changes == []
    line.send(16, A=160)
    assert line.changes == [(0, CAME, 16.0, 10.0)]
    for second in range(17, 40):
        line.send(second, A=160)
    ((_, went, time_s, value),) = line.changes[1:]
    assert (went, value) == (WENT, 1.875)
    assert time_s == 29.0, "13 of the last 16 seconds were flat: 3 x 10 in 16 s is under the limit"


def test_a_jump_across_a_gap_is_no_rate() -> None:
    line = Line(limit("rate", 2.0, window_s=16.0))
    for second in range(0, 20):
        line.send(second, A=50)
    line.conditions.silent(ids(0), lost=True)
    for second in range(60, 90):
        line.send(second, A=500)
    assert line.changes == []


def test_a_value_that_is_proved_to_stand_still_has_no_rate() -> None:
    line = Line(limit("rate", 2.0, window_s=16.0))
    for second in range(0, 20):
        line.send(second, A=50)
    line.send(20, A=100)
    assert line.came_and_went == [(CAME, 20.0)], "50 within the window"
    for second in range(21, 45):
        line.prove(second, 0)
    assert line.came_and_went[1:] == [(WENT, 36.0)]


def test_bad_alarms_on_bad_and_on_stale_values_after_its_delay() -> None:
    line = Line(limit("bad", on_delay_s=5.0))
    line.send(1, A=50)
    line.send(2, Status.BAD, A=math.nan)
    line.send(7, Status.BAD, A=math.nan)
    line.send(8, A=50)
    line.conditions.silent(ids(0))
    line.tick(12)
    line.tick(16.9)
    line.tick(18)
    line.prove(20, 0)
    assert line.came_and_went == [(CAME, 7.0), (WENT, 8.0), (CAME, 17.0), (WENT, 20.0)]


def test_a_lost_link_is_one_alarm_of_its_source_and_none_of_each_tag() -> None:
    line = Line(limit("bad"), limit("h", 60.0, quality="raise"))
    line.send(1, A=50)
    line.conditions.silent(ids(0), lost=True)
    line.tick(100)
    assert line.changes == []
    line.conditions.silent(ids(0), lost=True, status=Status.CONFIGURATION_ERROR)
    line.tick(101)
    assert [(row, came) for row, came, _, _ in line.changes] == [(0, CAME), (1, CAME)]


def test_bad_quality_of_a_text_can_be_watched() -> None:
    line = Line(limit("bad", path=TEXT), limit("h", 1.0, path=TEXT))
    assert [each.kind for each in line.conditions.rows] == ["bad"]
    line.send(1, Status.BAD, T=math.nan)
    assert line.came_and_went == [(CAME, 1.0)]


@pytest.mark.parametrize(
    ("quality", "changes"),
    [("hold", []), ("raise", [(CAME, 2.0), (WENT, 4.0)]), ("clear", [])],
)
def test_what_a_bad_value_does_to_an_alarm_that_is_not_there(quality: Any, changes: list[Any]) -> None:
    line = Line(limit("h", 60.0, quality=quality))
    line.send(1, A=50)
    line.send(2, Status.BAD, A=90)
    line.send(3, Status.STALE, A=90)
    line.send(4, A=50)
    assert line.came_and_went == changes


@pytest.mark.parametrize(
    ("quality", "changes"),
    [("hold", []), ("raise", []), ("clear", [(WENT, 2.0), (CAME, 4.0)])],
)
def test_what_a_bad_value_does_to_an_alarm_that_is_there(quality: Any, changes: list[Any]) -> None:
    line = Line(limit("h", 60.0, quality=quality))
    line.send(1, A=90)
    line.send(2, 0, A=math.inf)
    line.send(3, Status.BAD, A=math.nan)
    line.send(4, A=90)
    assert line.came_and_went == [(CAME, 1.0), *changes]


def test_a_value_that_was_quiet_is_judged_by_what_it_was_when_it_is_known_again() -> None:
    line = Line(limit("h", 60.0, deadband=5.0, quality="raise"))
    line.send(1, A=20)
    line.send(2, A=57)
    line.conditions.silent(ids(0))
    line.tick(10)
    line.prove(11, 0)
    assert line.came_and_went == [(CAME, 10.0)], "57 is within the deadband: the alarm stays"


def test_a_device_alarms_while_its_status_is_not_normal() -> None:
    line = Line(limit("status", path=STATE))
    for second, status in enumerate((0, 3, 4, 0)):
        line.send(second, Z=status)
    assert line.changes == [(0, CAME, 1.0, 3.0), (0, WENT, 3.0, 0.0)]


def test_an_alarm_that_counts_comes_with_the_last_and_goes_when_it_was_quiet() -> None:
    line = Line(limit("h", 60.0, count=3, window_s=10.0))
    for second, value in ((1, 90), (2, 50), (4, 90), (5, 50), (8, 90), (9, 50), (10, 50)):
        line.send(second, A=value)
    assert line.came_and_went == [(CAME, 8.0)]
    line.send(13, A=50)
    assert line.came_and_went[1:] == [(WENT, 11.0)], "at 11 s the first of the three was 10 s ago"


def test_what_comes_too_rarely_does_not_count() -> None:
    line = Line(limit("h", 60.0, count=3, window_s=10.0))
    for second in range(0, 60, 6):
        line.send(second, A=90)
        line.send(second + 1, A=50)
    assert line.changes == []


def test_a_state_is_known_by_its_word() -> None:
    line = Line(limit("expr", path=STATE, expression='{P/State} == "stopped" and {P/Running}'))
    line.send(1, Z=4, R=0)
    line.send(2, R=1)
    line.send(3, Z=1)
    assert line.came_and_went == [(CAME, 2.0), (WENT, 3.0)]


def test_suppression_is_told_as_it_changes_and_is_not_when_unknown() -> None:
    line = Line(
        limit("h", 60.0, suppress="not {P/Running}"),
        limit("l", 10.0),
        limit("hh", 90.0, suppress="not {P/Running}"),
    )
    assert line.conditions.suppressing.tolist() == [False, False, False]
    line.send(1, R=1)
    assert line.conditions.turned() is None
    line.send(2, R=0)
    turned = line.conditions.turned()
    assert [(row, on, time) for row, on, time, _ in told(turned)] == [(0, True, 2.0), (2, True, 2.0)]
    assert line.conditions.suppressing.tolist() == [True, False, True]
    assert line.conditions.turned() is None, "told once"
    line.send(3, Status.BAD, R=0)
    assert [(row, on) for row, on, _, _ in told(line.conditions.turned())] == [(0, False), (2, False)]
    assert line.changes == []


def test_suppression_ends_when_its_link_is_lost() -> None:
    line = Line(limit("h", 60.0, suppress="not {P/Running}"))
    line.send(1, R=0)
    assert line.conditions.suppressing.all()
    line.conditions.silent(ids(2), lost=True)
    line.tick(2)
    assert not line.conditions.suppressing.any()


def test_a_suppressed_condition_is_still_judged() -> None:
    line = Line(limit("h", 60.0, suppress="not {P/Running}"))
    line.send(1, R=0, A=90)
    assert line.came_and_went == [(CAME, 1.0)]


def test_what_cannot_be_judged_is_left_out() -> None:
    limits = (
        *(limit("link"), limit("device"), limit("flood"), limit("h", 1.0, path="P/None")),
        *(limit("dev", 1.0, other="P/None"), limit("expr", expression="{P/None} > 1"), limit("h")),
        *(
            limit("expr", expression="{P/A} >"),
            limit("h", 1.0, priority=0),
            limit("h", 60.0, suppress="{P/None}"),
        ),
    )
    line = Line(*limits)
    assert [each.limit for each in line.conditions.rows] == [60.0]
    assert line.conditions.tag_ids.tolist() == [0]
    assert line.conditions.worst(ids(0, 1)).tolist() == [0, 0]


def test_a_tag_that_turns_out_to_be_text_ends_what_is_made_of_it() -> None:
    line = Line(limit("dev", 5.0, other=B), limit("h", 60.0))
    line.send(1, A=90, B=10)
    assert line.conditions.active.tolist() == [True, True]
    line.conditions.leave(0)
    line.send(2, A=1, B=50)
    line.send(3, A=90, B=10)
    assert line.conditions.active.tolist() == [False, False]
    assert len(line.changes) == 2


def test_an_edit_keeps_delays_counts_rates_and_what_is_suppressed() -> None:
    rows = [
        limit("h", 60.0, on_delay_s=10.0),
        limit("hh", 60.0, count=2, window_s=100.0),
        limit("rate", 2.0, window_s=16.0),
        limit("dev", 5.0, other=B, suppress="not {P/Running}"),
    ]
    line = Line(*rows)
    line.send(0, A=50, B=90, R=0)
    for second in range(1, 20):
        line.send(second, A=90 if second > 15 else 50)
    before, line.changes = line.conditions, []
    line.conditions = Conditions([limit("l", 1.0, path=B), *reversed(rows)], TAGS)
    line.conditions.take_over(before)
    assert line.conditions.active.tolist() == [False, False, True, False, False]
    assert line.conditions.suppressing.tolist() == [False, True, False, False, False]
    line.send(20, A=50)
    line.send(21, A=90)
    assert (3, CAME, 21.0, 90.0) in line.changes, "the second time within the window"
    line.send(32, A=90)
    assert (4, CAME, 31.0, 90.0) in line.changes


def test_alarms_of_an_earlier_run_stay_until_a_sample_says_otherwise() -> None:
    line = Line(limit("h", 60.0, count=3, window_s=10.0), limit("dev", 5.0, other=B), limit("bad"))
    line.conditions.resume(np.array([0, 1, 2]))
    assert line.conditions.active.all()
    line.send(1, A=50)
    assert sorted((row, came) for row, came, _, _ in line.changes) == [(0, WENT), (2, WENT)]
    line.send(2, B=50)
    assert line.changes[2:] == [(1, WENT, 2.0, 0.0)]


def test_changes_of_one_batch_are_told_by_their_time() -> None:
    line = Line(limit("expr", expression="{P/A} > 60"), limit("h", 60.0), limit("dev", 5.0, other=B))
    sent = batch([1, 2, 3, 4], [[50, 50], [90, 90], [90, 50], [50, 50]], 0, (0, 1))
    changes = line.conditions.judge(sent, None, 4 * S)
    assert [(row, time) for row, _, time, _ in told(changes)] == [
        *((1, 2.0), (0, 2.0)),
        (2, 3.0),
        *((1, 4.0), (0, 4.0), (2, 4.0)),
    ]


def test_values_that_are_no_numbers_change_nothing_where_nothing_waits() -> None:
    line = Line(limit("h", 60.0))
    line.send(1, A=50)
    sent = Batch(
        0, ids(0), np.array([2 * S]), np.array([2 * S]), np.array([[math.nan]]), np.array([[0]], np.uint32)
    )
    before = line.conditions.active
    for _ in range(3):
        assert line.conditions.judge(sent, None, 2 * S) is None
    assert line.conditions.active.tolist() == before.tolist()
