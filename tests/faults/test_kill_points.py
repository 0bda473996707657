"""T03 on real servers: the engine is killed with -9 at each point of a write, and never sends it again."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import pytest

from engine.client import EngineAbsent, RequestFailed
from engine.types import Write
from engine.wire import WriteBody
from tests.faults.gate_rig import off, resolve, selected, soon
from tests.faults.killed_engine import SENDING, STEPS, order_of, points
from tests.faults.plant_line import TOLERANCE, Lane, PlantLine, plant_line
from tests.people import OLAF, SHIRIN, Person, steps_of
from tests.running import watchroom

pytestmark = [pytest.mark.fault, pytest.mark.system, pytest.mark.timeout(1800)]
SHORT = ["after selected is kept", "before the frame"]
NOT_BEGUN = ("before proposed is on record", "after proposed is on record", "before proposed is kept")
IS_SENT = [point for step in STEPS[-1:] for point in points(needs_second=False) if step in point]


@pytest.mark.parametrize("is_whole", [False, pytest.param(True, marks=pytest.mark.slow)])
async def test_engine_killed_at_any_point_leaves_the_write_unknown_or_earlier_and_never_sends_it_again(
    tmp_path: Path, is_whole: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """One person over Modbus, two over OPC UA; the same project and ledger through all the kills."""
    async with plant_line(tmp_path, classes=("critical", "normal")) as made:
        made.program = (sys.executable, "-m", "tests.faults.killed_engine")
        await made.kill()
        await made.start()
        both = (made.lanes[1], False), (made.lanes[0], True)
        for lane, needs_second in both if is_whole else both[:1]:
            for point in points(needs_second=needs_second) if is_whole else SHORT:
                end = await killed_at(made, lane, point, needs_second=needs_second)
                with capsys.disabled():
                    print(f"\n  {'two people' if needs_second else 'one person'}, {point}: {end}", end="")
    assert watchroom("ledger", "verify", made.folder).returncode == 0


async def killed_at(made: PlantLine, lane: Lane, point: str, *, needs_second: bool) -> str:
    """One write cut short there; what it is after the restart."""
    before, frames = await lane.held(), lane.frames
    value = next(each for each in lane.values if abs(each - before) > 2 * TOLERANCE)
    with made.station(OLAF) as olaf:
        await off(_is_free, olaf, lane)
        known = {each.id for each in olaf.control().writes}
        order_of(made.folder).write_text(point)
        await off(_begin, olaf, lane, value, needs_second)
        assert await off(made.process.wait, 30) == -9, point
        made.process.stdout.close()
    order_of(made.folder).unlink()
    sent = lane.frames - frames
    assert sent == (point in (*IS_SENT, SENDING[1])), f"{point}: {sent} frames"
    await made.start()
    with made.station(OLAF) as olaf:
        (write,) = [each for each in olaf.control().writes if each.id not in known] or [None]
        assert (write is None) == (point in NOT_BEGUN), point
        now = "not begun" if write is None else await _ended(olaf, lane, point, write, is_sent=bool(sent))
    assert lane.frames == frames + sent, f"{point}: sent again"
    assert abs(await lane.held() - (value if sent else before)) <= TOLERANCE, point
    if write is not None:
        steps = steps_of(made.folder, write.id)
        assert steps.count("sent") <= 1 and ("verified" in steps) == bool(sent), f"{point}: {steps}"
    return now


def _is_free(person: Person, lane: Lane) -> None:
    person.ask("cancel", WriteBody(selected(person, lane.path, lane.values[0] + 0.3).id), Write)


def _begin(person: Person, lane: Lane, value: float, needs_second: bool) -> None:
    """As far as it comes."""
    with contextlib.suppress(EngineAbsent, RequestFailed):
        write = person.confirm(person.select(lane.path, value), "test")
        if needs_second:
            person.approve(write, SHIRIN)


async def _ended(person: Person, lane: Lane, point: str, write: Write, *, is_sent: bool) -> str:
    """What it is allowed to be, and that it stays so; in the end a person says what nobody can see."""
    order = points(needs_second=True)
    kept = order.index(point) >= order.index("after second is kept")
    if point == "after confirmed is kept" or (point.split()[1] == "sent" and not is_sent):
        kept = kept or not write.needs_second
    if not kept:
        assert write.step == "rejected" and not write.sent_us, f"{point}: {write.step}"
        return write.step
    if is_sent:
        late = await off(person.becomes, write.id, "verified")
        assert late.why.startswith("executed late") or point == "after verified is kept", point
        return "unknown, then verified" if late.why else "verified"
    assert write.step == "unknown" and write.is_locked, f"{point}: {write.step}"
    passed = lane.wire.up.passed
    await soon(lambda: lane.wire.up.passed > passed + 100, "it is looked at")
    assert (await off(person.seen, write.id)).step == "unknown", point
    assert (await off(resolve, person, write, was_done=False)).step == "closed"
    return "unknown, until a person says"
