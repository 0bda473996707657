"""alarms.csv to one ``Limit`` for each tag that a row means, every mistake with its line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import cast, get_args

import msgspec

from engine.config.alarm_kinds import KINDS, TRUTHS, TWO, check_row, misfit, unlike
from engine.config.alarm_names import Written, path_from
from engine.config.cells import not_negative, number, text_of, whole, word
from engine.config.findings import Findings, listed, meant, shown
from engine.config.limit_order import check_order
from engine.config.names import Names
from engine.config.table import Row, read_table
from engine.types import AlarmClass, Limit, LimitKind, QualityPolicy, Tag

REQUIRED = ("path", "kind")
COLUMNS = (
    *REQUIRED,
    *("limit", "priority", "deadband", "on_delay", "off_delay", "message", "cause", "response"),
    *("name", "consequence", "respond", "class", "other", "expression", "window", "count", "latching"),
    *("realarm", "quality", "suppress", "group", "display"),
)
POLICIES: tuple[str, ...] = get_args(QualityPolicy)
LOWEST_PRIORITY, DEFAULT_PRIORITY = 4, 3
LONGEST_TEXT, LONGEST_NAME = 300, 60
MOST_COUNT = 100
SECONDS = ("on_delay", "off_delay", "window", "realarm", "respond")
TEXTS = ("message", "cause", "response", "consequence", "display")
NAMES = ("name", "group")


def read_limits(
    text: str, names: Names, findings: Findings, classes: Sequence[AlarmClass] = ()
) -> list[Limit]:
    """The limits of an alarms.csv, in file order; where tags.csv names no tags, their checks are left out."""
    limits: list[Limit] = []
    known = {each.id: each for each in classes}
    for row in read_table(text, COLUMNS, REQUIRED, findings) or []:
        limits += _row(row, names, known, findings)
    _check_once(limits, findings)
    _check_groups(limits, findings)
    check_order(limits, findings)
    return limits


def _row(row: Row, names: Names, classes: dict[str, AlarmClass], findings: Findings) -> list[Limit]:
    path = row.cells.get("path", "")
    if not path:
        findings.error(row.line, "path is empty: write the tag's path, or a pattern such as Line 1/*/State")
    if not row.cells.get("kind"):
        findings.error(row.line, f"kind is empty: use {listed(KINDS)}")
    limit = _limit(row, path, cast(LimitKind, word(row, "kind", KINDS, "", findings)), findings)
    _check_class(row, limit, classes, findings)
    if not limit.kind or not path:
        return []
    check_row(row, limit, findings)
    written = [
        Written(name, row.cells.get(name, ""), row.line, findings) for name in ("expression", "suppress")
    ]
    if not names.tags:
        return []
    tags = names.tags_like(path)
    if not tags:
        findings.error(row.line, f"path {shown(path)} is no tag: {names.why_not(path)}")
    _check_kind(limit, tags, names, findings)
    return [_of(limit, tag, names, written) for tag in tags]


def _limit(row: Row, path: str, kind: LimitKind, findings: Findings) -> Limit:
    seconds = {column: not_negative(row, column, "seconds", findings) for column in SECONDS}
    texts = {column: text_of(row, column, LONGEST_TEXT, findings) for column in TEXTS}
    short = {column: text_of(row, column, LONGEST_NAME, findings) for column in NAMES}
    return Limit(
        path=path,
        kind=kind,
        limit=number(row, "limit", findings),
        priority=whole(row, "priority", LOWEST_PRIORITY, DEFAULT_PRIORITY, findings),
        deadband=not_negative(row, "deadband", "the unit of the tag", findings),
        alarm_class=row.cells.get("class", ""),
        other=row.cells.get("other", "") if kind in TWO else "",
        count=whole(row, "count", MOST_COUNT, 0, findings),
        latching=_flag(row, "latching", findings),
        quality=cast(QualityPolicy, word(row, "quality", POLICIES, "hold", findings)),
        line=row.line,
        on_delay_s=seconds["on_delay"],
        off_delay_s=seconds["off_delay"],
        window_s=seconds["window"],
        realarm_s=seconds["realarm"],
        respond_s=seconds["respond"],
        message=texts["message"],
        cause=texts["cause"],
        response=texts["response"],
        consequence=texts["consequence"],
        display=texts["display"],
        name=short["name"],
        group=short["group"],
    )


def _of(limit: Limit, tag: Tag, names: Names, written: Sequence[Written]) -> Limit:
    expression, suppress = (each.of(tag, names) for each in written)
    return msgspec.structs.replace(
        limit,
        path=tag.path,
        other=path_from(limit.other, tag),
        expression=expression if limit.kind == "expr" else "",
        suppress=suppress,
    )


def _flag(row: Row, column: str, findings: Findings) -> bool:
    cell = row.cells.get(column, "false")
    if cell.lower() not in ("true", "false"):
        findings.error(row.line, f"{column} {shown(cell)} is neither true nor false: write one of the two")
    return cell.lower() == "true"


def _check_class(row: Row, limit: Limit, classes: dict[str, AlarmClass], findings: Findings) -> None:
    """Whether there is such a class, and whether it fits an alarm that a person must reset."""
    if not limit.alarm_class:
        return
    found = classes.get(limit.alarm_class)
    if found is None:
        use = f"use {listed(classes)}" if classes else "add a [[class]] with this id to alarms.toml"
        near = meant(limit.alarm_class, classes)
        findings.error(row.line, f"class {shown(limit.alarm_class)} is not in alarms.toml: {use}{near}")
    elif limit.latching and not found.acknowledge:
        findings.error(
            row.line,
            f"latching needs a person to reset it, but class {shown(found.id)} returns to normal without "
            "one: leave latching empty, or use another class",
        )


def _check_kind(limit: Limit, tags: Sequence[Tag], names: Names, findings: Findings) -> None:
    """Whether the limit can judge what these tags are; said of the first tag that it cannot judge."""
    said = next((sentence for tag in tags if (sentence := misfit(limit, tag))), "")
    said = said or next((sentence for tag in tags if (sentence := _other(limit, tag, names))), "")
    if said:
        findings.error(limit.line, said)
    if limit.kind in TRUTHS and limit.limit is not None:
        odd = next((tag for tag in tags if tag.states and limit.limit not in tag.states), None)
        if odd is not None:
            words = listed([f"{value} {state}" for value, state in odd.states.items()])
            findings.warning(
                limit.line, f"limit {limit.limit:g} is no state of {shown(odd.path)}: use {words}"
            )


def _other(limit: Limit, tag: Tag, names: Names) -> str:
    """What is wrong with the other tag."""
    if not limit.other:
        return ""
    path = path_from(limit.other, tag)
    other = names.tags.get(path)
    if other is None:
        pattern = "it needs one tag, no pattern; ./ stands for the asset of the row's own tag"
        why = pattern if "*" in path or "?" in path else names.why_not(path)
        return f"other {shown(path)} is no tag: {why}"
    return unlike(limit, tag, other)


def _check_once(limits: Sequence[Limit], findings: Findings) -> None:
    """Each kind once a tag and name; two rows that meet in many tags are told once."""
    first: dict[tuple[str, str, str], int] = {}
    told: set[tuple[int, int]] = set()
    for limit in limits:
        line = first.setdefault((limit.path, limit.kind, limit.name), limit.line)
        if line != limit.line and (line, limit.line) not in told:
            told.add((line, limit.line))
            findings.error(
                limit.line,
                f"{limit.kind} of {shown(limit.path)} is on line {line} already: keep one of the two, "
                "or give each a name",
            )


def _check_groups(limits: Sequence[Limit], findings: Findings) -> None:
    """A group marks the first that came of several."""
    count = Counter(limit.group for limit in limits if limit.group)
    for limit in limits:
        if limit.group and count[limit.group] == 1:
            findings.warning(
                limit.line,
                f"group {shown(limit.group)} has this alarm alone: give others the same group, or leave it "
                f"empty{meant(limit.group, set(count) - {limit.group})}",
            )
