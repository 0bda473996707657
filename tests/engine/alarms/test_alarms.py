"""Alarms of a running project: what is recorded, what is shown then, and what people do to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.alarms import Outside, Refused
from engine.alarms.alarms import MOST_LISTED
from engine.alarms.recording import LATE_US
from engine.types import Alarm, AlarmChange, Limit, Tag
from engine.wire import AlarmCommandBody
from tests.engine.alarms.rig import Rig
from tests.engine.alarms.samples import PRESSURE, STATE, TAGS, S, batch, high

LINK = Outside("plc", "link", 2, message="No connection to plc")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    made.begin()
    yield made
    made.close()


def test_a_change_has_all_that_the_journal_keeps_and_the_alarm_all_that_a_person_needs(rig: Rig) -> None:
    rig.send(10, 115)
    change, alarm = rig.changes[1]
    assert alarm == Alarm(
        path=PRESSURE,
        kind="hh",
        priority=1,
        active=True,
        since_us=10 * S,
        changed_us=10 * S,
        value=115.0,
        limit=110.0,
        message="Pressure high-high",
        cause="seal leak",
        response="go",
        id=2,
        letter="B",
    )
    assert change == AlarmChange(
        alarm=2,
        what="active",
        letter="B",
        priority=1,
        time_us=rig.clock.us,
        source_us=10 * S,
        path=PRESSURE,
        kind="hh",
        message="Pressure high-high",
        value=115.0,
        limit=110.0,
    )


def test_two_changes_of_an_alarm_in_one_batch_are_two_records_in_order(rig: Rig) -> None:
    rig.alarms.judge(batch([10, 11, 12], [105.0, 90.0, 106.0]), None, rig.clock.mono)
    assert rig.whats == [("active", "B"), ("returned", "D"), ("active", "B")]
    assert [(each.since_us, each.times) for _, each in rig.changes] == [(10 * S, 1), (10 * S, 1), (12 * S, 2)]


def test_an_alarm_is_shown_once_its_change_is_on_disk_and_not_before(rig: Rig) -> None:
    rig.is_slow = True
    rig.send(10, 105)
    assert (rig.shown, rig.column) == ([], [0, 0, 0])
    rig.commit()
    assert (rig.letters, rig.column) == ({"Pressure high": "B"}, [2, 0, 0])


def test_where_the_disk_refuses_it_is_shown_all_the_same_and_says_so(rig: Rig) -> None:
    rig.is_slow = True
    rig.send(10, 105)
    rig.wait((LATE_US - 1) / S)
    assert rig.shown == []
    rig.wait(1 / S)
    (alarm,) = rig.shown
    assert (alarm.letter, alarm.is_recorded, rig.column) == ("B", False, [2, 0, 0])
    assert rig.alarms.shown().counts.unrecorded == 1
    rig.commit()
    assert [each.is_recorded for each in rig.shown] == [True]


def test_what_was_shown_unrecorded_does_not_go_back_when_its_older_changes_reach_the_disk(rig: Rig) -> None:
    rig.is_slow = True
    rig.send(10, 105)
    rig.send(11, 90)
    rig.send(12, 106)
    rig.wait(1)
    first = rig.unwritten.popleft()
    rig.alarms.committed([first])
    (alarm,) = rig.shown
    assert (alarm.times, alarm.is_recorded) == (2, False)
    rig.commit()
    assert [(each.times, each.is_recorded) for each in rig.shown] == [(2, True)]


def test_a_change_that_the_journal_dropped_is_shown_and_marked(rig: Rig) -> None:
    rig.is_slow = True
    rig.send(10, 105)
    rig.send(10, 0, tag=1)
    rig.unwritten.popleft()
    rig.commit()
    assert [(each.kind, each.is_recorded) for each in rig.shown] == [("h", False), ("off", True)]


def test_the_live_table_shows_the_worst_priority_that_asks_for_the_operator(rig: Rig) -> None:
    rig.send(10, 115)
    rig.send(10, 0, tag=1)
    assert rig.column == [1, 3, 0]
    rig.do("shelve", rig.shown[1], text="noise", until_s=60)
    assert rig.column == [2, 3, 0], "a shelved alarm does not count"
    rig.do("out_of_service", rig.shown[0], text="PTW 7")
    assert rig.column == [0, 3, 0]
    rig.wait(61)
    assert rig.column == [1, 3, 0]
    rig.send(12, 90)
    assert rig.column == [0, 3, 0], "one that returned does not count"


def test_words_of_a_state_that_the_device_tells_later_are_used(tmp_path: Path) -> None:
    bare = (*TAGS[:2], msgspec.structs.replace(TAGS[2], states={}))
    rig = Rig(tmp_path, (Limit(STATE, "on", limit=5.0), Limit(STATE, "off", limit=1.0)), bare)
    rig.begin()
    rig.tags[2] = TAGS[2]
    rig.send(10, 5, tag=2)
    assert sorted(rig.letters) == ["State fault", "State not running"]
    rig.close()


def test_the_old_list_has_the_active_alarms_worst_and_newest_first(tmp_path: Path) -> None:
    tags = tuple(Tag(k, f"A/{k}", "plc", "x") for k in range(600))
    limits = tuple(Limit(f"A/{k}", "h", limit=0.0, priority=1 + k % 4) for k in range(600))
    rig = Rig(tmp_path, limits, tags)
    rig.begin()
    rig.alarms.judge(batch(1, [np.ones(600)], tags=range(600)), None, rig.clock.mono)
    rig.commit()
    worst = rig.alarms.worst()
    assert [each.priority for each in worst] == [1] * 150 + [2] * (MOST_LISTED - 150)
    assert (worst[0].path, worst[1].path) == ("A/596", "A/592")
    rig.do("shelve", worst[0], text="noise", until_s=60)
    assert rig.alarms.worst()[0].path == "A/592"
    rig.close()


def test_a_person_acknowledges_and_it_is_recorded_who_did(rig: Rig) -> None:
    rig.send(10, 105)
    rig.clock.wait(5)
    answer = rig.do("acknowledge", *rig.shown, by=" Ann ")
    assert (answer.done, answer.refused) == ((1,), ())
    (alarm,) = rig.shown
    assert (alarm.letter, alarm.acked_by, alarm.acked_us) == ("C", "Ann", rig.clock.us)
    change = rig.changes[-1][0]
    assert (change.what, change.by, change.source_us) == ("acknowledged", "Ann", rig.clock.us)
    rig.send(20, 90)
    assert rig.shown == []
    assert rig.whats[-1] == ("returned", "A")


def test_an_alarm_that_came_again_is_not_acknowledged_unseen(rig: Rig) -> None:
    rig.send(10, 105)
    (seen,) = rig.shown
    rig.send(11, 90)
    rig.send(12, 105)
    answer = rig.do("acknowledge", seen)
    assert answer.done == ()
    assert answer.refused == ((1, "it came again since you looked; look at it once more"),)
    assert rig.letters == {"Pressure high": "B"}


def test_one_that_only_returned_since_a_person_looked_is_acknowledged(rig: Rig) -> None:
    rig.send(10, 105)
    (seen,) = rig.shown
    rig.send(11, 90)
    assert rig.do("acknowledge", seen).done == (1,)
    assert rig.shown == []


def test_a_command_for_several_does_what_can_be_done_and_says_why_not_the_rest(rig: Rig) -> None:
    rig.send(10, 115)
    high_, hh = rig.shown
    rig.do("acknowledge", hh)
    gone = msgspec.structs.replace(hh, id=99)
    answer = rig.do("acknowledge", high_, hh, gone, by="Bob")
    assert answer.done == (1,)
    assert answer.refused == (
        (2, "it was acknowledged by Ann already"),
        (99, "there is no such alarm any more"),
    )


def test_without_a_name_a_command_is_refused_as_a_whole(rig: Rig) -> None:
    rig.send(10, 105)
    with pytest.raises(Refused, match="nobody is named"):
        rig.do("acknowledge", *rig.shown, by=" ")
    assert rig.letters == {"Pressure high": "B"}


def test_a_command_is_answered_when_its_changes_are_on_disk(rig: Rig) -> None:
    rig.send(10, 115)
    rig.is_slow = True
    body = AlarmCommandBody("acknowledge", tuple((each.id, each.changed_us) for each in rig.shown), "Ann")
    _, first = rig.alarms.command(body)
    told: list[bool] = []
    rig.alarms.when_recorded(first, told.append)
    rig.alarms.committed([rig.unwritten.popleft()])
    assert told == []
    rig.commit()
    assert told == [True]
    rig.alarms.when_recorded(first, told.append)
    assert told == [True, True]


def test_a_command_whose_change_the_journal_dropped_is_told_so(rig: Rig) -> None:
    rig.send(10, 115)
    rig.is_slow = True
    body = AlarmCommandBody("acknowledge", tuple((each.id, each.changed_us) for each in rig.shown), "Ann")
    _, first = rig.alarms.command(body)
    told: list[bool] = []
    rig.alarms.when_recorded(first, told.append)
    rig.unwritten.popleft()
    rig.commit()
    assert told == [False]


def test_a_shelved_alarm_is_out_of_the_list_and_returns_after_its_time(rig: Rig) -> None:
    rig.send(10, 105)
    rig.do("acknowledge", *rig.shown)
    rig.do("shelve", *rig.shown, text="sensor drifts", until_s=900)
    (alarm,) = rig.shown
    assert (alarm.letter, alarm.is_annunciated) == ("E", False)
    assert alarm.shelf is not None
    assert (alarm.shelf.by, alarm.shelf.reason, alarm.shelf.until_us) == (
        "Ann",
        "sensor drifts",
        rig.clock.us + 900 * S,
    )
    rig.wait(899)
    assert rig.letters == {"Pressure high": "E"}
    rig.wait(1)
    assert rig.letters == {"Pressure high": "B"}, "its condition is true: unacknowledged again"
    assert rig.whats[-1] == ("expired", "B")


def test_a_normal_alarm_can_be_shelved_and_what_happens_meanwhile_is_recorded(rig: Rig) -> None:
    normal = Alarm(PRESSURE, "h", 2, False, 0, 0, id=1)
    assert rig.do("shelve", normal, text="test of the valve", until_s=900).done == (1,)
    rig.send(10, 105)
    rig.send(20, 90)
    assert rig.whats == [("shelved", "E"), ("active", "E"), ("returned", "E")]
    rig.do("unshelve", *rig.shown)
    assert rig.whats[-1] == ("unshelved", "A")
    assert rig.shown == []


def test_an_acknowledged_alarm_that_lasts_sounds_again(tmp_path: Path) -> None:
    rig = Rig(tmp_path, (high(realarm_s=60.0),))
    rig.begin()
    rig.send(10, 105)
    rig.do("acknowledge", *rig.shown)
    rig.wait(59)
    assert rig.letters == {"Pressure high": "C"}
    rig.wait(1)
    assert (rig.letters, rig.whats[-1]) == ({"Pressure high": "B"}, ("realarmed", "B"))
    rig.close()


def test_a_clock_that_is_set_neither_ends_a_shelf_nor_lengthens_it(rig: Rig) -> None:
    for step_s in (7200, -7200):
        rig.send(10, 105)
        rig.do("shelve", *rig.shown, text="noise", until_s=3600)
        rig.clock.us += step_s * S
        rig.wait(0.1)
        assert rig.letters == {"Pressure high": "E"}
        assert rig.shown[0].shelf is not None
        assert rig.shown[0].shelf.until_us == rig.clock.us + 3600 * S - 100_000
        rig.wait(3599)
        assert rig.letters == {"Pressure high": "E"}
        rig.wait(0.9)
        assert rig.letters == {"Pressure high": "B"}
