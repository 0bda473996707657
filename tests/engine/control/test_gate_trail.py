"""The ledger before the plant; writes taken back, void, and shown."""

from __future__ import annotations

import asyncio

import pytest

from engine.control import gate
from engine.control.after import MOST_SHOWN
from engine.control.refused import Refused
from engine.types import Sent, WriteOrder
from engine.wire.control import SelectBody
from tests.engine.control.gate_rig import (
    FREE,
    PRESSURE,
    SPEED,
    Rig,
    failing,
    session,
)

WHOLE = ["proposed", "checked", "selected", "confirmed", "sent", "verified"]


# The ledger ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", ["checked", "selected", "confirmed", "sent"])
async def test_where_the_ledger_refuses_a_step_nothing_is_sent(entry: str) -> None:
    rig = Rig()
    rig.book.refused = {f"write_{entry}"}
    write = await rig.write(PRESSURE, 180.0)
    assert write.step == "rejected" and "ledger" in write.why and not rig.device.frames


async def test_a_ledger_that_takes_nothing_refuses_the_proposal_and_the_view_stays() -> None:
    rig = Rig()
    rig.book.trouble = "the disk is full"
    with pytest.raises(Refused, match="the disk is full"):
        await rig.select(PRESSURE, 180.0)
    assert rig.gate.shown(0).writes == ()
    rig.book.trouble = ""
    assert (await rig.write(PRESSURE, 180.0)).step == "verified"


async def test_a_disk_that_keeps_nothing_refuses_it_too() -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    rig.book.disk_trouble = "no space left"
    assert (await rig.confirm(write)).step == "rejected" and not rig.device.frames


async def test_an_outcome_that_the_ledger_refused_counts_at_once_and_is_recorded_later() -> None:
    rig = Rig()
    rig.book.refused = {"write_verified"}
    write = await rig.write(PRESSURE, 180.0)
    assert write.step == "verified" and rig.book.trail(write.id)[-1] == "sent"
    with pytest.raises(Refused, match="before"):
        await rig.select(FREE, 1.0)
    rig.book.refused = set()
    await rig.wait(1)
    assert rig.book.trail(write.id) == WHOLE and rig.book.kept[write.id].step == "verified"


# W9: taken back ------------------------------------------------------------------------------------


async def test_the_value_before_is_offered_for_ten_minutes_as_a_write_of_its_own() -> None:
    rig = Rig()
    done = await rig.write(PRESSURE, 180.0)
    assert done.rollback_until_us == rig.time.now_us() + 600 * 10**6
    await rig.wait(599, 599)
    back = await rig.write(PRESSURE, kind="rollback", of=done.id)
    assert (back.kind, back.step, back.new, rig.device.value(PRESSURE)) == (
        "rollback",
        "verified",
        150.0,
        150.0,
    )
    assert len(rig.device.frames) == 2
    with pytest.raises(Refused, match="not offered any more"):
        await rig.select(PRESSURE, kind="rollback", of=done.id)


async def test_after_ten_minutes_nothing_is_taken_back() -> None:
    rig = Rig()
    done = await rig.write(PRESSURE, 180.0)
    rig.time.pass_(600)
    with pytest.raises(Refused, match="not offered any more"):
        await rig.select(PRESSURE, kind="rollback", of=done.id)


async def test_what_somebody_changed_since_is_not_taken_back() -> None:
    rig = Rig()
    done = await rig.write(PRESSURE, 180.0)
    rig.device.set(PRESSURE, 170.0)
    assert failing(await rig.select(PRESSURE, kind="rollback", of=done.id)) == ["Nothing changed since"]


async def test_taking_back_has_every_check() -> None:
    rig = Rig()
    rig.device.set(PRESSURE, 90.0)
    done = await rig.write(PRESSURE, 180.0)
    assert failing(await rig.select(PRESSURE, kind="rollback", of=done.id)) == ["Within its limits"]


async def test_only_the_newest_write_of_a_tag_is_offered_back() -> None:
    rig = Rig()
    first = await rig.write(PRESSURE, 160.0)
    await rig.write(PRESSURE, 170.0)
    assert rig.now(first.id).rollback_until_us == 0


