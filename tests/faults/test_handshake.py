"""The handshake with the PLC over real links that fail: late, twice and damaged frames do nothing (W10)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.types import Write
from tests.faults.gate_rig import off, selected, soon
from tests.faults.handshake_rig import DEADLINE_S, Lane, Rig, rig
from tests.people import OLAF, SHIRIN, Person, at, entries, steps_of
from tests.running import watchroom

pytestmark = [pytest.mark.fault, pytest.mark.system, pytest.mark.timeout(240)]
ALL_STEPS = ["proposed", "checked", "selected", "confirmed", "sent"]


async def test_plc_takes_a_command_once_and_in_time_or_says_why_not(tmp_path: Path) -> None:
    async with rig(tmp_path / "line") as made:
        people = (OLAF, "desk 1"), (SHIRIN, "desk 2")
        await asyncio.gather(
            *(each_step(made, lane, *who) for lane, who in zip(made.lanes, people, strict=True))
        )
        bodies = [each["body"] for each in entries(made.folder, "write_sent")]
        numbers = {(body["path"], body["number"]) for body in bodies}
        assert len(numbers) == len(bodies) and all(number for _, number in numbers)
        assert watchroom("ledger", "verify", made.folder).returncode == 0


async def each_step(made: Rig, lane: Lane, name: str, station: str) -> None:
    """One after the other; after each the link and the PLC are as they should be."""
    with at(made.folder, name, station) as person:
        for step in (taken, twice, refused, damaged, late, never_looked_at, stopped):
            before, frames = lane.frames(), FRAMES.get(step.__name__, 1)
            await step(made, lane, person)
            lane.mend()
            assert lane.frames() - before == frames, f"{lane.path}: {step.__name__}"


FRAMES = {"twice": 2, "stopped": 0, "refused": 2}
"""How many frames reach the PLC in a step, where it is not one."""


async def write_now(lane: Lane, person: Person, value: float) -> Write:
    chosen = await off(selected, person, lane.path, value)
    return await off(person.confirm, chosen)


async def taken(made: Rig, lane: Lane, person: Person) -> None:
    done = await write_now(lane, person, 21.5)
    assert (done.step, done.seen, done.why) == ("verified", 21.5, ""), done
    assert lane.plc.taken == [21.5]
    assert done.ticket is not None and lane.plc.answers == [(done.ticket.number, 1)]
    assert steps_of(made.folder, done.id) == [*ALL_STEPS, "verified"]
    (entry,) = [each for each in entries(made.folder, "write_sent") if each["body"]["id"] == done.id]
    told = entry["body"]
    assert (told["number"], told["expiry_ms"]) == (done.ticket.number, done.ticket.expiry_ms)
    left_ms = (told["expiry_ms"] - lane.plc.now_ms) % 2**32
    assert left_ms <= DEADLINE_S * 1000 or left_ms > 2**31, "it is the PLC's clock"


async def twice(made: Rig, lane: Lane, person: Person) -> None:
    """The same frame comes once more after it was taken, and somebody set another value at the machine."""
    done = await write_now(lane, person, 22.5)
    assert done.step == "verified", done
    answers, repeats = list(lane.plc.answers), lane.plc.repeats
    lane.plc.block.variables["Setpoint"] = 5.0
    await lane.again()
    await soon(lambda: lane.plc.repeats == repeats + 1, "the PLC says that it came twice")
    assert lane.plc.answers == answers and lane.plc.block["Setpoint"] == 5.0
    await soon(lambda: lane.plc.memory.get("Setpoint") == 5.0, "it shows it")


async def refused(made: Rig, lane: Lane, person: Person) -> None:
    """By the PLC's own limits, which are narrower than ours, and because it does not allow it now."""
    before = lane.plc.block["Setpoint"]
    said = await write_now(lane, person, 300.0)
    assert said.step == "rejected" and said.why.endswith("the value is outside the PLC's own limits"), said
    lane.plc.is_allowed = False
    said = await write_now(lane, person, 23.5)
    assert said.step == "rejected" and said.why.endswith("the PLC does not allow it now"), said
    assert lane.plc.block["Setpoint"] == before


async def damaged(made: Rig, lane: Lane, person: Person) -> None:
    before = lane.plc.block["Setpoint"]
    lane.damage(24.5)
    said = await write_now(lane, person, 24.5)
    assert said.step == "rejected" and "damaged on its way" in said.why, said
    assert lane.plc.block["Setpoint"] == before


