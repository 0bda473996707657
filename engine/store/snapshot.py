"""One file as it is at this instant, copied while others write to it."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.store.database import (
    ADVICE,
    DAMAGE,
    FULL,
    Damaged,
    StoreError,
    close_quietly,
    code,
    named,
    open_read_only,
    sqlite3,
)

PAGES = 256
"""Pages copied in one step, between two looks at whether to go on."""
STEPS = 100_000
"""Steps of SQLite's machine between two such looks while it checks a file: some milliseconds."""
FLUSH_BYTES = 16_000_000
"""Flushed to the disk in pieces of this size: one large flush would hold up the history's own commits."""
Progress = Callable[[int], None]
"""Called with the bytes that were just copied; what it raises ends the copy."""


def copy_database(path: Path, to: Path, progress: Progress) -> None:
    """A database in use to a new file without companions; commits go on meanwhile and are not in it.

    The whole file is looked through first: a copy of a damaged file is none. ``to`` may be on a share.
    What is left of ``to`` after an error is the caller's.

    Raises:
        Damaged: the file is no sound database.
        StoreError: it cannot be read, or ``to`` cannot be written.
    """
    to.touch()
    source = open_read_only(path)
    try:
        with named(path):
            # One read transaction for all: without it every commit would make the copy begin anew.
            source.execute("BEGIN")
        found = quick_check(source, path, progress)
        if found:
            raise Damaged(f"{path} cannot be used ({found}); {DAMAGE}")
        _copy_pages(source, path, to, progress)
    finally:
        close_quietly(source)
    flush(to)


def quick_check(connection: Any, path: Path, progress: Progress, kind: str = "quick_check") -> str:
    """What SQLite finds wrong with a whole file, "" = nothing. ``progress`` is called with 0 now and then.

    ``kind`` integrity_check also compares the indexes with what they point at.

    Raises:
        Damaged, StoreError: it finds nothing at all, because the file cannot be read.
    """
    ended: list[BaseException] = []

    def step() -> int:
        try:
            progress(0)
        except BaseException as reason:  # handed on below; SQLite would only print it
            ended.append(reason)
        return len(ended)

    connection.set_progress_handler(step, STEPS)
    try:
        with named(path):
            found = str(connection.execute(f"PRAGMA {kind}(1)").fetchone()[0])
    except StoreError:
        if ended:
            raise ended[0] from None
        raise
    finally:
        connection.set_progress_handler(None, 0)
    return "" if found == "ok" else found.splitlines()[-1]


def _copy_pages(source: Any, path: Path, to: Path, progress: Progress) -> None:
    # No locks and no journal: nobody else has this file, and a share may have neither.
    target = sqlite3.connect(f"{to.resolve().as_uri()}?nolock=1", uri=True, isolation_level=None)
    try:
        with named(path):
            target.execute("PRAGMA journal_mode=OFF")
            target.execute("PRAGMA synchronous=OFF")
            page = source.execute("PRAGMA page_size").fetchone()[0]
            left, dirty = None, 0

            def step(_status: int, remaining: int, total: int) -> None:
                nonlocal left, dirty
                copied = ((total if left is None else left) - remaining) * page
                left, dirty = remaining, dirty + copied
                if dirty >= FLUSH_BYTES:
                    flush(to)
                    dirty = 0
                progress(copied)

            source.backup(target, pages=PAGES, progress=step)
    except StoreError as error:
        if code(error.__cause__ or error) == FULL:
            raise StoreError(f"{to.parent} has no room for a copy of {path.name}; {ADVICE[FULL]}") from error
        raise
    finally:
        close_quietly(target)


def copy_file(path: Path, to: Path, progress: Progress) -> None:
    """A plain file to a new one, on disk when this returns.

    Raises:
        OSError: it cannot be read, or ``to`` not be written.
    """
    with path.open("rb") as source, to.open("xb") as target:
        while piece := source.read(1 << 20):
            target.write(piece)
            progress(len(piece))
        target.flush()
        os.fsync(target.fileno())


def sha256(path: Path) -> str:
    """SHA-256 of a file's content in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp(path: Path) -> str:
    """Same stamp = same content; "" where only a new copy can tell."""
    wal = path.with_name(f"{path.name}-wal")
    with contextlib.suppress(FileNotFoundError):
        if wal.stat().st_size:
            return ""  # changes wait there that the file itself does not show
    facts = path.stat()
    return f"{facts.st_size}-{facts.st_mtime_ns}"


def flush(path: Path) -> None:
    """Wait until a file's content is on its disk.

    Raises:
        StoreError: the disk refuses.
    """
    try:
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}); check the disk") from error
