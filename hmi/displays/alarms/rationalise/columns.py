"""The columns of the table of alarms.csv: their words, what a cell of each may hold, how wide. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.types import Tag, fits
from hmi.displays.alarms.rationalise.file import KNOWN, Cells
from hmi.formats import t
from hmi.model import LEVELS, Model

Sort = Literal["text", "number", "word"]
FINDINGS = "findings"
COLUMNS = (FINDINGS, *KNOWN)
"""As they stand in the table: what to look at, then the columns of the file."""
TITLES = {
    FINDINGS: "Look at",
    "path": "Tag",
    "kind": "Kind",
    "name": "Name",
    "limit": "Limit",
    "priority": "Priority",
    "deadband": "Deadband",
    "on_delay": "On delay",
    "off_delay": "Off delay",
    "message": "Message",
    "cause": "Cause",
    "consequence": "Consequence",
    "response": "Response",
    "respond": "Time to respond",
    "class": "Class",
    "group": "Group",
    "suppress": "Suppress while",
    "quality": "On bad quality",
    "latching": "Latching",
    "realarm": "Re-alarm",
    "count": "Count",
    "window": "Window",
    "other": "Other tag",
    "expression": "Expression",
    "display": "Display",
}
WIDE_PX = {
    **dict.fromkeys(KNOWN, 104),
    FINDINGS: 84,
    "path": 300,
    "kind": 72,
    "priority": 84,
    "message": 200,
    "cause": 190,
    "consequence": 200,
    "response": 240,
    "respond": 132,
    "suppress": 200,
    "quality": 126,
    "other": 180,
    "expression": 240,
    "display": 150,
    "group": 130,
}
FIRST_SHOWN = (
    *(FINDINGS, "path", "kind", "limit", "priority", "deadband", "on_delay", "off_delay", "message"),
    *("cause", "response", "respond"),
)
"""What the table shows until a person chooses."""
ALWAYS = (FINDINGS, "path", "kind")
NUMBERS = ("limit", "deadband", "on_delay", "off_delay", "respond", "realarm", "window", "count")
SECONDS = ("on_delay", "off_delay", "respond", "realarm", "window")
KINDS = ("hh", "h", "l", "ll", "on", "off", "trip", "dev", "rate", "disc", "bad", "expr", "status")
_WORDS = {
    "priority": (
        *(("", "3, as not stated"), ("1", "highest"), ("2", "high"), ("3", "medium"), ("4", "low")),
        ("0", "drawn, never told"),
    ),
    "quality": (
        *(("", "hold, as not stated"), ("hold", "stays as it is"), ("raise", "alarms")),
        ("clear", "ends the alarm"),
    ),
    "latching": (("", "no"), ("true", "stays until it is reset"), ("false", "no")),
}
_KIND_WORDS = {
    "hh": "high-high",
    "h": "high",
    "l": "low",
    "ll": "low-low",
    "on": "is on, or in this state",
    "off": "is off, or not in this state",
    "trip": "where the PLC stops",
    "dev": "too far from another tag",
    "rate": "changes too fast",
    "disc": "differs from another tag",
    "bad": "has no good value",
    "expr": "an expression is true",
    "status": "NE 107 status of a device",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One word that a cell may hold, and what it means."""

    text: str
    told: str


def title(column: str) -> str:
    """The head of a column."""
    return t(TITLES[column])


def options(column: str, model: Model, cells: Cells) -> tuple[Option, ...]:
    """The words that a cell may hold; empty where any text or number may stand."""
    if column == "kind":
        return tuple(Option(each, t(_KIND_WORDS[each])) for each in KINDS)
    if column in _WORDS:
        return tuple(Option(text, t(told)) for text, told in _WORDS[column])
    if column == "class":
        known = (Option(each.id, each.title) for each in model.alarm_classes.values())
        return (Option("", t("none")), *known)
    if column == "limit" and cells.get("kind") in ("on", "off"):
        states = next((tag.states for tag in tags_of(model, cells.get("path", "")) if tag.states), {})
        return tuple(Option(f"{value:g}", word) for value, word in states.items())
    return ()


def offers(column: str, model: Model, groups: Sequence[str]) -> tuple[str, ...]:
    """Texts that are offered while a person types another."""
    if column in ("path", "other"):
        return tuple(tag.path for tag in model.tags)
    if column == "display":
        return ("overview", "twin", "trends", "alarms", "advisor", "work", "reports", "system", *model.units)
    return tuple(groups) if column == "group" else ()


def tags_of(model: Model, path: str) -> tuple[Tag, ...]:
    """The tags that a path or a pattern means."""
    at = model.index.get(path)
    if at is not None:
        return (model.tags[at],)
    if "*" not in path and "?" not in path:
        return ()
    return tuple(tag for tag in model.tags if fits(tag.path, path))


def unit(column: str, model: Model, cells: Cells) -> str:
    """What the number of a cell is measured in; "" = nothing, or the tags of the row differ."""
    if column in SECONDS:
        return "s"
    kind = cells.get("kind", "").lower()
    if column not in ("limit", "deadband") or kind not in (*LEVELS, "dev", "disc", "rate"):
        return ""
    units = {tag.unit for tag in tags_of(model, cells.get("path", ""))}
    own = units.pop() if len(units) == 1 else ""
    return f"{own}/s" if own and kind == "rate" else own
