"""The alarms of a running project: told to the live table, the journal and whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.alarms.limits import Limits
from engine.alarms.state import Changes
from engine.alarms.words import message
from engine.live import LiveTable
from engine.types import Alarm, Append, Batch, Clock, Limit, Tag

EVENT = "alarm"
"""Name of the events; the body is an ``Alarm``."""
RETURNED_US = 600_000_000
"""How long an alarm that returned is still shown."""
MOST_SHOWN = 200


class Alarms:
    """One thread only. ``tags`` in live order; the list may be changed while devices tell more of them.

    Nothing is queued here: a change is written at once, and at most one alarm a limit is remembered.
    """

    def __init__(self, limits: Sequence[Limit], tags: Sequence[Tag], table: LiveTable, clock: Clock) -> None:
        self._limits = Limits(limits, tags)
        self._tags, self._table, self._clock = tags, table, clock
        self._append: Append | None = None
        rows = {tag.path: row for row, tag in enumerate(tags)}
        self._tag_rows = [rows[each.path] for each in self._limits.rows]
        self._last: dict[int, tuple[int, Alarm]] = {}

    def begin(self, append: Append, past: Iterable[tuple[int, Alarm]]) -> None:
        """Write events from now on. ``past`` = alarms of earlier runs and when they were noted, oldest first.

        What was active still is, since the same time, until the first sample says otherwise.
        """
        self._append = append
        place = {(each.path, each.kind): row for row, each in enumerate(self._limits.rows)}
        for noted_us, alarm in past:
            if (row := place.get((alarm.path, alarm.kind))) is not None:
                self._last[row] = noted_us, self._as_now(row, alarm)
        active = [row for row, (_, alarm) in self._last.items() if alarm.state == "active"]
        self._limits.resume(np.array(active, np.intp))
        self._show(np.array(active, np.intp))

    def judge(self, batch: Batch, taken: NDArray[np.bool_] | None, mono_us: int) -> None:
        """Look at new samples; see ``Limits.judge``."""
        self._tell(self._limits.judge(batch, taken, mono_us))

    def proved(self, tags: NDArray[np.int32], mono_us: int) -> None:
        """The last values of these tags hold now; see ``Limits.proved``."""
        self._tell(self._limits.proved(tags, mono_us))

    def silent(self, tags: NDArray[np.int32], *, lost: bool = False) -> None:
        """These values are not current any more; see ``Limits.silent``."""
        self._limits.silent(tags, lost=lost)

    def leave(self, tag_id: int) -> None:
        """Have no more alarms of this tag: its values stand for texts."""
        self._limits.leave(tag_id)
        for row in np.flatnonzero(self._limits.tag_ids == tag_id).tolist():
            self._last.pop(row, None)
        self._table.set_alarm(np.array([tag_id], np.int32), np.zeros(1, np.uint8))

    def shown(self) -> tuple[Alarm, ...]:
        """The active alarms and those that returned in the last 10 minutes, at most 200 of them.

        Active ones first, then by priority, then the newest.
        """
        now_us = self._clock.now_us()
        for row, (noted_us, alarm) in tuple(self._last.items()):
            if alarm.state == "returned" and now_us - noted_us > RETURNED_US:
                del self._last[row]
        found = [alarm for _, alarm in self._last.values()]
        found.sort(key=lambda each: (each.state != "active", each.priority, -each.changed_us))
        return tuple(found[:MOST_SHOWN])

    def _tell(self, changes: Changes | None) -> None:
        if changes is None:
            return
        now_us = self._clock.now_us()
        columns = changes.limits, changes.active, changes.time_us, changes.value
        for row, active, time_us, value in zip(*(each.tolist() for each in columns), strict=True):
            alarm = self._alarm(row, active, time_us, value)
            self._last[row] = now_us, alarm
            if self._append is not None:
                self._append(EVENT, msgspec.to_builtins(alarm))
        self._show(changes.limits)

    def _alarm(self, row: int, active: bool, time_us: int, value: float) -> Alarm:
        limit = self._limits.rows[row]
        before = None if active else self._last.get(row)
        return Alarm(
            path=limit.path,
            kind=limit.kind,
            priority=limit.priority,
            state="active" if active else "returned",
            since_us=time_us if before is None else before[1].since_us,
            changed_us=time_us,
            value=value,
            limit=limit.limit,
            message=message(limit, self._tags[self._tag_rows[row]]),
            cause=limit.cause,
            response=limit.response,
        )

    def _as_now(self, row: int, alarm: Alarm) -> Alarm:
        """An alarm of an earlier run in the words that alarms.csv has today."""
        limit = self._limits.rows[row]
        return msgspec.structs.replace(
            alarm,
            priority=limit.priority,
            limit=limit.limit,
            message=message(limit, self._tags[self._tag_rows[row]]),
            cause=limit.cause,
            response=limit.response,
        )

    def _show(self, rows: NDArray[np.intp]) -> None:
        tags = np.unique(self._limits.tag_ids[rows])
        self._table.set_alarm(tags, self._limits.worst(tags))
