"""Rows merged into the text of a project's CSV files; order, unknown columns and line ends stay."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from engine.twin.import_rows import Imported, ImportProblem
from engine.types import AssetRow, Document, NameplateEntry, Relation, Tag

Cells = dict[str, str]
Done = Literal["add", "change", "keep"]


class Change(msgspec.Struct, frozen=True):
    """One row that an import adds, changes, or leaves as it stands though the import says otherwise.

    ``line`` = of the row that is there, 0 for a new one. ``cells`` = what the import says, ``was`` = what
    stands there now, both only of columns that differ; all cells for a new row.
    """

    file: str
    do: Done
    row: str
    line: int
    cells: Cells
    was: Cells

    def __str__(self) -> str:
        if self.do == "add":
            return f"{self.file}: + {', '.join(cell for cell in self.cells.values() if cell)}"
        told = ", ".join(
            f'{name} "{self.was.get(name, "")}" -> "{cell}"' for name, cell in self.cells.items()
        )
        kept = " (kept; --replace takes the new one)" if self.do == "keep" else ""
        return f"{self.file}:{self.line}: ~ {self.row}: {told}{kept}"


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file of a project: its columns, and which of them tell rows apart."""

    file: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    defaults: Mapping[str, str]
    """What an empty cell means: the two are the same."""


ASSETS = Table("assets.csv", ("path", "type", "level", "title", "number"), ("path",), {})
TAGS = Table(
    "tags.csv",
    (
        *("path", "source", "address", "type", "unit", "low", "high", "factor", "offset", "deadband", "rate"),
        *("criticality", "decimals", "states"),
    ),
    ("path",),
    {"factor": "1", "offset": "0", "deadband": "0", "rate": "1", "criticality": "normal"},
)
RELATIONS = Table(
    "relations.csv",
    ("subject", "relation", "object", "medium"),
    ("subject", "relation", "object"),
    {},
)
DOCUMENTS = Table(
    "documents.csv",
    ("asset", "title", "file", "page", "kind"),
    ("asset", "file", "page"),
    {"page": "1", "kind": "manual"},
)
NAMEPLATES = Table(
    "nameplate.csv",
    ("asset", "name", "value", "unit", "semantic", "group"),
    ("asset", "name"),
    {"group": "nameplate"},
)


def tables_of(imported: Imported) -> list[tuple[Table, list[Cells]]]:
    """The rows of an import by the file they belong in; first those that others lean on."""
    return [
        (TAGS, [_tag(each) for each in imported.tags]),
        (ASSETS, [_asset(each) for each in imported.assets]),
        (RELATIONS, [_relation(each) for each in imported.relations]),
        (NAMEPLATES, [_nameplate(each) for each in imported.nameplates]),
        (DOCUMENTS, [_document(each) for each in imported.documents]),
    ]


def merge(
    table: Table, text: str | None, rows: Iterable[Cells], *, replace: bool
) -> tuple[str | None, list[Change]]:
    """The file's text with these rows, None where it stays as it is, and what happens to each row.

    A row that is there wins unless ``replace``; then the cells that the import fills are taken over, the
    others stay. ``text`` None = there is no such file.

    Raises:
        ImportProblem: the file cannot be read as a table with its key columns.
    """
    file = _read(table, text)
    changes: list[Change] = []
    added: dict[tuple[str, ...], Cells] = {}
    for cells in rows:
        key = _key(table, cells)
        found = file.rows.get(key)
        if found is None:
            if key not in added:
                added[key] = cells
                changes.append(Change(table.file, "add", " ".join(key), 0, cells, {}))
        elif change := _against(table, cells, found, replace):
            changes.append(change)
    return _written(table, file, changes), changes


@dataclass(frozen=True, slots=True)
class _Row:
    first: int
    """Of its lines, from 0; ``last`` is one past the last."""
    last: int
    cells: Cells
    raw: Sequence[str]


@dataclass(frozen=True, slots=True)
class _File:
    lines: list[str]
    header: list[str]
    """Names in lower case; ``shown`` as they are written."""
    shown: list[str]
    header_lines: tuple[int, int]
    rows: dict[tuple[str, ...], _Row]
    end: str


