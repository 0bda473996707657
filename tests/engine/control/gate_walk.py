"""A gate under all that people, devices, clocks, ledgers and kills do to it, and what must always hold.

Invariant I3 of reliability.md section 6: no frame without its whole trail in the ledger before it, at most
one for a write, none after a lease, none while the outcome of another on that tag is unknown.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.control.refused import Refused
from engine.types import NotRecorded, RecordEntry, Sent, Session, Write, WriteOrder
from engine.wire.control import ResolveBody, SelectBody
from tests.engine.control.gate_rig import (
    AIR,
    DOOR,
    FREE,
    MODE,
    PRESSURE,
    SPEED,
    STATE,
    TAGS,
    Book,
    Rig,
    Time,
    session,
)

AIMS: tuple[tuple[str, str, tuple[float, ...]], ...] = (
    (PRESSURE, "", (110.0, 150.0, 199.5, 250.0)),
    (SPEED, "", (0.0, 1000.0, 1200.0, 1205.0)),
    (MODE, "", (0.0, 1.0)),
    (FREE, "", (0.0, 3.0, 9.0)),
    ("L/Pump", "start", (1.0,)),
    ("L/Pump", "stop", (1.0,)),
)
PLANS = ("accept", "delay", "slow", "nak", "late nak", "down", "deaf", "stall", "drop", "lost", "raise")
PEOPLE = ("anna", "ben", "cora")
TROUBLES = ("ledger", "disk", "none", "none", "none")
WAITS = (0.05, 0.5, 3.0, 14.0, 15.0, 31.0, 61.0, 600.0)


@dataclass
class HeldTime(Time):
    """Whoever sleeps wakes when a test lets so much time pass."""

    sleepers: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)
    count: int = 0

    async def sleep(self, seconds: float) -> None:
        self.count += 1
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self.sleepers, (self.mono + round(seconds * 10**6), self.count, woken))
        await woken

    def pass_(self, seconds: float) -> None:
        super().pass_(seconds)
        while self.sleepers and self.sleepers[0][0] <= self.mono:
            woken = heapq.heappop(self.sleepers)[2]
            if not woken.done():
                woken.set_result(None)


@dataclass
class TimedBook(Book):
    """Knows when, by the monotonic clock, each entry was handed to it."""

    time: Time = field(default_factory=Time)
    handed: dict[int, int] = field(default_factory=dict)

    async def record(self, entries: Sequence[RecordEntry]) -> None:
        now = self.time.mono
        await super().record(entries)
        self.handed[len(self.entries) - 1] = now


class Walk:
    """Everything that can happen, in any order; ``check`` after each."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        time = HeldTime()
        self.book = TimedBook(time=time)
        self.rig = Rig(time=time, book=self.book)
        self.rig.sessions.update({name: self._session(name) for name in PEOPLE})
        self.tasks: list[asyncio.Task[Any]] = []
        self.frames: dict[str, int] = {}
        self.restarts = 0
        real = self.rig.device.send

        async def send(order: WriteOrder) -> Sent:
            if not (self.rig.device.plans and self.rig.device.plans[0] == "down"):
                self._judge(order)
            return await real(order)

        self.rig.device.send = send
        self.wrong: list[str] = []

    def _session(self, name: str) -> Session:
        return session(name, f"desk of {name}", "shift lead" if name == "cora" else "operator")

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        self.tasks.append(self.loop.create_task(work))
        self.spin(1)

    def spin(self, turns: int) -> None:
        async def turn() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turn())
        for task in [task for task in self.tasks if task.done()]:
            self.tasks.remove(task)
            error = None if task.cancelled() else task.exception()
            if error is not None and not isinstance(error, Refused | PermissionError | NotRecorded):
                raise error

    def ids(self) -> list[str]:
        return [write.id for write in self.rig.gate.shown(0).writes]

    def _nth(self, nth: int) -> str:
        ids = self.ids()
        return ids[nth % len(ids)] if ids else "none"

    def select(self, who: int, aim: int, value: int) -> None:
        path, verb, values = AIMS[aim % len(AIMS)]
        body = SelectBody(path, values[value % len(values)], verb=verb)
        self.start(self.rig.gate.select(PEOPLE[who % 3], body))

    def roll_back(self, who: int, nth: int) -> None:
        id = self._nth(nth)
        path = next((write.path for write in self.rig.gate.shown(0).writes if write.id == id), PRESSURE)
        self.start(self.rig.gate.select(PEOPLE[who % 3], SelectBody(path, kind="rollback", of=id)))

    def confirm(self, who: int, nth: int) -> None:
        write = next((each for each in self.rig.gate.shown(0).writes if each.id == self._nth(nth)), None)
        if write is not None:
            self.start(self.rig.confirm(write, by=PEOPLE[who % 3], reason="quality"))

    def approve(self, who: int, nth: int, is_right: bool) -> None:
        write = next((each for each in self.rig.gate.shown(0).writes if each.id == self._nth(nth)), None)
        if write is not None:
            name = PEOPLE[who % 3]
            self.start(self.rig.approve(write, name, "" if is_right else "guess", by=name))

    def go_on(self, nth: int) -> None:
        """The right person does the next thing with a write that is open."""
        steps = ("selected", "confirmed", "unknown")
        writes = [write for write in self.rig.gate.shown(0).writes if write.step in steps]
        if not writes:
            return
        write = writes[nth % len(writes)]
        if write.step == "selected":
            self.start(self.rig.confirm(write, by=write.by))
        elif write.step == "confirmed":
            second = "ben" if write.by != "ben" else "cora"
            self.start(self.rig.approve(write, second, by=second))
        else:
            self.start(self.rig.gate.resolve(write.by, ResolveBody(write.id, False, "looked at it")))

    def small(self, what: str, who: int, nth: int) -> None:
        gate, token, id = self.rig.gate, PEOPLE[who % 3], self._nth(nth)
        if what == "renew":
            try:
                gate.renew(token, id)
            except Refused:
                pass
        elif what == "cancel":
            self.start(gate.cancel(token, id))
        elif what == "resolve":
            self.start(gate.resolve(token, ResolveBody(id, bool(who % 2), "looked at it")))
        elif what == "void":
            gate.void(
                self.rig.sessions[token].id if nth % 2 and token in self.rig.sessions else "", "why not"
            )
        elif what == "log out":
            self.rig.sessions.pop(token, None)
        else:
            self.rig.sessions[token] = self._session(token)

    def drift(self, which: int, value: int) -> None:
        path = (PRESSURE, DOOR, STATE, AIR, SPEED)[which % 5]
        self.rig.device.set(path, float((150, 151, 1, 0, 1000)[which % 5] if value % 3 else value % 2))

    def plan(self, which: int) -> None:
        self.rig.device.plans = [PLANS[which % len(PLANS)]]

    def trouble(self, which: int) -> None:
        what = TROUBLES[which % len(TROUBLES)]
        self.book.trouble = "the disk is full" if what == "ledger" else ""
        self.book.disk_trouble = "no space left" if what == "disk" else ""

    def wait(self, which: int) -> None:
        self.rig.time.pass_(WAITS[which % len(WAITS)])
        self.spin(3)

    def tick(self) -> None:
        self.start(self.rig.gate.tick())
        self.spin(4)

    def kill(self) -> None:
        """The process ends here, wherever it is; another one starts."""
        self._stop_all()
        self.tasks.clear()
        self.restarts += 1
        self.rig.gate = self.rig.new_gate()
        self.loop.run_until_complete(self.rig.gate.open())

    def _stop_all(self) -> None:
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self.loop.run_until_complete(asyncio.wait(tasks))
        for task in tasks:
            if not task.cancelled():
                task.exception()

    def _judge(self, order: WriteOrder) -> None:
        """A frame goes out now: everything that must have been, has been."""
        path = TAGS[order.tag_id - 1].path
        at = max(
            k for k, e in enumerate(self.book.entries) if e.type == "write_sent" and e.body["path"] == path
        )
        id = self.book.entries[at].body["id"]
        own = [(k, e) for k, e in enumerate(self.book.entries) if e.body["id"] == id]
        steps = [entry.type.removeprefix("write_") for _, entry in own]
        is_critical = own[0][1].body["class"] == "critical"
        confirmed = [(k, e) for k, e in own if e.type == "write_confirmed"]
        signs = {entry.body["signs"] for _, entry in own if "signs" in entry.body}
        now, mine = self.rig.time.mono, self.book.kept[id]
        facts = {
            "its trail": steps
            == ["proposed", "checked", "selected", *["confirmed"] * (1 + is_critical), "sent"],
            "one hash": len(signs) == 1,
            "people": len({entry.actor for _, entry in confirmed}) == 1 + is_critical,
            "its value": own[-1][1].body["new"] == order.value,
            "first frame": id not in self.frames,
            "lease of the frame": now < self.book.handed[confirmed[-1][0]] + 15_000_000,
            "second in time": now - self.book.handed[confirmed[0][0]] < (75 if is_critical else 15) * 10**6,
            "selection in time": self._since_selected(own, confirmed[0][0]) < 90 * 10**6,
            "kept": mine.step == "sent",
            "nobody unknown": not any(
                write.is_locked and place(write) == place(mine)
                for write in self.rig.gate.shown(0).writes
                if write.id != id
            ),
            "session": own[0][1].actor in self.rig.sessions,
        }
        self.frames[id] = self.frames.get(id, 0) + 1
        self.wrong += [f"{name} of {id} ({steps})" for name, holds in facts.items() if not holds]

    def _since_selected(self, own: list[tuple[int, RecordEntry]], confirmed: int) -> int:
        selected = next(k for k, entry in own if entry.type == "write_selected")
        return self.book.handed[confirmed] - self.book.handed[selected]

    def check(self) -> None:
        """What holds at any instant."""
        assert not self.wrong, self.wrong
        assert all(count == 1 for count in self.frames.values()), self.frames
        busy = [
            w for w in self.rig.gate.shown(0).writes if w.step in ("selected", "confirmed", "sent", "unknown")
        ]
        places = [place(write) for write in busy]
        assert len(places) == len(set(places)), busy
        for write in self.rig.gate.shown(0).writes:
            assert write.is_locked is (write.step == "unknown"), write
            assert not write.needs_second or write.step != "sent" or write.second not in ("", write.by), write
            assert write.step not in ("rejected", "unknown") or write.why, write

    def end(self) -> None:
        """Let all of it come to its end: nothing is left on its way, and every frame has an outcome."""
        self.trouble(2)
        for _ in range(60):
            self.rig.time.pass_(1.0)
            self.spin(12)
        self.tick()
        self.spin(60)
        self.check()
        for write in self.rig.gate.shown(0).writes:
            assert write.step not in ("proposed", "checked", "confirmed", "sent"), write
        told = {e.body["id"] for e in self.book.entries if e.type.removeprefix("write_") in OUTCOMES}
        assert set(self.frames) <= told, set(self.frames) - told
        self._stop_all()
        self.loop.close()


def place(write: Write) -> str:
    """What a write has to itself: start and stop of the pump are one."""
    return write.asset or write.path


OUTCOMES = ("verified", "rejected", "unknown", "closed")
