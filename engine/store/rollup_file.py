"""Roll-ups of one month in one SQLite file, and which hours of it have to be rolled up again.

A block is an hour of steps of 1 s or 60 s, or a day of steps of 3600 s, of one tag. Everything in here
can be made again from the samples, as long as those are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.store.codec import PCODEC, ZLIB, checksum, pack, unpack
from engine.store.database import Damaged, StoreError, close_quietly, named, open_database, sqlite3
from engine.types import Origin, Rollup

SECONDS, MINUTES, HOURS = 1, 60, 3600
"""Steps that are kept, in seconds."""
BLOCK_US = {SECONDS: 3_600_000_000, MINUTES: 3_600_000_000, HOURS: 86_400_000_000}
"""Length of a block by its step."""
HOUR_US = BLOCK_US[MINUTES]
FINE = float(2**24 - 1)
"""A mean is kept as its place between low and high in this many parts: finer than a float32."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS blocks (
    step INTEGER NOT NULL, tag INTEGER NOT NULL, block_us INTEGER NOT NULL, whole INTEGER NOT NULL,
    codec INTEGER NOT NULL, crc INTEGER NOT NULL, low BLOB NOT NULL, high BLOB, mean BLOB,
    received BLOB NOT NULL, good BLOB, PRIMARY KEY (step, tag, block_us)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dirty (
    tag INTEGER NOT NULL, hour_us INTEGER NOT NULL, mark INTEGER NOT NULL,
    PRIMARY KEY (tag, hour_us)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Roll-ups of one tag from the start of an hour or a day on.

    ``whole`` bool[count] = which steps are known; the others have to be made from samples.
    """

    tag: int
    rollup: Rollup
    whole: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Dirty:
    """An hour of a tag whose roll-ups are not of its samples. ``mark`` changes when it is said again."""

    tag: int
    hour_us: int
    mark: int


class RollupFile:
    """One file; its owner lets one thread in at a time.

    Raises:
        Damaged: it is no sound database. StoreError: it cannot be used.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._connection = _only_reading(path) if read_only else open_database(path, check=False)
        self._mark = 0
        if read_only:
            return
        try:
            with named(path):
                self._connection.executescript(SCHEMA)
                found = self._connection.execute("SELECT coalesce(max(mark), 0) FROM dirty").fetchone()
        except StoreError:
            self.close()
            raise
        self._mark = found[0]

    def mark(self, hours: Iterable[tuple[int, int]]) -> None:
        """Say that (tag, hour_us) have to be rolled up again. On disk when it returns."""
        self._mark += 1
        rows = ((tag, hour_us, self._mark) for tag, hour_us in hours)
        self._write([("INSERT OR REPLACE INTO dirty VALUES (?, ?, ?)", rows)])

    def saw(self, upto: int) -> None:
        """Say that all that segments hold up to this frame of the journal is marked."""
        self._write([("INSERT OR REPLACE INTO facts VALUES ('upto', ?)", [(upto,)])])

    def seen(self) -> int:
        """What `saw` said last, 0 = nothing."""
        found = self._ask("SELECT number FROM facts WHERE name = 'upto'", ())
        return found[0][0] if found else 0

    def dirty(self, most: int = -1, before_us: int = 2**62) -> list[Dirty]:
        """Hours that were marked and begin before ``before_us``, by tag and time; -1 = all of them."""
        query = "SELECT tag, hour_us, mark FROM dirty WHERE hour_us < ? ORDER BY tag, hour_us LIMIT ?"
        return [Dirty(*row) for row in self._ask(query, (before_us, most))]

    def dirty_count(self, before_us: int = 2**62) -> int:
        """How many hours were marked and begin before ``before_us``."""
        return self._ask("SELECT count(*) FROM dirty WHERE hour_us < ?", (before_us,))[0][0]

    def put(
        self,
        blocks: Sequence[Block],
        done: Sequence[Dirty] = (),
        empty: Iterable[tuple[int, int]] = (),
    ) -> None:
        """Store blocks, in place of what was there, and take ``done`` off unless marked anew meanwhile.

        ``empty`` = (tag, hour_us) whose hours have no block any more.
        """
        rows = [_row(block) for block in blocks]  # packed before the file is locked
        self._write(
            [
                ("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows),
                (
                    "DELETE FROM blocks WHERE tag = ? AND block_us = ? AND step IN (?, ?)",
                    ((*each, SECONDS, MINUTES) for each in empty),
                ),
                (
                    "DELETE FROM dirty WHERE tag = ? AND hour_us = ? AND mark = ?",
                    ((each.tag, each.hour_us, each.mark) for each in done),
                ),
            ]
        )

    def find(self, step: int, tag: int, start_us: int, end_us: int) -> list[Block]:
        """Blocks of a step that begin in [start_us, end_us), oldest first; no damaged ones."""
        query = (
            "SELECT tag, block_us, whole, codec, crc, low, high, mean, received, good FROM blocks "
            "WHERE step = ? AND tag = ? AND block_us >= ? AND block_us < ? ORDER BY block_us"
        )
        found: list[Block] = []
        for row in self._ask(query, (step, tag, start_us, end_us)):
            try:
                found.append(_block(step, row))
            except Damaged:
                continue  # what a block says is in the samples as well
        return found

    def next_hour(self, tag: int, after_us: int) -> int | None:
        """The first hour of a tag after this one that has minutes in here."""
        query = "SELECT min(block_us) FROM blocks WHERE step = ? AND tag = ? AND block_us > ?"
        return self._ask(query, (MINUTES, tag, after_us))[0][0]

    def newest(self, tag: int) -> int | None:
        """The last hour of a tag that has minutes in here, or was marked."""
        query = (
            "SELECT max(hour) FROM (SELECT max(block_us) AS hour FROM blocks WHERE step = ? AND tag = ? "
            "UNION ALL SELECT max(hour_us) FROM dirty WHERE tag = ?)"
        )
        return self._ask(query, (MINUTES, tag, tag))[0][0]

    def dirty_hours(self, tag: int, start_us: int, end_us: int) -> list[int]:
        """Hours of a tag in [start_us, end_us) that were marked."""
        query = "SELECT hour_us FROM dirty WHERE tag = ? AND hour_us >= ? AND hour_us < ?"
        return [row[0] for row in self._ask(query, (tag, start_us, end_us))]

    def oldest_dirty(self) -> int | None:
        """Start of the oldest hour that was marked."""
        return self._ask("SELECT min(hour_us) FROM dirty", ())[0][0]

    def close(self) -> None:
        """Let go of the file; nothing waits to be written."""
        close_quietly(self._connection)

    def _ask(self, query: str, values: tuple[int, ...]) -> list[tuple[Any, ...]]:
        with named(self.path):
            return self._connection.execute(query, values).fetchall()

    def _write(self, statements: Sequence[tuple[str, Iterable[tuple[Any, ...]]]]) -> None:
        with named(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for statement, rows in statements:
                    self._connection.executemany(statement, rows)
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise


def sealed_since(path: Path, upto: int) -> tuple[int, list[tuple[int, int, int]]]:
    """Of a segment: the last frame it holds, and (tag, first_us, last_us) of its chunks after frame ``upto``.

    Raises:
        StoreError: it cannot be read.
    """
    connection = _only_reading(path)
    try:
        with named(path):
            row = connection.execute("SELECT number FROM facts WHERE name = 'upto'").fetchone()
            last = row[0] if row else 0
            query = "SELECT tag, first_us, last_us FROM chunks WHERE chunk >= ?"
            limit = (upto + 1) * len(Origin)
            return last, connection.execute(query, (limit,)).fetchall() if last > upto else []
    finally:
        close_quietly(connection)


def _only_reading(path: Path) -> Any:
    with named(path):
        return sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )


def _row(block: Block) -> tuple[Any, ...]:
    rollup, known = block.rollup, block.whole
    low, high, mean = rollup.low, rollup.high, rollup.mean
    flat = np.array_equal(low, high, equal_nan=True)
    # The two dozen numbers of a day: zlib packs them as small as pcodec does, in a third of the time.
    codec = ZLIB if len(low) < 60 else PCODEC
    parts = (
        pack(low, codec),
        None if flat else pack(high, codec),
        None if flat else pack(_place(low, high, mean), codec),
        pack(rollup.count, codec),
        None if (rollup.good == 1).all() else pack(rollup.good.view(np.uint32), codec),
    )
    whole = -1 if known.all() else int(sum(1 << int(at) for at in np.flatnonzero(known)))
    return (
        *(rollup.step_us // 1_000_000, block.tag, rollup.start_us, whole, codec, checksum(*parts)),
        *parts,
    )


def _block(step: int, row: tuple[Any, ...]) -> Block:
    tag, block_us, whole, codec, crc, *parts = row
    if checksum(*parts) != crc:
        raise Damaged("a stored roll-up was changed on the disk")
    count, step_us = BLOCK_US[step] // (step * 1_000_000), step * 1_000_000
    low = unpack(parts[0], np.float64, count, codec)
    high = low if parts[1] is None else unpack(parts[1], np.float64, count, codec)
    mean = low if parts[2] is None else _between(low, high, unpack(parts[2], np.uint32, count, codec))
    received = unpack(parts[3], np.uint32, count, codec)
    good = np.ones(count, np.float32)
    if parts[4] is not None:
        good = unpack(parts[4], np.uint32, count, codec).view(np.float32)
    known = np.ones(count, np.bool_) if whole < 0 else (whole >> np.arange(count)) & 1 == 1
    return Block(tag, Rollup(block_us, step_us, low, high, mean, received, good), known)


def _place(
    low: NDArray[np.float64], high: NDArray[np.float64], mean: NDArray[np.float64]
) -> NDArray[np.uint32]:
    """Where the mean is between low and high; halves, so that no range is too wide for a float64."""
    wide = 0.5 * high - 0.5 * low
    part = np.divide(0.5 * mean - 0.5 * low, wide, out=np.zeros(len(low)), where=wide > 0)
    return np.rint(part * FINE).astype(np.uint32)


def _between(
    low: NDArray[np.float64], high: NDArray[np.float64], place: NDArray[np.uint32]
) -> NDArray[np.float64]:
    part = place / FINE
    return np.fmin(np.fmax(low * (1 - part) + high * part, low), high)
