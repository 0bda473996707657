"""Parquet, one column a tag: byte stream split and zstd, as analysts keep sensor data."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow
from numpy.typing import NDArray
from pyarrow.parquet import ParquetFile, write_table

from tests.bench.harness import size_of

ROWS = 4096
"""Rows of one row group, and of one file when samples come live."""


class Wide:
    """A folder of files, each of some hours of all tags. Nothing is durable before its file is whole."""

    name = "Parquet, zstd, byte stream split"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "parquet"
        self._folder.mkdir()
        self._files: list[tuple[Path, int]] = []

    def load(self, time_us: NDArray[np.int64], value: NDArray[np.float64], rows: int = ROWS) -> None:
        """Store all rows, ``rows`` in a file; each is on disk when this returns."""
        names = ["time_us", *(f"t{tag}" for tag in range(value.shape[1]))]
        encoding = dict.fromkeys(names, "BYTE_STREAM_SPLIT") | {"time_us": "DELTA_BINARY_PACKED"}
        for at in range(0, len(time_us), rows):
            part = np.ascontiguousarray(value[at : at + rows].T)
            table = pyarrow.table([time_us[at : at + rows], *part], names=names)
            path = self._folder / f"{len(self._files)}.parquet"
            write_table(table, path, compression="zstd", use_dictionary=False, column_encoding=encoding)
            with path.open("rb") as file:
                os.fsync(file.fileno())
            self._files.append((path, table.num_rows))

    def finish(self) -> int:
        """Bytes on disk."""
        return size_of(self._folder)

    def window(self, tags: int, start_us: int, end_us: int, step_us: int) -> NDArray[np.float32]:
        """Value of each tag at each step, float32[tags × steps]; the samples lie on the steps."""
        found = np.full((tags, (end_us - start_us) // step_us), np.nan, np.float32)
        names = [f"t{tag}" for tag in range(tags)]
        for path, _ in self._files:
            with ParquetFile(path) as file:
                table = file.read(columns=["time_us", *names], use_threads=True)
            times = table["time_us"].to_numpy()
            inside = (times >= start_us) & (times < end_us)
            places = (times[inside] - start_us) // step_us
            follow = len(places) > 0 and bool((np.diff(places) == 1).all())
            at = slice(int(places[0]), int(places[-1]) + 1) if follow else places
            for tag, name in enumerate(names):
                values = table[name].to_numpy()
                found[tag, at] = values if inside.all() else values[inside]
        return found

    def close(self) -> None:
        """Nothing is open."""
