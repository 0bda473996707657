"""What the ledger tells those who look at it, and what plant.toml says of it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

AnchorKind = Literal["time stamp", "cosignature"]
WitnessTime = Literal["day", "shift"]


class LedgerWitness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[[ledger.witnesses]]`` entry: a partner who cosigns checkpoints over HTTP (C2SP tlog-witness).

    ``url`` = its submission prefix, ``key`` = the vkey of its cosignatures, ``at`` = when it is asked: at the
    end of every day or of every shift.
    """

    url: str
    key: str
    at: WitnessTime = "day"


class LedgerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[ledger]`` of plant.toml. ``daily_at`` in the plant's own time, "" = the end of the first shift.

    ``stamp_url`` = a time-stamping authority (RFC 3161 over HTTP), ``stamp_ca`` = the file with the
    authorities that vouch for it.
    """

    daily_at: str = ""
    stamp_url: str = ""
    stamp_ca: str = ""
    witnesses: tuple[LedgerWitness, ...] = ()


class LedgerEntry(msgspec.Struct, frozen=True):
    """One entry. ``line`` is its canonical JSON, of which the other fields are read."""

    seq: int
    time_us: int
    type: str
    actor: str
    topic: str
    body: dict[str, Any]
    line: str


class LedgerAnchor(msgspec.Struct, frozen=True):
    """What somebody outside vouches for: the first ``size`` entries, at ``time_us``; 0 = nothing yet.

    ``by`` = who it is, ``waiting`` = checkpoints that wait for it, ``trouble`` = why it did not answer.
    """

    kind: AnchorKind
    by: str
    size: int = 0
    time_us: int = 0
    waiting: int = 0
    trouble: str = ""


class EndedLedger(msgspec.Struct, frozen=True):
    """A ledger that was ended because its key was lost: its name here, and what its last checkpoint says."""

    name: str
    origin: str
    size: int
    time_us: int = 0


class LedgerAnswer(msgspec.Struct, frozen=True):
    """Answer to ``ledger``. ``trouble`` = why it takes nothing now, "" = it does; ``before`` = for the next
    page, 0 = that was all: a page may be short, or empty, because the search took long enough.
    ``evidence`` = what was found to be wrong with it, by whom and when. ``may_accept`` = the trouble is that
    it went back, which a person may accept; ``may_begin`` = its key is lost, so that a person may begin a new
    one; ``warning`` = the disk is getting full, or nobody outside vouched for it in a long time.
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
    may_begin: bool = False
    anchors: tuple[LedgerAnchor, ...] = ()
    ended: tuple[EndedLedger, ...] = ()


class LedgerProof(msgspec.Struct, frozen=True):
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


class LedgerVerdict(msgspec.Struct, frozen=True):
    """What a check of the whole ledger found."""

    is_right: bool
    entries: int
    signatures: int
    findings: tuple[str, ...] = ()
