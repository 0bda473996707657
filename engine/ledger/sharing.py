"""Fields that a partner can be shown later, one by one: salted commitments as in SD-JWT (RFC 9901).

In the ledger stands only the digest of each field. Its disclosure - salt, name and value - stays with us
until we give it away; then it proves itself against the digest. A salt of 128 bits keeps anybody from
guessing values, and no two digests are alike, even of the same value.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from engine.ledger.canonical import canonical
from engine.ledger.errors import ProofRefused

ALGORITHM = "sha-256"
SALT_BYTES = 16


def hide(
    fields: Mapping[str, Any], salt: Callable[[int], bytes] = os.urandom
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Digests for the ledger in their sorted order, which tells nothing, and the disclosures to keep.

    Raises:
        EntryRefused: a value has no JSON form.
    """
    disclosures = tuple(
        _url64(canonical([_url64(salt(SALT_BYTES)), name, value])) for name, value in fields.items()
    )
    return tuple(sorted(map(digest, disclosures))), disclosures


def digest(disclosure: str) -> str:
    """What stands in the ledger for a disclosure, RFC 9901 section 4.2.3."""
    return _url64(hashlib.sha256(disclosure.encode("ascii", "replace")).digest())


def reveal(entry: Mapping[str, Any], disclosures: Iterable[str]) -> dict[str, Any]:
    """The fields that these disclosures prove to be part of an entry, by name.

    Raises:
        ProofRefused: one belongs to no digest of the entry, names a field twice, or is no disclosure.
    """
    digests = _digests(entry)
    found: dict[str, Any] = {}
    for disclosure in disclosures:
        if digest(disclosure) not in digests:
            raise ProofRefused("this disclosure does not belong to the entry: its digest is not in it")
        name, value = read_disclosure(disclosure)
        if name in found:
            raise ProofRefused(f"the field {name!r} is disclosed twice")
        found[name] = value
    return found


def read_disclosure(disclosure: str) -> tuple[str, Any]:
    """Name and value of a disclosure; by itself it proves nothing.

    Raises:
        ProofRefused: it is none.
    """
    try:
        content = base64.urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4))
        parts: Any = json.loads(content)
    except (ValueError, binascii.Error, RecursionError) as error:
        raise ProofRefused(f"{disclosure[:60]!r} is no disclosure: {error}") from error
    if not isinstance(parts, list) or _url64(content) != disclosure:
        raise ProofRefused(f"{disclosure[:60]!r} is no disclosure")
    fields = cast("list[Any]", parts)
    if len(fields) != 3 or not isinstance(fields[0], str) or not isinstance(fields[1], str):
        raise ProofRefused(f"{disclosure[:60]!r} is no disclosure of a salt, a name and a value")
    return fields[1], fields[2]


def _digests(entry: Mapping[str, Any]) -> set[str]:
    digests = entry.get("_sd", [])
    if entry.get("_sd_alg", ALGORITHM) != ALGORITHM or not isinstance(digests, list):
        raise ProofRefused("this entry commits to its fields in a way that is not known here")
    return set(cast("list[str]", digests))


def _url64(content: bytes) -> str:
    """Base64url without padding, RFC 4648 section 5."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
