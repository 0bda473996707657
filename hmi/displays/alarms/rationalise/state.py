"""Which rows of alarms.csv the table shows, in which order, and what is to be thought of each. No Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.types import AlarmChange, Limit, Problem
from hmi import formats
from hmi.displays.alarms.rationalise import draft
from hmi.displays.alarms.rationalise.columns import FINDINGS, NUMBERS
from hmi.displays.alarms.rationalise.draft import Rows
from hmi.displays.alarms.rationalise.file import Base, Row
from hmi.formats import sort_key, t
from hmi.model import Model

SEARCHED = ("path", "name", "message", "cause", "consequence", "response", "group", "class", "expression")
TARGET = (80, 15, 5)
"""Percent of low, medium and high priority that ISA-18.2 advises."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filter of the table. ``priorities`` empty = all; ``under`` = a path and all below it."""

    text: str = ""
    under: str = ""
    priorities: frozenset[str] = frozenset()
    with_findings: bool = False
    changed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What is wrong with the rows and what to think over: by id of row, and ``loose`` what is about no row
    (words, whether it is an error).
    """

    errors: Mapping[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])
    advice: Mapping[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])
    loose: tuple[tuple[str, bool], ...] = ()

    def count(self, row: int) -> int:
        """How much there is to look at in a row."""
        return len(self.errors.get(row, ())) + len(self.advice.get(row, ()))


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the list of findings: the row that it jumps to, 0 = none."""

    row: int
    where: str
    words: str
    is_error: bool


def found_in(problems: Sequence[Problem], lint: Sequence[Problem], lines: Mapping[int, int]) -> Found:
    """Problems by row; ``lines`` = on which line each row begins."""
    rows = {line: row for row, line in lines.items()}
    errors, advice, loose = dict[int, list[str]](), dict[int, list[str]](), list[tuple[str, bool]]()
    for each in (*problems, *lint):
        row, words = rows.get(each.line), formats.sentence(each.message)
        if row is None:
            told = t("Line {line}: {words}", line=each.line, words=words)
            loose.append((told, each.severity == "error"))
        else:
            (errors if each.severity == "error" else advice).setdefault(row, []).append(words)
    return Found(
        {row: tuple(dict.fromkeys(each)) for row, each in errors.items()},
        {row: tuple(dict.fromkeys(each)) for row, each in advice.items()},
        tuple(dict.fromkeys(loose)),
    )


def listed(rows: Rows, found: Found, lines: Mapping[int, int]) -> tuple[Finding, ...]:
    """All findings: those that keep the list from being used first, then by row; ``lines`` = of each row."""
    made = [Finding(0, "", words, True) for words, is_error in found.loose if is_error]
    for is_error, by_row in ((True, found.errors), (False, found.advice)):
        made += [
            Finding(row.id, _where(row, lines.get(row.id)), words, is_error)
            for row in rows
            for words in by_row.get(row.id, ())
        ]
    made += [Finding(0, "", words, False) for words, is_error in found.loose if not is_error]
    return tuple(made)


def _where(row: Row, line: int | None) -> str:
    """The line, and the end of its path: what tells rows apart."""
    cells = row.cells
    path = " › ".join(cells.get("path", "").split("/")[-2:])
    name = " ".join(each for each in (path, cells.get("kind", ""), cells.get("name", "")) if each)
    return t("Line {n}  {name}", n=line, name=name) if line is not None else name


def shown(base: Base, rows: Rows, wanted: Wanted, found: Found, by: tuple[str, bool] | None) -> list[int]:
    """The ids of the rows that fit the filter, in the order of the file or by one column (and downward)."""
    words = wanted.text.casefold().split()
    kept = [row for row in rows if _fits(base, row, wanted, words, found)]
    if by is not None:
        column, is_down = by
        kept.sort(key=lambda row: _sort_key(row, column, found), reverse=is_down)
        # Empty cells are last both ways.
        kept.sort(key=lambda row: _is_empty(row, column))
    return [row.id for row in kept]


