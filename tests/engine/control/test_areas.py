"""Areas of responsibility: which station operates which part of the plant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.areas import Areas
from engine.control.intent import settle
from engine.control.refused import Refused
from engine.control.store import ControlStore
from engine.types import NotRecorded, RecordEntry
from tests.engine.control.persons import Ledger, Rights, session, token

AREAS = {"Line", "Line/Press", "Hall"}


class Rig:
    """A plant with the stations north and south."""

    def __init__(self, path: Path) -> None:
        self.path, self.ledger = path, Ledger()
        self.rights = Rights(ada=["write"], ben=["write"], lead=["approve"], eve=[])
        self.changed: list[str] = []
        self.start()

    def start(self) -> None:
        self.store = ControlStore(self.path)
        self.areas = Areas(
            self.store, self.ledger, self.rights.may, AREAS.__contains__, on_change=self.changed.append
        )

    def restart(self) -> None:
        self.store.close()
        self.start()

    async def take(self, person: str, station: str, area: str = "Line") -> tuple[tuple[str, str], ...]:
        return await self.areas.take(token(person), session(person, station), area)

    async def give_back(self, person: str, station: str, area: str = "Line") -> tuple[tuple[str, str], ...]:
        return await self.areas.give_back(token(person), session(person, station), area)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "control.db")
    yield made
    made.store.close()


def test_any_station_writes_anywhere_where_no_area_was_ever_taken(rig: Rig) -> None:
    assert rig.areas.refused("Line/Press/SP", "north") == ""
    assert rig.areas.refused("Line/Press/SP", "") == ""


async def test_area_of_one_station_refuses_all_others(rig: Rig) -> None:
    assert await rig.take("ada", "north") == (("Line", "north"),)
    assert rig.areas.refused("Line/Press/SP", "north") == ""
    assert rig.areas.refused("Line", "north") == ""
    assert "operated from station north, not from south" in rig.areas.refused("Line/Press/SP", "south")
    assert rig.areas.refused("Line/Press/SP", "")
    rig.restart()
    assert rig.areas.held() == (("Line", "north"),)
    assert rig.areas.refused("Line/SP", "south")
    assert rig.changed == ["Line"]


async def test_once_an_area_was_taken_every_write_needs_one(rig: Rig) -> None:
    await rig.take("ada", "north")
    for station in ("north", "south"):
        assert "take it before writing" in rig.areas.refused("Liner/SP", station)
    await rig.give_back("ada", "north")
    assert rig.areas.held() == ()
    rig.restart()
    assert "take it before writing" in rig.areas.refused("Line/Press/SP", "north")


async def test_nearest_area_counts(rig: Rig) -> None:
    await rig.take("ada", "north", "")
    await rig.take("lead", "south", "Line/Press")
    assert rig.areas.refused("Line/Press/SP", "south") == ""
    assert rig.areas.refused("Line/Press/SP", "north")
    assert rig.areas.refused("Line/SP", "north") == ""
    assert "the whole plant" in rig.areas.refused("Hall/SP", "south")


async def test_operator_cannot_take_what_another_station_holds_and_the_shift_lead_can(rig: Rig) -> None:
    await rig.take("ada", "north")
    for area in ("Line", "Line/Press"):
        with pytest.raises(Refused, match="given back there, or somebody who may approve"):
            await rig.take("ben", "south", area)
    assert await rig.take("lead", "south") == (("Line", "south"),)
    assert rig.areas.refused("Line/SP", "north")
    entry = rig.ledger.entries[-1]
    assert (entry.type, entry.actor) == ("configuration", "lead")
    assert (entry.body["area"], entry.body["from"], entry.body["to"]) == ("Line", "north", "south")


async def test_area_that_was_given_back_is_free_for_all(rig: Rig) -> None:
    await rig.take("ada", "north")
    with pytest.raises(Refused, match="held by station north"):
        await rig.give_back("ben", "south")
    await rig.give_back("ben", "north")
    assert await rig.take("ben", "south") == (("Line", "south"),)
    assert await rig.give_back("lead", "north") == ()
    with pytest.raises(Refused, match="no station holds"):
        await rig.give_back("lead", "north")


async def test_taking_again_what_one_holds_tells_nothing_new(rig: Rig) -> None:
    await rig.take("ada", "north")
    assert await rig.take("ben", "north") == (("Line", "north"),)
    assert len(rig.ledger.entries) == 1


async def test_person_without_rights_station_or_area_is_refused(rig: Rig) -> None:
    with pytest.raises(Refused, match="eve may not write"):
        await rig.take("eve", "north")
    with pytest.raises(Refused, match="no station name"):
        await rig.take("ada", "")
    with pytest.raises(Refused, match="no area"):
        await rig.take("ada", "north", "Nowhere")
    await rig.take("ada", "north")
    with pytest.raises(Refused):
        await rig.give_back("eve", "north")
    assert len(rig.ledger.entries) == 1


async def test_change_is_on_record_before_it_counts(rig: Rig) -> None:
    seen: list[object] = []
    rig.ledger.during = lambda entry: seen.append(rig.areas.held())
    await rig.take("ada", "north")
    assert seen == [()]
    rig.ledger.trouble = "the disk is full"
    with pytest.raises(NotRecorded):
        await rig.take("lead", "south")
    assert rig.areas.held() == (("Line", "north"),)


async def test_take_over_cut_short_by_a_kill_does_not_count(rig: Rig) -> None:
    class Killed(BaseException):
        """The engine is gone."""

    def kill(entry: RecordEntry) -> None:
        raise Killed

    await rig.take("ada", "north")
    rig.ledger.during = kill
    with pytest.raises(Killed):
        await rig.take("lead", "south")
    rig.restart()
    rig.ledger.during = None
    await settle(rig.store, rig.ledger)
    assert rig.areas.held() == (("Line", "north"),)
    assert rig.ledger.entries[-1].body["became"] == "it does not count"


async def test_disk_that_refuses_leaves_the_area_where_it_was(rig: Rig) -> None:
    await rig.take("ada", "north")
    rig.ledger.during = lambda entry: rig.store.close()
    with pytest.raises(Refused, match="it does not count"):
        await rig.take("lead", "south")
    assert rig.areas.refused("Line/SP", "south")
