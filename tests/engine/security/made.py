"""A security desk for tests: a clock that a test owns, cheap hashes, and a ledger that can refuse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import argon2

from engine.security.directory import Directory, DirectoryPerson
from engine.security.errors import Denied, DirectoryAbsent
from engine.security.security import Security
from engine.types.control import NotRecorded, RecordEntry
from engine.types.people import RoleAt, SecuritySettings
from engine.wire.people import (
    FirstBody,
    LoginAnswer,
    LoginBody,
    PeopleChangeBody,
    PersonEdit,
    SecretBody,
)

CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
MORNING_US = 1_792_569_600_000_000
"""2026-10-21 08:00 UTC, a Wednesday: 10:00 in Berlin."""
HOUR_US, MIN_US = 3_600_000_000, 60_000_000
WEEK_S = 7 * 86_400.0
"""So long whoever gave a secret and whom they gave it count as one person."""
SHIFTS = ("06:00", "14:00", "22:00")
DESK = "desk 1"
ADA, ADA_PASSWORD = "ada", "purple bridge tractor song"
PASSWORD = "velvet onion cabinet storm"
OTHER_PASSWORD = "copper lantern walnut tide"


@dataclass
class HandClock:
    """Both clocks stand still until a test moves them."""

    wall: int = MORNING_US
    mono: int = 5_000_000_000

    def now_us(self) -> int:
        return self.wall

    def mono_us(self) -> int:
        return self.mono

    async def sleep(self, seconds: float) -> None:
        self.go(seconds)
        await asyncio.sleep(0)

    def go(self, seconds: float) -> None:
        """Time passes."""
        self.wall += round(seconds * 1e6)
        self.mono += round(seconds * 1e6)

    def step(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.wall += round(seconds * 1e6)


@dataclass
class PaperLedger:
    """What was put on record; ``refusing`` = why it takes nothing."""

    entries: list[RecordEntry] = field(default_factory=list)
    refusing: str = ""

    async def put(self, entries: Sequence[RecordEntry]) -> None:
        await asyncio.sleep(0)
        if self.refusing:
            raise NotRecorded(self.refusing)
        self.entries += entries

    def types(self) -> list[str]:
        return [entry.type for entry in self.entries]

    def of(self, kind: str) -> list[RecordEntry]:
        return [entry for entry in self.entries if entry.type == kind]


@dataclass
class PaperDirectory:
    """A directory in memory: name → (password, who it is); ``is_absent`` = it does not answer."""

    known: dict[str, tuple[str, DirectoryPerson]] = field(default_factory=dict)
    is_absent: bool = False
    asked: int = 0

    async def check(self, name: str, secret: str) -> DirectoryPerson | None:
        await asyncio.sleep(0)
        self.asked += 1
        if self.is_absent:
            raise DirectoryAbsent("no answer from ldap.example within 3 s")
        password, person = self.known.get(name.lower(), ("", None))
        return person if person and password == secret else None


@dataclass
class Place:
    """A desk and everything around it."""

    security: Security
    clock: HandClock
    ledger: PaperLedger
    alarms: list[tuple[str, str]]
    path: Path
    options: dict[str, Any]

    def again(self) -> Place:
        """The engine is started anew on the same project."""
        self.security.close()
        self.security = _security(self)
        return self

    async def admin(self) -> LoginAnswer:
        """The first administrator, logged in at the control room."""
        return await self.security.first_administrator(FirstBody("office", ADA, "Ada Lovelace", ADA_PASSWORD))

    async def login(self, name: str, password: str = PASSWORD, station: str = DESK) -> LoginAnswer:
        return await self.security.login(LoginBody(station, name, password, device=device_at(station)))

    async def pin(self, name: str, pin: str, station: str = DESK) -> LoginAnswer:
        return await self.security.login(LoginBody(station, name, pin, "pin"))


def device_at(station: str) -> str:
    """What the window of a real station says with each login."""
    return f"the secret that only {station} has" + 20 * "."


def _security(place: Place) -> Security:
    options = {"settings": SecuritySettings(), "shifts": SHIFTS, "zone": "Europe/Berlin"} | place.options
    return Security(
        place.path,
        options.pop("settings"),
        options.pop("shifts"),
        options.pop("zone"),
        place.clock,
        place.ledger.put,
        lambda area, text: place.alarms.append((area, text)),
        hardness=options.pop("hardness", CHEAP),
        **options,
    )


@asynccontextmanager
async def desk(folder: Path, directory: Directory | None = None, **options: Any) -> AsyncIterator[Place]:
    """A desk with nobody yet; closed at the end."""
    clock, ledger = HandClock(), PaperLedger()
    options["directory"] = directory
    place = Place(None, clock, ledger, [], folder / "security.db", options)  # type: ignore[arg-type]
    place.security = _security(place)
    try:
        yield place
        ledger.refusing = ""
        await place.security.settle()
    finally:
        place.security.close()


def person(name: str, *roles: str, password: str = PASSWORD, must_change: bool = False) -> PersonEdit:
    """Somebody with roles as in "operator" and "operator at Line 1"."""
    at = tuple(RoleAt(role, area) for role, _, area in (each.partition(" at ") for each in roles))  # type: ignore[arg-type]
    return PersonEdit(name, f"{name.title()} Example", at, password=password, must_change=must_change)


async def staffed(place: Place, *people: PersonEdit) -> LoginAnswer:
    """The administrator's login, after making these people."""
    admin = await place.admin()
    await place.security.change(admin.token, PeopleChangeBody(people))
    return admin


async def set_pin(place: Place, name: str, pin: str, station: str = DESK, password: str = PASSWORD) -> str:
    """Somebody logs in with the password and chooses a PIN there; the token."""
    token = (await place.login(name, password, station)).token
    await place.security.secret_change(token, SecretBody(name, "pin", pin, password, station))
    return token


async def why_denied(awaited: Any) -> str:
    """The sentence that something was refused with; it must be refused."""
    try:
        await awaited
    except Denied as denied:
        return str(denied)
    raise AssertionError("it was not refused")
