"""A window's side of the live table: copies that are whole or known not to be."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.live.layout import HEADER, LEVELS, MAGIC, VERSION, Layout, column
from engine.live.ring import GAP, UNCERTAIN, drawable
from engine.types import SEVERITY_MASK, Curve, Snapshot, Status

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
        )

    def _copy_rows(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Copy these rows; returns those that changed meanwhile and must be tried again."""
        sequence = self._columns["sequence"]
        before = sequence[rows]
        fresh = {name: self._columns[name][rows] for name in ROW}
        after = sequence[rows]
        whole = (before == after) & (before & np.uint64(1) == 0)
        done = rows[whole]
        for name in ROW:
            self._copy[name][done] = fresh[name][whole]
        self._version[done] = before[whole]
        return rows[~whole]

    def curve(self, row: int, start_us: int, end_us: int, pixels: int) -> Curve:
        """One tag between two instants, at most two points a pixel (a min/max envelope).

        The finest level that reaches back to ``start_us`` with a bearable number of points is
        read; its buckets are then merged into pixel columns, so that no spike is lost.
        """
        for _ in range(TRIES):
            before = self._columns["sequence"][row]
            samples = self._span(row, start_us, pixels)
            after = self._columns["sequence"][row]
            if before == after and before & np.uint64(1) == 0:
                self._curves[row] = _envelope(*samples, start_us, end_us, pixels)
                return self._curves[row]
        self.torn += 1
        return self._curves.get(row, NO_CURVE)

    def _span(self, row: int, start_us: int, pixels: int) -> tuple[NDArray[Any], ...]:
        raw = self._raw(row)
        cursor = int(self._columns["cursor"][row])
        best = raw
        for level in LEVELS:
            inside = len(best[0]) - int(np.searchsorted(best[0], start_us))
            reaches = len(best[0]) == 0 or best[0][0] <= start_us
            if reaches and inside <= 8 * pixels:
                break
            coarser = self._bucketed(row, level, cursor)
            if reaches or (len(coarser[0]) and coarser[0][0] < best[0][0]):
                best = coarser
        if best is raw or not len(raw[0]):
            return raw
        # The newest bucket is drawn at its start; the last sample carries the line on to now.
        return tuple(np.append(old, new[-1:]) for old, new in zip(best, raw, strict=True))

    def _raw(self, row: int) -> tuple[NDArray[Any], ...]:
        samples = self.layout.samples
        at = _window(int(self._columns["cursor"][row]), samples) + row * samples
        time = self._columns["ring_time_us"][at]
        value = self._columns["ring_value"][at]
        quality = self._columns["ring_quality"][at]
        good = drawable(value, quality)
        shown = np.where(good, value, np.nan)
        uncertain = (quality & np.uint32(SEVERITY_MASK)) != 0
        order = np.argsort(time, kind="stable")
        return time[order], shown[order], shown[order], ~good[order], uncertain[order]

    def _bucketed(self, row: int, level: int, cursor: int) -> tuple[NDArray[Any], ...]:
        buckets = self.layout.columns[f"l{level}_low"].items
        started = -(-cursor // (1 << level))
        at = _window(started, buckets) + row * buckets
        time, low, high, flags = (
            self._columns[f"l{level}_{name}"][at] for name in ("start_us", "low", "high", "flags")
        )
        return time, low, high, (flags & GAP) != 0, (flags & UNCERTAIN) != 0

    def close(self) -> None:
        """Let go of the file."""
        self._columns.clear()
        self._header = np.empty(0, HEADER)
        try:
            self._memory.close()
        except BufferError:
            pass  # a caller still holds a view; the map goes with it


NO_CURVE = Curve(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.bool_))


def _window(cursor: int, size: int) -> NDArray[np.intp]:
    """Slots of the last ``size`` entries of a ring whose next entry is ``cursor``, oldest first."""
    return np.arange(max(0, cursor - size), cursor) % size


def _envelope(
    time: NDArray[np.int64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    gap: NDArray[np.bool_],
    uncertain: NDArray[np.bool_],
    start_us: int,
    end_us: int,
    pixels: int,
) -> Curve:
    """Merge entries into pixel columns: smallest low and largest high of each."""
    first = max(int(np.searchsorted(time, start_us, "right")) - 1, 0)
    last = int(np.searchsorted(time, end_us, "right"))
    part = slice(first, last + 1)
    time, low, high, gap, uncertain = time[part], low[part], high[part], gap[part], uncertain[part]
    # Within a bucket that holds a gap the line must break: a gap entry right after it says so.
    broken = np.flatnonzero(gap & np.isfinite(low))
    time = np.insert(time, broken + 1, time[broken])
    low, high = np.insert(low, broken + 1, np.nan), np.insert(high, broken + 1, np.nan)
    uncertain = np.insert(uncertain, broken + 1, True)
    if len(time) <= 2 * pixels:
        return Curve(time, low, high, uncertain)
    width = max((end_us - start_us) / pixels, 1.0)
    pixel = np.floor((time - start_us) / width).astype(np.int64)
    # A gap starts a column of its own, otherwise its neighbours would hide it.
    hole = np.isnan(low)
    edge = np.flatnonzero((np.diff(pixel, prepend=pixel[0] - 1) != 0) | (np.diff(hole, prepend=hole[0]) != 0))
    # The very last entry stays as it is, so that the line ends where the data ends.
    return Curve(
        np.append(time[edge], time[-1]),
        np.append(np.fmin.reduceat(low, edge), low[-1]),
        np.append(np.fmax.reduceat(high, edge), high[-1]),
        np.append(np.logical_or.reduceat(uncertain, edge), uncertain[-1]),
    )
