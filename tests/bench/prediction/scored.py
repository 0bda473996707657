"""What every set gives back: rows for scores.csv, and lines to print."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

COLUMNS = ("asset", "time", "p24", "p48", "tier", "rul", "score")


class Row(NamedTuple):
    """One asset at one time (as the set tells it). None = no number was given."""

    asset: str
    time: str
    p24: float | None = None
    p48: float | None = None
    tier: str = ""
    rul: float | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """The result of a set: ``lines`` are printed as they are."""

    rows: Sequence[Row]
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows by what was alarmed and what was abnormal. FAR and MAR in percent, as SKAB has them."""

    hits: int
    false: int
    missed: int
    quiet: int

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.hits + other.hits,
            self.false + other.false,
            self.missed + other.missed,
            self.quiet + other.quiet,
        )

    @property
    def f1(self) -> float:
        return _part(2 * self.hits, 2 * self.hits + self.false + self.missed)

    @property
    def always_on_f1(self) -> float:
        """What an alarm that never goes out scores on the same rows."""
        abnormal, normal = self.hits + self.missed, self.false + self.quiet
        return _part(2 * abnormal, 2 * abnormal + normal)

    @property
    def far(self) -> float:
        return 100.0 * _part(self.false, self.false + self.quiet)

    @property
    def mar(self) -> float:
        return 100.0 * _part(self.missed, self.hits + self.missed)


def counted(alarm: NDArray[np.bool_], truth: NDArray[np.bool_]) -> Counts:
    """Counts of the rows of one run."""
    return Counts(
        int((alarm & truth).sum()),
        int((alarm & ~truth).sum()),
        int((~alarm & truth).sum()),
        int((~alarm & ~truth).sum()),
    )


def accuracy_line(right: float, never: float) -> str:
    """The only way that accuracy is printed anywhere."""
    return f"accuracy {right:.1%} (never alarming: {never:.1%}; so this number says nothing)"


def write(file: Path, rows: Iterable[Row]) -> int:
    """Write scores.csv; the number of rows."""
    count = 0
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for each in rows:
            writer.writerow([_cell(value) for value in each])
            count += 1
    return count


def _part(above: int, below: int) -> float:
    return above / below if below else 0.0


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
