"""Who may confirm a write, and who has to: one person, or two who sign the same."""

from __future__ import annotations

import msgspec
import pytest

from engine.control.refused import Refused
from engine.wire.control import ConfirmBody
from tests.engine.control.gate_rig import (
    FREE,
    PRESSURE,
    SPEED,
    Rig,
    session,
)

# W3, W4: confirmed by one, or by two ------------------------------------------------------------


@pytest.mark.parametrize(("path", "value"), [(PRESSURE, 181.0), (SPEED, 180.0)])
async def test_confirming_another_tag_or_value_voids_it(path: str, value: float) -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    after = await rig.gate.confirm("anna", ConfirmBody(write.id, path, value))
    assert after.step == "rejected" and not rig.device.frames


async def test_nobody_confirms_or_cancels_what_another_selected() -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    for act in (rig.confirm(write, by="ben"), rig.gate.cancel("ben", write.id)):
        with pytest.raises(Refused, match="Anna"):
            await act
    assert rig.now(write.id).step == "selected"


async def test_a_cancelled_write_is_not_sent() -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    assert "cancelled" in (await rig.gate.cancel("anna", write.id)).why
    with pytest.raises(Refused):
        await rig.confirm(write)
    assert not rig.device.frames


async def test_a_critical_write_waits_for_another_person_and_both_sign_the_same() -> None:
    rig = Rig()
    waiting = await rig.confirm(await rig.select(SPEED, 1200.0))
    assert (waiting.step, waiting.needs_second, waiting.second) == ("confirmed", True, "")
    assert not rig.device.frames
    done = await rig.approve(waiting)
    assert (done.step, done.second, done.seen) == ("verified", "ben", 1202.0)
    first, second = rig.book.of(done.id, "confirmed")
    assert (first.actor, second.actor) == ("anna", "ben")
    assert first.body["signs"] == second.body["signs"] and len(first.body["signs"]) == 64
    assert len(rig.device.frames) == 1


@pytest.mark.parametrize("name", ["anna", "Anna", " ANNA "])
async def test_whoever_asked_cannot_be_the_second_person(name: str) -> None:
    rig = Rig()
    waiting = await rig.confirm(await rig.select(SPEED, 1200.0))
    with pytest.raises(Refused, match="another person"):
        await rig.approve(waiting, name)
    assert rig.now(waiting.id).step == "confirmed" and not rig.device.frames


async def test_an_account_that_turns_out_to_be_the_first_persons_is_refused() -> None:
    rig = Rig()
    rig.people["ben"] = rig.people["Anna"]
    waiting = await rig.confirm(await rig.select(SPEED, 1200.0))
    with pytest.raises(Refused, match="another person"):
        await rig.approve(waiting)
    assert not rig.device.frames


async def test_a_wrong_secret_or_a_missing_right_leaves_it_waiting() -> None:
    rig = Rig(forbidden={("cora", "approve"): "Cora may not approve here"})
    waiting = await rig.confirm(await rig.select(SPEED, 1200.0))
    with pytest.raises(PermissionError):
        await rig.approve(waiting, secret="guess")
    with pytest.raises(Refused, match="Cora may not"):
        await rig.approve(waiting, "cora")
    assert not rig.device.frames and (await rig.approve(waiting)).step == "verified"


@pytest.mark.parametrize(("seconds", "step"), [(59.99, "verified"), (60.0, "rejected")])
async def test_the_second_person_has_sixty_seconds(seconds: float, step: str) -> None:
    rig = Rig()
    waiting = await rig.confirm(await rig.select(SPEED, 1200.0))
    rig.time.pass_(seconds)
    assert (await rig.approve(waiting)).step == step
    assert len(rig.device.frames) == (step == "verified")


async def test_a_critical_write_needs_a_reason_and_keeps_waiting_for_it() -> None:
    rig = Rig()
    write = await rig.select(SPEED, 1200.0)
    assert write.needs_reason
    with pytest.raises(Refused, match="reason"):
        await rig.confirm(write, reason=" ")
    with pytest.raises(Refused, match="none of the reasons"):
        await rig.confirm(write, reason="because")
    assert (await rig.confirm(write, reason="test")).reason == "test"


async def test_the_reason_used_last_comes_first() -> None:
    rig = Rig()
    assert (await rig.select(FREE, 1.0)).reasons == ("quality", "test")
    await rig.confirm(await rig.select(FREE, 1.0), reason="test")
    assert (await rig.select(FREE, 2.0)).reasons == ("test", "quality")
    assert (await rig.select(PRESSURE, 160.0, by="ben")).reasons[0] == "start-up"


async def test_what_is_not_what_the_first_person_signed_is_not_sent() -> None:
    rig = Rig()
    waiting = await rig.confirm(await rig.select(SPEED, 1200.0))
    held = vars(rig.gate)["_trail"].held[waiting.id]
    held.write = msgspec.structs.replace(held.write, new=2900.0)  # somebody got at the memory of the engine
    after = await rig.approve(waiting)
    assert after.step == "rejected" and "not what the first person confirmed" in after.why
    assert not rig.device.frames


async def test_another_session_under_the_same_token_is_not_the_one_that_selected() -> None:
    rig = Rig()
    waiting = await rig.confirm(await rig.select(SPEED, 1200.0))
    rig.sessions["anna"] = session("anna", "desk 9")
    after = await rig.approve(waiting, by="ben")
    assert after.step == "rejected" and "not logged in any more" in after.why and not rig.device.frames
