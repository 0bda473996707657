"""How long the room for the history lasts: from what the last days took, or from the first hours."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.historian.retention import FULL, GB, LARGE, Disk
from engine.historian.stored import DAY_US, Kind, Stored, stored
from engine.store import StoreError
from engine.store.database import close_quietly, named, open_read_only
from engine.types import HistorySettings

DAYS = 7
"""So many of the last full days tell what a day takes; the middle one counts, so that one stop does not."""
ENOUGH = 100_000
"""Fewer samples than this tell nothing of the bytes that a sample takes: a file has pages of its own."""
NEEDED_DAYS = 3.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to be expected at the present rate.

    ``days_left`` = until quota or disk is full and the oldest are removed for that; None = not known
    yet, or never, because the days set in plant.toml end first: then ``is_steady``. ``limit`` = which of
    "max_gb", "fast_gb" and "disk" ends first. ``held_days`` = days of samples that max_gb can hold.
    ``words`` say it all in a sentence; ``trouble`` = what a person must see to, "" = nothing.
    """

    days_left: float | None
    is_steady: bool
    limit: str
    bytes_per_sample: float | None
    bytes_per_day: float | None
    held_days: float | None
    words: str
    trouble: str


def forecast(
    folder: Path, settings: HistorySettings, rate: float, now_us: int, disk: Disk, fast_rate: float = 0.0
) -> Forecast:
    """``rate`` = samples a second going to disk now, ``fast_rate`` those of fast tags among them.

    Once full days are stored they count and not the rates. Reads file sizes, and until then the newest
    file: ask every some minutes, not more often.
    """
    files = stored(folder)
    measured = bytes_per_sample(files)
    present: dict[Kind, float | None] = {
        "samples": _per_day(files, "samples", now_us, rate - fast_rate, measured),
        "fast": _per_day(files, "fast", now_us, fast_rate, measured),
        "rollups": _rollups_per_day(files, now_us),
    }
    growth: dict[Kind, float] = {kind: value or 0.0 for kind, value in present.items()}
    # That nothing has come yet is no forecast: a plant begins with a rate of 0.
    if present["samples"] is None or present["fast"] is None or not growth["samples"] + growth["fast"]:
        words = "how long the room on disk lasts is known after some hours of samples"
        return Forecast(None, False, "", measured, None, None, words, "")
    days, limit = _full_in(files, settings, growth, now_us, disk)
    per_day = sum(growth.values())
    of_samples = growth["samples"] + growth["fast"]
    held = settings.max_gb * GB / of_samples
    trouble = _too_small(settings, growth, held)
    words = _words(days, limit, settings, per_day)
    return Forecast(days, days is None, limit, measured, per_day, held, words, trouble)


def bytes_per_sample(files: Sequence[Stored]) -> float | None:
    """Bytes on disk for each sample that came, of the newest segments that hold enough to tell."""
    for each in sorted(files, key=lambda file: file.start_us, reverse=True):
        if each.kind in ("samples", "fast"):
            received = _received(each.path)
            if received >= ENOUGH:
                return each.bytes / received
    return None


def _received(path: Path) -> int:
    try:
        connection = open_read_only(path)
    except StoreError:
        return 0
    try:
        with named(path):
            return connection.execute("SELECT coalesce(sum(received), 0) FROM chunks").fetchone()[0]
    except StoreError:
        return 0
    finally:
        close_quietly(connection)


def _per_day(
    files: Sequence[Stored], kind: Kind, now_us: int, rate: float, measured: float | None
) -> float | None:
    """Bytes a day of segments, None = cannot be told yet."""
    days = sorted(
        (each for each in files if each.kind == kind and now_us - DAYS * DAY_US <= each.start_us),
        key=lambda each: each.start_us,
    )
    over = [each for each in days if each.end_us <= now_us]
    first = min((each.start_us for each in files if each.kind == kind), default=0)
    # The very first day began at some hour; it counts only as long as the day after it is not over.
    full = [each.bytes for each in over if each.start_us != first]
    if full:
        return float(statistics.median(full))
    if rate <= 0:
        return float(max((each.bytes for each in over), default=0))
    return None if measured is None else rate * 86_400 * measured


