"""Opening a project's ledger, or beginning it; what went back or was written anew is not gone on with."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from engine import paths
from engine.app.ledger_anchor import anchors, gone, went_back
from engine.app.ledger_key import Keys
from engine.ledger import Draft, Ledger, LedgerError, NoLedger, Reading, begin
from engine.ledger.tables import RESTORE
from engine.types import Clock

FILE, BEGUN, CHECKPOINTS, KEYS = "ledger.db", "ledger.begun", "checkpoints", "keys"
LONGEST_NAME = 40


class WentBack(LedgerError):
    """The ledger is another one than this computer knows. A person may accept it."""


def ledger_file(project: Path) -> Path:
    """Where a project has its ledger."""
    return project / "data" / FILE


def open_or_begin(
    project: Path, plant: str, keys: Keys, clock: Clock, *, is_new: bool, accepted: bool = False
) -> Ledger:
    """The ledger of a project, open for appending; begun where it never was.

    ``is_new`` = nothing ever happened in this project, so that no ledger can be missing; ``accepted`` = a
    person said that it is right although it went back.

    Raises:
        WentBack: a newer or another one was seen on this computer.
        LedgerError: it cannot be opened; the text says why and what to do.
    """
    path, known, before = ledger_file(project), anchors(), None
    reading = _reading(path)
    if reading is None:
        before = gone(project, known)
        if before is not None and not is_new and not accepted:
            raise WentBack(
                f"the ledger {before.origin} with {before.checkpoint.size} entries that this project had is "
                f"gone; {RESTORE}. If it was taken away on purpose, accept in System > Ledger a new one"
            )
        paths.data(project)
        key = keys.first(origin_of(plant), {each.origin for each in known})
        begin(path, key.name, key, clock)
        reading = Reading(path)
    try:
        why, _ = ("", None) if accepted else went_back(reading, known, path.parent / CHECKPOINTS)
        if why:
            raise WentBack(why)
        key = keys.of(reading.keys[-1].key)
    finally:
        reading.close()
    ledger = Ledger(path, key, clock)
    if before is not None:
        body = {"event": "ledger_gone", "origin": before.origin, "checkpoint": before.note}
        ledger.append([Draft("gap", "ledger", body)])
    return ledger


def origin_of(plant: str) -> str:
    """A name for a new ledger: that of the plant as far as ASCII goes, and a random part."""
    name = re.sub(r"[^a-z0-9]+", "-", plant.lower()).strip("-")[:LONGEST_NAME]
    return f"watchroom/{name or 'plant'}/{secrets.token_hex(6)}"


def _reading(path: Path) -> Reading | None:
    """The ledger that is there, None = none was ever begun."""
    begun = path.with_name(BEGUN).exists()
    if not begun and not (path.exists() and path.stat().st_size):
        return None
    try:
        return Reading(path)
    except NoLedger as error:
        if not begun:
            return None  # the engine ended before it could begin it
        raise NoLedger(
            f"the ledger {path} is gone, but {BEGUN} says that there was one; {RESTORE}"
        ) from error
