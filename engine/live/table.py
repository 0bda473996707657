"""The engine's side of the live table: vectorised over batches, no object per value."""

from __future__ import annotations

import contextlib
import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.live.layout import HEADER, MAGIC, NO_TEXT, TEXT_BYTES, column
from engine.live.ring import Ring
from engine.live.texts import Texts, cut
from engine.types import Batch, Layout, Status

BAD = np.uint32(0x80000000)
STALE = np.uint32(Status.STALE)
HELD_US = 200_000
"""A proof this much later than the sample came from a keep-alive, not with the sample itself."""
MOST_AT_ONCE = 65_536
"""Samples written under one lock: few enough that a reader who tries again soon finds it open."""


class LiveTable:
    """Creates the live file whole and writes it. One thread only; closes with ``close``.

    ``tag_ids`` gives the live order; ``texts`` knows what the values of text tags stand for. Raises
    OSError with the size needed when the file cannot be made whole: a sparse file would kill the
    engine later, when its memory runs out.
    """

    def __init__(
        self,
        path: Path,
        layout: Layout,
        tag_ids: NDArray[np.int32],
        mono_us: int,
        texts: Texts | None = None,
    ) -> None:
        self.path, self.layout = path, layout
        self._texts = Texts() if texts is None else texts
        self._memory = _make_file(path, layout.size)
        self._header: NDArray[Any] = np.frombuffer(self._memory, HEADER, 1)

        def flat(name: str) -> NDArray[Any]:
            return column(self._memory, layout, name)

        self._sequence, self._value, self._quality = flat("sequence"), flat("value"), flat("quality")
        self._source, self._receive = flat("source_time_us"), flat("receive_time_us")
        self._proved, self._limit = flat("proved_mono_us"), flat("limit_us")
        self._alarm = flat("alarm")
        self._text, self._text_length = flat("text").reshape(-1, TEXT_BYTES), flat("text_length")
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
        self._text_length[:] = NO_TEXT
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

    def set_text(self, tag_id: int, is_text: bool) -> None:
        """Whether this tag's value stands for a text; it must be said before its first sample."""
        row = self._row[tag_id]
        if is_text == (self._text_length[row] != NO_TEXT):
            return
        self._sequence[row] += np.uint64(1)
        self._text_length[row] = 0 if is_text else NO_TEXT
        self._header["texts"] = np.count_nonzero(self._text_length != NO_TEXT)
        self._sequence[row] += np.uint64(1)

    def write(
        self, batch: Batch, keep: NDArray[np.bool_], mono_us: int, taken: NDArray[np.bool_] | None = None
    ) -> None:
        """Take a batch: the newest row into the table, the samples to ``keep`` into the ring.

        Where ``taken`` bool[rows×n] is given, only those samples may become the live value.
        """
        shape = batch.value.shape
        source = batch.source_time_us
        source = np.broadcast_to(source[:, None] if source.ndim == 1 else source, shape)
        quality, rows = np.broadcast_to(batch.quality, shape), self._row[batch.tags]
        most = max(MOST_AT_ONCE // max(shape[0], 1), 1)
        for at in range(0, shape[1], most):
            part = slice(at, at + most)
            mine = rows[part]
            near = _near(mine)
            times, values, codes = source[:, part], batch.value[:, part], quality[:, part]
            self._sequence[near] += np.uint64(1)
            self._record(mine, times, values, codes, keep[:, part])
            has, last = _newest(taken if taken is None else taken[:, part])
            newest = times[last, has], values[last, has], codes[last, has]
            shown = near if taken is None else mine[has]
            self._show(shown, *newest, batch.receive_time_us[last], mono_us)
            self._sequence[near] += np.uint64(1)

    def reach_s(self) -> NDArray[np.float64]:
        """How many seconds of each tag are in memory, float64[n] in live order; NaN = none."""
        reach_us = self._ring.reach_us(self.layout.count)
        return np.where(reach_us < 0, np.nan, reach_us / 1e6)

    def write_late(self, batch: Batch) -> None:
        """Older samples into the ring alone, those that are newer than its last one; values stay."""
        rows, shape = self._row[batch.tags], batch.value.shape
        source = batch.source_time_us
        source = np.broadcast_to(source[:, None] if source.ndim == 1 else source, shape)
        quality = np.broadcast_to(batch.quality, shape)
        self._sequence[rows] += np.uint64(1)
        self._record(rows, source, batch.value, quality, source > self._ring.last_time_us(rows))
        self._sequence[rows] += np.uint64(1)

    def _record(
        self,
        rows: NDArray[np.intp],
        source: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint32],
        keep: NDArray[np.bool_],
    ) -> None:
        """Samples k×n into the ring, in parts that it can hold."""
        if len(value) == 1:
            kept = np.flatnonzero(keep[0])
            if len(kept) == len(rows):
                self._ring.add(rows, source[0], value[0], quality[0])
            elif len(kept):
                self._ring.add(rows[kept], source[0].take(kept), value[0].take(kept), quality[0].take(kept))
            return
        for at in range(0, len(value), self._ring.most):
            part = slice(at, at + self._ring.most)
            self._ring.extend(rows, source[part], value[part], quality[part], keep[part])

    def _show(
        self,
        rows: NDArray[np.intp] | slice,
        source: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint32],
        receive: NDArray[np.int64] | np.int64,
        mono_us: int,
    ) -> None:
        """These are the live values now."""
        if self._header["texts"][0]:
            self._spell(np.arange(self.layout.capacity)[rows], value)
        self._value[rows], self._source[rows], self._receive[rows] = value, source, receive
        self._quality[rows] = self._device_quality[rows] = quality
        self._proved[rows] = mono_us
        self._confirmed[rows] = True

    def _spell(self, rows: NDArray[np.intp], value: NDArray[np.float64]) -> None:
        """Write out the texts that these new values stand for, where they differ from the old ones."""
        new = (self._text_length[rows] != NO_TEXT) & (value != self._value[rows]) & np.isfinite(value)
        for row, code in zip(rows[new].tolist(), value[new].tolist(), strict=True):
            content = cut(self._texts.text(code))
            self._text[row, : len(content)] = np.frombuffer(content, np.uint8)
            self._text_length[row] = len(content)

    def alive(self, tags: NDArray[np.int32], mono_us: int, now_us: int) -> NDArray[np.intp]:
        """The source proves these last values current; those gone stale by age are good again.

        Gives the rows that came back so.
        """
        rows = self._row[tags]
        rows = rows[self._confirmed[rows]]
        self._proved[rows] = mono_us
        back = rows[(self._quality[rows] == STALE) & (self._device_quality[rows] != STALE)]
        if len(back):
            self._set(back, self._value[back], self._device_quality[back], now_us)
        return back

    def period(self, tags: NDArray[np.int32], limit_us: int) -> None:
        """How old these tags may grow before they count as stale."""
        self._limit[self._row[tags]] = limit_us

    def mark(self, tags: NDArray[np.int32], status: int, mono_us: int, now_us: int) -> NDArray[np.intp]:
        """The link says so: set a quality. Bad clears the value; stale keeps it, and bad stays bad.

        Gives the rows whose quality changed by it.
        """
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
        return rows

    def set_alarm(self, tags: NDArray[np.int32], priority: NDArray[np.uint8]) -> None:
        """The worst active alarm of each of these tags, 1 to 4, 0 = none."""
        rows = self._row[tags]
        self._sequence[rows] += np.uint64(1)
        self._alarm[rows] = priority
        self._sequence[rows] += np.uint64(1)

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

    def look(
        self, rows: NDArray[np.intp], mono_us: int
    ) -> tuple[NDArray[np.float64], NDArray[np.uint32], NDArray[np.float64]]:
        """Value, quality and age in seconds (NaN = never had a value) of these rows; copies."""
        proved = self._proved[rows]
        age_s = np.where(proved == 0, np.nan, np.maximum(mono_us - proved, 0) / 1e6)
        return self._value[rows], self._quality[rows], age_s

    def ends(self, rows: NDArray[np.intp], mono_us: int, now_us: int) -> NDArray[np.int64]:
        """When these values were last known to hold, int64[n]: just after their proof, else now."""
        proved = self._proved[rows]
        held_us = np.where(proved == 0, now_us, now_us - (mono_us - proved))
        return np.maximum(held_us, self._source[rows] + 1)

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


def _near(rows: NDArray[np.intp]) -> NDArray[np.intp] | slice:
    """The same rows, as a slice where they follow each other: several times as quick."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and (rows[1:] > rows[:-1]).all():
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def _newest(
    taken: NDArray[np.bool_] | None,
) -> tuple[slice, int] | tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which tags of a batch have a taken sample, and in which row their last one is."""
    if taken is None:
        return slice(None), -1
    has = np.flatnonzero(taken.any(axis=0))
    return has, len(taken) - 1 - np.argmax(taken[::-1, has], axis=0)


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