def _rollups_per_day(files: Sequence[Stored], now_us: int) -> float | None:
    """Of the newest month with a few days in it."""
    for each in sorted(files, key=lambda file: file.start_us, reverse=True):
        days = (min(each.end_us, now_us) - each.start_us) / DAY_US
        if each.kind == "rollups" and days >= 1:
            return each.bytes / days
    return None


def _full_in(
    files: Sequence[Stored], settings: HistorySettings, growth: dict[Kind, float], now_us: int, disk: Disk
) -> tuple[float | None, str]:
    """Days until the first limit is reached, and its name; None where age ends everything before."""
    ages: dict[Kind, float] = {
        "samples": settings.days,
        "fast": settings.fast_days,
        "rollups": settings.rollup_days,
    }
    day = np.arange(0, math.ceil(max(ages.values())) + 2, dtype=np.float64)
    level = np.zeros(len(day))
    fast = np.zeros(len(day))
    for kind, age in ages.items():
        here = growth[kind] * np.minimum(day, age)
        for each in files:
            if each.kind == kind:
                leaves = (each.end_us - now_us) / DAY_US + age
                here += np.where(day < leaves, each.bytes, 0)
        if kind == "fast":
            fast = here.copy()
            here = np.minimum(here, settings.fast_gb * GB)
        level += here
    level += sum(each.bytes for each in files if each.kind in ("other", "damaged"))
    spare = disk.free - (1 - FULL) * min(disk.total, LARGE)
    found = [
        (_crossing(day, fast, settings.fast_gb * GB), "fast_gb"),
        (_crossing(day, level, settings.max_gb * GB), "max_gb"),
        (_crossing(day, level - level[0], max(spare, 0.0)), "disk"),
    ]
    known = [(days, name) for days, name in found if days is not None]
    return min(known) if known else (None, "")


def _crossing(day: NDArray[np.float64], level: NDArray[np.float64], most: float) -> float | None:
    """The day on which a level rises above ``most``, between two of them by a straight line."""
    above = np.flatnonzero(level > most)
    if not len(above):
        return None
    k = int(above[0])
    if k == 0:
        return 0.0
    part = (most - level[k - 1]) / (level[k] - level[k - 1])
    return float(day[k - 1] + part * (day[k] - day[k - 1]))


def _too_small(settings: HistorySettings, growth: dict[Kind, float], held: float | None) -> str:
    fast_held = settings.fast_gb * GB / growth["fast"] if growth["fast"] > 0 else None
    for name, days, need in (
        ("max_gb", held, growth["samples"] + growth["fast"]),
        ("fast_gb", fast_held, growth["fast"]),
    ):
        if days is not None and days < NEEDED_DAYS:
            return (
                f"{name} {getattr(settings, name):g} holds {days * 24:.0f} hours of samples at the present "
                f"rate, and models need 72: set it to {math.ceil(1.2 * NEEDED_DAYS * need / GB)} or more in "
                "plant.toml"
            )
    return ""


def _words(days: float | None, limit: str, settings: HistorySettings, per_day: float) -> str:
    grows = _a_day(per_day)
    if days is None:
        return f"{grows}; there is room for all {settings.days:g} days"
    what = "the disk" if limit == "disk" else f"{limit} ({getattr(settings, limit):g} GB)"
    when = "now" if days < 1 else f"in {days:.0f} days"
    return f"{grows}; {what} is full {when}, then the oldest samples are removed"


def _a_day(size: float) -> str:
    """Never 0 while something grows."""
    if size >= 0.1 * GB:
        return f"{size / GB:.1f} GB a day"
    return f"{size / 1e6:.0f} MB a day" if size >= 0.5e6 else "less than 1 MB a day"
