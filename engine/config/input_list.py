"""``models.toml``: which tags of this plant are the inputs of models."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from engine.config.findings import shown
from engine.config.folder import TomlFile, toml_file
from engine.config.locate import Section, key_line, place, places
from engine.config.record import read_record
from engine.types import AssetType, InputMap, Problem, Tag


def read_inputs(
    folder: Path, types: Iterable[AssetType], tags: Iterable[Tag], problems: list[Problem]
) -> list[InputMap]:
    """The rows of models.toml, which may be absent."""
    file = toml_file(folder / "models.toml", "models.toml", "inputs", problems)
    if file is None:
        return []
    file.only(("inputs",))
    entries: object = file.data.get("inputs", [])
    tables = cast(list[object], entries) if isinstance(entries, list) else [None]
    if not all(isinstance(each, dict) for each in tables):
        line = place(file.sections, "inputs").line
        file.findings.error(line, "inputs needs double brackets: write [[inputs]], once for each input")
        return []
    known, paths = {each.id for each in types}, {each.path for each in tags}
    made: list[InputMap] = []
    seen = set[tuple[str, str, str]]()
    for keys, section in zip(
        cast(list[dict[str, Any]], tables), places(file.sections, "inputs", len(tables)), strict=True
    ):
        row = read_record(InputMap, keys, file.sections, section, file.findings)
        if row is None:
            continue
        key = row.asset_class, row.role, row.asset
        if key in seen:
            line = key_line(section, "role")
            file.findings.error(line, f"{shown(row.role)} of {shown(row.asset_class)} is named twice")
        seen.add(key)
        _check(row, section, file, known, paths)
        made.append(row)
    return made


def _check(row: InputMap, section: Section, file: TomlFile, types: set[str], paths: set[str]) -> None:
    for name in ("asset_class", "role", "tag"):
        if not getattr(row, name).strip():
            file.findings.error(key_line(section, name), f"{name} is empty: say which")
    if row.asset_class and row.asset_class not in types:
        line = key_line(section, "asset_class")
        file.findings.error(
            line, f"there is no type {shown(row.asset_class)}: use the name of a file of types/"
        )
    if row.asset and row.tag and f"{row.asset}/{row.tag}" not in paths:
        line = key_line(section, "tag")
        file.findings.error(line, f"there is no tag {shown(f'{row.asset}/{row.tag}')} in tags.csv")
