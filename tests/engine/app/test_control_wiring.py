"""The gate as the engine puts it together: stage, sessions, ledger and links, without sources."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.app import control, hands
from engine.app.hands import areas
from engine.server import RequestRefused
from engine.types import (
    AssetType,
    ControlSettings,
    Interlock,
    NotRecorded,
    Plant,
    Project,
    Session,
    StageState,
    Tag,
    Write,
)
from engine.wire import (
    ConfirmBody,
    ControlAnswer,
    ControlBody,
    SelectBody,
    StageApproveBody,
    StageBody,
    WriteBody,
)
from tests.engine.app.handled import SETPOINT, SPEED, Site, site
from tests.engine.app.recorded import types
from tests.people import ADA, EVA, OLAF, PASSWORD, SHIRIN, VERA

CHECKLIST = ControlSettings().checklist


async def soon(condition: Callable[[], object], what: str) -> None:
    """Wait until it is so."""
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"it is never so: {what}")


async def operated(made: Site, name: str = OLAF) -> str:
    """People, stage control, a link; the token of somebody at the desk."""
    await made.staff()
    await made.begin_at("control")
    made.connect()
    await soon(lambda: not made.hands.control.refusing, "it can be written")
    return await made.login(name)


async def refused(made: Site, op: str, body: object, token: str) -> str:
    with pytest.raises(RequestRefused) as told:
        await made.ask(op, body, Write, token)
    return str(told.value)


async def select(made: Site, token: str, value: float = 160.0) -> Write:
    return await made.ask("select", SelectBody(SETPOINT, value), Write, token)


def confirmed(write: Write) -> ConfirmBody:
    return ConfirmBody(write.id, write.path, write.new)


async def control_seen(made: Site, version: int = 0) -> ControlAnswer:
    return await made.ask("control", ControlBody(version), ControlAnswer)


async def test_code_that_writes_is_loaded_at_the_first_look_at_a_device_in_stage_control(
    tmp_path: Path,
) -> None:
    async with site(tmp_path) as made:
        ada = await made.staff()
        made.connect()
        olaf = await made.login(OLAF)
        assert (await select(made, olaf)).step == "rejected"
        eva = await made.login(EVA, "desk 2")
        await made.ask("stage_ask", StageBody("advise", CHECKLIST), StageState, eva)
        await made.ask("stage_approve", StageApproveBody(ADA, PASSWORD), StageState, eva)
        write = await select(made, olaf)
        assert write.step == "rejected" and 'stage "advise"' in write.why
        assert made.device.loads == 0, "nothing that writes is loaded below stage control"
        await made.ask("stage_ask", StageBody("control", CHECKLIST), StageState, eva)
        state = await made.ask("stage_approve", StageApproveBody(ADA, PASSWORD), StageState, ada)
        assert (state.stage, state.by) == ("control", (EVA, ADA))
        made.see()
        write = await select(made, olaf)
        assert (write.step, made.device.loads) == ("selected", 1), write.why
        assert (await made.ask("confirm", confirmed(write), Write, olaf)).step == "verified"
        assert made.device.loads == 1 and [each.value for each in made.device.orders] == [160.0]


async def test_stage_is_raised_only_by_another_person_with_the_right_and_a_secret_of_their_own(
    tmp_path: Path,
) -> None:
    async with site(tmp_path) as made:
        await made.staff()
        eva = await made.login(EVA)
        with pytest.raises(RequestRefused, match="checklist"):
            await made.ask("stage_ask", StageBody("advise", CHECKLIST[1:]), StageState, eva)
        with pytest.raises(RequestRefused, match="one step at a time"):
            await made.ask("stage_ask", StageBody("control", CHECKLIST), StageState, eva)
        await made.ask("stage_ask", StageBody("advise", CHECKLIST), StageState, eva)
        for name, secret in ((EVA, PASSWORD), (SHIRIN, PASSWORD), (ADA, "not her password at all")):
            with pytest.raises(RequestRefused):
                await made.ask("stage_approve", StageApproveBody(name, secret), StageState, eva)
        assert made.hands.control.stage.now == "look"


async def test_second_person_who_is_logged_in_at_another_desk_approves_there(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        ada = await made.staff()
        eva = await made.login(EVA)
        await made.ask("stage_ask", StageBody("advise", CHECKLIST), StageState, eva)
        state = await made.ask("stage_approve", StageApproveBody(ADA, PASSWORD), StageState, ada)
        assert state.stage == "advise"


@pytest.mark.parametrize("how", ["lock", "log over", "log out", "clock", "stage"])
async def test_whatever_ends_the_right_to_write_voids_what_is_selected(tmp_path: Path, how: str) -> None:
    """W14."""
    async with site(tmp_path) as made:
        olaf = await operated(made)
        write = await select(made, olaf)
        assert write.step == "selected", write.why
        if how == "lock":
            await made.ask("lock", None, Session, olaf)
        elif how == "log over":
            await made.login(SHIRIN)
        elif how == "log out":
            await made.ask("logout", None, bool, olaf)
        elif how == "clock":
            made.hands.control.clock_stepped()
        else:
            eva = await made.login(EVA, "desk 2")
            await made.ask("stage_ask", StageBody("look"), StageState, eva)
        (shown,) = (await control_seen(made)).writes
        assert shown.step == "rejected" and "nothing was sent" in shown.why
        assert await refused(made, "confirm", confirmed(write), olaf)
        assert made.device.orders == []
        await soon(lambda: types(tmp_path)[-1] == "write_rejected", "it is on record")


async def test_nothing_is_written_before_the_engine_knows_what_became_of_the_last_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock of an unknown write must not be missed; and a ledger that refuses at start ends nothing."""
    monkeypatch.setattr(hands, "AGAIN_S", 0.02)
    tries, real = list[int](), control.settle
    may = asyncio.Event()

    async def settle(*what: object) -> None:
        tries.append(1)
        if not may.is_set():
            raise NotRecorded("the disk is full")
        await real(*what)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(control, "settle", settle)
    async with site(tmp_path) as made:
        await made.staff()
        await made.begin_at("control")
        made.connect()
        olaf = await made.login(OLAF)
        await soon(lambda: len(tries) > 2, "it is tried again and again")
        write = await select(made, olaf)
        assert write.step == "rejected" and control.NOT_OPEN in write.why
        assert (await control_seen(made)).refusing == control.NOT_OPEN
        may.set()
        await soon(lambda: not made.hands.control.refusing, "it is taken up")
        assert (await select(made, olaf)).step == "selected"


