"""Which rows of the alarm journal somebody wants, as SQL, by the shorter of two ways.

Few rows of the labels and remarks asked for: through their indexes. Many: through the newest rows of all
until there are enough, which is soon where many fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from engine.store.alarm_tables import BLOCK, fold
from engine.types import LimitKind, What

COLUMNS = (
    "time_us, alarm, what, priority, letter, remark IN (SELECT remark FROM alarm_remarks WHERE \"by\" <> '')"
)
LABELLED = "alarm_changes NOT INDEXED CROSS JOIN alarm_labels USING (label)"
INDEXED = "alarm_changes INDEXED BY"
COMMON = {"active", "returned", "acknowledged"}
FIRST_US = -(2**63)
TURNS: tuple[tuple[What, tuple[What, ...]], ...] = (
    ("active", ("returned", "removed")),
    ("shelved", ("unshelved", "expired", "removed")),
)
"""What begins and what ends that an alarm is active, and that it is shelved."""
BEFORE = (
    "SELECT letter FROM alarm_changes WHERE seq = (SELECT max((SELECT seq FROM alarm_changes "
    "INDEXED BY alarm_changes_of_label WHERE label = here.label AND seq < ? ORDER BY seq DESC LIMIT 1)) "
    "FROM alarm_labels AS here WHERE alarm = ?)"
)
"""The letter of the last change of an alarm below a seq, whatever the alarm was called then."""
OLDEST = """
SELECT min(time_us) FROM alarm_changes NOT INDEXED WHERE label NOT IN (
    SELECT label FROM alarm_labels JOIN alarm_states USING (alarm) WHERE letter NOT IN ('A', 'C'))
