"""What requests and answers about the ledger hold."""

from __future__ import annotations

from typing import Any

import msgspec


class LedgerBody(msgspec.Struct, frozen=True):
    """Body of ``ledger``: entries, the newest first; empty filters let all through.

    ``before`` = only those with a lower seq, 0 = from the newest; ``text`` is looked for in the whole line.
    """

    text: str = ""
    types: tuple[str, ...] = ()
    actor: str = ""
    start_us: int = 0
    end_us: int = 0
    before: int = 0
    limit: int = 200


class LedgerEntry(msgspec.Struct, frozen=True):
    """One entry. ``line`` is its canonical JSON, of which the other fields are read."""

    seq: int
    time_us: int
    type: str
    actor: str
    topic: str
    body: dict[str, Any]
    line: str


class LedgerAnswer(msgspec.Struct, frozen=True):
    """Answer to ``ledger``. ``trouble`` = why it takes nothing now, "" = it does; ``before`` = for the next
    page, 0 = that was all: a page may be short, or empty, because the search took long enough.
    ``evidence`` = what was found to be wrong with it, by whom and when. ``may_accept`` = the trouble is that
    it went back, which a person may accept; ``warning`` = the disk is getting full.
    """

    origin: str
    size: int
    checkpoint: str
    key_name: str
    entries: tuple[LedgerEntry, ...] = ()
    before: int = 0
    trouble: str = ""
    verified_us: int = 0
    verified_size: int = 0
    evidence: tuple[str, ...] = ()
    may_accept: bool = False
    warning: str = ""


class LedgerRotateBody(msgspec.Struct, frozen=True):
    """Body of ``ledger_rotate``: another key signs from now on. The answer is the name of the new key."""

    reason: str
    by: str = ""


class LedgerAcceptBody(msgspec.Struct, frozen=True):
    """Body of ``ledger_accept``: the ledger went back and is right all the same; see ``may_accept``."""

    reason: str
    by: str = ""


class LedgerProofBody(msgspec.Struct, frozen=True):
    """Body of ``ledger_proof``: of one entry."""

    seq: int


class LedgerProofAnswer(msgspec.Struct, frozen=True):
    """Proof that entry ``seq`` is in the log of ``size`` entries (RFC 9162 2.1.3): hashes in hex.

    ``is_proven`` = it was computed again and gives the root of the signed checkpoint.
    """

    seq: int
    size: int
    leaf_hash: str
    path: tuple[str, ...]
    root: str
    checkpoint: str
    is_proven: bool
    why: str = ""


class LedgerVerifyBody(msgspec.Struct, frozen=True):
    """Body of the job ``ledger_verify``: the whole ledger; its result is ``LedgerVerdict``."""


class LedgerVerdict(msgspec.Struct, frozen=True):
    """What a check of the whole ledger found."""

    is_right: bool
    entries: int
    signatures: int
    findings: tuple[str, ...] = ()


class LedgerBundleBody(msgspec.Struct, frozen=True):
    """Body of the job ``ledger_bundle``: writes a bundle that strangers can check; its result is the path."""

    file: str
