"""Trust files: whose signatures count, got from the people of a ledger and not with it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.ledger.errors import ProofRefused
from engine.ledger.note import COSIGNATURE, ED25519, VerifierKey, parse_key
from engine.ledger.rotation import LogKey
from engine.typed import from_json


class TrustedKey(msgspec.Struct, frozen=True, rename={"since": "from"}):
    """A key of the ledger (a vkey), and from which size to which it may sign."""

    vkey: str
    since: int = 0
    revoked_at: int | None = None


class Trust(msgspec.Struct, frozen=True):
    """The content of a trust file. ``seen`` are checkpoints kept from before, ``cosignatures`` how many of
    the cosigners must have signed the same checkpoint; by default one, if there are any.
    """

    origin: str
    keys: tuple[TrustedKey, ...] = ()
    cosigners: tuple[str, ...] = ()
    cosignatures: int | None = None
    seen: tuple[str, ...] = ()

    @property
    def log_keys(self) -> tuple[LogKey, ...]:
        """The keys of the ledger.

        Raises:
            ProofRefused: one is mistyped.
        """
        found = tuple(LogKey(parse_key(each.vkey), each.since, each.revoked_at) for each in self.keys)
        if any(each.key.kind != ED25519 for each in found):
            raise ProofRefused("a key of the trust file is for cosignatures, not for a ledger")
        return found

    @property
    def cosigner_keys(self) -> tuple[VerifierKey, ...]:
        """The keys of those who cosign.

        Raises:
            ProofRefused: one is mistyped.
        """
        found = tuple(map(parse_key, self.cosigners))
        if any(each.kind != COSIGNATURE for each in found):
            raise ProofRefused("a cosigner of the trust file has a key that is not for cosignatures")
        return found

    @property
    def wanted(self) -> int:
        """Cosignatures that one checkpoint must carry."""
        return self.cosignatures if self.cosignatures is not None else min(1, len(self.cosigners))


def read_trust(path: Path) -> Trust:
    """The content of a trust file.

    Raises:
        ProofRefused: it is none.
        OSError: it cannot be read.
    """
    try:
        return from_json(path.read_bytes(), Trust)
    except msgspec.MsgspecError as error:
        raise ProofRefused(f"{path} is no trust file: {error}") from error
