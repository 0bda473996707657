"""The ledger: what was done, by whom and when, in a form that nobody can quietly change.

A Merkle tree (RFC 9162) over entries of canonical JSON (RFC 8785), whose signed checkpoints (C2SP
tlog-checkpoint) others cosign. Changing, removing or adding anything of the past changes the root hash, and
whoever holds one checkpoint - a partner, a printout at shift end - can prove it.
"""

from engine.ledger.added import verify_added
from engine.ledger.bundle import write_bundle, write_shared, write_span
from engine.ledger.entry import TYPES, Draft, Entry, EntryType
from engine.ledger.errors import (
    EntryRefused,
    KeyUnreadable,
    LedgerDamaged,
    LedgerError,
    NoLedger,
    ProofRefused,
    WrongKey,
)
from engine.ledger.fork import Evidence, find_fork, is_proven
from engine.ledger.keys import SigningKey, from_keyring, into_keyring, make_key, seal, unseal
from engine.ledger.ledger import Ledger, Receipt, begin
from engine.ledger.reading import Reading
from engine.ledger.sharing import reveal
from engine.ledger.verify import Verdict, verify_file
from engine.ledger.wanted import Wanted
from engine.ledger.witness import Forked, Witness

__all__ = [
    "TYPES",
    "Draft",
    "Entry",
    "EntryRefused",
    "EntryType",
    "Evidence",
    "Forked",
    "KeyUnreadable",
    "Ledger",
    "LedgerDamaged",
    "LedgerError",
    "NoLedger",
    "ProofRefused",
    "Reading",
    "Receipt",
    "SigningKey",
    "Verdict",
    "Wanted",
    "WrongKey",
    "Witness",
    "begin",
    "find_fork",
    "from_keyring",
    "into_keyring",
    "is_proven",
    "make_key",
    "reveal",
    "seal",
    "unseal",
    "verify_added",
    "verify_file",
    "write_bundle",
    "write_shared",
    "write_span",
]
