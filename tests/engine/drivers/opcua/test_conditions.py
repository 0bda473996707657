"""What an event says of a condition, and a server's list kept in step; without a server."""

from __future__ import annotations

from typing import Any

import pytest

from engine.drivers.opcua.condition_list import ConditionList
from engine.drivers.opcua.conditions import NAMES, Reading, priority, report_of
from engine.drivers.opcua.event_bytes import Field, Node, Time
from engine.types import ConditionReport
from tests.engine.drivers.opcua.recording import RecordingSink

NOW_US = 1_800_000_000_000_000
READING = Reading("press", ("", "urn:a"), {"nsu=urn:a;s=P": "Line/Press/Pressure"}, (251, 501, 751))


def event(condition: str = "C", **said: Any) -> tuple[Field, ...]:
    values: dict[str, Field] = {"ConditionId": Node(1, "s", condition), "Retain": True, **said}
    return tuple(values.get(name) for name in NAMES)


def signal(number: int) -> tuple[Field, ...]:
    return tuple(Node(0, "i", number) if name == "EventType" else None for name in NAMES)


def read(**said: Any) -> ConditionReport:
    report = report_of(event(**said), READING, NOW_US)
    assert report is not None
    return report


START, END, REQUIRED, OVERFLOW = (signal(number) for number in (2787, 2788, 2789, 3035))


class Told:
    """A list and the sink that it reports to."""

    def __init__(self) -> None:
        self.sink = RecordingSink()
        self.list = ConditionList({}, self.sink)

    def take(self, *events: tuple[Field, ...]) -> None:
        for one in events:
            self.list.take(one, READING, NOW_US)


@pytest.mark.parametrize(
    ("severity", "expected"), [(1, 4), (250, 4), (251, 3), (500, 3), (501, 2), (750, 2), (751, 1), (1000, 1)]
)
def test_severities_are_spread_evenly_over_the_priorities(severity: int, expected: int) -> None:
    assert priority(severity, READING.severities) == expected
    assert read(Severity=severity).priority == expected


def test_condition_bears_the_path_of_the_tag_that_it_watches() -> None:
    tag = Node(1, "s", "P")
    assert read(InputNode=tag, SourceNode=Node(1, "s", "Other"), SourceName="x").path == "Line/Press/Pressure"
    assert read(SourceNode=tag).path == "Line/Press/Pressure"
    assert read(SourceNode=Node(1, "s", "Other"), SourceName="Area/Pump 3").path == "press/Area/Pump 3"
    assert read().path == "press"


def test_condition_without_states_is_active_while_it_is_retained_and_asks_for_nothing() -> None:
    report = read()
    assert (report.active, report.acked, report.confirmed) == (True, True, True)
    assert not (report.may_acknowledge or report.may_confirm or report.may_shelve)
    assert (report.id, report.name) == ("nsu=urn:a;s=C", "nsu=urn:a;s=C")


def test_disabled_condition_is_gone() -> None:
    report = read(**{"EnabledState/Id": False, "ActiveState/Id": True})
    assert not report.retain and not report.active


def test_times_of_a_server_whose_clock_is_wrong_are_put_right_and_never_ahead() -> None:
    late = Reading("press", ("", "urn:a"), {}, (251, 501, 751), offset_us=3_600_000_000)
    report = report_of(event(Time=Time(NOW_US + 3_599_000_000)), late, NOW_US)
    assert report is not None and report.time_us == NOW_US - 1_000_000
    assert read(Time=Time(NOW_US + 5_000_000)).time_us == NOW_US


def test_condition_that_stays_active_keeps_the_time_at_which_it_came() -> None:
    told = Told()
    first, second = Time(NOW_US - 9_000_000), Time(NOW_US - 1_000_000)
    told.take(event(Time=first, Message="a"), event(Time=second, Message="b"))
    assert [report.since_us for report in told.sink.reports] == [first, first]


def test_what_a_refresh_does_not_repeat_is_gone() -> None:
    told = Told()
    told.take(START, event("A"), event("B"), END)
    told.take(START, event("B"), event("C"), END)
    assert [key[0][-1] for key in sorted(told.sink.held)] == ["B", "C"]
    assert told.sink.lists[-1] == frozenset(told.sink.held)
    assert len(told.sink.reports) == 3


def test_refresh_in_which_events_were_lost_ends_nothing_and_is_asked_for_again() -> None:
    told = Told()
    told.take(START, event("A"), event("B"), END)
    told.list.due = False
    told.take(START, event("B"), OVERFLOW, END)
    assert len(told.sink.held) == 2 and told.list.due
    told.list.due = False
    told.take(START)
    told.list.lose()
    told.take(END)
    assert len(told.sink.held) == 2 and told.list.due


def test_condition_that_ends_within_a_refresh_is_not_brought_back_by_its_end() -> None:
    told = Told()
    told.take(START, event("A"), event("A", Retain=False), END)
    assert told.sink.held == {} and told.sink.lists == [frozenset()]


def test_end_without_a_start_says_nothing() -> None:
    told = Told()
    told.take(event("A"), END)
    assert len(told.sink.held) == 1 and told.sink.lists == []


def test_refresh_that_the_server_requires_is_due() -> None:
    told = Told()
    told.list.due = False
    told.take(REQUIRED)
    assert told.list.due


def test_more_conditions_than_are_kept_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.drivers.opcua.condition_list.MOST", 2)
    told = Told()
    told.take(START, event("A"), event("B"), event("C"), END)
    assert len(told.sink.held) == 2 and len(told.list.refused) == 1
    told.take(START, event("A"), event("C"), END)
    assert len(told.list.refused) == 1 and len(told.sink.held) == 1
