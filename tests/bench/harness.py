"""What all measurements share: the machine in words, sides in turn, medians, ratios, one way to print."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("numpy", "asyncua", "pymodbus")


def machine(packages: Sequence[str] = PACKAGES) -> str:
    """What the figures were measured on."""
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python "
        f"{platform.python_version()}, {', '.join(map(_versioned, packages))}; load {load()}"
    )


def _versioned(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"no {package}"


def load() -> str:
    """Runnable processes over the last minute."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    """Seconds on the clock since it was entered; stands still once it is left."""
    began, ended = time.perf_counter(), 0.0
    yield lambda: (ended or time.perf_counter()) - began
    ended = time.perf_counter()


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())


Side = Callable[[], float]


def in_turn(sides: Mapping[str, Side], repetitions: int) -> dict[str, list[float]]:
    """Every side once, then every side again: what else the machine does then meets all alike."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(repetitions):
        for name, side in sides.items():
            found[name].append(side())
    return found


@dataclass(frozen=True, slots=True)
class Goal:
    """Ours must be at least ``ratio`` times the alternative ``name``."""

    name: str
    ratio: float


def told(
    what: str,
    unit: str,
    found: Mapping[str, Sequence[float]],
    goals: Sequence[Goal] = (),
    *,
    less_is_better: bool = False,
) -> dict[str, float]:
    """Print median and range of every side; how many times better the first is than each of the others.

    Returns those ratios of the medians, by the other's name.
    """
    wanted = {goal.name: goal.ratio for goal in goals}
    ours = statistics.median(next(iter(found.values())))
    ratios: dict[str, float] = {}
    print(f"\n{what} (median of {len(next(iter(found.values())))}, smallest to largest), {unit}")
    for place, (name, values) in enumerate(found.items()):
        middle = statistics.median(values)
        line = f"  {name:44s} {middle:11.4g}  ({min(values):.4g} to {max(values):.4g})"
        if place:
            ratios[name] = middle / ours if less_is_better else ours / middle
            line += f"   ours is {ratios[name]:8.3g} times as good"
            if name in wanted:
                reached = "reached" if ratios[name] >= wanted[name] else "NOT REACHED"
                line += f", goal {wanted[name]:g}: {reached}"
        print(line, flush=True)
    return ratios
