"""A segment: one SQLite file with the packed samples of one day. One bad file never takes the rest.

A chunk holds the samples of one tag and one origin between two seals. Tags that were sampled
together share one row of ``times``. ``upto`` in ``facts`` is the number of the last frame of the
journal whose samples are in here, written in the same transaction: sealing again what a crash
left in both places therefore changes nothing.

A day that is over is compacted (`engine.store.compacting`): ``moved`` says where the times of its
earlier chunks went, so that who found a chunk before can still read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.store.codec import PCODEC, QUICK, checksum, pack, unpack
from engine.store.database import Damaged, StoreError, close_quietly, named, open_database, open_read_only
from engine.store.fresh import make, touch
from engine.types import Origin

COARSE = 16
"""Samples in one step of a chunk's coarse envelope."""
FEWEST_COARSE = 4096
"""Chunks of fewer samples have no envelope: they are read as quickly whole, and packed in half the time."""
PAGE_BYTES = 2048
"""A chunk of 2,000 samples, 2.4 kB, fills 4,096-byte pages to 69 %, these to 92 %; it is read as quickly."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS texts (code INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS times (
    times_id INTEGER PRIMARY KEY, n INTEGER NOT NULL, codec INTEGER NOT NULL, crc INTEGER NOT NULL,
    source BLOB NOT NULL, receive BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS chunks (
    tag INTEGER NOT NULL, first_us INTEGER NOT NULL, chunk INTEGER NOT NULL, last_us INTEGER NOT NULL,
    origin INTEGER NOT NULL, n INTEGER NOT NULL, received INTEGER NOT NULL, low REAL, high REAL,
    times_id INTEGER NOT NULL, codec INTEGER NOT NULL, crc INTEGER NOT NULL,
    value BLOB NOT NULL, quality BLOB, dropped BLOB, coarse BLOB,
    PRIMARY KEY (tag, first_us, chunk));
CREATE TABLE IF NOT EXISTS moved (
    times_id INTEGER PRIMARY KEY, place INTEGER NOT NULL, first INTEGER NOT NULL, n INTEGER NOT NULL);
"""
COLUMNS = (
    "tag, first_us, last_us, origin, n, received, low, high, "
    "times_id, codec, crc, value, quality, dropped, coarse"
)
Columns = tuple[NDArray[np.float64], NDArray[np.uint32] | None, NDArray[np.uint32] | None]
"""Value, quality and dropped as in `Chunk`."""


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Samples of one tag and one origin, in order of time and within one day; arrays as in `Samples`.

    ``quality`` None = all plainly good; ``dropped`` None = none was left out. ``upto``, of chunks that
    are not packed yet: the number of the last frame they may stem from (`Segment.find`).
    """

    tag: int
    origin: Origin
    time_us: NDArray[np.int64]
    receive_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint32] | None = None
    dropped: NDArray[np.uint32] | None = None
    upto: int = 0


class Packed(NamedTuple):
    """A chunk as it lies in the file. ``low`` and ``high`` are None where it holds no good value.

    ``received`` = samples that came, those left out by the deadband too.
    """

    tag: int
    first_us: int
    last_us: int
    origin: int
    n: int
    received: int
    low: float | None
    high: float | None
    times_id: int
    codec: int
    crc: int
    value: bytes
    quality: bytes | None
    dropped: bytes | None
    coarse: bytes | None


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Source and receive times int64[n] of the chunks that share them."""

    source: NDArray[np.int64]
    receive: NDArray[np.int64]


