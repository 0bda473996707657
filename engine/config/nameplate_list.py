"""nameplate.csv to one ``NameplateEntry`` a row, every mistake with its line."""

from __future__ import annotations

from typing import Literal, cast

from engine.config.cells import path_of, required, text_of, word
from engine.config.findings import Findings, shown
from engine.config.names import Names, why_not
from engine.config.table import read_table
from engine.types import NameplateEntry

REQUIRED = ("asset", "name", "value")
COLUMNS = (*REQUIRED, "unit", "semantic", "group")
GROUPS = ("nameplate", "technical", "maintenance")
LONGEST_NAME, LONGEST_VALUE, LONGEST_UNIT, LONGEST_SEMANTIC = 80, 300, 20, 300


def read_nameplate(text: str, names: Names, findings: Findings) -> list[NameplateEntry]:
    """The entries of a nameplate.csv, in file order; those of unknown assets are left out."""
    found: dict[tuple[str, str], NameplateEntry] = {}
    lines: dict[tuple[str, str], int] = {}
    for row in read_table(text, COLUMNS, REQUIRED, findings) or []:
        required(row, "name", "what the plate says first, as in Manufacturer", findings)
        required(row, "value", "what the plate says, or delete the row", findings)
        group = word(row, "group", GROUPS, "nameplate", findings)
        entry = NameplateEntry(
            asset=path_of(row, "asset", "the path of the asset that bears the plate", findings),
            name=text_of(row, "name", LONGEST_NAME, findings),
            value=text_of(row, "value", LONGEST_VALUE, findings),
            unit=text_of(row, "unit", LONGEST_UNIT, findings),
            semantic=text_of(row, "semantic", LONGEST_SEMANTIC, findings),
            group=cast(Literal["nameplate", "technical", "maintenance"], group),
        )
        if not (entry.asset and entry.name):
            continue
        key = entry.asset, entry.name
        first = lines.setdefault(key, row.line)
        if first != row.line:
            findings.error(
                row.line,
                f"name {shown(entry.name)} of {shown(entry.asset)} is on line {first} already: keep one of "
                "the two rows",
            )
        elif names.tags and not names.is_asset(entry.asset):
            why = why_not(entry.asset, names, findings)
            findings.warning(
                row.line, f"asset {shown(entry.asset)} is no asset, so this row is ignored: {why}"
            )
        else:
            found[key] = entry
    return list(found.values())
