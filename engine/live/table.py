"""The engine's side of the live table: vectorised over batches, no object per value."""

from __future__ import annotations

import contextlib
import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.live.layout import HEADER, MAGIC, column
from engine.live.ring import Ring
from engine.types import Batch, Layout, Status

BAD = np.uint32(0x80000000)
STALE = np.uint32(Status.STALE)
HELD_US = 200_000
"""A proof this much later than the sample came from a keep-alive, not with the sample itself."""


class LiveTable:
    """Creates the live file whole and writes it. One thread only; closes with ``close``.

    ``tag_ids`` gives the live order. Raises OSError with the size needed when the file cannot be
    made whole: a sparse file would kill the engine later, when its memory runs out.
    """

    def __init__(self, path: Path, layout: Layout, tag_ids: NDArray[np.int32], mono_us: int) -> None:
        self.path, self.layout = path, layout
        self._memory = _make_file(path, layout.size)
        self._header: NDArray[Any] = np.frombuffer(self._memory, HEADER, 1)

        def flat(name: str) -> NDArray[Any]:
            return column(self._memory, layout, name)

        self._sequence, self._value, self._quality = flat("sequence"), flat("value"), flat("quality")
        self._source, self._receive = flat("source_time_us"), flat("receive_time_us")
        self._proved, self._limit = flat("proved_mono_us"), flat("limit_us")
        self._ring = Ring(self._memory, layout)
        self._row = np.full(int(tag_ids.max(initial=-1)) + 1, -1, np.intp)
        self._row[tag_ids] = np.arange(len(tag_ids))
        self._device_quality = np.full(layout.capacity, Status.WAITING_FOR_INITIAL_DATA, np.uint32)
        # A row is confirmed from its first sample on a link until that link is lost: only then may
        # a keep-alive vouch for the value.
        self._confirmed = np.zeros(layout.capacity, np.bool_)
        self._value[:] = np.nan
        self._quality[:] = self._device_quality
        self._limit[:] = 3_000_000
        header = self._header[0]
        for name in ("version", "boot", "generation", "capacity", "count"):
            header[name] = getattr(layout, name)
        header["heartbeat_mono_us"] = mono_us
        header["magic"] = MAGIC

    def rows(self, tags: NDArray[np.int32]) -> NDArray[np.intp]:
        """Live positions of tag ids."""
        return self._row[tags]

    def beat(self, mono_us: int, now_us: int) -> None:
        """The engine is alive."""
        self._header["heartbeat_us"] = now_us
        self._header["heartbeat_mono_us"] = mono_us

    def write(self, batch: Batch, keep: NDArray[np.bool_], mono_us: int) -> None:
        """Take a batch: the newest row into the table, the rows' ``keep`` samples into the ring."""
        rows = self._row[batch.tags]
        count = len(batch.receive_time_us)
        quality = np.broadcast_to(batch.quality, (count, len(rows)))
        source = batch.source_time_us
        source = np.broadcast_to(source[:, None] if source.ndim == 1 else source, (count, len(rows)))
        self._sequence[rows] += np.uint64(1)
        for k in range(count):
            kept = keep[k]
            self._ring.add(rows[kept], source[k][kept], batch.value[k][kept], quality[k][kept])
        self._value[rows] = batch.value[-1]
        self._source[rows] = source[-1]
        self._receive[rows] = batch.receive_time_us[-1]
        self._quality[rows] = quality[-1]
        self._proved[rows] = mono_us
        self._sequence[rows] += np.uint64(1)
        self._device_quality[rows] = quality[-1]
        self._confirmed[rows] = True

    def write_late(self, batch: Batch) -> None:
        """Older samples into the ring alone, those that are newer than its last one; values stay."""
        rows = self._row[batch.tags]
        count = len(batch.receive_time_us)
        quality = np.broadcast_to(batch.quality, (count, len(rows)))
        source = batch.source_time_us
        source = np.broadcast_to(source[:, None] if source.ndim == 1 else source, (count, len(rows)))
        self._sequence[rows] += np.uint64(1)
        for k in range(count):
            fits = source[k] > self._ring.last_time_us(rows)
            self._ring.add(rows[fits], source[k][fits], batch.value[k][fits], quality[k][fits])
        self._sequence[rows] += np.uint64(1)

    def alive(self, tags: NDArray[np.int32], mono_us: int, now_us: int) -> None:
        """The source proves these last values current; those gone stale by age are good again."""
        rows = self._row[tags]
        rows = rows[self._confirmed[rows]]
        self._proved[rows] = mono_us
        back = rows[(self._quality[rows] == STALE) & (self._device_quality[rows] != STALE)]
        if len(back):
            self._set(back, self._value[back], self._device_quality[back], now_us)

    def period(self, tags: NDArray[np.int32], limit_us: int) -> None:
        """How old these tags may grow before they count as stale."""
        self._limit[self._row[tags]] = limit_us

    def mark(self, tags: NDArray[np.int32], status: int, mono_us: int, now_us: int) -> None:
        """The link says so: set a quality. Bad clears the value; stale keeps it, and bad stays bad."""
        rows = self._row[tags]
        self._confirmed[rows] = False
        if status == Status.STALE:
            rows = rows[(self._quality[rows] & BAD) == 0]
        value = np.full(len(rows), np.nan) if status & 0x80000000 else self._value[rows]
        changed = self._quality[rows] != np.uint32(status)
        rows, value = rows[changed], value[changed]
        self._draw_to_proof(rows, mono_us, now_us)
        self._device_quality[rows] = status
        self._set(rows, value, np.full(len(rows), status, np.uint32), now_us)

    def sweep(self, mono_us: int, now_us: int) -> NDArray[np.intp]:
        """Mark what nobody has confirmed in time; returns the rows that went stale just now."""
        count = self.layout.count
        old = (mono_us - self._proved[:count] > self._limit[:count]) & ((self._quality[:count] & BAD) == 0)
        rows = np.flatnonzero(old & (self._quality[:count] != STALE))
        if len(rows):
            self._draw_to_proof(rows, mono_us, now_us)
            self._set(rows, self._value[rows], np.full(len(rows), STALE, np.uint32), now_us)
        return rows

    def quality(self) -> NDArray[np.uint32]:
        """A copy of the quality of every tag, in live order."""
        return self._quality[: self.layout.count].copy()

    def _draw_to_proof(self, rows: NDArray[np.intp], mono_us: int, now_us: int) -> None:
        """Before a gap: a value that held was current until its last proof, and its line ends there."""
        proof_us = now_us - (mono_us - self._proved[rows])
        received = self._receive[rows]
        held = (
            (received > 0)
            & (proof_us - received > HELD_US)
            & (self._quality[rows] == self._device_quality[rows])
        )
        rows, proof_us = rows[held], proof_us[held]
        self._sequence[rows] += np.uint64(1)
        self._ring.add(rows, proof_us, self._value[rows], self._quality[rows])
        self._sequence[rows] += np.uint64(1)

    def _set(
        self, rows: NDArray[np.intp], value: NDArray[np.float64], quality: NDArray[np.uint32], now_us: int
    ) -> None:
        self._sequence[rows] += np.uint64(1)
        self._ring.add(rows, np.full(len(rows), now_us, np.int64), value, quality)
        self._value[rows], self._quality[rows] = value, quality
        self._sequence[rows] += np.uint64(1)

    def close(self) -> None:
        """Remove the file's name and let go of it; readers that have it open keep their last copy."""
        path = self.path
        vars(self).clear()  # every column is a view that holds the map open
        with contextlib.suppress(PermissionError):  # Windows: a window has it open; the next start removes it
            path.unlink(missing_ok=True)


def _make_file(path: Path, size: int) -> mmap.mmap:
    with path.open("x+b") as file:
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.truncate(size)
        except OSError as error:
            path.unlink(missing_ok=True)
            needed = f"{size / 1e6:.0f} MB"
            raise OSError(
                error.errno, f"no room for {needed} of live data in {path.parent}; lower [history] ring_mb"
            ) from error
        return mmap.mmap(file.fileno(), size)
