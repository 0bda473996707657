"""The event journal: what happened, on disk before anybody is told.

Events wait for the writer thread, which commits a group every 100 ms at most and then hands the
whole group on. Overload policy spill -> refuse: events spill to the disk; while it does not keep
up or refuses, the newest 10,000 wait in memory and the oldest are refused: dropped, counted in
``lost``, and told by an event ``journal_gap`` {"lost": n} before the first one kept.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine.store.alarm_keeping import Keeping
from engine.store.alarm_tables import (
    EVENT,
    EVENTS,
    AlarmTables,
    Given,
    Record,
    changes_among,
    given,
    number,
    record_of,
    whole,
)
from engine.store.backlog import Backlog, Waiting
from engine.store.database import ADVICE, PASSING, StoreError, close_quietly, code, named, sqlite3
from engine.store.journal_file import open_journal

log = logging.getLogger("watchroom.journal")
GROUP_S = 0.1
"""The writer collects events for this long before it commits them together."""
RETRY_S = (0.5, 10.0)
"""First and longest pause before a refused group is tried again; it doubles in between."""
CLOSE_S = 2.0
INT64 = 2**63 - 1


class StoredEvent(msgspec.Struct, frozen=True):
    """One committed event."""

    seq: int
    time_us: int
    event: str
    body: dict[str, Any]


class Journal:
    """One journal file and its writer thread.

    ``committed`` is called in the writer thread with every group that reached the disk; ``failed``
    once with the sentence to show when the disk refuses, ``healed`` once when it takes events again.
    Meanwhile events wait, and after a fault of the disk the file is opened afresh before each try.

    Events ``alarm`` and ``alarm_edited`` are put into the tables of `engine.store.alarm_tables` in the same
    commit, and read with `engine.store.alarm_journal`; when told, their change has its ``seq``.

    A damaged file is moved aside. The new one begins with ``journal_damaged`` {"moved_to": name} and
    numbers from the UTC milliseconds of its first event: above any seq of the lost file, as long as
    that took fewer than 1000 events a second over its life and the clock was not set back. Alarms then
    come anew, unacknowledged.

    Raises:
        StoreError: the file cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        committed: Callable[[Sequence[StoredEvent]], None],
        failed: Callable[[str], None],
        healed: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._path, self._committed, self._failed, self._healed = path, committed, failed, healed
        self._connection, self._seq, self._moved_to = open_journal(path)
        self._tables = AlarmTables(self._connection)
        self._keeping = Keeping()
        self._reading = threading.Lock()
        self._backlog = Backlog()
        self._noted = 0
        self._trouble = ""
        self._suspect = False
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str:
        """Why events wait in memory instead of being on disk, "" while all is well."""
        return self._trouble

    @property
    def lost(self) -> int:
        """Events given to ``append`` since the start that will never be on disk."""
        return self._backlog.lost

    def append(self, time_us: int, event: str, body: dict[str, Any]) -> None:
        """Queue an event for the next commit; never blocks. After ``close`` it counts as lost.

        The structs of an ``alarm`` are kept as they are, and told so: its body is then {"change": a mapping,
        "alarm": the struct}.
        """
        content = given(body) if event == EVENT else None
        self._backlog.append((time_us, event.encode("utf-8", "replace").decode(), content or _json(body)))

    def after(self, seq: int, limit: int = 10_000) -> list[StoredEvent]:
        """Committed events with a higher seq, oldest first, at most ``limit``.

        Raises:
            StoreError: the file is damaged, or is closed while the disk refuses.
        """
        low, most = max(-INT64, min(seq, INT64)), min(limit, INT64)
        query = "SELECT seq, time_us, event, body FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
        with named(self._path), self._reading:
            rows = self._connection.execute(query, (low, self._seq, most)).fetchall()
            alarms = [row[0] for row in rows if row[2] in EVENTS]
            changes = changes_among(self._connection, alarms)
        try:
            bodies = {row[0]: msgspec.json.decode(row[3]) for row in rows}
            told = {seq: bodies[seq] for seq in alarms}
            whole(changes, told)
        except (msgspec.MsgspecError, TypeError) as error:
            raise StoreError(f"{self._path} is damaged ({error}); restart the engine") from error
        return [StoredEvent(s, t, e, told.get(s, bodies[s])) for s, t, e, _ in rows]

    def newest(self, event: str, among: int, most: int) -> list[StoredEvent]:
        """The ``most`` newest of a name among the last ``among`` events, newest first; not those of alarms.

        Raises:
            StoreError: the file is damaged, or is closed while the disk refuses.
        """
        query = "SELECT seq, time_us, body FROM events WHERE seq > ? AND event = ? ORDER BY seq DESC LIMIT ?"
        with named(self._path), self._reading:
            rows = self._connection.execute(query, (self._seq - among, event, most)).fetchall()
        try:
            return [StoredEvent(s, t, event, msgspec.json.decode(body)) for s, t, body in rows]
        except msgspec.MsgspecError as error:
            raise StoreError(f"{self._path} is damaged ({error}); restart the engine") from error

    def last(self) -> int:
        """Seq of the newest committed event, 0 when there is none."""
        return self._seq

    def forget(self, before_us: int) -> None:
        """Let the writer take away changes of alarms noted before, in pieces of some milliseconds between
        its commits; never those of an alarm that is unacknowledged or set aside. Any thread; not waited for.
        """
        self._keeping.begin(before_us)
        self._backlog.wake()

    def close(self) -> None:
        """Commit what waits, stop the thread, close the file; gives up after 2 s.

        What could not be written by then is counted in ``lost`` and told through ``failed``.
        """
        self._backlog.close()
        self._thread.join(CLOSE_S)
        left = self._backlog.give_up()
        if left:
            why = self._trouble or "the disk did not answer"
            self._failed(f"{left} events were not written to {self._path} and are lost: {why}")

    def _write(self) -> None:
        pause, closing = GROUP_S, False
        while not closing:
            closing = self._backlog.take(pause, early=not self._trouble, wait=not self._keeping.is_busy)
            try:
                events = self._store() if self._backlog.group else []
            except Exception as error:  # whatever refuses: nothing is acknowledged, all is kept
                self._keep(error)
                pause = max(RETRY_S[0], min(2 * pause, RETRY_S[1]))
            else:
                pause = GROUP_S
                self._tell(events)
                if self._keeping.is_busy and not closing and not self._suspect:
                    self._take_away()
        with self._reading:  # closed while somebody reads, SQLite would end the process
            close_quietly(self._connection)

    def _store(self) -> list[StoredEvent]:
        if self._suspect:
            self._reopen()
        events, bodies, alarms = self._numbered()
        with self._reading:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                # A commit that failed in its last step may be in the file; nobody was told of it.
                self._connection.execute("DELETE FROM events WHERE seq > ?", (self._seq,))
                self._tables.rewind(self._seq)
                if alarms:
                    bodies.update(self._tables.project(alarms))
                rows = [(e.seq, e.time_us, e.event, bodies[e.seq]) for e in events]
                self._connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
                self._connection.execute("COMMIT")
            except Exception as error:
                self._suspect = code(error) not in PASSING
                self._roll_back()
                raise
            self._seq = events[-1].seq
        self._moved_to, self._noted = "", self._backlog.gap
        return events

    def _take_away(self) -> None:
        """What is left of it after a fault waits for the next `forget`."""
        with self._reading:
            try:
                if self._keeping.take_away(self._connection):
                    self._tables.forgotten()
            except Exception as error:
                self._suspect = code(error) not in PASSING
                self._keeping.end()
                self._roll_back()
                log.warning("old changes of alarms stay in %s for now: %s", self._path, error)

    def _roll_back(self) -> None:
        self._tables.forgotten()
        with contextlib.suppress(sqlite3.Error):
            self._connection.rollback()

    def _reopen(self) -> None:
        """A failed write may be marked clean in the system's cache; only a new open tells the truth."""
        with self._reading:
            close_quietly(self._connection)
        connection, _, self._moved_to = open_journal(self._path)
        with self._reading:
            self._connection, self._suspect = connection, False
            self._tables = AlarmTables(connection)

    def _numbered(self) -> tuple[list[StoredEvent], dict[int, bytes], dict[int, Record]]:
        """The group as events, and by seq their bodies as JSON, and what those of alarms say."""
        group, gap = self._backlog.group, self._backlog.gap - self._noted
        now_us, first = group[0][0], self._seq + 1
        found: list[Waiting] = []
        if self._moved_to:
            first = max(first, now_us // 1000)
            found.append((now_us, "journal_damaged", _json({"moved_to": self._moved_to})))
        if gap:
            found.append((now_us, "journal_gap", _json({"lost": gap})))
        found += group
        events, bodies, records = list[StoredEvent](), dict[int, bytes](), dict[int, Record]()
        for seq, (time_us, event, content) in enumerate(found, first):
            record = record_of(seq, event, content) if event in EVENTS else None
            if record is not None:
                records[seq] = record
            if isinstance(content, Given):
                said = {"change": content.change, "alarm": content.alarm}
                content = b"" if isinstance(record, Given) else _json(said)
            events.append(StoredEvent(seq, time_us, event, _told(seq, event, content, record)))
            bodies[seq] = content
        return events, bodies, records

    def _keep(self, error: Exception) -> None:
        self._backlog.put_back()
        news = not self._trouble
        todo = f"; {ADVICE[code(error)]}" if code(error) in ADVICE else ""
        self._trouble = f"the event journal {self._path} cannot be written: {error}{todo}"
        if news:
            self._failed(self._trouble)

    def _tell(self, events: Sequence[StoredEvent]) -> None:
        if not self._backlog.done() or not events:
            return
        if self._trouble:
            self._trouble = ""
            self._healed(f"the event journal {self._path} is written again")
        try:
            self._committed(events)
        except Exception as error:  # a listener's fault must not stop the journal
            self._failed(f"events {events[0].seq} to {events[-1].seq} are stored but were not told: {error}")


def _told(seq: int, event: str, content: bytes, record: Record | None) -> dict[str, Any]:
    """The body of an event as it is told."""
    if isinstance(record, Given):
        body: dict[str, Any] = {"change": msgspec.to_builtins(record.change), "alarm": record.alarm}
    elif record is not None and event == EVENT:
        body = msgspec.to_builtins(record)
    else:
        body = msgspec.json.decode(content)
    if event in EVENTS:
        number(seq, body)
    return body


def _json(body: dict[str, Any]) -> bytes:
    """The body as JSON; one that has no JSON form is kept as text, an event is never refused for it."""
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        return msgspec.json.encode({"text": ascii(body)})
