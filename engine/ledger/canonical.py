"""Canonical JSON (RFC 8785): one text for one meaning, so that one hash stands for it."""

from __future__ import annotations

import json
from typing import Any

import rfc8785

from engine.ledger.errors import EntryRefused, ProofRefused

DEEPEST = 32
"""Levels of nesting; deeper ones would only trouble those who verify."""


def canonical(value: Any) -> bytes:
    """The value as canonical JSON in UTF-8, RFC 8785 section 3.2.

    Raises:
        EntryRefused: it is no JSON, has a number that JSON cannot carry exactly, or nests too deep.
    """
    try:
        _require_shallow(value, DEEPEST)
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, TypeError, RecursionError) as error:
        raise EntryRefused(f"this cannot be written to the ledger: {error}") from error


def parsed(text: bytes) -> Any:
    """The value of a canonical JSON text.

    Raises:
        ProofRefused: it is no JSON, or another text of the same meaning.
    """
    try:
        value = json.loads(text)
        same = rfc8785.dumps(value) == text
    except (ValueError, TypeError, RecursionError) as error:
        raise ProofRefused(f"this is no JSON text: {error}") from error
    if not same:
        raise ProofRefused("this JSON text is not in the canonical form of RFC 8785")
    return value


def _require_shallow(value: Any, left: int) -> None:
    if not isinstance(value, dict | list | tuple):
        return
    if not left:
        raise TypeError(f"it nests deeper than {DEEPEST} levels")
    children: Any = value.values() if isinstance(value, dict) else value  # pyright: ignore
    for child in children:
        _require_shallow(child, left - 1)
