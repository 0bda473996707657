"""Windows for models: the values of many tags at equal steps of time, as one array."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.historian.line import along
from engine.historian.reading import Cancelled, Reading, Watch, groups, joined
from engine.store.segment import Chunk
from engine.types import SEVERITY_MASK, Samples

THREADS = 2
SLICE = 8
"""Tags that a thread takes at once; between two of them it looks whether it is still wanted."""
_SEVERITY = np.uint32(SEVERITY_MASK)
Places = slice | NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Instants start_us + k·step_us, k < count. ``plans`` = which samples of shared times they ask for."""

    start_us: int
    step_us: int
    count: int
    plans: dict[tuple[int, int], Places] = field(default_factory=dict[tuple[int, int], Places])

    def first_from(self, time_us: int) -> int:
        """Number of the first instant not before a time, within 0 and ``count``."""
        return min(max(-((self.start_us - time_us) // self.step_us), 0), self.count)

    def places(self, time_us: NDArray[np.int64], low: int, high: int) -> Places:
        """For the instants ``low`` to ``high``: the place of the newest sample by then."""
        instants = self.start_us + self.step_us * np.arange(low, high, dtype=np.int64)
        places = time_us.searchsorted(instants, "right") - 1
        if len(places) > 1:
            stride = int(places[1] - places[0])
            if stride > 0 and (np.diff(places) == stride).all():
                return slice(int(places[0]), int(places[-1]) + 1, stride)
        return places


def window(
    reading: Reading,
    tags: Sequence[int],
    start_us: int,
    end_us: int,
    step_us: int,
    watch: Watch | None = None,
) -> NDArray[np.float32]:
    """float32[tags × steps]; see `engine.types.History.window`.

    Beside the result it needs memory for a few chunks only.

    Raises:
        ValueError: the step is not above 0.
        Cancelled: ``watch`` said so.
    """
    if step_us <= 0:
        raise ValueError("a window needs a step above 0")
    grid = Grid(start_us, step_us, max(-((start_us - end_us) // step_us), 0))
    result = np.empty((len(tags), grid.count), np.float32)
    if not result.size:
        return result
    stop = threading.Event()

    def fill(first: int) -> None:
        with np.errstate(over="ignore"):  # beyond what float32 holds is infinite, as the cast says
            for row in range(first, min(first + SLICE, len(tags))):
                if stop.is_set():
                    return
                fill_row(reading, tags[row], grid, result[row])

    with ThreadPoolExecutor(THREADS, "history window") as threads:
        parts = [threads.submit(fill, first) for first in range(0, len(tags), SLICE)]
        try:
            for k, part in enumerate(parts):
                part.result()
                if watch is not None and not watch((k + 1) / len(parts)):
                    raise Cancelled("the window was not needed any more")
        finally:
            stop.set()
    return result


def fill_row(reading: Reading, tag: int, grid: Grid, row: NDArray[np.float32]) -> None:
    """The values of one tag at every instant of a grid; NaN where none is plainly good."""
    end_us = grid.start_us + grid.step_us * (grid.count - 1) + 1
    found = list(groups(reading.pieces(tag, grid.start_us, end_us)))
    ends = [grid.first_from(group[0].first_us) for group in found]
    row[: ends[0] if ends else grid.count] = np.nan
    for group, (low, high) in zip(found, pairwise([*ends, grid.count]), strict=True):
        if low < high:
            part = reading.together(group, keep=False)
            packed = group[0].packed
            key = None
            if len(group) == 1 and packed is not None and group[0].file is not None:
                key = group[0].file.number, packed.times_id
            _fill(part, key, grid, low, high, row)


def _fill(
    part: Chunk | Samples,
    key: tuple[int, int] | None,
    grid: Grid,
    low: int,
    high: int,
    row: NDArray[np.float32],
) -> None:
    """Instants ``low`` to ``high`` from samples that begin by then; the last of them holds to the end."""
    value = part.value
    if part.quality is not None and part.quality.any():
        value = np.where((part.quality & _SEVERITY) == 0, value, np.nan)
    middle = min(max(grid.first_from(int(part.time_us[-1])), low), high)
    row[middle:high] = value[-1]
    if low == middle:
        return
    # Tags that share times and their first instant ask for the same places.
    places = grid.plans.get(key) if key is not None else None
    if places is None or _size(places) != middle - low:
        places = grid.places(part.time_us, low, middle)
        if key is not None:
            grid.plans[key] = places
    row[low:middle] = value[places]
    if part.dropped is not None and part.dropped.any():
        at = np.arange(len(value))[places]
        instants = grid.start_us + grid.step_us * np.arange(low, middle, dtype=np.int64)
        samples = replace(joined([part]), value=value)
        where = np.flatnonzero((part.dropped[at] > 0) & (at < len(value) - 1))
        on_line = along(samples, at[where], instants[where])
        row[low + where] = np.where(np.isfinite(on_line), on_line, row[low + where])


def _size(places: Places) -> int:
    if isinstance(places, slice):
        return -((places.start - places.stop) // places.step)
    return len(places)
