"""Getting out of a damaged segment what is still good."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.store.damage import COLUMNS, ROWS, Key, Row, SegmentRows, Watch, step_of
from engine.store.database import StoreError, close_quietly, named, open_database, open_read_only
from engine.store.fresh import touch
from engine.store.segment import Segment


@dataclass(frozen=True, slots=True)
class Lost:
    """A stretch that cannot be read any more; ``tag`` None = of any tag, ``samples`` None = not known."""

    tag: int | None
    first_us: int
    last_us: int
    samples: int | None


@dataclass(slots=True)
class Salvaged:
    """What came out of a damaged segment, oldest loss first for each tag."""

    chunks: int = 0
    samples: int = 0
    lost: list[Lost] = field(default_factory=list[Lost])


def salvage(damaged: Path, into: Path, watch: Watch, day_us: tuple[int, int]) -> Salvaged:
    """Copy every chunk that is still good into ``into``, which may be in use or not be there yet.

    Doing it again changes nothing. ``day_us`` = start and end of its day, for what nothing tells more of.

    Raises:
        StoreError: ``into`` cannot be written. Stopped.
    """
    Segment(into).close()
    with tempfile.TemporaryDirectory(prefix="salvaging-", dir=into.parent) as work:
        connection = _opened(damaged, Path(work))
        if connection is None:
            return Salvaged(lost=[Lost(None, *day_us, None)])
        target = open_database(into, check=False)
        try:
            return _copy(SegmentRows(connection), target, into, watch, day_us)
        finally:
            close_quietly(target)
            close_quietly(connection)


def _opened(damaged: Path, work: Path) -> Any:
    """A connection, to a copy with a mended first page where that page is damaged; None = no way in."""
    with contextlib.suppress(StoreError):
        return open_read_only(damaged)
    mended = work / "mended.db"
    with contextlib.suppress(OSError, StoreError):
        Segment(work / "new.db").close()
        shutil.copyfile(damaged, mended)
        with mended.open("rb+") as file:
            file.write(_first_page((work / "new.db").read_bytes(), mended.stat().st_size))
        return open_read_only(mended)
    return None


def _first_page(new: bytes, size: int) -> bytes:
    """The first page of a new segment, made to fit a file of this size: all segments have the same tables.

    Offsets as in https://sqlite.org/fileformat.html, 1.3: 16 page size, 24 change counter, 28 pages, 32
    free list, 92 the change counter for which the number of pages holds.
    """
    length = int.from_bytes(new[16:18], "big")
    page = bytearray(new[:length])
    page[24:28] = page[92:96] = (1).to_bytes(4, "big")
    page[28:32] = (size // length).to_bytes(4, "big")
    page[32:40] = bytes(8)
    return bytes(page)


def _copy(source: SegmentRows, target: Any, into: Path, watch: Watch, day_us: tuple[int, int]) -> Salvaged:
    found, kept, bad = Salvaged(), set[Key](), dict[Key, Row]()
    places: dict[int, int] = {}
    last = source.last()
    for first in range(1, last + 1, ROWS):
        step_of(watch, first / last)(0)
        good: list[Row] = []
        for row in source.rows(first, first + ROWS):
            if source.is_good(row):
                good.append(row)
                kept.add(row[:3])
                found.samples += row[6]
            else:
                bad[row[:3]] = row
        with named(into):
            _put(source, target, good, places)
    texts, upto = source.rest()
    with named(into):
        target.execute("BEGIN IMMEDIATE")
        target.executemany("INSERT OR IGNORE INTO texts VALUES (?, ?)", texts)
        # What had been packed into the damaged file must not be packed once more.
        target.execute("INSERT OR IGNORE INTO facts VALUES ('upto', 0)")
        target.execute("UPDATE facts SET number = max(number, ?) WHERE name = 'upto'", (upto,))
        target.execute("COMMIT")
    touch(into)
    found.chunks = len(kept)
    found.lost = _losses(source, kept, bad, day_us)
    return found


def _put(source: SegmentRows, target: Any, rows: list[Row], places: dict[int, int]) -> None:
    """Chunks as they are, and their times under new numbers; each once."""
    target.execute("BEGIN IMMEDIATE")
    try:
        known = "SELECT 1 FROM chunks WHERE tag = ? AND first_us = ? AND chunk = ?"
        for row in rows:
            if target.execute(known, row[:3]).fetchone():
                continue
            if row[9] not in places:
                times = source.times(row[9])
                if times is None:
                    continue
                free = target.execute("SELECT coalesce(max(times_id), 0) + 1 FROM times").fetchone()[0]
                target.execute("INSERT INTO times VALUES (?, ?, ?, ?, ?, ?)", (free, *times))
                places[row[9]] = free
            marks = ", ".join("?" * len(row))
            target.execute(
                f"INSERT INTO chunks ({COLUMNS}) VALUES ({marks})", (*row[:9], places[row[9]], *row[10:])
            )
        target.execute("COMMIT")
    except BaseException:
        target.rollback()
        raise


def _losses(source: SegmentRows, kept: set[Key], bad: dict[Key, Row], day_us: tuple[int, int]) -> list[Lost]:
    listed, is_whole = source.listed()
    found: list[Lost] = [] if is_whole else [Lost(None, *day_us, None)]
    for at, (tag, first_us, chunk) in enumerate(listed):
        if (tag, first_us, chunk) in kept:
            continue
        row = bad.get((tag, first_us, chunk))
        after = listed[at + 1] if at + 1 < len(listed) else None
        last_us, samples = (after[1] - 1 if after and after[0] == tag else day_us[1] - 1), None
        if row is not None and isinstance(row[3], int) and first_us <= row[3] < day_us[1]:
            last_us, samples = row[3], row[6]
        before = found[-1] if found else None
        if before and before.tag == tag and before.last_us + 1 >= first_us:
            both = None if before.samples is None or samples is None else before.samples + samples
            found[-1] = Lost(tag, before.first_us, max(before.last_us, last_us), both)
        else:
            found.append(Lost(tag, first_us, max(first_us, last_us), samples))
    return found
