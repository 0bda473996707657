"""Forks: a ledger that shows one past to some and another to others, and the file that proves it.

Two checkpoints of the same size with different roots prove it by themselves: both are signed by the
ledger, and one tree has one root. Of different sizes, the newer one with its entries (or a proof) shows
that its past is not that of the older one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import msgspec

from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.errors import ProofRefused
from engine.ledger.merkle import is_consistent, root_of_leaves
from engine.ledger.note import from_base64, is_signed, to_base64
from engine.ledger.rotation import LogKey
from engine.paths import replace_file
from engine.typed import from_json


class Evidence(msgspec.Struct, frozen=True):
    """What proves a fork: two signed checkpoints, and for different sizes the leaf hashes of the newer."""

    text: str
    first: str
    second: str
    leaves: tuple[str, ...] = ()


def find_fork(notes: Sequence[str]) -> Evidence | None:
    """Two of these checkpoints that have the same size and different roots, or None.

    Signatures are not looked at: `is_proven` does.
    """
    seen = [(text, read_checkpoint(text)[1]) for text in notes]
    for (first, a), (second, b) in combinations(seen, 2):
        if a.origin == b.origin and a.size == b.size and a.root != b.root:
            return Evidence(f"{a.origin} signed two different pasts of {a.size} entries", first, second)
    return None


def compare(first: str, second: str, proof: Sequence[bytes], leaves: Sequence[bytes] = ()) -> Evidence | None:
    """Evidence if the later of two checkpoints does not begin with the earlier, or None if it does.

    ``leaves`` are the leaf hashes of the later one, where they are known; without them a wrong proof is
    no evidence, for anybody can make one.

    Raises:
        ProofRefused: they are of different ledgers, or the proof is wrong and there are no leaves.
    """
    (_, a), (_, b) = read_checkpoint(first), read_checkpoint(second)
    if a.origin != b.origin:
        raise ProofRefused("these checkpoints are of different ledgers")
    if a.size > b.size:
        return compare(second, first, proof, leaves)
    if a.size == b.size:
        return find_fork((first, second))
    if leaves:
        if len(leaves) != b.size or root_of_leaves(leaves) != b.root:
            raise ProofRefused("these entries are not those of the later checkpoint")
        if root_of_leaves(leaves[: a.size]) == a.root:
            return None
        text = f"the {b.size} entries of {b.origin} do not begin with the {a.size} it signed before"
        return Evidence(text, first, second, tuple(map(to_base64, leaves)))
    if is_consistent(a.size, a.root, b.size, b.root, proof):
        return None
    raise ProofRefused("this proof is wrong; ask for the entries, only they can prove a fork of two sizes")


def is_proven(evidence: Evidence, keys: Sequence[LogKey]) -> bool:
    """Whether the evidence holds for somebody who knows the keys of the ledger and trusts nobody else.

    Raises:
        ProofRefused: the file is no evidence at all.
    """
    for text in (evidence.first, evidence.second):
        note, checkpoint = read_checkpoint(text)
        if not any(key.may_sign(checkpoint.size) and is_signed(note, key.key) for key in keys):
            return False
    leaves = tuple(map(from_base64, evidence.leaves))
    return compare(evidence.first, evidence.second, (), leaves) is not None


def write_evidence(folder: Path, evidence: Evidence) -> Path:
    """Keep the evidence as ``fork-<hash>.json``; the same evidence has the same name."""
    content = msgspec.json.format(msgspec.json.encode(evidence))
    path = folder / f"fork-{hashlib.sha256(content).hexdigest()[:16]}.json"
    replace_file(path, content)
    return path


def read_evidence(path: Path) -> Evidence:
    """The evidence of a file.

    Raises:
        ProofRefused: it holds none.
    """
    try:
        return from_json(path.read_bytes(), Evidence)
    except msgspec.MsgspecError as error:
        raise ProofRefused(f"{path} holds no evidence: {error}") from error
