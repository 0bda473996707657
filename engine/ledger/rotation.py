"""Which key signs the ledger from which size on: the first entry names one, each rotation the next.

A rotation is an entry that says the ledger up to now (size and root), and is signed by the old key and the
new one. From its own seq on the old key is revoked: it signs no checkpoint of more entries than that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.ledger.errors import ProofRefused
from engine.ledger.keys import SigningKey
from engine.ledger.note import ED25519, VerifierKey, from_base64, is_right, parse_key, to_base64


class LogKey(msgspec.Struct, frozen=True):
    """A key of the log. It signs checkpoints of at least ``since`` and at most ``revoked_at`` entries."""

    key: VerifierKey
    since: int = 0
    revoked_at: int | None = None

    def may_sign(self, size: int) -> bool:
        """Whether a checkpoint of this size may be by this key."""
        return self.since <= size and (self.revoked_at is None or size <= self.revoked_at)


def first_body(origin: str, key: SigningKey) -> dict[str, Any]:
    """Body of the entry that a ledger begins with."""
    return {"key": key.verifier().text, "origin": origin}


def rotation_body(
    origin: str, size: int, root: bytes, old: SigningKey, new: SigningKey, reason: str
) -> dict[str, Any]:
    """Body of the entry with seq ``size`` that gives the ledger another key."""
    body: dict[str, Any] = {
        "new": new.verifier().text,
        "old": old.verifier().text,
        "origin": origin,
        "reason": reason,
        "revoked_at": size,
        "root": to_base64(root),
    }
    said = _statement(body)
    body["old_signature"] = to_base64(old.signature(ED25519, said).content)
    body["new_signature"] = to_base64(new.signature(ED25519, said).content)
    return body


def first_key(entry: Mapping[str, Any]) -> tuple[str, LogKey]:
    """Origin and first key, from the entry that a ledger begins with.

    Raises:
        ProofRefused: it is another entry.
    """
    try:
        body = entry["body"]
        if entry["type"] != "ledger_begin" or entry["seq"] != 0:
            raise ProofRefused("the ledger does not begin with the entry that names its key")
        return str(body["origin"]), LogKey(parse_key(body["key"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ProofRefused("the first entry does not name the key of the ledger") from error


def rotated(keys: tuple[LogKey, ...], origin: str, entry: Mapping[str, Any]) -> tuple[LogKey, ...]:
    """The keys after a rotation entry; the one before it is revoked at that size.

    Raises:
        ProofRefused: the entry is not signed by both, or by another key than that of now.
    """
    try:
        body, seq = entry["body"], entry["seq"]
        old, new = parse_key(body["old"]), parse_key(body["new"])
        said = _statement(body)
        sound = body["origin"] == origin and body["revoked_at"] == seq and new.kind == ED25519
        signed = is_right(old.public, from_base64(body["old_signature"]), said)
        signed = signed and is_right(new.public, from_base64(body["new_signature"]), said)
    except (KeyError, TypeError, AttributeError) as error:
        raise ProofRefused(f"the key rotation of entry {entry.get('seq')} lacks something") from error
    if not sound or not signed or old != keys[-1].key:
        raise ProofRefused(
            f"the key rotation of entry {seq} is not signed by the key before it and the new one"
        )
    ended = msgspec.structs.replace(keys[-1], revoked_at=seq)
    return (*keys[:-1], ended, LogKey(new, seq + 1))


def _statement(body: Mapping[str, Any]) -> bytes:
    """What both keys sign."""
    names = ("origin", "revoked_at", "root", "old", "new", "reason")
    return "".join(f"{line}\n" for line in ("watchroom/key-rotation/v1", *(body[n] for n in names))).encode()
