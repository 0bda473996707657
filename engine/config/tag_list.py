"""tags.csv to ``Tag`` structs, every mistake with its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, get_args

from engine.config.cells import not_negative, number, path_of, required, whole, word
from engine.config.findings import Findings, listed, meant, shown
from engine.config.states import read_states
from engine.config.table import Row, read_table
from engine.types import AddressRules, Criticality, Tag, TypeName

REQUIRED = ("path", "source", "address")
COLUMNS = (
    *REQUIRED,
    *("type", "unit", "low", "high", "factor", "offset", "deadband", "rate", "criticality", "decimals"),
    *("writable", "states"),
)
TYPES = tuple(name for name in get_args(TypeName) if name)
CRITICALITIES: tuple[str, ...] = get_args(Criticality)
LOWEST_RATE, HIGHEST_RATE = 0.01, 1000.0
MOST_DECIMALS = 10
TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_tags(text: str, sources: Mapping[str, AddressRules | None] | None, findings: Findings) -> list[Tag]:
    """The tags of a tags.csv, in file order, with ``tag_id`` -1 and ``line`` set.

    ``sources`` maps a source id to the rules of its driver (None = driver unknown, already
    reported); the whole map is None when plant.toml could not be read, and sources and addresses
    then go unchecked. Mistakes go to ``findings``.
    """
    rows = read_table(text, COLUMNS, REQUIRED, findings)
    if rows is None:
        return []
    tags = [_tag(row, sources, findings) for row in rows]
    lines: dict[str, int] = {}
    for tag in tags:
        first = lines.setdefault(tag.path, tag.line)
        if tag.path and first != tag.line:
            findings.error(
                tag.line,
                f"path {shown(tag.path)} is on line {first} and again on line {tag.line}: "
                "give one of the two another path",
            )
    if not tags and not findings.problems:
        findings.warning(1, f"{findings.file} names no tags, so nothing is read from the sources")
    return tags


def _tag(row: Row, sources: Mapping[str, AddressRules | None] | None, findings: Findings) -> Tag:
    low, high = number(row, "low", findings), number(row, "high", findings)
    if low is not None and high is not None and low >= high:
        findings.error(row.line, f"low {low:g} is not below high {high:g}: low is the bottom of the range")
    path = path_of(row, "path", "the tag's name, as in Area/Unit/Equipment/Tag", findings)
    source = required(row, "source", "the id of a [[sources]] entry in plant.toml", findings)
    address = required(row, "address", "the tag's address in its source", findings)
    kind = _type(row, _rules(row, sources, findings), findings)
    states = read_states(row, kind, findings)
    factor, offset = _scale(row, kind, bool(states), findings)
    return Tag(
        tag_id=-1,
        path=path,
        source=source,
        address=address,
        type=kind,
        unit=row.cells.get("unit", ""),
        low=low,
        high=high,
        deadband=not_negative(row, "deadband", "the unit of the tag", findings),
        rate=_rate(row, findings),
        criticality=cast(Criticality, word(row, "criticality", CRITICALITIES, "normal", findings)),
        decimals=whole(row, "decimals", MOST_DECIMALS, None, findings),
        writable=_writable(row, findings),
        line=row.line,
        factor=factor,
        offset=offset,
        states=states,
    )


def _rules(
    row: Row, sources: Mapping[str, AddressRules | None] | None, findings: Findings
) -> AddressRules | None:
    """The rules that judge this row's address; None where there is nothing to judge it by."""
    source = row.cells.get("source", "")
    if sources is None or not source:
        return None
    if source not in sources:
        use = f"use {listed(sources)}, or add it" if sources else "add it"
        findings.error(
            row.line, f"source {shown(source)} is not in plant.toml: {use} there{meant(source, sources)}"
        )
        return None
    return sources[source]


def _type(row: Row, rules: AddressRules | None, findings: Findings) -> TypeName:
    """The type the row states, or else its address; both must agree, since the address is what is read."""
    address = row.cells.get("address", "")
    stated = word(row, "type", TYPES, "", findings)
    if rules and address:
        mistakes = rules.check_address(address)
        for sentence in mistakes:
            findings.error(row.line, sentence)
        implied = "" if mistakes else rules.tag_type(address)
        if stated and implied and stated != implied:
            findings.error(
                row.line,
                f"type is {stated} but address {shown(address)} reads {implied}: "
                "state the type in the address and leave the type cell empty",
            )
        stated = stated or implied
    if stated in ("int64", "uint64"):
        findings.warning(
            row.line, f"type {stated} is exact only up to 9007199254740992 (2^53): larger values are rounded"
        )
    return cast(TypeName, stated)


def _scale(row: Row, kind: TypeName, is_states: bool, findings: Findings) -> tuple[float, float]:
    """Factor and offset: 1 and 0 where they are not stated, or stated for what is no number."""
    factor, offset = number(row, "factor", findings), number(row, "offset", findings)
    if factor == 0:
        findings.error(row.line, "factor 0 would make every value the same: write what one raw unit is worth")
    stated = [name for name, each in (("factor", factor), ("offset", offset)) if each is not None]
    if stated and (is_states or kind in ("bool", "string")):
        what = {"string": "text", "bool": "on or off"}.get(kind, "an enumeration")
        cells = " and ".join(stated)
        findings.error(row.line, f"{cells} cannot be applied, since this tag is {what}: leave {cells} empty")
        return 1.0, 0.0
    return 1.0 if factor is None else factor, offset or 0.0


def _rate(row: Row, findings: Findings) -> float:
    rate = number(row, "rate", findings)
    if rate is None:
        return 1.0
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        findings.error(
            row.line,
            f"rate {rate:g} is out of range: use {LOWEST_RATE:g} to {HIGHEST_RATE:g} samples per second",
        )
    return rate


def _writable(row: Row, findings: Findings) -> bool:
    """What the row asks for; whether the tag can be written is for writes.csv and the commands to say."""
    cell = row.cells.get("writable", "false")
    if cell.lower() not in TRUTH:
        findings.error(row.line, f"writable {shown(cell)} is neither true nor false: write one of the two")
    return TRUTH.get(cell.lower(), False)
