"""What the horn does now: which alarms it sounds for, and when a sound starts. No Qt.

EEMUA 191 and ISA-18.2: it sounds for alarms that are not acknowledged; silencing it acknowledges nothing,
holds for the alarms that came so far, and the next one sounds again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.types import Alarm

GAP_US = 3_000_000
"""Between two starts of a sound: in a flood each is still heard to its end."""
AGAIN_US = {1: 3_000_000, 2: 5_000_000, 3: 10_000_000, 4: 20_000_000}
"""So long after its start the sound of a priority comes again: the more urgent, the denser (ISO 11429)."""
Mark = tuple[int, int, int]


def _mark(alarm: Alarm) -> Mark:
    """What differs when the same alarm comes again or is annunciated again."""
    return alarm.since_us, alarm.times, alarm.acked_us


class Horn:
    """``now_us`` is a monotonic time in microseconds throughout."""

    def __init__(self) -> None:
        self._alarms: dict[int, Alarm] = {}
        self._silenced: dict[int, Mark] = {}
        self._heard: dict[int, Mark] = {}
        self._started_us: int | None = None

    def take(self, alarms: Mapping[int, Alarm]) -> bool:
        """The alarms as they are now; whether those that sound differ."""
        before = self._alarms, len(self._silenced)
        self._alarms = {
            key: each for key, each in alarms.items() if each.letter == "B" and each.priority in AGAIN_US
        }
        self._silenced = {
            key: mark
            for key, mark in self._silenced.items()
            if key in self._alarms and _mark(self._alarms[key]) == mark
        }
        return before != (self._alarms, len(self._silenced))

    def silence(self) -> int:
        """Be still for all alarms that came so far; gives for how many it was loud."""
        count = self.loud
        self._silenced = {key: _mark(each) for key, each in self._alarms.items()}
        return count

    @property
    def loud(self) -> int:
        """How many unacknowledged alarms are not silenced."""
        return len(self._alarms) - len(self._silenced)

    @property
    def silenced(self) -> int:
        """How many unacknowledged alarms are silenced."""
        return len(self._silenced)

    @property
    def worst(self) -> Alarm | None:
        """The alarm that it sounds for: of the worst priority, and of those the one that came first."""
        loud = (each for _, each in self._loud())
        return min(loud, key=lambda each: (each.priority, each.since_us, each.id), default=None)

    def wait_us(self, now_us: int) -> int | None:
        """For how long no sound may start yet, 0 = one is due now; None = nothing sounds."""
        worst = self.worst
        if worst is None:
            return None
        if self._started_us is None:
            return 0
        # One that nobody heard yet does not wait for the turn of the last, only for its sound to end.
        is_fresh = any(self._heard.get(key) != _mark(each) for key, each in self._loud())
        turn_us = GAP_US if is_fresh else AGAIN_US[worst.priority]
        return max(0, self._started_us + turn_us - now_us)

    def start(self, now_us: int) -> int:
        """The priority whose sound starts now, 0 = none."""
        worst = self.worst
        if worst is None or self.wait_us(now_us) != 0:
            return 0
        self._started_us = now_us
        self._heard = {key: _mark(each) for key, each in self._loud()}
        return worst.priority

    def _loud(self) -> Iterator[tuple[int, Alarm]]:
        return ((key, each) for key, each in self._alarms.items() if key not in self._silenced)
