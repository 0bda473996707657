"""The catalogue: which number a tag has in the history, once and for ever."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import sqlite_utils

from engine.store.database import StoreError, close_quietly, named, open_database, open_read_only
from engine.types import Tag


class Catalogue:
    """Tag numbers of one project. Open in one thread; ``close`` when done.

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
