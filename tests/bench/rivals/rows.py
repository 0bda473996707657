"""The usual way: SQLite, a row for every sample, the same library and durability as ours."""

from __future__ import annotations

from itertools import repeat
from pathlib import Path

import numpy as np
import pysqlite3
from numpy.typing import NDArray

from tests.bench.harness import size_of

SCHEMA = """CREATE TABLE samples (tag INTEGER NOT NULL, time_us INTEGER NOT NULL, value REAL NOT NULL,
quality INTEGER NOT NULL, PRIMARY KEY (tag, time_us)) WITHOUT ROWID"""


class Rows:
    """One table clustered by tag and time: the best order for reading one tag."""

    name = "SQLite, a row a sample"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "rows.db"
        self._connection = pysqlite3.connect(self._path, isolation_level=None)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "cache_size=-65536",
            "wal_autocheckpoint=2000",
        ):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(SCHEMA)

    def write(self, time_us: NDArray[np.int64], value: NDArray[np.float64], frames: int) -> None:
        """Rows of all tags, ``frames`` of them in one commit."""
        execute = self._connection.execute
        ids = range(value.shape[1])
        for at in range(0, len(time_us), frames):
            execute("BEGIN IMMEDIATE")
            for now_us, row in zip(time_us[at : at + frames].tolist(), value[at : at + frames], strict=True):
                self._connection.executemany(
                    "INSERT INTO samples VALUES (?, ?, ?, ?)",
                    zip(ids, repeat(now_us), row.tolist(), repeat(0), strict=False),
                )
            execute("COMMIT")

    def load(self, time_us: NDArray[np.int64], value: NDArray[np.float64]) -> None:
        """All at once and in the table's own order, to have something to read."""
        self._connection.execute("BEGIN IMMEDIATE")
        times = time_us.tolist()
        for tag in range(value.shape[1]):
            self._connection.executemany(
                "INSERT INTO samples VALUES (?, ?, ?, ?)",
                zip(repeat(tag), times, value[:, tag].tolist(), repeat(0), strict=False),
            )
        self._connection.execute("COMMIT")

    def finish(self) -> int:
        """Bytes on disk when all is in its place."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return size_of(self._path)

    def raw(self, tag: int, start_us: int, end_us: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Samples of one tag."""
        query = (
            "SELECT time_us, value FROM samples WHERE tag = ? AND time_us >= ? AND time_us < ? "
            "ORDER BY time_us"
        )
        rows = self._connection.execute(query, (tag, start_us, end_us)).fetchall()
        times, values = zip(*rows, strict=True)
        return np.array(times, np.int64), np.array(values)

    def pixels(self, tag: int, start_us: int, end_us: int, width: int) -> NDArray[np.float64]:
        """Smallest and largest value of each pixel column, float64[width×2]."""
        query = (
            "SELECT (time_us - ?1) * ?4 / (?2 - ?1), min(value), max(value) FROM samples "
            "WHERE tag = ?3 AND time_us >= ?1 AND time_us < ?2 GROUP BY 1"
        )
        rows = self._connection.execute(query, (start_us, end_us, tag, width)).fetchall()
        found = np.full((width, 2), np.nan)
        for column, low, high in rows:
            found[column] = low, high
        return found

    def window(self, tags: int, start_us: int, end_us: int, step_us: int) -> NDArray[np.float32]:
        """Value of each tag at each step, float32[tags × steps]; the samples lie on the steps."""
        found = np.full((tags, (end_us - start_us) // step_us), np.nan, np.float32)
        for tag in range(tags):
            times, values = self.raw(tag, start_us, end_us)
            found[tag, (times - start_us) // step_us] = values
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
