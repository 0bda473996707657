"""The gate, rule by rule: what reaches the plant, and what does not (reliability.md section 3)."""

from __future__ import annotations

import math

import pytest

from engine.control.refused import Refused
from engine.types import WriteOrder
from tests.engine.control.gate_rig import (
    ACTUAL,
    FREE,
    ID,
    MODE,
    PRESSURE,
    SPEED,
    STATE,
    Rig,
    failing,
    session,
)

WHOLE = ["proposed", "checked", "selected", "confirmed", "sent", "verified"]


async def test_a_setpoint_is_selected_confirmed_sent_once_and_verified() -> None:
    rig = Rig()
    selected = await rig.select(PRESSURE, 180.0)
    assert (selected.step, selected.old, selected.new, selected.unit) == ("selected", 150.0, 180.0, "bar")
    assert rig.device.frames == []
    done = await rig.confirm(selected)
    assert (done.step, done.seen, done.is_locked) == ("verified", 180.0, False)
    assert rig.device.frames == [WriteOrder(ID[PRESSURE], 180.0, 3.0)]
    assert rig.book.trail(done.id) == WHOLE
    await rig.wait(601, 100)
    assert rig.book.trail(done.id) == [*WHOLE, "closed"] and rig.gate.shown(0).writes == ()


async def test_each_step_is_in_the_ledger_before_it_is_taken() -> None:
    rig = Rig()
    seen: list[tuple[str, tuple[str, ...], int]] = []

    def at(point: str) -> None:
        steps = tuple(write.step for write in rig.gate.shown(0).writes)
        seen.append((point, steps, len(rig.device.frames)))

    rig.book.at = at
    await rig.write(PRESSURE, 180.0)
    before = {point: (steps, frames) for point, steps, frames in seen if point.startswith("after write_")}
    assert before["after write_checked"] == (("proposed",), 0)
    assert before["after write_selected"] == (("checked",), 0)
    assert before["after write_confirmed"] == (("selected",), 0)
    assert before["after write_sent"] == (("confirmed",), 0)
    points = [point for point, _, _ in seen]
    assert points.index("after keeping sent") < points.index("before send")
    for step in WHOLE[:-1]:
        assert points.index(f"after write_{step}") < points.index(f"before keeping {step}")


# W1: deny by default ---------------------------------------------------------------------------


async def test_what_has_no_row_is_not_written_and_the_try_is_on_record() -> None:
    rig = Rig()
    write = await rig.select(ACTUAL, 5.0)
    assert write.step == "rejected" and "writes.csv" in write.why
    assert rig.book.trail(write.id) == ["proposed", "checked", "rejected"] and not rig.device.frames


@pytest.mark.parametrize(
    ("path", "verb"),
    [("L/S50/Nothing", ""), ("L/Pump", "reset"), ("L/Nowhere", "start"), (PRESSURE, "start")],
)
async def test_what_does_not_exist_is_refused(path: str, verb: str) -> None:
    rig = Rig()
    with pytest.raises(Refused, match="there is no tag|has no command"):
        await rig.select(path, 1.0, verb=verb)
    assert rig.book.entries == []


@pytest.mark.parametrize(
    ("path", "value", "name"),
    [
        (PRESSURE, 99.9, "Within its limits"),
        (PRESSURE, 200.1, "Within its limits"),
        (SPEED, 3010.0, "Within its limits"),
        (SPEED, 1005.0, "A whole step"),
        (SPEED, 1000.5, "The tag can take this value"),
        (MODE, 7.0, "The tag can take this value"),
        (FREE, 11.0, "Not too fast"),
        (PRESSURE, 150.0, "It is a change"),
    ],
)
async def test_a_value_that_the_rule_forbids_is_rejected_with_the_check(
    path: str, value: float, name: str
) -> None:
    rig = Rig(sessions={"anna": session("anna", role="shift lead")})
    write = await rig.select(path, value)
    assert write.step == "rejected" and failing(write) == [name] and name in write.why


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
async def test_what_is_no_number_is_refused(value: float | None) -> None:
    with pytest.raises(Refused, match="no number"):
        await Rig().select(PRESSURE, value)


