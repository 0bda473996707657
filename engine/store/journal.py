"""The event journal: what happened, on disk before anybody is told.

Events queue for the writer thread, which commits a group every 100 ms at most and then hands the
whole group on. Overload: spill is not needed at this rate, so the queue is unbounded in memory
only for the length of one commit; a failed commit stops the journal and is reported.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine.store.database import open_database

GROUP_S = 0.1


class StoredEvent(msgspec.Struct, frozen=True):
    """One committed event."""

    seq: int
    time_us: int
    event: str
    body: dict[str, Any]


class Journal:
    """One journal file and its writer thread.

    ``committed`` is called in the writer thread with every group that reached the disk;
    ``failed`` with the sentence to show when the disk refuses.
    """

    def __init__(
        self,
        path: Path,
        committed: Callable[[Sequence[StoredEvent]], None],
        failed: Callable[[str], None],
    ) -> None:
        self._path, self._committed, self._failed = path, committed, failed
        self._connection = open_database(path)
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS events "
            "(seq INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, event TEXT NOT NULL, body BLOB NOT NULL)"
        )
        self._seq: int = self._connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
        self._queue: queue.SimpleQueue[tuple[int, str, dict[str, Any]] | None] = queue.SimpleQueue()
        self._reading = threading.Lock()
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._thread.start()

    def append(self, time_us: int, event: str, body: dict[str, Any]) -> None:
        """Queue an event for the next commit; never blocks."""
        self._queue.put((time_us, event, body))

    def after(self, seq: int, limit: int = 10_000) -> list[StoredEvent]:
        """Committed events with a higher seq, oldest first, at most ``limit``."""
        with self._reading:
            rows = self._connection.execute(
                "SELECT seq, time_us, event, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?",
                (seq, limit),
            ).fetchall()
        return [StoredEvent(s, t, e, msgspec.json.decode(b)) for s, t, e, b in rows]

    def last(self) -> int:
        """Seq of the newest committed event, 0 when there is none."""
        return self._seq

    def close(self) -> None:
        """Commit what is queued, stop the thread, close the file."""
        self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def _write(self) -> None:
        open_end = True
        while open_end:
            group = [self._queue.get()]
            if group[0] is not None:
                time.sleep(GROUP_S)
            while not self._queue.empty():
                group.append(self._queue.get())
            open_end = None not in group
            events = [
                StoredEvent(self._seq + k + 1, *item)
                for k, item in enumerate(item for item in group if item is not None)
            ]
            if events and not self._commit(events):
                return

    def _commit(self, events: Sequence[StoredEvent]) -> bool:
        try:
            with self._reading:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany(
                    "INSERT INTO events VALUES (?, ?, ?, ?)",
                    [(e.seq, e.time_us, e.event, msgspec.json.encode(e.body)) for e in events],
                )
                self._connection.execute("COMMIT")
        except Exception as error:  # any refusal of the disk ends the journal; nothing is acknowledged
            self._failed(f"the event journal {self._path} cannot be written: {error}")
            return False
        self._seq = events[-1].seq
        self._committed(events)
        return True