# W14: void -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["", "s-anna-desk 1"])
async def test_a_selection_is_void_at_once_and_its_end_is_on_record(who: str) -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    rig.gate.void(who, "the clock of the computer was set")
    assert rig.now(write.id).step == "rejected" and "clock" in rig.now(write.id).why
    with pytest.raises(Refused, match="clock"):
        await rig.confirm(write)
    await rig.wait(1)
    assert rig.book.trail(write.id)[-1] == "rejected" and not rig.device.frames


async def test_the_end_of_another_session_voids_nothing() -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    rig.gate.void("s-ben-desk 2", "logged over")
    assert (await rig.confirm(write)).step == "verified"


async def test_what_waits_for_a_second_person_is_void_too() -> None:
    rig = Rig()
    waiting = await rig.confirm(await rig.select(SPEED, 1200.0))
    rig.gate.void("s-anna-desk 1", "Anna logged out")
    with pytest.raises(Refused):
        await rig.approve(waiting)
    assert not rig.device.frames


async def test_what_is_void_while_it_is_put_on_record_is_not_sent() -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    rig.book.at = lambda p: rig.gate.void("", "the engine stops") if p == "before keeping sent" else None
    assert (await rig.confirm(write)).step == "rejected" and not rig.device.frames


async def test_a_session_that_is_gone_or_locked_ends_what_it_selected() -> None:
    for change in (None, session("anna", is_locked=True), session("anna", trying="ben")):
        rig = Rig()
        write = await rig.select(PRESSURE, 180.0)
        rig.sessions.pop("anna") if change is None else rig.sessions.update(anna=change)
        await rig.gate.tick()
        assert rig.now(write.id).step == "rejected"
        with pytest.raises(Refused):
            await rig.select(PRESSURE, 180.0)


async def test_a_stop_awaits_what_is_on_its_way_and_voids_the_rest() -> None:
    rig = Rig()
    rig.device.plans = ["slow"]
    open_one, on_its_way = await rig.select(FREE, 1.0), await rig.select(PRESSURE, 180.0)
    asking = asyncio.ensure_future(rig.confirm(on_its_way))
    while not rig.device.frames:
        await asyncio.sleep(0)
    await rig.gate.close()
    assert (await asking).step == "verified" and rig.now(open_one.id).step == "rejected"


async def test_a_stop_gives_up_a_device_that_does_not_answer_and_says_that_nobody_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate, "STOP_S", 0.02)
    rig = Rig()

    async def silent(order: WriteOrder) -> Sent:
        rig.device.frames.append(order)
        await asyncio.Event().wait()
        raise AssertionError("it never answers")

    rig.device.send = silent  # pyright: ignore[reportAttributeAccessIssue]
    write = await rig.select(PRESSURE, 180.0)
    asking = asyncio.ensure_future(rig.confirm(write))
    while not rig.device.frames:
        await asyncio.sleep(0)
    await rig.gate.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert rig.book.kept[write.id].step == "unknown" and rig.book.kept[write.id].is_locked
    assert rig.book.trail(write.id)[-2:] == ["sent", "unknown"] and len(rig.alarms) == 1
    assert len(rig.device.frames) == 1


async def test_an_outcome_is_on_record_before_it_is_kept_though_another_is_being_kept() -> None:
    """Kept and not on record, a kill between the two would lose it for ever."""
    rig = Rig()
    first, second = await rig.select(PRESSURE, 180.0), await rig.select(FREE, 1.0)
    early = list[str]()

    def at(point: str) -> None:
        if point == "before keeping rejected":
            rig.gate.void("", "it comes while the first is being kept")
            early.extend(
                id for id, write in rig.book.kept.items()
                if write.step == "rejected" and rig.book.trail(id)[-1] != "rejected"
            )  # fmt: skip

    rig.book.at = at
    await rig.gate.cancel("anna", first.id)
    at("before keeping rejected")
    assert early == [] and rig.book.kept[second.id].step == "rejected"


# Sets, and what is shown ------------------------------------------------------------------------------


async def test_a_tag_of_a_set_goes_through_the_same_gate() -> None:
    rig = Rig()
    done = await rig.gate.write_for("anna", PRESSURE, 180.0, reason="change of product")
    assert (done.kind, done.step, done.seen) == ("restore", "verified", 180.0)
    assert rig.book.trail(done.id) == WHOLE
    bad = await rig.gate.write_for("anna", PRESSURE, 300.0, reason="")
    assert bad.step == "rejected" and failing(bad) == ["Within its limits"]


