"""C-MAPSS tables as the buckets that live would have made of them: one cycle is one bucket of an hour."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.prediction.buckets import Buckets
from engine.types import ModelInput

CYCLE_S = 3600.0
SETTINGS = ("altitude", "mach", "throttle")
SENSORS = {
    "T24": (2, "°R", "temperatures"), "T30": (3, "°R", "temperatures"), "T50": (4, "°R", "temperatures"),
    "P30": (7, "psia", "pressures"), "Nf": (8, "rpm", "fan speed"), "Nc": (9, "rpm", "core speed"),
    "Ps30": (11, "psia", "pressures"), "phi": (12, "pps/psi", "fuel flow"), "NRf": (13, "rpm", "fan speed"),
    "NRc": (14, "rpm", "core speed"), "BPR": (15, "", "bypass ratio"), "htBleed": (17, "", "bleed"),
    "W31": (20, "lbm/s", "coolant bleed"), "W32": (21, "lbm/s", "coolant bleed"),
}  # fmt: skip
"""The 14 of 21 sensors that change, by their number in the files (s2 … s21), with unit and group."""
ROLES = (*SETTINGS, *SENSORS)
UNITS = {"altitude": "kft", "mach": "", "throttle": "°"}
WIDE = 26
FILE = re.compile(r"(train|test)_(.+?)\.txt(\.gz)?")


@dataclass(frozen=True, slots=True, eq=False)
class Engine:
    """One engine of a set: cycles int64[n], values float32[n, roles], and the cycles left after the last.

    ``left`` 0 = run to failure, None = not told.
    """

    name: str
    cycles: NDArray[np.int64]
    values: NDArray[np.float32]
    left: int | None

    @property
    def lives(self) -> NDArray[np.float64]:
        """Cycles left after each row, NaN = not told."""
        return (np.nan if self.left is None else self.left) + (self.cycles[-1] - self.cycles).astype(float)

    def buckets(self) -> Buckets:
        """Closed buckets; a cycle that is not there is one without data."""
        at = self.cycles - self.cycles[0]
        means = np.full((int(at[-1]) + 1, len(ROLES)), np.nan, np.float32)
        means[at] = self.values
        coverage = np.isfinite(means).astype(np.float32)
        return Buckets(0, round(CYCLE_S * 1e6), means, coverage, np.zeros((len(means), 0), np.int32), ROLES)


def inputs() -> tuple[ModelInput, ...]:
    """The inputs of a card, without their ranges."""
    settings = [ModelInput(each, UNITS[each], group="operating conditions") for each in SETTINGS]
    return (*settings, *(ModelInput(name, unit, group=group) for name, (_, unit, group) in SENSORS.items()))


def sets_in(folder: Path, kind: str) -> list[str]:
    """Names of the sets (FD001 …) whose tables of ``kind``, "train" or "test", are in the folder."""
    found = (FILE.fullmatch(each.name) for each in sorted(folder.iterdir()))
    return sorted({each[2] for each in found if each and each[1] == kind})


def read_set(folder: Path, kind: str, name: str) -> list[Engine]:
    """The engines of one set, in the order of their numbers.

    Raises:
        ValueError: a table is not in this layout; the text names file and line.
    """
    table = _table(folder, f"{kind}_{name}", WIDE)
    numbers = np.unique(table[:, 0])
    left: list[int | None] = [0 if kind == "train" else None] * len(numbers)
    if kind == "test" and _file(folder, f"RUL_{name}"):
        told = _table(folder, f"RUL_{name}", 1)[:, 0]
        if len(told) != len(numbers):
            raise ValueError(
                f"RUL_{name} tells of {len(told)} engines, test_{name} has {len(numbers)}; "
                "give both of one set"
            )
        left = [int(each) for each in told]
    return list(_engines(name, table, left))


def _engines(name: str, table: NDArray[np.float64], left: list[int | None]) -> Iterator[Engine]:
    columns = [2, 3, 4, *(4 + number for number, _, _ in SENSORS.values())]
    for number, life in zip(np.unique(table[:, 0]), left, strict=True):
        rows = table[table[:, 0] == number]
        rows = rows[np.unique(rows[:, 1], return_index=True)[1]]
        cycles = rows[:, 1].astype(np.int64)
        yield Engine(f"{name}/{number:g}", cycles, rows[:, columns].astype(np.float32), life)


def _file(folder: Path, stem: str) -> Path | None:
    both = (folder / f"{stem}.txt.gz", folder / f"{stem}.txt")
    return next((each for each in both if each.is_file()), None)


def _table(folder: Path, stem: str, wide: int) -> NDArray[np.float64]:
    file = _file(folder, stem)
    if file is None:
        raise ValueError(f"{folder} has no {stem}.txt nor {stem}.txt.gz; give the folder with the tables")
    opened = gzip.open(file, "rt") if file.suffix == ".gz" else file.open(encoding="utf-8")
    try:
        with opened as text:
            lines = [line.split() for line in text if line.strip()]
        odd = next((place for place, line in enumerate(lines, 1) if len(line) != wide), 0)
        if odd or not lines:
            raise ValueError(f"{file}: row {odd} has not {wide} numbers; write it again")
        table = np.array(lines, np.float64)
    except (EOFError, gzip.BadGzipFile) as error:
        raise ValueError(f"{file} is cut short or no gzip file ({error}); write it again") from error
    if wide == WIDE and not (np.isfinite(table[:, :2]).all() and (np.diff(table[:, 1]) < 1e5).all()):
        raise ValueError(f"{file} has a row without engine or cycle; correct it there")
    return table
