"""New files are there at once as a whole, and changed ones look changed: readers may come at any moment."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from engine.store.database import StoreError, close_quietly, named, open_database

COMPANIONS = ("", "-wal", "-shm")


def make(path: Path, schema: str, page_bytes: int = 4096) -> None:
    """An empty database with these tables; nothing where the file is there already.

    ``page_bytes`` = size of its pages, a power of two, 512 to 65,536.

    Raises:
        StoreError: the disk refuses.
    """
    if path.exists():
        return
    new = path.with_name(f"{path.name}.new")
    try:
        for companion in COMPANIONS:
            new.with_name(new.name + companion).unlink(missing_ok=True)
        connection = open_database(new, check=False)
        try:
            with named(new):
                # The size of pages can only be changed outside WAL.
                for step in ("journal_mode=DELETE", f"page_size={page_bytes}"):
                    connection.execute(f"PRAGMA {step}").fetchall()
                connection.execute("VACUUM")
                connection.executescript(schema)
                connection.execute("PRAGMA journal_mode=WAL").fetchall()
        finally:
            close_quietly(connection)
        new.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be made ({error.strerror})") from error


def touch(path: Path) -> None:
    """Give a file a new time after a commit to it.

    While the disk still writes the WAL, this looks as it will afterwards, but nothing new is seen yet: who
    remembers what it read then by the times of the files must find them changed.
    """
    with contextlib.suppress(OSError):
        os.utime(path)
