"""Opening SQLite safely: one library, durable settings, no network disks, no damaged file."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import psutil
import pysqlite3

sqlite3: Any = pysqlite3
"""The one SQLite of this process. The package ships no types."""
SAFE_VERSION = (3, 51, 3)
"""Older versions can corrupt a WAL file when two connections reset it at once (SQLite 3.51.3 notes)."""
NETWORK_DISKS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "sshfs", "fuse.sshfs", "9p", "afs", "ncpfs"}
BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB = 5, 6, 8, 10, 11, 13, 14, 26
"""Primary result codes, https://sqlite.org/rescode.html."""
PASSING = {BUSY, LOCKED, FULL}
"""Refusals after which the same open file may be used again."""
REACH = "check that the folder exists and that it may be written"
DAMAGE = "restore it from a backup, or move it away and start again"
ADVICE = {
    BUSY: "close the other program that has it open",
    LOCKED: "close the other program that has it open",
    READONLY: REACH,
    IOERR: "check the disk, it reports faults",
    FULL: "free some space on the disk",
    CANTOPEN: REACH,
}

REPLACING = threading.Lock()
"""Held where a file takes the place of another of its name, and where one is opened for reading: between
the two names of a database and its WAL, a reader would get those of two different files, and see nothing
of what is written later for as long as it has them open."""


class StoreError(Exception):
    """The project's own files cannot be used; the text says which and what to do."""


class Damaged(StoreError):
    """The file is there and can be read, but what it holds is not a sound database."""


def code(error: BaseException) -> int:
    """Primary result code of an SQLite error, 0 when it carries none."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


@contextlib.contextmanager
def named(path: Path) -> Generator[None]:
    """Turns any SQLite error inside into a StoreError (Damaged where it is) that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        kind = Damaged if code(error) in (CORRUPT, NOTADB) else StoreError
        todo = ADVICE.get(code(error), DAMAGE)
        raise kind(f"{path} cannot be used ({error}); {todo}") from error


def open_database(path: Path, *, check: bool = True) -> Any:
    """A DB-API 2.0 connection with WAL and synchronous=FULL: a committed row survives a power cut.

    ``check`` looks through the whole file first; large files are looked through in the background.

    Raises:
        Damaged: the file is no database, or its pages do not fit together.
        StoreError: SQLite is too old, the disk is a network disk, or the file cannot be opened.
    """
    _require_safe_version()
    kind = disk_kind(path)
    if kind in NETWORK_DISKS:
        raise StoreError(f"{path.parent} is on a network disk ({kind}); keep the project on a local disk")
    with named(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        with named(path):
            connection.execute("PRAGMA busy_timeout=500")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0] if check else "ok"
        if found != "ok":
            what = str(found).splitlines()[-1]  # the first line only names the schema
            raise Damaged(f"{path} cannot be used ({what}); {DAMAGE}")
    except StoreError:
        close_quietly(connection)
        raise
    return connection


def close_quietly(connection: Any) -> None:
    """Close; a disk that refuses the last checkpoint changes nothing, the WAL file keeps it."""
    with contextlib.suppress(sqlite3.Error):
        connection.close()


def open_read_only(path: Path) -> Any:
    """A DB-API 2.0 connection that can only read; one file may have many, one thread each.

    Raises:
        Damaged: the file is no database.
        StoreError: SQLite is too old, or the file cannot be opened.
    """
    _require_safe_version()
    with REPLACING:
        with named(path):
            connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
            )
        try:
            with named(path):
                connection.execute("PRAGMA busy_timeout=500")
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except StoreError:
            close_quietly(connection)
            raise
    return connection


def _require_safe_version() -> None:
    if sqlite3.sqlite_version_info < SAFE_VERSION:
        raise StoreError(
            f"SQLite {sqlite3.sqlite_version} can damage files; {'.'.join(map(str, SAFE_VERSION))} or newer "
            "is needed. Run the set-up again."
        )


def disk_kind(path: Path) -> str:
    """Name of the file system that holds ``path``, "" when unknown."""
    try:
        mounts = psutil.disk_partitions(all=True)
    except OSError:
        return ""
    here = path.resolve()
    holding = [m for m in mounts if here.is_relative_to(m.mountpoint)]
    return max(holding, key=lambda m: len(m.mountpoint)).fstype if holding else ""
