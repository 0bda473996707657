"""G5: 72 hours of 2,000 tags, a sample a second, as one float32 matrix for a model.

Ours against Parquet, one column a tag, and rows in SQLite. Rows take minutes to write and to read: they
hold a part of the tags and the time is scaled up, which is said. Ours is as a running engine leaves it:
packed every half hour of the data's time, the days that are over compacted. Memory is the most that the
process had above what it held before, the matrix itself among it.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from tests.bench.harness import Goal, in_turn, timed, told
from tests.bench.ours import Ours
from tests.bench.rivals.rows import Rows
from tests.bench.rivals.wide import Wide
from tests.bench.signals import START_US, Recording, plant

DAY_ROWS = 86_400
ROW_TAGS = 10
PIECE = 14_400
"""Rows made at a time: four hours."""
STEP_US = 1_000_000


class Peak:
    """The most memory that this process held while entered, above what it held before, in MB."""

    def __init__(self) -> None:
        self.mb = 0.0
        self._stop, self._process = threading.Event(), psutil.Process()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Peak:
        self._before = self._process.memory_info().rss
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self.mb = max(self.mb, (self._process.memory_info().rss - self._before) / 1e6)


def pieces(tags: int, hours: int) -> list[Recording]:
    """The plant in pieces: the same four hours again and again, moved on in time."""
    made = plant(tags, PIECE)
    return [
        Recording(made.name, made.time_us + at * STEP_US, made.value) for at in range(0, hours * 3600, PIECE)
    ]


def check(found: NDArray[np.float32], parts: list[Recording], tags: int) -> None:
    """Raises RuntimeError where a value of the matrix is not the one that was stored."""
    for part in parts:
        at = int(part.time_us[0] - START_US) // STEP_US
        if not np.array_equal(found[:, at : at + PIECE], part.value[:, :tags].T.astype(np.float32)):
            raise RuntimeError(f"the matrix differs from what was stored, from row {at} on")


def measured(
    ask: Callable[[], NDArray[np.float32]], parts: list[Recording], tags: int, peaks: list[float]
) -> float:
    """Seconds until the matrix is there; it is then compared."""
    with Peak() as peak, timed() as spent:
        found = ask()
    peaks.append(peak.mb)
    check(found, parts, tags)
    return spent()


def compare(tags: int, hours: int, repetitions: int) -> dict[str, float]:
    """Print seconds and memory; returns how many times as fast ours is."""
    parts = pieces(tags, hours)
    end_us = START_US + hours * 3600 * STEP_US
    peaks: dict[str, list[float]] = {"Watchroom": [], Wide.name: []}
    with tempfile.TemporaryDirectory(prefix="watchroom-bench-") as name:
        folder = Path(name)
        ours, wide, rows = Ours(folder, tags, START_US), Wide(folder), Rows(folder)
        few = min(ROW_TAGS, tags)
        try:
            for part in parts:
                ours.load(part.time_us, part.value)
                wide.load(part.time_us, part.value, PIECE)
                rows.load(part.time_us, part.value[:, :few])
            ours.compact()
            scaled = f"{Rows.name}, {few} tags × {tags / few:g}"
            found = in_turn(
                {
                    "Watchroom": lambda: measured(
                        lambda: ours.window(tags, START_US, end_us, STEP_US), parts, tags, peaks["Watchroom"]
                    ),
                    Wide.name: lambda: measured(
                        lambda: wide.window(tags, START_US, end_us, STEP_US), parts, tags, peaks[Wide.name]
                    ),
                    scaled: lambda: (
                        tags
                        / few
                        * measured(lambda: rows.window(few, START_US, end_us, STEP_US), parts, few, [])
                    ),
                },
                repetitions,
            )
        finally:
            for store in (ours, wide, rows):
                store.close()
    count = tags * hours * 3600 / 1e6
    what = f"{hours} h × {tags} tags at 1/s, {count:.1f} M samples as a matrix, first and again"
    ratios = told(what, "s", found, [Goal(Wide.name, 5), Goal(scaled, 100)], less_is_better=True)
    matrix = tags * hours * 3600 * 4 / 1e6
    for name, most in peaks.items():
        print(f"  {name:44s} {max(most):8.0f} MB at most above before; the matrix itself is {matrix:.0f} MB")
    return ratios


def run(*, short: bool, tags: int) -> None:
    """The whole of it takes minutes and 3 GB of disk; ``tags`` scales it."""
    compare(min(tags, 50) if short else tags, 8 if short else 72, 3)
