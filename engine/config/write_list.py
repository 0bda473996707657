"""writes.csv to one ``WriteRule`` a tag, every mistake with its line. No row = no write (W1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast, get_args

import msgspec

from engine.config.alarm_names import Written, path_from
from engine.config.cells import not_negative, number, word
from engine.config.findings import Findings, listed, meant, shown
from engine.config.names import Names
from engine.config.table import Row, read_table
from engine.types import Role, Tag, WriteClass, WriteRule

REQUIRED = ("tag",)
COLUMNS = (
    *REQUIRED,
    *("class", "low", "high", "step", "rate", "interlock", "readback", "tolerance", "deadline_s"),
    *("roles", "reasons", "handshake"),
)
CLASSES: tuple[str, ...] = get_args(WriteClass)
ROLES: tuple[str, ...] = get_args(Role)
SHORTEST_S, LONGEST_S = 0.2, 60.0
LONGEST_REASON = 60
COARSE = ("int16", "uint16", "int32", "uint32", "int64", "uint64")


def read_writes(text: str, names: Names, findings: Findings) -> list[WriteRule]:
    """The rules of a writes.csv, in file order; where tags.csv names no tags, their checks are left out.

    A row names one tag and no pattern: what is added to tags.csv later is not writable by accident.
    """
    rules: list[WriteRule] = []
    lines: dict[str, int] = {}
    for row in read_table(text, COLUMNS, REQUIRED, findings) or []:
        rule = _rule(row, findings)
        if not rule.tag:
            continue
        first = lines.setdefault(rule.tag, row.line)
        if first != row.line:
            findings.error(
                row.line, f"tag {shown(rule.tag)} is on line {first} already: keep one of the two rows"
            )
        rules.append(_of_tag(row, rule, names, findings) if names.tags else rule)
    return rules


def _rule(row: Row, findings: Findings) -> WriteRule:
    tag = row.cells.get("tag", "")
    if not tag:
        findings.error(row.line, "tag is empty: write the whole path of the tag that may be written")
    rule = WriteRule(
        tag=tag,
        write_class=cast(WriteClass, word(row, "class", CLASSES, "normal", findings)),
        low=number(row, "low", findings),
        high=number(row, "high", findings),
        step=_positive(row, "step", "leave it empty for any step", findings),
        rate=_positive(row, "rate", "write the most change per minute, or leave it empty", findings),
        interlock=row.cells.get("interlock", ""),
        readback=row.cells.get("readback", ""),
        tolerance=not_negative(row, "tolerance", "the unit of the tag", findings),
        deadline_s=_deadline_s(row, findings),
        roles=_roles(row, findings),
        reasons=_reasons(row, findings),
        handshake=row.cells.get("handshake", ""),
        line=row.line,
    )
    if rule.low is not None and rule.high is not None and rule.low >= rule.high:
        findings.error(
            row.line, f"low {rule.low:g} is not below high {rule.high:g}: write the lower one first"
        )
    elif rule.step and rule.low is not None and rule.high is not None and rule.step > rule.high - rule.low:
        span = f"{rule.low:g} to {rule.high:g}"
        findings.error(row.line, f"step {rule.step:g} is larger than all of {span}: nothing could be written")
    return rule


def _positive(row: Row, column: str, advice: str, findings: Findings) -> float | None:
    read = number(row, column, findings)
    if read is not None and read <= 0:
        findings.error(row.line, f"{column} {read:g} is not above 0: {advice}")
        return None
    return read


def _deadline_s(row: Row, findings: Findings) -> float:
    read = number(row, "deadline_s", findings)
    if read is None:
        return WriteRule("").deadline_s
    if not SHORTEST_S <= read <= LONGEST_S:
        span = f"{SHORTEST_S:g} to {LONGEST_S:g} (seconds)"
        findings.error(row.line, f"deadline_s {read:g} is out of range: use {span}")
        return WriteRule("").deadline_s
    return read


def _parts(row: Row, column: str, findings: Findings) -> list[str]:
    """What stands between the ``|`` of a cell, each once."""
    cell = row.cells.get(column, "")
    found = [part.strip() for part in cell.split("|")] if cell else []
    if not all(found):
        findings.error(row.line, f"{column} {shown(cell)} has an empty part: write one | between two of them")
    twice = next((part for part in found if part and found.count(part) > 1), "")
    if twice:
        findings.error(row.line, f"{column} names {shown(twice)} twice: write each once")
    return [part for part in dict.fromkeys(found) if part]


def _roles(row: Row, findings: Findings) -> tuple[str, ...]:
    """Roles in lower case. An unknown one is an error: without it the rule would let everybody write."""
    found = [part.lower() for part in _parts(row, "roles", findings)]
    for role in found:
        if role not in ROLES:
            near = meant(role, ROLES)
            findings.error(row.line, f"roles: {shown(role)} is not known: use {listed(ROLES)}{near}")
    return tuple(found)


def _reasons(row: Row, findings: Findings) -> tuple[str, ...]:
    found = _parts(row, "reasons", findings)
    for reason in found:
        if len(reason) > LONGEST_REASON:
            findings.error(
                row.line,
                f"reasons: {shown(reason)} has {len(reason)} characters: use at most {LONGEST_REASON}",
            )
    return tuple(found)


def _of_tag(row: Row, rule: WriteRule, names: Names, findings: Findings) -> WriteRule:
    """The rule with whole paths, after all that is wrong with it for its tag was told."""
    tag = names.tags.get(rule.tag)
    if tag is None:
        pattern = "each row names one tag, no pattern" if set("*?") & set(rule.tag) else ""
        findings.error(row.line, f"tag {shown(rule.tag)} is no tag: {pattern or names.why_not(rule.tag)}")
        return rule
    for sentence in _misfits(rule, tag):
        findings.error(row.line, sentence)
    for sentence in _doubts(rule, tag):
        findings.warning(row.line, sentence)
    return msgspec.structs.replace(
        rule,
        interlock=Written("interlock", rule.interlock, row.line, findings).of(tag, names),
        readback=_readback(rule, tag, names, findings),
        handshake=path_from(rule.handshake, tag),
    )


def _misfits(rule: WriteRule, tag: Tag) -> Iterator[str]:
    """Why the tag cannot be written as the rule says."""
    if tag.type == "string":
        yield f"tag {shown(tag.path)} is text: only numbers, on and off, and states can be written"
    if tag.address.startswith("at="):
        yield f"tag {shown(tag.path)} is part of an array or structure: only whole values can be written"
    stated = [name for name in ("low", "high", "step", "rate") if getattr(rule, name) is not None]
    if stated and tag.type == "bool":
        cells = " and ".join(stated)
        yield f"{cells} cannot be applied, since this tag is on or off: leave {cells} empty"
    low = max((each for each in (rule.low, tag.low) if each is not None), default=None)
    high = min((each for each in (rule.high, tag.high) if each is not None), default=None)
    of_its_own = rule.low is not None and rule.high is not None and rule.low >= rule.high
    if low is not None and high is not None and low >= high and not of_its_own:
        ours, own = _span(rule.low, rule.high), _span(tag.low, tag.high)
        yield f"nothing could be written: {ours} and the tag's range {own} have no value in common"


def _span(low: float | None, high: float | None) -> str:
    return f"{'…' if low is None else f'{low:g}'} to {'…' if high is None else f'{high:g}'}"


def _doubts(rule: WriteRule, tag: Tag) -> Iterator[str]:
    """What the rule says that will surprise."""
    for column, limit in (("low", rule.low), ("high", rule.high)):
        below = limit is not None and tag.low is not None and limit < tag.low
        above = limit is not None and tag.high is not None and limit > tag.high
        if below or above:
            span = _span(tag.low, tag.high)
            yield f"{column} {limit:g} is outside the tag's range {span}: the narrower of the two counts"
    if tag.type in ("bool", "string") or tag.states:
        return
    for column, ours, own in (("low", rule.low, tag.low), ("high", rule.high, tag.high)):
        if ours is None and own is None:
            yield f"{column} is stated neither here nor in tags.csv: only the device limits what is written"
    if tag.type in COARSE and tag.factor != 1.0 and rule.tolerance < abs(tag.factor) / 2:
        half = abs(tag.factor) / 2
        yield (
            f"tolerance {rule.tolerance:g} is finer than what the device keeps: write {half:g} or more, half "
            "of what one raw unit is worth"
        )
    elif tag.type == "float32" and not rule.tolerance:
        yield "tolerance is 0, but float32 keeps about 7 digits: write half of the finest step, as in 0.05"


def _readback(rule: WriteRule, tag: Tag, names: Names, findings: Findings) -> str:
    if not rule.readback:
        return ""
    path = path_from(rule.readback, tag)
    found = names.tags.get(path)
    if found is None:
        pattern = "it needs one tag, no pattern; ./ stands for the asset of the row's own tag"
        why = pattern if set("*?") & set(path) else names.why_not(path)
        findings.error(rule.line, f"readback {shown(path)} is no tag: {why}")
    elif found.type == "string":
        findings.error(rule.line, f"readback {shown(path)} is text: name a number, or on and off")
    return path
