"""What control remembers: PROJECT/data/control.db.

A file that is damaged, newer or half gone is never begun anew by itself: work tags would be lost, and people
rely on them. It is told in words (``trouble``), nothing is kept or changed any more, and so nothing is
written to the plant; whoever only looks is not disturbed.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.control.handshake import next_number
from engine.store.database import (
    PASSING,
    Damaged,
    StoreError,
    close_quietly,
    code,
    named,
    open_database,
    sqlite3,
)
from engine.typed import unpack
from engine.types import RecordEntry, SetInfo, StageState, WorkTag, Write

APPLICATION_ID = 0x57524354
"""``WRCT`` in the header of the file (PRAGMA application_id)."""
FORMAT = 1
PRIVATE = 0o600
TABLES = {"stage", "work_tags", "areas", "sets", "writes", "intents"}
NUMBERS = """CREATE TABLE IF NOT EXISTS numbers (
    handshake TEXT PRIMARY KEY, number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;"""
"""The last number given to each handshake. An older file gets the table when it is opened."""
SCHEMA = f"""
CREATE TABLE stage (one INTEGER PRIMARY KEY CHECK (one = 1), body BLOB NOT NULL) STRICT;
CREATE TABLE work_tags (
    asset TEXT NOT NULL, owner TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (asset, owner)
) STRICT, WITHOUT ROWID;
CREATE TABLE areas (area TEXT PRIMARY KEY, station TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE sets (
    set_id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, scope TEXT NOT NULL, by TEXT NOT NULL,
    saved_us INTEGER NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
{NUMBERS}
CREATE TABLE writes (write_id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE intents (
    intent_id INTEGER PRIMARY KEY AUTOINCREMENT, is_safe INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
PRAGMA application_id={APPLICATION_ID};
PRAGMA user_version={FORMAT};
"""
ADVICE = (
    "restore it from a backup. Only if there is none, move it away: the project is then at the stage "
    '"look" and has no work tags'
)
T = TypeVar("T")


class KeptStage(msgspec.Struct, frozen=True):
    """The stage, and the checklist that was answered when it was raised."""

    state: StageState
    checklist: tuple[str, ...] = ()


class Intent(msgspec.Struct, frozen=True):
    """A change that was begun: its entry may be in the ledger, and it does not count yet.

    ``is_safe`` = it only forbids things, so it may count without its person being asked again.
    """

    id: int
    is_safe: bool
    entry: RecordEntry


class ControlStore:
    """The file; any thread, one at a time. Every change is on disk when its call returns.

    ``trouble`` = why it cannot be used, "" = it can. With trouble, what is read is empty and every change
    raises StoreError. ``is_new`` = there was no such file, so that it was begun.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self.trouble, self.is_new = "", not path.exists()
        self._connection: Any = None
        try:
            self._connection = _open(path)
            for read in (self.stage, self.work_tags, self.areas, self.sets, self.all, self.unfinished):
                read()
        except (StoreError, OSError) as error:
            self.trouble = self.trouble or str(error)
            if self._connection is not None:
                close_quietly(self._connection)

    def stage(self) -> KeptStage | None:
        """The stage, None = none was ever set."""
        found = self._bodies("SELECT body FROM stage", KeptStage)
        return found[0] if found else None

    def set_stage(self, kept: KeptStage, intent: int = 0) -> None:
        """Keep the stage; the ``intent`` is done with it."""
        with self._change(intent) as connection:
            connection.execute("INSERT OR REPLACE INTO stage VALUES (1, ?)", (packed(kept),))

    def work_tags(self) -> list[WorkTag]:
        """All work tags that are on, in the order of their assets and owners."""
        return self._bodies("SELECT body FROM work_tags ORDER BY asset, owner", WorkTag)

    def put_work_tag(self, tag: WorkTag, intent: int = 0) -> None:
        """Keep a work tag in the place of its owner's earlier one on the same asset."""
        with self._change(intent) as connection:
            row = tag.asset, tag.by.casefold(), packed(tag)
            connection.execute("INSERT OR REPLACE INTO work_tags VALUES (?, ?, ?)", row)

    def drop_work_tag(self, tag: WorkTag, intent: int = 0) -> None:
        """Keep a work tag no longer."""
        with self._change(intent) as connection:
            row = tag.asset, tag.by.casefold()
            connection.execute("DELETE FROM work_tags WHERE asset = ? AND owner = ?", row)

    def areas(self) -> dict[str, str]:
        """Every area that was ever taken and the station that holds it, "" = none does now."""
        return dict(self._rows("SELECT area, station FROM areas ORDER BY area"))

    def set_area(self, area: str, station: str, intent: int = 0) -> None:
        """Keep who holds an area."""
        with self._change(intent) as connection:
            connection.execute("INSERT OR REPLACE INTO areas VALUES (?, ?)", (area, station))

    def add_set(self, info: SetInfo, body: bytes, intent: int = 0) -> int:
        """Keep a set of setpoints under a new number, which is returned, whatever number it has."""
        row = info.name, info.scope, info.by, info.saved_us, info.size, body
        with self._change(intent) as connection:
            query = "INSERT INTO sets (name, scope, by, saved_us, size, body) VALUES (?, ?, ?, ?, ?, ?)"
            return connection.execute(query, row).lastrowid

    def drop_set(self, set_id: int, intent: int = 0) -> None:
        """Keep a set no longer; its number is never given again."""
        with self._change(intent) as connection:
            connection.execute("DELETE FROM sets WHERE set_id = ?", (set_id,))

    def sets(self) -> list[SetInfo]:
        """All sets, the newest first."""
        query = "SELECT set_id, name, scope, by, saved_us, size FROM sets ORDER BY set_id DESC"
        return [SetInfo(*row) for row in self._rows(query)]

    def set_body(self, set_id: int) -> tuple[SetInfo, bytes] | None:
        """A set and its values as they were kept; None = there is none such."""
        query = "SELECT set_id, name, scope, by, saved_us, size, body FROM sets WHERE set_id = ?"
        found = self._rows(query, (set_id,))
        return (SetInfo(*found[0][:6]), found[0][6]) if found else None

    async def save(self, write: Write) -> None:
        """Keep a write as it is now, one that is closed no longer (`engine.control.keep.Keep`)."""
        await asyncio.to_thread(self.save_now, write)

    def save_now(self, write: Write) -> None:
        """The same in the caller's thread, which waits for the disk."""
        with self._change() as connection:
            if write.step == "closed":
                connection.execute("DELETE FROM writes WHERE write_id = ?", (write.id,))
            else:
                connection.execute("INSERT OR REPLACE INTO writes VALUES (?, ?)", (write.id, packed(write)))

    async def number(self, handshake: str, used: Iterable[int]) -> int:
        """A new number for a handshake (`engine.control.keep.Keep`)."""
        return await asyncio.to_thread(self.number_now, handshake, used)

    def number_now(self, handshake: str, used: Iterable[int]) -> int:
        """The same in the caller's thread, which waits for the disk."""
        with self._change() as connection:
            query = "SELECT number FROM numbers WHERE handshake = ?"
            kept = [row[0] for row in connection.execute(query, (handshake,))]
            number = next_number((*kept, *used))
            connection.execute("INSERT OR REPLACE INTO numbers VALUES (?, ?)", (handshake, number))
        return number

    def all(self) -> Sequence[Write]:
        """All writes that are kept, the oldest first (`engine.control.keep.Keep`)."""
        found = self._bodies("SELECT body FROM writes", Write)
        return sorted(found, key=lambda write: (write.proposed_us, write.id))

    def intend(self, entry: RecordEntry, *, is_safe: bool) -> int:
        """Keep that this is about to be put on record and then done; its number."""
        with self._change() as connection:
            query = "INSERT INTO intents (is_safe, body) VALUES (?, ?)"
            return connection.execute(query, (is_safe, packed(entry))).lastrowid

    def drop_intent(self, intent: int) -> None:
        """It was not done, or what it became is on record."""
        with self._change(intent):
            pass

    def unfinished(self) -> list[Intent]:
        """What was begun and is not known to have ended, in that order."""
        rows = self._rows("SELECT intent_id, is_safe, body FROM intents ORDER BY intent_id")
        return [Intent(id, bool(safe), self._unpacked(body, RecordEntry)) for id, safe, body in rows]

    def close(self) -> None:
        """Everything is on disk already; give the connection back."""
        with self._lock:
            if self._connection is not None:
                close_quietly(self._connection)
                self._connection = None
            self.trouble = self.trouble or f"{self._path} is closed; the engine stops"

    @contextlib.contextmanager
    def _change(self, intent: int = 0) -> Generator[Any]:
        """One commit; the ``intent`` is gone with it."""
        with self._lock, self._watched(), named(self._path):
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                if intent:
                    connection.execute("DELETE FROM intents WHERE intent_id = ?", (intent,))
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _watched(self) -> Generator[None]:
        """After a fault of the disk the open file is not used again: a second try may only seem to work."""
        if self.trouble:
            raise StoreError(self.trouble)
        try:
            yield
        except StoreError as error:
            cause = error.__cause__
            if cause is None or code(cause) not in PASSING:
                self.trouble = str(error)
                close_quietly(self._connection)
            raise

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        if self.trouble:
            return []
        with self._lock, self._watched(), named(self._path):
            return self._connection.execute(query, values).fetchall()

    def _bodies(self, query: str, kind: type[T]) -> list[T]:
        return [self._unpacked(body, kind) for (body,) in self._rows(query)]

    def _unpacked(self, body: bytes, kind: type[T]) -> T:
        try:
            return unpacked(body, kind)
        except msgspec.MsgspecError as error:
            self.trouble = f"{self._path} holds something that is no {kind.__name__} ({error}); {ADVICE}"
            raise Damaged(self.trouble) from error


def packed(value: object) -> bytes:
    """As it is kept: MessagePack, which carries every number as it is."""
    return msgspec.msgpack.encode(value)


def unpacked(body: bytes, kind: type[T]) -> T:
    """What `packed` made.

    Raises:
        msgspec.MsgspecError: it is something else.
    """
    return unpack(body, kind)


def _open(path: Path) -> Any:
    """A connection to the file, which is made where there was none.

    Raises:
        StoreError, OSError: it cannot be used; the text says what to do.
    """
    if not path.exists():
        _begin(path)
    elif path.stat().st_size == 0:
        raise Damaged(f"{path} is empty; {ADVICE}")
    try:
        connection = open_database(path)
    except (Damaged, UnicodeDecodeError) as error:
        # The library cannot read out an error message of SQLite that quotes damaged text.
        raise Damaged(f"{path} is damaged ({error}); {ADVICE}") from error
    try:
        _require_ours(path, connection)
        with named(path):
            connection.executescript(NUMBERS)
    except (StoreError, UnicodeDecodeError) as error:
        close_quietly(connection)
        raise error if isinstance(error, StoreError) else Damaged(f"{path} is damaged; {ADVICE}") from error
    return connection


def _begin(path: Path) -> None:
    """A new file, made whole before it gets its name: one that is empty was cut, never begun."""
    for companion in ("-wal", "-journal"):
        left = path.with_name(path.name + companion)
        if left.exists() and left.stat().st_size:
            raise Damaged(f"{path} is gone, and {left.name} beside it is not; {ADVICE}")
    fresh = path.with_name(f"{path.name}.new")
    for companion in ("", "-wal", "-shm", "-journal"):
        fresh.with_name(fresh.name + companion).unlink(missing_ok=True)
    connection = open_database(fresh)
    try:
        with named(fresh):
            connection.executescript(SCHEMA)
    finally:
        close_quietly(connection)
    fresh.chmod(PRIVATE)
    fresh.replace(path)


def _require_ours(path: Path, connection: Any) -> None:
    with named(path):
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    if mark != APPLICATION_ID or not {name for (name,) in names} >= TABLES:
        raise Damaged(f"{path} is no file of ours, or parts of it are gone; {ADVICE}")
    if version != FORMAT:
        raise StoreError(f"{path} has format {version}; this Watchroom knows {FORMAT}. Use a newer Watchroom")
