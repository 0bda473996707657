"""A clock that is set wrong takes neither the history nor the alarm journal with it; what is old goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from engine import paths
from engine.app.housekeeping import (
    FORGET_EVERY_US,
    FORGET_FROM_US,
    MOST_FORGOTTEN_US,
    MOST_OLD,
    OLD_EVERY_US,
    Housekeeping,
)
from engine.historian.history import StoredHistory
from engine.historian.rollups import Rollups
from engine.store import Journal
from engine.store.alarm_journal import AlarmJournal
from engine.types import AlarmSettings, Plant
from engine.wire import AlarmJournalBody
from tests.engine.historian.kept import Clock, opened, tags_of
from tests.engine.historian.stored import DAY_US, START_US, chunk, day_name, store
from tests.engine.store.alarm_changes import body, change
from tests.engine.store.told import Told
from tests.running import until

YEARS_US = 3_650 * DAY_US
KEPT_DAYS = 30.0
ALL = AlarmJournalBody(-(2**62), 2**62, most=5000)


@pytest.fixture
def clock() -> Clock:
    return Clock(START_US)


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[Housekeeping]:
    folder, tags = paths.history(tmp_path), tags_of(1)
    historian = opened(folder, tags, clock)
    stored = StoredHistory(folder, historian.tail)
    rollups = Rollups(folder, stored)
    try:
        alarms = AlarmSettings(kept_days=KEPT_DAYS)
        yield Housekeeping(tmp_path, Plant("Press"), historian, stored, rollups, clock, False, alarms)
    finally:
        rollups.close()
        stored.close()
        historian.close()


def days(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("samples-*.db"))


def test_only_the_oldest_two_files_go_at_once_and_two_more_after_six_hours(
    tmp_path: Path, clock: Clock, house: Housekeeping
) -> None:
    folder = paths.history(tmp_path)
    for day in range(8):
        store(folder, [chunk(0, [START_US + day * DAY_US], [1.0])])
    names = [day_name(START_US + day * DAY_US) for day in range(8)]
    assert days(folder) == names
    clock.us += YEARS_US
    for _ in range(3):
        house.sealed(())
    assert days(folder) == names[MOST_OLD:]
    clock.us += OLD_EVERY_US
    house.sealed(())
    house.sealed(())
    assert days(folder) == names[2 * MOST_OLD :]


class Kept:
    """An event journal in a real file, with a change of an alarm each day."""

    def __init__(self, project: Path) -> None:
        self._told = Told()
        self.file = paths.data(project) / "journal.db"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(self.file, self._told.committed, self._told.failed)

    def put(self, day: int, alarm: int, letter: Literal["A", "B", "E"]) -> None:
        """A change so many days after the start."""
        noted = change(alarm, "returned" if letter == "A" else "active", letter, START_US + day * DAY_US)
        before = len(self._told.events)
        self.journal.append(noted.time_us, "alarm", body(noted))
        self._told.until(lambda: len(self._told.events) > before)

    def days(self) -> list[int]:
        """The days of the changes that are there."""
        return sorted((each.time_us - START_US) // DAY_US for each in AlarmJournal(self.file).changes(ALL))

    def until_days(self, expected: list[int]) -> None:
        """Wait for the writer to have taken away all but these."""
        until(lambda: self.days() == expected, what=str(expected))

    def forgotten(self) -> list[int]:
        """The days before which changes were told to go."""
        self.journal.append(0, "asked", {})
        self._told.until(lambda: self._told.names[-1:] == ["asked"])
        found = [each for each in self.journal.after(0) if each.event == "alarms_forgotten"]
        return [(each.body["before_us"] - START_US) // DAY_US for each in found]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path)
    yield made
    made.journal.close()


def test_changes_of_alarms_older_than_they_are_kept_go_once_a_day(
    clock: Clock, house: Housekeeping, kept: Kept
) -> None:
    for day in range(6):
        kept.put(day, alarm=1, letter="A")
    clock.us = START_US + 33 * DAY_US
    house.forget(kept.journal)
    kept.until_days([3, 4, 5])
    clock.us += DAY_US // 2
    kept.put(3, alarm=2, letter="A")
    house.forget(kept.journal)
    clock.us += DAY_US // 2
    house.forget(kept.journal)
    kept.until_days([4, 5])
    assert kept.forgotten() == [3, 4]


def test_nothing_is_forgotten_in_the_first_hour(clock: Clock, house: Housekeeping, kept: Kept) -> None:
    kept.put(-100, alarm=1, letter="A")
    clock.us += FORGET_FROM_US - 1
    house.forget(kept.journal)
    assert kept.forgotten() == []
    clock.us += 1
    house.forget(kept.journal)
    kept.until_days([])


def test_young_journal_is_left_alone(clock: Clock, house: Housekeeping, kept: Kept) -> None:
    kept.put(0, alarm=1, letter="A")
    clock.us += 29 * DAY_US
    house.forget(kept.journal)
    kept.put(29, alarm=1, letter="A")
    assert kept.days() == [0, 29]
    assert kept.forgotten() == []


def test_clock_set_ten_years_ahead_takes_a_week_of_the_journal_a_day(
    clock: Clock, house: Housekeeping, kept: Kept
) -> None:
    for day in range(0, 20, 2):
        kept.put(day, alarm=1, letter="A")
    clock.us += YEARS_US
    for _ in range(3):
        house.forget(kept.journal)
    week = MOST_FORGOTTEN_US // DAY_US
    kept.until_days([day for day in range(0, 20, 2) if day >= week])
    assert kept.forgotten() == [week]
    clock.us += FORGET_EVERY_US
    house.forget(kept.journal)
    kept.until_days([day for day in range(0, 20, 2) if day >= 8 + week])


def test_alarm_that_is_set_aside_for_years_stays_and_holds_up_no_other(
    clock: Clock, house: Housekeeping, kept: Kept
) -> None:
    kept.put(-400, alarm=7, letter="E")
    for day in range(3):
        kept.put(day, alarm=1, letter="A")
    clock.us = START_US + 40 * DAY_US
    house.forget(kept.journal)
    kept.until_days([-400])


def test_engine_forgets_by_itself(
    clock: Clock, house: Housekeeping, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.put(-60, alarm=1, letter="A")
    kept.put(0, alarm=1, letter="A")
    clock.us += FORGET_FROM_US
    monkeypatch.setattr("engine.app.housekeeping.ROUND_S", 0.01)
    house.begin(kept.journal)
    try:
        kept.until_days([0])
    finally:
        house.close()
