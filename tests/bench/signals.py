"""Samples to measure with: a documented mix of plant signals, and public records of real plants.

The mix, as shares of the tags: 35 % noisy transmitters of 0.01 resolution in double precision, 15 % of a
12-bit input card scaled in single precision, 10 % noise of full single precision, 20 % slow temperatures
of 0.1 resolution, 15 % digital, 5 % counters. The noise is autoregressive, x[k] = 0.95·x[k-1] + e[k].
Every tag has a seed of its own, so that any number of tags and rows is the same on every machine.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

START_US = 1_790_000_000_000_000
SECOND_US = 1_000_000
DATA_VARIABLE = "WATCHROOM_BENCH_DATA"


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """time_us int64[rows] · value float64[rows×n]; all good. ``span`` float64[n] = range of each tag."""

    name: str
    time_us: NDArray[np.int64]
    value: NDArray[np.float64]

    @property
    def span(self) -> NDArray[np.float64]:
        """Largest minus smallest value of each tag."""
        return np.nanmax(self.value, axis=0) - np.nanmin(self.value, axis=0)

    def part(self, rows: int) -> Recording:
        """Its first rows."""
        return Recording(self.name, self.time_us[:rows], self.value[:rows])


Signal = Callable[[np.random.Generator, int], NDArray[np.float64]]


def _noise(rng: np.random.Generator, rows: int) -> NDArray[np.float64]:
    return np.asarray(lfilter([1.0], [1.0, -0.95], rng.normal(size=rows)))


def _transmitter(rng: np.random.Generator, rows: int) -> NDArray[np.float64]:
    return np.round(50 + 2 * _noise(rng, rows), 2)


def _input_card(rng: np.random.Generator, rows: int) -> NDArray[np.float64]:
    steps = np.round((50 + 2 * _noise(rng, rows)) / 100 * 4095)
    return (steps.astype(np.float32) * np.float32(100 / 4095)).astype(np.float64)


def _single(rng: np.random.Generator, rows: int) -> NDArray[np.float64]:
    return (50 + 2 * _noise(rng, rows)).astype(np.float32).astype(np.float64)


def _slow(rng: np.random.Generator, rows: int) -> NDArray[np.float64]:
    phase = rng.uniform(0, 6.28)
    wave = 10 * np.sin(np.arange(rows) / 5000 + phase)
    return np.round(50 + wave + np.cumsum(rng.normal(0, 0.01, rows)), 1)


def _digital(rng: np.random.Generator, rows: int) -> NDArray[np.float64]:
    return (np.cumsum(rng.random(rows) < 1 / 600) % 2).astype(np.float64)


def _counter(rng: np.random.Generator, rows: int) -> NDArray[np.float64]:
    return np.cumsum(rng.random(rows) < 0.3).astype(np.float64)


MIX: tuple[Signal, ...] = (
    *(7 * (_transmitter,)),
    *(3 * (_input_card,)),
    *(2 * (_single,)),
    *(4 * (_slow,)),
    *(3 * (_digital,)),
    _counter,
)
"""Twenty tags are one mix; the next twenty another with other seeds."""


def signal(tag: int, rows: int) -> NDArray[np.float64]:
    """The samples of one tag of the mix, float64[rows]."""
    # Steps through the mix by 7, so that few tags are a mix as well.
    return MIX[tag * 7 % len(MIX)](np.random.default_rng(1000 + tag), rows)


def plant(tags: int, rows: int, start_us: int = START_US) -> Recording:
    """All tags of the mix once a second."""
    value = np.empty((rows, tags))
    for tag in range(tags):
        value[:, tag] = signal(tag, rows)
    return Recording(f"generator, {tags} tags × {rows} rows", start_us + np.arange(rows) * SECOND_US, value)


def recordings(folder: Path | None) -> Iterator[Recording]:
    """Public records below ``folder``, or below $WATCHROOM_BENCH_DATA; says so where there are none."""
    named = os.environ.get(DATA_VARIABLE, "")
    folder = folder or (Path(named) if named else None)
    if folder is None:
        print(f"  (skipped: real data; give --data FOLDER or set {DATA_VARIABLE})")
        return
    for name, read in (("skab", _skab), ("tennessee_eastman", _tennessee), ("cmapss", _cmapss)):
        if (folder / name).is_dir():
            yield read(folder / name)
        else:
            print(f"  (skipped: {name}; no such folder in {folder})")


def _skab(folder: Path) -> Recording:
    """A real water loop with its pump, 8 tags, about a row a second."""
    rows = []
    for path in sorted(folder.glob("*/*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows += [line.rstrip().split(";")[1:9] for line in file.readlines()[1:]]
    value = np.array(rows, np.float64)
    return Recording("SKAB, real pump and valves", START_US + np.arange(len(value)) * SECOND_US, value)


def _tennessee(folder: Path) -> Recording:
    """A simulated chemical plant, 52 tags of single precision, a row every three minutes."""
    from pyarrow.parquet import read_table

    table = read_table(folder / "tep.parquet")
    names = [name for name in table.column_names if name.startswith(("xmeas", "xmv"))]
    value = np.stack([table[name].to_numpy().astype(np.float64) for name in names], 1)
    time_us = START_US - len(value) * 180 * SECOND_US + np.arange(len(value)) * 180 * SECOND_US
    return Recording("Tennessee Eastman, simulated plant", time_us, value)


def _cmapss(folder: Path) -> Recording:
    """Turbofans until they fail, 21 sensors, taken as a row a second."""
    parts = []
    for path in sorted(folder.glob("train_FD00*.txt.gz")):
        with gzip.open(path, "rt", encoding="ascii") as file:
            parts.append(np.loadtxt(file)[:, 5:26])
    value = np.concatenate(parts)
    return Recording("C-MAPSS, simulated turbofans", START_US + np.arange(len(value)) * SECOND_US, value)
