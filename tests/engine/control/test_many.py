"""Many writes at once: two operators on one tag, and a device that does everything wrong."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from engine.control.refused import Refused
from engine.types import Write
from engine.wire.control import ResolveBody
from tests.engine.control.gate_rig import FREE, PRESSURE, SPEED, Rig

INTERLEAVINGS = 1000
WRITES = 1000
WHOLE = ["proposed", "checked", "selected"]
PLANS = ("accept", "delay", "slow", "nak", "late nak", "down", "deaf", "stall", "drop", "lost", "raise")


async def operator(rig: Rig, token: str, value: float, chance: random.Random) -> Write:
    """Somebody who selects and confirms, and is held up for a moment anywhere."""

    async def dawdle() -> None:
        for _ in range(chance.randrange(chance.choice((12, 120)))):
            await asyncio.sleep(0)

    await dawdle()
    write = await rig.select(PRESSURE, value, by=token)
    await dawdle()
    if write.step != "selected":
        return write
    try:
        return await rig.confirm(write, by=token)
    except Refused:
        return rig.now(write.id)


async def interleaved(seed: int) -> Rig:
    """Two operators on one tag; one time in three the second one tries again."""
    chance, rig = random.Random(seed), Rig()
    waits = [chance.randrange(6) for _ in range(40)]

    def leases() -> int:
        steps = ("selected", "confirmed", "sent", "unknown")
        return sum(write.step in steps for write in rig.gate.shown(0).writes)

    most = 0

    def at(point: str) -> None:
        nonlocal most
        if point.startswith("after"):
            most = max(most, leases())

    rig.book.at = at
    slow = rig.book.record

    async def record(entries: object) -> None:
        for _ in range(waits.pop() if waits else 0):
            await asyncio.sleep(0)
        await slow(entries)  # pyright: ignore

    rig.book.record = record  # pyright: ignore
    rig.gate = rig.new_gate()
    done = await asyncio.gather(operator(rig, "anna", 180.0, chance), operator(rig, "ben", 170.0, chance))
    assert most <= 1, (seed, "two leases")
    verified = [write for write in done if write.step == "verified"]
    for write in done:
        assert write.step in ("verified", "rejected") and (write.why or write.step == "verified"), seed
    assert len(rig.device.frames) == len(verified) and verified, seed
    sent = Counter(entry.body["id"] for entry in rig.book.entries if entry.type == "write_sent")
    assert all(count == 1 for count in sent.values()), seed
    overlapping = [write for write in done if write.old == 150.0 and write.step == "verified"]
    assert len(overlapping) <= 1, (seed, "both were sent over the same value")
    return rig


async def test_two_operators_on_one_tag_have_one_lease_and_at_most_one_frame() -> None:
    both = 0
    for seed in range(INTERLEAVINGS):
        rig = await interleaved(seed)
        both += len(rig.device.frames) == 2
    # In some the second comes after the first is done: two writes, one after the other.
    assert 0 < both < INTERLEAVINGS


def right(plan: str, write: Write) -> bool:
    """Whether this is the truth about what the device did, as far as anybody can know it then."""
    if plan in ("accept", "delay", "slow"):
        return write.step == "verified" and write.seen in (write.new, write.new + 2)
    if plan in ("nak", "late nak", "down"):
        return write.step == "rejected" and bool(write.why)
    return write.step == "unknown" and write.is_locked and bool(write.why)


async def test_a_thousand_approved_writes_to_a_device_that_fails_in_every_way_end_in_the_truth() -> None:
    chance, rig, outcomes = random.Random(7), Rig(), Counter[str]()
    for n in range(WRITES):
        plan = chance.choice(PLANS)
        rig.device.plans, before = [plan], len(rig.device.frames)
        path, value = (
            (PRESSURE, 100.0 + n % 90),
            (FREE, rig.device.value(FREE) + 1),
            (SPEED, 10.0 * (n % 290)),
        )[n % 3]
        if rig.device.value(path) == value:
            value += 10
        write = await rig.write(path, value)
        assert right(plan, write), (n, plan, write.step, write.why)
        assert len(rig.device.frames) - before == (plan != "down"), (n, plan)
        rig.alarms.clear()
        await rig.wait(40, 4)
        now = rig.now(write.id)
        is_late = plan in ("stall", "lost", "late nak")
        assert len(rig.late()) == is_late, (n, plan)
        assert (now.step == "verified") == (is_late or plan in ("accept", "delay", "slow")), (n, plan)
        assert (rig.device.value(path) == value) == (now.step == "verified"), (n, plan)
        if now.is_locked:
            await rig.gate.resolve("anna", ResolveBody(write.id, False, "looked at the machine"))
        await rig.wait(30, 30)
        outcomes[plan] += 1
        trail = rig.book.trail(write.id)
        rig.book.entries.clear()
        assert trail[: 4 + write.needs_second] == WHOLE[:3] + ["confirmed"] * (1 + write.needs_second)
        assert trail.count("sent") == 1 and trail[-1] in ("verified", "rejected", "closed")
    assert set(outcomes) == set(PLANS) and sum(outcomes.values()) == WRITES


@pytest.mark.parametrize("tokens", [("anna", "anna"), ("anna", "ben")])
async def test_selecting_twenty_times_at_once_leaves_one_selection(tokens: tuple[str, ...]) -> None:
    rig = Rig()
    many = [rig.select(PRESSURE, 160.0 + n, by=tokens[n % len(tokens)]) for n in range(20)]
    done = await asyncio.gather(*many)
    assert sum(rig.now(write.id).step == "selected" for write in done) == 1
    assert not rig.device.frames
