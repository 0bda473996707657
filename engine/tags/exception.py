"""The exception filter: which samples say something new (deadband, quality, sign of life)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from engine.tags.quality import full_quality
from engine.types import Batch, Tag

CODE_BITS = np.uint32(0xFFFF0000)
"""Severity and sub-code of a StatusCode; the low half (limit and history bits) is no change."""
MAX_SILENT_S = 10.0


def deadbands(tags: Iterable[Tag]) -> NDArray[np.float64]:
    """The deadbands of ``tags``, float64 indexed by tag id; 0 at ids that no tag has."""
    width = {tag.tag_id: tag.deadband for tag in tags}
    by_id = np.zeros(max(width, default=-1) + 1)
    by_id[list(width)] = list(width.values())
    return by_id


class Exceptions:
    """The last kept sample of every tag, and by it the choice of what to keep next.

    Holding the last kept value reproduces every sample to within the deadband. One instance serves
    one thread: ``keep`` moves the memory on.
    """

    def __init__(self, deadband: NDArray[np.float64], max_silent_s: float = MAX_SILENT_S) -> None:
        """``deadband`` float64 indexed by tag id, in each tag's unit. A deadband of 0 keeps every
        sample: the trend then also proves when each value was seen.
        """
        size = len(deadband)
        self.deadband = deadband
        self.max_silent_us = round(max_silent_s * 1e6)
        self.value = np.full(size, np.nan)
        self.code = np.zeros(size, np.uint32)
        self.kept_us = np.zeros(size, np.int64)
        self.known = np.zeros(size, np.bool_)

    def keep(self, batch: Batch) -> NDArray[np.bool_]:
        """bool[rows×n]: True where the sample must be kept.

        Kept is the first sample of a tag; a changed severity or sub-code; a value that appears or
        vanishes (NaN and infinities are no value); a value farther than the deadband from the last
        kept one; any sample of a tag with deadband 0; and any sample ``max_silent_s`` or more of
        receive time from the last kept one, whichever way the clock was stepped. Raises
        ``IndexError`` for a tag id outside ``deadband``.
        """
        ids, rows = batch.tags, len(batch.value)
        value = np.where(np.isfinite(batch.value), batch.value, np.nan)
        code = full_quality(batch) & CODE_BITS
        last, last_code, last_us = self.value[ids], self.code[ids], self.kept_us[ids]
        known, deadband = self.known[ids], self.deadband[ids]
        every = deadband == 0
        if rows and every.all():  # the common case, and the only one without a comparison per row
            self._remember(ids, value[-1], code[-1], batch.receive_time_us[-1], True)
            return np.ones(value.shape, np.bool_)
        chosen = np.empty(value.shape, np.bool_)
        # Row by row, because what is kept in one row is what the next is compared with.
        with np.errstate(over="ignore"):  # the distance between two huge values may be infinite
            for row, now_us in enumerate(batch.receive_time_us):
                keep = np.abs(value[row] - last) > deadband
                keep |= every | ~known
                keep |= code[row] != last_code
                keep |= np.isnan(value[row]) != np.isnan(last)
                keep |= np.abs(now_us - last_us) >= self.max_silent_us
                np.copyto(last, value[row], where=keep)
                np.copyto(last_code, code[row], where=keep)
                last_us[keep] = now_us
                known |= keep
                chosen[row] = keep
        self._remember(ids, last, last_code, last_us, known)
        return chosen

    def _remember(
        self,
        ids: NDArray[np.int32],
        value: NDArray[np.float64],
        code: NDArray[np.uint32],
        kept_us: NDArray[np.int64],
        known: NDArray[np.bool_] | bool,
    ) -> None:
        self.value[ids], self.code[ids], self.kept_us[ids], self.known[ids] = value, code, kept_us, known
