"""Looking through a segment for damage, and reading as much of a damaged one as can be read."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.store.codec import checksum, unpack
from engine.store.database import Damaged, close_quietly, named, open_read_only, sqlite3
from engine.store.snapshot import quick_check

Watch = Callable[[float], bool]
"""Told the share that is done, 0 to 1; it may wait there. False = stop."""
ROWS = 256
"""Rows that are read at once."""
COLUMNS = (
    "tag, first_us, chunk, last_us, origin, n, received, low, high, times_id, codec, crc, "
    "value, quality, dropped, coarse"
)
READ = (sqlite3.Error, ValueError, OverflowError, TypeError)
"""What reading a row of a damaged file can end in."""
Row = tuple[Any, ...]
Key = tuple[int, int, int]
"""tag, first_us, chunk: what a chunk is known by."""


class Stopped(Exception):
    """The watch wanted no more of it."""


def look(path: Path, watch: Watch) -> str:
    """What is wrong with a segment, in words; "" = every page and every sample is as it was written.

    Raises:
        StoreError: it cannot be read for another reason than damage.
        Stopped.
    """
    try:
        connection = open_read_only(path)
    except Damaged as error:
        return str(error)
    try:
        found = quick_check(connection, path, step_of(watch, 0.0), "integrity_check")
        return f"{path} cannot be used ({found})" if found else _look_at_rows(connection, path, watch)
    except Damaged as error:
        return str(error)
    finally:
        close_quietly(connection)


def look_at_pages(path: Path, watch: Watch) -> str:
    """The same for any database, as far as SQLite itself can tell."""
    try:
        connection = open_read_only(path)
    except Damaged as error:
        return str(error)
    try:
        found = quick_check(connection, path, step_of(watch, 0.0))
        return f"{path} cannot be used ({found})" if found else ""
    except Damaged as error:
        return str(error)
    finally:
        close_quietly(connection)


def _look_at_rows(connection: Any, path: Path, watch: Watch) -> str:
    source = SegmentRows(connection)
    count = "SELECT count(*) FROM chunks NOT INDEXED WHERE rowid BETWEEN ? AND ?"
    with named(path):
        last = connection.execute("SELECT coalesce(max(rowid), 0) FROM chunks").fetchone()[0]
        for first in range(1, last + 1, ROWS):
            step_of(watch, first / last)(0)
            good = sum(source.is_good(row) for row in source.rows(first, first + ROWS))
            if good != connection.execute(count, (first, first + ROWS - 1)).fetchone()[0]:
                return f"{path} holds samples that were changed on the disk"
    return ""


class SegmentRows:
    """The rows of a segment, as far as they can be read."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._times: dict[int, tuple[int, int, int] | None] = {}

    def last(self) -> int:
        """The highest row there may be."""
        found = [0]
        for query in ("SELECT max(rowid) FROM chunks NOT INDEXED", "SELECT max(rowid) FROM chunks"):
            with contextlib.suppress(*READ):
                found.append(self._connection.execute(query).fetchone()[0] or 0)
        return max(found)

    def rows(self, first: int, end: int) -> Iterator[Row]:
        """Rows first to end - 1; those that cannot be read are left out."""
        query = f"SELECT {COLUMNS} FROM chunks NOT INDEXED WHERE rowid BETWEEN ? AND ?"
        try:
            yield from self._connection.execute(query, (first, end - 1)).fetchall()
        except READ:
            for k in range(first, end):
                with contextlib.suppress(*READ):
                    yield from self._connection.execute(query, (k, k)).fetchall()

    def is_good(self, row: Row) -> bool:
        """Whether a chunk is as it was written: every blob, and every number beside them."""
        tag, first_us, _chunk, last_us, origin, n, received, low, high, times_id, codec, crc = row[:12]
        try:
            if checksum(*row[12:]) != crc or self._span(times_id) != (n, first_us, last_us) or tag < 0:
                return False
            value = unpack(row[12], np.float64, n, codec)
            if row[13] is not None:
                value = value[(unpack(row[13], np.uint32, n, codec) & np.uint32(0x80000000)) == 0]
            dropped = 0 if row[14] is None else int(unpack(row[14], np.uint32, n, codec).sum())
        except (Damaged, *READ):
            return False
        smallest, largest = np.fmin.reduce(value, initial=np.nan), np.fmax.reduce(value, initial=np.nan)
        given = [np.nan if each is None else each for each in (low, high)]
        same = np.array_equal([smallest, largest], given, equal_nan=True)
        return same and received == n + dropped and 0 <= origin <= 3

    def _span(self, times_id: int) -> tuple[int, int, int] | None:
        """Number, first and last of the times that chunks share; None where they are not good."""
        if times_id not in self._times:
            self._times[times_id] = None
            row = self.times(times_id)
            if row and checksum(row[3], row[4]) == row[2]:
                source = unpack(row[3], np.int64, row[0], row[1])
                unpack(row[4], np.int64, row[0], row[1])
                if len(source):
                    self._times[times_id] = row[0], int(source[0]), int(source[-1])
        return self._times[times_id]

    def times(self, times_id: int) -> Row | None:
        """The row of times with this number, as it is."""
        query = "SELECT n, codec, crc, source, receive FROM times WHERE times_id = ?"
        return self._connection.execute(query, (times_id,)).fetchone()

    def listed(self) -> tuple[list[Key], bool]:
        """What the index says there is, from both ends up to the damage; False = not all of it."""
        found: dict[Key, None] = {}
        for order in ("", " DESC"):
            index = "chunks INDEXED BY sqlite_autoindex_chunks_1"
            order_by = f"tag{order}, first_us{order}, chunk{order}"
            query = f"SELECT tag, first_us, chunk FROM {index} ORDER BY {order_by}"
            with contextlib.suppress(*READ):
                for row in self._connection.execute(query):
                    found[row] = None
                return sorted(found), not order
        return sorted(found), False

    def rest(self) -> tuple[list[tuple[int, str]], int]:
        """The texts, and up to which frame the segment goes; as far as they can be read."""
        texts: list[tuple[int, str]] = []
        upto = 0
        with contextlib.suppress(*READ):
            for row in self._connection.execute("SELECT code, text FROM texts"):
                texts.append(row)
        with contextlib.suppress(*READ):
            row = self._connection.execute("SELECT number FROM facts WHERE name = 'upto'").fetchone()
            upto = int(row[0]) if row else 0
        return texts, upto


def step_of(watch: Watch, share: float) -> Callable[[int], None]:
    """A step of work at this share; raises Stopped where the watch says so."""

    def step(_: int) -> None:
        if not watch(share):
            raise Stopped

    return step
