"""The file of a ledger: its tables, and how it is opened.

``entries`` holds the lines and their leaf hashes, ``nodes`` the hashes over complete subtrees (level 1 and
up), ``checkpoints`` a signed note for every commit, ``cosignatures`` what others signed below them,
``disclosures`` the hidden fields. Triggers refuse every change and removal: a seat belt against mistakes.
What proves the content are the hashes and signatures.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.ledger.errors import LedgerDamaged, LedgerError, NoLedger
from engine.store.database import (
    Damaged,
    StoreError,
    close_quietly,
    named,
    open_database,
    open_read_only,
)

APPLICATION_ID = 0x57524C47
"""``WRLG`` in the header of the file (PRAGMA application_id)."""
FORMAT = 1
PRIVATE = 0o600
TABLES = ("entries", "nodes", "checkpoints", "cosignatures", "disclosures")
SCHEMA = """
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    line TEXT NOT NULL,
    leaf_hash BLOB NOT NULL,
    type TEXT NOT NULL GENERATED ALWAYS AS (line ->> '$.type') VIRTUAL,
    time_us INTEGER NOT NULL GENERATED ALWAYS AS (line ->> '$.time_us') VIRTUAL
) STRICT;
CREATE INDEX entries_of_type ON entries (type);
CREATE INDEX entries_of_time ON entries (time_us);
CREATE TABLE nodes (
    level INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE cosignatures (
    size INTEGER NOT NULL, cosigner TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY (size, cosigner)
) STRICT, WITHOUT ROWID;
CREATE TABLE disclosures (
    seq INTEGER NOT NULL, disclosure TEXT NOT NULL, PRIMARY KEY (seq, disclosure)
) STRICT, WITHOUT ROWID;
"""
GUARDS = tuple(
    f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, 'the ledger only grows: {table} takes no {what.lower()}'); END;"
    for table in TABLES
    for what in ("UPDATE", "DELETE")
)
RESTORE = "restore the ledger from a backup; it is not begun anew, so that nobody can lose it on purpose"


def create(path: Path) -> Any:
    """A connection to a file with empty tables. The file may be there if nothing was ever written to it.

    Raises:
        LedgerError: the file holds something, or cannot be written.
    """
    with suppress(OSError):  # opening it says what is wrong
        path.touch(mode=PRIVATE)  # SQLite gives the files beside it the same rights
    try:
        connection = open_database(path)
    except Damaged as error:
        raise LedgerDamaged(f"{error}; {RESTORE}") from error
    except StoreError as error:
        raise LedgerError(str(error)) from error
    try:
        with named(path):
            found = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if found:
                raise LedgerError(f"{path} holds a ledger already, or something else")
    except (StoreError, LedgerError) as error:
        close_quietly(connection)
        raise error if isinstance(error, LedgerError) else LedgerError(str(error)) from error
    return connection


def lay_out(connection: Any) -> None:
    """The tables, inside the caller's transaction: they come to be together with the first entry."""
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    for guard in GUARDS:
        connection.execute(guard)
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={FORMAT}")


def open_ledger(path: Path, *, writing: bool, check: bool = True) -> Any:
    """A connection to a ledger that was begun; ``check`` looks through all its pages when writing.

    Raises:
        NoLedger: there is no file, or one to which nothing was ever written.
        LedgerDamaged: it is no sound database, or not that of a ledger.
        LedgerError: it cannot be opened.
    """
    if not path.exists():
        raise NoLedger(f"there is no ledger at {path}")
    if path.stat().st_size == 0 and not path.with_name(f"{path.name}-wal").exists():
        raise LedgerDamaged(f"{path} is empty; {RESTORE}")
    try:
        connection = open_database(path, check=check) if writing else open_read_only(path)
    except (Damaged, UnicodeDecodeError) as error:
        # The library cannot read out an error message of SQLite that quotes damaged text.
        raise LedgerDamaged(f"{path} is damaged ({error}); {RESTORE}") from error
    except StoreError as error:
        raise LedgerError(str(error)) from error
    try:
        with named(path):
            _require_ours(path, connection)
    except (StoreError, LedgerError, UnicodeDecodeError) as error:
        close_quietly(connection)
        raise (
            error
            if isinstance(error, LedgerError)
            else LedgerDamaged(f"{path} is damaged ({error}); {RESTORE}")
        ) from error
    return connection


def missing_parts(connection: Any) -> list[str]:
    """Names of tables and guards that the file lacks, or has otherwise than they were made."""
    found = {name: str(sql) for name, sql in connection.execute("SELECT name, sql FROM sqlite_master")}
    guards = {guard.split()[2]: guard.rstrip(";") for guard in GUARDS}
    return [table for table in TABLES if table not in found] + [
        name for name, sql in guards.items() if found.get(name, "").rstrip(";") != sql
    ]


def _require_ours(path: Path, connection: Any) -> None:
    mark = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        raise NoLedger(f"{path} is a file to which no ledger was ever written")
    if mark != APPLICATION_ID or not tables >= set(TABLES):
        raise LedgerDamaged(f"{path} is no ledger, or parts of it are gone; {RESTORE}")
    if version != FORMAT:
        raise LedgerError(
            f"{path} has format {version}; this Watchroom knows {FORMAT}. Use a newer Watchroom"
        )
