"""PROJECT/data/security.db: people, rights, failures and break-glass codes.

Each is one row of JSON. A committed row survives a power cut; a person's row is never deleted, so that no
name is ever given to another (21 CFR 11.100). A lost file is refused, not begun anew: else whoever deletes it
would be the first administrator.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.paths import replace_file
from engine.security.break_glass import Seal
from engine.security.delays import Tries
from engine.security.people import Kept, key_of
from engine.store.database import StoreError, close_quietly, named, open_database
from engine.typed import from_json
from engine.types.people import Right

APPLICATION_ID, FORMAT = 0x57525045, 1
PRIVATE = 0o600
"""SQLite application_id "WRPE"; the format of the rows; who may read the file."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS people (key TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tries (login TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seals (number INTEGER PRIMARY KEY, row TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS people_stay BEFORE DELETE ON people
    BEGIN SELECT RAISE(ABORT, 'a person is disabled, never deleted'); END;
CREATE TRIGGER IF NOT EXISTS names_stay BEFORE UPDATE OF key ON people
    BEGIN SELECT RAISE(ABORT, 'a name is never given to another'); END;
"""
UPSERT = {
    "people": "INSERT INTO people VALUES (?, ?) ON CONFLICT DO UPDATE SET row = excluded.row",
    "tries": "INSERT INTO tries VALUES (?, ?) ON CONFLICT DO UPDATE SET row = excluded.row",
    "seals": "INSERT INTO seals VALUES (?, ?) ON CONFLICT DO UPDATE SET row = excluded.row",
    "facts": "INSERT INTO facts VALUES (?, ?) ON CONFLICT DO UPDATE SET row = excluded.row",
}
RESTORE = "restore data/security.db from a backup"
T = TypeVar("T")
Row = tuple[str, str | int, object]
"""Table, key, and what is to stand there."""


class SecurityFile:
    """The file; any thread, one at a time.

    Raises:
        StoreError: it cannot be used, or is gone; the text says what to do.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._mark = path, path.with_name(f"{path.name}.begun")
        self._lock = threading.Lock()
        if path.parent.is_dir():
            path.touch(mode=PRIVATE)
            path.chmod(PRIVATE)  # it holds hashes; SQLite gives the files beside it the same rights
        self._connection: Any = open_database(path)
        try:
            with named(path):
                self._require_ours()
                self._connection.executescript(SCHEMA)
                self._connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
                self._connection.execute(f"PRAGMA user_version={FORMAT}")
            if self._mark.exists() and not self.people():
                raise StoreError(f"{path} holds nobody although people were made here; {RESTORE}")
        except StoreError:
            self.close()
            raise

    def _require_ours(self) -> None:
        mark = self._connection.execute("PRAGMA application_id").fetchone()[0]
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if mark not in (0, APPLICATION_ID):
            raise StoreError(f"{self._path} holds something else than people; {RESTORE}")
        if version > FORMAT:
            raise StoreError(f"{self._path} was written by a newer version of this program: use that one")

    def people(self) -> dict[str, Kept]:
        """Everybody, by key."""
        return dict(self._rows("people", Kept))

    def tries(self) -> dict[str, Tries]:
        """Failures in a row, by login."""
        return dict(self._rows("tries", Tries))

    def seals(self) -> list[Seal]:
        """Break-glass codes, the oldest first."""
        return [seal for _, seal in self._rows("seals", Seal)]

    def rights(self) -> tuple[Right, ...] | None:
        """The table of rights as it was edited, None = never."""
        found = dict(self._rows("facts", msgspec.Raw))
        return from_json(found["rights"], tuple[Right, ...]) if "rights" in found else None

    def salt(self, fresh: bytes) -> bytes:
        """What the digests of badges are made with: ``fresh`` the first time, and ever the same."""
        found = dict(self._rows("facts", msgspec.Raw))
        if "salt" not in found:
            self.save([("facts", "salt", fresh.hex())])
            return fresh
        return bytes.fromhex(from_json(found["salt"], str))

    def fact(self, name: str, kind: type[T]) -> T | None:
        """Something small that is kept beside the people, None = it never was."""
        found = dict(self._rows("facts", msgspec.Raw))
        try:
            return from_json(found[name], kind) if name in found else None
        except msgspec.MsgspecError as error:
            raise StoreError(f"{self._path} cannot be read ({error}); {RESTORE}") from error

    def _rows(self, table: str, kind: type[T]) -> list[tuple[Any, T]]:
        with named(self._path), self._lock:
            found = self._connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
        try:
            return [(key, from_json(row, kind)) for key, row in found]
        except msgspec.DecodeError as error:
            raise StoreError(f"{self._path} cannot be read ({error}); {RESTORE}") from error

    def save(self, rows: Iterable[Row]) -> None:
        """Put rows on disk, all or none of them.

        Raises:
            StoreError: the file cannot be written.
        """
        encoded = [(table, key, msgspec.json.encode(what).decode()) for table, key, what in rows]
        with named(self._path), self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for table, key, text in encoded:
                    self._connection.execute(UPSERT[table], (key, text))
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.rollback()
                raise
        if not self._mark.exists() and any(table == "people" for table, *_ in encoded):
            replace_file(self._mark, b"people were made here\n")

    def close(self) -> None:
        """Everything is on disk already; give the connection back."""
        with self._lock:
            close_quietly(self._connection)


def people_rows(people: Iterable[Kept]) -> list[Row]:
    """What `SecurityFile.save` takes, for these persons."""
    return [("people", key_of(kept.person.name), kept) for kept in people]


def tries_rows(tries: Mapping[str, Tries]) -> list[Row]:
    """What `SecurityFile.save` takes, for these counts by login."""
    return [("tries", login, each) for login, each in tries.items()]
