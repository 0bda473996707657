"""Opening SQLite safely: one library, durable settings, no network disks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
import pysqlite3

sqlite3: Any = pysqlite3
"""The one SQLite of this process. The package ships no types."""
SAFE_VERSION = (3, 51, 3)
"""Older versions can corrupt a WAL file when two connections reset it at once (SQLite 3.51.3 notes)."""
NETWORK_DISKS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "sshfs", "fuse.sshfs", "9p", "afs", "ncpfs"}


class StoreError(Exception):
    """The project's own files cannot be used; the text says which and what to do."""


def open_database(path: Path) -> Any:
    """A DB-API 2.0 connection with WAL and synchronous=FULL: a committed row survives a power cut.

    Raises:
        StoreError: SQLite is too old, the disk is a network disk, or the file is damaged.
    """
    if sqlite3.sqlite_version_info < SAFE_VERSION:
        raise StoreError(
            f"SQLite {sqlite3.sqlite_version} can damage files; {'.'.join(map(str, SAFE_VERSION))} or newer "
            "is needed. Run the set-up again."
        )
    kind = disk_kind(path)
    if kind in NETWORK_DISKS:
        raise StoreError(f"{path.parent} is on a network disk ({kind}); keep the project on a local disk")
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA busy_timeout=2000")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StoreError(f"{path} cannot be used ({error}); move it away and start again") from error
    return connection


def disk_kind(path: Path) -> str:
    """Name of the file system that holds ``path``, "" when unknown."""
    try:
        mounts = psutil.disk_partitions(all=True)
    except OSError:
        return ""
    here = path.resolve()
    holding = [m for m in mounts if here.is_relative_to(m.mountpoint)]
    return max(holding, key=lambda m: len(m.mountpoint)).fstype if holding else ""
