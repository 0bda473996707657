"""DuckDB, the embedded column store, fed with Arrow tables in one thread."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow
from numpy.typing import NDArray

from tests.bench.harness import size_of


class Duck:
    """One table of samples. Every insert is a durable transaction of its own."""

    name = "DuckDB, Arrow, one thread"
    by_tag = "DuckDB, sorted by tag when all was there"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "duck.db"
        self._connection = duckdb.connect(str(self._path), config={"threads": 1})
        self._connection.execute(
            "CREATE TABLE samples (tag INTEGER, time_us BIGINT, value DOUBLE, quality UINTEGER)"
        )

    def write(self, time_us: NDArray[np.int64], value: NDArray[np.float64], frames: int) -> None:
        """Rows of all tags, ``frames`` of them in one commit."""
        n = value.shape[1]
        for at in range(0, len(time_us), frames):
            part = value[at : at + frames]
            tags = np.tile(np.arange(n, dtype=np.int32), len(part))
            self._insert(tags, np.repeat(time_us[at : at + frames], n), part.ravel())

    def load(self, time_us: NDArray[np.int64], value: NDArray[np.float64]) -> None:
        """Tag after tag, the order that reads and packs best."""
        for tag in range(value.shape[1]):
            self._insert(np.full(len(time_us), tag, np.int32), time_us, np.ascontiguousarray(value[:, tag]))

    def _insert(
        self, tags: NDArray[np.int32], time_us: NDArray[np.int64], value: NDArray[np.float64]
    ) -> None:
        columns = {"tag": tags, "time_us": time_us, "value": value, "quality": np.zeros(len(tags), np.uint32)}
        self._connection.register("fresh", pyarrow.table(columns))
        self._connection.execute("INSERT INTO samples SELECT * FROM fresh")
        self._connection.unregister("fresh")

    def finish(self) -> int:
        """Bytes on disk when all is in its place."""
        self._connection.execute("CHECKPOINT")
        return size_of(self._path)

    def raw(self, tag: int, start_us: int, end_us: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Samples of one tag."""
        query = (
            "SELECT time_us, value FROM samples WHERE tag = ? AND time_us >= ? AND time_us < ? "
            "ORDER BY time_us"
        )
        found = self._connection.execute(query, (tag, start_us, end_us)).fetchnumpy()
        return np.asarray(found["time_us"]), np.asarray(found["value"])

    def pixels(self, tag: int, start_us: int, end_us: int, width: int) -> NDArray[np.float64]:
        """Smallest and largest value of each pixel column, float64[width×2]."""
        query = (
            "SELECT (time_us - $start) * $width // ($end - $start) AS place, min(value) AS low, "
            "max(value) AS high FROM samples WHERE tag = $tag AND time_us >= $start AND time_us < $end "
            "GROUP BY place"
        )
        names = {"start": start_us, "end": end_us, "width": width, "tag": tag}
        rows = self._connection.execute(query, names).fetchnumpy()
        found = np.full((width, 2), np.nan)
        found[np.asarray(rows["place"], np.int64)] = np.stack((rows["low"], rows["high"]), 1)
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
