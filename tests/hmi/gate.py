"""A gate from memory for the tests of writing: it keeps what was asked and answers when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from engine.types import Command, Interlock, Permissive, Project, WriteRule
from engine.types.control import Check, StageState, WorkTag, Write
from engine.types.people import RoleAt, Session
from engine.wire.control import ControlAnswer
from hmi.control_book import ControlBook
from hmi.who import Who
from tests.hmi.line import LINE, PRESS, PUMP, SETPOINT, TAGS, TYPES
from tests.hmi.plant import NOW_US, PlantFeed, tag

HYDRAULICS = f"{PRESS}/Hydraulics"
MODE = f"{PRESS}/Mode"
START = f"{HYDRAULICS}/Pump start"
GUARD = f"{HYDRAULICS}/Guard closed"
LEVEL = f"{HYDRAULICS}/Oil level ok"
RULES = (
    WriteRule(SETPOINT, low=160, high=230, step=0.5, rate=20),
    WriteRule(MODE, "critical", reasons=("change of product", "equipment trouble")),
)
COMMANDS = (
    Command(
        HYDRAULICS,
        "start",
        START,
        1.0,
        feedback=PUMP,
        expects=(1.0,),
        permissives=(Permissive(GUARD, "Guard closed"), Permissive(LEVEL, "Oil level > 40 %")),
    ),
    Command(HYDRAULICS, "stop", START, 0.0, feedback=PUMP, expects=(0.0,)),
)
MORE = (
    tag(START, "", None, None, type="bool"),
    tag(GUARD, "", None, None, type="bool"),
    tag(LEVEL, "", None, None, type="bool"),
)
TYPED = tuple(
    msgspec.structs.replace(
        each, interlocks=(Interlock("Guard closed"), Interlock("Pump running", "Pump runs"))
    )
    if each.id == "hydraulics"
    else each
    for each in TYPES
)
WRITABLE: Project = msgspec.structs.replace(
    LINE, tags=(*TAGS, *MORE), types=TYPED, writes=RULES, commands=COMMANDS
)
VALUES = (11.9, 241.6, 220.0, 46.2, 1.0, 1842.0, 2.0, 1.0, 6.1, 0.0, 1.0, 1.0)
OPERATOR = Session(
    "s1", "operator", "Maria Operator", "desk 1", "password", (RoleAt("operator"),), NOW_US, NOW_US + 10**10
)
MAY = frozenset({"write", "write critical", "command", "restore", "work tag", "approve"})
KNOWN = Who(is_known=True, session=OPERATOR, actions=MAY)  # pyright: ignore[reportArgumentType]
CHECKS = (
    Check("The value is good and fresh", True),
    Check("Within 160 to 230 bar", True),
    Check("At most 20 bar a minute", True),
    Check("No work in progress", True),
    Check("Nobody else is changing it", True),
)


@dataclass(slots=True, eq=False)
class Asked:
    """One request, waiting for its answer."""

    op: str
    body: dict[str, Any]
    done: Callable[[Any], None]
    fail: Callable[[str], None]


class GateFeed(PlantFeed):
    """Keeps every request; the test answers, refuses, or lets it wait."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Asked] = []

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        """Keep it."""
        self.sent.append(Asked(name, body, on_done, on_error))

    @property
    def ops(self) -> list[str]:
        """What was asked, in order."""
        return [each.op for each in self.sent]

    def answer(self, what: Any) -> None:
        """Answer the newest request, as it comes over the wire."""
        self.sent[-1].done(msgspec.msgpack.decode(msgspec.msgpack.encode(what)))

    def refuse(self, why: str) -> None:
        """Refuse the newest request."""
        self.sent[-1].fail(why)


def write(step: Any = "selected", **more: Any) -> Write:
    """A write of the setpoint from 220 to 212 bar by the operator."""
    facts: dict[str, Any] = {
        "id": "w1",
        "kind": "setpoint",
        "path": SETPOINT,
        "new": 212.0,
        "old": 220.0,
        "unit": "bar",
        "by": "operator",
        "by_name": "M. Operator",
        "station": "desk 1",
        "checks": CHECKS,
        "proposed_us": NOW_US,
        "until_us": NOW_US + 15_000_000,
    }
    if step in ("sent", "verified", "rejected", "unknown"):
        facts["sent_us"] = NOW_US
    if step in ("verified", "rejected", "unknown"):
        facts["done_us"] = NOW_US
    if step == "verified":
        facts |= {"seen": 212.0, "rollback_until_us": NOW_US + 600_000_000}
    if step == "unknown":
        facts["is_locked"] = True
    return Write(step=step, **{**facts, **more})


def answer(
    *writes: Write,
    stage: Any = "control",
    work: tuple[WorkTag, ...] = (),
    refusing: str = "",
    version: int = 1,
) -> ControlAnswer:
    """A whole answer to ``control``."""
    return ControlAnswer(version, True, StageState(stage), writes, work, (), refusing)


def book(*writes: Write, **more: Any) -> ControlBook:
    """A book that was told these."""
    made = ControlBook()
    made.take(answer(*writes, **more))
    return made


def work_tag(asset: str = HYDRAULICS, by: str = "ina", **more: Any) -> WorkTag:
    """Ina Kern works on an asset."""
    facts: dict[str, Any] = {"name": "Ina Kern", "phone": "4711", "order": "WO-10884", "text": "seal"}
    return WorkTag(asset, by, **{**facts, **more})
