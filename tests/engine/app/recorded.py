"""A ledger of a project as the engine has it, with a clock and a keyring of the tests' own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.app.ledger import Scribe
from engine.app.ledger_open import ledger_file
from engine.clock import SystemClock
from engine.ledger import Reading
from engine.store import Journal, StoreError
from engine.store.sealing import Passphrase
from engine.types import Plant, Project
from engine.types.control import RecordEntry
from tests.running import until

PHRASE = Passphrase("a sentence of the tests", "the tests")


class Clock(SystemClock):
    """The machine's clocks, moved ahead by what the test says."""

    def __init__(self) -> None:
        self.ahead_us = 0

    def now_us(self) -> int:
        return super().now_us() + self.ahead_us

    def mono_us(self) -> int:
        return super().mono_us() + self.ahead_us


class Ring:
    """A keyring of the tests' own; ``is_mute`` = it does not answer."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.is_mute = False

    def get(self, name: str) -> str | None:
        self._answer()
        return self.kept.get(name)

    def set(self, name: str, secret: str) -> None:
        self._answer()
        self.kept[name] = secret

    def remove(self, name: str) -> None:
        self._answer()
        self.kept.pop(name, None)

    def _answer(self) -> None:
        if self.is_mute:
            raise StoreError("the keyring of this computer does not answer")


def project(folder: Path) -> Project:
    """Of a plant where it is noon now: hours away from the end of a shift, at which a checkpoint is kept."""
    folder.mkdir(exist_ok=True)
    hour = SystemClock().now_us() // 3_600_000_000 % 24
    return Project(str(folder), Plant(name="Mill 3", timezone=f"Etc/GMT{hour - 12:+d}"), (), ())


class Station:
    """A journal and a ledger on one project folder, as one run of the engine has them."""

    def __init__(self, folder: Path, ring: Ring | None = None, phrase: Passphrase = PHRASE) -> None:
        self.clock, self.ring = Clock(), ring
        self.project = project(folder)
        self.scribe = Scribe(self.project, self.clock, keyring=lambda: ring, phrase=lambda: phrase)
        (folder / "data").mkdir(exist_ok=True)
        self.journal = Journal(folder / "data" / "journal.db", self.scribe.heard, failed=lambda text: None)
        self.scribe.begin(self.journal)

    def happened(self, event: str, **body: Any) -> None:
        self.journal.append(self.clock.now_us(), event, body)

    def close(self) -> None:
        self.journal.close()
        self.scribe.close()


@contextlib.contextmanager
def station(folder: Path, ring: Ring | None = None, phrase: Passphrase = PHRASE) -> Iterator[Station]:
    """A station that knows how its ledger is."""
    made = Station(folder, ring, phrase)
    try:
        until(lambda: not made.scribe.is_starting, 10, "the ledger is opened")
        yield made
    finally:
        made.close()


def record(made: Station, *entries: RecordEntry) -> None:
    """Put on record and wait; raises what the scribe does."""
    asyncio.run(made.scribe.record(entries))


def sent(k: int) -> RecordEntry:
    return RecordEntry("write_sent", "Ada", {"tag": f"Press/Pressure {k}", "new": k + 0.5}, "Press")


def lines(folder: Path) -> list[dict[str, Any]]:
    """All entries of a project's ledger."""
    reading = Reading(ledger_file(folder))
    try:
        return [each.content for each in reading.entries(limit=-1)]
    finally:
        reading.close()


def types(folder: Path) -> list[str]:
    return [each["type"] for each in lines(folder)]
