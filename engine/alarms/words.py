"""What an alarm says where alarms.csv says nothing."""

from __future__ import annotations

from engine.types import Limit, LimitKind, Tag

KINDS: dict[LimitKind, str] = {
    "hh": "high-high",
    "h": "high",
    "l": "low",
    "ll": "low-low",
    "on": "on",
    "off": "off",
    "trip": "trip",
}


def message(limit: Limit, tag: Tag) -> str:
    """The limit's own message, or the tag's name and what it does: "Pressure high-high", "State fault"."""
    if limit.message:
        return limit.message
    name, word = limit.path.rpartition("/")[2], KINDS[limit.kind]
    if limit.limit is not None and limit.kind in ("on", "off"):
        state = tag.states.get(int(limit.limit), f"{limit.limit:g}")
        word = state if limit.kind == "on" else f"not {state}"
    return f"{name} {word}"