async def test_stop_lets_a_write_on_its_way_arrive_and_lets_no_other_begin(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        olaf = await operated(made)
        shirin = await made.login(SHIRIN, "desk 2")
        write = await select(made, olaf)
        other = await made.ask("select", SelectBody(SPEED, 1200.0), Write, shirin)
        assert other.step == "selected", other.why
        made.device.go.clear()
        on_its_way = asyncio.ensure_future(made.ask("confirm", confirmed(write), Write, olaf))
        await asyncio.wait_for(made.device.at_work.wait(), 5)
        stopping = asyncio.ensure_future(made.hands.settle())
        await soon(lambda: made.hands.control.refusing, "it stops")
        assert control.STOPS in (await made.ask("select", SelectBody(SPEED, 1300.0), Write, shirin)).why
        assert not stopping.done(), "it waits for what is on its way"
        made.device.go.set()
        await asyncio.wait_for(stopping, 5)
        assert (await on_its_way).step == "verified"
        assert "nothing was sent" in await refused(made, "confirm", confirmed(other), shirin)
        assert [each.value for each in made.device.orders] == [160.0]


async def test_window_is_told_why_nothing_can_be_written_and_only_what_changed(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        olaf = await operated(made)
        first = await control_seen(made)
        assert first.is_whole and first.refusing == "" and first.stage.stage == "control"
        assert await control_seen(made, first.version) == ControlAnswer(first.version, False)
        write = await select(made, olaf)
        second = await control_seen(made, first.version)
        assert second.is_whole and [each.id for each in second.writes] == [write.id]
        assert (await made.ask("cancel", WriteBody(write.id), Write, olaf)).step == "rejected"
        (tmp_path / "data" / "ledger.db").unlink()
        made.journal.append(made.clock.now_us(), "clock_step", {"seconds": 0})
        await soon(lambda: made.scribe.trouble, "the ledger is missed")
        assert (await control_seen(made, second.version)).refusing == made.scribe.trouble
        why = await refused(made, "select", SelectBody(SETPOINT, 161.0), olaf)
        assert why.startswith("the ledger did not take it, so nothing was sent")
        assert made.device.orders == []


async def test_viewer_and_nobody_write_nothing(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        await operated(made)
        vera = await made.login(VERA)
        write = await select(made, vera)
        assert write.step == "rejected" and "held: viewer" in write.why
        for op, body in (
            ("select", SelectBody(SETPOINT, 160.0)),
            ("confirm", ConfirmBody("x", SETPOINT, 160.0)),
            ("cancel", WriteBody("x")),
            ("renew", WriteBody("x")),
            ("stage_ask", StageBody("look")),
        ):
            assert "log in first" in await refused(made, op, body, "")
        assert made.device.orders == []


def test_interlocks_of_a_type_are_those_of_each_asset_that_has_the_tag() -> None:
    kind = AssetType("pump", "Pump", paths=("Line/*",), interlocks=(Interlock("Guard"), Interlock("Door")))
    tags = tuple(
        Tag(k, path, "plc", "x") for k, path in enumerate(("Line/P1/Guard", "Line/P2/Door", "Hall/Door"))
    )
    project = Project("", Plant("p"), (), tags, types=(kind,))
    found = control.interlocks(project)
    assert {asset: [each.tag for each in rows] for asset, rows in found.items()} == {
        "Line/P1": ["Line/P1/Guard"],
        "Line/P2": ["Line/P2/Door"],
    }


def test_areas_of_a_plant_are_the_first_two_levels_above_its_tags() -> None:
    paths = ("Line/S50/Ram/Position", "Line/S60/Speed", "Alone")
    project = Project("", Plant("p"), (), tuple(Tag(k, path, "plc", "x") for k, path in enumerate(paths)))
    assert areas(project) == ("Line", "Line/S50", "Line/S60")
