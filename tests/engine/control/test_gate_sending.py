"""What is looked at before a frame goes out, and what came of it: verified, rejected or unknown."""

from __future__ import annotations

import asyncio

import pytest

from engine.control.refused import Refused
from engine.types import Sent, WriteOrder
from engine.wire.control import ResolveBody
from tests.engine.control.gate_rig import (
    DOOR,
    ID,
    MODE,
    PRESSURE,
    Rig,
    failing,
    session,
)

# W5, W8: looked at again before it is sent -------------------------------------------------------


async def test_a_device_that_changed_since_it_was_selected_is_not_written() -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    rig.device.set(PRESSURE, 151.0)
    after = await rig.confirm(write)
    assert after.step == "rejected" and "151 bar now; it was 150 bar" in after.why and not rig.device.frames


async def test_a_change_within_the_tolerance_is_none() -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    rig.device.set(PRESSURE, 150.4)
    assert (await rig.confirm(write)).step == "verified"


@pytest.mark.parametrize("what", ["interlock", "quality", "right", "work tag", "session", "locked", "silent"])
async def test_what_changes_between_selecting_and_sending_is_seen(what: str) -> None:
    rig = Rig()
    write = await rig.select(MODE, 1.0, by="cora")
    assert write.step == "selected"
    match what:
        case "interlock":
            rig.device.set(DOOR, 0.0)
        case "quality":
            rig.device.status[ID[MODE]] = 0x80000000
        case "right":
            rig.forbidden["cora", "write"] = "not any more"
        case "work tag":
            rig.blocks[MODE] = "work is going on"
        case "silent":
            rig.device.silent.add(ID[MODE])
        case _:
            pass
    if what in ("session", "locked"):
        rig.book.at = lambda point: (  # while the last confirmation is put in the ledger
            rig.sessions.update(cora=session("cora", "desk 3", "shift lead", is_locked=what == "locked"))
            if point == "after write_sent" and what == "locked"
            else rig.sessions.pop("cora", None)
            if point == "after write_sent"
            else None
        )
    after = await rig.confirm(write, by="cora")
    assert after.step == "rejected" and after.why and not rig.device.frames
    assert after.sent_us == 0


async def test_an_interlock_with_a_doubtful_input_is_not_true() -> None:
    rig = Rig()
    rig.device.age_s[ID[DOOR]] = 9.0
    write = await rig.select(MODE, 1.0, by="cora")
    assert failing(write) == ["Its interlock is true"] and "9.0 s old" in write.why


async def test_a_lease_that_ends_while_the_ledger_is_slow_stops_the_frame() -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    rig.book.at = lambda point: rig.time.pass_(15) if point == "after keeping sent" else None
    after = await rig.confirm(write)
    assert after.step == "rejected" and "time to confirm" in after.why and not rig.device.frames
    assert rig.book.trail(write.id)[-2:] == ["sent", "rejected"]


# W6, W7: one frame, and what came of it ------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "step"),
    [
        ("accept", "verified"),
        ("delay", "verified"),
        ("slow", "verified"),
        ("nak", "rejected"),
        ("down", "rejected"),
        ("deaf", "unknown"),
        ("stall", "unknown"),
        ("drop", "unknown"),
        ("lost", "unknown"),
        ("raise", "unknown"),
    ],
)
async def test_what_the_device_does_decides_the_outcome_and_there_is_one_frame(plan: str, step: str) -> None:
    rig = Rig()
    rig.device.plans = [plan]
    write = await rig.write(PRESSURE, 180.0)
    assert write.step == step and (step == "verified" or write.why)
    assert len(rig.device.frames) == (plan != "down")
    assert write.is_locked is (step == "unknown")


async def test_it_is_read_back_about_ten_times_a_second_until_the_deadline() -> None:
    rig = Rig()
    rig.device.plans = ["deaf"]
    write = await rig.select(PRESSURE, 180.0)
    before, start = rig.device.reads, rig.time.mono
    await rig.confirm(write)
    assert 25 <= rig.device.reads - before <= 35 and rig.time.mono - start <= 3_200_000


async def test_an_unknown_write_locks_its_tag_and_is_read_back_until_it_shows_late() -> None:
    rig = Rig()
    rig.device.plans = ["stall"]
    write = await rig.write(PRESSURE, 180.0)
    assert write.step == "unknown"
    other = await rig.select(PRESSURE, 120.0, by="ben")
    assert other.step == "rejected" and "not known yet" in other.why
    await rig.wait(25)
    assert rig.now(write.id).step == "unknown" and [each.id for each, _ in rig.alarms] == [write.id]
    assert rig.late() == []
    await rig.wait(5)
    late = rig.now(write.id)
    assert (late.step, late.seen, late.is_locked) == ("verified", 180.0, False)
    assert rig.late() == [write.id] and rig.alarms[-1][0] == late
    assert rig.book.of(write.id, "verified")[0].body["is_late"] is True
    assert (await rig.select(PRESSURE, 120.0, by="ben")).step == "selected"
    assert len(rig.device.frames) == 1