"""
"""Apart from changes of alarms that are unacknowledged or set aside: they stay however old they are."""
RARE = 40_000
"""Rows that are found through an index; more are found by going through all."""


class Wanted(Protocol):
    """Which changes: what `engine.wire.AlarmJournalBody` holds, and means."""

    @property
    def start_us(self) -> int: ...  # noqa: D102
    @property
    def end_us(self) -> int: ...  # noqa: D102
    @property
    def before(self) -> int: ...  # noqa: D102
    @property
    def most(self) -> int: ...  # noqa: D102
    @property
    def under(self) -> str: ...  # noqa: D102
    @property
    def priorities(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def kinds(self) -> tuple[LimitKind, ...]: ...  # noqa: D102
    @property
    def whats(self) -> tuple[What, ...]: ...  # noqa: D102
    @property
    def alarms(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102


Query = tuple[str, tuple[Any, ...]]


class Where(NamedTuple):
    """A condition and the values of its question marks; "" holds always."""

    sql: str = ""
    values: tuple[Any, ...] = ()

    @property
    def clause(self) -> str:
        """With the word WHERE, where there is something to say."""
        return f" WHERE {self.sql}" if self.sql else ""


class Part(NamedTuple):
    """Rows found with the index ``name`` by the condition ``key``, of which those that fit ``more``."""

    name: str
    key: Where
    more: Where = Where()


Way = list[Part]
"""Parts that are all the rows together."""


RARE_WHAT = Where("what NOT IN ('active', 'returned', 'acknowledged')")
"""As the partial index has it, in the same words, or SQLite does not use it."""


def both(*parts: Where) -> Where:
    """All of them hold."""
    said = [part for part in parts if part.sql]
    return Where(
        " AND ".join(part.sql for part in said), tuple(each for part in said for each in part.values)
    )


def among(column: str, values: Sequence[Any]) -> Where:
    """The column has one of the values; without any, whatever it has."""
    return Where(f"{column} IN ({', '.join('?' * len(values))})", tuple(values)) if values else Where()


def under(path: str) -> Where:
    """Labels of a path and of all below it."""
    if not path:
        return Where()
    below = path + "/"
    return Where("(path = ? OR substr(path, 1, ?) = ?)", (path, len(below), below))


def bounds(connection: Any, start_us: int, end_us: int, before: int = 0) -> tuple[int, int]:
    """Lowest and highest seq that rows noted in [start_us, end_us) can have, below ``before`` (0 = any).

    After a clock was set back a later row may have an earlier time, so these are the blocks of rows that
    have such times.
    """
    query = "SELECT min(block), max(block) FROM alarm_blocks WHERE first_us < ? AND last_us >= ?"
    first, last = connection.execute(query, (end_us, start_us)).fetchone()
    if first is None:
        return 0, -1
    highest = (last + 1 << BLOCK) - 1
    return first << BLOCK, min(highest, before - 1) if before > 0 else highest


def span(connection: Any, start_us: int, end_us: int, before: int = 0) -> Where:
    """Rows noted in [start_us, end_us) with seqs below ``before`` (0 = any)."""
    seq = bounds(connection, start_us, end_us, before)
    return Where("seq BETWEEN ? AND ? AND time_us >= ? AND time_us < ?", (*seq, start_us, end_us))


def seqs(connection: Any, wanted: Wanted, before: int, most: int) -> list[int]:
    """The ``most`` highest seqs of what is wanted, those below ``before`` (0 = all), highest first."""
    rows = span(connection, wanted.start_us, wanted.end_us, before)
    rows = both(rows, among("priority", wanted.priorities), among("what", wanted.whats))
    named = both(under(wanted.under), among("kind", wanted.kinds), among("alarm", wanted.alarms))
    words = _words(named, wanted.text)
    order, query, values = " ORDER BY seq DESC LIMIT ?", "", tuple[Any, ...]()
    for way in _ways(wanted, words):
        if all(_is_rare(connection, part) for part in way):
            rest = both(rows, Where() if way is words else _either(words))
            found = [(part.name, both(part.key, part.more, rest)) for part in way]
            query = " UNION ".join(
                f"SELECT seq FROM {INDEXED} {index}{where.clause}" for index, where in found
            )
            values = tuple(each for _, where in found for each in where.values)
            break
    if not query:
        part = both(rows, _either(words))
        query, values = f"SELECT seq FROM alarm_changes NOT INDEXED{part.clause}", part.values
    return [seq for (seq,) in connection.execute(query + order, (*values, most))]


def inside(connection: Any, start_us: int, end_us: int, path: str) -> Query:
    """The query for (time_us, alarm, what, priority, letter, whether by a person) of rows, in their order."""
    where = both(span(connection, start_us, end_us), under(path))
    return f"SELECT {COLUMNS} FROM {LABELLED}{where.clause} ORDER BY seq", where.values


def standing(connection: Any, start_us: int, path: str, columns: str = COLUMNS) -> list[Query]:
    """The same of the newest rows before ``start_us``: of alarms that came and did not return, and of those
    that were shelved and not unshelved.
    """
    where, of = span(connection, FIRST_US, start_us), under(path)
    (came, gone), (shelved, back) = TURNS
    last = both(Where("label = here.label"), where, among("what", (came, *gone)))
    each = f"SELECT seq FROM {INDEXED} alarm_changes_of_label{last.clause} ORDER BY seq DESC LIMIT 1"
    active = f"SELECT max(({each})) FROM alarm_labels AS here{of.clause} GROUP BY alarm"
    turns = both(RARE_WHAT, among("what", (shelved, *back)), where, of)
    table = "alarm_changes INDEXED BY alarm_changes_of_what CROSS JOIN alarm_labels USING (label)"
    shelves = f"SELECT max(seq) FROM {table}{turns.clause} GROUP BY alarm"
    query = f"SELECT {columns} FROM {LABELLED} WHERE seq IN (%s) AND what = ? ORDER BY seq"
    return [
        (query % active, (*last.values, *of.values, came)),
        (query % shelves, (*turns.values, shelved)),
    ]


def acknowledged(connection: Any, alarm: int, after: int, start_us: int) -> Query:
    """The query for the newest acknowledgement of an alarm above the seq ``after``, before ``start_us``."""
    of = Where("label IN (SELECT label FROM alarm_labels WHERE alarm = ?)", (alarm,))
    newer = Where("seq > ? AND what = 'acknowledged'", (after,))
    where = both(of, newer, span(connection, FIRST_US, start_us))
    query = f"SELECT seq FROM {INDEXED} alarm_changes_of_label{where.clause} ORDER BY seq DESC LIMIT 1"
    return query, where.values


def _words(named: Where, text: str) -> Way:
    """Rows that fit by their label, and by their remark where a text is looked for; none = all fit."""
    if not named.sql and not text:
        return []
    found = Where("instr(folded, ?)", (fold(text),)) if text else Where()
    way = [Part("alarm_changes_of_label", _in_labels(both(named, found)))]
    if text:
        query = f"remark <> 0 AND remark IN (SELECT remark FROM alarm_remarks{found.clause})"
        within = _in_labels(named) if named.sql else Where()
        way.append(Part("alarm_changes_of_remark", Where(query, found.values), within))
    return way


def _ways(wanted: Wanted, words: Way) -> list[Way]:
    """Ways through an index to a part of the rows that holds all that are wanted, likely the fewest first."""
    ways: list[Way] = []
    if wanted.whats and not set(wanted.whats) & COMMON:
        ways.append([Part("alarm_changes_of_what", both(RARE_WHAT, among("what", wanted.whats)))])
    if words:
        ways.append(words)
    if wanted.priorities and max(wanted.priorities) < 3:
        key = both(Where("priority < 3"), among("priority", wanted.priorities))
        ways.append([Part("alarm_changes_of_priority", key)])
    return ways


def _either(words: Way) -> Where:
    if not words:
        return Where()
    parts = [both(part.key, part.more) for part in words]
    return Where(
        "(" + " OR ".join(f"({part.sql})" for part in parts) + ")",
        tuple(each for part in parts for each in part.values),
    )


def _in_labels(condition: Where) -> Where:
    return Where(f"label IN (SELECT label FROM alarm_labels{condition.clause})", condition.values)


def _is_rare(connection: Any, part: Part) -> bool:
    """Found out in the index alone."""
    query = f"SELECT count(*) FROM (SELECT 1 FROM {INDEXED} {part.name}{part.key.clause} LIMIT ?)"
    return connection.execute(query, (*part.key.values, RARE + 1)).fetchone()[0] <= RARE
