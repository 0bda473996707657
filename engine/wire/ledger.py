"""What requests about the ledger hold; the answers are in `engine.types`.

``ended`` = the name of a ledger that was ended, "" = the one that is written now.
"""

from __future__ import annotations

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
    ended: str = ""


class LedgerRotateBody(msgspec.Struct, frozen=True):
    """Body of ``ledger_rotate``: another key signs from now on. The answer is the name of the new key."""

    reason: str
    by: str = ""


class LedgerAcceptBody(msgspec.Struct, frozen=True):
    """Body of ``ledger_accept``: the ledger went back and is right all the same; see ``may_accept``."""

    reason: str
    by: str = ""


class LedgerBeginBody(msgspec.Struct, frozen=True):
    """Body of ``ledger_begin``: the key is lost for good, so this ledger is ended and a new one begun; see
    ``may_begin``. The answer is the name of the new one.
    """

    reason: str
    by: str = ""


class LedgerProofBody(msgspec.Struct, frozen=True):
    """Body of ``ledger_proof``: of one entry. The answer is a `LedgerProof`."""

    seq: int
    ended: str = ""


class LedgerVerifyBody(msgspec.Struct, frozen=True):
    """Body of the job ``ledger_verify``: the whole ledger; its result is a `LedgerVerdict`."""

    ended: str = ""


class LedgerBundleBody(msgspec.Struct, frozen=True):
    """Body of the job ``ledger_bundle``: writes a bundle that strangers can check; its result is the path.

    With ``start_us`` or ``end_us`` only the entries of that time, each with its proof.
    """

    file: str
    start_us: int = 0
    end_us: int = 0
    ended: str = ""
