"""The newest checkpoint of a ledger, kept where a restore or a copy of the project does not reach.

It lies in the user's settings folder. A ledger that has fewer entries than its anchor, or others, went back
or was written anew, and does not go on by itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from pathlib import Path

import msgspec

from engine import paths
from engine.ledger import LedgerError, Reading
from engine.ledger.checkpoint import Checkpoint, read_checkpoint
from engine.ledger.fork import find_fork, write_evidence
from engine.typed import from_json

log = logging.getLogger("watchroom.ledger")
ACCEPT = (
    "If somebody restored an older backup on purpose, accept it in System > Ledger; else keep the file as it "
    "is, and find out who changed it"
)


class Anchor(msgspec.Struct, frozen=True):
    """Where a project was and how far its ledger: ``note`` is a signed checkpoint."""

    origin: str
    project: str
    note: str
    time_us: int

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note says."""
        return read_checkpoint(self.note)[1]


def anchors() -> list[Anchor]:
    """All that this user has; one that cannot be read counts as none."""
    found = list[Anchor]()
    for file in sorted(_folder().glob("*.json")):
        try:
            anchor = from_json(file.read_bytes(), Anchor)
            read_checkpoint(anchor.note)
        except (OSError, msgspec.MsgspecError, LedgerError) as error:
            log.warning("%s is not used: %s", file, error)
        else:
            found.append(anchor)
    return found


def write_anchor(anchor: Anchor) -> None:
    """Keep it in the place of the last one of this project.

    Raises:
        OSError: the folder cannot be written.
    """
    _folder().mkdir(mode=0o700, exist_ok=True)
    paths.replace_file(_file(anchor), msgspec.json.encode(anchor))


def forget_anchors(origin: str) -> None:
    """Those of a ledger that somebody accepted as it is now."""
    for each in anchors():
        if each.origin == origin:
            with contextlib.suppress(OSError):
                _file(each).unlink(missing_ok=True)


def went_back(reading: Reading, known: list[Anchor], evidence: Path) -> tuple[str, Anchor | None]:
    """What the anchors of this ledger prove against it, in words, and the one that does; "" = it goes on.

    Two checkpoints that prove it to anybody are kept as a file in the folder ``evidence``.

    Raises:
        LedgerDamaged: the ledger cannot be read.
    """
    size = reading.size
    for anchor in sorted(known, key=lambda each: each.checkpoint.size):
        if anchor.origin != reading.origin:
            continue
        seen = anchor.checkpoint
        if seen.size > size:
            return (
                f"the ledger {anchor.origin} has {size} entries, but had {seen.size} before on this computer "
                f"({anchor.project}): it was cut, or an older one was put in its place. {ACCEPT}",
                anchor,
            )
        if reading.root(seen.size) != seen.root:
            return f"{_forked(reading, anchor, evidence)}. {ACCEPT}", anchor
    return "", None


def gone(project: Path, known: list[Anchor]) -> Anchor | None:
    """The ledger that this project had before, if this computer knows of one."""
    own = [each for each in known if each.project == str(project)]
    return max(own, key=lambda each: each.time_us, default=None)


def _forked(reading: Reading, anchor: Anchor, folder: Path) -> str:
    size = anchor.checkpoint.size
    text = f"the first {size} entries of the ledger {anchor.origin} are not those that were signed before"
    with contextlib.suppress(LedgerError, OSError):
        proof = find_fork((anchor.note, reading.checkpoint(size)))
        if proof is not None:
            folder.mkdir(mode=0o700, exist_ok=True)
            return f"{text}; the proof is {write_evidence(folder, proof)}"
    return text


def _folder() -> Path:
    return paths.user_config() / "ledgers"


def _file(anchor: Anchor) -> Path:
    mark = hashlib.sha256(os.fsencode(f"{anchor.origin}\n{anchor.project}")).hexdigest()[:24]
    return _folder() / f"{mark}.json"