async def test_changes_within_a_minute_count_together() -> None:
    rig = Rig()
    assert (await rig.write(FREE, 6.0)).step == "verified"
    assert failing(await rig.select(FREE, 11.0)) == ["Not too fast"]
    await rig.wait(61, 10)
    assert (await rig.write(FREE, 11.0)).step == "verified"


async def test_roles_of_a_rule_narrow_who_may() -> None:
    rig = Rig()
    assert failing(await rig.select(MODE, 1.0)) == ["You may do this"]
    assert (await rig.select(MODE, 1.0, by="cora")).step == "selected"


@pytest.mark.parametrize(
    ("path", "verb", "action"),
    [
        (PRESSURE, "", "write"),
        (SPEED, "", "write critical"),
        ("L/Pump", "start", "command"),
    ],
)
async def test_without_the_right_nothing_is_selected(path: str, verb: str, action: str) -> None:
    rig = Rig(forbidden={("anna", action): "your role may not"})
    write = await rig.select(path, 110.0, verb=verb)
    assert write.step == "rejected" and failing(write) == ["You may do this"]


# W2: selected ----------------------------------------------------------------------------------


async def test_only_a_good_and_fresh_value_is_built_on() -> None:
    for status, age_s, ok in ((0, 2.0, True), (0, 2.1, False), (0, None, False), (0x40000000, 0.1, False)):
        rig = Rig()
        rig.device.status[ID[PRESSURE]], rig.device.age_s[ID[PRESSURE]] = status, age_s
        assert ((await rig.select(PRESSURE, 180.0)).step == "selected") is ok, (status, age_s)


async def test_a_device_that_does_not_answer_is_not_written() -> None:
    rig = Rig()
    rig.device.silent.add(ID[PRESSURE])
    assert failing(await rig.select(PRESSURE, 180.0)) == ["The device answers"]


async def test_a_tag_has_one_lease_and_the_second_hears_who_has_it() -> None:
    rig = Rig()
    first = await rig.select(PRESSURE, 180.0)
    second = await rig.select(PRESSURE, 170.0, by="ben")
    assert second.step == "rejected" and "Anna at desk 1" in second.why
    assert (await rig.confirm(first)).step == "verified"


async def test_start_and_stop_of_a_pump_have_one_lease() -> None:
    rig = Rig()
    assert (await rig.select("L/Pump", verb="start")).step == "selected"
    rig.device.set(STATE, 1.0)
    second = await rig.select("L/Pump", verb="stop", by="ben")
    assert failing(second) == ["Nobody else is changing it"]
    assert second.why.startswith('"Nobody else is changing it" does not hold: ')


async def test_a_selection_ends_after_fifteen_seconds_of_the_monotonic_clock() -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    rig.time.utc -= 3600 * 10**6
    rig.time.mono += 14_999_999
    await rig.gate.tick()
    assert rig.now(write.id).step == "selected"
    rig.time.mono += 1
    assert (await rig.confirm(write)).step == "rejected"
    assert not rig.device.frames and (await rig.select(PRESSURE, 170.0, by="ben")).step == "selected"


async def test_input_in_the_dialog_renews_it_up_to_ninety_seconds() -> None:
    rig = Rig()
    write = await rig.select(PRESSURE, 180.0)
    for _ in range(8):
        rig.time.pass_(11)
        rig.gate.renew("anna", write.id)
    rig.time.pass_(1.999_999)
    await rig.gate.tick()
    assert rig.gate.renew("anna", write.id).until_us - rig.time.now_us() == 1
    rig.time.pass_(0.000_001)
    with pytest.raises(Refused, match="time to confirm"):
        rig.gate.renew("anna", write.id)
    await rig.gate.tick()
    assert rig.now(write.id).step == "rejected"


async def test_the_same_person_selecting_anew_gives_up_the_first() -> None:
    rig = Rig()
    first = await rig.select(PRESSURE, 180.0)
    second = await rig.select(PRESSURE, 170.0)
    assert (rig.now(first.id).step, second.step) == ("rejected", "selected")
    with pytest.raises(Refused, match="anew"):
        await rig.confirm(first)


async def test_somebody_elses_area_or_a_work_tag_stands_against_it() -> None:
    rig = Rig(blocks={PRESSURE: "work is going on at the press: Dora, 0171 5"})
    write = await rig.select(PRESSURE, 180.0)
    assert failing(write) == ["Nothing stands against it here"] and "0171 5" in write.why
