"""Batches become frames: scan groups that come again as they are, everything else one sample each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.historian.inbox import Waiting
from engine.store.frame_rows import Frame
from engine.types import Batch, Origin

DENSE_TAGS = 64
"""Scan groups of fewer tags are not worth a layout of their own."""
MOST_LAYOUTS = 4_000
TRUSTED_LAYOUTS = 64
"""The first ones are taken for scan groups at once: what comes again is then of one kind from its start."""
YEAR_2000_US = 946_684_800_000_000
DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Misdated:
    """Samples of a tag whose time cannot be: received from first_us to last_us, dated ``dated_us``."""

    tag: int
    samples: int
    first_us: int
    last_us: int
    dated_us: int


@dataclass(slots=True)
class _Mixed:
    """Columns to be put one after another; times of rows are repeated as often as ``repeat`` says."""

    tags: list[NDArray[np.int32]] = field(default_factory=list[NDArray[np.int32]])
    source: list[NDArray[np.int64]] = field(default_factory=list[NDArray[np.int64]])
    receive: list[NDArray[np.int64]] = field(default_factory=list[NDArray[np.int64]])
    value: list[NDArray[np.float64]] = field(default_factory=list[NDArray[np.float64]])
    quality: list[NDArray[np.uint32]] = field(default_factory=list[NDArray[np.uint32]])
    sizes: list[int] = field(default_factory=list[int])


class Framing:
    """Keeps in mind which scan groups came before. One thread only."""

    def __init__(self, kept_us: int) -> None:
        """``kept_us`` = how long samples are kept; older ones are not taken any more."""
        self._kept_us = kept_us
        self._seen: dict[bytes, NDArray[np.int32]] = {}

    def frames(self, waiting: Sequence[Waiting], now_us: int) -> tuple[list[Frame], list[Misdated]]:
        """The samples of the batches in order, and those whose time cannot be."""
        earliest, latest = max(YEAR_2000_US, now_us - self._kept_us), now_us + DAY_US
        found: list[Frame] = []
        mixed: dict[Origin, _Mixed] = {}
        refused: list[Misdated] = []
        for batch, origin, taken in waiting:
            if not batch.value.size:
                continue
            source = batch.source_time_us
            if int(source.min()) < earliest or int(source.max()) > latest:
                taken = _dated(batch, taken, earliest, latest, refused)
            if taken is not None and bool(taken.all()):
                taken = None
            tags = self._layout(batch.tags) if taken is None else None
            if tags is not None:
                found.append(_dense(batch, origin, tags))
            else:
                _mix(mixed.setdefault(origin, _Mixed()), batch, taken)
        found += [_put_together(origin, columns) for origin, columns in mixed.items() if columns.tags]
        return found, refused

    def _layout(self, tags: NDArray[np.int32]) -> NDArray[np.int32] | None:
        """The tags of a scan group, always the same array; None = nothing says that it comes again."""
        if len(tags) < DENSE_TAGS:
            return None
        key = tags.tobytes()
        known = self._seen.get(key)
        if known is None and len(self._seen) < MOST_LAYOUTS:
            self._seen[key] = tags
            return tags if len(self._seen) <= TRUSTED_LAYOUTS else None
        return known


def _dense(batch: Batch, origin: Origin, tags: NDArray[np.int32]) -> Frame:
    quality = np.broadcast_to(batch.quality, batch.value.shape) if batch.quality.any() else None
    return Frame(origin, tags, batch.source_time_us, batch.receive_time_us, batch.value, quality)


def _mix(columns: _Mixed, batch: Batch, taken: NDArray[np.bool_] | None) -> None:
    """The samples of a batch, or those taken of it, one after another."""
    rows, n = batch.value.shape
    if taken is None and rows == 1:
        tags, value = batch.tags, batch.value[0]
        source, receive = batch.source_time_us.reshape(-1), batch.receive_time_us
        quality = batch.quality.reshape(-1)
    else:
        wanted = np.ones(rows * n, np.bool_) if taken is None else taken
        chosen = np.flatnonzero(wanted)
        row = chosen // n
        tags, value = batch.tags[chosen - row * n], batch.value.reshape(-1)[chosen]
        flat = batch.source_time_us.ndim == 1
        source = batch.source_time_us[row] if flat else batch.source_time_us.reshape(-1)[chosen]
        receive = batch.receive_time_us[row]
        quality = np.broadcast_to(batch.quality, batch.value.shape).reshape(-1)[chosen]
    if not len(tags):
        return
    columns.tags.append(tags)
    columns.value.append(value)
    columns.source.append(source)
    columns.receive.append(receive)
    columns.quality.append(quality)
    columns.sizes.append(len(tags))


def _put_together(origin: Origin, columns: _Mixed) -> Frame:
    quality = np.concatenate(columns.quality)
    return Frame(
        origin,
        np.concatenate(columns.tags),
        _repeated(columns.source, columns.sizes),
        _repeated(columns.receive, columns.sizes),
        np.concatenate(columns.value),
        quality if quality.any() else None,
    )


def _repeated(parts: Sequence[NDArray[np.int64]], sizes: Sequence[int]) -> NDArray[np.int64]:
    """The parts one after another; one of a single time stands for all samples of its batch."""
    if all(len(part) == size for part, size in zip(parts, sizes, strict=True)):
        return np.concatenate(parts)
    parts = [np.full(n, part[0]) if len(part) != n else part for part, n in zip(parts, sizes, strict=True)]
    return np.concatenate(parts)


def _dated(
    batch: Batch, taken: NDArray[np.bool_] | None, earliest: int, latest: int, refused: list[Misdated]
) -> NDArray[np.bool_]:
    """The samples whose time can be; the others are counted by tag."""
    shape = batch.value.shape
    source = batch.source_time_us
    full = np.broadcast_to(source[:, None] if source.ndim == 1 else source, shape)
    fits = (full >= earliest) & (full <= latest)
    wanted = np.ones(shape, np.bool_) if taken is None else taken
    wrong = wanted & ~fits
    first, last = int(batch.receive_time_us[0]), int(batch.receive_time_us[-1])
    for k in np.flatnonzero(wrong.any(axis=0)).tolist():
        dated = int(full[:, k][wrong[:, k]][0])
        refused.append(Misdated(int(batch.tags[k]), int(wrong[:, k].sum()), first, last, dated))
    return wanted & fits