def kept(before: Sequence[int], known: Sequence[int], rows: Rows) -> list[int]:
    """The rows that were shown ``before``, without those that are gone and with those that are new: under a
    hand no row moves. ``known`` = the ids of all rows until now.
    """
    ids, old = {row.id for row in rows}, set(known)
    made = [each for each in before if each in ids]
    following = dict(zip((0, *made), made, strict=False))
    """Of each the next, 0 = the first: a sheet of 100,000 rows is taken in without a search for each."""
    end, last = made[-1] if made else 0, 0
    for row in rows:
        is_shown = row.id in following or row.id == end
        if row.id not in old and not is_shown:
            place = last if last and (last in following or last == end) else end
            after = following.get(place)
            following[place] = row.id
            if after is not None:
                following[row.id] = after
            else:
                end = row.id
        last = row.id
    made, at = [], 0
    while (at := following.get(at, 0)) != 0:
        made.append(at)
    return made


def _fits(base: Base, row: Row, wanted: Wanted, words: Sequence[str], found: Found) -> bool:
    cells = row.cells
    if wanted.under:
        path = cells.get("path", "")
        if path != wanted.under and not path.startswith(wanted.under + "/"):
            return False
    if wanted.priorities and cells.get("priority", "3") not in wanted.priorities:
        return False
    if wanted.with_findings and not found.count(row.id):
        return False
    if wanted.changed and draft.status(base, row) == "same":
        return False
    if not words:
        return True
    text = "\n".join(cells.get(each, "") for each in (*SEARCHED, "kind")).casefold()
    return all(each in text for each in words)


def _sort_key(row: Row, column: str, found: Found) -> tuple[object, ...]:
    if column == FINDINGS:
        return -len(found.errors.get(row.id, ())), -found.count(row.id)
    text = _sorted_text(row, column)
    if column in (*NUMBERS, "priority"):
        value = number(text)
        return value is None, 0.0 if value is None else value, text
    return sort_key(text)


def _is_empty(row: Row, column: str) -> bool:
    return column != FINDINGS and not _sorted_text(row, column)


def _sorted_text(row: Row, column: str) -> str:
    return row.cells.get(column, "3" if column == "priority" else "")


def number(text: str) -> float | None:
    """The number that a cell holds, None = none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def areas(model: Model) -> tuple[str, ...]:
    """What the table can be narrowed to: every asset that is a unit or above, as the tree has it."""
    levels = ("unit", "utility")
    above = {each for path in (*model.units, *model.utilities) for each in _ups(path)}
    return tuple(path for path, asset in model.assets.items() if asset.level in levels or path in above)


def _ups(path: str) -> list[str]:
    segments = path.split("/")
    return ["/".join(segments[:end]) for end in range(1, len(segments))]


def count_words(base: Base, rows: Rows, visible: int) -> str:
    """How many rows there are, and what they are by priority, beside what ISA-18.2 advises."""
    alive = [row for row in rows if not row.is_removed]
    told = (
        t("{n} rows", n=len(alive)) if visible == len(rows) else t("{m} of {n} rows", m=visible, n=len(alive))
    )
    what = [draft.status(base, row) for row in rows]
    names = (("added", t("added")), ("changed", t("changed")), ("removed", t("removed")))
    more = [f"{what.count(key)} {word}" for key, word in names if key in what]
    return ", ".join([told, *more])


def split_words(limits: Sequence[Limit]) -> str:
    """The share of each priority among the alarms in force, against 80 / 15 / 5."""
    alarms = [each.priority for each in limits if each.priority > 0]
    if not alarms:
        return ""
    parts = [
        t("{priority}: {part} %", priority=each, part=round(100 * alarms.count(each) / len(alarms)))
        for each in sorted(set(alarms))
    ]
    return t("In force by priority {parts}; advised 5 / 15 / 80 from the highest on", parts=", ".join(parts))


def record_line(change: AlarmChange, now_us: int, zone: str) -> tuple[str, str, str, str]:
    """One earlier change: when, who, which alarm, what and why."""
    what = t("Removed: {why}", why=change.text) if change.what == "removed" else change.text
    name = " ".join(each for each in (change.path, change.kind, change.name) if each)
    return formats.moment(change.time_us, now_us, zone), change.by or t("the engine"), name, what
