"""The journal of the history: samples on disk as they came, until they are packed into segments.

A frame is a row of raw columns, written in the same transaction as the gaps and texts of that moment
and the time up to which all is on disk. ``marks`` are the frame numbers at which sealing cut the
journal; a segment's ``upto`` is always one of them.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.store.codec import checksum
from engine.store.database import StoreError, close_quietly, named, open_database, sqlite3
from engine.store.fresh import make
from engine.types import Gap, Origin

PIECE = 1000
"""Frames taken out in one transaction, so that new ones never wait long for it."""
MOST_TEXTS = 1_000_000
"""Texts kept here, the newest; segments keep those of their own samples."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS layouts (
    layout INTEGER NOT NULL, copy INTEGER NOT NULL, tags BLOB NOT NULL, crc INTEGER NOT NULL,
    PRIMARY KEY (layout, copy));
CREATE TABLE IF NOT EXISTS frames (
    seq INTEGER PRIMARY KEY, origin INTEGER NOT NULL, layout INTEGER, n INTEGER NOT NULL,
    now_us INTEGER NOT NULL, crc INTEGER NOT NULL, source BLOB NOT NULL, receive BLOB NOT NULL, value BLOB NOT NULL,
    quality BLOB, tags BLOB);
CREATE TABLE IF NOT EXISTS marks (upto INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS texts (code INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS gaps (
    gap INTEGER PRIMARY KEY, start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, body BLOB NOT NULL);
"""
COLUMNS = "seq, origin, layout, n, now_us, crc, source, receive, value, quality, tags"

PLACES = ", ".join("?" * len(COLUMNS.split()))


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


@dataclass(slots=True)
class Group:
    """What one transaction makes durable. ``now_us`` = everything taken in until then is part of it.

    ``mark`` = sealing cuts the journal behind these frames; ``stopped`` = the engine ends on purpose.
    """

    now_us: int
    frames: list[Frame] = field(default_factory=list[Frame])
    gaps: list[Gap] = field(default_factory=list[Gap])
    texts: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    mark: bool = False
    stopped: bool = False


class FrameFile:
    """The file, open for writing in one thread at a time.

    ``seq`` = number of the newest frame in it or ever in it; ``alive_us`` = `Group.now_us` of the newest
    group, 0 = there was none; ``stopped`` = that group was the last one of an engine that ended on purpose.

    Raises:
        Damaged: the file is no sound database.
        StoreError: the file cannot be used; the text says what to do.
    """

    def __init__(self, path: Path, *, check: bool = False) -> None:
        self.path = path
        make(path, SCHEMA)
        self._connection = open_database(path, check=check)
        try:
            with named(path):
                self._connection.executescript(SCHEMA)
                execute = self._connection.execute
                facts = dict(execute("SELECT name, number FROM facts").fetchall())
                newest = execute("SELECT seq, now_us FROM frames ORDER BY seq DESC LIMIT 1").fetchone() or (0, 0)
                self._gap: int = execute("SELECT coalesce(max(gap), 0) FROM gaps").fetchone()[0]
                layouts = execute("SELECT tags, layout FROM layouts ORDER BY layout").fetchall()
        except BaseException:
            self.close()
            raise
        self._layouts: dict[bytes, int] = dict(layouts)
        self._next_layout: int = layouts[-1][1] + 1 if layouts else 1
        self.seq: int = max(newest[0], facts.get("seq", 0))
        self.alive_us: int = facts.get("alive_us", 0) if facts.get("seq", 0) >= newest[0] else newest[1]
        self.stopped = bool(facts.get("stopped", 0))
        self._facts_differ = True
        self._owner = secrets.randbits(62)

    def commit(self, group: Group) -> None:
        """All of a group or nothing of it. After an error other than a passing one: open afresh.

        Raises:
            StoreError: the disk refuses, nothing of the group is acknowledged.
        """
        with named(self.path):
            execute = self._connection.execute
            try:
                execute("BEGIN IMMEDIATE")
                if not self._facts_differ:
                    self._require_own()
                layouts = self._put_frames(group.frames, group.now_us)
                self._put_rest(group, self.seq + len(group.frames))
                execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.rollback()
                raise
        self._layouts.update(layouts)
        self._next_layout += len(layouts)
        self.seq += len(group.frames)
        self._gap += len(group.gaps)
        self.alive_us, self.stopped, self._facts_differ = group.now_us, group.stopped, False

    def forget_after(self, other: FrameFile) -> None:
        """Take out what ``other``, the same file opened before, did not acknowledge; number on from there.

        A commit that failed in its last step may be in the file all the same; nobody was told of it.
        """
        self._owner = other._owner  # noqa: SLF001
        with named(self.path):
            if self.seq or self._gap:
                self._require_own()
            self._connection.execute("DELETE FROM frames WHERE seq > ?", (other.seq,))
            self._connection.execute("DELETE FROM gaps WHERE gap > ?", (other._gap,))  # noqa: SLF001
        self.seq, self._gap = other.seq, other._gap  # noqa: SLF001

    def number_from(self, seq: int) -> None:
        """Give no number up to ``seq`` to a new frame."""
        self.seq = max(self.seq, seq)
        self._facts_differ = True

    def restore(self, content: Content) -> None:
        """Put what was saved from a damaged file into this one, which is empty, under the same numbers."""
        with named(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for seq, frame in content.frames:
                    self.seq = seq - 1
                    layouts = self._put_frames([frame], content.alive_us)
                    self._layouts.update(layouts)
                    self._next_layout += len(layouts)
                self._connection.executemany("INSERT INTO marks VALUES (?)", [(k,) for k in content.marks])
                seq = content.frames[-1][0] if content.frames else 0
                self._put_rest(Group(content.alive_us, [], content.gaps, content.texts), seq)
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.rollback()
                raise
        self.seq, self.alive_us, self._gap = seq, content.alive_us, len(content.gaps)

    def drop(self, seqs: Sequence[int]) -> None:
        """Take out single frames that cannot be read."""
        with named(self.path):
            self._connection.executemany("DELETE FROM frames WHERE seq = ?", [(seq,) for seq in seqs])

    def remove(self, upto: int) -> bool:
        """Take out one piece of the frames that are packed; True when none is left."""
        with named(self.path):
            execute = self._connection.execute
            last = execute(
                "SELECT max(seq) FROM (SELECT seq FROM frames WHERE seq <= ? ORDER BY seq LIMIT ?)",
                (upto, PIECE),
            ).fetchone()[0]
            done = last is None or last == upto
            try:
                execute("BEGIN IMMEDIATE")
                if last is not None:
                    execute("DELETE FROM frames WHERE seq <= ?", (last,))
                if done:
                    self._put_facts(self.seq, self.alive_us, self.stopped)
                    execute("DELETE FROM marks WHERE upto <= ?", (upto,))
                    execute("DELETE FROM texts WHERE code < (SELECT max(code) FROM texts) - ?", (MOST_TEXTS,))
                execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.rollback()
                raise
        return done

    def close(self) -> None:
        """Close the file."""
        close_quietly(self._connection)

    def content(self) -> Content:
        """All that is in it."""
        return _content(self._connection, self.path)

    def texts(self, most: int) -> list[tuple[int, str]]:
        """The newest texts and their codes, in order of the codes."""
        query = "SELECT code, text FROM texts ORDER BY code DESC LIMIT ?"
        with named(self.path):
            return self._connection.execute(query, (most,)).fetchall()[::-1]

    def _put_frames(self, frames: Sequence[Frame], now_us: int) -> dict[bytes, int]:
        """Returns the layouts that are new with these frames."""
        fresh: dict[bytes, int] = {}
        rows: list[tuple[Any, ...]] = []
        for seq, frame in enumerate(frames, self.seq + 1):
            dense, layout, tags = frame.value.ndim == 2, None, None
            if dense:
                key = frame.tags.tobytes()
                layout = self._layouts.get(key) or fresh.get(key)
                if layout is None:
                    layout = fresh[key] = self._next_layout + len(fresh)
            else:
                tags = frame.tags.data
            parts = tuple(
                None if part is None else np.ascontiguousarray(part).data
                for part in (frame.source_us, frame.receive_us, frame.value, frame.quality)
            )
            n = len(frame.value)
            crc = checksum(*parts, tags)
            rows.append((seq, int(frame.origin), layout, n, now_us, crc, *parts, tags))
        # Many frames hang on a layout: it is kept twice, so that a bad place on the disk does not take them.
        layouts = [(k, copy, key, checksum(key)) for key, k in fresh.items() for copy in (0, 1)]
        self._connection.executemany("INSERT INTO layouts VALUES (?, ?, ?, ?)", layouts)
        self._connection.executemany(f"INSERT INTO frames ({COLUMNS}) VALUES ({PLACES})", rows)
        return fresh

    def _put_rest(self, group: Group, seq: int) -> None:
        executemany = self._connection.executemany
        if group.texts:
            executemany("INSERT OR REPLACE INTO texts VALUES (?, ?)", group.texts)
        if group.gaps:
            executemany(
                "INSERT INTO gaps VALUES (?, ?, ?, ?)",
                [
                    (k, g.start_us, g.end_us, msgspec.json.encode(g))
                    for k, g in enumerate(group.gaps, self._gap + 1)
                ],
            )
        if group.mark:
            executemany("INSERT OR IGNORE INTO marks VALUES (?)", [(seq,)])
        # The newest frame says the same; a page less to write in the commits that must be quick.
        if not group.frames or group.stopped or self._facts_differ:
            self._put_facts(seq, group.now_us, group.stopped)

    def _require_own(self) -> None:
        """Two writers would number alike and take out each other's frames: the older one gives way."""
        row = self._connection.execute("SELECT number FROM facts WHERE name = 'owner'").fetchone()
        if row != (self._owner,):
            raise StoreError(f"another engine writes {self.path}; stop one of the two")

    def _put_facts(self, seq: int, alive_us: int, stopped: bool) -> None:
        facts = [("seq", seq), ("alive_us", alive_us), ("stopped", int(stopped)), ("owner", self._owner)]
        self._connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts)


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
            return _content(connection, path)
        finally:
            connection.execute("ROLLBACK")


def read_gaps(connection: Any, path: Path, start_us: int, end_us: int) -> list[Gap]:
    """Gaps that reach into [start_us, end_us), oldest first."""
    query = "SELECT body FROM gaps WHERE start_us < ? AND end_us > ? ORDER BY start_us, gap"
    with named(path):
        rows = connection.execute(query, (end_us, start_us)).fetchall()
    return [msgspec.json.decode(body, type=Gap) for (body,) in rows]


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
            found.gaps.append(msgspec.json.decode(body, type=Gap))
    with contextlib.suppress(sqlite3.Error):
        found.alive_us = _alive_us(connection)
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


def _content(connection: Any, path: Path) -> Content:
    found = Content()
    with named(path):
        execute = connection.execute
        layouts = _layouts(execute("SELECT rowid, layout, tags, crc FROM layouts"))
        _add_frames(found, layouts, execute(f"SELECT {COLUMNS} FROM frames ORDER BY seq"))
        found.marks = [row[0] for row in execute("SELECT upto FROM marks ORDER BY upto")]
        found.alive_us = _alive_us(connection)
    return found


def _alive_us(connection: Any) -> int:
    """The time up to which all is on disk, whichever part says so."""
    query = "SELECT number FROM facts WHERE name = 'alive_us' UNION ALL SELECT max(now_us) FROM frames"
    return max((row[0] or 0 for row in connection.execute(query)), default=0)


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
