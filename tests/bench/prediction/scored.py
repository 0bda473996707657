"""What every set gives back: rows for scores.csv, and lines to print."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

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


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
