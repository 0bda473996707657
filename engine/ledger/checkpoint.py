"""Checkpoints (https://c2sp.org/tlog-checkpoint): how long the ledger is, and the hash over all of it."""

from __future__ import annotations

import re

import msgspec

from engine.ledger.errors import ProofRefused
from engine.ledger.keys import SigningKey
from engine.ledger.merkle import HASH_BYTES
from engine.ledger.note import ED25519, Note, from_base64, parse_note, to_base64

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


class Checkpoint(msgspec.Struct, frozen=True):
    """The state of a ledger: its name, count of entries and root hash. ``extensions`` are further lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(note: Note) -> Checkpoint:
    """The checkpoint that a note is about; signatures are not checked here.

    Raises:
        ProofRefused: the note is about something else.
    """
    lines = note.text.split("\n")[:-1]
    if len(lines) < 3 or not all(lines) or not _SIZE.fullmatch(lines[1]):
        raise ProofRefused("this note is no checkpoint: origin, size and root hash are its first lines")
    root = from_base64(lines[2])
    if len(root) != HASH_BYTES:
        raise ProofRefused("the root hash of this checkpoint has the wrong length")
    return Checkpoint(lines[0], int(lines[1]), root, tuple(lines[3:]))


def read_checkpoint(text: str) -> tuple[Note, Checkpoint]:
    """A stored or sent checkpoint, as note and as what it says; signatures are not checked here.

    Raises:
        ProofRefused: it is none.
    """
    note = parse_note(text)
    return note, parse_checkpoint(note)


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> Note:
    """The checkpoint as a note signed by the log."""
    return Note(checkpoint.text, (key.signature(ED25519, checkpoint.text.encode()),))
