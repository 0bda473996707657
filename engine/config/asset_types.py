"""``types/*.toml``: what assets of one kind have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from engine.config.findings import shown
from engine.config.folder import TomlFile, toml_files
from engine.config.locate import Section, key_line, places
from engine.config.names import Names
from engine.config.record import read_record
from engine.types import AssetType, Problem

SINGLE = ("main", "setpoint", "state", "mode", "step", "cycle", "part")
LISTS = ("shown", "trend")


def read_types(folder: Path, names: Names, problems: list[Problem]) -> list[AssetType]:
    """The asset types of a project's ``types`` folder, by file name; the first that fits an asset counts."""
    types: list[AssetType] = []
    taken: dict[str, str] = {}
    for file in toml_files(folder / "types", "interlocks", problems):
        read = read_record(AssetType, file.data, file.sections, file.top, file.findings, {"id": file.name})
        if read is None:
            continue
        types.append(read)
        _check_plain(read, file)
        if names.tags:
            assets = _assets(read, names, file)
            _check_tags(read, assets, names, file)
            _check_taken(assets, file, taken)
    return types


def _check_plain(read: AssetType, file: TomlFile) -> None:
    if not file.data.get("paths"):
        file.findings.error(
            key_line(file.top, "paths"), 'paths names no assets: write patterns, as in ["Line 1/S?0 *"]'
        )
    if read.nominal is not None and read.nominal[0] >= read.nominal[1]:
        low, high = read.nominal
        line = key_line(file.top, "nominal")
        file.findings.error(line, f"nominal {low:g} is not below {high:g}: write the lower end first")
    for name, entries in (("interlocks", read.interlocks), ("feedback", read.feedback)):
        for entry, section in zip(entries, _sections(file, name, len(entries)), strict=True):
            for key, tag in msgspec.structs.asdict(entry).items():
                if tag == "" and key != "text":
                    file.findings.error(key_line(section, key), f"{key} is empty: write the tag's path")


def _sections(file: TomlFile, name: str, count: int) -> list[Section]:
    return places(file.sections, name, count)


def _assets(read: AssetType, names: Names, file: TomlFile) -> list[str]:
    """The assets that its patterns mean; each pattern that means none is told."""
    assets: dict[str, None] = {}
    for pattern in read.paths:
        fitting = names.assets_like(pattern)
        assets |= dict.fromkeys(fitting)
        if not fitting:
            why = names.why_not(pattern)
            file.findings.warning(
                key_line(file.top, "paths"), f"{shown(pattern)} in paths fits no asset: {why}"
            )
    return list(assets)


def _check_tags(read: AssetType, assets: Sequence[str], names: Names, file: TomlFile) -> None:
    """A tag that none of the assets has is drawn nowhere, so it is a slip of the pen."""
    if not assets:
        return
    for line, key, tag in _named(read, file):
        if not any(f"{asset}/{tag}" in names.tags for asset in assets):
            why = names.why_not(f"{assets[0]}/{tag}")
            file.findings.warning(line, f"{key} {shown(tag)} is a tag of no asset of this type: {why}")


def _named(read: AssetType, file: TomlFile) -> Iterator[tuple[int, str, str]]:
    """Line, key and path of every tag that the type names."""
    for key in SINGLE:
        if tag := getattr(read, key):
            yield key_line(file.top, key), key, tag
    for key in LISTS:
        for tag in getattr(read, key):
            yield key_line(file.top, key), key, tag
    places_of = _sections(file, "interlocks", len(read.interlocks))
    for interlock, section in zip(read.interlocks, places_of, strict=True):
        if interlock.tag:
            yield key_line(section, "tag"), "tag", interlock.tag
    for feedback, section in zip(read.feedback, _sections(file, "feedback", len(read.feedback)), strict=True):
        for key, tag in (("command", feedback.command), ("actual", feedback.actual)):
            if tag:
                yield key_line(section, key), key, tag


def _check_taken(assets: Sequence[str], file: TomlFile, taken: dict[str, str]) -> None:
    """Told once for each earlier type that this one meets."""
    met: set[str] = set()
    for asset in assets:
        earlier = taken.setdefault(asset, file.name)
        if earlier != file.name and earlier not in met:
            met.add(earlier)
            file.findings.warning(
                key_line(file.top, "paths"),
                f"{shown(asset)} is of type types/{earlier}.toml already: the first file by name counts",
            )
