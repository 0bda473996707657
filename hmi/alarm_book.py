"""The alarms as the engine told them, kept up to date by what changed since. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.types import Alarm, AlarmCounts, Flood


class Told(Protocol):
    """The answer to ``alarms`` (`engine.wire.AlarmsAnswer`)."""

    @property
    def version(self) -> int: ...
    @property
    def is_whole(self) -> bool: ...
    @property
    def alarms(self) -> Sequence[Alarm]: ...
    @property
    def gone(self) -> Sequence[int]: ...
    @property
    def counts(self) -> AlarmCounts: ...
    @property
    def flood(self) -> Flood | None: ...
    @property
    def is_more(self) -> bool: ...


class AlarmBook:
    """Every alarm that is not plainly normal, by id. All windows of a station read the same one.

    ``version`` is what to ask with next; an engine that does not know it tells the whole. While a whole
    one comes in parts, the one before stays on show. ``last_returned_us`` = when an alarm became normal
    last, 0 = not since this window runs.
    """

    def __init__(self) -> None:
        self.version = 0
        self.is_known = False
        self.counts = AlarmCounts()
        self.flood: Flood | None = None
        self.last_returned_us = 0
        self._alarms: dict[int, Alarm] = {}
        self._coming: dict[int, Alarm] | None = None

    @property
    def alarms(self) -> Mapping[int, Alarm]:
        """By id; an alarm that changed is another object."""
        return self._alarms

    def take(self, told: Told, now_us: int) -> bool:
        """Bring it up to date with an answer; whether anything that can be seen differs."""
        if told.is_whole:
            self._coming = {}
        before = (self.counts, self.flood, self.is_known)
        self.version = told.version
        alarms = self._alarms if self._coming is None else self._coming
        for alarm in told.alarms:
            alarms[alarm.id] = alarm
            if alarm.letter == "D":
                self.last_returned_us = max(self.last_returned_us, alarm.changed_us)
        for each in told.gone:
            self._went(alarms.pop(each, None), now_us)
        if told.is_more and self._coming is not None:
            return False
        is_other = bool(told.alarms or told.gone)
        if self._coming is not None:
            is_other = self._coming != self._alarms
            # Told again and unchanged it stays the same object, and its row is not painted again.
            known = self._alarms
            self._alarms = {
                at: known[at] if at in known and known[at] == each else each
                for at, each in self._coming.items()
            }
            self._coming = None
        self.counts, self.flood, self.is_known = told.counts, told.flood, True
        return is_other or before != (self.counts, self.flood, self.is_known)

    def _went(self, alarm: Alarm | None, now_us: int) -> None:
        if alarm is not None and alarm.is_annunciated:
            # Acknowledged before it returned: it left the list with its return, not long before we heard.
            returned_us = now_us if alarm.active else alarm.changed_us
            self.last_returned_us = max(self.last_returned_us, returned_us)
