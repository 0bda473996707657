"""Which alarms a list shows and in which order, brought up to date by what changed. No Qt.

Ten thousand alarms and four answers a second: what did not change is neither judged nor ranked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from engine.types import Alarm
from hmi.alarms import rank


@dataclass(frozen=True, slots=True)
class Line:
    """What a row is besides its alarm. ``inside`` = consequences of it, ``worst`` the priority of the worst.

    Closed, they are not on rows of their own but counted here; ``depth`` 1 = it is such a consequence.
    """

    depth: int = 0
    inside: int = 0
    worst: int = 0
    is_open: bool = False


PLAIN, INNER = Line(), Line(1)


class Lines(NamedTuple):
    """The rows of a list: ids of alarms, and what is to be said of rows that are not `PLAIN`."""

    ids: list[int]
    special: dict[int, Line]


Rank = Callable[[Alarm], tuple[object, ...]]
Keep = Callable[[Alarm], bool]


class Order:
    """The alarms that ``keep`` lets through, by ``by``. One list of the display."""

    def __init__(self) -> None:
        self._known: dict[int, Alarm] = {}
        self._ranks: dict[int, tuple[object, ...]] = {}
        self._caused: dict[int, int] = {}
        self._ids: list[int] = []
        self._keep: Keep = lambda _: True
        self._by: Rank = rank

    def judge(self, keep: Keep, by: Rank = rank) -> None:
        """From now on let others through; the next `update` judges all of them anew."""
        self._keep, self._by = keep, by
        self._known, self._ranks, self._caused, self._ids = {}, {}, {}, []

    def update(self, alarms: Mapping[int, Alarm]) -> None:
        """Bring the order up to date; an alarm that changed is another object."""
        known, ranks, caused = self._known, self._ranks, self._caused
        changed = [alarm for each, alarm in alarms.items() if known.get(each) is not alarm]
        if not changed and len(known) == len(alarms):
            return
        for alarm in changed:
            known[alarm.id] = alarm
            if self._keep(alarm):
                ranks[alarm.id] = self._by(alarm)
            else:
                ranks.pop(alarm.id, None)
            if alarm.cause_id:
                caused[alarm.id] = alarm.cause_id
            else:
                caused.pop(alarm.id, None)
        if len(known) != len(alarms):
            for gone in known.keys() - alarms.keys():
                del known[gone]
                ranks.pop(gone, None)
                caused.pop(gone, None)
        # Nearly in order already, which is what Python sorts fastest.
        before = set(self._ids)
        ids = [each for each in self._ids if each in ranks]
        ids += [each for each in ranks if each not in before]
        ids.sort(key=ranks.__getitem__)
        self._ids = ids

    @property
    def ids(self) -> list[int]:
        """All that are let through, consequences in their own places."""
        return self._ids

    def cause(self, alarm_id: int) -> int:
        """The alarm under which this one stands; 0 = it stands by itself, or is not listed."""
        if alarm_id not in self._ranks or not self._known[alarm_id].cause_id:
            return 0
        found = _cause(self._known, self._ranks, alarm_id)
        return found if found != alarm_id else 0

    def lines(self, opened: AbstractSet[int]) -> Lines:
        """The rows from top to bottom: consequences under their cause, which stands where the first would."""
        known, listed, caused = self._known, self._ranks, self._caused
        if not caused:
            return Lines(list(self._ids), {})
        under: dict[int, list[int]] = {}
        for each in self._ids:
            cause = caused.get(each, each)
            # As the engine tells them, a cause has none itself.
            if cause != each and (cause not in listed or cause in caused):
                cause = _cause(known, listed, each)
            group = under.get(cause)
            if group is None:
                group = under[cause] = []
            if cause != each:
                group.append(each)
        ids, special = list[int](), dict[int, Line]()
        for cause, group in under.items():
            ids.append(cause)
            if group:
                is_open, worst = cause in opened, min(known[each].priority for each in group)
                special[cause] = Line(0, len(group), worst, is_open)
                ids += group if is_open else ()
                special |= dict.fromkeys(group if is_open else (), INNER)
        return Lines(ids, special)


def _cause(known: Mapping[int, Alarm], listed: Mapping[int, object], alarm_id: int) -> int:
    """The first cause of an alarm that is in the list too, however long the chain; itself without one."""
    found, seen = alarm_id, {alarm_id}
    at = known[alarm_id].cause_id
    while at and at not in seen and at in known:
        seen.add(at)
        if at in listed:
            found = at
        at = known[at].cause_id
    return alarm_id if at == alarm_id else found
