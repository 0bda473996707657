"""A segment made anew beside itself: the same samples in fewer and larger chunks.

Each seal leaves a chunk of each tag, so a day has some fifty of them; read and packed as a few large ones
they take half the room and time. The new file is nobody's until it is whole and on the disk; then it takes
the place of the old one in one step. Who has the old one open reads on in it, who has only found a chunk
of it reads its times in the new one (`Segment.times`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.store.codec import SMALL
from engine.store.database import REPLACING, StoreError, close_quietly, named, sqlite3
from engine.store.fresh import COMPANIONS
from engine.store.segment import (
    COLUMNS,
    PAGE_BYTES,
    SCHEMA,
    Packed,
    Segment,
    packed_row,
    packed_times,
    unpack_columns,
)
from engine.store.snapshot import flush

MOST_IN_CHUNK = 32_768
GROWN = 2
"""A file is compacted once more when it has so many times the chunks that were left the last time."""
PLACES = ", ".join("?" * (len(COLUMNS.split(",")) + 1))
Numbered = tuple[int, Packed]


def beside(path: Path) -> Path:
    """Where a segment is made anew: a name that no reader and no backup takes for a segment."""
    return path.with_name(f"compact-{path.name}.new")


def clear(folder: Path) -> None:
    """Take away what was left by an engine that was killed while it compacted."""
    for left in folder.glob("compact-*.db.new*"):
        with contextlib.suppress(OSError):
            left.unlink(missing_ok=True)


def is_worth(path: Path, many: int = 1) -> bool:
    """Whether there are as ``many`` chunks for each tag, and it was never compacted or many came since.

    Raises:
        StoreError: it cannot be read.
    """
    segment = Segment(path, read_only=True)
    try:
        facts = segment.facts()
        if facts.get("compacted") == facts.get("upto", 0):
            return False
        return segment.chunks() >= max(GROWN * facts.get("chunks", 0), many * len(segment.tags()), 1)
    finally:
        segment.close()


class Compacting:
    """One file at work, in one thread, which is the only one that writes to it: `step` until it is True, then
    `finish`; `close` in any case.

    Raises:
        StoreError: the file cannot be read, somebody reads it at this very moment, or there is no room.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._new = path, beside(path)
        _settle(path)
        self._stamp = _stamp(path)
        self._times: dict[tuple[int, ...], int] = {}
        self._known: dict[bytes, int] = {}
        self._groups: list[list[Numbered]] = []
        self._chunks = 0
        self._old = Segment(path, read_only=True)
        try:
            self._tags: list[int] = self._old.tags().tolist()[::-1]
            self._next = self._old.newest_times() + 1  # so that a number never means two rows of times
            self._target = _empty(self._new)
        except BaseException:
            self._old.close()
            raise

    def step(self) -> bool:
        """Make one chunk, which takes a millisecond or two; True when all are made."""
        if not self._groups and self._tags:
            self._groups = self._of_tag(self._tags.pop())[::-1]
        if self._groups:
            row = self._row(self._groups.pop())
            self._chunks += 1
            with named(self._new):
                self._target.execute(f"INSERT INTO chunks (chunk, {COLUMNS}) VALUES ({PLACES})", row)
        return not self._tags and not self._groups

    def flush(self) -> None:
        """What was written so far is on the disk when this returns: at the end little is left to wait for."""
        flush(self._new)

    def finish(self) -> bool:
        """Put the new file in the place of the old one; False = the old one was written to meanwhile."""
        self._complete()
        self._old.close()
        if _stamp(self.path) != self._stamp:
            return False
        try:
            with REPLACING:
                os.replace(self._new, self.path)
                # Nothing waits in the old WAL. Those who read the old file go on with its companions.
                for companion in COMPANIONS[1:]:
                    self.path.with_name(self.path.name + companion).unlink(missing_ok=True)
            _flush_folder(self.path.parent)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be replaced ({error.strerror})") from error
        return True

    def close(self) -> None:
        """Let go of the files; a new one that did not take its place is removed."""
        self._old.close()
        close_quietly(self._target)
        _remove(self._new)

    def _complete(self) -> None:
        facts = self._old.facts()
        facts |= {"compacted": facts.get("upto", 0), "chunks": self._chunks}
        with named(self._new):
            self._target.execute("BEGIN")
            self._target.executemany("INSERT INTO texts VALUES (?, ?)", self._old.texts().items())
            self._target.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
            self._target.execute("COMMIT")
            self._target.execute("PRAGMA journal_mode=WAL").fetchall()
            self._target.close()
        flush(self._new)

    def _of_tag(self, tag: int) -> list[list[Numbered]]:
        """The chunks of a tag, those together that become one."""
        found = self._old.numbered(tag)
        if len({packed.origin for _, packed in found}) > 1 and self._have_ties(found):
            return [[each] for each in found]
        return _groups(found)

    def _have_ties(self, found: Sequence[Numbered]) -> bool:
        """Whether samples of different origins bear the same time: which comes first hangs on the chunks."""
        by_origin: dict[int, list[NDArray[np.int64]]] = {}
        for _, packed in found:
            by_origin.setdefault(packed.origin, []).append(self._old.times(packed.times_id).source)
        times = np.concatenate([np.unique(np.concatenate(some)) for some in by_origin.values()])
        return len(np.unique(times)) < len(times)

    def _row(self, group: Sequence[Numbered]) -> tuple[Any, ...]:
        """A row of ``chunks``: the only one of its group as it is, or all of them together."""
        times = self._times_of([packed for _, packed in group])
        if len(group) == 1:
            number, one = group[0]
            return (
                *(number, one.tag, one.first_us, one.last_us, int(one.origin), one.n, one.received),
                *(one.low, one.high, times, one.codec, one.crc),
                *(one.value, one.quality, one.dropped, one.coarse),
            )
        parts = [unpack_columns(self.path, packed) for _, packed in group]
        sizes = [packed.n for _, packed in group]
        whole = (
            np.concatenate([value for value, _, _ in parts]),
            _joined([quality for _, quality, _ in parts], sizes),
            _joined([dropped for _, _, dropped in parts], sizes),
        )
        first, last = group[0][1], group[-1][1]
        span = first.first_us, last.last_us
        number = max(number for number, _ in group)
        return number, *packed_row(first.tag, first.origin, span, times, whole, SMALL)

    def _times_of(self, group: Sequence[Packed]) -> int:
        """Number of the times of a group, one after another; rows that are alike are stored once."""
        key = tuple(packed.times_id for packed in group)
        number = self._times.get(key)
        if number is None:
            row = self._old.times_row(key[0]) if len(key) == 1 else _together(self._old, key)
            number = self._known.setdefault(_digest(row), self._next)
            if number == self._next:
                self._target.execute("INSERT INTO times VALUES (?, ?, ?, ?, ?, ?)", (number, *row))
                self._next += 1
            first = 0
            for packed in group:
                moved = packed.times_id, number, first, packed.n
                self._target.execute("INSERT OR IGNORE INTO moved VALUES (?, ?, ?, ?)", moved)
                first += packed.n
            self._times[key] = number
        return number


