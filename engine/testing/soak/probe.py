"""What a process uses, and whether it grows: memory, descriptors, threads, processor time."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import psutil

WARM_S = 120.0
"""Of each life so much is left out: caches and rings fill."""
SHORTEST_S = 300.0
"""What a life must last beyond that before its slope says anything."""
JUDGED_S = 1_200.0
"""What all lives together must last beyond that before a slope is held to the promise."""
MOST_MB_H = 1.0
MOST_MORE = 8
"""Descriptors or threads at the end of a life above its warm beginning."""


class Use(NamedTuple):
    """A process at one instant. ``mono_s`` = monotonic seconds; ``cpu_s`` = processor time so far.

    ``tail_mb`` = samples that the history keeps in memory until they are packed, as far as known.
    """

    mono_s: float
    pid: int
    rss_mb: float
    fds: int
    threads: int
    cpu_s: float
    tail_mb: float = 0.0


class Growth(msgspec.Struct, frozen=True):
    """Figures of a process over all its lives. ``mb_h`` None = no life was long enough.

    ``mb_h_but_tail`` is of the memory without the samples that wait to be packed.
    """

    lives: int
    rss_mb_max: float
    mb_h: float | None
    mb_h_but_tail: float | None
    fds_max: int
    fds_more: int
    threads_max: int
    threads_more: int
    cpu_pct: float
    warm_s: float


def use_of(pid: int, mono_s: float, tail_mb: float = 0.0) -> Use | None:
    """What a process uses now; None = it is gone. Memory is what is its own alone (USS)."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times = process.cpu_times()
            memory = process.memory_full_info().uss / 1e6
            cpu_s = times.user + times.system
            return Use(mono_s, pid, memory, process.num_fds(), process.num_threads(), cpu_s, tail_mb)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def growth(uses: Sequence[Use]) -> Growth:
    """The growth within each life, after its warm-up: one slope for all, a level for each."""
    lives = [[use for use in uses if use.pid == pid] for pid in dict.fromkeys(use.pid for use in uses)]
    warm = [[use for use in life if use.mono_s - life[0].mono_s >= WARM_S] for life in lives]
    long = [life for life in warm if len(life) > 2 and _length_s(life) >= SHORTEST_S]
    lasted_s = sum(map(_length_s, lives))
    used_s = sum(life[-1].cpu_s - life[0].cpu_s for life in lives)
    return Growth(
        lives=len(lives),
        rss_mb_max=max((use.rss_mb for use in uses), default=0.0),
        mb_h=_slope(long, lambda use: use.rss_mb),
        mb_h_but_tail=_slope(long, lambda use: use.rss_mb - use.tail_mb),
        fds_max=max((use.fds for use in uses), default=0),
        fds_more=max((_more([use.fds for use in life]) for life in long), default=0),
        threads_max=max((use.threads for use in uses), default=0),
        threads_more=max((_more([use.threads for use in life]) for life in long), default=0),
        cpu_pct=100 * used_s / lasted_s if lasted_s else 0.0,
        warm_s=sum(map(_length_s, long)),
    )


def broken(name: str, found: Growth) -> list[str]:
    """What of it breaks a promise, in sentences; of memory only after a time that can tell."""
    said: list[str] = []
    slope = found.mb_h_but_tail
    if slope is not None and found.warm_s >= JUDGED_S and slope > MOST_MB_H:
        said.append(f"{name} grew by {slope:.1f} MB/h; {MOST_MB_H:g} is promised")
    for what, more in (("descriptors", found.fds_more), ("threads", found.threads_more)):
        if more > MOST_MORE:
            said.append(f"{name} had {more} more {what} at the end of a life than at its beginning")
    return said


def _length_s(life: Sequence[Use]) -> float:
    return life[-1].mono_s - life[0].mono_s if life else 0.0


def _more(counts: Sequence[int]) -> int:
    part = max(1, len(counts) // 3)
    return round(statistics.median(counts[-part:]) - statistics.median(counts[:part]))


def _slope(lives: Sequence[Sequence[Use]], measure: Callable[[Use], float]) -> float | None:
    """MB an hour: least squares with one slope for all lives and a level of its own for each."""
    along = across = 0.0
    for life in lives:
        hours = np.array([use.mono_s for use in life]) / 3600
        size = np.array([measure(use) for use in life])
        hours -= hours.mean()
        along += float((hours * (size - size.mean())).sum())
        across += float((hours**2).sum())
    return along / across if across else None