def _read(table: Table, text: str | None) -> _File:
    end = "\r\n" if text and "\r\n" in text else "\n"
    lines = list(io.StringIO(text or "", newline=""))
    reader = csv.reader(lines, strict=True, skipinitialspace=True)
    header, shown, span, rows = list[str](), list[str](), (0, 0), dict[tuple[str, ...], _Row]()
    while True:
        start = reader.line_num
        try:
            record = [cell.strip() for cell in next(reader)]
        except StopIteration:
            break
        except csv.Error as problem:
            raise ImportProblem(
                f"{table.file}:{start + 1}: this row is not valid CSV ({problem}): mend it, then import again"
            ) from problem
        if not header and any(record):
            shown, span = [name.lstrip("\ufeff") for name in record], (start, reader.line_num)
            header = [name.lower() for name in shown]
            _check_header(table, header, start + 1)
        elif any(record):
            cells = dict(zip(header, record, strict=False))
            rows.setdefault(_key(table, cells), _Row(start, reader.line_num, cells, record))
    return _File(lines, header, shown, span, rows, end)


def _check_header(table: Table, header: Sequence[str], line: int) -> None:
    for name in table.key:
        if name not in header and name not in table.defaults:
            raise ImportProblem(
                f"{table.file}:{line}: column {name} is missing: add it to the first line, then import again"
            )


def _key(table: Table, cells: Cells) -> tuple[str, ...]:
    return tuple(cells.get(name, "") or table.defaults.get(name, "") for name in table.key)


def _against(table: Table, cells: Cells, found: _Row, replace: bool) -> Change | None:
    """How a row of the import differs from the one that is there; None where it says nothing new."""
    differing: Cells = {}
    for name, cell in cells.items():
        there = found.cells.get(name, "")
        if cell and cell != (there or table.defaults.get(name, "")):
            differing[name] = cell
    if not differing:
        return None
    was = {name: found.cells.get(name, "") for name in differing}
    key = " ".join(_key(table, cells))
    return Change(table.file, "change" if replace else "keep", key, found.first + 1, differing, was)


def _written(table: Table, file: _File, changes: Sequence[Change]) -> str | None:
    doing = [each for each in changes if each.do != "keep"]
    if not doing:
        return None
    stated = {name for each in doing for name, cell in each.cells.items() if cell}
    wanted = [name for name in table.columns if name in stated or name in table.key]
    header = file.header + [name for name in wanted if name not in file.header]
    lines = list(file.lines)
    if header != file.header:
        first, last = file.header_lines
        marked = first < last and lines[first].startswith("\ufeff")
        made = ("\ufeff" if marked else "") + _line(file.shown + header[len(file.header) :], file.end)
        lines[first:last] = [made, *[""] * max(last - first - 1, 0)]
    shift = len(lines) - len(file.lines)  # only a file without a header grows by one line
    by_line = {row.first + 1: row for row in file.rows.values()}
    for each in doing:
        if each.do == "change":
            row = by_line[each.line]
            raw = list(row.raw) + [""] * (len(header) - len(row.raw))
            for name, cell in each.cells.items():
                raw[header.index(name)] = cell
            lines[row.first + shift] = _line(raw, file.end)
            lines[row.first + shift + 1 : row.last + shift] = [""] * (row.last - row.first - 1)
    if lines and lines[-1] and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += file.end
    lines += [
        _line([each.cells.get(name, "") for name in header], file.end) for each in doing if each.do == "add"
    ]
    return "".join(lines)


def _line(cells: Sequence[str], end: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end).writerow(cells)
    return out.getvalue()


def _asset(row: AssetRow) -> Cells:
    return {"path": row.path, "type": row.type, "level": row.level, "title": row.title, "number": row.number}


def _relation(row: Relation) -> Cells:
    return {"subject": row.subject, "relation": row.kind, "object": row.object, "medium": row.medium}


def _document(row: Document) -> Cells:
    page = "" if row.page == 1 else str(row.page)
    return {"asset": row.asset, "title": row.title, "file": row.file, "page": page, "kind": row.kind}


def _nameplate(row: NameplateEntry) -> Cells:
    return {
        **{"asset": row.asset, "name": row.name, "value": row.value, "unit": row.unit},
        **{"semantic": row.semantic, "group": "" if row.group == "nameplate" else row.group},
    }


def _tag(tag: Tag) -> Cells:
    return {
        **{"path": tag.path, "source": tag.source, "address": tag.address, "type": tag.type},
        **{"unit": tag.unit, "low": _number(tag.low), "high": _number(tag.high)},
        **{"factor": _unless(tag.factor, 1.0), "offset": _unless(tag.offset, 0.0)},
        **{"deadband": _unless(tag.deadband, 0.0), "rate": _unless(tag.rate, 1.0)},
        "criticality": "" if tag.criticality == "normal" else tag.criticality,
        "decimals": "" if tag.decimals is None else str(tag.decimals),
        "states": "|".join(f"{number} {word}" for number, word in tag.states.items()),
    }


def _number(value: float | None) -> str:
    return "" if value is None else repr(value).removesuffix(".0")


def _unless(value: float, usual: float) -> str:
    return "" if value == usual else _number(value)
