"""Real segment files for tests, and what is in them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.store.segment import Chunk, Segment
from engine.types import Origin

DAY_US = 86_400_000_000
DAY = 20_000 * DAY_US
"""Start of 2024-10-04 UTC."""
NAME = "samples-2024-10-04.db"
Content = dict[int, list[tuple[int, int, float, int, int]]]
"""By tag: source time, receive time, value, quality and samples left out, in order of time."""


def make(
    path: Path, tags: int = 4, seals: int = 5, n: int = 600, start_us: int = DAY, seed: int = 1
) -> Content:
    """A closed segment: ``seals`` chunks of ``n`` samples of each tag, a second apart."""
    random = np.random.default_rng(seed)
    segment = Segment(path)
    try:
        for seal in range(seals):
            segment.put(
                chunks(random, tags, n, start_us + seal * n * 1_000_000),
                (seal + 1) * 10,
                [(seal, f"text {seal}")],
            )
    finally:
        segment.close()
    return content(path)


def chunks(random: np.random.Generator, tags: int, n: int, start_us: int) -> list[Chunk]:
    times = start_us + np.arange(n, dtype=np.int64) * 1_000_000
    return [
        Chunk(
            tag,
            Origin.LIVE,
            times,
            times + 3_000,
            random.normal(50, 10, n),
            np.where(random.random(n) < 0.1, 0x80000000, 0).astype(np.uint32) if tag % 2 else None,
            random.integers(0, 2, n).astype(np.uint32) if tag % 3 == 0 else None,
        )
        for tag in range(tags)
    ]


def content(path: Path, tags: range = range(64)) -> Content:
    """Everything that a segment holds."""
    segment = Segment(path, read_only=True)
    found: Content = {}
    try:
        for tag in tags:
            for packed in segment.find(tag, -(2**62), 2**62):
                chunk = segment.unpack(packed, segment.times(packed.times_id))
                found.setdefault(tag, []).extend(_rows(chunk))
    finally:
        segment.close()
    return found


def _rows(chunk: Chunk) -> list[tuple[int, int, float, int, int]]:
    def or_zero(column: NDArray[np.uint32] | None) -> list[int]:
        return [0] * len(chunk.time_us) if column is None else column.tolist()

    columns = chunk.time_us.tolist(), chunk.receive_us.tolist(), chunk.value.tolist()
    return list(zip(*columns, or_zero(chunk.quality), or_zero(chunk.dropped), strict=True))


def spoil(path: Path, at: int, length: int = 1) -> None:
    """Flip all bits of some bytes, as a rotting disk may."""
    with path.open("rb+") as file:
        file.seek(at)
        there = file.read(length)
        file.seek(at)
        file.write(bytes(each ^ 0xFF for each in there))
