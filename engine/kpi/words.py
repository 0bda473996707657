"""How a figure names units, times and inputs in its reason."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.types import Status, quality_word

SHORT = re.compile(r"[A-Za-z]{1,4}[-_]?\d+[A-Za-z]?")
"""A first word that names a unit by itself: S50, OP-120, M3a."""


def unit_names(paths: Sequence[str]) -> list[str]:
    """What to call the units that these tags belong to: the first part of the path in which they differ.

    ``Framing line 3/S50 Roof press/State`` is S50, where its first word is such a name.
    """
    split = [path.split("/") for path in paths]
    shortest = min((len(parts) for parts in split), default=1)
    at = next((k for k in range(shortest - 1) if len({parts[k] for parts in split}) > 1), -2)
    return [_short(parts[at] if len(parts) > 1 else parts[0]) for parts in split]


def input_name(path: str) -> str:
    """``S50 State`` for ``Framing line 3/S50 Roof press/State``."""
    parts = path.split("/")
    return " ".join([_short(parts[-2]), parts[-1]] if len(parts) > 1 else parts)


def _short(name: str) -> str:
    first = name.split(" ")[0]
    return first if SHORT.fullmatch(first) else name


def duration(seconds: float) -> str:
    """``40 s``, ``14 min`` or ``2 h 10 min``."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def signed(number: float, decimals: int) -> str:
    """A deviation with its sign, minus as typographers write it."""
    return f"{number:+.{decimals}f}".replace("-", "−")


def missing(status: int, path: str, others: int) -> str:
    """What is the matter with an input, and how many others have it too."""
    name = input_name(path) + (f" and {others} more" if others else "")
    if status == Status.STALE:
        return f"no news of {name}"
    return f"no value of {name}" if quality_word(status) == "bad" else f"uncertain: {name}"