async def late(made: Rig, lane: Lane, person: Person) -> None:
    """The link stalls, and goes on when the time of the command is over: never done late."""
    before = lane.plc.block["Setpoint"]
    lane.hold()
    said = await write_now(lane, person, 25.5)
    assert said.step == "unknown" and said.is_locked, said
    assert said.ticket is not None
    await after_its_time(lane, said)
    await lane.deliver()
    ended = await off(person.becomes, said.id, "rejected", 30.0)
    assert ended.why.endswith("it came too late (stale)") and not ended.is_locked
    assert lane.plc.answers[-1] == (said.ticket.number, 2) and lane.plc.block["Setpoint"] == before
    steps = [*ALL_STEPS, "unknown", "rejected"]
    await soon(lambda: steps_of(made.folder, said.id) == steps, "it is in the ledger")


async def never_looked_at(made: Rig, lane: Lane, person: Person) -> None:
    """The PLC stops as the frame comes and runs again later: it finds the command in its memory, stale."""
    before = lane.plc.block["Setpoint"]
    lane.stop_at_write()
    said = await write_now(lane, person, 26.5)
    assert said.step == "unknown" and "did not answer number" in said.why, said
    await after_its_time(lane, said)
    lane.plc.runs = True
    ended = await off(person.becomes, said.id, "rejected", 30.0)
    assert "too late" in ended.why and lane.plc.block["Setpoint"] == before


async def stopped(made: Rig, lane: Lane, person: Person) -> None:
    """A clock that stands still: nothing is sent, before the selection and after it."""
    chosen = await off(selected, person, lane.path, 27.5)
    lane.plc.runs = False
    said = await off(person.confirm, chosen)
    assert said.step == "rejected" and "stands still" in said.why and not said.sent_us, said
    said = await off(person.select, lane.path, 27.5)
    assert said.step == "rejected" and "stands still" in said.why
    assert [each.name for each in said.checks if not each.is_ok] == ["The PLC is ready for a handshake"]


async def after_its_time(lane: Lane, write: Write) -> None:
    assert write.ticket is not None
    expiry_ms = write.ticket.expiry_ms
    await soon(lambda: 0 < (lane.plc.now_ms - expiry_ms) % 2**32 < 2**31, "its time is over")


def is_over(lane: Lane) -> bool:
    """Whether the PLC may not take any more what lies in its memory."""
    return 0 < (lane.plc.now_ms - lane.plc.memory.get("Expiry")) % 2**32 < 2**31


async def test_numbers_go_on_after_a_kill_and_what_was_lost_is_told(tmp_path: Path) -> None:
    """Killed with a frame that the PLC did not look at, and with one that it took."""
    async with rig(tmp_path / "line") as made:
        plc, oven = made.lanes
        ids = list[str]()
        with at(made.folder, OLAF, "desk") as olaf:
            plc.stop_at_write()
            for lane in made.lanes:
                write = await off(selected, olaf, lane.path, 31.5)
                ids.append(write.id)
                before = lane.frames()
                await off(olaf.begin_confirm, write)
                await soon(lambda lane=lane, before=before: lane.frames() == before + 1, "the frame is there")
            await made.kill()
        await soon(lambda: is_over(plc), "the time of the one that was not looked at is over")
        for lane in made.lanes:
            lane.mend()
        await made.start()
        with at(made.folder, OLAF, "desk") as olaf:
            ended = await off(olaf.becomes, ids[0], "rejected", 30.0)
            assert "too late" in ended.why and plc.plc.taken == []
            done = await off(olaf.becomes, ids[1], "verified", 30.0)
            assert done.seen == 31.5 and oven.plc.taken == [31.5]
            for lane in made.lanes:
                assert (
                    await off(olaf.confirm, await off(selected, olaf, lane.path, 32.5))
                ).step == "verified"
                numbers = [number for number, _ in lane.plc.answers]
                assert len(numbers) == len(set(numbers)) == 2 and lane.frames() == 2 and lane.plc.repeats == 0
        ends = ["rejected", "verified"]
        await soon(lambda: [steps_of(made.folder, id)[-1] for id in ids] == ends, "it is in the ledger")
