"""Notes that people put on stretches of time: PROJECT/data/annotations.db."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from engine.store.database import StoreError, close_quietly, named, open_database
from engine.types import Annotation

SCHEMA = """
CREATE TABLE IF NOT EXISTS notes (
    note_id INTEGER PRIMARY KEY AUTOINCREMENT, start_us INTEGER NOT NULL, end_us INTEGER NOT NULL,
    tag TEXT NOT NULL, author TEXT NOT NULL, text TEXT NOT NULL, made_us INTEGER NOT NULL,
    removed_us INTEGER, removed_by TEXT);
CREATE INDEX IF NOT EXISTS notes_by_start ON notes (start_us);
"""
COLUMNS = "note_id, start_us, end_us, tag, author, text, made_us"


class AnnotationFile:
    """The file; any thread, one at a time. A number is never given twice, also not after a removal.

    Raises:
        StoreError: the file cannot be used; the text says what to do.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._connection: Any = open_database(path)
        try:
            with named(path):
                self._connection.executescript(SCHEMA)
        except StoreError:
            self.close()
            raise

    def add(self, note: Annotation) -> Annotation:
        """Store a note under a new number, whatever number it has; on disk when this returns."""
        row = note.start_us, note.end_us, note.tag, note.author, note.text, note.made_us
        with named(self._path), self._lock:
            query = (
                "INSERT INTO notes (start_us, end_us, tag, author, text, made_us) VALUES (?, ?, ?, ?, ?, ?)"
            )
            note_id = self._connection.execute(query, row).lastrowid
        return Annotation(note_id, *row[:2], note.tag, note.author, note.text, note.made_us)

    def over(self, start_us: int, end_us: int) -> tuple[Annotation, ...]:
        """Notes that touch [start_us, end_us) and were not removed, oldest first."""
        query = (
            f"SELECT {COLUMNS} FROM notes WHERE start_us < ? AND end_us >= ? AND removed_us IS NULL "
            "ORDER BY start_us, note_id"
        )
        with named(self._path), self._lock:
            return tuple(Annotation(*row) for row in self._connection.execute(query, (end_us, start_us)))

    def remove(self, note_id: int, author: str, now_us: int) -> Annotation | None:
        """Show a note no more; the row stays, with who took it away and when. None = there is none such."""
        with named(self._path), self._lock:
            query = f"SELECT {COLUMNS} FROM notes WHERE note_id = ? AND removed_us IS NULL"
            row = self._connection.execute(query, (note_id,)).fetchone()
            if row is None:
                return None
            change = (
                "UPDATE notes SET removed_us = ?, removed_by = ? WHERE note_id = ? AND removed_us IS NULL"
            )
            self._connection.execute(change, (now_us, author, note_id))
        return Annotation(*row)

    def removed(self) -> tuple[tuple[Annotation, int, str], ...]:
        """The notes that were taken away, each with when and by whom, in that order."""
        query = (
            f"SELECT {COLUMNS}, removed_us, removed_by FROM notes WHERE removed_us IS NOT NULL ORDER BY 8, 1"
        )
        with named(self._path), self._lock:
            rows = self._connection.execute(query).fetchall()
        return tuple((Annotation(*row[:7]), row[7], row[8]) for row in rows)

    def close(self) -> None:
        """Every note is on disk already; give the connection back."""
        with self._lock:
            close_quietly(self._connection)
