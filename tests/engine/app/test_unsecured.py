"""Writes over an open link wait for an administrator, who confirms them once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from engine.app.unsecured import Unsecured, mark_of
from engine.server import RequestRefused
from engine.types import NotRecorded, RecordEntry, SourceDetail, Write
from engine.wire import SelectBody, SourceBody
from tests.engine.app.handled import SETPOINT, Site, site
from tests.engine.app.recorded import lines
from tests.people import EVA

pytestmark = pytest.mark.timeout(60)


async def at_control(made: Site) -> str:
    """The administrator's token; the stage is control and nothing is confirmed yet."""
    made.is_link_confirmed = False
    token = await made.staff()
    await made.hands.control.stage.begin_at("control")
    made.connect()
    return token


async def why_not(made: Site, token: str) -> str:
    """Why the setpoint cannot be written, "" = it can."""
    write = await made.ask("select", SelectBody(SETPOINT, 160.0), Write, token)
    return "; ".join(each.text for each in write.checks if not each.is_ok)


async def test_nothing_is_written_over_an_open_link_before_an_administrator_confirms_it(
    tmp_path: Path,
) -> None:
    async with site(tmp_path) as made:
        admin = await at_control(made)
        eva = await made.login(EVA)
        assert "no administrator has confirmed" in await why_not(made, eva)
        assert (await made.ask("source", SourceBody("plc"), SourceDetail)).unsecured == "open"
        for token, said in ((eva, "trust"), ("", "Log in")):
            with pytest.raises(RequestRefused, match=said):
                await made.ask("unsecured_confirm", SourceBody("plc"), bool, token)
        with pytest.raises(RequestRefused, match="nothing is to be confirmed"):
            await made.ask("unsecured_confirm", SourceBody("oven"), bool, admin)
        assert "no administrator has confirmed" in await why_not(made, eva)
        assert await made.ask("unsecured_confirm", SourceBody("plc"), bool, admin)
        assert "no administrator" not in await why_not(made, eva)
        assert (await made.ask("source", SourceBody("plc"), SourceDetail)).unsecured == "confirmed"
    told = [each for each in lines(tmp_path) if each["type"] == "trust"]
    assert [(each["actor"], each["body"]["endpoint"]) for each in told] == [("ada", "tcp://127.0.0.1:9")]


async def test_it_holds_after_a_restart_and_not_for_another_endpoint_or_security(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        await at_control(made)
        control, project = made.hands.control, made.running.project
        await control.unsecured.confirm_all("ada")

        def again(**change: object) -> str:
            source = msgspec.structs.replace(project.sources[0], **change)
            other = msgspec.structs.replace(project, sources=(source,))
            return Unsecured(other, made.hands.security, made.scribe.record).state("plc")

        assert again() == "confirmed"
        assert again(endpoint="tcp://127.0.0.2:9") == "open"
        assert again(driver="opcua") == "open"
        assert again(unsecured_writes=False) == ""
        assert again(driver="opcua", security="") == "", "an encrypted link needs nothing"
        assert mark_of(project.sources[0]) == "modbus tcp://127.0.0.1:9 none"


async def test_what_cannot_be_put_on_record_is_not_confirmed(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        admin = await at_control(made)

        async def refuse(entries: Sequence[RecordEntry]) -> None:
            raise NotRecorded("the disk is full")

        unsecured = Unsecured(made.running.project, made.hands.security, refuse)
        with pytest.raises(NotRecorded):
            await unsecured.confirm(admin, "plc")
        assert unsecured.state("plc") == "open" and unsecured.blocked(SETPOINT)
