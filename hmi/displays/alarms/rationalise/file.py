"""alarms.csv as rows that can be changed and written back with all else as it stood. No Qt.

What a row means is the engine's business; here a cell is its text. A row that nobody changed is written
letter for letter; comments, blank lines, columns that nobody knows, line ends and the order of rows stay.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType

KNOWN = (
    *("path", "kind", "name", "limit", "priority", "deadband", "on_delay", "off_delay", "message", "cause"),
    *("consequence", "response", "respond", "class", "group", "suppress", "quality", "latching", "realarm"),
    *("count", "window", "other", "expression", "display"),
)
Cells = Mapping[str, str]
Key = tuple[str, str, str]
EMPTY: Cells = MappingProxyType({})
_numbers = count(1)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row: ``cells`` by known column, no empty ones. ``id`` is its own for as long as the page lives."""

    id: int
    cells: Cells
    is_removed: bool = False

    @property
    def key(self) -> Key:
        """Path, kind and name: what names its alarm for ever."""
        return self.cells.get("path", ""), self.cells.get("kind", "").lower(), self.cells.get("name", "")


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """How a row stands in the file: its line, its text, all its fields, and what stands before it."""

    line: int
    raw: str
    fields: tuple[str, ...]
    cells: Cells
    lead: str


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The file as it was read. ``header`` = the names of its columns as written, ``origins`` by id of row."""

    text: str = ""
    header: tuple[str, ...] = ()
    header_raw: str = ""
    newline: str = "\n"
    rows: tuple[Row, ...] = ()
    origins: Mapping[int, Origin] = field(default_factory=dict[int, Origin])
    tail: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The known column that each field is, "" for those that nobody knows."""
        names = (each.strip().lower() for each in self.header)
        return tuple(name if name in KNOWN else "" for name in names)


def read(text: str, ids: Mapping[Key, Sequence[int]] | None = None) -> Base:
    """The rows of a text. ``ids`` = by key, those that rows known before have; they keep them.

    What cannot be read as a row stays where it stands, as a comment does: what is wrong the engine says.
    """
    waiting = {key: list(each) for key, each in (ids or {}).items()}
    records, lines = _records(text)
    header: tuple[str, ...] | None = None
    header_raw, lead = "", ""
    rows, origins = list[Row](), dict[int, Origin]()
    columns: tuple[str, ...] = ()
    for line, raw, fields in records:
        if fields is None or not any(fields) or fields[0].startswith("#"):
            lead += raw
        elif header is None:
            header, header_raw, lead = fields, lead + raw, ""
            columns = Base(header=header).columns
        else:
            cells = _cells(columns, fields)
            known = waiting.get(Row(0, cells).key)
            row = Row(known.pop(0) if known else next(_numbers), cells)
            rows.append(row)
            origins[row.id] = Origin(line, raw, fields, cells, lead)
            lead = ""
    newline = next((end for end in ("\r\n", "\n", "\r") if lines and lines[0].endswith(end)), "\n")
    return Base(text, header or ("path", "kind"), header_raw, newline, tuple(rows), origins, lead)


def new_row(cells: Cells = EMPTY) -> Row:
    """A row that the file does not have yet."""
    return Row(next(_numbers), plain(cells))


def plain(cells: Cells) -> Cells:
    """Cells as the file can hold them: on one line, no empty ones."""
    made = {column: " ".join(text.split()) for column, text in cells.items()}
    return MappingProxyType({column: text for column, text in made.items() if text})


def keys(rows: Iterable[Row]) -> dict[Key, list[int]]:
    """The ids of rows by what names them."""
    found: dict[Key, list[int]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row.id)
    return found


def written(base: Base, rows: Sequence[Row]) -> tuple[str, dict[int, int]]:
    """The text of the file with these rows, and on which line each row begins."""
    used = dict.fromkeys(column for row in rows if not row.is_removed for column in row.cells)
    more = [column for column in KNOWN if column in used and column not in base.columns]
    header = (*base.header, *more)
    columns = (*base.columns, *more)
    parts = [_ended(base.header_raw, base) if base.header_raw and not more else _header(base, header)]
    line, lines = parts[0].count("\n") or parts[0].count("\r"), dict[int, int]()
    line += 1
    for row in rows:
        origin = base.origins.get(row.id)
        # Comments stay where they stood, also when the row below them is gone.
        text = origin.lead if origin is not None else ""
        if not row.is_removed and row.cells:
            lines[row.id] = line + _height(text)
            text += _line(row, origin, columns, base)
        parts.append(text)
        line += _height(text)
    return "".join(parts) + base.tail, lines


def _header(base: Base, header: Sequence[str]) -> str:
    """The header with its new columns; what stands before it stays."""
    before = "".join(_lines(base.header_raw)[:-1]) if base.header_raw else ""
    return before + _record(header, base.newline)


def _line(row: Row, origin: Origin | None, columns: Sequence[str], base: Base) -> str:
    if origin is not None and dict(origin.cells) == dict(row.cells):
        return _ended(origin.raw, base)
    fields = list(origin.fields if origin is not None else ())
    for place, column in enumerate(columns):
        if column:
            fields += [""] * (place + 1 - len(fields))
            fields[place] = row.cells.get(column, "")
    kept = len(origin.fields) if origin is not None else 0
    while len(fields) > max(kept, 1) and not fields[-1]:
        fields.pop()
    return _record(fields, base.newline)


def _record(fields: Iterable[str], newline: str) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator=newline).writerow(fields)
    return made.getvalue()


def _ended(raw: str, base: Base) -> str:
    """The last line of a file may lack its end."""
    return raw if not raw or raw.endswith(("\n", "\r")) else raw + base.newline


def _height(text: str) -> int:
    return len(_lines(text))


def _lines(text: str) -> list[str]:
    return list(io.StringIO(text, newline=""))


def _records(text: str) -> tuple[Iterator[tuple[int, str, tuple[str, ...] | None]], list[str]]:
    """(line, text as it stands, its fields or None where it is no CSV) of every record, and all lines."""
    lines = _lines(text)

    def found() -> Iterator[tuple[int, str, tuple[str, ...] | None]]:
        reader = csv.reader(iter(lines), strict=True, skipinitialspace=True)
        while True:
            first = reader.line_num
            try:
                fields = tuple(each.strip() for each in next(reader))
            except StopIteration:
                return
            except csv.Error:
                fields = None
            yield first + 1, "".join(lines[first : reader.line_num]), fields

    return found(), lines


def _cells(columns: Sequence[str], fields: Sequence[str]) -> Cells:
    pairs = zip(columns, fields, strict=False)
    return MappingProxyType({column: text for column, text in pairs if column and text})
