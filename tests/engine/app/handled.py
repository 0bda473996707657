"""A project in operation with its people and its gate, without its sources: a driver of the tests' own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from engine.app.hands import Hands, open_hands
from engine.app.ledger import Scribe
from engine.app.plant import Running, open_plant
from engine.app.status import answers
from engine.clock import SystemClock
from engine.drivers.driver import Context, Writes
from engine.server import SESSION, Answer
from engine.store import Journal
from engine.types import (
    Batch,
    Plant,
    Project,
    Reading,
    RoleAt,
    SecuritySettings,
    Sent,
    Source,
    Stage,
    StageState,
    Tag,
    WriteOrder,
    WriteRule,
)
from engine.wire import FirstBody, LoginAnswer, LoginBody, PeopleAnswer, PeopleChangeBody, PersonEdit, encode
from tests.engine.app.recorded import PHRASE, Ring
from tests.engine.security.made import CHEAP
from tests.people import ADA, CREW, PASSWORD

SETPOINT, SPEED = "Line/Press/Setpoint", "Line/Press/Speed"
TAGS = (
    Tag(-1, SETPOINT, "plc", "holding:0:float32", "float32", "bar", 0.0, 250.0, rate=1.0),
    Tag(-1, SPEED, "plc", "holding:2:float32", "float32", "rpm", 0.0, 3000.0, rate=1.0),
)
RULES = (WriteRule(SETPOINT, low=100.0, high=200.0, tolerance=0.01), WriteRule(SPEED, "critical"))
Made = TypeVar("Made")


@dataclass
class Device:
    """What a driver of the tests reaches: it holds ``values`` by tag id and keeps every order.

    ``loads`` counts how often the code that writes was loaded; writes wait while ``go`` is not set.
    """

    values: dict[int, float] = field(default_factory=dict)
    orders: list[WriteOrder] = field(default_factory=list)
    loads: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)
    at_work: asyncio.Event = field(default_factory=asyncio.Event)

    def load(self) -> Writes:
        self.loads += 1
        return Writes(self._send, self._read)

    async def _send(self, context: Context, order: WriteOrder) -> Sent:
        self.orders.append(order)
        self.at_work.set()
        await self.go.wait()
        self.values[order.tag_id] = order.value
        return Sent("accepted", "", 1)

    async def _read(self, context: Context, tag_id: int) -> Reading:
        return Reading(self.values[tag_id])


class Site:
    """All of an engine but its process, its socket and its sources."""

    second_after_days = 0.0
    """One administrator makes everybody, and they work together at once."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.device = SystemClock(), Device()
        self.is_link_confirmed = True
        self.device.go.set()
        source = Source("plc", "modbus", "tcp://127.0.0.1:9", "none", unsecured_writes=True)
        plant = Plant(
            name="p", ring_mb=1, security=SecuritySettings(second_after_days=self.second_after_days)
        )
        project = Project(str(folder), plant, (source,), TAGS, writes=RULES)
        (folder / "runtime").mkdir(exist_ok=True)
        (folder / "data").mkdir(exist_ok=True)
        self.running: Running = open_plant(folder, project, 7, folder / "runtime", self.clock)
        context, driver, self.link = self.running.sources[0]
        self.running.sources[0] = context, replace(driver, load_writes=self.device.load), self.link
        self.running.scribe = self.scribe = Scribe(
            self.running.project, self.clock, keyring=Ring, phrase=lambda: PHRASE
        )
        self.journal = Journal(folder / "data" / "journal.db", self.scribe.heard, failed=print)
        self.running.journal = self.journal
        self.scribe.begin(self.journal)
        self.hands: Hands = open_hands(self.running, self.scribe, CHEAP)
        self.answers: Mapping[str, Answer] = answers(self.running, asyncio.Event(), self.hands)
        for tag, value in zip(self.running.tags, (150.0, 1000.0), strict=True):
            self.device.values[tag.tag_id] = value

    async def close(self) -> None:
        await self.hands.close()
        await asyncio.to_thread(self.journal.close)
        await asyncio.to_thread(self.scribe.close)
        self.running.close()

    def jobs(self) -> frozenset[str]:
        """The kinds of long work there are."""
        past: Any = self.running.past
        return frozenset(past.job_kinds)

    def connect(self) -> None:
        """The link is there, and every value is good and fresh."""
        self.link.state, self.link.proven_mono_us = "connected", self.clock.mono_us()
        self.see()

    def see(self) -> None:
        """The device shows what it holds."""
        ids = np.array([tag.tag_id for tag in self.running.tags], np.int32)
        now = np.array([self.clock.now_us()], np.int64)
        values = np.array([[self.device.values[int(id)] for id in ids]])
        self.running.sinks[0].batch(Batch(0, ids, now, now, values, np.zeros(len(ids), np.uint32)))

    async def ask(self, op: str, body: object, answer: type[Made], token: str = "") -> Made:
        """Ask as a window does, for the session of a token; raises what the answer raises."""
        mark = SESSION.set(token)
        try:
            told = await self.answers[op](msgspec.Raw(encode(body)))
        finally:
            SESSION.reset(mark)
        assert isinstance(told, answer)
        return told

    async def staff(self) -> str:
        """Everybody of ``CREW``; the token of the administrator."""
        first = await self.ask("first_administrator", FirstBody("office", ADA, "Ada", PASSWORD), LoginAnswer)
        crew = tuple(
            PersonEdit(name, full, (RoleAt(role),), password=PASSWORD, must_change=False)
            for name, full, role in CREW
        )
        await self.ask("people_change", PeopleChangeBody(crew), PeopleAnswer, first.token)
        if self.is_link_confirmed:
            await self.hands.control.unsecured.confirm_all(ADA)
        return first.token

    async def login(self, name: str, station: str = "desk") -> str:
        """The token of a session."""
        return (await self.ask("login", LoginBody(station, name, PASSWORD), LoginAnswer)).token

    async def begin_at(self, stage: Stage) -> StageState:
        """A stage that this project never had."""
        await self.hands.control.unsecured.confirm_all("test")
        return await self.hands.control.stage.begin_at(stage)


@asynccontextmanager
async def site(folder: Path, change: Callable[[Site], None] = lambda made: None) -> AsyncGenerator[Site]:
    """A project in operation whose gate is open; closed at the end."""
    made = Site(folder)
    change(made)
    gate = asyncio.create_task(made.hands.run())
    try:
        yield made
    finally:
        gate.cancel()
        await asyncio.gather(gate, return_exceptions=True)
        await made.close()
