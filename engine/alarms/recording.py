"""On disk before it is shown: changes of alarms that wait for the journal, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from engine.types import Alarm, AlarmChange, What

LATE_US = 500_000
"""A change that the disk did not take for so long is shown all the same."""
MOST_WAITING = 7000
"""Changes given to the journal and not on disk: beyond it further ones wait to be made, so that a burst
does not fill the journal's memory and drop its oldest."""
MOST_KEPT = 20_000
"""Changes that are shown and not on disk; the journal itself keeps fewer."""
Seen = tuple[int, What, int]
"""What a change on disk is known by: alarm, what, time_us."""
Told = Callable[[bool], None]
Write = Callable[[AlarmChange, Alarm], None]


class _Waiting(msgspec.Struct, gc=False):
    serial: int
    seen: Seen
    alarm: Alarm
    mono_us: int
    is_shown: bool = False


class Recording:
    """One thread. ``write`` hands a change to the journal, None = there is no journal; ``show`` gets the
    alarm after it once it is on disk, or marked as not recorded once that takes too long.

    Overload: of changes that are shown and not on disk the oldest are given up, after ``MOST_KEPT``.
    """

    def __init__(self, show: Callable[[Alarm], None]) -> None:
        self.write: Write | None = None
        self._show = show
        self._waiting: deque[_Waiting] = deque()
        self._late = 0
        self._newest: dict[int, int] = {}
        self._serial = self._done = self._lost = 0
        self._askers: deque[tuple[int, int, Told]] = deque()

    @property
    def is_full(self) -> bool:
        """Whether further changes had better wait for the disk."""
        return len(self._waiting) - self._late >= MOST_WAITING

    @property
    def serial(self) -> int:
        """Number of the newest change."""
        return self._serial

    def put(self, change: AlarmChange, alarm: Alarm, mono_us: int) -> None:
        """The newest change, and the alarm after it."""
        if self.write is None:
            self._show(alarm)
            return
        self._serial += 1
        seen = change.alarm, change.what, change.time_us
        self._waiting.append(_Waiting(self._serial, seen, alarm, mono_us))
        self._newest[alarm.id] = self._serial
        if self._late > MOST_KEPT:
            self._drop()
        self.write(change, alarm)

    def committed(self, seen: Seen) -> None:
        """This change is on disk. Those before it of which that was not said were dropped by the journal."""
        if not self._waiting or self._waiting[0].seen != seen:
            if not any(each.seen == seen for each in self._waiting):
                return
            while self._waiting[0].seen != seen:
                self._drop()
        first = self._taken()
        # One that was shown already must not come back over a newer one of the same alarm.
        if not first.is_shown or first.alarm.id not in self._newest:
            self._show(first.alarm)
        self._done = first.serial
        self._answer()

    def passed(self, mono_us: int, most: int) -> bool:
        """Show what has waited too long, so many; whether there may be more."""
        for each in islice(self._waiting, self._late, self._late + most):
            if mono_us - each.mono_us < LATE_US:
                return False
            each.is_shown = True
            self._late += 1
            self._show(msgspec.structs.replace(each.alarm, is_recorded=False))
        return len(self._waiting) > self._late

    def when_recorded(self, first: int, call: Told) -> None:
        """Call, with whether they are on disk, once that is known of all changes from ``first`` on."""
        if self._done >= self._serial or first > self._serial:
            call(self._lost < first)
        else:
            self._askers.append((first, self._serial, call))

    def _drop(self) -> None:
        """The first one will never be on disk."""
        first = self._taken()
        self._lost = first.serial
        if not first.is_shown:
            self._show(msgspec.structs.replace(first.alarm, is_recorded=False))

    def _taken(self) -> _Waiting:
        first = self._waiting.popleft()
        self._late -= first.is_shown
        if self._newest.get(first.alarm.id) == first.serial:
            del self._newest[first.alarm.id]
        return first

    def _answer(self) -> None:
        while self._askers and self._askers[0][1] <= self._done:
            first, _, call = self._askers.popleft()
            call(self._lost < first)


def seen_in(bodies: Sequence[Mapping[str, Any]]) -> list[Seen]:
    """What the changes in the bodies of events ``alarm`` are known by; a body of another form is left out."""
    changes = [body["change"] for body in bodies if "change" in body]
    return [(each["alarm"], each["what"], each["time_us"]) for each in changes]
