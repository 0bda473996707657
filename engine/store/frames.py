"""The journal of the history: samples on disk as they came, until they are packed into segments.

A frame is a row of raw columns, written in the same transaction as the gaps and texts of that moment
and the time up to which all is on disk. ``marks`` are the frame numbers at which sealing cut the
journal; a segment's ``upto`` is always one of them.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.store.codec import checksum
from engine.store.database import StoreError, close_quietly, named, open_database, sqlite3
from engine.store.frame_rows import COLUMNS, Content, Frame, content_of
from engine.store.fresh import make
from engine.types import Gap

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
    now_us INTEGER NOT NULL, crc INTEGER NOT NULL, source BLOB NOT NULL, receive BLOB NOT NULL,
    value BLOB NOT NULL, quality BLOB, tags BLOB);
CREATE TABLE IF NOT EXISTS marks (upto INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS texts (code INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS gaps (
    gap INTEGER PRIMARY KEY, start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, body BLOB NOT NULL);
"""

PLACES = ", ".join("?" * len(COLUMNS.split()))


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
                newest = execute("SELECT seq, now_us FROM frames ORDER BY seq DESC LIMIT 1").fetchone() or (
                    0,
                    0,
                )
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
        """Let go of the file; what was not committed is not in it."""
        close_quietly(self._connection)

    def content(self) -> Content:
        """All that is in it."""
        return content_of(self._connection, self.path)

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
