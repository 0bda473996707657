"""``displays/*.toml``: hand-made drawings, checked against assets and tags.

Names that are not in tags.csv are warnings: a drawing keeps no plant from running.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.config.findings import Findings, shown
from engine.config.folder import TomlFile, toml_files
from engine.config.locate import key_line, places
from engine.config.names import Names
from engine.config.record import read_record
from engine.types import Mimic, MimicSymbol, Problem


def read_mimics(folder: Path, names: Names, problems: list[Problem]) -> list[Mimic]:
    """The hand-made drawings of a project, by file name; the first of an asset counts."""
    mimics: dict[str, Mimic] = {}
    for file in toml_files(folder / "displays", "symbols", problems):
        mimic = read_record(Mimic, file.data, file.sections, file.top, file.findings)
        if mimic is None:
            continue
        line = key_line(file.top, "asset")
        if mimic.asset in mimics:
            file.findings.warning(
                line, f"{shown(mimic.asset)} has a drawing already: the first file by name counts"
            )
            continue
        mimics[mimic.asset] = mimic
        if min(mimic.size) <= 0:
            file.findings.error(key_line(file.top, "size"), "size holds 0 or less: write width and height")
        if not mimic.asset:
            file.findings.error(line, "asset is empty: write the path of what is drawn")
        _check_asset("asset", mimic.asset, line, names, file.findings)
        if names.is_asset(mimic.asset):
            _check_inside(mimic, file, names)
    return list(mimics.values())


def _check_inside(mimic: Mimic, file: TomlFile, names: Names) -> None:
    """Symbols, values and pipes of a drawing whose asset is known."""
    for symbol, section in zip(
        mimic.symbols, places(file.sections, "symbols", len(mimic.symbols)), strict=True
    ):
        if symbol.asset:
            whole = f"{mimic.asset}/{symbol.asset}"
            _check_asset("asset", whole, key_line(section, "asset"), names, file.findings)
        if min(symbol.size) <= 0:
            file.findings.error(key_line(section, "size"), "size holds 0 or less: write width and height")
        for key, tag in _tags(symbol):
            _check_tag(key, tag, mimic, key_line(section, key), names, file.findings)
    for value, section in zip(mimic.values, places(file.sections, "values", len(mimic.values)), strict=True):
        _check_tag("tag", value.tag, mimic, key_line(section, "tag"), names, file.findings)
    for pipe, section in zip(mimic.pipes, places(file.sections, "pipes", len(mimic.pipes)), strict=True):
        if len(pipe.points) < 2:
            file.findings.error(key_line(section, "points"), "a pipe needs two points or more")


def _tags(symbol: MimicSymbol) -> Iterator[tuple[str, str]]:
    """Key and path of every tag that a symbol names."""
    named = [("running", symbol.running), ("level", symbol.level), *(("lines", tag) for tag in symbol.lines)]
    return ((key, tag) for key, tag in named if tag)


def _check_asset(key: str, path: str, line: int, names: Names, findings: Findings) -> None:
    if path and names.tags and not names.is_asset(path):
        findings.warning(line, f"{key} {shown(path)} is no asset: {names.why_not(path)}")


def _check_tag(key: str, tag: str, mimic: Mimic, line: int, names: Names, findings: Findings) -> None:
    path = f"{mimic.asset}/{tag}"
    if path not in names.tags:
        findings.warning(line, f"{key} {shown(tag)} is no tag of {shown(mimic.asset)}: {names.why_not(path)}")
