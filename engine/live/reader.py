"""A window's side of the live table: copies that are whole or known not to be."""

from __future__ import annotations

import math
import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.live.curve import NO_CURVE, NO_ENTRIES, Entries, envelope
from engine.live.layout import FAN, HEADER, LEVELS, MAGIC, NO_TEXT, TEXT_BYTES, VERSION, column
from engine.live.ring import GAP, UNCERTAIN, drawable
from engine.types import SEVERITY_MASK, Curve, Layout, Snapshot, Status

TRIES = 8
ROW = ("value", "source_time_us", "receive_time_us", "quality", "proved_mono_us", "limit_us")


class LiveReader:
    """Reads one live file. A row caught in mid-change is tried 8 times, then the last whole copy
    of it is kept and counted in ``torn``: a writer killed at that moment leaves it so for ever.

    Raises FileNotFoundError when the engine is gone, ValueError for another file or layout.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        with path.open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header: NDArray[Any] = np.frombuffer(self._memory, HEADER, 1)
        same = header["magic"][0] == MAGIC and header["boot"][0] == layout.boot
        if not same or layout.version != VERSION or len(self._memory) != layout.size:
            raise ValueError(f"{path} is not the live file of this engine; attach again")
        self.layout = layout
        self.torn = 0
        self._header = header
        self._columns = {name: column(self._memory, layout, name) for name in layout.columns}
        count = layout.count
        self._version = np.zeros(count, np.uint64)
        self._copy: dict[str, NDArray[Any]] = {
            name: np.zeros(count, layout.columns[name].dtype) for name in ROW
        }
        self._copy["value"][:] = np.nan
        self._copy["quality"][:] = Status.WAITING_FOR_INITIAL_DATA
        self._copy["limit_us"][:] = 3_000_000
        self._curves: dict[int, Curve] = {}
        self._text = self._columns["text"].reshape(-1, TEXT_BYTES)
        self._texts: dict[int, str] = {}

    def heartbeat_age_s(self, mono_us: int) -> float:
        """Seconds since the engine last said that it lives."""
        return (mono_us - int(self._header["heartbeat_mono_us"][0])) / 1e6

    def snapshot(self, mono_us: int) -> Snapshot:
        """All tags now. Staleness is judged here too, so it shows even when the engine hangs."""
        left = np.arange(self.layout.count)
        for _ in range(TRIES):
            left = self._copy_rows(left)
            if not len(left):
                break
        self.torn += len(left)
        copy = self._copy
        status: NDArray[np.uint32] = copy["quality"].copy()
        never = copy["proved_mono_us"] == 0
        age = np.where(never, np.nan, np.maximum(mono_us - copy["proved_mono_us"], 0) / 1e6)
        bad = (status & np.uint32(0x80000000)) != 0
        late = ~never & (mono_us - copy["proved_mono_us"] > copy["limit_us"])
        status[late & ~bad] = Status.STALE
        return Snapshot(
            value=copy["value"].copy(),
            status=status,
            source_time_us=copy["source_time_us"].copy(),
            receive_time_us=copy["receive_time_us"].copy(),
            age_s=age,
            stale=late | (status == np.uint32(Status.STALE)),
            version=self._version.copy(),
            torn=len(left),
            text=self._said(),
            alarm=self._columns["alarm"][: len(status)].astype(np.uint8),
        )

    def _copy_rows(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Copy these rows; returns those that changed meanwhile and must be tried again."""
        sequence = self._columns["sequence"]
        before = sequence[rows]
        fresh = {name: self._columns[name][rows] for name in ROW}
        said = self._spelt(rows[before != self._version[rows]]) if self._header["texts"][0] else {}
        after = sequence[rows]
        whole = (before == after) & (before & np.uint64(1) == 0)
        done = rows[whole]
        for name in ROW:
            self._copy[name][done] = fresh[name][whole]
        self._version[done] = before[whole]
        if said:
            kept = set(done.tolist())
            self._texts.update({row: text for row, text in said.items() if row in kept})
        return rows[~whole]

    def _said(self) -> dict[int, str]:
        """What the text tags say that have a value."""
        length, value = self._columns["text_length"], self._copy["value"]
        return {
            row: text
            for row, text in self._texts.items()
            if math.isfinite(value[row]) and length[row] != NO_TEXT
        }

    def _spelt(self, rows: NDArray[np.intp]) -> dict[int, str]:
        """What the text tags among these rows say; whether that is whole the caller finds out."""
        length = self._columns["text_length"][rows]
        rows, length = rows[length != NO_TEXT], length[length != NO_TEXT]
        return {
            row: bytes(self._text[row, :size]).decode("utf-8", "replace")
            for row, size in zip(rows.tolist(), length.tolist(), strict=True)
        }

    def curve(self, row: int, start_us: int, end_us: int, pixels: int) -> Curve:
        """One tag between two instants, at most two points a pixel (a min/max envelope).

        The finest level that reaches back to ``start_us`` with a bearable number of points is
        read; its entries are then merged into pixel columns, so that no spike is lost. A text tag
        has no curve.
        """
        if self._columns["text_length"][row] != NO_TEXT:
            return NO_CURVE
        for _ in range(TRIES):
            before = int(self._columns["sequence"][row])
            entries = self._entries(row, start_us, pixels)
            if before == int(self._columns["sequence"][row]) and before % 2 == 0:
                self._curves[row] = envelope(entries, start_us, end_us, pixels)
                return self._curves[row]
        self.torn += 1
        return self._curves.get(row, NO_CURVE)

    def _entries(self, row: int, start_us: int, pixels: int) -> Entries:
        raw = best = self._raw(row)
        for k in range(len(LEVELS)):
            time = best.time_us
            reaches = len(time) == 0 or time[0] <= start_us
            if reaches and len(time) - int(np.searchsorted(time, start_us)) <= 8 * pixels:
                break
            coarser = self._buckets(row, k)
            if reaches or (len(coarser.time_us) and coarser.time_us[0] < time[0]):
                best = coarser
        # The newest bucket stands at its start; the last sample carries the line on to now.
        behind = len(best.time_us) and best.time_us[-1] < raw.time_us[-1]
        return best.then(raw.take(slice(-1, None))) if behind else best

    def _raw(self, row: int, first: int = 0) -> Entries:
        """The samples that are held, from the ``first`` ever on."""
        samples = self.layout.samples
        cursor = int(self._columns["cursor"][row])
        at = _window(first, cursor, samples) + row * samples
        time, value, quality = (self._columns[f"ring_{name}"][at] for name in ("time_us", "value", "quality"))
        good = drawable(value, quality)
        shown = np.where(good, value, np.nan)
        uncertain = (quality & np.uint32(SEVERITY_MASK)) != 0
        return Entries(time, shown, shown, ~good, uncertain).in_order()

    def _buckets(self, row: int, k: int) -> Entries:
        """The complete buckets of the ``k``-th level that are held, and then, in place of the open one,
        the finer buckets and samples that it will be made of.
        """
        cursor, found, first = int(self._columns["cursor"][row]), NO_ENTRIES, 0
        for level in LEVELS[k::-1]:
            buckets = self.layout.columns[f"l{level}_low"].items
            at = _window(first, cursor >> level, buckets) + row * buckets
            time, low, high, flags = (
                self._columns[f"l{level}_{name}"][at] for name in ("start_us", "low", "high", "flags")
            )
            found = found.then(Entries(time, low, high, (flags & GAP) != 0, (flags & UNCERTAIN) != 0))
            first = (cursor >> level) * FAN
        return found.then(self._raw(row, first)).in_order()

    def close(self) -> None:
        """Let go of the file."""
        self._columns.clear()
        self._text = np.empty((0, TEXT_BYTES), np.uint8)
        self._header = np.empty(0, HEADER)
        try:
            self._memory.close()
        except BufferError:
            pass  # a caller still holds a view; the map goes with it


def _window(first: int, cursor: int, size: int) -> NDArray[np.intp]:
    """Slots of the last ``size`` entries, from the ``first`` ever on, of a ring whose next entry is
    ``cursor``, oldest first.
    """
    return np.arange(max(first, cursor - size), cursor) % size
