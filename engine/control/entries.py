"""What the ledger is told of a write at each step, and what those who confirm it sign."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from engine.types import Check, RecordEntry, Step, Write


def entry(write: Write, step: Step, actor: str, **more: Any) -> RecordEntry:
    """The entry for a step that ``write`` is about to take, or has taken."""
    body: dict[str, Any] = {
        "id": write.id,
        "kind": write.kind,
        "path": write.path,
        "new": write.new,
        "old": write.old,
        "unit": write.unit,
        "class": write.write_class,
        "station": write.station,
    }
    if write.verb:
        body |= {"asset": write.asset, "verb": write.verb}
    return RecordEntry(f"write_{step}", actor, body | more)


def signed_hash(write: Write) -> str:
    """SHA-256, in hex, of what a confirmation binds: write, tag, value, limits and reason (W4).

    Both people's entries have it, so neither signed another value than the other.
    """
    bound = [
        write.id, write.path, write.verb, write.new, write.old, write.low, write.high,
        write.reason, write.note,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(bound, separators=(",", ":")).encode()).hexdigest()


def told(checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Checks as the ledger keeps them."""
    return [{"name": check.name, "ok": check.is_ok, "text": check.text} for check in checks]
