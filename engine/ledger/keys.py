"""Private keys: made, kept in a sealed file or a keyring, and used to sign.

A sealed file is AES-256-GCM under a key that argon2id (RFC 9106) makes of a passphrase; only its owner may
read the file. A keyring is any pair of callables that keep a secret text under a name.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.ledger.errors import KeyUnreadable, ProofRefused
from engine.ledger.note import ED25519, Signature, VerifierKey, from_base64, to_base64
from engine.store.sealed import Hardness, stretched, write_private
from engine.typed import from_json

FORMAT = "watchroom-sealed-key/1"
SHORTEST_PASSPHRASE = 12
_NAME = re.compile(r"[^\s+]+")
Fetch = Callable[[str], str | None]
"""The secret text kept under a name, None where there is none (``keyring.get_password`` of one service)."""
Keep = Callable[[str, str], None]
"""Keep a secret text under a name."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 private key (RFC 8032) and the name it signs as."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)

    def verifier(self, kind: int = ED25519) -> VerifierKey:
        """The public key, for those who check signatures of this type."""
        return VerifierKey(self.name, kind, self.private.public_key().public_bytes_raw())

    def signature(self, kind: int, message: bytes, before: bytes = b"") -> Signature:
        """Sign ``message``; ``before`` is put in front of the 64 bytes (the time of a cosignature)."""
        return Signature(self.name, self.verifier(kind).key_id, before + self.private.sign(message))


class _Sealed(msgspec.Struct, frozen=True):
    format: str
    name: str
    public: str
    hardness: Hardness
    salt: str
    nonce: str
    content: str


def make_key(name: str) -> SigningKey:
    """A new key. A name looks like ``plant.example/line-4``: no spaces, no plus sign.

    Raises:
        KeyUnreadable: the name cannot be written in a signed note.
    """
    _require_name(name)
    return SigningKey(name, Ed25519PrivateKey.generate())


def seal(path: Path, key: SigningKey, passphrase: str, hardness: Hardness | None = None) -> None:
    """Write the key to a sealed file that only this user may read (mode 0600), in one step.

    Raises:
        KeyUnreadable: the passphrase is shorter than 12 characters.
        OSError: the file cannot be written.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise KeyUnreadable(f"the passphrase needs at least {SHORTEST_PASSPHRASE} characters")
    cost, salt, nonce = hardness or Hardness(), os.urandom(16), os.urandom(12)
    public = to_base64(key.verifier().public)
    box = AESGCM(stretched(passphrase, salt, cost))
    content = box.encrypt(nonce, key.private.private_bytes_raw(), _bound(key.name, public))
    sealed = _Sealed(FORMAT, key.name, public, cost, to_base64(salt), to_base64(nonce), to_base64(content))
    write_private(path, msgspec.json.format(msgspec.json.encode(sealed)))


def unseal(path: Path, passphrase: str) -> SigningKey:
    """The key of a sealed file.

    Raises:
        KeyUnreadable: there is no such file, others may read it, it is damaged, or the passphrase is wrong.
    """
    try:
        if sys.platform != "win32" and path.stat().st_mode & 0o077:
            raise KeyUnreadable(f"{path} may be read by other users; make it 0600 and change the key")
        sealed = from_json(path.read_bytes(), _Sealed)
    except (OSError, msgspec.MsgspecError) as error:
        raise KeyUnreadable(f"the key file {path} cannot be read: {error}") from error
    cost = sealed.hardness
    if sealed.format != FORMAT or not cost.is_known:
        raise KeyUnreadable(f"the key file {path} is of an unknown kind, or damaged")
    try:
        box = AESGCM(stretched(passphrase, from_base64(sealed.salt), cost))
        bound = _bound(sealed.name, sealed.public)
        content = box.decrypt(from_base64(sealed.nonce), from_base64(sealed.content), bound)
        return SigningKey(sealed.name, Ed25519PrivateKey.from_private_bytes(content))
    except (InvalidTag, ProofRefused, ValueError) as error:
        raise KeyUnreadable(f"wrong passphrase for {path}, or the file was changed") from error


def into_keyring(keep: Keep, key: SigningKey) -> None:
    """Hand the key to the keyring of the system, under its name."""
    keep(key.name, to_base64(key.private.private_bytes_raw()))


def from_keyring(fetch: Fetch, name: str) -> SigningKey:
    """The key that the keyring keeps under ``name``.

    Raises:
        KeyUnreadable: it has none, or something else.
    """
    secret = fetch(name)
    if secret is None:
        raise KeyUnreadable(f"the keyring of this computer holds no key {name!r}")
    try:
        return SigningKey(name, Ed25519PrivateKey.from_private_bytes(from_base64(secret)))
    except (ProofRefused, ValueError) as error:
        raise KeyUnreadable(f"what the keyring holds as {name!r} is no key") from error


def _bound(name: str, public: str) -> bytes:
    """What the sealed content is only good for: a file cannot be given another name or public key."""
    return f"{FORMAT}\n{name}\n{public}\n".encode()


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name) or not name.isprintable():
        raise KeyUnreadable(
            f"{name!r} is no name for a key: no spaces, no plus sign, as in plant.example/line-4"
        )
