"""Figures that know the time before the engine started: told second by second from the history."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.kpi.kpis import Kpis
from engine.types import SEVERITY_MASK, History, KpiRule, Samples, Status, Tag

STEP_US = 1_000_000


def past_figures(
    rules: Sequence[KpiRule],
    tags: Sequence[Tag],
    history: History,
    now_us: int,
    mono_us: int,
    stopped: Callable[[], bool] = lambda: False,
) -> Kpis:
    """New `Kpis` that have seen the last window of each rule up to ``now_us`` as it is stored.

    Takes seconds for a shift of many tags, so it belongs off the loop; ``stopped`` ends it early.
    """
    kpis = Kpis(rules, tags)
    reach_us = max((round(rule.window_s * 1e6) for rule in rules), default=0)
    times = np.arange(now_us - reach_us, now_us, STEP_US, dtype=np.int64)
    if not len(times) or not len(kpis.rows):
        return kpis
    known = [_at(history, tags[int(row)].tag_id, times) for row in kpis.rows]
    value, status = np.stack([each[0] for each in known], 1), np.stack([each[1] for each in known], 1)
    age_s = np.zeros(len(kpis.rows))
    began = int(np.argmax((status != np.uint32(Status.WAITING_FOR_INITIAL_DATA)).any(axis=1)))
    for at in range(began, len(times)):
        if stopped():
            break
        time_us = int(times[at])
        kpis.second(time_us, mono_us - (now_us - time_us), value[at], status[at], age_s)
    return kpis


def _at(
    history: History, tag_id: int, times: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
    """What a tag said at these instants: float64[k] and uint32[k]."""
    value = np.full(len(times), np.nan)
    status = np.full(len(times), Status.WAITING_FOR_INITIAL_DATA, np.uint32)
    samples = history.raw(tag_id, int(times[0]), int(times[-1]) + 1)
    if not len(samples.time_us):
        return value, status
    at = np.searchsorted(samples.time_us, times, "right") - 1
    has = at >= 0
    value[has], status[has] = samples.value[at[has]], samples.quality[at[has]]
    return _on_lines(samples, at, has, times, value), status


def _on_lines(
    samples: Samples,
    at: NDArray[np.intp],
    has: NDArray[np.bool_],
    times: NDArray[np.int64],
    value: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Where samples were left out between two kept ones, the value is on the line between them."""
    good = (samples.quality & np.uint32(SEVERITY_MASK)) == 0
    line = has & (samples.dropped[at] > 0) & good[at] & (at + 1 < len(good))
    left = at[line]
    width = (samples.time_us[left + 1] - samples.time_us[left]).astype(np.float64)
    part = (times[line] - samples.time_us[left]) / width
    value[line] = samples.value[left] + part * (samples.value[left + 1] - samples.value[left])
    return value
