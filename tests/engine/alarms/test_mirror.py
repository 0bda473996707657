"""Alarms that an OPC UA server keeps: what it says is what is shown and recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from engine.types import ConditionReport
from tests.engine.alarms.rig import Rig
from tests.engine.alarms.samples import S
from tests.engine.alarms.test_lasting import restarted

REPORT = ConditionReport(
    id="ns=2;s=Press.HighAlarm",
    path="A/Press/Pressure",
    name="HighAlarm",
    priority=2,
    active=True,
    message="Pressure is high",
    acked=False,
    since_us=10 * S,
    time_us=10 * S,
    receive_us=11 * S,
)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    made.begin()
    yield made
    made.close()


def say(rig: Rig, **more: object) -> None:
    rig.alarms.condition("plc", msgspec.structs.replace(REPORT, **more))
    rig.commit()


def test_a_condition_of_a_server_lives_as_its_server_says(rig: Rig) -> None:
    say(rig)
    (alarm,) = rig.shown
    assert (alarm.kind, alarm.source, alarm.name, alarm.message) == (
        "device",
        "plc",
        "HighAlarm",
        "Pressure is high",
    )
    assert (alarm.letter, alarm.since_us, rig.column) == ("B", 10 * S, [2, 0, 0])
    say(rig)
    say(rig, acked=True, comment_by="Panel", comment="seen")
    say(rig, acked=True, active=False, time_us=30 * S)
    assert rig.whats == [("active", "B"), ("acknowledged", "C"), ("returned", "A")]
    assert [change.by for change, _ in rig.changes] == ["", "Panel", ""]
    assert (rig.shown, rig.column) == ([], [0, 0, 0])


def test_one_that_is_acknowledged_and_not_confirmed_still_waits(rig: Rig) -> None:
    say(rig, acked=True, confirmed=False)
    assert [each.letter for each in rig.shown] == ["B"]
    say(rig, acked=True, confirmed=True)
    assert [each.letter for each in rig.shown] == ["C"]


def test_what_its_server_sets_aside_is_set_aside_here_and_our_clock_ends_none_of_it(rig: Rig) -> None:
    say(rig, shelved="timed", shelved_until_us=rig.clock.us + 60 * S)
    assert [each.letter for each in rig.shown] == ["E"]
    say(rig, shelved="timed", shelved_until_us=rig.clock.us + 61 * S)
    rig.wait(120)
    assert [each.letter for each in rig.shown] == ["E"]
    say(rig, suppressed=True)
    say(rig, out_of_service=True)
    say(rig)
    assert rig.whats == [
        ("shelved", "E"),
        ("active", "E"),
        ("unshelved", "B"),
        ("suppressed", "F"),
        ("unsuppressed", "B"),
        ("out_of_service", "G"),
        ("in_service", "B"),
    ]


def test_one_of_which_the_server_has_nothing_more_to_say_is_gone(rig: Rig) -> None:
    say(rig)
    say(rig, retain=False)
    assert (rig.shown, rig.whats[-1]) == ([], ("removed", "A"))
    assert rig.alarms.condition_of(rig.changes[0][0].alarm) is None


def test_a_list_of_what_there_is_ends_the_others_and_a_lost_link_ends_none(rig: Rig) -> None:
    say(rig)
    say(rig, id="ns=2;s=Other", name="Other")
    rig.alarms.conditions("plc", None)
    rig.alarms.conditions("other plc", frozenset())
    rig.commit()
    assert len(rig.shown) == 2
    rig.alarms.conditions("plc", frozenset({REPORT.key}))
    rig.commit()
    assert [each.name for each in rig.shown] == ["HighAlarm"]


def test_two_conditions_of_one_name_at_one_place_are_two_alarms(rig: Rig) -> None:
    say(rig)
    say(rig, id="ns=2;s=Twin")
    say(rig, branch="b1")
    say(rig)
    assert [each.name for each in rig.shown] == ["HighAlarm", "HighAlarm (2)", "HighAlarm (earlier)"]


def test_after_a_restart_an_alarm_is_the_same_one_once_its_server_tells_of_it(
    rig: Rig, tmp_path: Path
) -> None:
    say(rig)
    before = rig.shown
    again = restarted(rig, tmp_path / "again")
    assert again.shown == before
    again.alarms.condition("plc", REPORT)
    again.alarms.conditions("plc", frozenset({REPORT.key}))
    again.commit()
    assert (again.shown, again.changes) == (before, [])
    again.close()


def test_a_command_is_not_ours_to_do(rig: Rig) -> None:
    say(rig)
    answer = rig.do("acknowledge", *rig.shown)
    assert answer.done == ()
    assert "its server keeps this alarm" in answer.refused[0][1]
