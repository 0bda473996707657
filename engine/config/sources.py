"""``[[sources]]`` of plant.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from engine.config.findings import Findings, listed, meant, shown
from engine.config.locate import Section, key_line, place, places
from engine.config.security import SECRETS
from engine.config.toml import unknown_keys, value
from engine.typed import convert
from engine.types import AddressRules, Source

SOURCE_KEYS = tuple(field.name for field in msgspec.structs.fields(Source))
SHORTEST_TIMEOUT_S, LONGEST_TIMEOUT_S = 0.05, 60.0
LONGEST_USER = 128
NO_SECRET = (
    'take it out, and change the password at the server; set the new one with "watchroom secret set DIR '
    "SOURCE\" or on the source's page in System"
)
MOST_REGISTERS = 65_536
"""Of a Modbus table; the driver knows the limits of one request."""
# A source id names folders (certificates, logs) on every system and is typed at a prompt.
SOURCE_ID = re.compile(r"""(?![.\s])[^\x00-\x1f\x7f/\\:*?"<>|]{1,64}(?<![.\s])""")


def read_sources(
    data: dict[str, Any], found: list[Section], rules: Mapping[str, AddressRules], findings: Findings
) -> list[Source]:
    """The sources of a parsed plant.toml, each id once.

    A source with a mistake is reported and still returned, with empty fields where they were
    wrong, so that tags which name it are not reported as well.
    """
    entries: object = data.get("sources", [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in cast(list[object], entries)):
        line = place(found, "sources").line
        findings.error(line, "sources need double brackets: write [[sources]], once for each source")
        return []
    tables = cast(list[dict[str, Any]], entries)
    if not tables:
        findings.error(1, "plant.toml names no source: add [[sources]] with id, driver and endpoint")
    read: dict[str, Source] = {}
    lines: dict[str, int] = {}
    for keys, section in zip(tables, places(found, "sources", len(tables)), strict=True):
        source = _source(keys, section, rules, findings)
        line = key_line(section, "id")
        # Ids are folder names too, and some disks do not tell "Press" from "press".
        key = source.id.casefold()
        if key in read:
            first = lines[key]
            findings.error(
                line, f"source {shown(source.id)} is on line {first} already: give each source its own id"
            )
        elif source.id:
            read[key], lines[key] = source, line
    return list(read.values())


def source_lines(data: dict[str, Any], found: list[Section]) -> dict[str, int]:
    """The line of each source's id in a parsed plant.toml."""
    entries: object = data.get("sources", [])
    tables = list(cast(list[object], entries)) if isinstance(entries, list) else []
    lines: dict[str, int] = {}
    for keys, section in zip(tables, places(found, "sources", len(tables)), strict=True):
        if isinstance(keys, dict):
            lines.setdefault(str(cast(dict[str, Any], keys).get("id", "")), key_line(section, "id"))
    return lines


def _source(
    keys: dict[str, Any], section: Section, rules: Mapping[str, AddressRules], findings: Findings
) -> Source:
    unknown_keys(keys, (*SOURCE_KEYS, *SECRETS), section, "[[sources]]", findings)
    before = len(findings.problems)
    for key in ("id", "driver", "endpoint"):
        if keys.get(key, "") == "":
            findings.error(key_line(section, key), f'this source has no {key}: add {key} = "…" to it')
    source = Source(
        id=value(keys, "id", "", section, findings),
        driver=value(keys, "driver", "", section, findings),
        endpoint=value(keys, "endpoint", "", section, findings),
        security=value(keys, "security", "", section, findings),
        unsecured_writes=value(keys, "unsecured_writes", False, section, findings),
        timeout_s=_timeout_s(keys, section, findings),
        block=_registers(keys, "block", 1, section, findings),
        gap=_registers(keys, "gap", 0, section, findings),
        conditions=value(keys, "conditions", True, section, findings),
        severities=_severities(keys, section, findings),
        user=_user(keys, section, findings),
    )
    _check_names(source, section, rules, findings)
    if len(findings.problems) == before:
        for sentence in rules[source.driver].check_source(source):
            findings.error(key_line(section, _key_named_in(sentence)), sentence)
    return source


def _timeout_s(keys: dict[str, Any], section: Section, findings: Findings) -> float:
    """Seconds, or 0 where none are stated: the driver then chooses."""
    if "timeout_s" not in keys:
        return 0.0
    before = len(findings.problems)
    timeout_s = value(keys, "timeout_s", 0.0, section, findings)
    if len(findings.problems) == before and not SHORTEST_TIMEOUT_S <= timeout_s <= LONGEST_TIMEOUT_S:
        span = f"{SHORTEST_TIMEOUT_S:g} to {LONGEST_TIMEOUT_S:g} (seconds)"
        line = key_line(section, "timeout_s")
        findings.error(line, f"timeout_s {shown(timeout_s)} is out of range: use {span}")
    return timeout_s


def _registers(
    keys: dict[str, Any], key: str, least: int, section: Section, findings: Findings
) -> int | None:
    """A number of registers, None where none is stated."""
    if key not in keys:
        return None
    number = value(keys, key, least, section, findings)
    if not least <= number <= MOST_REGISTERS:
        span = f"{least} to {MOST_REGISTERS} (registers)"
        findings.error(key_line(section, key), f"{key} {shown(number)} is out of range: use {span}")
    return number


def _severities(keys: dict[str, Any], section: Section, findings: Findings) -> tuple[int, int, int]:
    """The least severity of priorities 3, 2 and 1: three numbers that rise from 1 to 1000."""
    if "severities" not in keys:
        return Source("", "", "").severities
    try:
        low, middle, high = convert(keys["severities"], tuple[int, int, int])
    except msgspec.ValidationError:
        low = middle = high = 0
    if not 1 <= low < middle < high <= 1000:
        use = "use three rising numbers from 1 to 1000, the least severity of priorities 3, 2 and 1"
        line = key_line(section, "severities")
        findings.error(line, f"severities {shown(keys['severities'])} cannot be used: {use}")
        return Source("", "", "").severities
    return low, middle, high


def _user(keys: dict[str, Any], section: Section, findings: Findings) -> str:
    """The user to log in as, "" = nobody. A password beside it is a mistake that must not go unseen."""
    for key in SECRETS:
        if key in keys:
            findings.error(key_line(section, key), f"{key} must not stand in a project: {NO_SECRET}")
    user = value(keys, "user", "", section, findings)
    if user.strip() != user or not user.isprintable() or len(user) > LONGEST_USER:
        use = f"use at most {LONGEST_USER} characters, without spaces around them"
        findings.error(key_line(section, "user"), f"user {shown(user)} cannot be used: {use}")
        return ""
    return user


def _check_names(
    source: Source, section: Section, rules: Mapping[str, AddressRules], findings: Findings
) -> None:
    if source.id and not SOURCE_ID.fullmatch(source.id):
        use = 'use 1 to 64 letters, digits, - or _, as in "plc1"'
        findings.error(key_line(section, "id"), f"id {shown(source.id)} cannot be used: {use}")
    if source.driver and source.driver not in rules:
        use = f"use {listed(sorted(rules))}{meant(source.driver, rules)}"
        findings.error(key_line(section, "driver"), f"driver {shown(source.driver)} is not known: {use}")


def _key_named_in(sentence: str) -> str:
    """Which key a driver's sentence about a source is about: the first it names, else the endpoint."""
    words = re.findall(r"\w+", sentence)
    return next((word for word in words if word in SOURCE_KEYS), "endpoint")