async def test_a_write_that_the_device_refused_and_did_later_is_alarmed() -> None:
    rig = Rig()
    rig.device.plans = ["late nak"]
    write = await rig.write(PRESSURE, 180.0)
    assert write.step == "rejected"
    await rig.wait(15)
    assert rig.alarms == []
    await rig.wait(10)
    assert (
        rig.now(write.id).step == "verified" and "executed late" in rig.alarms[0][1] and len(rig.alarms) == 1
    )


async def test_the_value_of_a_refused_write_that_a_later_one_brought_is_no_late_execution() -> None:
    rig = Rig()
    rig.device.plans = ["nak"]
    assert (await rig.write(PRESSURE, 180.0)).step == "rejected"
    assert (await rig.write(PRESSURE, 180.0, by="anna")).step == "verified"
    await rig.wait(30)
    assert rig.alarms == []


@pytest.mark.parametrize("was_done", [True, False])
async def test_a_person_resolves_an_unknown_write_and_says_how_they_know(was_done: bool) -> None:
    rig = Rig()
    rig.device.plans = ["drop"]
    write = await rig.write(PRESSURE, 180.0)
    with pytest.raises(Refused, match="how you know"):
        await rig.gate.resolve("ben", ResolveBody(write.id, was_done, "  "))
    closed = await rig.gate.resolve("ben", ResolveBody(write.id, was_done, "looked at the panel"))
    assert (closed.step, closed.is_locked) == ("closed", False) and "looked at the panel" in closed.why
    entry = rig.book.of(write.id, "closed")[0]
    assert (entry.actor, entry.body["was_done"]) == ("ben", was_done)
    assert (closed.rollback_until_us > 0) is was_done
    assert (await rig.select(PRESSURE, 120.0)).step == "selected"
    with pytest.raises(Refused, match="known already"):
        await rig.gate.resolve("ben", ResolveBody(write.id, True, "again"))


async def test_nobody_without_the_right_resolves() -> None:
    rig = Rig(forbidden={("ben", "write"): "you may not write here"})
    rig.device.plans = ["drop"]
    write = await rig.write(PRESSURE, 180.0)
    with pytest.raises(Refused, match="may not write here"):
        await rig.gate.resolve("ben", ResolveBody(write.id, True, "I looked"))
    assert rig.now(write.id).is_locked


async def test_a_write_goes_on_to_its_end_though_its_asker_goes_away() -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    asking = asyncio.ensure_future(rig.confirm(write))
    while not rig.device.frames:
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await rig.gate.idle()
    assert rig.now(write.id).step == "verified"


async def test_a_double_click_sends_once() -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    both = await asyncio.gather(rig.confirm(write), rig.confirm(write), return_exceptions=True)
    assert sorted(type(each).__name__ for each in both) == ["Refused", "Write"]
    assert len(rig.device.frames) == 1


async def test_a_driver_that_never_answers_leaves_an_unknown_write(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(order: WriteOrder) -> Sent:
        rig.device.frames.append(order)
        return await asyncio.Future[Sent]()

    monkeypatch.setattr("engine.control.sending.GRACE_S", -2.95)
    rig = Rig()
    monkeypatch.setattr(rig.device, "send", never)
    write = await rig.write(PRESSURE, 180.0)
    assert write.step == "unknown" and len(rig.device.frames) == 1


async def test_a_note_is_one_line_and_never_too_long_for_the_ledger() -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    with pytest.raises(Refused, match="at most 2000 characters"):
        await rig.confirm(write, note="n" * 300_000)
    assert rig.now(write.id).step == "selected"
    rig.device.plans = ["drop"]
    unknown = await rig.confirm(write, note="first\nsecond\x1b[31m")
    assert unknown.step == "unknown" and unknown.note == "first second [31m"
    with pytest.raises(Refused, match="at most 2000 characters"):
        await rig.gate.resolve("ben", ResolveBody(write.id, True, "n" * 300_000))
    assert rig.now(write.id).step == "unknown"
    closed = await rig.gate.resolve("ben", ResolveBody(write.id, True, "seen\n2026-01-01 CRITICAL forged"))
    assert closed.step == "closed" and "\n" not in closed.why


async def test_a_fault_of_our_own_in_the_checks_ends_the_write_and_frees_its_tag(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig()
    with monkeypatch.context() as broken:
        broken.setattr("engine.control.checks.all_checks", lambda facts: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await rig.select(PRESSURE, 180.0)
    (write,) = rig.gate.shown(0).writes
    assert write.step == "rejected" and "nothing was sent" in write.why
    assert (await rig.write(PRESSURE, 180.0)).step == "verified"
