"""``kpi.toml``: the figures of the plant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec

from engine.config.findings import listed, shown
from engine.config.folder import TomlFile, toml_file
from engine.config.locate import Section, key_line, place, places
from engine.config.names import Names
from engine.config.record import read_record
from engine.types import KpiRule, Problem

TITLES = {"oee": "OEE", "throughput": "Throughput", "energy": "Energy per piece"}
UNITS = {"oee": "%", "throughput": "/h", "energy": "kWh"}
NEEDS = {
    "oee": ("states", "good", "bad", "ideal_cycle_s"),
    "throughput": ("good",),
    "energy": ("good", "meters"),
}
TAKES = {
    "oee": ("running", "cycles"),
    "throughput": ("states", "running", "cycles", "ideal_cycle_s"),
    "energy": ("shares", "ideal_cycle_s"),
}
COMMON = ("id", "kind", "title", "unit", "decimals", "target", "window_s")
MOST_DECIMALS = 10
SHORTEST_S, LONGEST_S = 60, 86_400
MOST_SHARES = 1.001
"""Of which thirds, written with three digits, are not more."""


def read_kpis(folder: Path, names: Names, problems: list[Problem]) -> list[KpiRule]:
    """The rules of kpi.toml, which may be absent. Patterns of tags become the paths that they mean."""
    file = toml_file(folder / "kpi.toml", "kpi.toml", "kpi", problems)
    if file is None:
        return []
    file.only(("kpi",))
    entries: object = file.data.get("kpi", [])
    tables = cast(list[object], entries) if isinstance(entries, list) else [None]
    if not all(isinstance(each, dict) for each in tables):
        line = place(file.sections, "kpi").line
        file.findings.error(line, "kpi needs double brackets: write [[kpi]], once for each figure")
        return []
    rules: dict[str, KpiRule] = {}
    found = places(file.sections, "kpi", len(tables))
    for keys, section in zip(cast(list[dict[str, Any]], tables), found, strict=True):
        rule = read_record(KpiRule, keys, file.sections, section, file.findings)
        if rule is None:
            continue
        if rule.id in rules:
            line = key_line(section, "id")
            file.findings.error(line, f"id {shown(rule.id)} is used twice: give each figure its own")
        rules[rule.id] = _checked(rule, keys, section, names, file)
    return list(rules.values())


def _checked(rule: KpiRule, keys: dict[str, Any], section: Section, names: Names, file: TomlFile) -> KpiRule:
    """The rule with its patterns resolved and its texts filled in, after all that is wrong was told."""
    for key, sentence in _mistakes(rule, keys):
        file.findings.error(key_line(section, key), sentence)
    useful = {*COMMON, *NEEDS[rule.kind], *TAKES[rule.kind]}
    for key in keys:
        if key in KpiRule.__struct_fields__ and key not in useful:
            line = key_line(section, key)
            file.findings.warning(line, f"{key} is not used by kind {shown(rule.kind)} and is ignored")
    whole = {"good": rule.good, "bad": rule.bad} | {
        f"meters {name}": tag for name, tag in rule.meters.items()
    }
    for name, path in whole.items():
        _check_tag(name, path, section, names, file)
    return msgspec.structs.replace(
        rule,
        title=rule.title or TITLES[rule.kind],
        unit=rule.unit or UNITS[rule.kind],
        states=_resolved("states", rule.states, section, names, file),
        cycles=_resolved("cycles", rule.cycles, section, names, file),
    )


def _mistakes(rule: KpiRule, keys: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Key and sentence of everything wrong with a rule by itself."""
    if not rule.id.strip():
        yield "id", 'id is empty: write a short name, as in "oee"'
    for key in NEEDS[rule.kind]:
        if keys.get(key, "") in ("", [], {}):
            yield key, f"kind {shown(rule.kind)} needs {key}: add it"
    if rule.ideal_cycle_s < 0 or (rule.ideal_cycle_s == 0 and "ideal_cycle_s" in keys):
        yield "ideal_cycle_s", f"ideal_cycle_s {rule.ideal_cycle_s:g} must be above 0: seconds for one piece"
    if not SHORTEST_S <= rule.window_s <= LONGEST_S:
        span = f"{SHORTEST_S} to {LONGEST_S} (seconds)"
        yield "window_s", f"window_s {rule.window_s:g} is out of range: use {span}"
    if not 0 <= rule.decimals <= MOST_DECIMALS:
        yield "decimals", f"decimals {rule.decimals} cannot be used: write a number from 0 to {MOST_DECIMALS}"
    for sentence in _wrong_shares(rule):
        yield "shares", sentence


def _wrong_shares(rule: KpiRule) -> Iterator[str]:
    for name, share in rule.shares.items():
        if name not in rule.meters:
            yield f"shares names {shown(name)}, which is none of meters: use {listed(rule.meters)}"
        if not 0 <= share <= 1:
            yield f"share {share:g} of {shown(name)} is out of range: use parts of 1, as in 0.3"
    total = sum(rule.shares.values())
    if total > MOST_SHARES:
        yield f"shares add up to {total:g}: together they are at most 1"


def _check_tag(key: str, path: str, section: Section, names: Names, file: TomlFile) -> None:
    tag = names.tags.get(path)
    line = key_line(section, key.partition(" ")[0])
    if tag is None and path and names.tags:
        pattern = "*" in path or "?" in path
        why = "it needs one whole path, no pattern" if pattern else names.why_not(path)
        file.findings.error(line, f"{key} {shown(path)} is no tag: {why}")
    elif tag is not None and tag.type in ("string", "bool"):
        what = "text" if tag.type == "string" else "on or off"
        file.findings.error(line, f"{key} {shown(path)} counts nothing: it is {what}")


def _resolved(
    key: str, patterns: tuple[str, ...], section: Section, names: Names, file: TomlFile
) -> tuple[str, ...]:
    """The paths of all tags that the patterns mean, each once."""
    paths: dict[str, None] = {}
    for pattern in patterns:
        tags = names.tags_like(pattern)
        paths |= dict.fromkeys(tag.path for tag in tags)
        if not tags and names.tags:
            why = names.why_not(pattern)
            file.findings.error(key_line(section, key), f"{key} {shown(pattern)} fits no tag: {why}")
        text = next((tag for tag in tags if tag.type == "string"), None)
        if text is not None:
            file.findings.error(key_line(section, key), f"{key} {shown(text.path)} is text: use a number")
    return tuple(paths)
