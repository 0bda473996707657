"""Discrete commands: permissives, the first out, feedback."""

from __future__ import annotations

from engine.types import WriteOrder, WriteRule
from engine.wire.control import ConfirmBody
from tests.engine.control.gate_rig import (
    AIR,
    DOOR,
    GUARD,
    ID,
    RULES,
    START,
    Rig,
    failing,
)

# Commands --------------------------------------------------------------------------------------------


async def test_a_command_is_one_frame_and_done_when_its_feedback_says_so() -> None:
    rig = Rig()
    rig.device.plans = ["slow"]
    done = await rig.write("L/Pump", verb="start")
    assert (done.kind, done.verb, done.asset, done.path) == ("command", "start", "L/Pump", START)
    assert (done.step, done.seen, done.rollback_until_us) == ("verified", 1.0, 0)
    assert rig.device.frames == [WriteOrder(ID[START], 1.0, 3.0)]  # and none to take the pulse back


async def test_a_command_may_be_confirmed_by_the_name_of_its_asset() -> None:
    rig = Rig()
    write = await rig.select("L/Pump", verb="start")
    assert (await rig.gate.confirm("anna", ConfirmBody(write.id, "L/Pump", 1.0))).step == "verified"


async def test_a_command_whose_feedback_never_comes_is_unknown() -> None:
    rig = Rig()
    rig.device.plans = ["deaf"]
    write = await rig.write("L/Pump", verb="start")
    assert write.step == "unknown" and "after 5 s" in write.why


async def test_a_command_that_is_done_already_is_not_given() -> None:
    rig = Rig()
    assert failing(await rig.select("L/Pump", verb="stop")) == ["It is still to be done"]


async def test_every_permissive_is_shown_and_one_that_is_false_forbids() -> None:
    rig = Rig()
    rig.device.set(GUARD, 0.0)
    write = await rig.select("L/Pump", verb="start")
    shown = {check.name: check.is_ok for check in write.checks}
    assert write.step == "rejected" and failing(write) == ["The guard is closed"]
    assert shown["Air is there"] and shown["The door is closed"]


async def test_an_interlock_of_the_asset_is_shown_and_does_not_forbid() -> None:
    rig = Rig()
    rig.device.set(DOOR, 0.0)
    write = await rig.select("L/Pump", verb="start")
    door = next(check for check in write.checks if check.name == "The door is closed")
    assert write.step == "selected" and (door.is_ok, door.is_needed) == (False, False)


async def test_the_condition_that_went_first_is_named() -> None:
    rig = Rig()
    await rig.wait(1)
    for path in (DOOR, GUARD, AIR):
        rig.device.set(path, 0.0)
        await rig.wait(1)
    found = {check.name: check.is_first_out for check in rig.gate.conditions("L/Pump", "start")}
    assert found == {"Air is there": False, "The guard is closed": False, "The door is closed": True}
    rig.device.set(DOOR, 1.0)
    await rig.wait(1)
    first = [check.name for check in rig.gate.conditions("L/Pump", "start") if check.is_first_out]
    assert first == ["The guard is closed"]


async def test_what_was_false_from_the_start_has_no_time_and_two_at_once_have_no_first() -> None:
    rig = Rig()
    rig.device.set(GUARD, 0.0)
    await rig.wait(1)
    assert [(c.since_us, c.is_first_out) for c in rig.gate.conditions("L/Pump", "start") if not c.is_ok] == [
        (0, True)
    ]
    rig.device.set(GUARD, 1.0)
    await rig.wait(1)
    rig.device.set(GUARD, 0.0)
    rig.device.set(AIR, 0.0)
    await rig.wait(1)
    checks = rig.gate.conditions("L/Pump", "start")
    assert not any(check.is_first_out for check in checks) and checks[0].since_us == rig.time.now_us()


async def test_the_tag_of_a_command_is_not_written_as_a_number_past_its_permissives() -> None:
    rig = Rig(rules=(*RULES, WriteRule(START)))
    rig.device.set(AIR, 0.0)
    write = await rig.select(START, 1.0)
    assert write.step == "rejected" and "give start to L/Pump" in write.why
    assert not rig.device.frames
