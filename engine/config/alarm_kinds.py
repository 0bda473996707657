"""What each kind of limit needs, and which tags it can judge."""

from __future__ import annotations

from collections.abc import Iterator

from engine.config.findings import Findings, listed, shown
from engine.config.table import Row
from engine.types import Limit, LimitKind, Tag

KINDS: tuple[LimitKind, ...] = (
    *("hh", "h", "l", "ll", "on", "off", "trip"),
    *("dev", "rate", "disc", "bad", "expr", "status"),
)
"""Those that alarms.csv may hold; the others are raised by the engine."""
NUMBERS: tuple[LimitKind, ...] = ("hh", "h", "l", "ll")
TRUTHS = ("on", "off")
LIMITED = (*NUMBERS, "trip", "dev", "rate")
"""Kinds that need a limit."""
TWO = ("dev", "disc")
NO_LIMIT = {
    "bad": "it alarms on quality alone",
    "expr": "the number stands in the expression",
    "status": "0 is normal, all else alarms",
}
NO_DEADBAND = (*TRUTHS, "bad", "expr", "status")


def check_row(row: Row, limit: Limit, findings: Findings) -> None:
    """Whether the row says what its kind needs, and nothing that it does not use."""
    for sentence in _missing(row, limit):
        findings.error(row.line, sentence)
    unused = [
        *(["other"] if limit.kind not in TWO else []),
        *(["expression"] if limit.kind != "expr" else []),
        *(["window"] if limit.kind != "rate" and limit.count <= 1 else []),
        *(["deadband"] if limit.kind in NO_DEADBAND else []),
        *(["quality"] if limit.kind == "bad" else []),
    ]
    for column in unused:
        if column == "deadband" and not limit.deadband:
            continue
        if row.cells.get(column):
            findings.warning(row.line, f"{column} is not used by kind {limit.kind} and is ignored")


def _missing(row: Row, limit: Limit) -> Iterator[str]:
    kind, cells = limit.kind, row.cells
    if kind in LIMITED and not cells.get("limit"):
        yield f"limit is empty: {kind} needs the number to compare with"
    if kind in NO_LIMIT and cells.get("limit"):
        yield f"{kind} has no limit, {NO_LIMIT[kind]}: leave limit empty"
    if kind in (*TWO, "rate") and limit.limit is not None and limit.limit < 0:
        yield f"limit {limit.limit:g} is negative: {kind} looks at differences without sign, use 0 or more"
    if kind in TWO and not cells.get("other"):
        yield f"other is empty: {kind} needs the tag to compare with, as in ./Setpoint"
    if kind == "expr" and not cells.get("expression"):
        yield "expression is empty: expr needs one, as in {./Pressure} > 180 and {./Running}"
    if kind == "rate" and not limit.window_s:
        yield "window is empty: rate needs the seconds over which the change is measured"
    if limit.count > 1 and not limit.window_s:
        yield f"window is empty: count {limit.count} needs the seconds within which it comes so often"


def misfit(limit: Limit, tag: Tag) -> str:
    """Why the limit cannot judge what this tag is; empty where it can."""
    kind = limit.kind
    if kind in ("bad", "expr"):
        return ""
    if tag.type == "string":
        return f"{shown(tag.path)} is text: only numbers and on or off raise alarms, or kind bad or expr"
    if kind == "status":
        return _no_status(tag)
    if kind == "disc":
        return ""
    if kind not in TRUTHS:
        what = "on or off" if tag.type == "bool" else "an enumeration" if tag.states else ""
        use = [*TRUTHS, *(["disc"] if kind == "dev" else [])]
        return f"{shown(tag.path)} is {what}: use kind {listed(use)}" if what else ""
    if limit.limit is not None:
        return f"{shown(tag.path)} is on or off: leave limit empty" if tag.type == "bool" else ""
    if tag.states:
        return f"limit is empty: write the state of {shown(tag.path)} that {kind} compares with"
    if tag.type.startswith("float"):
        return f"{shown(tag.path)} is a number: use kind {listed(NUMBERS)}"
    return ""


def _no_status(tag: Tag) -> str:
    if tag.type == "bool" or tag.type.startswith("float"):
        what = "on or off" if tag.type == "bool" else "a measured value"
        return (
            f"{shown(tag.path)} is {what}: status needs a NE 107 status, a whole number of which 0 is normal"
        )
    return ""


def unlike(limit: Limit, tag: Tag, other: Tag) -> str:
    """Why the two tags of ``dev`` and ``disc`` cannot be compared; empty where they can."""
    if other.type == "string":
        return f"other {shown(other.path)} is text: it cannot be compared"
    if other.path == tag.path:
        return f"other is {shown(tag.path)} itself: write the tag to compare with"
    kinds = {tag.type == "bool", other.type == "bool"}
    if len(kinds) > 1 and tag.type and other.type:
        return f"{shown(tag.path)} and other {shown(other.path)} are not alike: only one is on or off"
    if limit.kind == "dev" and (other.type == "bool" or other.states):
        return f"other {shown(other.path)} is no number: use kind {listed(['disc'])}"
    return ""
