"""A gate over a simulated device, ledger and disk, in a time of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.control.gate import Gate
from engine.control.outside import Outside
from engine.types import (
    Action,
    Command,
    ControlSettings,
    Interlock,
    Live,
    NotRecorded,
    Permissive,
    Person,
    Reading,
    RecordEntry,
    RoleAt,
    Sent,
    Session,
    Tag,
    Write,
    WriteOrder,
    WriteRule,
)
from engine.wire.control import ApproveBody, ConfirmBody, SelectBody

S = 1_000_000
PRESSURE, SPEED, ACTUAL, DOOR = "L/S50/Pressure", "L/S50/Speed", "L/S50/Actual speed", "L/S50/Door closed"
START, STOP, STATE, AIR, GUARD = "L/Pump/Start", "L/Pump/Stop", "L/Pump/State", "L/Pump/Air", "L/Pump/Guard"
MODE, FREE = "L/S50/Mode", "L/S50/Free"
TAGS = tuple(
    Tag(k, path, "plc", "holding:0", type, unit, low, high, states=states)
    for k, (path, type, unit, low, high, states) in enumerate(
        [
            (PRESSURE, "float32", "bar", 0.0, 250.0, {}),
            (SPEED, "int16", "rpm", 0.0, 3000.0, {}),
            (ACTUAL, "int16", "rpm", 0.0, 3000.0, {}),
            (DOOR, "bool", "", None, None, {}),
            (START, "bool", "", None, None, {}),
            (STOP, "bool", "", None, None, {}),
            (STATE, "int16", "", None, None, {0: "stopped", 1: "running", 2: "fault"}),
            (AIR, "bool", "", None, None, {}),
            (GUARD, "bool", "", None, None, {}),
            (MODE, "int16", "", None, None, {0: "manual", 1: "auto"}),
            (FREE, "float64", "", None, None, {}),
        ],
        start=1,
    )
)
ID = {tag.path: tag.tag_id for tag in TAGS}
RULES = (
    WriteRule(PRESSURE, low=100.0, high=200.0, tolerance=0.5),
    WriteRule(SPEED, "critical", step=10.0, readback=ACTUAL, tolerance=5.0),
    WriteRule(MODE, interlock="{L/S50/Door closed} == 1", roles=("shift lead",)),
    WriteRule(FREE, rate=10.0, reasons=("quality", "test"), tolerance=0.001),
)
COMMANDS = (
    Command(
        "L/Pump", "start", START, 1.0, feedback=STATE, expects=(1.0,), within_s=5.0,
        permissives=(Permissive(AIR, "Air is there"), Permissive(GUARD, "The guard is closed")),
    ),
    Command("L/Pump", "stop", STOP, 1.0, feedback=STATE, expects=(0.0,)),
)  # fmt: skip
START_VALUES = {
    PRESSURE: 150.0, SPEED: 1000.0, ACTUAL: 1000.0, DOOR: 1.0, START: 0.0, STOP: 0.0, STATE: 0.0, AIR: 1.0,
    GUARD: 1.0, MODE: 0.0, FREE: 0.0,
}  # fmt: skip


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Time:
    """Passes in ``sleep`` alone, at once, and when a test lets it."""

    mono: int = 1_000 * S
    utc: int = 1_700_000_000 * S

    def now_us(self) -> int:
        return self.utc

    def mono_us(self) -> int:
        return self.mono

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.pass_(seconds)

    def pass_(self, seconds: float) -> None:
        self.mono += round(seconds * S)
        self.utc += round(seconds * S)


@dataclass
class Device:
    """Does what it is told to do with the next frames: ``plans``, then ``accept``.

    ``accept`` at once · ``nak`` says no · ``delay`` takes 1 s and does it · ``slow`` says yes and does it
    after 2 s · ``deaf`` says yes and never does it · ``stall`` does not answer and does it when 30 s are
    over · ``drop`` neither · ``lost`` does it and its answer is lost · ``late nak`` says no and does it 20 s
    later · ``down`` = there was no link, no frame · ``raise`` = the driver breaks.
    """

    time: Time
    values: dict[int, float] = field(default_factory=lambda: {ID[p]: v for p, v in START_VALUES.items()})
    plans: list[str] = field(default_factory=list)
    frames: list[WriteOrder] = field(default_factory=list)
    coming: list[tuple[int, int, float]] = field(default_factory=list)
    status: dict[int, int] = field(default_factory=dict)
    age_s: dict[int, float | None] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)
    reads: int = 0
    hook: Any = None

    def value(self, path: str) -> float:
        self._come()
        return self.values[ID[path]]

    def set(self, path: str, value: float) -> None:
        self.values[ID[path]] = value

    def live(self, tag_id: int) -> Live:
        self._come()
        return Live(self.values.get(tag_id), self.status.get(tag_id, 0), self.age_s.get(tag_id, 0.2), 1.0)

    async def read(self, tag_id: int) -> Reading:
        self.reads += 1
        await asyncio.sleep(0)
        self._come()
        if tag_id in self.silent:
            return Reading(None, why="no answer")
        return Reading(self.values[tag_id], self.status.get(tag_id, 0))

    async def send(self, order: WriteOrder) -> Sent:
        plan = self.plans.pop(0) if self.plans else "accept"
        if plan == "down":
            return Sent("rejected", "the link is down", 0)
        self.frames.append(order)
        await asyncio.sleep(0)
        now = self.time.mono
        if plan == "raise":
            raise RuntimeError("a bug in the driver")
        if plan == "nak":
            return Sent("rejected", "illegal data value", 1)
        if plan == "late nak":
            self._effect(order, now + 20 * S)
            return Sent("rejected", "busy", 1)
        if plan in ("stall", "drop", "lost"):
            if plan != "drop":
                self._effect(order, now + (30 * S if plan == "stall" else 0))
            await self.time.sleep(order.deadline_s)
            return Sent("unknown", "no answer within its deadline", 1)
        if plan == "delay":
            await self.time.sleep(1.0)
        if plan != "deaf":
            self._effect(order, self.time.mono + (2 * S if plan == "slow" else 0))
        return Sent("accepted", "", 1)

    def _effect(self, order: WriteOrder, at: int) -> None:
        """What a frame does: a pulse ends by itself, and the machine follows."""
        path = TAGS[order.tag_id - 1].path
        follows = {SPEED: (ACTUAL, order.value + 2), START: (STATE, 1.0), STOP: (STATE, 0.0)}
        if path not in (START, STOP):
            self.coming.append((at, order.tag_id, order.value))
        if path in follows:
            tag, value = follows[path]
            self.coming.append((at, ID[tag], value))

    def _come(self) -> None:
        due = [each for each in self.coming if each[0] <= self.time.mono]
        self.coming = [each for each in self.coming if each[0] > self.time.mono]
        for _, tag_id, value in sorted(due, key=lambda each: each[0]):
            self.values[tag_id] = value


@dataclass
class Book:
    """The ledger and the disk. ``trouble`` = why the ledger takes nothing; ``at`` is called at each point."""

    entries: list[RecordEntry] = field(default_factory=list)
    kept: dict[str, Write] = field(default_factory=dict)
    trouble: str = ""
    refused: set[str] = field(default_factory=set)
    disk_trouble: str = ""
    at: Any = lambda point: None

    async def record(self, entries: Sequence[RecordEntry]) -> None:
        names = "+".join(entry.type for entry in entries)
        self.at(f"before {names}")
        await asyncio.sleep(0)
        if self.trouble or self.refused & {entry.type for entry in entries}:
            raise NotRecorded(self.trouble or "the disk is full")
        self.entries += entries
        self.at(f"after {names}")

    async def save(self, write: Write) -> None:
        self.at(f"before keeping {write.step}")
        await asyncio.sleep(0)
        if self.disk_trouble:
            raise OSError(self.disk_trouble)
        self.kept[write.id] = write
        self.at(f"after keeping {write.step}")

    def all(self) -> list[Write]:
        return [write for write in self.kept.values() if write.step != "closed"]

    def trail(self, id: str) -> list[str]:
        return [entry.type.removeprefix("write_") for entry in self.entries if entry.body["id"] == id]

    def of(self, id: str, step: str) -> list[RecordEntry]:
        return [e for e in self.entries if e.body["id"] == id and e.type == f"write_{step}"]


def failing(write: Write) -> list[str]:
    """The names of the checks that forbid a write."""
    return [check.name for check in write.checks if check.is_needed and not check.is_ok]


def session(person: str, station: str = "desk 1", role: Any = "operator", **more: Any) -> Session:
    return Session(
        f"s-{person}-{station}",
        person,
        person.title(),
        station,
        "password",
        (RoleAt(role),),
        0,
        10**18,
        **more,
    )


@dataclass
class Rig:
    """Everything around a gate. Anna sits at desk 1 (token "anna"), Ben at desk 2, Cora is a shift lead."""

    time: Time = field(default_factory=Time)
    book: Book = field(default_factory=Book)
    settings: ControlSettings = ControlSettings()
    rules: tuple[WriteRule, ...] = RULES
    commands: tuple[Command, ...] = COMMANDS
    interlocks: dict[str, tuple[Interlock, ...]] = field(
        default_factory=lambda: {
            "L/Pump": (Interlock(DOOR, "The door is closed"), Interlock(AIR, "Air is there"))
        }
    )
    sessions: dict[str, Session] = field(
        default_factory=lambda: {
            "anna": session("anna"),
            "ben": session("ben", "desk 2"),
            "cora": session("cora", "desk 3", "shift lead"),
        }
    )
    forbidden: dict[tuple[str, str], str] = field(default_factory=dict)
    blocks: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(
        default_factory=lambda: {
            name: Person(name, name.title(), (RoleAt("operator"),))
            for name in ("anna", "ben", "cora", "Anna")
        }
    )
    alarms: list[tuple[Write, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.device = Device(self.time)
        self.gate = self.new_gate()

    def new_gate(self) -> Gate:
        outside = Outside(
            clock=self.time,
            live=self.device.live,
            send=self._send,
            read=self._read,
            record=self.book.record,
            may=self._may,
            person_may=lambda name, action, path: self.forbidden.get((name, action), ""),
            session=lambda token: self.sessions.get(token),
            second=self._second,
            blocked=lambda path, station: self.blocks.get(path, ""),
            keep=self.book,
            alarm=lambda write, text: self.alarms.append((write, text)),
            interlocks=self.interlocks,
        )
        return Gate(self.rules, self.commands, TAGS, self.settings, outside)

    async def _send(self, order: WriteOrder) -> Sent:
        self.book.at("before send")
        answer = await self.device.send(order)
        self.book.at("after send")
        return answer

    async def _read(self, tag_id: int) -> Reading:
        self.book.at("before read")
        reading = await self.device.read(tag_id)
        self.book.at("after read")
        return reading

    def _may(self, token: str, action: Action, path: str) -> str:
        return self.forbidden.get((token, action), "")

    async def _second(self, name: str, secret: str, station: str, first: str) -> Person:
        await asyncio.sleep(0)
        if secret != f"secret of {name}":
            raise PermissionError("the name or the password is wrong")
        return self.people[name]

    async def select(self, path: str, value: float | None = None, by: str = "anna", **more: Any) -> Write:
        return await self.gate.select(by, SelectBody(path, value, **more))

    async def confirm(self, write: Write, by: str = "anna", reason: str = "quality", note: str = "") -> Write:
        return await self.gate.confirm(by, ConfirmBody(write.id, write.path, write.new, reason, note))

    async def approve(self, write: Write, name: str = "ben", secret: str = "", by: str = "anna") -> Write:
        return await self.gate.approve(by, ApproveBody(write.id, name, secret or f"secret of {name}"))

    async def write(self, path: str, value: float | None = None, **more: Any) -> Write:
        """Selected and confirmed, by two where it needs two."""
        write = await self.select(path, value, **more)
        if write.step == "selected":
            write = await self.confirm(write)
        if write.step == "confirmed":
            write = await self.approve(write)
        return write

    async def wait(self, seconds: float, every_s: float = 1.0) -> None:
        """Let time pass, with the gate's ticks."""
        for _ in range(max(1, round(seconds / every_s))):
            self.time.pass_(min(seconds, every_s))
            await self.gate.tick()
            await self.gate.idle()

    def late(self) -> list[str]:
        """What everybody was told that was executed late."""
        return [write.id for write, text in self.alarms if "executed late" in text]

    def now(self, id: str) -> Write:
        """A write as people see it."""
        return next(write for write in self.gate.shown(0).writes if write.id == id)
