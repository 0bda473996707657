"""A few secret bytes at rest: AES-256-GCM under a key that argon2id (RFC 9106) makes of a passphrase.

What is sealed is bound to the words around it, so that neither can be changed or put beside the other's.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.store.database import StoreError

MOST_KIB, MOST_PASSES, MOST_LANES = 1 << 20, 16, 16
"""A sealed file that asks for more than this is refused: it would stop the machine."""


class Hardness(msgspec.Struct, frozen=True):
    """What argon2id spends on a passphrase: memory in KiB, passes, lanes.

    As it stands the second choice of RFC 9106 section 4: 64 MiB, three passes, four lanes.
    """

    kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    @property
    def is_known(self) -> bool:
        """Whether argon2id takes it, and this machine can spend it."""
        lanes, passes = 0 < self.lanes <= MOST_LANES, 0 < self.passes <= MOST_PASSES
        return lanes and passes and 8 * self.lanes <= self.kib <= MOST_KIB


class Box(msgspec.Struct, frozen=True):
    """Sealed bytes, and what is needed to open them beside the passphrase."""

    hardness: Hardness
    salt: bytes
    nonce: bytes
    content: bytes


def closed(content: bytes, bound: bytes, passphrase: str, hardness: Hardness | None = None) -> Box:
    """Seal ``content``; it opens with the same ``bound`` alone. Slow: argon2id."""
    cost, salt, nonce = hardness or Hardness(), os.urandom(16), os.urandom(12)
    sealed = AESGCM(stretched(passphrase, salt, cost)).encrypt(nonce, content, bound)
    return Box(cost, salt, nonce, sealed)


def opened(box: Box, bound: bytes, passphrase: str) -> bytes:
    """What a box holds. Slow.

    Raises:
        StoreError: the passphrase is another one, or the box or what it is bound to was changed.
    """
    if not box.hardness.is_known:
        raise StoreError("it is damaged")
    try:
        return AESGCM(stretched(passphrase, box.salt, box.hardness)).decrypt(box.nonce, box.content, bound)
    except (InvalidTag, ValueError) as error:
        raise StoreError("it was sealed with another passphrase, or was changed") from error


def stretched(passphrase: str, salt: bytes, cost: Hardness) -> bytes:
    """The key of 32 bytes that argon2id makes of a passphrase."""
    return hash_secret_raw(passphrase.encode(), salt, cost.passes, cost.kib, cost.lanes, 32, Type.ID)


def write_private(path: Path, content: bytes) -> None:
    """As `engine.paths.replace_file`, but nobody else may read it at any moment (mode 0600)."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
