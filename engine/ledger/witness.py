"""The second party: it cosigns a checkpoint once that provably only adds to the last one it saw.

Signatures are cosignature/v1 of https://c2sp.org/tlog-cosignature. What a witness keeps is one checkpoint
of some 200 bytes; a ledger that shows others another past than it showed this witness is found out by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.ledger.checkpoint import Checkpoint, read_checkpoint
from engine.ledger.errors import LedgerError, ProofRefused
from engine.ledger.fork import Evidence, write_evidence
from engine.ledger.keys import SigningKey
from engine.ledger.merkle import is_consistent
from engine.ledger.note import COSIGNATURE, Note, Signature, VerifierKey, is_right, is_signed, with_signatures
from engine.ledger.rotation import LogKey
from engine.paths import replace_file
from engine.types import Clock

SECOND_US = 1_000_000


class NotSigned(ProofRefused):
    """The checkpoint is not signed by a key that its ledger may use."""


class Forked(LedgerError):
    """The ledger showed two pasts. ``evidence`` holds both checkpoints, each signed by it."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence.text)
        self.evidence = evidence


def cosign(note: Note, key: SigningKey, time_s: int) -> Note:
    """The note with our cosignature below; the caller has checked that it may stand there."""
    before = time_s.to_bytes(8, "big")
    signature = key.signature(COSIGNATURE, _message(note, time_s), before)
    return with_signatures(note, (signature,))


def one_signature(note: Note, key: VerifierKey) -> Signature:
    """The line of a note that claims to be by ``key``.

    Raises:
        ProofRefused: there is none, or more than one.
    """
    found = [each for each in note.signatures if each.is_by(key)]
    if len(found) != 1:
        raise ProofRefused(f"the checkpoint carries no signature by {key.name}, or several")
    return found[0]


def is_cosigned(note: Note, key: VerifierKey) -> bool:
    """Whether the note carries a cosignature of ``key``, and a right one.

    Raises:
        ProofRefused: a line claims to be by this key and is not.
    """
    found = [each for each in note.signatures if each.is_by(key)]
    for each in found:
        if len(each.content) != 72 or each.content[0] & 0x80:
            raise ProofRefused(f"the cosignature by {key.name} has the wrong length or time")
        time_s = int.from_bytes(each.content[:8], "big")
        if not is_right(key.public, each.content[8:], _message(note, time_s)):
            raise ProofRefused(f"a cosignature that claims to be by {key.name} is not by that key")
    return bool(found)


class Witness:
    """One who cosigns one ledger, and remembers in ``path`` the last checkpoint cosigned.

    ``keys`` are those of the ledger, got from its people and not with the checkpoints.
    """

    def __init__(
        self, path: Path, origin: str, keys: Sequence[LogKey], signer: SigningKey, clock: Clock
    ) -> None:
        self._path, self._origin, self._keys = path, origin, tuple(keys)
        self._signer, self._clock = signer, clock

    @property
    def last(self) -> str:
        """The last checkpoint cosigned, "" before the first."""
        return self._path.read_text("utf-8") if self._path.exists() else ""

    @property
    def size(self) -> int:
        """Entries under the last checkpoint cosigned, 0 before the first."""
        return read_checkpoint(self.last)[1].size if self.last else 0

    def cosign(self, offered: str, proof: Sequence[bytes]) -> str:
        """The offered checkpoint with our cosignature, once it is remembered here.

        ``proof`` is the consistency proof from the last checkpoint's size (0 before the first).

        Raises:
            NotSigned: it is not signed by the ledger.
            ProofRefused: it is older than the last one, or nothing proves it.
            Forked: the ledger signed another past; an evidence file lies beside ours.
        """
        note, new = self._signed(offered)
        if not self.last and proof:
            raise ProofRefused("nothing was cosigned before, so there is nothing to prove")
        if self.last:
            last_note, last = self._signed(self.last)
            self._require_consistent((last_note, last), (note, new), proof)
        cosigned = cosign(note, self._signer, self._clock.now_us() // SECOND_US)
        replace_file(self._path, str(cosigned).encode())
        return str(cosigned)

    def require_signed(self, offered: str) -> None:
        """Let a checkpoint pass that this ledger signed.

        Raises:
            NotSigned: it did not. ProofRefused: it is another one's.
        """
        self._signed(offered)

    def _signed(self, text: str) -> tuple[Note, Checkpoint]:
        note, checkpoint = read_checkpoint(text)
        if checkpoint.origin != self._origin:
            raise ProofRefused(f"this checkpoint is of {checkpoint.origin!r}, not of {self._origin!r}")
        if not any(each.may_sign(checkpoint.size) and is_signed(note, each.key) for each in self._keys):
            raise NotSigned(
                f"this checkpoint of {checkpoint.size} entries is not signed by a key that {self._origin} "
                "may use at that size; has its key been changed?"
            )
        return note, checkpoint

    def _require_consistent(
        self, last: tuple[Note, Checkpoint], new: tuple[Note, Checkpoint], proof: Sequence[bytes]
    ) -> None:
        (old_note, old), (new_note, now) = last, new
        if old.size == now.size and old.root != now.root:
            evidence = Evidence(
                f"{old.origin} signed two different pasts of {old.size} entries", str(old_note), str(new_note)
            )
            write_evidence(self._path.parent, evidence)
            raise Forked(evidence)
        if now.size < old.size:
            raise ProofRefused(
                f"this checkpoint has {now.size} entries, but {old.size} were seen before: it was cut back, "
                "or an old one was sent"
            )
        if not is_consistent(old.size, old.root, now.size, now.root, proof):
            raise ProofRefused(
                f"nothing proves that the ledger of {now.size} entries begins with the {old.size} seen before"
            )


def _message(note: Note, time_s: int) -> bytes:
    return f"cosignature/v1\ntime {time_s}\n{note.text}".encode()
