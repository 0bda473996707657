"""Signed notes (https://c2sp.org/signed-note): a text and, below it, who signed it.

Pure, apart from checking Ed25519 signatures with `cryptography`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine.ledger.errors import ProofRefused

ED25519, COSIGNATURE = 0x01, 0x04
"""Signature types: over the note text itself, and cosignature/v1 with a time (tlog-cosignature)."""
KINDS = (ED25519, COSIGNATURE)
MOST_SIGNATURES = 64
LONGEST_NOTE = 64 * 1024
_NAME = re.compile(r"[^\s+]+")
_LINE = re.compile(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)")


class VerifierKey(msgspec.Struct, frozen=True):
    """A public key with the name it signs as and the type of its signatures."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name || 0x0A || type || public key)."""
        return hashlib.sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The key as one word, ``name+id+base64(type || public key)`` (vkey of signed-note)."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.kind]) + self.public)}"


class Signature(msgspec.Struct, frozen=True):
    """One signature line of a note."""

    name: str
    key_id: bytes
    content: bytes

    @property
    def line(self) -> str:
        """The line as it stands in the note, with its line break."""
        return f"\u2014 {self.name} {to_base64(self.key_id + self.content)}\n"

    def is_by(self, key: VerifierKey) -> bool:
        """Whether it claims to be made with this key; says nothing about its being right."""
        return (self.name, self.key_id) == (key.name, key.key_id)


class Note(msgspec.Struct, frozen=True):
    """The signed text, which ends with a line break, and its signatures in their order."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """The whole note as it is stored and sent."""
        return f"{self.text}\n{''.join(each.line for each in self.signatures)}"


def parse_key(text: str) -> VerifierKey:
    """A key from its one word.

    Raises:
        ProofRefused: it is none, or its id does not fit it.
    """
    name, _, rest = text.partition("+")
    key_id, _, coded = rest.partition("+")
    content = from_base64(coded)
    if not _NAME.fullmatch(name) or len(content) != 33 or content[0] not in KINDS:
        raise ProofRefused(f"{text[:80]!r} is no key; it looks like NAME+8 hex digits+base64")
    key = VerifierKey(name, content[0], content[1:])
    if key.key_id.hex() != key_id:
        raise ProofRefused(f"the key {text[:80]!r} was mistyped: its id would be {key.key_id.hex()}")
    return key


def parse_note(text: str) -> Note:
    """A note from its text; signatures are not checked here.

    Raises:
        ProofRefused: it does not have the form of a signed note, or not the one form for its content.
    """
    body, blank, below = text.rpartition("\n\n")
    lines = below.splitlines()
    if not blank or not lines or len(lines) > MOST_SIGNATURES or len(text) > LONGEST_NOTE:
        raise ProofRefused("this is no signed note: a text, an empty line, and signature lines are wanted")
    note = Note(f"{body}\n", tuple(_signature(line) for line in lines))
    if str(note) != text or any(ord(letter) < 32 and letter != "\n" for letter in text):
        raise ProofRefused("this signed note is not in its one proper form")
    return note


def is_signed(note: Note, key: VerifierKey) -> bool:
    """Whether the key signed this text itself (type 0x01).

    Raises:
        ProofRefused: a line claims to be by this key and is not.
    """
    found = [each for each in note.signatures if each.is_by(key)]
    for each in found:
        if not is_right(key.public, each.content, note.text.encode()):
            raise ProofRefused(f"a signature that claims to be by {key.name} is not by that key")
    return bool(found)


def is_right(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this is an Ed25519 signature (RFC 8032) of the message by that key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def with_signatures(note: Note, more: Sequence[Signature]) -> Note:
    """The note with further signatures below, none twice."""
    return Note(note.text, (*note.signatures, *(each for each in more if each not in note.signatures)))


def to_base64(content: bytes) -> str:
    """Base 64 with padding, RFC 4648 section 4."""
    return base64.b64encode(content).decode()


def from_base64(text: str) -> bytes:
    """The bytes of a base 64 text, only in its one proper form.

    Raises:
        ProofRefused: it is none.
    """
    try:
        content = base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise ProofRefused(f"{text[:80]!r} is not base64") from error
    if to_base64(content) != text:
        raise ProofRefused(f"{text[:80]!r} is not the proper base64 of what it means")
    return content


def _signature(line: str) -> Signature:
    found = _LINE.fullmatch(line)
    content = from_base64(found[2]) if found else b""
    if not found or len(content) < 5:
        raise ProofRefused(f"{line[:80]!r} is no signature line of a note")
    return Signature(found[1], content[:4], content[4:])
