"""The stage when ledger, disk or power fail, and when two things happen at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.intent import settle
from engine.control.refused import Refused
from engine.types import NotRecorded, RecordEntry, StageState
from tests.engine.control.persons import NOW_US
from tests.engine.control.stage_rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "control.db")
    yield made
    made.store.close()


async def test_nothing_is_written_while_the_lowering_is_put_on_record(rig: Rig) -> None:
    await rig.raise_to("advise")
    await rig.raise_to("control")
    seen: list[str] = []
    rig.ledger.during = lambda entry: seen.append(rig.stage.now)
    await rig.ask("ada", "advise")
    assert seen == ["advise"]
    assert rig.stage.refusing


async def test_raise_counts_only_after_it_is_on_record(rig: Rig) -> None:
    seen: list[str] = []
    rig.ledger.during = lambda entry: seen.append(rig.stage.now)
    await rig.raise_to("advise")
    assert seen == ["look", "look"]


async def test_ledger_that_refuses_leaves_the_stage_as_it_was(rig: Rig) -> None:
    await rig.ask("ada", "advise")
    rig.ledger.trouble = "the disk is full"
    with pytest.raises(NotRecorded):
        await rig.approve("ben")
    assert rig.stage.now == "look"
    rig.ledger.trouble = ""
    await rig.approve("ben")
    rig.ledger.trouble = "the disk is full"
    with pytest.raises(NotRecorded):
        await rig.ask("ada", "look")
    assert rig.stage.now == "advise"
    assert rig.store.unfinished() == []


@pytest.mark.parametrize("to", ["advise", "look"])
async def test_lowering_while_the_raise_is_on_its_way_wins(rig: Rig, to: str) -> None:
    await rig.raise_to("advise")
    await rig.ask("ada", "control")
    begun, go = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await go.wait()

    rig.ledger.waiting = wait
    raising = asyncio.create_task(rig.approve("ben"))
    await begun.wait()
    lowering = asyncio.create_task(rig.ask("dee", to))
    go.set()
    await asyncio.gather(raising, lowering)
    assert rig.stage.now == to
    assert rig.ledger.told("stage")[-2:] == ["raised", "lowered"]
    rig.restart()
    assert rig.stage.now == to


async def test_change_is_whole_when_its_asker_goes_away(rig: Rig) -> None:
    await rig.ask("ada", "advise")
    begun, go = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await go.wait()

    rig.ledger.waiting = wait
    raising = asyncio.create_task(rig.approve("ben"))
    await begun.wait()
    raising.cancel()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await raising
    assert rig.stage.now == "advise"
    assert rig.store.unfinished() == []
    assert rig.ledger.told("stage")[-1] == "raised"


class Killed(BaseException):
    """The engine is gone."""


async def test_raise_cut_short_by_a_kill_does_not_count_and_the_ledger_is_told(rig: Rig) -> None:
    await rig.ask("ada", "advise")

    def kill(entry: RecordEntry) -> None:
        rig.ledger.entries.append(entry)
        raise Killed

    rig.ledger.during = kill
    with pytest.raises(Killed):
        await rig.approve("ben")
    rig.restart()
    rig.ledger.during = None
    await settle(rig.store, rig.ledger)
    assert rig.stage.now == "look"
    last = rig.ledger.entries[-1]
    assert (last.actor, last.body["became"], last.body["of"]["what"]) == (
        "engine",
        "it does not count",
        "raised",
    )
    rig.restart()
    assert rig.store.unfinished() == []


async def test_lowering_cut_short_by_a_kill_counts_at_the_next_start(rig: Rig) -> None:
    await rig.raise_to("advise")
    await rig.raise_to("control")

    def kill(entry: RecordEntry) -> None:
        raise Killed

    rig.ledger.during = kill
    with pytest.raises(Killed):
        await rig.ask("ada", "look")
    rig.restart()
    assert rig.stage.now == "look"
    rig.restart()
    assert rig.stage.now == "look"
    rig.ledger.during = None
    await settle(rig.store, rig.ledger)
    assert rig.ledger.entries[-1].body["became"] == "it counts since this start"
    rig.restart()
    assert rig.stage.state() == StageState("look", NOW_US, ("ada",))


async def test_demo_begins_at_control_and_only_a_new_project_does(rig: Rig) -> None:
    await rig.stage.begin_at("control")
    assert rig.stage.refusing == ""
    assert (rig.ledger.entries[0].type, rig.ledger.entries[0].actor) == ("stage", "demo")
    assert not rig.stage.is_checklist_changed
    rig.restart()
    assert rig.stage.now == "control"
    with pytest.raises(Refused, match="has its stage already"):
        await rig.stage.begin_at("control")


async def test_project_that_was_lowered_to_look_is_no_new_one(rig: Rig) -> None:
    await rig.raise_to("advise")
    await rig.ask("ada", "look")
    rig.restart()
    with pytest.raises(Refused):
        await rig.stage.begin_at("control")


async def test_stage_is_look_where_its_file_is_damaged_and_nothing_raises_it(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    rig = Rig(path)
    await rig.raise_to("advise")
    rig.store.close()
    path.write_bytes(b"no database" * 1000)
    rig.start()
    assert rig.stage.now == "look"
    assert "damaged" in rig.stage.refusing and "backup" in rig.stage.refusing
    for asking in (rig.ask("ada", "advise"), rig.stage.begin_at("control")):
        with pytest.raises(Refused):
            await asking
    assert path.read_bytes().startswith(b"no database")
    rig.store.close()


async def test_secret_and_token_are_in_no_entry_and_no_text(rig: Rig) -> None:
    await rig.ask("ada", "advise")
    shown = repr(rig.stage.__dict__)
    await rig.approve("ben")
    for text in (shown, repr(rig.ledger.entries), str(rig.path.read_bytes())):
        assert "token ada" not in text and "secret of" not in text
