"""A historian under test, and what its folder holds by the rule that every reader follows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.historian import Historian, Tail, load_tail, segment_path
from engine.historian.places import DAY_US, is_fast
from engine.store.segment import Chunk, Segment
from engine.types import Batch, HistorySettings, Origin, Tag

NOW_US = 1_750_000_000_000_000
Sample = tuple[int, float, int]
"""Source time, value (None would be NaN: -1e99 stands for it) and quality."""
NONE = -1e99


class Clock:
    """A clock that a test sets."""

    def __init__(self, now_us: int = NOW_US) -> None:
        self.us = now_us

    def now_us(self) -> int:
        return self.us

    def mono_us(self) -> int:
        return self.us

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


class Heard:
    """What a person would be told."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        self.healings: list[str] = []


def tags_of(count: int, **more: object) -> list[Tag]:
    return [Tag(k, f"Area/Unit/Tag {k}", f"plc{k % 2}", f"holding:{k}", **more) for k in range(count)]  # type: ignore[arg-type]


def opened(
    folder: Path,
    tags: Sequence[Tag],
    clock: Clock | None = None,
    heard: Heard | None = None,
    settings: HistorySettings | None = None,
) -> Historian:
    heard = heard or Heard()
    return Historian(
        folder,
        tags,
        clock or Clock(),
        failed=heard.failures.append,
        healed=heard.healings.append,
        texts=lambda code: f"text {code:g}",
        settings=settings,
    )


def batch(
    tags: Sequence[int],
    time_us: Sequence[int] | Sequence[Sequence[int]],
    value: Sequence[Sequence[float]],
    quality: Sequence[int] | Sequence[Sequence[int]] | None = None,
    receive_us: Sequence[int] | None = None,
) -> Batch:
    values = np.array(value, np.float64)
    source = np.array(time_us, np.int64)
    first = source if source.ndim == 1 else source[:, 0]
    return Batch(
        0,
        np.array(tags, np.int32),
        source,
        np.array(first if receive_us is None else receive_us, np.int64),
        values,
        np.zeros(len(tags), np.uint32) if quality is None else np.array(quality, np.uint32),
    )


def chunks_of(folder: Path, tail: Tail, tag: Tag, start_us: int = 0, end_us: int = 2**62) -> list[Chunk]:
    """The rule: the tail first, then the segments; what a segment holds already is not taken twice."""
    waiting = tail.find(tag.tag_id, start_us, end_us)
    found: list[Chunk] = []
    reached: dict[Path, int] = {}
    for path in sorted([*folder.glob("samples-*.db"), *folder.glob("fast-*.db")]):
        segment = Segment(path, read_only=True)
        try:
            packed = segment.find(tag.tag_id, start_us, end_us)
            reached[path] = segment.upto
            found += [segment.unpack(each, segment.times(each.times_id)) for each in packed]
        finally:
            segment.close()
    for chunk in waiting:
        day = int(chunk.time_us[0]) // DAY_US
        assert int(chunk.time_us[-1]) // DAY_US == day, "a chunk of the tail reaches over midnight"
        if reached.get(segment_path(folder, day, is_fast(tag)), 0) < chunk.upto:
            found.append(chunk)
    return found


def samples_of(folder: Path, tail: Tail, tag: Tag, origins: Sequence[Origin] = tuple(Origin)) -> list[Sample]:
    """All stored samples of a tag in order, as often as they are stored."""
    found: list[Sample] = []
    for chunk in chunks_of(folder, tail, tag):
        if chunk.origin in origins:
            quality = np.zeros(len(chunk.time_us), np.uint32) if chunk.quality is None else chunk.quality
            value = np.where(np.isnan(chunk.value), NONE, chunk.value)
            found += zip(chunk.time_us.tolist(), value.tolist(), quality.tolist(), strict=True)
    return sorted(found)


def on_disk(folder: Path, tag: Tag, origins: Sequence[Origin] = tuple(Origin)) -> list[Sample]:
    """The same for a reader without an engine."""
    return samples_of(folder, load_tail(folder), tag, origins)
