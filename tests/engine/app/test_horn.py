"""The horn of a station in the engine: an alarm while it is not heard, and its tests on record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.app.horn import MOST_STATIONS, Horns, horn_alarm, past_tests
from engine.app.horn_record import EACH
from engine.app.plant import Running
from engine.live import LiveTable, plan
from engine.server import RequestRefused
from engine.store import Catalogue, Journal
from engine.tags import Pipeline
from engine.types import Alarm, Plant, Project
from engine.wire import AlarmCommandBody, HornAnswer, HornBody, HornTestBody
from tests.engine.app.test_ingest import StillClock
from tests.running import until

WHY = "there is no sound device"
MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000


class Rig:
    """The horns of a running engine whose clock and journal a test moves and reads."""

    def __init__(self, folder: Path) -> None:
        import numpy as np

        self.clock = StillClock()
        self.noted: list[tuple[str, dict[str, Any]]] = []
        nothing = np.array([], np.int32)
        table = LiveTable(folder / "live.bin", plan(0, 1, 1 << 18), nothing, self.clock.us)
        catalogue = Catalogue(folder / "catalogue.db")
        project = Project(str(folder), Plant("p"), (), ())
        self.running = Running(project, self.clock, table, catalogue, Pipeline(()), [], self.clock.us)
        self.horns = Horns(self.running.alarms, lambda *each: self.noted.append(each), self.clock)

    def says(self, why: str = "", station: str = "desk", closing: bool = False) -> HornAnswer:
        self.clock.us += 1_000_000
        return self.horns.tell(HornBody(station, "anna", not why, why, closing))

    def tests(self, *heard: bool, station: str = "desk") -> HornAnswer:
        self.clock.us += 1_000_000
        return self.horns.tested(HornTestBody(station, "anna", tuple(enumerate(heard, start=1))))

    def named(self, event: str) -> list[dict[str, Any]]:
        return [body for name, body in self.noted if name == event]

    @property
    def alarms(self) -> dict[str, Alarm]:
        return {each.path: each for each in self.running.alarms.shown().alarms}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.running.close()


def test_a_horn_without_a_device_is_an_alarm_that_names_its_station_and_what_to_do(rig: Rig) -> None:
    rig.says(WHY)
    found = rig.alarms["Station desk"]
    assert (found.kind, found.letter, found.priority) == ("device", "B", 2)
    assert found.message == "The horn does not sound" and found.cause == WHY
    assert "loudspeaker" in found.response and found.display == "system"
    assert rig.noted == [("horn", {"station": "desk", "by": "anna", "is_well": False, "why": WHY})]


def test_it_ends_when_the_station_says_well_and_is_said_once(rig: Rig) -> None:
    for _ in range(3):
        rig.says(WHY)
    for _ in range(3):
        rig.says()
    assert rig.alarms["Station desk"].letter == "D"
    assert [body["is_well"] for _, body in rig.noted] == [False, True]


def test_every_station_has_its_own(rig: Rig) -> None:
    rig.says(WHY, "desk")
    rig.says(WHY, "gate")
    rig.says("", "desk")
    assert {path: each.active for path, each in rig.alarms.items()} == {
        "Station desk": False,
        "Station gate": True,
    }


def test_a_station_that_is_well_makes_no_alarm_and_no_record(rig: Rig) -> None:
    assert rig.says() == HornAnswer()
    assert not rig.alarms and not rig.noted


def test_a_station_that_closes_ends_it(rig: Rig) -> None:
    rig.says(WHY)
    rig.says("", closing=True)
    assert not rig.alarms["Station desk"].active


def test_a_station_that_is_silent_for_a_minute_is_gone_and_its_alarm_too(rig: Rig) -> None:
    rig.says(WHY)
    rig.clock.us += MINUTE_US - 1
    rig.horns.passed()
    assert rig.alarms["Station desk"].active
    rig.clock.us += 2
    rig.horns.passed()
    assert not rig.alarms["Station desk"].active
    assert rig.noted[-1][1]["why"] == "the station closed"


def test_a_sound_that_was_not_heard_is_an_alarm_until_all_are_heard(rig: Rig) -> None:
    rig.says()
    answer = rig.tests(True, False, True, False)
    assert answer.unheard == (2, 4)
    assert "priority 2, 4 was not heard" in rig.alarms["Station desk"].cause
    rig.says()
    assert rig.alarms["Station desk"].active, "that the device is there does not say that it is heard"
    rig.tests(True, True, True, True)
    assert not rig.alarms["Station desk"].active
    named = [body["heard"] for name, body in rig.noted if name == "horn_test"]
    assert named[0] == [[1, True], [2, False], [3, True], [4, False]]


def test_the_station_is_told_when_it_was_tested(rig: Rig) -> None:
    rig.tests(True, True, True, True)
    at_us = rig.clock.us
    assert rig.says() == HornAnswer(at_us)
    assert rig.says(station="gate") == HornAnswer()


@pytest.mark.parametrize(
    "body",
    [
        HornTestBody("desk", " ", ((1, True),)),
        HornTestBody("desk", "anna", ()),
        HornTestBody("desk", "anna", ((7, True),)),
        HornTestBody("desk", "anna", ((1, True),) * 5),
        HornTestBody(" ", "anna", ((1, True),)),
    ],
)
def test_a_test_by_nobody_or_of_nothing_is_refused(rig: Rig, body: HornTestBody) -> None:
    with pytest.raises(RequestRefused):
        rig.horns.tested(body)
    assert not rig.noted


def test_its_alarm_is_acknowledged_and_shelved_like_any_and_the_shelf_runs_out(rig: Rig) -> None:
    rig.says(WHY)
    found = rig.alarms["Station desk"]
    until_us = rig.clock.us + MINUTE_US
    body = AlarmCommandBody("shelve", ((found.id, found.changed_us),), "anna", "being repaired", until_us)
    answer, _ = rig.running.alarms.command(body)
    assert answer.refused == () and rig.alarms["Station desk"].letter == "E"
    rig.clock.us += MINUTE_US + 1
    rig.running.alarms.tick()
    assert rig.alarms["Station desk"].letter == "B"


def test_the_alarm_of_a_station_that_did_not_come_back_after_a_restart_ends(rig: Rig, tmp_path: Path) -> None:
    rig.running.alarms.report(horn_alarm("desk", WHY, 2), True, rig.clock.us)
    again = Horns(rig.running.alarms, lambda *_: None, rig.clock)
    again.passed()
    assert rig.alarms["Station desk"].active
    rig.clock.us += MINUTE_US + 1
    again.passed()
    assert not rig.alarms["Station desk"].active


def test_of_tests_without_end_some_stand_on_record_and_the_last_one_for_all_others(rig: Rig) -> None:
    for _ in range(500):
        rig.tests(True, True)
    answer = rig.tests(True, False)
    assert answer.unheard == (2,) and rig.alarms["Station desk"].active, "a test counts, also a late one"
    assert len(rig.named("horn_test")) == EACH
    rig.clock.us += HOUR_US
    rig.horns.passed()
    summed = rig.named("horn_test")[EACH:]
    assert [(each["times"], each["heard"]) for each in summed] == [(501 - EACH, [[1, True], [2, False]])]
    rig.tests(True, True)
    assert len(rig.named("horn_test")) == EACH + 2, "the next hour begins anew"


def test_what_was_only_counted_is_on_record_before_the_engine_ends(rig: Rig) -> None:
    for _ in range(EACH + 3):
        rig.tests(True)
    rig.horns.end()
    rig.horns.end()
    assert [each.get("times") for each in rig.named("horn_test")[EACH:]] == [3]


def test_a_horn_that_comes_and_goes_without_end_fills_neither_record_nor_alarms(rig: Rig) -> None:
    changed = set[int]()
    for count in range(600):
        rig.says(f"{WHY} {count}")
        rig.says()
        changed |= {each.changed_us for each in rig.alarms.values()}
    assert len(rig.noted) == EACH and EACH // 2 <= len(changed) <= EACH + 600 * 2 / 60
    rig.says(WHY)
    rig.clock.us += MINUTE_US - 1
    rig.says(WHY)
    rig.horns.passed()
    assert rig.alarms["Station desk"].active, "what holds is shown in the end"


def test_names_without_end_are_not_taken_and_do_not_hinder_a_known_station(rig: Rig) -> None:
    rig.says(WHY, "desk")
    for number in range(MOST_STATIONS - 1):
        rig.says(WHY, f"made up {number}")
    for number in range(300):
        with pytest.raises(RequestRefused, match="stations told of a horn within an hour"):
            rig.says(WHY, f"one more {number}")
        with pytest.raises(RequestRefused):
            rig.tests(True, station=f"one more {number}")
    assert len([path for path in rig.alarms if path.startswith("Station ")]) == MOST_STATIONS
    assert len(rig.noted) == MOST_STATIONS + EACH
    assert rig.tests(True, True).tested_us == rig.clock.us
    rig.says("", "desk")
    assert not rig.alarms["Station desk"].active
    rig.clock.us += HOUR_US + 1
    rig.horns.passed()
    assert [body["times"] for _, body in rig.noted if "times" in body] == [600 - EACH]
    rig.clock.us += 1
    rig.horns.passed()
    rig.says(WHY, "a new desk")
    assert rig.alarms["Station a new desk"].active


def test_tests_of_earlier_runs_are_found_in_the_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", lambda _: None, failed=lambda _: None)
    try:
        for time_us, station, second in ((10, "desk", True), (20, "gate", True), (30, "desk", False)):
            heard = [[1, True], [2, second]]
            journal.append(time_us, "horn_test", {"station": station, "by": "anna", "heard": heard})
            journal.append(time_us, "engine_started", {})
        until(lambda: journal.last() >= 6, 5)
        assert past_tests(journal) == {"desk": HornAnswer(30, (2,)), "gate": HornAnswer(20)}
    finally:
        journal.close()
