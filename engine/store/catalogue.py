"""The catalogue: which number a tag has in the history, and an alarm in its journal, once and for ever."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import sqlite_utils

from engine.store.database import (
    StoreError,
    close_quietly,
    named,
    open_database,
    open_read_only,
    sqlite3,
)
from engine.types import LimitKind, Tag

ALARMS = """
CREATE TABLE IF NOT EXISTS alarms (
    alarm INTEGER PRIMARY KEY, path TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    source TEXT NOT NULL, first_seen_us INTEGER NOT NULL, UNIQUE (path, kind, name, source))
"""


AlarmKey = tuple[str, LimitKind, str, str]
"""(path, kind, name, source): what an alarm is known by for ever."""


class Catalogue:
    """Numbers of the tags and alarms of one project. One thread at a time; ``close`` when done.

    A damaged catalogue is refused, never replaced: new numbers would give tags the history of others.

    Raises:
        StoreError: the file cannot be used; the text names it and says what to do.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = sqlite_utils.Database(open_database(path))
        self._tags = self._database.table("tags")
        try:
            with named(path):
                self._tags.create(
                    {"tag_id": int, "path": str, "first_seen_us": int},
                    pk="tag_id",
                    not_null={"path", "first_seen_us"},
                    if_not_exists=True,
                )
                self._tags.create_index(["path"], unique=True, if_not_exists=True)
                self._database.conn.execute(ALARMS)
                found = self._database.conn.execute("SELECT path, kind, name, source, alarm FROM alarms")
                self._alarms: dict[AlarmKey, int] = {(p, k, n, s): alarm for p, k, n, s, alarm in found}
        except StoreError:
            self.close()
            raise

    def number(self, tags: Sequence[Tag], now_us: int) -> tuple[Tag, ...]:
        """The same tags with their ids; new paths get the next free ones, none is reused.

        A tag is known by its path: one that is renamed starts a new history.

        Raises:
            StoreError: the catalogue cannot be read or written.
        """
        with named(self._path):
            known: dict[str, int] = {row["path"]: row["tag_id"] for row in self._tags.rows}
            free = max(known.values(), default=-1) + 1
            fresh = [tag.path for tag in tags if tag.path not in known]
            known.update({path: free + k for k, path in enumerate(fresh)})
            with self._database.conn:
                self._tags.insert_all(
                    ({"tag_id": known[path], "path": path, "first_seen_us": now_us} for path in fresh),
                    batch_size=1000,
                )
        return tuple(msgspec.structs.replace(tag, tag_id=known[tag.path]) for tag in tags)

    def number_alarms(self, keys: Sequence[AlarmKey], now_us: int) -> list[int]:
        """The number of each alarm, 1 or more; one that is new gets the next free one, none is reused.

        Known ones cost no look at the disk, new ones one commit for all.

        Raises:
            StoreError: the catalogue cannot be written; no number was given.
        """
        fresh = list(dict.fromkeys(key for key in keys if key not in self._alarms))
        if fresh:
            with named(self._path):
                # Never reused: rows are never taken away, so the highest number is that of the newest.
                (last,) = self._database.conn.execute("SELECT coalesce(max(alarm), 0) FROM alarms").fetchone()
                given = {key: last + k for k, key in enumerate(fresh, 1)}
                connection = self._database.conn
                connection.execute("BEGIN IMMEDIATE")
                try:
                    rows = [(alarm, *key, now_us) for key, alarm in given.items()]
                    connection.executemany("INSERT INTO alarms VALUES (?, ?, ?, ?, ?, ?)", rows)
                    connection.execute("COMMIT")
                except sqlite3.Error:
                    with suppress(sqlite3.Error):
                        connection.rollback()
                    raise
                self._alarms.update(given)
        return [self._alarms[key] for key in keys]

    def close(self) -> None:
        """Close the file."""
        close_quietly(self._database)


def known_tags(path: Path) -> dict[str, int]:
    """The number of every path that ever was a tag, read while others may write; no file = none.

    Raises:
        StoreError: the catalogue cannot be read.
    """
    if not path.exists():
        return {}
    connection = open_read_only(path)
    try:
        with named(path):
            return dict(connection.execute("SELECT path, tag_id FROM tags").fetchall())
    finally:
        close_quietly(connection)
