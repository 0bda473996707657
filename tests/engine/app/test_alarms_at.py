"""The alarms of a past instant against a recording of what was shown then, through all that may happen."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.alarms.register import Outside
from engine.app.alarm_journal_answers import AskedAlarms, alarms_at
from engine.store import Journal
from engine.store.alarm_journal import AlarmJournal
from engine.types import Alarm, AlarmChange, AlarmSettings, CommandName, Gap
from tests.engine.alarms.rig import MovedClock, Numbers, Rig
from tests.engine.alarms.samples import S
from tests.engine.store.alarm_changes import after, body, change
from tests.engine.store.told import Told
from tests.running import until

INSTANTS = 220
Event = tuple[float, str, Any]
DOINGS: tuple[CommandName, ...] = (
    *("acknowledge", "acknowledge", "shelve", "unshelve", "out_of_service", "in_service", "note", "reset"),
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was on show at an instant, by the clock of then."""

    at_us: int
    alarms: tuple[Alarm, ...] | None
    """None = nobody looked; the clock was set to this time."""


class Walk:
    """A busy run over several lives of an engine, with the clock set forth and back; all of it recorded."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.dice, self.folder, self.numbers = random.Random(seed), folder, Numbers()
        self.path, self.told = folder / "journal.db", Told()
        self.journal = Journal(self.path, self.told.committed, self.told.failed)
        self.written, self.looked = 0, list[Looked]()
        self.rig = self._begun(MovedClock(), ())

    def _begun(self, clock: MovedClock, states: Sequence[Alarm]) -> Rig:
        place = self.folder / f"life {clock.mono}"
        place.mkdir()
        rig = Rig(place, numbers=self.numbers)
        rig.clock.us, rig.clock.mono = clock.us, clock.mono
        rig.alarms.begin(lambda change, alarm: self._write(rig, change, alarm), states, clock.us)
        rig.commit()
        self.note("engine_started", clock.us)
        return rig

    def _write(self, rig: Rig, change: AlarmChange, alarm: Alarm) -> None:
        self.written += 1
        self.journal.append(change.time_us, "alarm", {"change": change, "alarm": alarm})
        rig.unwritten.append((change.alarm, change.what, change.time_us))

    def note(self, event: str, time_us: int, content: dict[str, Any] | None = None) -> None:
        self.written += 1
        self.journal.append(time_us, event, content or {})

    def restart(self) -> None:
        clock = self.rig.clock
        self.note("engine_stopped", clock.us)
        self.told.until(lambda: len(self.told.events) == self.written)
        clock.wait(self.dice.uniform(1, 4000))
        self.rig = self._begun(clock, AlarmJournal(self.path).states())

    def set_clock(self) -> None:
        seconds = self.dice.choice((-3600, -500, 3600))
        self.rig.clock.us += seconds * S
        self.looked.append(Looked(self.rig.clock.us, None))
        self.rig.wait(0)
        self.note("clock_step", self.rig.clock.us, {"seconds": seconds})

    def turn(self) -> None:
        number = self.dice.randrange(1, 9)
        outside = Outside(f"Line/S{number}/Tag", "link", number % 4 + 1, message=f"number {number}")
        self.rig.alarms.report(outside, self.dice.random() < 0.6, self.rig.clock.us, float(number))
        self.rig.commit()

    def do(self) -> None:
        shown = self.rig.alarms.shown().alarms
        if shown:
            what = self.dice.choice(DOINGS)
            until_s = self.dice.uniform(5, 900) if what == "shelve" else 0.0
            self.rig.do(what, self.dice.choice(shown), text="why", until_s=until_s, by=f"Zoë {len(shown)}")

    def go(self) -> None:
        acts: tuple[Callable[[], None], ...] = (self.turn, self.do, self.restart, self.set_clock)
        for _ in range(INSTANTS):
            for act in self.dice.choices(acts, (60, 34, 2, 2), k=self.dice.randrange(1, 5)):
                act()
            self.rig.wait(self.dice.choice((0.5, 3.0, 40.0)))
            self.looked.append(Looked(self.rig.clock.us, self.rig.alarms.shown().alarms))
            self.rig.wait(1.0)
        self.told.until(lambda: len(self.told.events) == self.written)

    def last_looks(self) -> list[tuple[int, tuple[Alarm, ...]]]:
        """Those whose time the clock did not tell once more: a time told twice means the last of them."""
        found = list[tuple[int, tuple[Alarm, ...]]]()
        least = 1 << 62
        for each in reversed(self.looked):
            if each.at_us < least:
                least = each.at_us
                if each.alarms is not None:
                    found.append((each.at_us, each.alarms))
        return found


def by_id(alarms: Sequence[Alarm]) -> dict[int, Alarm]:
    return {each.id: each for each in alarms}


@pytest.mark.parametrize("seed", range(5))
def test_alarms_of_every_instant_are_as_they_were_shown_then(tmp_path: Path, seed: int) -> None:
    walk = Walk(tmp_path, seed)
    walk.go()
    walk.journal.close()
    journal, looks = AlarmJournal(walk.path), walk.last_looks()
    assert len(looks) > INSTANTS // 3 and sum(len(alarms) for _, alarms in looks) > len(looks)
    letters = {alarm.letter for _, alarms in looks for alarm in alarms}
    assert letters >= {"B", "C", "D", "E", "G"}
    for at_us, alarms in looks:
        stood = journal.at(at_us)
        assert by_id(stood.alarms) == by_id(alarms), at_us
        assert stood.is_whole
        assert list(stood.alarms) == sorted(stood.alarms, key=lambda alarm: (alarm.priority, -alarm.since_us))


def journal_with(folder: Path, events: Sequence[tuple[float, str, Any]]) -> AlarmJournal:
    """A journal with events (seconds, name, content)."""
    told = Told()
    journal = Journal(folder / "journal.db", told.committed, told.failed)
    for second, name, content in events:
        journal.append(round(second * S), name, content)
    told.until(lambda: len(told.events) == len(events))
    journal.close()
    return AlarmJournal(folder / "journal.db")


def came(second: float, number: int = 1) -> tuple[float, str, Any]:
    return second, "alarm", body(change(number, "active", "B", round(second * S)))


def went(second: float, number: int = 1) -> tuple[float, str, Any]:
    noted = change(number, "returned", "A", round(second * S))
    return second, "alarm", {"change": noted, "alarm": after(noted, active=False, acked=True)}


def test_before_the_journal_began_nothing_is_known(tmp_path: Path) -> None:
    journal = journal_with(tmp_path, [(100, "engine_started", {}), came(110)])
    stood = journal.at(99 * S)
    assert (stood.alarms, stood.since_us, stood.is_whole) == ((), 100 * S, False)
    assert [each.id for each in journal.at(110 * S).alarms] == [1]
    assert journal.at(105 * S).is_whole and journal.at(105 * S).alarms == ()


def test_project_without_a_journal_knows_nothing(tmp_path: Path) -> None:
    stood = AlarmJournal(tmp_path / "journal.db").at(100 * S)
    assert (stood.alarms, stood.is_whole) == ((), False)


def test_changes_that_the_disk_lost_are_told_until_an_engine_begins_anew(tmp_path: Path) -> None:
    journal = journal_with(
        tmp_path,
        [
            (100, "engine_started", {}),
            came(110),
            (200, "journal_gap", {"lost": 3}),
            came(210, 2),
            (300, "engine_stopped", {}),
            (301, "engine_started", {}),
            came(310, 3),
        ],
    )
    known = {second: journal.at(second * S).is_whole for second in (105, 109, 111, 150, 205, 250, 301, 320)}
    assert known == {
        105: True, 109: True, 111: False, 150: False, 205: False, 250: False, 301: True, 320: True
    }  # fmt: skip


def test_change_of_the_list_is_no_change_of_the_alarm(tmp_path: Path) -> None:
    edited = change(1, "edited", "A", 120 * S, by="Ann", text="moved")
    events: list[Event] = [
        (100, "engine_started", {}),
        came(110),
        (120, "alarm_edited", {"change": edited}),
        went(130),
    ]
    journal = journal_with(tmp_path, events)
    assert [each.letter for each in journal.at(125 * S).alarms] == ["B"]
    assert journal.at(130 * S).alarms == ()


def test_time_that_the_clock_told_twice_means_the_last_of_them(tmp_path: Path) -> None:
    journal = journal_with(
        tmp_path,
        [
            (100, "engine_started", {}),
            came(140),
            (110, "clock_step", {"seconds": -50}),
            came(150, 2),
        ],
    )
    assert [each.id for each in journal.at(120 * S).alarms] == [1], "it had come when it was 120 again"
    assert [each.id for each in journal.at(105 * S).alarms] == []
    assert {each.id for each in journal.at(160 * S).alarms} == {1, 2}


def test_forgotten_changes_are_told_and_what_still_stands_is_known(tmp_path: Path) -> None:
    told = Told()
    journal = Journal(tmp_path / "journal.db", told.committed, told.failed)
    acked = change(1, "acknowledged", "C", 120 * S)
    waits = change(3, "active", "B", 115 * S)
    for second, name, content in [
        (100, "engine_started", {}), came(110), (120, "alarm", body(acked)), (115, "alarm", body(waits)),
        came(130, 2), (131, "alarm", body(change(2, "acknowledged", "C", 131 * S))), came(400, 4),
    ]:  # fmt: skip
        journal.append(round(second * S), name, content)
    journal.forget(300 * S)
    told.until(lambda: len(told.events) == 7)
    reader = AlarmJournal(tmp_path / "journal.db")
    until(lambda: reader.at(500 * S).since_us == 300 * S, 10, "the old changes are forgotten")
    stood = reader.at(350 * S)
    assert {each.id: each.letter for each in stood.alarms} == {1: "C", 2: "C", 3: "B"}
    assert stood.is_whole and stood.since_us == 300 * S
    assert reader.at(200 * S).alarms == () and not reader.at(200 * S).is_whole
    second, name, content = went(410, 2)
    journal.append(round(second * S), name, content)
    told.until(lambda: any(each.time_us == 410 * S for each in told.events))
    journal.close()
    assert not reader.at(350 * S).is_whole, "that the second was active then is not on record any more"
    assert reader.at(415 * S).is_whole


def test_instant_without_an_engine_is_not_whole(tmp_path: Path) -> None:
    events: list[Event] = [
        (100, "engine_started", {}),
        came(110),
        (200, "engine_stopped", {}),
        (300, "engine_started", {}),
    ]
    journal, clock = journal_with(tmp_path, events), MovedClock()

    def gaps(start_us: int, end_us: int) -> Sequence[Gap]:
        return [Gap(350 * S, 360 * S, "engine", "")]

    def never(*_: object) -> Any:
        raise AssertionError

    asked = AskedAlarms(journal, clock, gaps, AlarmSettings, never)
    found = {second: alarms_at(asked, second * S) for second in (150, 250, 320, 355, 370)}
    assert {second: each.is_whole for second, each in found.items()} == {
        150: True, 250: False, 320: True, 355: False, 370: True
    }  # fmt: skip
    assert all([each.id for each in answer.alarms] == [1] for answer in found.values())
    assert msgspec.to_builtins(found[150])["at_us"] == 150 * S
