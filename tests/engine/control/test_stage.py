"""The stage of a project: who raises it, and who lowers it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from engine.control.refused import Refused
from engine.types import Action, StageState
from tests.engine.control.persons import NOW_US, session, token
from tests.engine.control.stage_rig import LINES, Rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "control.db")
    yield made
    made.store.close()


def test_new_project_only_looks(rig: Rig) -> None:
    assert rig.stage.state() == StageState()
    assert 'stage "look"' in rig.stage.refusing


async def test_two_people_raise_the_stage_one_step_at_a_time(rig: Rig) -> None:
    with pytest.raises(Refused, match='"advise" comes before "control"'):
        await rig.ask("ada", "control")
    asked = await rig.ask("ada", "advise")
    assert (asked.stage, asked.asked, asked.asked_by, asked.asked_us) == ("look", "advise", "ada", NOW_US)
    raised = await rig.approve("ben")
    assert raised == StageState("advise", NOW_US, ("ada", "ben"))
    assert rig.stage.refusing
    await rig.raise_to("control")
    assert rig.stage.refusing == ""
    assert rig.ledger.told("stage") == ["asked for", "raised", "asked for", "raised"]
    assert rig.ledger.entries[3].body["by"] == ["ada", "ben"]
    rig.restart()
    assert rig.stage.state() == StageState("control", NOW_US, ("ada", "ben"))


async def test_one_person_with_two_spellings_is_not_two_people(rig: Rig) -> None:
    await rig.ask("ada", "advise")
    with pytest.raises(Refused, match="another person has to agree"):
        await rig.approve("ADA", "secret of ada")
    assert rig.stage.now == "look"


@pytest.mark.parametrize(("name", "secret"), [("ben", "wrong"), ("cy", "secret of cy"), ("eve", "x")])
async def test_second_person_must_be_who_they_say_and_may_raise_it(rig: Rig, name: str, secret: str) -> None:
    await rig.ask("ada", "advise")
    with pytest.raises(Refused):
        await rig.approve(name, secret)
    assert rig.stage.now == "look"
    assert (await rig.approve("ben")).stage == "advise"


async def test_person_without_the_right_cannot_ask(rig: Rig) -> None:
    with pytest.raises(Refused, match="cy may not stage"):
        await rig.ask("cy", "advise")
    assert rig.ledger.entries == []


@pytest.mark.parametrize("answers", [(), LINES[:1], (*LINES, "a line of last year")])
async def test_every_line_of_the_checklist_must_be_answered(rig: Rig, answers: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="checklist"):
        await rig.ask("ada", "advise", answers)
    assert rig.stage.state().asked is None


async def test_checklist_that_changes_voids_the_request(rig: Rig) -> None:
    await rig.ask("ada", "advise")
    rig.lines = (*LINES, "the emergency stop works")
    assert rig.stage.state().asked is None
    with pytest.raises(Refused, match="ask for it again"):
        await rig.approve("ben")
    await rig.ask("ada", "advise", rig.lines)
    assert (await rig.approve("ben")).stage == "advise"
    assert not rig.stage.is_checklist_changed
    rig.lines = LINES
    assert rig.stage.is_checklist_changed


async def test_request_lapses_after_ten_minutes_also_when_the_clock_is_set_back(rig: Rig) -> None:
    await rig.ask("ada", "advise")
    rig.clock.run(600)
    assert rig.stage.state().asked == "advise"
    rig.clock.run(1)
    rig.clock.time_us -= 3600 * 1_000_000
    assert rig.stage.state().asked is None
    with pytest.raises(Refused, match="10 minutes"):
        await rig.approve("ben")


async def test_request_lapses_when_the_session_of_its_person_ends(rig: Rig) -> None:
    await rig.ask("ada", "advise")
    rig.stage.ended("session of ben")
    assert rig.stage.state().asked == "advise"
    rig.stage.ended("session of ada")
    with pytest.raises(Refused):
        await rig.approve("ben")


async def test_request_does_not_count_once_its_person_may_not_any_more(rig: Rig) -> None:
    await rig.ask("ada", "advise")
    rig.rights.ended.add("ada")
    with pytest.raises(Refused, match="nobody is logged in"):
        await rig.approve("ben")
    assert rig.stage.now == "look"


async def test_request_does_not_outlive_the_engine(rig: Rig) -> None:
    await rig.ask("ada", "advise")
    rig.restart()
    with pytest.raises(Refused):
        await rig.approve("ben")


async def test_person_takes_their_request_back(rig: Rig) -> None:
    await rig.ask("ada", "advise")
    with pytest.raises(Refused, match="already"):
        await rig.ask("ben", "look")
    assert (await rig.ask("ada", "look")).asked is None
    with pytest.raises(Refused):
        await rig.approve("ben")


@pytest.mark.parametrize("person", ["ben", "dee"])
async def test_one_person_lowers_the_stage_at_once(rig: Rig, person: str) -> None:
    await rig.raise_to("advise")
    await rig.raise_to("control")
    await rig.stage.ask(token(person), session(person), "look")
    assert rig.stage.state() == StageState("look", NOW_US, (person,))
    assert rig.voided == 1
    rig.restart()
    assert rig.stage.now == "look"


async def test_lowering_voids_what_was_asked_for(rig: Rig) -> None:
    await rig.raise_to("advise")
    await rig.ask("ada", "control")
    await rig.ask("dee", "look")
    await rig.raise_to("advise")
    with pytest.raises(Refused, match="ask for it again"):
        await rig.approve("ben")
    assert rig.stage.now == "advise"


async def test_lowering_voids_also_what_is_just_being_asked_for(rig: Rig) -> None:
    await rig.raise_to("advise")
    begun, go = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await go.wait()

    rig.ledger.waiting = wait
    asking = asyncio.create_task(rig.ask("ada", "control"))
    await begun.wait()
    lowering = asyncio.create_task(rig.ask("dee", "look"))
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(asking, lowering)
    rig.ledger.waiting = None
    await rig.raise_to("advise")
    assert rig.stage.state().asked is None


@pytest.mark.parametrize("meanwhile", ["asked anew", "logged out", "lowered"])
async def test_second_person_agrees_to_what_they_saw_and_to_nothing_newer(rig: Rig, meanwhile: str) -> None:
    await rig.raise_to("advise")
    verify = rig.rights.verify

    async def slow(name: str, secret: str, action: Action, paths: Sequence[str]) -> str:
        if meanwhile == "asked anew":
            await rig.ask("ada", "control")
        elif meanwhile == "logged out":
            rig.stage.ended("session of ada")
        else:
            await rig.ask("dee", "look")
        return await verify(name, secret, action, paths)

    rig.rights.verify = slow
    rig.restart()
    await rig.ask("ada", "control")
    with pytest.raises(Refused, match="ask for it again|asked for anew"):
        await rig.approve("ben")
    assert rig.stage.now == ("look" if meanwhile == "lowered" else "advise")


async def test_operator_cannot_lower_the_stage(rig: Rig) -> None:
    await rig.raise_to("advise")
    with pytest.raises(Refused):
        await rig.ask("cy", "look")
    assert (rig.stage.now, rig.voided) == ("advise", 0)