async def test_of_the_writes_of_sets_the_last_are_shown_and_all_are_on_record() -> None:
    """A set of thousands would be told to every window again with each change."""
    rig = Rig()
    alone = await rig.write(PRESSURE, 150.5)
    done = [
        await rig.gate.write_for("anna", PRESSURE, 180.0 - k % 2, reason="test")
        for k in range(MOST_SHOWN + 5)
    ]
    await rig.gate.tick()
    assert {write.step for write in done} == {"verified"}
    shown = {write.id for write in rig.gate.shown(0).writes}
    assert shown == {alone.id, *(write.id for write in done[5:])}
    assert rig.book.trail(done[0].id)[-2:] == ["verified", "closed"]


async def test_the_rollback_of_a_set_needs_no_write_that_is_offered_and_the_right_to_restore() -> None:
    rig = Rig(forbidden={("anna", "write"): "not single values"})
    back = await rig.gate.write_for("anna", PRESSURE, 140.0, reason="", kind="rollback")
    assert (back.kind, back.step) == ("rollback", "verified")
    rig.forbidden["anna", "restore"] = "no sets either"
    again = await rig.gate.write_for("anna", PRESSURE, 150.0, reason="", kind="rollback")
    assert again.step == "rejected" and "no sets either" in again.why and len(rig.device.frames) == 1


async def test_a_critical_tag_of_a_set_needs_the_second_person_and_a_reason() -> None:
    rig = Rig()
    ben, anna = rig.people["ben"], rig.people["anna"]
    alone = await rig.gate.write_for("anna", SPEED, 1200.0, reason="test")
    self_made = await rig.gate.write_for("anna", SPEED, 1200.0, reason="test", second=anna)
    silent = await rig.gate.write_for("anna", SPEED, 1200.0, reason="", second=ben)
    assert [each.step for each in (alone, self_made, silent)] == ["rejected"] * 3 and not rig.device.frames
    done = await rig.gate.write_for("anna", SPEED, 1200.0, reason="test", second=ben)
    assert (done.step, done.second) == ("verified", "ben")
    assert [entry.actor for entry in rig.book.of(done.id, "confirmed")] == ["anna", "ben"]


async def test_writes_are_shown_newest_first_and_only_when_something_is_different() -> None:
    rig = Rig()
    await rig.write(PRESSURE, 180.0)
    rig.time.pass_(1)
    await rig.select(FREE, 1.0)
    answer = rig.gate.shown(0)
    assert [write.path for write in answer.writes] == [FREE, PRESSURE] and answer.is_whole
    assert rig.gate.shown(answer.version).is_whole is False


async def test_no_secret_is_in_the_ledger_on_the_disk_or_in_any_repr() -> None:
    rig = Rig(sessions={"tok-3f9a": session("anna")})
    waiting = await rig.confirm(await rig.select(SPEED, 1200.0, by="tok-3f9a"), by="tok-3f9a")
    done = await rig.approve(waiting, by="tok-3f9a")
    told = repr((rig.book.entries, rig.book.kept, done, rig.gate.shown(0)))
    held = repr(list(vars(rig.gate)["_trail"].held.values()))
    assert "tok-3f9a" not in told + held and "secret of ben" not in told + held


async def test_a_select_that_crosses_another_at_every_await_has_one_winner() -> None:
    rig = Rig()
    both = await asyncio.gather(
        rig.select(PRESSURE, 180.0), rig.gate.select("ben", SelectBody(PRESSURE, 170.0))
    )
    assert sorted(each.step for each in both) == ["rejected", "selected"]


async def test_of_writes_that_are_refused_again_and_again_the_last_are_shown_and_all_are_on_record() -> None:
    rig = Rig()
    refused = [await rig.select(PRESSURE, 999.0) for _ in range(MOST_SHOWN + 5)]
    await rig.gate.tick()
    shown = {write.id for write in rig.gate.shown(0).writes}
    assert shown == {write.id for write in refused[5:]}
    assert rig.book.trail(refused[0].id)[-2:] == ["rejected", "closed"]
    assert rig.book.kept[refused[0].id].step == "closed"
