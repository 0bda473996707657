"""assets.csv to one ``AssetRow`` an asset, every mistake with its line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal, cast, get_args

from engine.config.cells import path_of, text_of, word
from engine.config.findings import Findings, meant, shown
from engine.config.table import Row, read_table
from engine.types import AssetRow, EquipmentLevel

REQUIRED = ("path",)
COLUMNS = (*REQUIRED, "type", "level", "title", "number")
LEVELS: tuple[str, ...] = get_args(EquipmentLevel)
LONGEST_TITLE, LONGEST_NUMBER = 80, 200


def read_assets(text: str, tags: Collection[str], findings: Findings) -> list[AssetRow]:
    """The rows of an assets.csv, in file order. ``tags`` = the paths of tags, none of which is an asset."""
    rows = [_row(row, findings) for row in read_table(text, COLUMNS, REQUIRED, findings) or []]
    named = [row for row in rows if row.path]
    for row in named:
        if row.path in tags:
            findings.error(row.line, f"path {shown(row.path)} is a tag: an asset is what a tag lies below")
    _check_once(named, "path", lambda row: row.path, findings)
    _check_once(named, "number", lambda row: row.number, findings)
    return list({row.path: row for row in named}.values())


def _row(row: Row, findings: Findings) -> AssetRow:
    return AssetRow(
        path=path_of(row, "path", "the asset's name, as in Area/Unit/Equipment", findings),
        type=row.cells.get("type", ""),
        level=cast(EquipmentLevel | Literal[""], word(row, "level", LEVELS, "", findings)),
        title=text_of(row, "title", LONGEST_TITLE, findings),
        number=text_of(row, "number", LONGEST_NUMBER, findings),
        line=row.line,
    )


def _check_once(
    rows: Sequence[AssetRow], column: str, cell: Callable[[AssetRow], str], findings: Findings
) -> None:
    lines: dict[str, int] = {}
    for row in rows:
        value = cell(row)
        first = lines.setdefault(value, row.line) if value else row.line
        if first != row.line:
            findings.error(
                row.line, f"{column} {shown(value)} is on line {first} already: keep one of the two rows"
            )


def check_types_of_rows(rows: Sequence[AssetRow], types: Collection[str], findings: Findings) -> None:
    """Whether there is each type that a row names."""
    for row in rows:
        if row.type and row.type not in types:
            advice = meant(row.type, types) or f": write types/{row.type}.toml, or leave the cell empty"
            findings.error(row.line, f"type {shown(row.type)} is no file of types/{advice}")
