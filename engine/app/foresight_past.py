"""What prediction is told of the time before it began: rows of the history, events of the journal."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.app.foresight_bind import Binding
from engine.prediction.events import Happened, of_alarm
from engine.prediction.fleet import Bound, OpenBucket
from engine.prediction.normals import Means, Normals
from engine.store import StoreError
from engine.store.alarm_journal import WHAT, AlarmJournal
from engine.types import Rollup

log = logging.getLogger("watchroom.prediction")
WARMED_US = 7 * 86_400_000_000
"""So far back an asset is followed at the start, to know since when it is abnormal."""
REST_S = 0.02
SET_BACK = 0.01
"""Of its steps a counter falls this share at most."""

Rolled = Callable[[int, int, int, int], Rollup]
"""Equal steps of a tag's history: tag id, start, end, step in microseconds."""


class Stopping(Exception):
    """The engine stops: nobody waits for what was being read."""


def unhurried(rolled: Rolled, stops_within: Callable[[float], bool]) -> Rolled:
    """The same, with a rest after each tag: links and values come first while much is read.

    ``stops_within`` rests for so many seconds; whether the engine stops. Raises then, when called: Stopping.
    """

    def rested(tag: int, start_us: int, end_us: int, step_us: int) -> Rollup:
        if stops_within(REST_S):
            raise Stopping
        return rolled(tag, start_us, end_us, step_us)

    return rested


def only_grows(means: NDArray[np.float64]) -> bool:
    """A counter: it never falls but when it is set back, and what measures falls every other time."""
    steps = np.diff(means[np.isfinite(means)])
    return len(steps) > 0 and bool((steps > 0).any()) and float((steps < 0).mean()) <= SET_BACK


def rows_of(rolled: Rolled, tags: NDArray[np.int32], start_us: int, end_us: int, step_us: int) -> Means:
    """Means and coverage [n, tags] of whole steps; a tag -1 has neither."""
    count = max(0, (end_us - start_us) // step_us)
    means = np.full((count, len(tags)), np.nan)
    coverage = np.zeros((count, len(tags)), np.float32)
    for at, tag in enumerate(tags.tolist()):
        if tag >= 0 and count:
            found = rolled(tag, start_us, end_us, step_us)
            means[:, at], coverage[:, at] = found.mean[:count], found.good[:count]
    return means, coverage


def buckets_of(
    rolled: Rolled, ids: NDArray[np.int32], bound: Bound, start_us: int, end_us: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Means and coverage float32[n, assets, roles] of whole buckets, for a bound; ``ids`` of the columns."""
    tags = _ids(ids, bound.columns)
    step_us = round(bound.model.card.bucket_s * 1e6)
    means, coverage = rows_of(rolled, tags.ravel(), start_us, end_us, step_us)
    shape = (len(means), *tags.shape)
    return means.astype(np.float32).reshape(shape), coverage.reshape(shape)


def _ids(ids: NDArray[np.int32], columns: NDArray[np.intp]) -> NDArray[np.int32]:
    """The tag of each column; -1 has none, nor has any where there are no tags."""
    return np.append(ids, np.int32(-1))[columns]


def begun_of(
    rolled: Rolled, ids: NDArray[np.int32], bound: Bound, start_us: int, until_us: int, slot_us: int
) -> OpenBucket:
    """What of the bucket that began at ``start_us`` is past: so much of it need not be waited for."""
    tags = _ids(ids, bound.columns)
    area, good_us = _begun(rolled, tags.ravel(), start_us, until_us, slot_us)
    return OpenBucket(until_us, area.tobytes(), good_us.tobytes())


def _begun(
    rolled: Rolled, tags: NDArray[np.int32], start_us: int, until_us: int, slot_us: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    means, coverage = rows_of(rolled, tags, start_us, until_us, slot_us)
    good_us = np.rint(coverage.astype(np.float64) * slot_us)
    return np.nansum(means * good_us, axis=0), good_us.sum(axis=0).astype(np.int64)


def warmed(normals: Normals, binding: Binding, rolled: Rolled, until_us: int, now_us: int) -> None:
    """Follow what is watched over the last days, row after row, as if it had been watched all the time."""
    step_us = normals.bucket_us
    end_us = until_us - until_us % step_us
    columns = np.concatenate([each.columns for each in binding.watched])
    tags = _ids(binding.tags, columns)
    try:
        means, coverage = rows_of(rolled, tags, end_us - WARMED_US, end_us, step_us)
        normals.resume(*_begun(rolled, tags, end_us, until_us, normals.slot_us))
    except StoreError as error:
        log.error("what assets were like before is not known: %s", error)
        return
    there = np.flatnonzero(coverage.any(axis=1))
    for at in range(int(there[0]), len(means)) if len(there) else ():
        normals.row(end_us - WARMED_US + at * step_us, means[at], coverage[at])
    normals.show(now_us)


def events_of(journal: Path, start_us: int, end_us: int) -> list[Happened]:
    """The alarms that came in [start_us, end_us), as prediction counts them; [] where nobody can say."""
    reader = AlarmJournal(journal)
    try:
        found, names = reader.arrays(start_us, end_us), reader.names()
    except StoreError as error:
        log.error("the events of the last days are not known: %s", error)
        return []
    came = np.flatnonzero((found.what == WHAT["active"]) & (found.time_us >= start_us))
    rows = zip(found.time_us[came].tolist(), found.alarm[came].tolist(), strict=True)
    told = ((time_us, names.get(alarm)) for time_us, alarm in rows)
    return [
        Happened(time_us, name[0], of_alarm(name[1], name[2])) for time_us, name in told if name is not None
    ]


def known_since(journal: Path) -> int | None:
    """Since when the journal tells of events, None = nobody can say."""
    try:
        runs = AlarmJournal(journal).runs()
    except StoreError as error:
        log.error("since when events are on record is not known: %s", error)
        return None
    return runs[0][0] if runs else None
