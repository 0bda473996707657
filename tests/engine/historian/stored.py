"""Histories made by hand for the tests of reading: day files with known samples, and a tail of chunks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.historian.history import StoredHistory
from engine.historian.tail import Tail
from engine.store.frame_rows import Frame
from engine.store.segment import Chunk, Segment
from engine.types import Origin

DAY_US = 86_400_000_000
SECOND_US = 1_000_000
START_US = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""


def chunk(
    tag: int,
    time_us: NDArray[np.int64] | Sequence[int],
    value: NDArray[np.float64] | Sequence[float],
    quality: NDArray[np.uint32] | Sequence[int] | None = None,
    origin: Origin = Origin.LIVE,
    dropped: Sequence[int] | None = None,
) -> Chunk:
    times = np.asarray(time_us, np.int64)
    return Chunk(
        *(tag, origin, times, times + 5000, np.asarray(value, np.float64)),
        None if quality is None else np.asarray(quality, np.uint32),
        None if dropped is None else np.asarray(dropped, np.uint32),
    )


def day_name(time_us: int, kind: str = "samples") -> str:
    return f"{kind}-{np.datetime64(int(time_us) // DAY_US, 'D')}.db"


def store(folder: Path, chunks: Sequence[Chunk], kind: str = "samples", upto: int = 0) -> None:
    """One seal: every chunk into the file of its day."""
    folder.mkdir(parents=True, exist_ok=True)
    by_day: dict[str, list[Chunk]] = {}
    for each in chunks:
        by_day.setdefault(day_name(int(each.time_us[0]), kind), []).append(each)
    for name, some in by_day.items():
        segment = Segment(folder / name)
        segment.put(some, upto or segment.upto + 1)
        segment.close()


def tail_of(*chunks: Chunk) -> Tail:
    """A tail with these samples, each chunk a frame of its own."""
    tail = Tail()
    frames = [
        Frame(
            *(each.origin, np.full(len(each.value), each.tag, np.int32), each.time_us, each.receive_us),
            *(each.value, each.quality),
        )
        for each in chunks
    ]
    tail.add(frames, 1000 + len(frames))
    return tail


def history(folder: Path, tail: Tail | None = None, **settings: object) -> StoredHistory:
    return StoredHistory(folder, tail or Tail(), **settings)  # type: ignore[arg-type]


def cut(time_us: NDArray[np.int64], sizes: Sequence[int]) -> list[slice]:
    """Slices of about these sizes, none over midnight."""
    found: list[slice] = []
    at, k = 0, 0
    while at < len(time_us):
        end = min(at + sizes[k % len(sizes)], len(time_us))
        midnight = int(np.searchsorted(time_us, (time_us[at] // DAY_US + 1) * DAY_US))
        end = min(end, midnight)
        found.append(slice(at, end))
        at, k = end, k + 1
    return found
