"""Rows of an export as Parquet. The one seam to pyarrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, BinaryIO

import msgspec
import numpy as np
import pyarrow  # pyright: ignore[reportMissingTypeStubs]
from pyarrow import parquet  # pyright: ignore[reportMissingTypeStubs]

from engine.historian.export import Rows
from engine.historian.points import Point
from engine.types import Origin, quality_word, reason

arrow: Any = pyarrow
"""The package ships no types."""
files: Any = parquet
UTC_US = arrow.timestamp("us", tz="UTC")
WORD = arrow.dictionary(arrow.int32(), arrow.string())
SCHEMA = arrow.schema([
    ("tag", WORD), ("source_time", UTC_US), ("receive_time", UTC_US), ("value", arrow.float64()),
    ("text", arrow.string()), ("unit", WORD), ("quality", WORD), ("status", arrow.uint32()),
    ("reason", WORD), ("origin", WORD),
])  # fmt: skip
ROWS_A_GROUP = 200_000


class ParquetWriter:
    """One table; ``value`` holds numbers, ``text`` what text tags say. Rows are packed in groups."""

    def __init__(self, file: BinaryIO) -> None:
        self._out: Any = files.ParquetWriter(file, SCHEMA, compression="zstd")
        self._waiting: list[Any] = []
        self._count = 0

    def put(self, rows: Rows) -> None:
        """Add rows."""
        n = len(rows.value)
        if not n:
            return
        is_text = rows.tag.type == "string"
        kinds, places = np.unique(rows.quality, return_inverse=True)
        statuses: list[int] = kinds.tolist()
        receive = arrow.nulls(n, UTC_US) if rows.receive_us is None else arrow.array(rows.receive_us, UTC_US)
        columns = [
            _same(rows.tag.path, n),
            arrow.array(rows.source_us, UTC_US),
            receive,
            arrow.nulls(n, arrow.float64()) if is_text else _numbers(rows),
            arrow.array(rows.value, arrow.string()) if is_text else arrow.nulls(n, arrow.string()),
            _same(rows.tag.unit, n),
            _words(places, [quality_word(status) for status in statuses]),
            arrow.array(rows.quality, arrow.uint32()),
            _words(places, [reason(status) for status in statuses]),
            arrow.nulls(n, WORD)
            if rows.origin is None
            else _words(rows.origin, [origin.name.lower() for origin in Origin]),
        ]
        self._waiting.append(arrow.record_batch(columns, schema=SCHEMA))
        self._count += n
        if self._count >= ROWS_A_GROUP:
            self._flush()

    def end(self) -> None:
        """Write what is left and the end of the file."""
        self._flush()
        self._out.close()

    def _flush(self) -> None:
        if self._waiting:
            self._out.write_table(arrow.Table.from_batches(self._waiting, SCHEMA))
        self._waiting, self._count = [], 0


def _numbers(rows: Rows) -> Any:
    return arrow.array([None if v is None else float(v) for v in rows.value], arrow.float64())


def _same(word: str, count: int) -> Any:
    return _words(np.zeros(count, np.int32), [word])


def _words(places: Any, words: list[str]) -> Any:
    return arrow.DictionaryArray.from_arrays(arrow.array(np.asarray(places, np.int32)), words)


def write_points(file: BinaryIO, points: Sequence[Point]) -> None:
    """The points of curves as one table."""
    schema = arrow.schema([
        ("tag", arrow.string()), ("source_time", UTC_US), ("low", arrow.float64()),
        ("high", arrow.float64()), ("unit", arrow.string()), ("quality", arrow.string()),
    ])  # fmt: skip
    rows = [msgspec.to_builtins(point) for point in points]
    for row in rows:
        row["source_time"] = datetime.fromisoformat(row["source_time"])
    files.write_table(arrow.Table.from_pylist(rows, schema), file, compression="zstd")
