"""The proof of one entry in words, and as a text that somebody else can check by hand. No Qt."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.typed import convert
from engine.types import LedgerEntry, LedgerProof
from hmi import formats
from hmi.formats import t


def as_proof(answer: Any) -> LedgerProof | None:
    """The answer as a struct; None when it cannot be read."""
    try:
        return convert(answer, LedgerProof)
    except msgspec.ValidationError:
        return None


def said(proof: LedgerProof, locale: str) -> str:
    """What the engine found when it computed the proof again."""
    if not proof.is_proven:
        return t("NOT PROVEN: {why}", why=formats.sentence(proof.why))
    count = formats.number(proof.size, 0, locale)
    return t(
        "Proven: computed again from the entry over {n} hashes, it gives the root that the key of this "
        "ledger signed over {size} entries.",
        n=len(proof.path),
        size=count,
    )


def lines(proof: LedgerProof) -> str:
    """Hashes and checkpoint, to be read and copied."""
    path = "\n".join(f"{at:2d}  {each}" for at, each in enumerate(proof.path)) or t(
        "none: it is the only entry"
    )
    return "\n".join((
        t("Leaf"), proof.leaf_hash, "", t("Audit path, from the leaf up"), path, "",
        t("Root of {size} entries", size=proof.size), proof.root, "",
        t("Signed checkpoint"), proof.checkpoint.rstrip(),
    ))  # fmt: skip


def exported(entry: LedgerEntry, proof: LedgerProof, origin: str, sentence: str) -> str:
    """The proof as a text file: the entry as it is signed, and all that is needed to compute it again."""
    return "\n".join((
        f"Proof of entry {proof.seq} of the ledger {origin}",
        sentence,
        "",
        "The entry, one line of canonical JSON (RFC 8785), as it is hashed:",
        entry.line,
        "",
        f"Leaf hash = SHA-256(0x00 + the line): {proof.leaf_hash}",
        f"Index {proof.seq} in a tree of {proof.size} entries (RFC 9162 section 2.1.3).",
        "Audit path from the leaf up:",
        *proof.path,
        f"Root: {proof.root}",
        "A hash of the path is joined with what was computed so far: SHA-256(0x01 + left + right).",
        "",
        "The signed checkpoint (C2SP tlog-checkpoint, Ed25519; its third line is the root in base64):",
        proof.checkpoint,
    ))  # fmt: skip
