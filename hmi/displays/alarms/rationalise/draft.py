"""What a person makes of the rows of alarms.csv: every act gives new rows, and the old ones stay. No Qt."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hmi.displays.alarms.rationalise.columns import TITLES, title
from hmi.displays.alarms.rationalise.file import EMPTY, KNOWN, Base, Cells, Key, Row, keys, new_row, plain
from hmi.formats import t

Rows = tuple[Row, ...]
Status = Literal["same", "changed", "added", "removed"]
Prefer = Literal["theirs", "mine"]


@dataclass(frozen=True, slots=True)
class Change:
    """One row that is not what the file says, in words, and the id of the row."""

    id: int
    status: Status
    words: str


@dataclass(frozen=True, slots=True)
class Merged:
    """My edits on what the file says now; ``collisions`` = the rows of it that both changed, in words."""

    rows: Rows
    collisions: tuple[str, ...]


# What can be done


def set_cells(rows: Rows, edits: Mapping[int, Mapping[str, str]]) -> Rows:
    """Other texts in some cells, by id of row and column; "" empties one."""
    return tuple(
        replace(row, cells=plain({**row.cells, **edits[row.id]})) if row.id in edits else row for row in rows
    )


def added(rows: Rows, after: int, made: Sequence[Row]) -> Rows:
    """More rows, behind one of them; 0 = at the end."""
    place = next((at + 1 for at, row in enumerate(rows) if row.id == after), len(rows))
    return (*rows[:place], *made, *rows[place:])


def turned(rows: Rows, ids: Collection[int], base: Base) -> Rows:
    """Removed, or back again where all of them were removed; a row that the file never had goes at once."""
    chosen = [row for row in rows if row.id in ids]
    is_back = bool(chosen) and all(row.is_removed for row in chosen)
    gone = {row.id for row in chosen if row.id not in base.origins and not is_back}
    return tuple(
        replace(row, is_removed=not is_back) if row.id in ids else row for row in rows if row.id not in gone
    )


def filled(rows: Rows, block: Sequence[int], columns: Iterable[str]) -> Rows:
    """What the first row of a block says in these columns, in all others of it."""
    by_id = {row.id: row for row in rows}
    first = by_id[block[0]].cells
    texts = {column: first.get(column, "") for column in columns if column in KNOWN}
    return set_cells(rows, dict.fromkeys(block[1:], texts))


def grid(text: str) -> list[list[str]]:
    """Cells from a spreadsheet: tabs between, rows by line, quotes around what holds either."""
    lines = list(csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter="\t"))
    while lines and not any(lines[-1]):
        lines.pop()
    return [[" ".join(each.split()) for each in line] for line in lines]


def as_tsv(lines: Iterable[Sequence[str]]) -> str:
    """Cells for a spreadsheet."""
    made = io.StringIO()
    csv.writer(made, delimiter="\t", lineterminator="\n").writerows(lines)
    return made.getvalue()


def pasted(
    rows: Rows,
    shown: Sequence[int],
    columns: Sequence[str],
    at: tuple[int, int],
    text: str,
    chosen: Collection[tuple[int, str]] = (),
) -> Rows:
    """Cells from a spreadsheet, from the place ``at`` (row and column as shown) on; more rows than there are
    become new ones. One cell fills all the ``chosen`` ones. A first line that names columns says where each
    belongs.
    """
    lines = grid(text)
    if not lines:
        return rows
    if len(lines) == 1 and len(lines[0]) == 1 and len(chosen) > 1:
        edits: dict[int, dict[str, str]] = {}
        for row, column in chosen:
            edits.setdefault(row, {})[column] = lines[0][0]
        return set_cells(rows, edits)
    named = _named(lines[0])
    into = named or list(columns[at[1] :])
    body = lines[1:] if named else lines
    texts = [{c: each for c, each in zip(into, line, strict=False) if c in KNOWN} for line in body]
    targets = shown[at[0] :]
    made = set_cells(rows, dict(zip(targets, texts, strict=False)))
    new = [new_row(each) for each in texts[len(targets) :] if any(each.values())]
    return added(made, shown[-1] if shown else 0, new)


def _named(line: Sequence[str]) -> list[str]:
    """The columns that a first line names; empty where it is no line of names."""
    words = {title(column).casefold(): column for column in KNOWN}
    words |= {TITLES[column].casefold(): column for column in KNOWN} | {column: column for column in KNOWN}
    found = [words.get(each.casefold(), "") for each in line]
    return found if len(line) > 1 and all(found) else []


def imported(base: Base, rows: Rows, other: Base) -> Rows:
    """The list that another file holds: rows of the same path, kind and name take its cells, the others of
    ours are removed, new ones stand behind the row that they follow there. Columns that the other file does
    not have stay as they are.
    """
    waiting = keys(row for row in rows if not row.is_removed)
    ours = {row.id: row for row in rows}
    columns = set(other.columns)
    edits, new, last = dict[int, dict[str, str]](), dict[int, list[Row]](), 0
    for theirs in other.rows:
        found = waiting.get(theirs.key)
        if found:
            last = found.pop(0)
            kept = {c: "" for c in ours[last].cells if c in columns}
            edits[last] = {**kept, **theirs.cells}
        else:
            new.setdefault(last, []).append(new_row(theirs.cells))
    gone = {row.id for row in rows if row.id not in edits and not row.is_removed}
    made = turned(set_cells(rows, edits), gone, base) if gone else set_cells(rows, edits)
    for after, each in new.items():
        place = after or (made[0].id if made else 0)
        made = (*each, *made) if not after and made else added(made, place, each)
    return made


def fitted(base: Base, rows: Rows) -> Rows:
    """Rows of before the list was applied, on the list as it is now: what it has and they do not is removed
    by them; what they had removed and it does not have is gone.
    """
    made = [row for row in rows if row.id in base.origins or not row.is_removed]
    known, missing, last = {row.id for row in made}, dict[int, list[Row]](), 0
    for row in base.rows:
        if row.id in known:
            last = row.id
        else:
            missing.setdefault(last, []).append(replace(row, is_removed=True))
    if not missing:
        return tuple(made)
    found = missing.get(0, [])
    for row in made:
        found += [row, *missing.get(row.id, ())]
    return tuple(found)


def is_same(before: Rows, after: Rows) -> bool:
    """Whether two states of the rows hold the same."""
    return len(before) == len(after) and all(
        a is b or (a.id == b.id and a.is_removed == b.is_removed and dict(a.cells) == dict(b.cells))
        for a, b in zip(before, after, strict=True)
    )


# What it comes to


def status(base: Base, row: Row) -> Status:
    """What a person made of a row of the file."""
    if row.is_removed:
        return "removed"
    origin = base.origins.get(row.id)
    if origin is None:
        return "added"
    return "same" if dict(origin.cells) == dict(row.cells) else "changed"


def is_edited(base: Base, row: Row, column: str) -> bool:
    """Whether a cell is not what the file says; of a new row, whether it holds anything."""
    origin = base.origins.get(row.id)
    before = origin.cells if origin is not None else EMPTY
    return before.get(column, "") != row.cells.get(column, "")


def is_changed(base: Base, rows: Rows) -> bool:
    """Whether anything is to be applied."""
    return rows is not base.rows and any(status(base, row) != "same" for row in rows)


def changes(base: Base, rows: Rows) -> tuple[Change, ...]:
    """Every row that is not what the file says, in plain words."""
    made = (Change(row.id, what := status(base, row), _change_words(base, row, what)) for row in rows)
    return tuple(each for each in made if each.status != "same")


def called(cells: Cells) -> str:
    """What a row is called: path, kind and name."""
    return " ".join(cells[each] for each in ("path", "kind", "name") if each in cells) or t("a row")


def differences(before: Rows, after: Rows) -> tuple[str, ...]:
    """What differs between two states of the rows, in plain words."""
    old = {row.id: row for row in before}
    made = list[str]()
    for row in after:
        was = old.get(row.id)
        if was is None:
            made.append(_added_words(row))
        elif row.is_removed != was.is_removed:
            word = t("Removed: {row}") if row.is_removed else t("Back again: {row}")
            made.append(word.format(row=called(was.cells)))
        elif edits := edits_words(was.cells, row.cells):
            made.append(t("{row}: {cells}", row=called(was.cells), cells=", ".join(edits)))
    ids = {row.id for row in after}
    made += [t("Removed: {row}", row=called(row.cells)) for row in before if row.id not in ids]
    return tuple(made)


def _added_words(row: Row) -> str:
    own, name = ("path", "kind", "name"), called(row.cells)
    said = ", ".join(f"{title(c)} {row.cells[c]}" for c in KNOWN if c in row.cells and c not in own)
    return t("Added: {row}: {cells}", row=name, cells=said) if said else t("Added: {row}", row=name)


def _change_words(base: Base, row: Row, what: Status) -> str:
    if what == "removed":
        return t(
            "Removed: {row}", row=called(base.origins[row.id].cells if row.id in base.origins else row.cells)
        )
    if what == "added":
        return _added_words(row)
    before = base.origins[row.id].cells
    return t("{row}: {cells}", row=called(before), cells=", ".join(edits_words(before, row.cells)))


def edits_words(before: Cells, after: Cells) -> list[str]:
    """Each cell that differs: what it was and what it is."""
    none = t("none")
    return [
        t(
            "{column} {before} → {after}",
            column=title(column),
            before=before.get(column) or none,
            after=after.get(column) or none,
        )
        for column in KNOWN
        if before.get(column, "") != after.get(column, "")
    ]


# What somebody else did meanwhile


def merged(base: Base, rows: Rows, theirs: Base, prefer: Prefer = "theirs") -> Merged:
    """My edits of ``base`` put on ``theirs``, which somebody else wrote meanwhile.

    Rows are told by path, kind and name. A row that only one of us changed takes that change. Where both did
    and did not do the same, it is a collision, and ``prefer`` says whose row stays.
    """
    before = {base.rows[at].key: base.rows[at] for at in range(len(base.rows))}
    now: dict[Key, Row] = {row.key: row for row in theirs.rows}
    made = {row.id: row for row in theirs.rows}
    collisions: list[str] = []
    new: list[tuple[int, Row]] = []
    last = 0
    for row in rows:
        what, key = status(base, row), _base_key(base, row)
        other = now.get(key)
        last_before, last = last, other.id if other is not None else last
        if what == "same":
            continue
        is_theirs_same = other is not None and key in before and dict(before[key].cells) == dict(other.cells)
        if what == "added" and other is None and row.key not in now:
            new.append((last_before, row))
        elif other is None and what == "removed":
            continue
        elif other is not None and (is_theirs_same or _is_same(row, other)):
            made[other.id] = replace(other, cells=row.cells, is_removed=row.is_removed)
        else:
            collisions.append(_collision(base, row, what))
            if prefer == "mine":
                if other is not None:
                    made[other.id] = replace(other, cells=row.cells, is_removed=row.is_removed)
                else:
                    new.append((last_before, new_row(row.cells)))
    result: Rows = tuple(made[row.id] for row in theirs.rows)
    for after, row in reversed(new):
        result = added(result, after, [row])
    return Merged(result, tuple(collisions))


def _base_key(base: Base, row: Row) -> Key:
    """What named the row before I edited it."""
    origin = base.origins.get(row.id)
    return row.key if origin is None else Row(0, origin.cells).key


def _is_same(row: Row, other: Row) -> bool:
    return not row.is_removed and dict(row.cells) == dict(other.cells)


def _collision(base: Base, row: Row, what: Status) -> str:
    return _change_words(base, row, what)
