"""What goes between a log and a witness: https://c2sp.org/tlog-witness, the call ``add-checkpoint``. Pure.

A request is the size of the last checkpoint cosigned, a consistency proof from there, an empty line and the
new checkpoint. The answer is lines of cosignatures, or the size that the witness has (409).
"""

from __future__ import annotations

import re

import msgspec

from engine.ledger.errors import ProofRefused
from engine.ledger.merkle import HASH_BYTES
from engine.ledger.note import LONGEST_NOTE, Note, Signature, VerifierKey, from_base64, parse_note, to_base64
from engine.ledger.witness import is_cosigned

CALL = "/add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
MOST_PROOF = 63
LONGEST = LONGEST_NOTE + MOST_PROOF * 64
"""Bytes of a request or an answer."""
_OLD = re.compile(r"old (0|[1-9][0-9]{0,17})")
_SIZE = re.compile(r"(0|[1-9][0-9]{0,17})\n")


class Submission(msgspec.Struct, frozen=True):
    """A checkpoint that is offered to a witness, with the proof from its last one of ``old`` entries."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    @property
    def text(self) -> str:
        """The body of the request."""
        lines = (f"old {self.old}", *map(to_base64, self.proof), "")
        return "".join(f"{line}\n" for line in lines) + self.note


def read_submission(text: str) -> Submission:
    """What a request says; nothing of it is checked but its form.

    Raises:
        ProofRefused: it has not the form of one.
    """
    head, blank, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    old = _OLD.fullmatch(first)
    if not blank or old is None or len(lines) > MOST_PROOF:
        raise ProofRefused("a request is a line 'old SIZE', hashes in base64, an empty line and a checkpoint")
    proof = tuple(from_base64(line) for line in lines)
    if any(len(each) != HASH_BYTES for each in proof):
        raise ProofRefused("a hash of the consistency proof has the wrong length")
    return Submission(int(old[1]), proof, note)


def read_size(text: str) -> int:
    """The size that a witness says it has (409).

    Raises:
        ProofRefused: it says something else.
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ProofRefused(f"a witness answered {text[:80]!r}, which is no size")
    return int(found[1])


def cosigned(note: str, answer: str, key: VerifierKey) -> str:
    """The checkpoint with the cosignature of ``key`` out of the answer; others are left out.

    Raises:
        ProofRefused: there is none, or it is wrong.
    """
    ours, whole = parse_note(note), parse_note(note + answer)
    mine: list[Signature] = [each for each in whole.signatures if each.is_by(key)]
    made = Note(ours.text, (*ours.signatures, *mine[:1]))
    if whole.text != ours.text or not is_cosigned(made, key):
        raise ProofRefused(f"the answer holds no cosignature by {key.name}")
    return str(made)
