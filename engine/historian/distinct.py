"""Samples that came twice are kept once: a device that is connected to again says its last values again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.store.segment import Chunk
from engine.types import Status


def rises(time_us: NDArray[np.int64]) -> bool:
    """Whether each time is later than the one before."""
    return bool((time_us[1:] > time_us[:-1]).all())


def distinct(chunks: Sequence[Chunk], before: Sequence[Chunk] = ()) -> list[Chunk]:
    """The chunks without samples whose time, value and quality an earlier one of them, or ``before``, has."""
    whole = (*before, *chunks)
    time_us = np.concatenate([chunk.time_us for chunk in whole])
    bits = np.concatenate([chunk.value for chunk in whole]).view(np.int64)
    quality = np.concatenate([_quality(chunk) for chunk in whole])
    order = np.lexsort((quality, bits, time_us))
    alike = np.ones(max(len(order) - 1, 0), np.bool_)
    for column in (time_us, bits, quality):
        ranked = column[order]
        alike &= ranked[1:] == ranked[:-1]
    if not alike.any() and not before:
        return list(chunks)
    keep = np.ones(len(order), np.bool_)
    keep[order[1:][alike]] = False  # lexsort is stable: the first of those alike stays
    found: list[Chunk] = []
    at = sum(len(chunk.time_us) for chunk in before)
    for chunk in chunks:
        mask = keep[at : at + len(chunk.time_us)]
        at += len(chunk.time_us)
        if mask.any():
            found.append(chunk if mask.all() else masked(chunk, mask))
    return found


def masked(chunk: Chunk, mask: NDArray[np.bool_]) -> Chunk:
    """The samples ``mask`` bool[k] of a chunk from which none were left out before."""
    quality = None if chunk.quality is None else chunk.quality[mask]
    times = chunk.time_us[mask], chunk.receive_us[mask]
    return Chunk(chunk.tag, chunk.origin, *times, chunk.value[mask], quality, upto=chunk.upto)


def _quality(chunk: Chunk) -> NDArray[np.uint32]:
    if chunk.quality is not None:
        return chunk.quality
    return np.full(len(chunk.time_us), Status.GOOD, np.uint32)
