"""Alarms over restarts, edits of their limits, lost links, floods and bursts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.alarms import Outside
from engine.alarms.alarms import SETTLED_US, SLICE
from engine.alarms.recording import LATE_US, MOST_WAITING
from engine.typed import from_json
from engine.types import Alarm, AlarmClass, AlarmSettings, Limit, Tag
from tests.engine.alarms.rig import HH, LIMITS, Numbers, Rig
from tests.engine.alarms.samples import GUARD, PRESSURE, STATE, S, batch, high

LINK = Outside("plc", "link", 2, message="No connection to plc")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    made.begin()
    yield made
    made.close()


def restarted(rig: Rig, folder: Path, limits: tuple[Limit, ...] = LIMITS, down_s: float = 1.0) -> Rig:
    """The engine was killed; what it had on disk is what was shown."""
    states = [from_json(msgspec.json.encode(each), Alarm) for each in rig.shown]
    folder.mkdir()
    again = Rig(folder, limits, rig.tags, numbers=rig.numbers)
    again.clock.us, again.clock.mono = rig.clock.us + round(down_s * S), 3 * S
    again.begin(states, noted_us=rig.clock.us)
    return again


def test_a_restart_changes_nothing_and_the_first_sample_goes_on_from_there(rig: Rig, tmp_path: Path) -> None:
    rig.send(10, 115)
    rig.send(10, 0, tag=1)
    rig.do("acknowledge", rig.shown[0])
    rig.do("shelve", rig.shown[2], text="door is being repaired", until_s=600)
    rig.do("note", rig.shown[1], text="seal ordered")
    before, column = rig.shown, rig.column
    again = restarted(rig, tmp_path / "again")
    assert (again.shown, again.column) == (before, column)
    assert again.changes == []
    again.send(50, 115)
    again.send(50, 0, tag=1)
    assert again.changes == [], "it still is: nothing happened"
    again.send(60, 90)
    assert again.whats == [("returned", "A"), ("returned", "D")]
    again.wait(598)
    assert again.letters == {"Pressure high-high": "D", "Guard closed off": "E"}
    again.wait(1)
    assert again.whats[-1] == ("expired", "B")
    again.close()


def test_a_restart_uses_the_words_of_today_and_ends_alarms_whose_limit_is_gone(
    rig: Rig, tmp_path: Path
) -> None:
    rig.send(10, 115)
    rig.do("acknowledge", *rig.shown)
    today = (msgspec.structs.replace(HH, limit=112.0, priority=2, message="Pressure far too high"),)
    again = restarted(rig, tmp_path / "again", today)
    again.commit()
    (alarm,) = again.shown
    assert (alarm.message, alarm.priority, alarm.limit, alarm.letter) == (
        "Pressure far too high",
        2,
        112.0,
        "C",
    )
    assert sorted(again.whats) == [("edited", "C"), ("removed", "A")]
    again.close()


def test_an_edit_of_the_limits_keeps_what_people_did_and_ends_what_is_gone(rig: Rig) -> None:
    rig.send(10, 115)
    rig.send(10, 0, tag=1)
    rig.do("acknowledge", rig.shown[0])
    rig.do("shelve", rig.shown[1], text="noise", until_s=600)
    rig.alarms.reconfigure((high(priority=1), HH, Limit(STATE, "on", limit=5.0)))
    rig.commit()
    assert rig.letters == {"Pressure high": "C", "Pressure high-high": "E"}
    assert rig.column == [1, 0, 0]
    assert ("removed", "A") in rig.whats
    rig.wait(600)
    assert rig.letters == {"Pressure high": "C", "Pressure high-high": "B"}
    rig.send(700, 90)
    assert rig.letters == {"Pressure high-high": "D"}


def test_an_edit_is_recorded_once_with_who_made_it_and_why(rig: Rig) -> None:
    rig.send(10, 115)
    high_, high_high = rig.shown
    assert rig.alarms.not_normal() == {high_.id, high_high.id}
    edits = {high_.id: ("Ann", "too many (deadband 0 -> 2)"), high_high.id: ("Ann", "not needed")}
    rig.changes.clear()
    rig.alarms.reconfigure((high(priority=2, deadband=2.0),), edits=edits)
    rig.commit()
    assert [(change.alarm, change.what, change.by, change.text) for change, _ in rig.changes] == [
        (high_.id, "edited", "Ann", "too many (deadband 0 -> 2)"),
        (high_high.id, "removed", "Ann", "not needed"),
    ]
    assert [each.id for each in rig.shown] == [high_.id]


def test_an_alarm_says_why_it_follows_from_another_also_after_a_restart(tmp_path: Path) -> None:
    limits = (high(priority=2), high(kind="hh", limit=110.0, priority=2, message="Pressure high-high"))
    rig = Rig(tmp_path, limits)
    rig.begin()
    rig.send(10, 105)
    rig.send(20, 115)
    first, second = rig.shown
    assert (first.cause_id, first.cause_why) == (0, "")
    assert second.cause_id == first.id
    assert second.cause_why == "The same value passed another of its limits first."
    again = restarted(rig, tmp_path / "again", limits)
    assert again.shown == [first, second]
    again.close()
    rig.send(30, 90)
    rig.do("acknowledge", *rig.shown)
    assert all((alarm.cause_id, alarm.cause_why) == (0, "") for _, alarm in rig.changes[-2:])
    rig.close()


def test_a_new_limit_is_judged_at_once_though_the_value_never_changes_again(rig: Rig) -> None:
    rig.send(10, 95)
    rig.alarms.reconfigure((high(limit=90.0),))
    rig.commit()
    assert rig.letters == {"Pressure high": "B"}
    rig.alarms.reconfigure((high(limit=97.0),))
    rig.commit()
    assert rig.letters == {"Pressure high": "D"}


def test_the_design_suppresses_an_alarm_and_records_it_all(tmp_path: Path) -> None:
    off = f"{{{STATE}}} == 0"
    rig = Rig(tmp_path, (high(suppress=off),))
    rig.begin()
    rig.send(9, 1, tag=2)
    rig.send(10, 105)
    rig.send(11, 0, tag=2)
    (alarm,) = rig.shown
    assert (alarm.letter, alarm.suppressed, rig.column) == ("F", off, [0, 0, 0])
    rig.send(12, 90)
    rig.send(13, 105)
    rig.send(14, 1, tag=2)
    assert rig.letters == {"Pressure high": "B"}
    assert rig.whats == [
        ("active", "B"),
        ("suppressed", "F"),
        ("returned", "F"),
        ("active", "F"),
        ("unsuppressed", "B"),
    ]
    rig.close()


def test_an_alarm_stays_suppressed_over_a_restart_until_its_design_is_known(tmp_path: Path) -> None:
    limits = (high(suppress=f"{{{STATE}}} == 0"),)
    rig = Rig(tmp_path, limits)
    rig.begin()
    rig.send(9, 0, tag=2)
    rig.send(10, 105)
    for down, values, letters in (("known", [0.0], ["F", "F"]), ("unknown", [], ["F", "B"])):
        again = restarted(rig, tmp_path / down, limits)
        for value in values:
            again.send(50, value, tag=2)
        assert list(again.letters.values()) == letters[:1]
        again.wait(SETTLED_US / S)
        assert list(again.letters.values()) == letters[1:], down
        again.close()
    rig.close()


def test_the_first_alarm_of_a_group_is_marked_until_the_group_is_clear(tmp_path: Path) -> None:
    limits = (high(group="press"), msgspec.structs.replace(HH, group="press"))
    rig = Rig(tmp_path, limits)
    rig.begin()
    for time in (10, 30):
        rig.send(time, 105)
        rig.send(time + 1, 115)
        assert [(each.kind, each.is_first) for each in rig.shown] == [("h", True), ("hh", False)]
        rig.send(time + 2, 90)
        rig.do("acknowledge", *rig.shown)
        assert rig.shown == []
    rig.close()


def test_a_class_without_acknowledgement_returns_by_itself(tmp_path: Path) -> None:
    rig = Rig(tmp_path, (high(alarm_class="info"),), classes=(AlarmClass("info", acknowledge=False),))
    rig.begin()
    rig.send(10, 105)
    assert rig.letters == {"Pressure high": "B"}
    rig.send(11, 90)
    assert rig.shown == []
    rig.close()


def test_a_lost_link_is_one_alarm_and_ends_when_it_is_back(rig: Rig) -> None:
    rig.alarms.report(LINK, True, 10 * S)
    rig.alarms.report(LINK, True, 11 * S)
    rig.commit()
    (alarm,) = rig.shown
    assert (alarm.path, alarm.kind, alarm.letter, alarm.since_us) == ("plc", "link", "B", 10 * S)
    rig.do("acknowledge", alarm)
    rig.alarms.report(LINK, False, 20 * S)
    rig.commit()
    assert (rig.shown, len(rig.changes)) == ([], 3)


def test_a_link_that_was_lost_before_a_restart_still_is(rig: Rig, tmp_path: Path) -> None:
    rig.alarms.report(LINK, True, 10 * S)
    rig.commit()
    rig.do("acknowledge", *rig.shown)
    before = rig.shown
    again = restarted(rig, tmp_path / "again")
    assert again.shown == before
    again.alarms.report(LINK, True, 30 * S)
    assert again.changes == []
    again.close()


def test_a_flood_is_told_and_is_an_alarm_itself(tmp_path: Path) -> None:
    tags = tuple(Tag(k, f"A/{k}", "plc", "x") for k in range(30))
    limits = tuple(Limit(f"A/{k}", "h", limit=0.0) for k in range(30))
    rig = Rig(tmp_path, limits, tags, settings=AlarmSettings(flood_starts=10, flood_ends=5))
    rig.begin()
    for tag in range(10):
        rig.send(tag, 1.0, tag)
    assert rig.alarms.shown().flood is None
    rig.send(10, 1.0, 10)
    flood = rig.alarms.shown().flood
    assert flood is not None
    assert (flood.count, flood.first) == (11, 1)
    assert rig.letters["Flood of alarms"] == "B"
    rig.wait(601)
    assert rig.alarms.shown().flood is None
    assert rig.letters["Flood of alarms"] == "D"
    rig.close()


def test_a_tag_that_turns_out_to_be_text_has_no_alarm(rig: Rig) -> None:
    rig.send(10, 105)
    rig.alarms.leave(0)
    rig.commit()
    assert (rig.shown, rig.column, rig.whats[-1]) == ([], [0, 0, 0], ("removed", "A"))
    rig.send(20, 120)
    assert rig.shown == []


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Rig]:
    tags = tuple(Tag(k, f"A/{k}", "plc", "x") for k in range(10_000))
    made = Rig(tmp_path, tuple(Limit(f"A/{k}", "h", limit=0.0) for k in range(10_000)), tags)
    made.begin(in_slices=True)
    made.is_slow = True
    yield made
    made.close()


def burst(rig: Rig, value: float, second: int) -> None:
    size = len(rig.tags)
    rig.alarms.judge(batch(second, [np.full(size, value)], tags=range(size)), None, rig.clock.mono)


def test_a_burst_is_taken_in_slices_and_waits_for_the_disk(many: Rig) -> None:
    burst(many, 1.0, 1)
    assert len(many.changes) <= SLICE + 1, "and the flood"
    written = len(many.changes)
    while many.later:
        many.later.popleft()()
        assert len(many.changes) - written <= SLICE, "one go of the loop"
        written = len(many.changes)
    assert MOST_WAITING <= written <= MOST_WAITING + SLICE + 1, "the journal holds no more"
    while many.unwritten or many.later:
        many.commit()
        while many.later:
            many.later.popleft()()
    assert [change.alarm for change, _ in many.changes if change.kind == "h"] == list(range(1, 10_001))
    assert sum(many.alarms.shown().counts.unacknowledged) == 10_001, "and the flood"


def test_a_burst_goes_on_though_the_disk_refuses(many: Rig) -> None:
    burst(many, 1.0, 1)
    for _ in range(40):
        while many.later:
            many.later.popleft()()
        many.wait(LATE_US / S)
    while many.later:
        many.later.popleft()()
    many.wait(1)
    assert many.alarms.shown().counts.unrecorded == 10_001


def test_numbers_are_asked_for_once_and_stay(tmp_path: Path) -> None:
    numbers = Numbers()
    rig = Rig(tmp_path, (high(), Limit(GUARD, "off")), numbers=numbers)
    rig.alarms.reconfigure((Limit(GUARD, "off"), high(name="second", limit=105.0)))
    assert numbers.known == {
        (PRESSURE, "h", "", ""): 1,
        (GUARD, "off", "", ""): 2,
        (PRESSURE, "h", "second", ""): 3,
    }
    rig.close()
