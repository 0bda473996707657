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
FEW_ROWS = 4
NEVER_US = np.int64(-(2**62))
"""So long ago that any time is later, and no difference to it overflows."""


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
        self._value = np.full(size, np.nan)
        self._code = np.zeros(size, np.uint32)
        self._kept_us = np.full(size, NEVER_US)

    def forget(self, tags: NDArray[np.int32]) -> None:
        """The next sample of these tags is kept whatever it says."""
        self._kept_us[tags] = NEVER_US

    def keep(self, batch: Batch, taken: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        """bool[rows×n]: True where the sample must be kept.

        Kept is the first sample of a tag; a changed severity or sub-code; a value that appears or
        vanishes (NaN and infinities are no value); a value farther than the deadband from the last
        kept one; any sample of a tag with deadband 0; and any sample ``max_silent_s`` or more of
        receive time from the last kept one, whichever way the clock was stepped. Where ``taken``
        bool[rows×n] is given, the other samples are neither kept nor remembered. Raises
        ``IndexError`` for a tag id outside ``deadband``.
        """
        narrow = self.deadband[batch.tags] != 0
        chosen = np.ones(batch.value.shape, np.bool_) if taken is None else taken.copy()
        if not narrow.any():  # the common case: a tag that keeps every sample needs no memory
            return chosen
        # Leaving out the other tags pays only where there are several rows to compare.
        few = len(chosen) <= FEW_ROWS or bool(narrow.all())
        at = slice(None) if few else np.flatnonzero(narrow)
        value, code = batch.value[:, at], full_quality(batch)[:, at] & CODE_BITS
        same = self._same(batch.tags[at], value, code, batch.receive_time_us, chosen[:, at])
        chosen[:, at] &= ~(same & narrow[at])
        return chosen

    def _same(
        self,
        ids: NDArray[np.int32],
        value: NDArray[np.float64],
        code: NDArray[np.uint32],
        receive_us: NDArray[np.int64],
        taken: NDArray[np.bool_],
    ) -> NDArray[np.bool_]:
        """Which samples say the same as the last kept one; remembers the others that are ``taken``."""
        value = np.where(np.isfinite(value), value, np.nan)
        last, last_code, last_us = self._value[ids], self._code[ids], self._kept_us[ids]
        deadband, missing = self.deadband[ids], bool(np.isnan(value).any() or np.isnan(last).any())
        found = np.empty(value.shape, np.bool_)
        # Row by row, because what is kept in one row is what the next is compared with.
        with np.errstate(over="ignore"):  # the distance between two huge values may be infinite
            for row, now_us in enumerate(receive_us):
                same = np.less_equal(np.abs(value[row] - last), deadband, out=found[row])
                if missing:
                    same |= np.isnan(value[row]) & np.isnan(last)
                same &= code[row] == last_code
                same &= np.abs(now_us - last_us) < self.max_silent_us
                keep = taken[row] & ~same
                np.copyto(last, value[row], where=keep)
                np.copyto(last_code, code[row], where=keep)
                np.copyto(last_us, now_us, where=keep)
        self._value[ids], self._code[ids], self._kept_us[ids] = last, last_code, last_us
        return found
