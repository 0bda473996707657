"""``types/*.toml``: what assets of one kind have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from engine.config.commands import check_commands, resolve_commands
from engine.config.findings import Findings, shown
from engine.config.folder import TomlFile, toml_files
from engine.config.inheritance import Kind, complete
from engine.config.locate import Section, key_line, places
from engine.config.names import Names
from engine.config.record import read_record
from engine.types import AssetRow, AssetType, Command, Problem, tag_path

SINGLE = ("main", "setpoint", "state", "mode", "step", "cycle", "part")
LISTS = ("shown", "trend")


@dataclass(frozen=True, slots=True, eq=False)
class Types:
    """The types of a project by file name, complete, and the assets of each by its id.

    An asset is of one type: the one its row in assets.csv names, else the first by name that fits it.
    """

    kinds: list[Kind] = field(default_factory=list[Kind])
    assets: Mapping[str, Sequence[str]] = field(default_factory=dict[str, list[str]])
    commands: list[Command] = field(default_factory=list[Command])


def read_types(folder: Path, names: Names, problems: list[Problem], rows: Sequence[AssetRow] = ()) -> Types:
    """The asset types of a project's ``types`` folder, and the commands of their assets."""
    read: list[tuple[TomlFile, AssetType]] = []
    for file in toml_files(folder / "types", "interlocks", problems):
        own = read_record(AssetType, file.data, file.sections, file.top, file.findings, {"id": file.name})
        if own is not None:
            _check_plain(own, file)
            read.append((file, own))
    kinds = complete(read)
    _check_meant(kinds, rows)
    if not names.tags:
        return Types(kinds)
    fitting = {kind.type.id: _assets(kind, names, rows) for kind in kinds}
    _check_tags(kinds, fitting, names)
    taken: dict[str, str] = {row.path: row.type for row in rows if row.type in fitting}
    for kind in kinds:
        _check_taken(fitting[kind.type.id], kind.file, taken)
    assets = {name: [asset for asset in each if taken[asset] == name] for name, each in fitting.items()}
    commands = [each for kind in kinds for each in _commands(kind, assets[kind.type.id], names)]
    return Types(kinds, assets, commands)


def _commands(kind: Kind, assets: Sequence[str], names: Names) -> list[Command]:
    commands = kind.type.commands
    at = kind.sections("commands", len(commands))
    return resolve_commands(commands, at, assets, names, kind.at("commands").findings)


def _check_plain(read: AssetType, file: TomlFile) -> None:
    """What is wrong with that which a file itself says."""
    if read.nominal is not None and read.nominal[0] >= read.nominal[1]:
        low, high = read.nominal
        line = key_line(file.top, "nominal")
        file.findings.error(line, f"nominal {low:g} is not below {high:g}: write the lower end first")
    for name, entries in (("interlocks", read.interlocks), ("feedback", read.feedback)):
        for entry, section in zip(entries, _sections(file, name, len(entries)), strict=True):
            for key, tag in msgspec.structs.asdict(entry).items():
                if tag == "" and key != "text":
                    file.findings.error(key_line(section, key), f"{key} is empty: write the tag's path")
    check_commands(read.commands, _sections(file, "commands", len(read.commands)), file.findings)


def _sections(file: TomlFile, name: str, count: int) -> list[Section]:
    return places(file.sections, name, count)


def _check_meant(kinds: Sequence[Kind], rows: Sequence[AssetRow]) -> None:
    """A type without patterns is there for others to extend, or for rows of assets.csv to name."""
    used = {kind.type.extends for kind in kinds} | {row.type for row in rows}
    for kind in kinds:
        if not kind.file.data.get("paths") and kind.type.id not in used:
            kind.file.findings.error(
                kind.line("paths"), 'paths names no assets: write patterns, as in ["Line 1/S?0 *"]'
            )


def _assets(kind: Kind, names: Names, rows: Sequence[AssetRow]) -> list[str]:
    """The assets that its patterns and rows of assets.csv mean; each pattern that means none is told."""
    assets: dict[str, None] = {}
    for pattern in kind.type.paths:
        fitting = names.assets_like(pattern)
        assets |= dict.fromkeys(fitting)
        if not fitting:
            why = names.why_not(pattern)
            kind.file.findings.warning(kind.line("paths"), f"{shown(pattern)} in paths fits no asset: {why}")
    for row in rows:
        if row.type == kind.type.id:
            assets[row.path] = None
        elif row.type:
            assets.pop(row.path, None)
    return list(assets)


def _check_tags(kinds: Sequence[Kind], assets: Mapping[str, Sequence[str]], names: Names) -> None:
    """A tag that none of the assets has is drawn nowhere, so it is a slip of the pen."""
    missing: dict[tuple[int, str, str, str], tuple[Findings, str]] = {}
    there: set[tuple[int, str, str, str]] = set()
    for kind in kinds:
        of_kind = assets[kind.type.id]
        for file, line, key, tag in _named(kind) if of_kind else ():
            said = line, key, tag, file.name
            if any(_path(asset, key, tag) in names.tags for asset in of_kind):
                there.add(said)
            else:
                missing.setdefault(said, (file.findings, of_kind[0]))
    for said, (findings, asset) in missing.items():
        if said not in there:
            line, key, tag, _ = said
            why = names.why_not(_path(asset, key, tag))
            findings.warning(line, f"{key} {shown(tag)} is a tag of no asset of this type: {why}")


def _path(asset: str, key: str, tag: str) -> str:
    """What is shown may lie at the asset above; interlocks, feedback and commands are the asset's own."""
    return tag_path(asset, tag) if key in SINGLE or key in LISTS else f"{asset}/{tag}"


def _named(kind: Kind) -> Iterator[tuple[TomlFile, int, str, str]]:
    """File, line, key and path of every tag that a type names."""
    read = kind.type
    for key in SINGLE:
        if tag := getattr(read, key):
            yield kind.at(key), kind.line(key), key, tag
    for key in LISTS:
        for tag in getattr(read, key):
            yield kind.at(key), kind.line(key), key, tag
    named = (
        ("interlocks", read.interlocks, ("tag",)),
        ("feedback", read.feedback, ("command", "actual")),
        ("commands", read.commands, ("tag",)),
    )
    for name, entries, keys in named:
        for entry, section in zip(entries, kind.sections(name, len(entries)), strict=True):
            for key in keys:
                if tag := getattr(entry, key):
                    yield kind.at(name), key_line(section, key), key, tag


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
