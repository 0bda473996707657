"""Runs: frames put together so that the samples of one tag lie together. Never changed once made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.historian.places import DAY_US
from engine.store.frame_rows import Frame
from engine.store.segment import Chunk
from engine.types import Origin


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Some samples of one tag in the order they came; arrays as in `Chunk`, ``quality`` None = all good."""

    origin: Origin
    time_us: NDArray[np.int64]
    receive_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint32] | None


@dataclass(frozen=True, slots=True, eq=False)
class DenseRun:
    """Rows of the same n tags. source_us int64[rows] or [n×rows], value float64[n×rows], quality alike."""

    origin: Origin
    tags: NDArray[np.int32]
    place: dict[int, int]
    source_us: NDArray[np.int64]
    receive_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint32] | None

    @property
    def size(self) -> int:
        """Samples in it."""
        return self.value.size

    def piece(self, tag: int) -> Piece | None:
        """The samples of a tag, None = there are none."""
        k = self.place.get(tag)
        if k is None:
            return None
        times = self.source_us if self.source_us.ndim == 1 else self.source_us[k]
        quality = None if self.quality is None else self.quality[k]
        return Piece(self.origin, times, self.receive_us, self.value[k], quality)


@dataclass(frozen=True, slots=True, eq=False)
class MixedRun:
    """Samples of any tags, one column each, sorted by tag; those of tags[k] are bounds[k] to bounds[k+1]."""

    origin: Origin
    tags: NDArray[np.int32]
    bounds: NDArray[np.int64]
    source_us: NDArray[np.int64]
    receive_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint32] | None

    @property
    def size(self) -> int:
        """Samples in it."""
        return self.value.size

    def piece(self, tag: int) -> Piece | None:
        """The samples of a tag, None = there are none."""
        k = int(np.searchsorted(self.tags, tag))
        if k == len(self.tags) or self.tags[k] != tag:
            return None
        part = slice(int(self.bounds[k]), int(self.bounds[k + 1]))
        quality = None if self.quality is None else self.quality[part]
        return Piece(self.origin, self.source_us[part], self.receive_us[part], self.value[part], quality)


Run = DenseRun | MixedRun


def frame_piece(frame: Frame, tag: int) -> Piece | None:
    """The samples of a tag in one frame, None = there are none."""
    places = np.flatnonzero(frame.tags == tag)
    if not len(places):
        return None
    if frame.value.ndim == 1:
        quality = None if frame.quality is None else frame.quality[places]
        return Piece(
            frame.origin, frame.source_us[places], frame.receive_us[places], frame.value[places], quality
        )
    k = int(places[0])
    times = frame.source_us if frame.source_us.ndim == 1 else frame.source_us[:, k]
    quality = None if frame.quality is None else frame.quality[:, k]
    return Piece(frame.origin, times, frame.receive_us, frame.value[:, k], quality)


def gather(frames: Sequence[Frame]) -> list[Run]:
    """Frames as runs: one for each layout and origin, one for the mixed frames of each origin."""
    groups: dict[tuple[Origin, bool, bytes], list[Frame]] = {}
    for frame in frames:
        dense = frame.value.ndim == 2
        groups.setdefault((frame.origin, dense, frame.tags.tobytes() if dense else b""), []).append(frame)
    return [_dense(some) if dense else _mixed(some) for (_, dense, _), some in groups.items()]


def merge(runs: Sequence[Run]) -> list[Run]:
    """Fewer and larger runs with the same samples in the same order."""
    groups: dict[tuple[Origin, bool, bytes], list[Run]] = {}
    for run in runs:
        dense = isinstance(run, DenseRun)
        groups.setdefault((run.origin, dense, run.tags.tobytes() if dense else b""), []).append(run)
    return [some[0] if len(some) == 1 else _merged(some) for some in groups.values()]


def joined(tag: int, pieces: Sequence[Piece]) -> Chunk:
    """Pieces of one tag and origin as one chunk in order of time, equal times in the order they came.

    Runs of different layouts do not say which of them came first, but when each sample was received.
    """
    if len(pieces) == 1:
        only = pieces[0]
        time_us, receive_us, value, quality = only.time_us, only.receive_us, only.value, only.quality
    else:
        time_us = np.concatenate([piece.time_us for piece in pieces])
        receive_us = np.concatenate([piece.receive_us for piece in pieces])
        value = np.concatenate([piece.value for piece in pieces])
        quality = _qualities([(piece.quality, len(piece.value)) for piece in pieces])
    if len(time_us) > 1 and (time_us[1:] <= time_us[:-1]).any():
        order = np.lexsort((receive_us, time_us))
        time_us, receive_us, value = time_us[order], receive_us[order], value[order]
        quality = None if quality is None else quality[order]
    return Chunk(tag, pieces[0].origin, time_us, receive_us, value, quality)


