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
    "dev": "deviates",
    "rate": "changes too fast",
    "disc": "does not follow",
    "bad": "not known",
    "expr": "condition",
    "status": "device status",
    "link": "no connection",
    "device": "device alarm",
    "flood": "flood of alarms",
}


def message(limit: Limit, tag: Tag | None) -> str:
    """The limit's own message, or the tag's name and what it does: "Pressure high-high", "State fault"."""
    if limit.message:
        return limit.message
    name, word = limit.path.rpartition("/")[2], KINDS[limit.kind]
    if limit.limit is not None and limit.kind in ("on", "off"):
        states = {} if tag is None else tag.states
        state = states.get(int(limit.limit), f"{limit.limit:g}")
        word = state if limit.kind == "on" else f"not {state}"
    return f"{name} {word}"
