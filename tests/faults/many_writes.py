"""Many approved writes to real servers, each with a fault drawn from a seed; every promise is looked at.

What is counted: one frame on the wire for each, the value that the device holds in the end, asked of it by a
client of its own, the steps in the ledger, the alarm of each that is unknown, and that each of those is
resolved: by what the engine sees, or by a person where nothing is to be seen.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.types import Write
from tests.faults.gate_rig import DOUBTS, off, resolve, selected, settled
from tests.faults.plant_line import TOLERANCE, Lane, PlantLine
from tests.people import OLAF, SHIRIN, Person, entries
from tests.running import CLOCK, until, watchroom

DELAY_S = 0.1
"""Each way: well within the deadline."""


@dataclass(frozen=True)
class Fault:
    """``befalls`` the frame; ``step`` = what is answered then, ``does`` = whether the device does it."""

    share: int
    befalls: Callable[[Lane], None]
    step: str = "unknown"
    does: bool = True


FAULTS: Mapping[str, Fault] = {
    "none": Fault(50, lambda lane: None, "verified"),
    "refused by the device": Fault(10, lambda lane: None, "rejected", does=False),
    "slow, in time": Fault(10, lambda lane: lane.line.drip(0, DELAY_S), "verified"),
    "held, comes late": Fault(6, lambda lane: lane.line.hold("up")),
    "answer stalled": Fault(6, lambda lane: lane.line.stall("down")),
    "frame dropped": Fault(6, lambda lane: lane.line.stall("up"), does=False),
    "half-closed": Fault(6, lambda lane: lane.wire.finish("down")),
    "reset": Fault(6, lambda lane: lane.wire.cut(), does=False),
}


@dataclass
class Found:
    """What became of them: how often each fault was judged and ended how, and milliseconds by kind.

    ``turned_down`` = writes that a check refused just before they were sent, on a busy machine mostly since
    the value was a moment too old. No frame went out for them.
    """

    ends: Counter[str] = field(default_factory=Counter[str])
    verified_ms: list[float] = field(default_factory=list[float])
    judged_ms: list[float] = field(default_factory=list[float])
    seen_ms: list[float] = field(default_factory=list[float])
    turned_down: int = 0


async def many_writes(made: PlantLine, count: int, seed: int) -> Found:
    """So many writes, half to each server, by two people side by side. Raises for a broken promise."""
    found = Found()
    people = (OLAF, "desk 1"), (SHIRIN, "desk 2")
    await asyncio.gather(
        *(
            _one_after_the_other(made, lane, person, count // 2, random.Random(f"{seed} {lane.path}"), found)
            for lane, person in zip(made.lanes, people, strict=True)
        )
    )
    _ledger_tells_all(made, count // 2)
    # Where nothing ever arrived in time, nothing was tried.
    assert found.ends["none: verified"] > sum(found.ends.values()) // 4, found.ends
    return found


async def _one_after_the_other(
    made: PlantLine, lane: Lane, who: tuple[str, str], count: int, luck: random.Random, found: Found
) -> None:
    plan = luck.choices(list(FAULTS), [fault.share for fault in FAULTS.values()], k=count)
    plan[: len(FAULTS)] = FAULTS  # each at least once
    with made.station(*who) as person:
        for name in plan:
            end = ""
            while not end:  # what was turned down before it was sent is entered again, as a person would
                old = await lane.held()
                value = luck.choice([each for each in lane.values if abs(each - old) > 2 * TOLERANCE])
                end = await _one(lane, person, name, value, found)
            found.ends[f"{name}: {end}"] += 1
        assert not [each for each in person.control().writes if each.is_locked and each.path == lane.path]


async def _one(lane: Lane, person: Person, name: str, value: float, found: Found) -> str:
    """One write with its fault, and how it ended; "" = a check failed just before it was sent."""
    fault = FAULTS[name]
    value = lane.refused if fault.step == "rejected" else value
    write = await off(selected, person, lane.path, value)
    before, frames = await lane.held(), lane.frames
    lane.then, began_us = fault.befalls, CLOCK.mono_us()
    answer = await off(person.confirm, write)
    judged_ms = (CLOCK.mono_us() - began_us) / 1e3
    lane.mend()
    if answer.step == "rejected" and not answer.sent_us:
        assert lane.frames == frames and abs(await lane.held() - before) <= TOLERANCE, answer.why
        found.turned_down += 1
        return ""
    (found.verified_ms if name == "none" else found.judged_ms).append(judged_ms)
    # On a busy machine any answer may come too late; then it is unknown, and never anything else.
    assert answer.step in (fault.step, "unknown"), f"{name}: {answer.step} {answer.why}"
    assert answer.step == "verified" or answer.why, f"{name}: it must say why"
    judged = answer.step
    if answer.step == "unknown":
        assert answer.is_locked, name
        assert await off(_everybody_is_told, person, answer), f"{name}: no alarm"
        answer = await _resolved(person, answer, fault)
        found.seen_ms.append((CLOCK.mono_us() - began_us) / 1e3)
    held = await lane.held()
    assert abs(held - (value if fault.does else before)) <= TOLERANCE, f"{name}: {held}, not {value}"
    assert lane.frames - frames == 1, f"{name}: {lane.frames - frames} frames"
    return judged if answer.step == judged else f"{judged}, then {answer.step}"


def _everybody_is_told(person: Person, write: Write) -> bool:
    """An alarm of this write, not one of an earlier one."""

    def told() -> bool:
        mine = [each for each in person.alarms() if each.path == write.path and each.message in DOUBTS]
        return any(each.since_us >= write.sent_us for each in mine)

    return until(told, 10, "an alarm tells of the write")


async def _resolved(person: Person, write: Write, fault: Fault) -> Write:
    if fault.does:
        late = await off(person.becomes, write.id, "verified", 60.0)
        assert late.why.startswith("executed late"), late.why
        return late
    now = await off(settled, person, write)
    assert now.step == "unknown" and now.is_locked, "nobody knows, and nobody pretends to"
    return await off(resolve, person, write, was_done=False)


def _ledger_tells_all(made: PlantLine, each_lane: int) -> None:
    """One entry "sent" for each frame, every step before it, and what became of it."""
    told: dict[str, list[str]] = {}
    of = dict[str, str]()
    unsent = set[str]()
    for each in entries(made.folder):
        if each["type"].startswith("write_"):
            body = each["body"]
            told.setdefault(body["id"], []).append(each["type"].removeprefix("write_"))
            of[body["id"]] = body["path"]
            if each["type"] == "write_rejected" and not body.get("frames"):
                unsent.add(body["id"])
    sent = {id: steps for id, steps in told.items() if "sent" in steps and id not in unsent}
    for lane in made.lanes:
        assert sum(of[id] == lane.path for id in sent) == lane.frames == each_lane, lane.path
    for steps in sent.values():
        assert steps[:5] == ["proposed", "checked", "selected", "confirmed", "sent"], steps
        assert tuple(steps[5:]) in {
            ("verified",), ("rejected",), ("unknown", "verified"), ("unknown", "closed"),
            ("rejected", "closed"), ("verified", "closed"), ("unknown", "verified", "closed"),
        }, steps  # fmt: skip
    assert watchroom("ledger", "verify", made.folder).returncode == 0