def part(chunk: Chunk, first: int, end: int) -> Chunk:
    """Samples ``first`` to ``end`` of a chunk."""
    if first == 0 and end == len(chunk.time_us):
        return chunk
    cut = slice(first, end)
    quality = None if chunk.quality is None else chunk.quality[cut]
    dropped = None if chunk.dropped is None else chunk.dropped[cut]
    return Chunk(
        *(chunk.tag, chunk.origin, chunk.time_us[cut], chunk.receive_us[cut], chunk.value[cut]),
        *(quality, dropped, chunk.upto),
    )


def by_day(chunk: Chunk) -> list[Chunk]:
    """The chunk cut at UTC midnights."""
    if not len(chunk.time_us):
        return []
    first, last = int(chunk.time_us[0]) // DAY_US, int(chunk.time_us[-1]) // DAY_US
    if first == last:
        return [chunk]
    cuts = np.flatnonzero(np.diff(chunk.time_us // DAY_US)) + 1
    bounds = [0, *cuts.tolist(), len(chunk.time_us)]
    return [part(chunk, low, high) for low, high in zip(bounds, bounds[1:], strict=False)]


def _dense(frames: Sequence[Frame]) -> DenseRun:
    first = frames[0]
    value = np.empty((len(first.tags), sum(len(frame.value) for frame in frames)))
    quality = None if all(frame.quality is None for frame in frames) else np.zeros(value.shape, np.uint32)
    flat = all(frame.source_us.ndim == 1 for frame in frames)
    source = np.empty(value.shape[1:] if flat else value.shape, np.int64)
    at = 0
    for frame in frames:
        rows = slice(at, at + len(frame.value))
        value[:, rows] = frame.value.T
        source[..., rows] = frame.source_us.T
        if quality is not None and frame.quality is not None:
            quality[:, rows] = frame.quality.T
        at = rows.stop
    receive = np.concatenate([frame.receive_us for frame in frames])
    place = {tag: k for k, tag in enumerate(first.tags.tolist())}
    return DenseRun(first.origin, first.tags, place, source, receive, value, quality)


def _mixed(frames: Sequence[Frame]) -> MixedRun:
    quality = _qualities([(frame.quality, len(frame.value)) for frame in frames])
    return _sorted(
        frames[0].origin,
        np.concatenate([frame.tags for frame in frames]),
        np.concatenate([frame.source_us for frame in frames]),
        np.concatenate([frame.receive_us for frame in frames]),
        np.concatenate([frame.value for frame in frames]),
        quality,
    )


def _sorted(
    origin: Origin,
    tags: NDArray[np.int32],
    source_us: NDArray[np.int64],
    receive_us: NDArray[np.int64],
    value: NDArray[np.float64],
    quality: NDArray[np.uint32] | None,
) -> MixedRun:
    order = np.argsort(tags, kind="stable")
    tags = tags[order]
    starts = np.flatnonzero(np.append(True, tags[1:] != tags[:-1])) if len(tags) else np.empty(0, np.int64)
    return MixedRun(
        *(origin, tags[starts], np.append(starts, len(tags)).astype(np.int64)),
        *(source_us[order], receive_us[order], value[order], None if quality is None else quality[order]),
    )


def _merged(runs: Sequence[Run]) -> Run:
    """Runs of one origin and kind; dense ones have the same tags."""
    quality = [(run.quality, run.value.shape) for run in runs]
    receive_us = np.concatenate([run.receive_us for run in runs])
    dense = [run for run in runs if isinstance(run, DenseRun)]
    if dense:
        whole = None
        if any(some is not None for some, _ in quality):
            parts = [np.zeros(shape, np.uint32) if some is None else some for some, shape in quality]
            whole = np.concatenate(parts, axis=1)
        sources = [run.source_us for run in dense]
        if any(source.ndim == 2 for source in sources):
            sources = [np.broadcast_to(run.source_us, run.value.shape) for run in dense]
        value = np.concatenate([run.value for run in dense], axis=1)
        source_us = np.concatenate(sources, axis=-1)
        return DenseRun(dense[0].origin, dense[0].tags, dense[0].place, source_us, receive_us, value, whole)
    mixed = [run for run in runs if isinstance(run, MixedRun)]
    return _sorted(
        runs[0].origin,
        np.concatenate([np.repeat(run.tags, np.diff(run.bounds)) for run in mixed]),
        np.concatenate([run.source_us for run in runs]),
        receive_us,
        np.concatenate([run.value for run in runs]),
        _qualities([(run.quality, len(run.value)) for run in runs]),
    )


def _qualities(parts: Sequence[tuple[NDArray[np.uint32] | None, int]]) -> NDArray[np.uint32] | None:
    if all(quality is None for quality, _ in parts):
        return None
    return np.concatenate([np.zeros(n, np.uint32) if quality is None else quality for quality, n in parts])
