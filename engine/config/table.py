"""CSV text with a header line to rows by column name, each with the line it starts on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.config.findings import Findings, meant, shown

# Control characters, line separators, and the marks that turn writing direction and can make one
# tag's name look like another's.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its 1-based line in the file and its cells, stripped, by column name; no empty cells."""

    line: int
    cells: dict[str, str]


def read_table(
    text: str, known: Sequence[str], required: Sequence[str], findings: Findings
) -> list[Row] | None:
    """Rows of a comma-separated text. None, and errors in ``findings``, when the header cannot be used.

    Header names in any order and case; unknown columns are warned about and left out; blank rows
    are skipped; a row may end early but not run past the header.
    """
    records = _records(text, findings)
    first = next(records, None)
    if first is None:
        if not findings.problems:
            findings.error(1, f"{findings.file} is empty: the first line must be {','.join(required)}")
        return None
    columns = _columns(*first, known, required, findings)
    if columns is None:
        return None
    return [row for line, cells in records if (row := _row(line, cells, columns, findings))]


def _records(text: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every record that is not blank; broken ones are reported and skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as problem:
            findings.error(line, _broken(str(problem)))
            continue
        if any(cells):
            yield line, cells


def _broken(problem: str) -> str:
    """The csv module's complaint as a sentence for a person."""
    if "unexpected end of data" in problem:
        return 'a quote (") opened in this row is never closed: close it or take it out'
    if "expected after" in problem:
        return 'there is text after a closing quote ("): quote the whole cell and double the quotes in it'
    if "field larger" in problem:
        limit = csv.field_size_limit()
        return f"a cell in this row is longer than {limit} characters: look for a missing quote or comma"
    return f"this row is not valid CSV: {problem}"


def _columns(
    line: int, header: list[str], known: Sequence[str], required: Sequence[str], findings: Findings
) -> list[str] | None:
    """Per cell position the known column it holds, or "" for what is ignored."""
    before = len(findings.problems)
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and mark in header[0]:
            findings.error(
                line, f"the columns are separated by {name}: save the file with commas between them"
            )
            return None
    names = [name.lower() for name in header]
    for column in required:
        if column not in names:
            near = [name for name in header if name.lower() not in known]
            findings.error(
                line, f"column {column} is missing: add it to the first line{_renamed(column, near)}"
            )
    for column in known:
        if names.count(column) > 1:
            findings.error(line, f"column {column} is there twice: keep one of the two")
    failed = len(findings.problems) > before
    for shown_name, name in zip(header, names, strict=True):
        if not name:
            findings.warning(
                line, "a column has no name and is ignored: name it in the first line or delete it"
            )
        elif name not in known and not failed:
            findings.warning(
                line, f"column {shown(shown_name)} is not known and is ignored{meant(name, known)}"
            )
    return None if failed else [name if name in known else "" for name in names]


def _renamed(column: str, candidates: Sequence[str]) -> str:
    """A hint that an unknown column may be the missing one under another name."""
    near = next((name for name in candidates if f'"{column}"' in meant(name, [column])), None)
    return f" ({shown(near)} is not known)" if near else ""


def _row(line: int, cells: list[str], columns: list[str], findings: Findings) -> Row | None:
    if any(cells[len(columns) :]):
        findings.error(
            line,
            f"this row has {len(cells)} cells but the header names {len(columns)}: "
            'put a value that holds a comma in double quotes ("…")',
        )
        return None
    named = {name: cell for name, cell in zip(columns, cells, strict=False) if name and cell}
    for name, cell in named.items():
        if "\n" in cell or "\r" in cell:
            findings.error(
                line, f'{name} holds a line break: look for a quote (") that is not closed in this row'
            )
            return None
        if CONTROL.search(cell):
            findings.error(line, f"{name} {shown(cell)} holds a control character: type it again")
            return None
    return Row(line, named)
