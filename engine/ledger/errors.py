"""What can be wrong with a ledger, in words for a person."""

from __future__ import annotations


class LedgerError(Exception):
    """The ledger cannot do this; the text says why and what to do. Nothing was appended."""


class NoLedger(LedgerError):
    """There is no ledger yet where one was looked for."""


class LedgerDamaged(LedgerError):
    """The file is there and does not hold what it must; it is never begun anew by itself."""


class WrongKey(LedgerError):
    """The key is not the one that signs this ledger now."""


class KeyUnreadable(LedgerError):
    """A private key cannot be read: wrong passphrase, damaged file, open to others."""


class EntryRefused(LedgerError):
    """What was to be appended has no canonical form or is too large."""


class ProofRefused(LedgerError):
    """A checkpoint, a proof, a signature or a disclosure is not what it claims to be."""
