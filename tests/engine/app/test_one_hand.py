"""Two people are two people: nobody is their own second person with an account whose secret they set."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from engine.server import RequestRefused
from engine.types import RoleAt, StageState, WorkTag, Write
from engine.wire import (
    ApproveBody,
    BreakGlassBody,
    ConfirmBody,
    LoginAnswer,
    LoginBody,
    PeopleAnswer,
    PeopleChangeBody,
    PersonEdit,
    ReviewBody,
    SealAnswer,
    SealBody,
    SecretBody,
    SelectBody,
    StageApproveBody,
    StageBody,
    WorkTagBody,
    WorkTagOffBody,
)
from tests.engine.app.handled import SETPOINT, SPEED, Site, site
from tests.engine.app.recorded import Ring, lines
from tests.engine.app.test_control_wiring import CHECKLIST, soon
from tests.people import ADA, OLAF, PASSWORD, SHIRIN

PRESS = "Line/Press"
OWN = "a copper kettle by the window"


@pytest.fixture
async def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """A project in which two people count as two only some days after one set a secret of the other."""
    monkeypatch.setattr(Site, "second_after_days", 7.0)
    async with site(tmp_path) as opened:
        yield opened


async def refused(made: Site, op: str, body: object, token: str) -> str:
    with pytest.raises(RequestRefused) as told:
        await made.ask(op, body, object, token)
    return str(told.value)


async def puppet(made: Site, ada: str, name: str, role: str = "shift lead") -> None:
    """The administrator makes an account, logs in with it, and chooses its password: nobody else is there."""
    edit = PersonEdit(name, f"{name.title()} Puppet", (RoleAt(role),), password=PASSWORD)  # type: ignore[arg-type]
    await made.ask("people_change", PeopleChangeBody((edit,)), PeopleAnswer, ada)
    body = LoginBody("a quiet corner", name, PASSWORD)
    token = (await made.ask("login", body, LoginAnswer)).token
    await made.ask("secret_change", SecretBody(name, "password", OWN, PASSWORD), bool, token)


async def test_a_critical_write_is_not_approved_with_an_account_of_ones_own_making(made: Site) -> None:
    ada = await made.staff()
    await made.begin_at("control")
    made.connect()
    await soon(lambda: not made.hands.control.refusing, "it can be written")
    await puppet(made, ada, "pat")
    edit = PersonEdit(ADA, "Ada", (RoleAt("administrator"), RoleAt("operator")))
    await made.ask("people_change", PeopleChangeBody((edit,)), PeopleAnswer, ada)
    write = await made.ask("select", SelectBody(SPEED, 1200.0), Write, ada)
    assert write.step == "selected", write.why
    waiting = await made.ask("confirm", ConfirmBody(write.id, SPEED, 1200.0, "quality"), Write, ada)
    assert waiting.needs_second
    why = await refused(made, "approve", ApproveBody(write.id, "pat", OWN), ada)
    assert "Ada set the password, PIN or badge of Pat Puppet" in why and "another one has to agree" in why
    assert made.device.orders == []
    done = await made.ask("select", SelectBody(SETPOINT, 160.0), Write, ada)
    assert done.step == "selected", "what one person may do is not touched"


async def test_the_stage_is_not_raised_with_an_account_of_ones_own_making(made: Site) -> None:
    ada = await made.staff()
    await puppet(made, ada, "pat", "engineer")
    await made.ask("stage_ask", StageBody("advise", CHECKLIST), StageState, ada)
    pat = (await made.ask("login", LoginBody("desk", "pat", OWN), LoginAnswer)).token
    for token in (ada, pat):
        why = await refused(made, "stage_approve", StageApproveBody("pat", OWN), token)
        assert "Ada set the password, PIN or badge of Pat Puppet" in why
    assert made.hands.control.stage.now == "look"
    await made.ask("stage_ask", StageBody("look"), StageState, ada)
    await made.ask("stage_ask", StageBody("advise", CHECKLIST), StageState, pat)
    assert "Ada set" in await refused(made, "stage_approve", StageApproveBody(ADA, PASSWORD), pat)


async def test_a_work_tag_is_not_taken_off_with_an_account_of_ones_own_making(made: Site) -> None:
    ada = await made.staff()
    olaf = await made.login(OLAF)
    await made.ask("work_tag", WorkTagBody(PRESS, "Olaf"), WorkTag, olaf)
    # Nor as its owner, with a password that was set after the tag was put on.
    edit = PersonEdit(OLAF, "Olaf Operator", (RoleAt("operator"),), password=PASSWORD)
    await made.ask("people_change", PeopleChangeBody((edit,)), PeopleAnswer, ada)
    token = (await made.ask("login", LoginBody("desk", OLAF, PASSWORD), LoginAnswer)).token
    await made.ask("secret_change", SecretBody(OLAF, "password", OWN, PASSWORD), bool, token)
    own = WorkTagOffBody(PRESS)
    why = await refused(made, "work_tag_off", own, token)
    assert "after this work tag was put on" in why and "together with you" in why
    assert len(made.hands.control.work.all()) == 1
    another = msgspec.structs.replace(own, second=SHIRIN, secret=PASSWORD)
    assert await made.ask("work_tag_off", another, bool, token), "with somebody who is not Ada"


async def test_a_new_colleague_takes_their_own_work_tag_off(made: Site) -> None:
    await made.staff()
    olaf = await made.login(OLAF)
    await made.ask("work_tag", WorkTagBody(PRESS, "Olaf"), WorkTag, olaf)
    assert await made.ask("work_tag_off", WorkTagOffBody(PRESS), bool, olaf)


async def test_the_use_of_a_code_is_not_reviewed_with_an_account_of_ones_own_making(made: Site) -> None:
    ada = await made.staff()
    sealed = await made.ask("break_glass_seal", SealBody(""), SealAnswer, ada)
    glass = BreakGlassBody("gate", sealed.code, "Some Other Name", "nobody else is on site")
    await made.ask("break_glass", glass, LoginAnswer)
    await puppet(made, ada, "pat")
    pat = (await made.ask("login", LoginBody("desk", "pat", OWN), LoginAnswer)).token
    why = await refused(made, "break_glass_review", ReviewBody("", "all of it was right"), pat)
    assert "Ada set the password, PIN or badge of Pat Puppet" in why


async def test_that_the_days_were_changed_is_on_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Ring()  # the key of the ledger outlives the engine
    monkeypatch.setattr("tests.engine.app.handled.Ring", lambda: ring)

    def told() -> list[list[float]]:
        return [each["body"]["changed"] for each in lines(tmp_path) if each["type"] == "configuration"]

    async with site(tmp_path) as made:
        await made.staff()
        await soon(lambda: not made.hands.control._shut, "it is open")  # noqa: SLF001
    for days, changes in ((0.0, [[7.0, 0.0]]), (0.0, [[7.0, 0.0]]), (3.0, [[7.0, 0.0], [0.0, 3.0]])):
        monkeypatch.setattr(Site, "second_after_days", days)
        async with site(tmp_path) as again:
            kept = again.hands.security
            await soon(
                lambda kept=kept, days=days: kept.fact("second_after_days", float) == days, "it is told"
            )
        assert told() == changes