class Segment:
    """One file, open in one thread. Raises StoreError where it cannot be used, Damaged where it is bad."""

    def __init__(self, path: Path, *, check: bool = False, read_only: bool = False) -> None:
        self.path = path
        if not read_only:
            make(path, SCHEMA, PAGE_BYTES)
        self._connection = open_read_only(path) if read_only else open_database(path, check=check)
        try:
            with named(path):
                if not read_only:
                    self._connection.executescript(SCHEMA)
                row = self._connection.execute("SELECT number FROM facts WHERE name = 'upto'").fetchone()
        except StoreError:
            self.close()
            raise
        self.upto: int = row[0] if row else 0

    def put(
        self,
        chunks: Sequence[Chunk],
        upto: int,
        texts: Iterable[tuple[int, str]] = (),
        *,
        again: bool = False,
    ) -> None:
        """Store chunks in one transaction; nothing where ``upto`` was reached before.

        ``texts`` are what the codes of text tags among the chunks stand for. ``again``: the disk refused
        the same before; it may be in the file all the same, and is written anew to be sure.
        """
        if upto < self.upto or (upto == self.upto and not again):
            return
        times, rows = _packed(chunks)
        with named(self.path):
            execute = self._connection.execute
            execute("BEGIN IMMEDIATE")
            try:
                if again:
                    execute("DELETE FROM chunks WHERE chunk / ? = ?", (len(Origin), upto))
                first = execute("SELECT coalesce(max(times_id), 0) + 1 FROM times").fetchone()[0]
                self._connection.executemany(
                    "INSERT INTO times VALUES (?, ?, ?, ?, ?, ?)",
                    [(first + k, *t) for k, t in enumerate(times)],
                )
                self._connection.executemany(
                    "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    ((r[0], r[1], upto * len(Origin) + r[3], *r[2:8], first + r[8], *r[9:]) for r in rows),
                )
                self._connection.executemany("INSERT OR IGNORE INTO texts VALUES (?, ?)", texts)
                execute("INSERT OR REPLACE INTO facts VALUES ('upto', ?)", (upto,))
                execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise
        self.upto = upto
        touch(self.path)

    def find(self, tag: int, start_us: int, end_us: int) -> list[Packed]:
        """The chunks of a tag that reach into [start_us, end_us), in order of their first sample.

        ``upto`` is then what it was at that same moment, whoever writes meanwhile.
        """
        where = "tag = ? AND first_us < ? AND last_us >= ? ORDER BY first_us, chunk"
        query = f"SELECT {COLUMNS} FROM chunks WHERE {where}"
        with named(self.path):
            execute = self._connection.execute
            execute("BEGIN")
            try:
                row = execute("SELECT number FROM facts WHERE name = 'upto'").fetchone()
                found = [Packed._make(each) for each in execute(query, (tag, end_us, start_us))]
            finally:
                self._connection.rollback()
        self.upto = row[0] if row else 0
        return found

    def numbered(self, tag: int) -> list[tuple[int, Packed]]:
        """All chunks of a tag in order of their first sample, each after its number."""
        query = f"SELECT chunk, {COLUMNS} FROM chunks WHERE tag = ? ORDER BY first_us, chunk"
        with named(self.path):
            return [(row[0], Packed(*row[1:])) for row in self._connection.execute(query, (tag,))]

    def facts(self) -> dict[str, int]:
        """``upto``, and what else is noted in the file."""
        with named(self.path):
            return dict(self._connection.execute("SELECT name, number FROM facts").fetchall())

    def chunks(self) -> int:
        """How many there are."""
        with named(self.path):
            return self._connection.execute("SELECT count(*) FROM chunks").fetchone()[0]

    def newest_times(self) -> int:
        """The highest number that times have in here, 0 = there are none."""
        with named(self.path):
            return self._connection.execute("SELECT coalesce(max(times_id), 0) FROM times").fetchone()[0]

    def checkpoint(self) -> bool:
        """Bring all into the file itself and empty its WAL; False = somebody is reading just now."""
        with named(self.path):
            return self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0

    def before(self, tag: int, time_us: int) -> int | None:
        """The time of the newest sample before ``time_us`` if it is in a chunk that ended by then."""
        query = "SELECT max(last_us) FROM chunks WHERE tag = ? AND first_us < ? AND last_us < ?"
        with named(self.path):
            return self._connection.execute(query, (tag, time_us, time_us)).fetchone()[0]

    def holds(self, tag: int, upto: int) -> bool:
        """Whether samples of a tag came in with this ``upto``."""
        query = "SELECT 1 FROM chunks WHERE tag = ? AND chunk / ? = ? LIMIT 1"
        with named(self.path):
            return self._connection.execute(query, (tag, len(Origin), upto)).fetchone() is not None

    def newest_us(self) -> int | None:
        """Source time of the newest sample in it, None = it is empty."""
        with named(self.path):
            return self._connection.execute("SELECT max(last_us) FROM chunks").fetchone()[0]

    def count(self, tag: int, start_us: int, end_us: int) -> int:
        """Samples in the chunks of a tag that reach into [start_us, end_us)."""
        query = "SELECT coalesce(sum(n), 0) FROM chunks WHERE tag = ? AND first_us < ? AND last_us >= ?"
        with named(self.path):
            return self._connection.execute(query, (tag, end_us, start_us)).fetchone()[0]

    def tags(self) -> NDArray[np.int32]:
        """The tags that have samples in here, in order."""
        # One step through the index from tag to tag; DISTINCT would walk all of it.
        query = (
            "WITH RECURSIVE found(tag) AS (SELECT min(tag) FROM chunks UNION ALL "
            "SELECT (SELECT min(tag) FROM chunks WHERE tag > found.tag) FROM found WHERE tag IS NOT NULL) "
            "SELECT tag FROM found WHERE tag IS NOT NULL"
        )
        with named(self.path):
            return np.array([row[0] for row in self._connection.execute(query)], np.int32)

    def times(self, times_id: int) -> Times:
        """The times that chunks share."""
        n, codec, crc, source, receive = self._times_row(times_id) or (0, 0, 0, b"", b"")
        if not codec:
            return self._moved(times_id)
        if checksum(source, receive) != crc:
            raise Damaged(f"{self.path} holds times that were changed on the disk; restore it from a backup")
        source_us = unpack(source, np.int64, n, codec)
        return Times(source_us, source_us + unpack(receive, np.int64, n, codec))

    def times_row(self, times_id: int) -> tuple[Any, ...]:
        """n, codec, checksum, source and receive times as they lie in the file."""
        row = self._times_row(times_id)
        if row is None:
            raise self._lost()
        return row

    def _times_row(self, times_id: int) -> tuple[Any, ...] | None:
        query = "SELECT n, codec, crc, source, receive FROM times WHERE times_id = ?"
        with named(self.path):
            return self._connection.execute(query, (times_id,)).fetchone()

    def _moved(self, times_id: int) -> Times:
        """Times that the file had before it was compacted."""
        query = "SELECT place, first, n FROM moved WHERE times_id = ?"
        with named(self.path):
            row = self._connection.execute(query, (times_id,)).fetchone()
        if row is None or row[0] == times_id:
            raise self._lost()
        place, first, n = row
        whole = self.times(place)
        return Times(whole.source[first : first + n].copy(), whole.receive[first : first + n].copy())

    def _lost(self) -> Damaged:
        return Damaged(f"{self.path} has lost the times of some samples; restore it from a backup")

    def unpack(self, packed: Packed, times: Times) -> Chunk:
        """The samples of a chunk. ``times`` are those of its ``times_id``."""
        return unpack_chunk(self.path, packed, times)

    def envelope(self, packed: Packed) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Smallest and largest value of each `COARSE` samples; see `unpack_envelope`."""
        return unpack_envelope(self.path, packed)

    def texts(self) -> dict[int, str]:
        """What the codes of text tags stand for."""
        with named(self.path):
            return dict(self._connection.execute("SELECT code, text FROM texts").fetchall())

    def check(self) -> None:
        """Look through the whole file. Raises Damaged."""
        with named(self.path):
            found = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise Damaged(f"{self.path} cannot be used ({str(found).splitlines()[-1]})")

    def close(self) -> None:
        """Close the file."""
        close_quietly(self._connection)


def unpack_chunk(path: Path, packed: Packed, times: Times) -> Chunk:
    """The samples of a chunk that was found in the file ``path``. ``times`` are those of its ``times_id``.

    Raises:
        Damaged: it was changed on the disk.
    """
    value, quality, dropped = unpack_columns(path, packed)
    return Chunk(packed.tag, Origin(packed.origin), times.source, times.receive, value, quality, dropped)


def unpack_columns(path: Path, packed: Packed) -> Columns:
    """Value, quality and dropped of a chunk that was found in the file ``path``.

    Raises:
        Damaged: it was changed on the disk.
    """
    _require_whole(path, packed)
    n, codec = packed.n, packed.codec
    quality = None if packed.quality is None else unpack(packed.quality, np.uint32, n, codec)
    dropped = None if packed.dropped is None else unpack(packed.dropped, np.uint32, n, codec)
    return unpack(packed.value, np.float64, n, codec), quality, dropped


def unpack_envelope(path: Path, packed: Packed) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Smallest and largest value of each `COARSE` samples, None where the chunk has no envelope.

    Only chunks have one in which every sample is good.

    Raises:
        Damaged: it was changed on the disk.
    """
    if packed.coarse is None:
        return None
    _require_whole(path, packed)
    steps = -(-packed.n // COARSE)
    both = unpack(packed.coarse, np.float64, 2 * steps, packed.codec)
    return both[:steps], both[steps:]


def _require_whole(path: Path, packed: Packed) -> None:
    if checksum(packed.value, packed.quality, packed.dropped, packed.coarse) != packed.crc:
        raise Damaged(f"{path} holds samples that were changed on the disk; restore it from a backup")


def _packed(chunks: Sequence[Chunk]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Rows of ``times`` and of ``chunks``; the place of a chunk's times is relative to the first new row."""
    times: list[tuple[Any, ...]] = []
    known: dict[tuple[bytes, bytes], int] = {}
    same: dict[tuple[int, int], int] = {}
    rows: list[tuple[Any, ...]] = []
    for chunk in chunks:
        arrays = id(chunk.time_us), id(chunk.receive_us)
        place = same.get(arrays)
        if place is None:
            key = chunk.time_us.tobytes(), chunk.receive_us.tobytes()
            place = known.setdefault(key, len(times))
            same[arrays] = place
            if place == len(times):
                times.append(packed_times(chunk.time_us, chunk.receive_us))
        rows.append(packed_chunk(chunk, place))
    return times, rows


def packed_times(
    time_us: NDArray[np.int64], receive_us: NDArray[np.int64], level: int = QUICK
) -> tuple[Any, ...]:
    """A row of ``times`` but for its number."""
    source, receive = pack(time_us, level=level), pack(receive_us - time_us, level=level)
    return len(time_us), PCODEC, checksum(source, receive), source, receive


def packed_chunk(chunk: Chunk, times: int) -> tuple[Any, ...]:
    """A row of ``chunks`` in the order of `COLUMNS`. ``times`` = the number of its times."""
    span = int(chunk.time_us[0]), int(chunk.time_us[-1])
    return packed_row(chunk.tag, chunk.origin, span, times, (chunk.value, chunk.quality, chunk.dropped))


def packed_row(
    tag: int, origin: int, span: tuple[int, int], times: int, columns: Columns, level: int = QUICK
) -> tuple[Any, ...]:
    """The same of a chunk whose times are packed already; ``span`` = the first and the last of them."""
    given, qualities, left_out = columns
    n, value = len(given), pack(given, level=level)
    quality = None if qualities is None or not qualities.any() else pack(qualities, level=level)
    dropped = None if left_out is None or not left_out.any() else pack(left_out, level=level)
    received = n + (0 if left_out is None else int(left_out.sum()))
    usable = given if qualities is None else given[(qualities & np.uint32(0x80000000)) == 0]
    low, high = float(np.fmin.reduce(usable, initial=np.nan)), float(np.fmax.reduce(usable, initial=np.nan))
    coarse = None
    if quality is None and n >= FEWEST_COARSE and np.isfinite(given).all():
        steps = np.arange(0, n, COARSE)
        both = np.append(np.minimum.reduceat(given, steps), np.maximum.reduceat(given, steps))
        coarse = pack(both, level=level)
    crc = checksum(value, quality, dropped, coarse)
    return (
        *(tag, *span, int(origin), n, received),
        *(None if np.isnan(low) else low, None if np.isnan(high) else high),
        *(times, PCODEC, crc, value, quality, dropped, coarse),
    )
