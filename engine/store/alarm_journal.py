"""Reading the alarm journal: what every alarm is, and what happened, the newest first.

Every call opens the file for itself, so it may come from any thread, with or without an engine, and
always sees the file that is there now.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.store.alarm_instant import Standing, standing_at
from engine.store.alarm_query import BEFORE, OLDEST, Wanted, acknowledged, bounds, inside, seqs, standing
from engine.store.alarm_tables import CHANGE, change_of
from engine.store.database import close_quietly, named, open_read_only
from engine.typed import convert, from_json
from engine.types import Alarm, AlarmChange, Letter, LimitKind, What

log = logging.getLogger("watchroom.alarms")
MOST_COUNTED = 10_000
CACHE_KB = 65_536
AT_ONCE = 500
WHATS: tuple[What, ...] = get_args(What)
LETTERS: tuple[Letter, ...] = get_args(Letter)
WHAT = {word: k for k, word in enumerate(WHATS)}
LETTER = {word: k for k, word in enumerate(LETTERS)}


@dataclass(frozen=True, slots=True, eq=False)
class ChangeArrays:
    """Changes as columns, oldest first: UTC microseconds at which they were noted, ids of alarms, places in
    `WHATS` and `LETTERS`, and whether a person is named.
    """

    time_us: NDArray[np.int64]
    alarm: NDArray[np.int32]
    what: NDArray[np.uint8]
    priority: NDArray[np.uint8]
    letter: NDArray[np.uint8]
    by_person: NDArray[np.bool_]


class AlarmJournal:
    """The alarm journal in the file ``path``; nothing is in one that is not there or has no such tables.

    Every call raises StoreError where the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def states(self) -> list[Alarm]:
        """Every alarm that is not plainly normal, as it was after its last change on disk."""
        found: list[Alarm] = []
        with self._open() as connection:
            rows = connection.execute("SELECT alarm, body FROM alarm_states ORDER BY 1") if connection else ()
            for number, body in rows:
                try:
                    found.append(from_json(body, Alarm))
                except msgspec.MsgspecError as error:
                    log.warning("what alarm %d was is not known, it begins anew: %s", number, error)
        return found

    def changes(self, wanted: Wanted) -> list[AlarmChange]:
        """The changes that are wanted, the newest first."""
        with self._open() as connection:
            if connection is None:
                return []
            return _rows(connection, seqs(connection, wanted, wanted.before, max(wanted.most, 0)))

    def page(self, wanted: Wanted) -> tuple[list[AlarmChange], int | None]:
        """`changes`, and how many there are in all whatever ``before`` says; None = over `MOST_COUNTED`."""
        with self._open() as connection:
            if connection is None:
                return [], 0
            most = max(wanted.most, 0)
            found = seqs(connection, wanted, 0, max(most, MOST_COUNTED + 1))
            count = len(found) if len(found) <= MOST_COUNTED else None
            if wanted.before > 0:
                found = seqs(connection, wanted, wanted.before, most)
            return _rows(connection, found[:most]), count

    def standing(self, start_us: int, path: str) -> list[AlarmChange]:
        """What there was at ``start_us`` at ``path`` and below it, oldest first.

        That is how each alarm that was active then came, who acknowledged it since, and each shelf.
        """
        with self._open() as connection:
            if connection is None:
                return []
            found: list[int] = []
            for query, values in standing(connection, start_us, path, "seq, alarm, what"):
                for seq, alarm, what in connection.execute(query, values).fetchall():
                    found.append(seq)
                    if what == "active":
                        asked = acknowledged(connection, alarm, seq, start_us)
                        found += (row[0] for row in connection.execute(*asked))
            return _rows(connection, sorted(found))[::-1]

    def letters_before(self, changes: Sequence[AlarmChange]) -> list[Letter | Literal[""]]:
        """The letter of its alarm before each change, whatever was asked for; "" = none is on record."""
        with self._open() as connection:
            if connection is None:
                return [""] * len(changes)
            rows = (connection.execute(BEFORE, (each.seq, each.alarm)).fetchone() for each in changes)
            return [row[0] if row is not None and row[0] in LETTER else "" for row in rows]

    def portions(self, wanted: Wanted, rows: int) -> Generator[tuple[float, list[AlarmChange]]]:
        """All that is wanted, whatever ``most`` says, newest first, so many at once; and how far that is."""
        with self._open() as connection:
            if connection is None:
                return
            lowest, highest = bounds(connection, wanted.start_us, wanted.end_us, wanted.before)
            before = wanted.before
            while found := seqs(connection, wanted, before, rows):
                before = found[-1]
                yield (highest - before) / max(highest - lowest, 1), _rows(connection, found)

    def names(self) -> dict[int, tuple[str, LimitKind, str, str]]:
        """(path, kind, name, message) of each alarm that ever changed, the message as it was last."""
        query = "SELECT alarm, path, kind, name, message FROM alarm_labels ORDER BY label"
        with self._open() as connection:
            return {row[0]: row[1:] for row in (connection.execute(query) if connection else ())}

    def at(self, at_us: int) -> Standing:
        """The alarms as they stood at an instant, UTC microseconds."""
        with self._open() as connection:
            return Standing((), at_us, False) if connection is None else standing_at(connection, at_us)

    def runs(self) -> list[tuple[int, str]]:
        """(UTC microseconds, name) of the events that tell when the engine began and ended, oldest first."""
        query = (
            "SELECT time_us, event FROM events INDEXED BY events_of_runs "
            "WHERE event IN ('engine_started', 'engine_stopped') ORDER BY seq"
        )
        with self._open() as connection:
            return connection.execute(query).fetchall() if connection else []

    def oldest_us(self) -> int | None:
        """When the oldest change was noted that may be forgotten one day (`Journal.forget`); None = none."""
        with self._open() as connection:
            return connection.execute(OLDEST).fetchone()[0] if connection else None

    def arrays(self, start_us: int, end_us: int, path: str = "") -> ChangeArrays:
        """Every change noted in [start_us, end_us) of alarms at ``path`` and below it.

        Before them stand those that say what there was at ``start_us``: how each alarm that was active then
        came ("active"), and each shelf ("shelved"), noted earlier.
        """
        parts = [np.empty((0, 6), np.int64)]
        with self._open() as connection:
            if connection is not None:
                queries = [*standing(connection, start_us, path), inside(connection, start_us, end_us, path)]
                for query, values in queries:
                    cursor = connection.execute(query, values)
                    while rows := cursor.fetchmany(20 * AT_ONCE):
                        parts.append(_columns(rows))
        columns = np.concatenate(parts)
        early = np.flatnonzero(columns[:, 0] < start_us)
        columns[: len(early)] = columns[early[np.argsort(columns[early, 0], kind="stable")]]
        time_us, alarm, what, priority, letter, by = columns.T
        small = what.astype(np.uint8), priority.astype(np.uint8), letter.astype(np.uint8)
        return ChangeArrays(time_us.copy(), alarm.astype(np.int32), *small, by.astype(np.bool_))

    @contextmanager
    def _open(self) -> Generator[Any]:
        """A connection whose reads all see the same rows, None where there is nothing to read."""
        if not self._path.exists():
            yield None
            return
        connection = open_read_only(self._path)
        try:
            with named(self._path):
                connection.execute(f"PRAGMA cache_size=-{CACHE_KB}")
                connection.execute("BEGIN")
                query = "SELECT count(*) FROM sqlite_master WHERE name = 'alarm_states'"
                yield connection if connection.execute(query).fetchone()[0] else None
        finally:
            close_quietly(connection)


def _rows(connection: Any, wanted: Sequence[int]) -> list[AlarmChange]:
    """Those changes, in that order."""
    found: list[AlarmChange] = []
    for k in range(0, len(wanted), AT_ONCE):
        some = wanted[k : k + AT_ONCE]
        query = f"{CHANGE} WHERE seq IN ({', '.join('?' * len(some))}) ORDER BY seq DESC"
        for row in connection.execute(query, some):
            try:
                found.append(convert(msgspec.to_builtins(change_of(row)), AlarmChange))
            except msgspec.ValidationError as error:
                log.warning("change %d of the alarm journal is none of this version: %s", row[0], error)
    return found


def _columns(rows: Sequence[Sequence[Any]]) -> NDArray[np.int64]:
    """Rows of `inside` as numbers; words that this version does not know are left out."""
    known = [
        (row[0], row[1], WHAT[row[2]], row[3], LETTER[row[4]], row[5])
        for row in rows
        if row[2] in WHAT and row[4] in LETTER
    ]
    return np.array(known, np.int64).reshape(-1, 6)
