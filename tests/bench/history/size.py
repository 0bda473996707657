"""G3: bytes on disk for each sample (time, value, quality), lossless; then with the error-bounded form.

All stores hold the same samples and are checkpointed; Parquet has one column a tag and one of times,
zstd and byte stream split, in files of 4,096 rows. Ours with deadbands: the largest error found and
1 − RMSE ÷ range of the tags, both from the samples that ours gives back, read on the straight lines
that it says there are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.bench.harness import Goal, told
from tests.bench.ours import LIVE_S, Ours
from tests.bench.rivals.duck import Duck
from tests.bench.rivals.rows import Rows
from tests.bench.rivals.wide import Wide
from tests.bench.signals import Recording, plant, recordings

DEADBANDS = (0.001, 0.0025, 0.005)
"""Parts of each tag's range."""
MOST_SEALS = 200
"""Half hours that are packed one by one; of records that are longer only so many are."""
NEVER_S = 1e9


def lossless(data: Recording) -> dict[str, list[float]]:
    """Bytes a sample of every store, by its name; ours first."""
    half_hours = (data.time_us - data.time_us[0]) // (LIVE_S * 1_000_000)
    few = data.part(int(np.count_nonzero(half_hours < MOST_SEALS)))
    n = data.value.shape[1]
    group = max(1, 200_000 // n)
    return {
        "Watchroom, a day that is over": [stored(few, lambda folder: _ours(folder, few, compact=True))],
        "Watchroom, today": [stored(few, lambda folder: _ours(folder, few))],
        Rows.name: [stored(data, lambda folder: _loaded(Rows(folder), data))],
        f"{Duck.name}, as they come": [stored(data, lambda folder: _written(Duck(folder), data, group))],
        Duck.by_tag: [stored(data, lambda folder: _loaded(Duck(folder), data))],
        Wide.name: [stored(data, lambda folder: _loaded(Wide(folder), data))],
    }


def stored(data: Recording, fill: Callable[[Path], int]) -> float:
    """Bytes a sample of what ``fill`` puts into a folder."""
    with tempfile.TemporaryDirectory(prefix="watchroom-bench-") as folder:
        return fill(Path(folder)) / data.value.size


def _ours(folder: Path, data: Recording, *, compact: bool = False) -> int:
    """Packed every half hour, as a running engine does."""
    store = Ours(folder, data.value.shape[1], int(data.time_us[0]))
    try:
        store.load(data.time_us, data.value)
        return store.compact() if compact else store.finish()
    finally:
        store.close()


def _loaded(store: Rows | Duck | Wide, data: Recording) -> int:
    try:
        store.load(data.time_us, data.value)
        return store.finish()
    finally:
        store.close()


def _written(store: Duck, data: Recording, frames: int) -> int:
    try:
        store.write(data.time_us, data.value, frames)
        return store.finish()
    finally:
        store.close()


def thinned(data: Recording, part: float) -> tuple[float, float, float, float]:
    """Bytes a sample, share kept, worst error ÷ deadband and 1 − RMSE ÷ range, deadband = part of range."""
    deadband = part * data.span
    with tempfile.TemporaryDirectory(prefix="watchroom-bench-") as name:
        ours = Ours(Path(name), data.value.shape[1], int(data.time_us[0]), deadband.tolist())
        try:
            ours.load(data.time_us, data.value, NEVER_S)
            size = ours.finish() / data.value.size
            worst, square, kept = 0.0, 0.0, 0
            for tag in range(data.value.shape[1]):
                error, left = _error(ours, data, tag)
                kept += left
                if deadband[tag] > 0:
                    worst = max(worst, float(error.max()) / deadband[tag])
                    square += float(np.mean((error / data.span[tag]) ** 2))
        finally:
            ours.close()
    moving = int(np.count_nonzero(deadband))
    return size, kept / data.value.size, worst, 1 - (square / moving) ** 0.5


def _error(ours: Ours, data: Recording, tag: int) -> tuple[NDArray[np.float64], int]:
    """How far what ours gives back is from each sample, and how many samples it kept."""
    found = ours.reader.raw(tag, int(data.time_us[0]), int(data.time_us[-1]) + 1)
    at = np.searchsorted(found.time_us, data.time_us, "right") - 1
    after = np.minimum(at + 1, len(found.time_us) - 1)
    length = np.maximum(found.time_us[after] - found.time_us[at], 1)
    part = np.where(found.dropped[at] > 0, (data.time_us - found.time_us[at]) / length, 0.0)
    seen = found.value[at] + part * (found.value[after] - found.value[at])
    return np.abs(seen - data.value[:, tag]), len(found.time_us)


def compare(data: Recording, goals: Sequence[Goal] = ()) -> dict[str, float]:
    """Print bytes a sample and return how many times less ours needs than each."""
    return told(f"{data.name}, lossless", "bytes/sample", lossless(data), goals, less_is_better=True)


def run(*, short: bool, folder: Path | None) -> None:
    """Generator, then what real data there is."""
    goals = (Goal(Rows.name, 15), Goal(f"{Duck.name}, as they come", 3), Goal(Wide.name, 2))
    made = plant(40, 8192) if short else plant(200, 86_400)
    for data in (made, *recordings(folder)):
        compare(data, goals)
        print("  swinging door      bytes/sample   kept   worst error ÷ deadband   1 − RMSE ÷ range")
        for part in DEADBANDS:
            size, kept, worst, fidelity = thinned(data, part)
            print(f"  {part:7.2%} of range   {size:12.3f}   {kept:4.1%}   {worst:22.3f}   {fidelity:16.4%}")
