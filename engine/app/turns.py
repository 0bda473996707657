"""Turns in a tag's life that no device reports: it went stale, its link was lost, or it holds again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.live import LiveTable
from engine.types import SEVERITY_MASK, Batch, Clock, Origin, Record, Status

STALE = np.uint32(Status.STALE)


class Turns:
    """Writes what the live table says of its rows by itself into the history too.

    ``tags`` int32[n] = tag ids in live order. Without these samples a value would hold for ever in the
    history where in truth nobody knew it.
    """

    def __init__(self, record: Record, table: LiveTable, tags: NDArray[np.int32], clock: Clock) -> None:
        self._record, self._table, self._tags, self._clock = record, table, tags, clock

    def ended(self, rows: NDArray[np.intp]) -> None:
        """These rows are stale or bad now: their values were known until their last proof."""
        if len(rows):
            self._write(rows, self._table.ends(rows, self._clock.mono_us(), self._clock.now_us()))

    def resumed(self, rows: NDArray[np.intp]) -> None:
        """The source vouches again for the values of these rows."""
        if len(rows):
            self._write(rows, np.full(len(rows), self._clock.now_us(), np.int64))

    def slept(self, step_us: int) -> None:
        """The clock jumped ahead by so much, or the computer slept: nobody knows what was in that time.

        The values of before end where it began; what the live table says holds again from now on.
        """
        every = np.arange(len(self._tags))
        _, quality, age_s = self._table.look(every, self._clock.mono_us())
        rows = every[((quality & np.uint32(SEVERITY_MASK)) == 0) & ~np.isnan(age_s)]
        if len(rows):
            began_us = self._clock.now_us() - step_us
            self._write(rows, np.full(len(rows), began_us, np.int64), STALE)
            self.resumed(rows)

    def _write(
        self, rows: NDArray[np.intp], time_us: NDArray[np.int64], status: np.uint32 | None = None
    ) -> None:
        value, quality, _ = self._table.look(rows, self._clock.mono_us())
        if status is not None:
            quality = np.full_like(quality, status)
        receive_us = np.array([self._clock.now_us()], np.int64)
        batch = Batch(0, self._tags[rows], time_us[None, :], receive_us, value[None, :], quality[None, :])
        self._record.append(batch, Origin.ENGINE)
