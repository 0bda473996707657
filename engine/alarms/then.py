"""The alarms that were active at a past instant, from the changes that the journal holds."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Sequence

from engine.types import Alarm

MOST_CHANGES = 100_000
EVERY = 1000
"""Changes between two points from which the state of an instant is built up."""
_State = dict[tuple[str, str], Alarm]


class Then:
    """Changes of alarms by when they were noted. Overload: beyond ``MOST_CHANGES`` the oldest are forgotten.

    ``add`` in any one thread, ``at`` in any.
    """

    def __init__(self, past: Sequence[tuple[int, Alarm]] = ()) -> None:
        self._lock = threading.Lock()
        self._times: list[int] = []
        self._changes: list[Alarm] = []
        self._points: list[_State] = [{}]
        for time_us, alarm in past:
            self.add(time_us, alarm)

    def add(self, time_us: int, alarm: Alarm) -> None:
        """The next change. A clock that was set back does not bring it before the others."""
        with self._lock:
            if len(self._times) >= MOST_CHANGES:
                self._forget()
            self._times.append(max(time_us, self._times[-1] if self._times else time_us))
            self._changes.append(alarm)
            if len(self._changes) % EVERY == 0:
                self._points.append(_after(self._points[-1], self._changes[-EVERY:]))

    def at(self, time_us: int) -> tuple[Alarm, ...]:
        """The alarms active at an instant, worst and newest first."""
        with self._lock:
            count = bisect_right(self._times, time_us)
            point = count // EVERY
            state = _after(self._points[point], self._changes[point * EVERY : count])
        active = [alarm for alarm in state.values() if alarm.state == "active"]
        return tuple(sorted(active, key=lambda alarm: (alarm.priority, -alarm.since_us)))

    def _forget(self) -> None:
        half = MOST_CHANGES // 2 // EVERY
        del self._times[: half * EVERY], self._changes[: half * EVERY], self._points[:half]


def _after(before: _State, changes: Sequence[Alarm]) -> _State:
    return before | {(alarm.path, alarm.kind): alarm for alarm in changes}
