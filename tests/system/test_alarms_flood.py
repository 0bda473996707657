"""T21 and T22: floods of alarms, stored whole and in order, also when the engine is killed in one."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from engine import paths
from engine.client import Client
from engine.store.alarm_journal import AlarmJournal
from engine.types import Alarm
from tests.counting import Counting, came, counting_plant, flood, lost, project, unordered
from tests.running import engine, eyes, kill, start_engine, stop, until
from tests.system.test_alarms import WHATS, alarms_shown, changes, commanding

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
SHORT = pytest.param(1000, 200, 4, id="1000 in 4 s")
LONG = pytest.param(10_000, 2000, 10, marks=pytest.mark.slow, id="10000 in 10 s")
FIRST = 20
"""Ticks before the first alarm."""


def started(plant: Counting, folder: Path) -> None:
    """The engine reads all tags, and they begin to count."""
    with eyes(folder) as seen:
        until(seen.all_good, 60, "all tags are good")
    plant.order("start")


@pytest.mark.parametrize(("count", "tags", "seconds"), [SHORT, LONG])
def test_every_alarm_of_a_flood_is_stored_once_in_order_and_shown(
    tmp_path: Path, count: int, tags: int, seconds: int
) -> None:
    rises = flood(count, tags, range(FIRST, FIRST + 10 * seconds))
    with counting_plant(tags) as plant:
        folder = project(tmp_path / "plant", plant.port, tags, rises)
        with engine(folder):
            started(plant, folder)
            client = Client(folder, "test")
            try:
                shown = until(lambda: all_of(client, count), 120, "all are shown")
            finally:
                client.close()
            assert plant.order("report")["dropped"] == 0
    noted = changes(folder)
    assert (lost(rises, noted), unordered(noted)) == (0, 0)
    assert [each.seq for each in noted] == sorted(each.seq for each in noted)
    wanted = {(each.path, each.name): each.priority for each in rises}
    assert {(each.path, each.name): each.priority for each in shown.values()} == wanted
    assert {each.letter for each in shown.values()} == {"B"}
    assert any(each.kind == "flood" for each in noted), "the flood itself is told"


def all_of(client: Client, count: int) -> dict[int, Alarm]:
    """The alarms of limits, once there are so many."""
    found = {number: each for number, each in alarms_shown(client).items() if each.kind == "h"}
    return found if len(found) == count else {}


@pytest.mark.parametrize(("count", "tags", "seconds"), [SHORT, LONG])
def test_a_kill_within_a_flood_loses_no_alarm_and_nothing_that_a_person_was_told(
    tmp_path: Path, count: int, tags: int, seconds: int
) -> None:
    rises = flood(count, tags, range(FIRST, FIRST + 10 * seconds))
    with counting_plant(tags) as plant:
        folder = project(tmp_path / "plant", plant.port, tags, rises)
        process = start_engine(folder)
        try:
            started(plant, folder)
            client = Client(folder, "test")
            try:
                until(lambda: len(alarms_shown(client)) > count // 4, 60, "the flood is there")
                commanded = {
                    "acknowledge": commanding(client, "acknowledge", 0),
                    "shelve": commanding(client, "shelve", 1),
                    "out_of_service": commanding(client, "out_of_service", 2),
                }
                before = alarms_shown(client)
            finally:
                kill(process.pid)
                client.close()
        finally:
            stop(process)
        plant.process.send_signal(signal.SIGSTOP)  # nothing new is heard until we have looked
        disk = {each.id: each for each in AlarmJournal(paths.data(folder) / "journal.db").states()}
        known = changes(folder)
        with engine(folder):
            client = Client(folder, "test")
            try:
                after = alarms_shown(client)
                plant.process.send_signal(signal.SIGCONT)
                shown = until(lambda: all_of(client, count), 120, "the rest comes")
            finally:
                client.close()
    assert count // 4 < len(came(known)) < count, "it was in the middle of the flood"
    assert {n: each for n, each in after.items() if each.kind == "h"} == {
        n: each for n, each in disk.items() if each.kind == "h"
    }
    for number, alarm in before.items():
        if alarm.is_recorded:
            assert (disk[number].since_us, disk[number].cause_id) == (alarm.since_us, alarm.cause_id)
    for what, numbers in commanded.items():
        assert numbers, what
        assert {each.alarm for each in known if each.what == WHATS[what] and each.by == "Ann"} == numbers
    assert {n for n, each in shown.items() if each.acked_by == "Ann"} == commanded["acknowledge"]
    assert {n for n, each in shown.items() if each.shelf is not None} == commanded["shelve"]
    assert {n for n, each in shown.items() if each.service is not None} == commanded["out_of_service"]
    noted = changes(folder)
    assert noted[: len(known)] == known, "what was on disk is untouched"
    assert lost(rises, noted) == 0, "what was not on disk yet came anew, what was did not"
    assert len(came(noted)) == count
