"""Asset lists of other systems: a CSV file whose columns are found by their headers."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

from engine.twin.import_rows import Imported, ImportProblem, joined, segment, tidy
from engine.types import AssetRow, EquipmentLevel, NameplateEntry

LARGEST = 64 * 2**20
MOST_ROWS = 200_000
LEVELS = {level.lower(): level for level in get_args(EquipmentLevel)}
FIELDS = ("path", "name", "parent", "number", "title", "type", "level")
GROUPS = ("nameplate", "technical", "maintenance")
HEADERS = {
    **{"path": "path", "asset path": "path", "location path": "path", "hierarchy": "path"},
    **{"name": "name", "asset name": "name", "asset": "name", "tag": "name", "functional location": "number"},
    **{"parent": "parent", "parent id": "parent", "superior functional location": "parent"},
    **{"superior equipment": "parent", "parent asset": "parent", "number": "number", "equipment": "number"},
    **{"id": "number", "asset id": "number", "asset number": "number", "equipment number": "number"},
    **{"title": "title", "description": "title", "type": "type", "asset type": "type", "level": "level"},
    **{"equipment level": "level", "manufacturer": "nameplate.ManufacturerName"},
    **{
        "manufacturer name": "nameplate.ManufacturerName",
        "model": "nameplate.ManufacturerProductDesignation",
    },
    **{"model number": "nameplate.ManufacturerProductType", "serial number": "nameplate.SerialNumber"},
    **{"serial": "nameplate.SerialNumber", "manufacturer serial number": "nameplate.SerialNumber"},
    **{"year": "nameplate.YearOfConstruction", "year of construction": "nameplate.YearOfConstruction"},
    **{"construction year": "nameplate.YearOfConstruction", "country of origin": "nameplate.CountryOfOrigin"},
}
"""What columns are called elsewhere, in lower case and without marks, and what they are here."""


def import_csv(path: Path, *, under: str = "", mapping: Mapping[str, str] | None = None) -> Imported:
    """The assets of a list, with their nameplates. UTF-8 or Windows-1252; comma, semicolon or tab.

    ``mapping`` says what columns are: header to a field (path, name, parent, number, title, type, level) or
    ``nameplate.NAME``, ``technical.NAME``, ``maintenance.NAME``, or "" for one to be left out. Without a path
    column, a path is made of the names and the parents, which name the number or the name of another row.

    Raises:
        ImportProblem: it is no such list; the text says what to do.
        OSError: it cannot be read.
    """
    notes: list[str] = []
    rows = _rows(path, notes)
    header = [tidy(cell) for cell in rows[0][1]]
    fields = _fields(path.name, header, mapping or {}, notes)
    records = [
        (
            line,
            {field: tidy(cell) for field, cell in zip(fields, cells, strict=False) if field and tidy(cell)},
        )
        for line, cells in rows[1:]
    ]
    paths = _paths(path.name, records, under, notes)
    assets: list[AssetRow] = []
    plates: list[NameplateEntry] = []
    left: Counter[str] = Counter()
    for (_, record), asset in zip(records, paths, strict=True):
        if not asset:
            continue
        level = record.get("level", "").replace(" ", "").lower()
        left[f"levels left out: {level!r} is none of ISA-95"] += bool(level) and level not in LEVELS
        assets.append(
            AssetRow(
                path=asset,
                type=record.get("type", ""),
                level=LEVELS.get(level, ""),
                title=record.get("title", ""),
                number=record.get("number", ""),
            )
        )
        plates += [_plate(asset, field, cell) for field, cell in record.items() if "." in field]
    told = [f"{count} {what}" for what, count in left.items() if count]
    return Imported(assets=tuple(assets), nameplates=tuple(plates), notes=(*notes, *told))


def _plate(asset: str, field: str, cell: str) -> NameplateEntry:
    group, _, name = field.partition(".")
    measured = re.fullmatch(r"(.+?)\s*[\[(]([^\])]{1,20})[\])]", name)
    name, unit = (measured[1], measured[2]) if measured else (name, "")
    return NameplateEntry(asset, name, cell, unit, group=group)  # pyright: ignore[reportArgumentType]


def _rows(path: Path, notes: list[str]) -> list[tuple[int, list[str]]]:
    """(line, cells) of every row that is not empty, the header first."""
    if path.stat().st_size > LARGEST:
        raise ImportProblem(f"{path.name} is larger than {LARGEST // 2**20} MB: it is no list of assets")
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
        notes.append(f"{path.name} is not UTF-8; it was read as Windows-1252, look whether names are right")
    if "\0" in text:
        raise ImportProblem(f"{path.name} is no CSV file: it holds bytes that are no text")
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells))
            if len(rows) > MOST_ROWS:
                raise ImportProblem(f"{path.name} has more than {MOST_ROWS} rows: split it")
    except csv.Error as problem:
        raise ImportProblem(
            f"{path.name}:{reader.line_num}: this row is not valid CSV ({problem})"
        ) from problem
    if len(rows) < 2:
        raise ImportProblem(
            f"{path.name} names no assets: it wants a line of headers and a row for each asset"
        )
    return rows


def _fields(file: str, header: Sequence[str], mapping: Mapping[str, str], notes: list[str]) -> list[str]:
    """Per column the field it holds, "" = left out."""
    stated = {_plain(name): field for name, field in mapping.items()}
    for name, field in mapping.items():
        if _plain(name) not in [_plain(each) for each in header]:
            raise ImportProblem(f"{file} has no column {name!r}; it has: {', '.join(header)}")
        group, dot, entry = field.partition(".")
        if field and field not in FIELDS and not (dot and entry and group in GROUPS):
            known = ", ".join((*FIELDS, *(f"{each}.NAME" for each in GROUPS)))
            raise ImportProblem(f"--map {name}={field}: {field!r} is no field; use one of {known}")
    fields = [stated.get(_plain(name), HEADERS.get(_plain(name), "")) for name in header]
    taken: set[str] = set()
    for number, name in enumerate(header):
        if fields[number] in taken:
            notes.append(f"column {name!r} is left out: another one is the {fields[number]} already")
            fields[number] = ""
        elif not fields[number] and _plain(name) not in stated:
            notes.append(f'column {name!r} is left out; to take it: --map "{name}=technical.{name}"')
        taken.update({fields[number]} - {""})
    if not taken & {"path", "name", "number"}:
        raise ImportProblem(
            f"{file}: no column says what the assets are called; say which with --map HEADER=path or "
            f"--map HEADER=name; it has: {', '.join(header)}"
        )
    return fields


def _plain(header: str) -> str:
    return " ".join(re.sub(r"[._\-]+", " ", header).lower().split())


def _paths(
    file: str, records: Sequence[tuple[int, Mapping[str, str]]], under: str, notes: list[str]
) -> list[str]:
    """The path of each row, "" for one that says nothing to call it by."""
    by_key: dict[str, int] = {}
    for number, (_, record) in enumerate(records):
        for key in (record.get("number"), record.get("name")):
            if key:
                by_key.setdefault(key, number)
    made: dict[int, str] = {}
    found: list[str] = []
    for number, (line, record) in enumerate(records):
        if not (record.get("path") or _name(record)):
            notes.append(f"{file}:{line}: left out, the row has nothing to call its asset by")
            found.append("")
        else:
            found.append(_path_of(number, file, records, by_key, made, under))
    unknown = {record["parent"] for _, record in records if "parent" in record} - set(by_key)
    if unknown:
        some = ", ".join(sorted(unknown)[:5])
        notes.append(f"{len(unknown)} parents are not in the list ({some}): their assets stand at the top")
    return found


def _path_of(
    number: int,
    file: str,
    records: Sequence[tuple[int, Mapping[str, str]]],
    by_key: Mapping[str, int],
    made: dict[int, str],
    under: str,
) -> str:
    """The path of one row; that of each parent on the way is kept in ``made``."""
    chain = [number]
    while chain[-1] not in made:
        line, record = records[chain[-1]]
        parent = by_key.get(record.get("parent", ""), -1)
        if record.get("path") or parent < 0:
            made[chain[-1]] = _top(record, under)
        elif parent in chain:
            raise ImportProblem(
                f"{file}:{line}: this asset is its own parent, by way of others: mend the list"
            )
        else:
            chain.append(parent)
    path = made[chain.pop()]
    for each in reversed(chain):
        path = made[each] = joined(path, segment(_name(records[each][1])))
    return path


def _top(record: Mapping[str, str], under: str) -> str:
    written = record.get("path", "").replace("\\", "/").replace(">", "/")
    parts = [segment(part) for part in written.split("/") if part.strip()] or [segment(_name(record))]
    path = under
    for part in parts:
        path = joined(path, part)
    return path


def _name(record: Mapping[str, str]) -> str:
    return record.get("name") or record.get("number") or ""
