"""The newest samples of all tags in a tail by some instant, all tags of a run at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from engine.historian.runs import DenseRun, MixedRun, Run

Last = tuple[int, float, int]
"""Source time, value and quality of a sample."""
NEVER = -(2**63)


def latest(runs: Iterable[Run], time_us: int) -> dict[int, Last]:
    """By tag id: the newest sample not after ``time_us``, where there is one."""
    found: dict[int, Last] = {}
    received: dict[int, int] = {}
    for run in runs:
        times, places = _dense(run, time_us) if isinstance(run, DenseRun) else _mixed(run, time_us)
        came_us = run.receive_us[places % run.value.shape[1] if isinstance(run, DenseRun) else places]
        value = run.value.reshape(-1)[places]
        quality = np.zeros(len(places), np.uint32) if run.quality is None else run.quality.reshape(-1)[places]
        columns = run.tags.tolist(), times.tolist(), value.tolist(), quality.tolist(), came_us.tolist()
        for tag, time, number, code, came in zip(*columns, strict=True):
            # Equal times: what came later stands.
            if time != NEVER and (tag not in found or (time, came) >= (found[tag][0], received[tag])):
                found[tag], received[tag] = (time, number, code), came
    return found


def _dense(run: DenseRun, time_us: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Times int64[n] (NEVER = none) and places in the flat columns of the newest samples of n tags."""
    rows = run.value.shape[1]
    source = run.source_us.reshape(-1, rows)
    early = np.where(source <= time_us, source, NEVER)
    # The last of equal ones: argmax gives the first, so look from the end.
    at = rows - 1 - early[:, ::-1].argmax(axis=1)
    times = early[np.arange(len(at)), at]
    count = len(run.tags)
    if len(at) == 1:
        at, times = np.repeat(at, count), np.repeat(times, count)
    return times, np.arange(count) * rows + at


def _mixed(run: MixedRun, time_us: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    early = np.where(run.source_us <= time_us, run.source_us, NEVER)
    times = np.maximum.reduceat(early, run.bounds[:-1])
    is_it = early == np.repeat(times, np.diff(run.bounds))
    places = np.maximum.reduceat(np.where(is_it, np.arange(len(early)), -1), run.bounds[:-1])
    return times, places
