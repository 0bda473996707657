"""Frames as rows of the journal: what they are, and how they are read, also from a damaged file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.store.codec import checksum
from engine.store.database import named, sqlite3
from engine.typed import from_json
from engine.types import Gap, Origin

COLUMNS = "seq, origin, layout, n, now_us, crc, source, receive, value, quality, tags"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Samples of one origin that became durable together.

    Dense, ``value`` has two dimensions: tags int32[n], receive_us int64[rows], source_us int64[rows] or
    [rows×n], value float64[rows×n], quality uint32[rows×n]. Mixed, it has one: every column has one
    element for each sample. ``quality`` None = all plainly good.
    """

    origin: Origin
    tags: NDArray[np.int32]
    source_us: NDArray[np.int64]
    receive_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint32] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of its columns."""
        quality = 0 if self.quality is None else self.quality.nbytes
        return self.value.nbytes + self.source_us.nbytes + self.receive_us.nbytes + quality


@dataclass(slots=True, eq=False)
class Content:
    """What a frame file holds. ``frames`` in order of their numbers; ``marks`` ascending.

    ``spoilt`` = for each frame that was changed on the disk: its number and how many samples it had, None =
    nobody can know.
    """

    frames: list[tuple[int, Frame]] = field(default_factory=list[tuple[int, Frame]])
    marks: list[int] = field(default_factory=list[int])
    spoilt: list[tuple[int, int | None]] = field(default_factory=list[tuple[int, int | None]])
    gaps: list[Gap] = field(default_factory=list[Gap])
    texts: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    alive_us: int = 0


def read_content(connection: Any, path: Path) -> Content:
    """All frames of one moment through a read-only connection; the engine may be writing."""
    with named(path):
        connection.execute("BEGIN")
        try:
            return content_of(connection, path)
        finally:
            connection.execute("ROLLBACK")


def read_gaps(connection: Any, path: Path, start_us: int, end_us: int) -> list[Gap]:
    """Gaps that reach into [start_us, end_us), oldest first."""
    query = "SELECT body FROM gaps WHERE start_us < ? AND end_us > ? ORDER BY start_us, gap"
    with named(path):
        rows = connection.execute(query, (end_us, start_us)).fetchall()
    return [from_json(body, Gap) for (body,) in rows]


def read_texts(connection: Any, path: Path) -> dict[int, str]:
    """What the codes of text tags stand for."""
    with named(path):
        return dict(connection.execute("SELECT code, text FROM texts").fetchall())


def salvage(connection: Any) -> Content:
    """What can still be read of a damaged file."""
    found = Content()
    layouts = _layouts(_walk(connection, "rowid, layout, tags, crc", "layouts"))
    _add_frames(found, layouts, _walk(connection, COLUMNS, "frames"))
    found.marks = sorted(upto for (upto,) in _walk(connection, "upto", "marks"))
    found.texts = [(int(k), str(text)) for k, text in _walk(connection, "code, text", "texts")]
    for _, body in _walk(connection, "gap, body", "gaps"):
        with contextlib.suppress(msgspec.MsgspecError):
            found.gaps.append(from_json(body, Gap))
    with contextlib.suppress(sqlite3.Error):
        _note_alive(found, connection)
    return found


def _walk(connection: Any, columns: str, table: str) -> Iterator[tuple[Any, ...]]:
    """The rows that can be read: from the first on to the damage, then from the last back to it."""
    seen: set[Any] = set()
    for order in ("ASC", "DESC"):
        try:
            for row in connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1 {order}"):
                if row[0] in seen:
                    return
                seen.add(row[0])
                yield row
        except (sqlite3.Error, ValueError, OverflowError):
            continue
        return


def content_of(connection: Any, path: Path) -> Content:
    """All frames through a connection of any kind, within the transaction that it is in, if any."""
    found = Content()
    with named(path):
        execute = connection.execute
        layouts = _layouts(execute("SELECT rowid, layout, tags, crc FROM layouts"))
        _add_frames(found, layouts, execute(f"SELECT {COLUMNS} FROM frames ORDER BY seq"))
        found.marks = [row[0] for row in execute("SELECT upto FROM marks ORDER BY upto")]
        _note_alive(found, connection)
    return found


def _note_alive(found: Content, connection: Any) -> None:
    """The newest frame says up to when all is on disk, or the facts where no frame came since."""
    row = connection.execute("SELECT number FROM facts WHERE name = 'alive_us'").fetchone()
    found.alive_us = max(found.alive_us, row[0] if row else 0)


def _layouts(rows: Iterable[tuple[Any, ...]]) -> dict[int, NDArray[np.int32]]:
    return {
        layout: np.frombuffer(tags, np.int32)
        for _, layout, tags, crc in rows
        if isinstance(tags, bytes) and checksum(tags) == crc
    }


def _add_frames(
    found: Content, layouts: dict[int, NDArray[np.int32]], rows: Iterable[tuple[Any, ...]]
) -> None:
    for row in rows:
        try:
            found.frames.append((row[0], _frame(row, layouts)))
            found.alive_us = max(found.alive_us, row[4])
        except (ValueError, TypeError, KeyError):
            found.spoilt.append((row[0], len(row[8]) // 8 if isinstance(row[8], bytes) else None))
    found.frames.sort(key=lambda each: each[0])


def _frame(row: tuple[Any, ...], layouts: dict[int, NDArray[np.int32]]) -> Frame:
    """Raises ValueError, TypeError or KeyError where a row is not what was written."""
    _, origin, layout, n, _, crc, source, receive, value, quality, tags = row
    if checksum(source, receive, value, quality, tags) != crc:
        raise ValueError("changed on the disk")
    columns = np.frombuffer(tags, np.int32) if layout is None else layouts[layout]
    shape = (n,) if layout is None else (n, len(columns))
    source_us = np.frombuffer(source, np.int64)
    if len(source_us) != n:
        source_us = source_us.reshape(shape)
    return Frame(
        Origin(origin),
        columns,
        source_us,
        np.frombuffer(receive, np.int64),
        np.frombuffer(value, np.float64).reshape(shape),
        None if quality is None else np.frombuffer(quality, np.uint32).reshape(shape),
    )
