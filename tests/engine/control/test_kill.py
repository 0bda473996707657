"""T03: the engine is killed at each step of a write; afterwards nothing is ever sent again."""

from __future__ import annotations

import pytest

from engine.control.refused import Refused
from engine.types import Write
from engine.wire.control import ResolveBody
from tests.engine.control.gate_rig import ACTUAL, FREE, PRESSURE, SPEED, Killed, Rig

PATHS = {"one person": (PRESSURE, 180.0), "two people": (SPEED, 1200.0)}


async def points(path: str, value: float) -> list[str]:
    """Every boundary of a whole write, in order."""
    rig, seen = Rig(), list[str]()
    rig.book.at = seen.append
    assert (await rig.write(path, value)).step == "verified"
    await rig.wait(601, 601)
    return seen


async def killed_at(path: str, value: float, nth: int) -> tuple[Rig, bool]:
    """A rig whose engine died at the nth boundary, and whether it did."""
    rig, left = Rig(), nth

    def at(point: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed(point)

    rig.book.at = at
    is_killed = False
    try:
        await rig.write(path, value)
        await rig.wait(601, 601)
    except Killed:
        is_killed = True
    rig.book.at = lambda point: None
    return rig, is_killed


def may_follow(kept: Write | None) -> set[str]:
    """What a write may be after the restart, by what the disk had of it."""
    if kept is None or kept.step == "closed":
        return {"gone"}
    if kept.step in ("verified", "rejected", "unknown"):
        return {kept.step}
    is_unsent = kept.step in ("proposed", "checked", "selected") or (kept.needs_second and not kept.second)
    return {"rejected"} if is_unsent else {"unknown"}


@pytest.mark.parametrize("who", PATHS)
async def test_there_are_at_least_fourteen_points_at_which_it_is_killed(who: str) -> None:
    seen = await points(*PATHS[who])
    assert len(set(seen)) >= 14 and "before send" in seen and "after send" in seen


@pytest.mark.parametrize("who", PATHS)
async def test_after_a_kill_at_any_point_the_write_is_unknown_or_earlier_and_never_sent_again(
    who: str,
) -> None:
    path, value = PATHS[who]
    outcomes = set[str]()
    for nth in range(len(await points(path, value))):
        rig, is_killed = await killed_at(path, value, nth)
        assert is_killed, nth
        before, frames = dict(rig.book.kept), len(rig.device.frames)
        kept = next(iter(before.values()), None)
        rig.gate = rig.new_gate()
        await rig.gate.open()
        shown = rig.gate.shown(0).writes
        now = shown[0].step if shown else "gone"
        assert now in may_follow(kept), (nth, kept, now)
        assert frames == 0 or now in ("unknown", "verified", "gone"), (nth, now)
        if now == "unknown":
            assert shown[0].is_locked
            other = await rig.gate.write_for(
                "ben", path, value - 20, reason="test", second=rig.people["cora"]
            )
            assert other.step == "rejected" and "not known yet" in other.why
        await rig.wait(40)
        assert len(rig.device.frames) == frames <= 1, nth
        outcomes.add(now)
        if kept is not None and now != "gone":
            trail = rig.book.trail(kept.id)
            assert trail[-1] in ("rejected", "unknown", "verified", "closed"), (nth, trail)
            assert ("verified" in trail) == (frames == 1), (nth, trail)
        await rig.gate.close()
    assert {"rejected", "unknown", "verified"} <= outcomes


async def test_what_was_sent_just_before_the_kill_is_found_done_and_everybody_is_told() -> None:
    rig, _ = await killed_at(PRESSURE, 180.0, (await points(PRESSURE, 180.0)).index("after send"))
    rig.gate = rig.new_gate()
    await rig.gate.open()
    await rig.wait(2)
    (write,) = rig.gate.shown(0).writes
    assert (write.step, write.seen) == ("verified", 180.0)
    assert len(rig.alarms) == 2 and rig.late() == [write.id]


async def test_a_lock_survives_as_many_restarts_as_there_are() -> None:
    rig = Rig()
    rig.device.plans = ["drop"]
    write = await rig.write(PRESSURE, 180.0)
    for _ in range(3):
        rig.gate = rig.new_gate()
        await rig.gate.open()
        assert rig.now(write.id).is_locked
        assert (await rig.select(PRESSURE, 120.0)).step == "rejected"
    assert rig.book.trail(write.id).count("unknown") == 1


async def test_a_rollback_is_still_offered_after_a_restart_and_no_longer_than_before() -> None:
    rig = Rig()
    done = await rig.write(PRESSURE, 180.0)
    rig.gate = rig.new_gate()
    await rig.gate.open()
    rig.time.pass_(599)
    assert (await rig.write(PRESSURE, kind="rollback", of=done.id)).step == "verified"
    rig.gate = rig.new_gate()
    await rig.gate.open()
    rig.time.pass_(1)
    with pytest.raises(Refused, match="not offered"):
        await rig.select(PRESSURE, kind="rollback", of=done.id)


async def test_the_rate_of_a_minute_is_not_forgotten_by_a_restart() -> None:
    rig = Rig()
    await rig.write(FREE, 8.0)
    rig.gate = rig.new_gate()
    await rig.gate.open()
    assert "Not too fast" in (await rig.select(FREE, 12.0)).why


async def test_a_write_whose_tag_is_gone_stays_locked_until_a_person_says_what_became_of_it() -> None:
    rig = Rig()
    rig.device.plans = ["drop"]
    write = await rig.write(PRESSURE, 180.0)
    rig.rules = tuple(rule for rule in rig.rules if rule.tag != PRESSURE)
    rig.gate = rig.new_gate()
    await rig.gate.open()
    await rig.wait(5)
    assert rig.now(write.id).is_locked
    assert (await rig.gate.resolve("ben", ResolveBody(write.id, False, "I looked"))).step == "closed"


async def test_a_kill_before_the_second_person_leaves_nothing_to_approve() -> None:
    rig = Rig()
    waiting = await rig.confirm(await rig.select(SPEED, 1200.0))
    rig.gate = rig.new_gate()
    await rig.gate.open()
    with pytest.raises(Refused, match="does not wait"):
        await rig.approve(waiting)
    assert rig.device.value(ACTUAL) == 1000.0 and not rig.device.frames
