"""The second person of two is another one, however the first came in; and who trusts is on record."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import msgspec
import pytest

from engine.server import RequestRefused
from engine.types import Certificate, WorkTag
from engine.wire import (
    BreakGlassBody,
    LoginAnswer,
    SealAnswer,
    SealBody,
    TrustBody,
    WorkTagBody,
    WorkTagOffBody,
)
from tests.engine.app.handled import site
from tests.engine.app.recorded import lines
from tests.people import EVA, OLAF, PASSWORD, SHIRIN


async def test_who_broke_the_glass_is_not_the_second_person_as_well(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        ada = await made.staff()
        olaf = await made.login(OLAF)
        await made.ask("work_tag", WorkTagBody("Line/Press", "Olaf"), WorkTag, olaf)
        sealed = await made.ask("break_glass_seal", SealBody(""), SealAnswer, ada)
        glass = BreakGlassBody("gate", sealed.code, "Shirin Shift Lead", "nobody else is on site")
        token = (await made.ask("break_glass", glass, LoginAnswer)).token
        alone = WorkTagOffBody("Line/Press", second=SHIRIN, secret=PASSWORD)
        with pytest.raises(RequestRefused, match="second person"):
            await made.ask("work_tag_off", alone, bool, token)
        assert await made.ask("work_tag_off", msgspec.structs.replace(alone, second=EVA), bool, token)


async def test_who_trusts_a_certificate_is_in_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Certificate("trusted", "ab", "CN=press", "", 0, 0, "ab.der")

    def trusted(*_: object) -> Certificate:
        return shown

    monkeypatch.setattr("engine.app.status.trust_certificate", trusted)
    async with site(tmp_path) as made:
        ada = await made.staff()
        await made.ask("trust", TrustBody("plc", "ab"), Certificate, ada)

        def told() -> list[str]:
            return [
                each["actor"]
                for each in lines(tmp_path)
                if each["body"].get("event") == "certificate_trusted"
            ]

        deadline = made.clock.mono_us() + 10_000_000
        while not told() and made.clock.mono_us() < deadline:
            await asyncio.sleep(0.01)
        assert told() == ["Ada"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
async def test_no_other_user_reads_who_did_what(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        await made.staff()
        for name in ("security.db", "control.db", "ledger.db"):
            for file in (tmp_path / "data").glob(f"{name}*"):
                assert file.suffix == ".begun" or not file.stat().st_mode & 0o077, file
