"""alarms.csv to one ``Limit`` for each tag that a row means, every mistake with its line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

import msgspec

from engine.config.cells import not_negative, number, whole, word
from engine.config.findings import Findings, listed, shown
from engine.config.limit_order import check_order
from engine.config.names import Names
from engine.config.table import Row, read_table
from engine.types import Limit, LimitKind, Tag

REQUIRED = ("path", "kind")
COLUMNS = (
    *REQUIRED,
    *("limit", "priority", "deadband", "on_delay", "off_delay", "message", "cause", "response"),
)
KINDS: tuple[str, ...] = get_args(LimitKind)
TRUTHS = ("on", "off")
LOWEST_PRIORITY, DEFAULT_PRIORITY = 4, 3
LONGEST_TEXT = 300


def read_limits(text: str, names: Names, findings: Findings) -> list[Limit]:
    """The limits of an alarms.csv, in file order; where tags.csv names no tags, their checks are left out."""
    limits: list[Limit] = []
    for row in read_table(text, COLUMNS, REQUIRED, findings) or []:
        limits += _row(row, names, findings)
    _check_once(limits, findings)
    check_order(limits, findings)
    return limits


def _row(row: Row, names: Names, findings: Findings) -> list[Limit]:
    path = row.cells.get("path", "")
    if not path:
        findings.error(row.line, "path is empty: write the tag's path, or a pattern such as Line 1/*/State")
    if not row.cells.get("kind"):
        findings.error(row.line, f"kind is empty: use {listed(KINDS)}")
    kind = cast(LimitKind, word(row, "kind", KINDS, "", findings))
    limit = Limit(
        path=path,
        kind=kind,
        limit=number(row, "limit", findings),
        priority=whole(row, "priority", LOWEST_PRIORITY, DEFAULT_PRIORITY, findings),
        deadband=not_negative(row, "deadband", "the unit of the tag", findings),
        on_delay_s=not_negative(row, "on_delay", "seconds", findings),
        off_delay_s=not_negative(row, "off_delay", "seconds", findings),
        message=_text(row, "message", findings),
        cause=_text(row, "cause", findings),
        response=_text(row, "response", findings),
        line=row.line,
    )
    if not kind or not path:
        return []
    if kind not in TRUTHS and not row.cells.get("limit"):
        findings.error(row.line, f"limit is empty: {kind} needs the number to compare with")
    if not names.tags:
        return []
    tags = names.tags_like(path)
    if not tags:
        findings.error(row.line, f"path {shown(path)} is no tag: {names.why_not(path)}")
    _check_kind(limit, tags, findings)
    return [_of(limit, tag) for tag in tags]


def _of(limit: Limit, tag: Tag) -> Limit:
    return msgspec.structs.replace(limit, path=tag.path)


def _text(row: Row, column: str, findings: Findings) -> str:
    cell = row.cells.get(column, "")
    if len(cell) > LONGEST_TEXT:
        findings.error(row.line, f"{column} has {len(cell)} characters: use at most {LONGEST_TEXT}")
        return ""
    return cell


def _check_kind(limit: Limit, tags: Sequence[Tag], findings: Findings) -> None:
    """Whether the limit can judge what these tags are; said of the first tag that it cannot judge."""
    said = next((sentence for tag in tags if (sentence := _misfit(limit, tag))), "")
    if said:
        findings.error(limit.line, said)
    if limit.kind in TRUTHS and limit.limit is not None:
        odd = next((tag for tag in tags if tag.states and limit.limit not in tag.states), None)
        if odd is not None:
            words = listed([f"{value} {state}" for value, state in odd.states.items()])
            findings.warning(
                limit.line, f"limit {limit.limit:g} is no state of {shown(odd.path)}: use {words}"
            )


def _misfit(limit: Limit, tag: Tag) -> str:
    what = {"bool": "on or off", "string": "text"}.get(tag.type, "an enumeration" if tag.states else "")
    if tag.type == "string":
        return f"{shown(tag.path)} is text: only numbers and on or off raise alarms"
    if limit.kind not in TRUTHS:
        return f"{shown(tag.path)} is {what}: use kind {listed(TRUTHS)}" if what else ""
    if limit.limit is not None:
        return f"{shown(tag.path)} is on or off: leave limit empty" if tag.type == "bool" else ""
    if tag.states:
        return f"limit is empty: write the state of {shown(tag.path)} that {limit.kind} compares with"
    if tag.type.startswith("float"):
        return f"{shown(tag.path)} is a number: use kind {listed(['hh', 'h', 'l', 'll'])}"
    return ""


def _check_once(limits: Sequence[Limit], findings: Findings) -> None:
    """Each kind once a tag; two rows that meet in many tags are told once."""
    first: dict[tuple[str, str], int] = {}
    told: set[tuple[int, int]] = set()
    for limit in limits:
        line = first.setdefault((limit.path, limit.kind), limit.line)
        if line != limit.line and (line, limit.line) not in told:
            told.add((line, limit.line))
            findings.error(
                limit.line,
                f"{limit.kind} of {shown(limit.path)} is on line {line} already: keep one of the two",
            )
