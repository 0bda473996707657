"""Entries: what stands in the ledger, one line of canonical JSON each.

An open entry has ``actor`` and ``body``; one with hidden fields has in their place ``_sd``, the digests of
`engine.ledger.sharing`. Both have seq, type, topic, time_us (UTC), mono_us and the format ``v``.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import msgspec

from engine.ledger.canonical import canonical
from engine.ledger.errors import EntryRefused
from engine.ledger.sharing import ALGORITHM, hide
from engine.typed import from_json

EntryType = Literal[
    "ledger_begin", "key_rotation",
    "login", "login_refused", "logout", "break_glass", "person",
    "configuration", "stage", "trust",
    "write_proposed", "write_checked", "write_selected", "write_confirmed", "write_sent", "write_verified",
    "write_rejected", "write_unknown", "write_closed", "work_tag",
    "alarm_action", "annotation", "suggestion", "model", "plugin", "erp_sent", "erp_acknowledged",
    "backup", "restore", "cosigner", "clock_step", "gap", "engine_start", "engine_stop", "ledger_check",
]  # fmt: skip
"""All there is; a type that is not here is refused."""
TYPES = frozenset(get_args(EntryType))
OWN_TYPES = frozenset({"ledger_begin", "key_rotation"})
"""Only the ledger itself writes these."""
VERSION = 1
LONGEST = 256 * 1024
"""Bytes of an entry."""


class Draft(msgspec.Struct, frozen=True):
    """What is to be appended. ``actor`` is a person or a part of the system, ``topic`` whom it concerns.

    ``hidden`` keeps actor and every field of the body out of the ledger, as salted commitments: partners
    who share the topic can check the entry, and see of it what they are shown.
    """

    type: EntryType
    actor: str
    body: dict[str, Any] = {}
    topic: str = ""
    hidden: bool = False


class Entry(msgspec.Struct, frozen=True):
    """One entry as it was appended. ``line`` is its canonical JSON; ``disclosures`` of its hidden fields."""

    seq: int
    line: bytes
    disclosures: tuple[str, ...] = ()

    @property
    def content(self) -> dict[str, Any]:
        """What the line says."""
        return from_json(self.line, dict[str, Any])


class Cut(msgspec.Struct, frozen=True):
    """An entry that only lacks its number: the canonical text before it and after it."""

    before: bytes
    after: bytes
    disclosures: tuple[str, ...] = ()

    def line(self, seq: int) -> bytes:
        """The whole line for this number."""
        return b"%b%d%b" % (self.before, seq, self.after)


def cut(draft: Draft, time_us: int, mono_us: int) -> Cut:
    """Everything of an entry that can be made before its number is known.

    Raises:
        EntryRefused: the type is unknown, the body has no canonical form, or it is too large.
    """
    if draft.type not in TYPES:
        raise EntryRefused(f"{draft.type!r} is no type of entry")
    first: dict[str, Any]
    disclosures: tuple[str, ...] = ()
    if draft.hidden:
        fields = {"actor": draft.actor} | {f"body.{name}": value for name, value in draft.body.items()}
        digests, disclosures = hide(fields)
        first = {"_sd": list(digests), "_sd_alg": ALGORITHM, "mono_us": mono_us}
    else:
        first = {"actor": draft.actor, "body": draft.body, "mono_us": mono_us}
    last = {"time_us": time_us, "topic": draft.topic, "type": draft.type, "v": VERSION}
    # In canonical order "seq" stands after "mono_us" and before "time_us" (RFC 8785 section 3.2.3).
    before, after = canonical(first)[:-1] + b',"seq":', b"," + canonical(last)[1:]
    if len(before) + len(after) > LONGEST:
        raise EntryRefused(
            f"an entry of {len(before) + len(after)} bytes is too large; {LONGEST} is the most"
        )
    return Cut(before, after, disclosures)
