"""What clients see of the alarms, by version: they ask with the one they have and get what changed since."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from engine.types import Alarm, AlarmCounts, Flood
from engine.wire import AlarmsAnswer

MOST_ANSWERED = 1000
"""Alarms in one answer: more would hold up the engine's loop and the window; the rest comes when asked."""
MOST_GONE = 10_000
"""Alarms that are normal again of which it is remembered when; who has an older version gets the whole."""
_PRIORITIES = (1, 2, 3, 4)


class Shown:
    """One thread. Memory: the alarms that are not normal, and ``MOST_GONE`` ids.

    Versions begin at ``first``: the UTC microseconds at the start, so that those of an earlier run are
    older and get the whole, unless the clock was set back; then they are newer, and get the whole too.
    """

    def __init__(self, first: int) -> None:
        self.version = first
        self.flood: Flood | None = None
        self._oldest = first
        self._alarms: dict[int, Alarm] = {}
        self._changed: dict[int, int] = {}
        self._gone: dict[int, int] = {}
        self._tally: Counter[tuple[str, int]] = Counter()
        self._active: dict[int, dict[int, Alarm]] = {each: {} for each in range(5)}

    def __len__(self) -> int:
        return len(self._alarms)

    def get(self, alarm_id: int) -> Alarm | None:
        """This alarm as it is shown; None = it is normal."""
        return self._alarms.get(alarm_id)

    def put(self, alarm: Alarm) -> None:
        """This is how an alarm is now; one that is normal (A) leaves."""
        self.version += 1
        if alarm.id in self._alarms:
            self._forget(alarm.id)
        else:
            self._gone.pop(alarm.id, None)
        if alarm.letter == "A":
            self._gone[alarm.id] = self.version
            if len(self._gone) > MOST_GONE:
                oldest = next(iter(self._gone))
                self._oldest = self._gone.pop(oldest)
            return
        self._alarms[alarm.id] = alarm
        self._changed[alarm.id] = self.version
        self._count(alarm, 1)
        if alarm.active and alarm.letter in ("B", "C"):
            self._active[alarm.priority][alarm.id] = alarm

    def answer(self, version: int) -> AlarmsAnswer:
        """What changed since ``version``, or all there is; ``is_more`` where it did not fit."""
        is_whole = not self._oldest <= version <= self.version
        since = 0 if is_whole else version
        changed = _since(self._changed, since)
        gone = [] if is_whole else _since(self._gone, since)
        shown = self.version
        if is_more := len(changed) + len(gone) > MOST_ANSWERED:
            # Who goes on from here must not be taken for one whose version is too old.
            shown = max(sorted(at for _, at in (*changed, *gone))[MOST_ANSWERED - 1], self._oldest)
        return AlarmsAnswer(
            version=shown,
            is_whole=is_whole,
            alarms=tuple(self._alarms[each] for each, at in changed if at <= shown),
            gone=tuple(each for each, at in gone if at <= shown),
            counts=self.counts,
            flood=self.flood,
            is_more=is_more,
        )

    @property
    def counts(self) -> AlarmCounts:
        """How many there are."""
        tally = self._tally
        one, two, three, four = ((tally["B", each], tally["C", each]) for each in _PRIORITIES)
        return AlarmCounts(
            unacknowledged=(one[0], two[0], three[0], four[0]),
            acknowledged=(one[1], two[1], three[1], four[1]),
            returned=tally["D", 0],
            shelved=tally["E", 0],
            suppressed=tally["F", 0],
            out_of_service=tally["G", 0],
            unrecorded=tally["unrecorded", 0],
        )

    def worst(self, most: int) -> tuple[Alarm, ...]:
        """Active alarms that are not set aside, by priority, the newest change first."""
        found = (alarm for each in sorted(self._active) for alarm in reversed(self._active[each].values()))
        return tuple(islice(found, most))

    def _forget(self, alarm_id: int) -> None:
        before = self._alarms.pop(alarm_id)
        del self._changed[alarm_id]
        self._count(before, -1)
        self._active[before.priority].pop(alarm_id, None)

    def _count(self, alarm: Alarm, by: int) -> None:
        self._tally[alarm.letter, alarm.priority if alarm.letter in ("B", "C") else 0] += by
        if not alarm.is_recorded:
            self._tally["unrecorded", 0] += by


def _since(changed: dict[int, int], version: int) -> list[tuple[int, int]]:
    """Ids whose version is newer and those versions, oldest first; ``changed`` is in order of version."""
    found: list[tuple[int, int]] = []
    for each, at in reversed(changed.items()):
        if at <= version:
            break
        found.append((each, at))
    found.reverse()
    return found
