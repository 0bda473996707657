"""Text that people enter."""

from __future__ import annotations


def clean(text: str) -> str:
    """Text whose every character shows: no control characters, no half surrogates."""
    whole = text.encode("utf-8", "replace").decode()
    return "".join(each if each.isprintable() else " " for each in whole).strip()
