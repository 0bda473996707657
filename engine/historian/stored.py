"""The files of a history folder: what each holds, from when to when, and how much room it takes."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from engine.historian.places import RESERVE
from engine.store import StoreError
from engine.store.database import close_quietly, named, open_read_only

Kind = Literal["fast", "samples", "rollups", "damaged", "other"]
DAY_US = 86_400_000_000
_NAME = re.compile(r"(fast|samples|rollups)-(\d{4})-(\d\d)(?:-(\d\d))?\.db")
_ASIDE = re.compile(r"(.+\.db)\.damaged-(\d+)")
_COMPANION = re.compile(r"-(wal|shm)$")


@dataclass(frozen=True, slots=True)
class Stored:
    """A file with its companions: [start_us, end_us) is its day or month, 0 and 0 where it has none."""

    path: Path
    kind: Kind
    start_us: int
    end_us: int
    bytes: int


def stored(folder: Path) -> list[Stored]:
    """Everything in a history folder, by time; nothing where there is no folder.

    ``damaged`` = set aside; ``other`` = the journal of samples and what else the history needs to run. The
    room that is reserved for a full disk is none of it.
    """
    sizes: dict[str, int] = {}
    whole: set[str] = set()
    if folder.is_dir():
        for path in folder.iterdir():
            try:
                size = path.stat().st_size if path.is_file() else 0
            except FileNotFoundError:  # it was removed meanwhile
                continue
            name = _COMPANION.sub("", path.name)
            if name == RESERVE:
                continue
            sizes[name] = sizes.get(name, 0) + size
            if name == path.name:
                whole.add(name)
    return sorted(
        (_stored(folder / name, size, name in whole) for name, size in sizes.items()),
        key=lambda each: (each.start_us, each.path),
    )


def segment_day(name: str) -> tuple[int, int] | None:
    """Start and end of the day of a segment, whether in use or set aside; None = it is no segment."""
    aside = _ASIDE.fullmatch(name)
    match = _NAME.fullmatch(aside[1] if aside else name)
    if match is None or match[4] is None or match[1] == "rollups":
        return None
    start_us, end_us = _span(match)
    return (start_us, end_us) if end_us else None


def set_aside_from(name: str) -> str:
    """The name that a file had before it was set aside, "" = it was not."""
    aside = _ASIDE.fullmatch(name)
    return aside[1] if aside else ""


def oldest_us(folder: Path) -> int | None:
    """Source time of the oldest packed sample, None = there is none. Reads the index of one file."""
    for each in stored(folder):
        if each.kind in ("fast", "samples"):
            try:
                first = _first_us(each.path)
            except StoreError:
                first = each.start_us
            if first is not None:
                return first
    return None


def _first_us(path: Path) -> int | None:
    connection = open_read_only(path)
    try:
        with named(path):
            return connection.execute("SELECT min(first_us) FROM chunks").fetchone()[0]
    finally:
        close_quietly(connection)


def _stored(path: Path, size: int, is_there: bool) -> Stored:
    if not is_there:  # companions without their file
        return Stored(path, "other", 0, 0, size)
    aside = _ASIDE.fullmatch(path.name)
    match = _NAME.fullmatch(aside[1] if aside else path.name)
    start_us, end_us = _span(match) if match else (0, 0)
    if aside:
        return Stored(path, "damaged", start_us or int(aside[2]), end_us or int(aside[2]), size)
    kind: Kind = "other"
    if match and end_us and (match[4] is None) == (match[1] == "rollups"):
        kind = "fast" if match[1] == "fast" else "samples" if match[1] == "samples" else "rollups"
    return Stored(path, kind, start_us if kind != "other" else 0, end_us if kind != "other" else 0, size)


def _span(match: re.Match[str]) -> tuple[int, int]:
    """Start and end of the day or month in a name; 0 and 0 where there is no such day."""
    year, month, day = int(match[2]), int(match[3]), int(match[4] or 1)
    try:
        start = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return 0, 0
    days = 1 if match[4] else calendar.monthrange(year, month)[1]
    start_us = (start - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return start_us, start_us + days * DAY_US
