"""The desk of a witness: which ledgers it knows, and its answer to each request (C2SP tlog-witness).

A folder holds all of it: ``ledgers/*.json`` are trust files of the ledgers that it cosigns, ``seen`` the last
checkpoint of each, and what proves, or hints at, a ledger with two pasts (``fork-*.json``).
"""

from __future__ import annotations

import hashlib
import logging
import threading
from pathlib import Path

import msgspec

from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.errors import LedgerError, ProofRefused
from engine.ledger.fork import Evidence, write_evidence
from engine.ledger.keys import SigningKey
from engine.ledger.note import COSIGNATURE, Note, parse_note
from engine.ledger.submission import SIZE_TYPE, Submission, read_submission
from engine.ledger.trust import Trust, read_trust
from engine.ledger.witness import Forked, NotSigned, Witness, one_signature
from engine.types import Clock

log = logging.getLogger("watchroom.ledger")
PLAIN = "text/plain; charset=utf-8"


class DeskAnswer(msgspec.Struct, frozen=True):
    """An answer over HTTP: status, content type, text."""

    status: int
    text: str
    kind: str = PLAIN


class Desk:
    """Any thread may call `answer`; requests are taken one after another, so that no size is given twice."""

    def __init__(self, folder: Path, signer: SigningKey, clock: Clock) -> None:
        self._folder, self._signer, self._clock = folder, signer, clock
        self._turn = threading.Lock()
        for name in ("ledgers", "seen"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def answer(self, body: bytes) -> DeskAnswer:
        """The answer to ``add-checkpoint``. What is cosigned is on disk before it is answered.

        Raises:
            OSError: the folder cannot be read or written; nothing was cosigned.
        """
        try:
            asked = read_submission(body.decode())
            note, new = read_checkpoint(asked.note)
        except (ProofRefused, UnicodeDecodeError) as error:
            return DeskAnswer(400, f"{error}\n")
        trust = self._trust(new.origin)
        if trust is None:
            return DeskAnswer(404, f"this witness knows no ledger {new.origin}\n")
        keys = [each.key for each in trust.log_keys]
        own = tuple(each for each in note.signatures if any(each.is_by(key) for key in keys))
        if not own:
            return DeskAnswer(403, f"no key of {new.origin} that this witness trusts signed the checkpoint\n")
        if asked.old > new.size:
            return DeskAnswer(400, "the old size is more than that of the checkpoint\n")
        with self._turn:
            return self._judged(msgspec.structs.replace(asked, note=str(Note(note.text, own))), trust)

    def _judged(self, asked: Submission, trust: Trust) -> DeskAnswer:
        name = hashlib.sha256(trust.origin.encode()).hexdigest()[:24]
        path = self._folder / "seen" / f"{name}.checkpoint"
        witness = Witness(path, trust.origin, trust.log_keys, self._signer, self._clock)
        try:
            witness.require_signed(asked.note)
        except ProofRefused as error:  # anybody can send what the ledger did not sign: nothing is kept of it
            return DeskAnswer(403, f"{error}\n")
        try:
            size = witness.size
        except (ProofRefused, UnicodeDecodeError) as error:  # a fault of ours says nothing against the ledger
            raise OSError(f"{path} is damaged: {error}") from error
        try:
            if asked.old != size:
                return DeskAnswer(409, f"{size}\n", SIZE_TYPE)
            cosigned = witness.cosign(asked.note, asked.proof)
        except NotSigned as error:
            return DeskAnswer(403, f"{error}\n")
        except Forked as error:
            log.error("%s; the proof is in %s", error, path.parent)
            return DeskAnswer(409, f"{size}\n", SIZE_TYPE)
        except ProofRefused as error:
            # The ledger signed it, so it may have to explain it one day; by itself it proves nothing.
            log.error("%s: %s", trust.origin, error)
            write_evidence(path.parent, Evidence(f"{trust.origin}: {error}", witness.last, asked.note))
            return DeskAnswer(422, f"{error}\n")
        line = one_signature(parse_note(cosigned), self._signer.verifier(COSIGNATURE)).line
        return DeskAnswer(200, line)

    def _trust(self, origin: str) -> Trust | None:
        """Read anew each time, so that a ledger is added, or its key changed, without a restart."""
        for file in sorted((self._folder / "ledgers").glob("*.json")):
            try:
                found = read_trust(file)
                if found.origin == origin and found.log_keys:
                    return found
            except (LedgerError, OSError) as error:
                log.warning("%s is not used: %s", file, error)
        return None
