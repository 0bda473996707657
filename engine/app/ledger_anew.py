"""A new ledger, begun by a person because the key of the old one is lost for good.

The old one is put aside whole in ``data/ledgers/NAME`` and can be read and checked there; the first entry of
the new one names its last checkpoint. The new one is made beside first (``data/ledgers/.new``). Once that
folder has the file ``ready`` the change is carried out, and finished by the next start if it was cut short.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from engine import paths
from engine.app.ledger_key import FILE as KEY_FILE
from engine.app.ledger_key import NEXT, Keys
from engine.app.ledger_open import BEGUN, CHECKPOINTS, FILE, KEYS, ledger_file, origin_of
from engine.ledger import LedgerError, NoLedger, Reading, begin
from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.note import to_base64
from engine.types import Clock, EndedLedger

ENDED, STAGE, READY = "ledgers", ".new", "ready"
BESIDE = (f"{FILE}-wal", f"{FILE}-shm", BEGUN, CHECKPOINTS, "ledger-checks.json", "ledger-outside.json")
"""What belongs to a ledger besides its file."""
LONGEST_NAME = 60


def begin_anew(project: Path, plant: str, keys: Keys, clock: Clock, by: str, reason: str) -> str:
    """End the ledger that is here as it is and begin a new one; returns the name of the new one.

    The caller has the ledger closed, and made sure that it cannot be signed any more.

    Raises:
        LedgerError: the old one cannot be read, or the new key cannot be kept; the old one stays.
        OSError: the disk refuses; the old one stays, or the next start finishes the change.
    """
    data, stage = paths.data(project), paths.data(project) / ENDED / STAGE
    reading = Reading(ledger_file(project))
    try:
        note = reading.checkpoint()
        followed = reading.newest_of("journal_seq")
    finally:
        reading.close()
    _, last = read_checkpoint(note)
    before = {"origin": last.origin, "size": last.size, "root": to_base64(last.root), "checkpoint": note}
    more = {"before": before, "reason": reason} | ({} if followed is None else {"journal_seq": followed})
    shutil.rmtree(stage, ignore_errors=True)
    (stage / KEYS).mkdir(mode=0o700, parents=True)
    for name in (KEY_FILE, NEXT):
        if (data / KEYS / name).exists():  # somebody may find the passphrase one day
            shutil.copy2(data / KEYS / name, stage / KEYS / name)
    key = keys.prepare(origin_of(plant))
    begin(stage / FILE, key.name, key, clock, more, by)
    paths.replace_file(stage / READY, name_of(last.origin).encode())
    finish(project)
    return key.name


def finish(project: Path) -> None:
    """Carry out a change of ledgers that was made ready; one that was not is forgotten.

    Raises:
        OSError: the disk refuses; call it again.
    """
    data, stage = project / "data", project / "data" / ENDED / STAGE
    if not stage.exists():
        return
    if (stage / READY).exists():
        home = data / ENDED / (stage / READY).read_text("utf-8")
        home.mkdir(mode=0o700, exist_ok=True)
        if not (home / FILE).exists():  # the last to go, so it tells that the others went
            for name in (*BESIDE, FILE):
                if (data / name).exists():
                    (data / name).replace(home / name)
        for name in (BEGUN, FILE):
            if (stage / name).exists():
                (stage / name).replace(data / name)
        if (stage / KEYS).exists():
            (stage / KEYS).replace(home / KEYS)
        (stage / READY).unlink()
    shutil.rmtree(stage)


def ended(project: Path) -> tuple[EndedLedger, ...]:
    """The ledgers that were ended here, the newest first; one that cannot be read has no entries."""
    found = list[EndedLedger]()
    for file in (project / "data" / ENDED).glob(f"*/{FILE}"):
        if not file.parent.name.startswith("."):
            found.append(_told(file))
    return tuple(sorted(found, key=lambda each: (-each.time_us, each.name)))


def file_of(project: Path, name: str) -> Path:
    """The file of the ledger that was ended with this name, "" = the one that is written now.

    Raises:
        NoLedger: there is none.
    """
    if not name:
        return ledger_file(project)
    file = project / "data" / ENDED / name / FILE
    if re.fullmatch(r"[a-z0-9-]+", name) is None or not file.exists():
        raise NoLedger(f"no ledger called {name!r} was ended here")
    return file


def name_of(origin: str) -> str:
    """The name of a folder for an ended ledger: of letters that every disk takes, and like no other's."""
    plain = re.sub(r"[^a-z0-9]+", "-", origin.lower()).strip("-")[:LONGEST_NAME]
    return f"{plain or 'ledger'}-{hashlib.sha256(origin.encode()).hexdigest()[:8]}"


def _told(file: Path) -> EndedLedger:
    try:
        reading = Reading(file)
    except LedgerError:
        return EndedLedger(file.parent.name, "", 0)
    try:
        _, last = read_checkpoint(reading.checkpoint())
        return EndedLedger(
            file.parent.name, last.origin, last.size, int(reading.entry(last.size - 1).content["time_us"])
        )
    except LedgerError:
        return EndedLedger(file.parent.name, reading.origin, 0)
    finally:
        reading.close()