def _groups(found: Sequence[Numbered]) -> list[list[Numbered]]:
    """Chunks that can be one: of one origin, each after the one before it, and not too many samples.

    Chunks are never cut, so no line of left-out samples leads from one chunk into the next.
    """
    groups: list[list[Numbered]] = []
    current: dict[int, tuple[list[Numbered], int]] = {}
    for number, packed in found:
        group, samples = current.get(packed.origin, ([], 0))
        if not group or group[-1][1].last_us >= packed.first_us or samples + packed.n > MOST_IN_CHUNK:
            group, samples = [], 0
            groups.append(group)
        group.append((number, packed))
        current[packed.origin] = group, samples + packed.n
    return groups


def _joined(parts: Sequence[NDArray[np.uint32] | None], sizes: Sequence[int]) -> NDArray[np.uint32] | None:
    if all(part is None for part in parts):
        return None
    full = (np.zeros(n, np.uint32) if part is None else part for part, n in zip(parts, sizes, strict=True))
    return np.concatenate(list(full))


def _together(segment: Segment, places: Sequence[int]) -> tuple[Any, ...]:
    times = [segment.times(place) for place in places]
    return packed_times(
        np.concatenate([each.source for each in times]),
        np.concatenate([each.receive for each in times]),
        SMALL,
    )


def _digest(row: tuple[Any, ...]) -> bytes:
    digest = hashlib.blake2b(row[3], digest_size=16)
    digest.update(row[4])
    return digest.digest()


def _empty(path: Path) -> Any:
    """A new file; it needs no journal, since one that is not whole is thrown away."""
    _remove(path)
    with named(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        with named(path):
            for step in (f"page_size={PAGE_BYTES}", "journal_mode=OFF", "synchronous=OFF"):
                connection.execute(f"PRAGMA {step}").fetchall()
            connection.executescript(SCHEMA)
    except StoreError:
        close_quietly(connection)
        raise
    return connection


def _settle(path: Path) -> None:
    """Bring what waits in the WAL into the file: what has another file's WAL beside it is no database."""
    segment = Segment(path)
    try:
        if not segment.checkpoint():
            raise StoreError(f"{path} is being read; it is compacted later")
    finally:
        segment.close()


def _stamp(path: Path) -> tuple[int, ...]:
    """Changes with every write."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return ()
    waiting = 0
    with contextlib.suppress(FileNotFoundError):
        waiting = path.with_name(f"{path.name}-wal").stat().st_size
    return facts.st_ino, facts.st_mtime_ns, facts.st_size, waiting


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be flushed there, renames are in the file system's own journal
        return
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def _remove(path: Path) -> None:
    for companion in (*COMPANIONS, "-journal"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + companion).unlink(missing_ok=True)
