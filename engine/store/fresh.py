"""New files, there at once as a whole: a reader may come at any moment, and so may a power cut."""

from __future__ import annotations

from pathlib import Path

from engine.store.database import StoreError, close_quietly, named, open_database

COMPANIONS = ("", "-wal", "-shm")


def make(path: Path, schema: str) -> None:
    """An empty database with these tables; nothing where the file is there already.

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
                connection.executescript(schema)
        finally:
            close_quietly(connection)
        new.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be made ({error.strerror})") from error
