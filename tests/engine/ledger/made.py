"""Ledgers, keys and clocks for the tests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.ledger import Draft, Ledger, Reading, SigningKey, Witness, begin
from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.note import COSIGNATURE
from engine.ledger.rotation import LogKey

ORIGIN = "plant.example/line-4"
NOW_US = 1_795_000_000_000_000


class Clock:
    """Stands still unless moved."""

    def __init__(self, now_us: int = NOW_US) -> None:
        self.time_us = now_us

    def now_us(self) -> int:
        return self.time_us

    def mono_us(self) -> int:
        return self.time_us - NOW_US

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def key(name: str = ORIGIN, number: int = 1) -> SigningKey:
    """The same key every time for the same name and number."""
    seed = hashlib.sha256(f"{name} {number}".encode()).digest()
    return SigningKey(name, Ed25519PrivateKey.from_private_bytes(seed))


PARTNER = key("partner.example/audit")


def drafts(count: int, first: int = 0, **more: Any) -> list[Draft]:
    """Approved writes, as a shift makes them."""
    return [
        Draft(
            "write_sent", f"operator {k % 3}", {"tag": f"S50/Pressure {k}", "old": k, "new": k + 0.5}, **more
        )
        for k in range(first, first + count)
    ]


def ledger(path: Path, number: int = 1) -> Ledger:
    """A ledger at ``path``, begun if there is none."""
    if not path.exists():
        begin(path, ORIGIN, key(number=number), Clock())
    return Ledger(path, key(number=number), Clock())


def witness(path: Path, *numbers: int) -> Witness:
    """A partner who knows the first key of the ledger."""
    return Witness(
        path, ORIGIN, [LogKey(key(number=number).verifier()) for number in numbers or (1,)], PARTNER, Clock()
    )


def cosigned(opened: Ledger, partner: Witness) -> str:
    """The newest checkpoint, cosigned and kept."""
    last = read_checkpoint(partner.last)[1].size if partner.last else 0
    newest = opened.checkpoint
    note = partner.cosign(newest, opened.reading.consistency(last, read_checkpoint(newest)[1].size))
    opened.add_cosignature(note, PARTNER.verifier(COSIGNATURE).text)
    return note


def trust(seen: Sequence[str] = (), *, cosigned: bool = True, number: int = 1) -> dict[str, Any]:
    """A trust file of somebody who knows the first key, and the partner."""
    found: dict[str, Any] = {"origin": ORIGIN, "keys": [{"vkey": key(number=number).verifier().text}]}
    if cosigned:
        found |= {"cosigners": [PARTNER.verifier(COSIGNATURE).text], "cosignatures": 1}
    return found | {"seen": list(seen)}


def lived(path: Path) -> tuple[Reading, str]:
    """A ledger with all there is: groups, hidden fields, a cosignature, two keys; and what a partner saw."""
    opened = ledger(path)
    opened.append(drafts(5))
    opened.append(drafts(3, 5, topic="orders", hidden=True))
    seen = cosigned(opened, witness(path.with_name("witness.note")))
    opened.rotate(key(number=2), "Ada", "every year")
    opened.append(drafts(4, 8))
    opened.append(drafts(1, 12, topic="orders"))
    opened.close()
    return Reading(path), seen
