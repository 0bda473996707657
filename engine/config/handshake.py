"""Handshakes that rows of writes.csv name (rule W10 of reliability.md section 3): seven tags below one path.

They must be all there, of one device, of types that carry what a handshake carries, and those that are sent
must fit in one frame; else nothing could be written over it, and the project is not taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.config.findings import Findings, listed, shown
from engine.config.names import Names
from engine.types import HANDSHAKE, HANDSHAKE_SENT, AddressRules, Source, Tag, WriteRule


def check_handshakes(
    writes: Sequence[WriteRule],
    names: Names,
    sources: Sequence[Source],
    rules: Mapping[str, AddressRules],
    findings: Findings,
) -> None:
    """Everything that is wrong with them, at the row that names one; where there are no tags, nothing is."""
    drivers = {source.id: rules.get(source.driver) for source in sources}
    lines: dict[str, int] = {}
    parts: dict[str, str] = {}
    for rule in writes:
        tag = names.tags.get(rule.tag)
        if not rule.handshake or tag is None:
            continue
        first = lines.setdefault(rule.handshake, rule.line)
        if first != rule.line:
            findings.error(
                rule.line,
                f"handshake {shown(rule.handshake)} is on line {first} already: it serves one tag, so give "
                "this one its own",
            )
            continue
        parts |= {f"{rule.handshake}/{name}": rule.handshake for name in HANDSHAKE}
        for sentence in _mistakes(rule.handshake, tag, names, drivers):
            findings.error(rule.line, f"handshake {shown(rule.handshake)}: {sentence}")
    for rule in writes:
        if rule.tag in parts:
            findings.error(
                rule.line,
                f"tag {shown(rule.tag)} is part of the handshake {shown(parts[rule.tag])}: take this row "
                "out, it is written with the handshake alone",
            )


def _mistakes(path: str, tag: Tag, names: Names, drivers: Mapping[str, AddressRules | None]) -> Iterator[str]:
    found = {name: names.tags.get(f"{path}/{name}") for name in HANDSHAKE}
    missing = [name for name, part in found.items() if part is None]
    if missing:
        yield f"it needs the tags {', '.join(HANDSHAKE)} below it; there is no {', '.join(missing)}"
        return
    there = {name: part for name, part in found.items() if part is not None}
    for name, part in there.items():
        if part.type not in HANDSHAKE[name]:
            stated = f"is {part.type}" if part.type else "states no type in tags.csv"
            yield f"{name} {stated}: it must be {listed(HANDSHAKE[name])}"
        if name != "Value" and (part.factor, part.offset) != (1.0, 0.0):
            yield f"{name} has a factor or an offset: take them out, it is a plain number"
        if part.source != tag.source:
            yield f"{name} is of source {shown(part.source)}, and the tag is of {shown(tag.source)}: use one"
    driver = drivers.get(tag.source)
    if driver is None or any(driver.check_address(part.address) for part in there.values()):
        return
    if why := driver.check_frame([there[name].address for name in HANDSHAKE_SENT]):
        yield f"{', '.join(HANDSHAKE_SENT)} cannot go out in one frame: {why}"
