"""What leads a flood: which alarm of a group was the first, and which of the others follow from which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.alarms.kinship import LATEST_US, Facts, Relation, facts, relation
from engine.alarms.structure import Structure
from engine.alarms.upstream import WITHIN_US, Upstream
from engine.types import Alarm, Spreading

MOST_IN_UNIT = 12
"""So many alarms of a unit are looked at as causes, the first ones; a flood then costs little for each."""
GRACE_US = 60_000_000
"""What is gone again may still be the cause of what comes in this time."""
MOST_REMEMBERED = 100_000
LONG_AGO_US = -(2**62)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alarm stands among the others. ``cause`` = the alarm at the head of what it follows from, 0 =
    none known, and ``why`` in a sentence; ``is_first`` = it was the first of its group.
    """

    is_first: bool = False
    cause: int = 0
    why: str = ""


@dataclass(slots=True, eq=False)
class _Known:
    """An alarm that came, and may be the cause of others."""

    facts: Facts
    came_us: int
    head: int
    left_us: int | None = None


class Companion:
    """Knows which alarms came, and says of a new one where it stands. One thread only.

    An alarm has a cause only when that came before it; the cause named is always one that itself has none,
    so that nothing is ever hidden under what is hidden. An alarm of priority 1 never follows from a lower
    one, and what is shelved, suppressed or out of service is nobody's cause. Time is our monotonic clock.
    What the rules of `kinship` do not explain may follow along the plant's graph (``spreading``): see
    `upstream`. Overload: of each unit the first ``MOST_IN_UNIT`` alarms of the last 10 minutes are compared.
    """

    def __init__(self, plant: Structure, spreading: Spreading | None = None) -> None:
        self._plant = plant
        self._upstream = Upstream(spreading)
        self._facts: dict[tuple[str, str, str, int], Facts] = {}
        self._known: dict[int, _Known] = {}
        self._of_unit: dict[str, list[_Known]] = {}
        self._full_until: dict[str, int] = {}
        self._of_path: dict[str, dict[int, _Known]] = {}
        self._links: dict[int, _Known] = {}
        self._relations: dict[tuple[Facts, Facts], Relation] = {}
        self._under: dict[int, set[int]] = {}
        self._groups: dict[str, tuple[int, set[int]]] = {}
        self._near = _near(plant)

    def prepare(self, alarm: Alarm) -> None:
        """Work out what the rules look at of an alarm that may come; a flood has no time for it."""
        self._of(alarm)
        self._upstream.prepare(alarm.path)

    def came(self, alarm: Alarm, mono_us: int) -> Place:
        """An alarm became active."""
        is_first = self._joined(alarm)
        if not alarm.is_annunciated:
            return Place(is_first)
        own = self._of(alarm)
        cause, because = self._cause(own, mono_us, alarm.since_us)
        self._note(own, mono_us, cause or alarm.id, alarm.since_us)
        return Place(is_first, cause, because)

    def left(self, alarm: Alarm, mono_us: int) -> int:
        """An alarm is not active any more; whose mark as the first of its group ends now, 0 = nobody's."""
        if (known := self._known.get(alarm.id)) is not None:
            known.left_us = mono_us
            self._out(known)
            self._upstream.left(alarm.id)
        first, there = self._groups.get(alarm.group, (0, set[int]()))
        there.discard(alarm.id)
        if not first or there:
            return 0
        del self._groups[alarm.group]
        return first

    def aside(self, alarm: int) -> None:
        """An alarm was shelved, suppressed or taken out of service: it is nobody's cause any more."""
        known = self._known.pop(alarm, None)
        if known is not None:
            known.left_us = LONG_AGO_US
            self._out(known)
            self._upstream.left(alarm)

    def resume(self, alarms: Iterable[Alarm], now_us: int, mono_us: int) -> None:
        """Go on after a restart with the alarms that there are; each keeps its cause and its mark."""
        for alarm in sorted(alarms, key=lambda each: each.since_us):
            if not alarm.active:
                continue
            self._joined(alarm)
            if alarm.is_first and alarm.group:
                self._groups[alarm.group] = alarm.id, self._groups[alarm.group][1]
            if alarm.is_annunciated:
                came_us = mono_us - max(now_us - alarm.since_us, 0)
                self._note(self._of(alarm), came_us, alarm.cause_id or alarm.id, alarm.since_us)

    def _out(self, known: _Known) -> None:
        alarm = known.facts.id
        self._of_path.get(known.facts.path, {}).pop(alarm, None)
        self._links.pop(alarm, None)
        self._full_until.pop(known.facts.unit, None)
        if (under := self._under.get(known.head)) is not None:
            under.discard(alarm)

    def _joined(self, alarm: Alarm) -> bool:
        """Put it in its group; whether it is the first there."""
        if not alarm.group:
            return False
        first, there = self._groups.setdefault(alarm.group, (alarm.id, set()))
        there.add(alarm.id)
        return first == alarm.id

    def _cause(self, own: Facts, mono_us: int, since_us: int) -> tuple[int, str]:
        if self._under.get(own.id):
            return 0, ""  # others stand under it
        for known in self._before(own, mono_us):
            if known.facts.id == own.id or (because := self._why(own, known, mono_us)) == "":
                continue
            return known.head, because
        for alarm, because in self._upstream.of(own.path, since_us):
            known = self._known.get(alarm)
            if known is not None and alarm != own.id and self._may_be(own, known, mono_us):
                if mono_us - known.came_us <= WITHIN_US:
                    return known.head, because
        return 0, ""

    def _why(self, own: Facts, known: _Known, mono_us: int) -> str:
        if not self._may_be(own, known, mono_us):
            return ""
        found = self._relation(own, known.facts)
        return found.why if mono_us - known.came_us <= found.within_us else ""

    def _may_be(self, own: Facts, known: _Known, mono_us: int) -> bool:
        """Whether what came before can be the cause at all, or lead to it."""
        if _is_past(known, mono_us):
            return False
        head = self._known.get(known.head)
        if head is None or head.head != known.head:
            return False  # it is gone, or came again and follows from another itself
        return head.facts.id != own.id and not own.priority == 1 < head.facts.priority

    def _relation(self, later: Facts, earlier: Facts) -> Relation:
        """As `relation`; remembered, for a flood brings the same alarms again and again."""
        pair = later, earlier
        if (found := self._relations.get(pair)) is None:
            if len(self._relations) >= MOST_REMEMBERED:
                self._relations.clear()
            found = self._relations[pair] = relation(later, earlier, self._plant)
        return found

    def _before(self, own: Facts, mono_us: int) -> list[_Known]:
        """What may be its cause: lost links, its own value, its unit, then what feeds it; the first first."""
        found = [*self._links.values(), *self._of_path.get(own.path, {}).values()]
        for unit in (own.unit, *self._near.get(own.unit, ())):
            found += self._of_unit.get(unit, ())
        return found

    def _note(self, own: Facts, came_us: int, head: int, since_us: int) -> None:
        known = self._known[own.id] = _Known(own, came_us, head)
        self._upstream.note(own.id, own.path, since_us)
        if head != own.id:
            self._under.setdefault(head, set()).add(own.id)
        if own.kind == "link":
            self._links[own.id] = known
            return
        self._of_path.setdefault(own.path, {})[own.id] = known
        if own.unit and came_us > self._full_until.get(own.unit, LONG_AGO_US):
            self._note_in_unit(known, came_us)

    def _note_in_unit(self, known: _Known, came_us: int) -> None:
        """Where its unit has room, now or by one that is too long ago."""
        unit = known.facts.unit
        there = self._of_unit.setdefault(unit, [])
        if len(there) >= MOST_IN_UNIT:
            there[:] = [each for each in there if came_us <= _counts_until(each)]
        if len(there) < MOST_IN_UNIT:
            there.append(known)
        if len(there) >= MOST_IN_UNIT:
            self._full_until[unit] = min(_counts_until(each) for each in there)

    def _of(self, alarm: Alarm) -> Facts:
        key = alarm.path, alarm.kind, alarm.name, alarm.priority
        if (found := self._facts.get(key)) is None or found.id != alarm.id:
            found = self._facts[key] = facts(alarm, self._plant)
        return found


def _is_past(known: _Known, mono_us: int) -> bool:
    """Whether it went too long ago to be the cause of what comes now."""
    return known.left_us is not None and mono_us - known.left_us > GRACE_US


def _counts_until(known: _Known) -> int:
    """The last instant at which it still has its place among those of its unit."""
    until_us = known.came_us + LATEST_US
    return until_us if known.left_us is None else min(until_us, known.left_us + GRACE_US)


def _near(plant: Structure) -> dict[str, tuple[str, ...]]:
    """For each unit those that feed it, and those that it feeds."""
    found: dict[str, dict[str, None]] = {}
    for unit, feeders in plant.fed_by.items():
        for feeder in feeders:
            found.setdefault(unit, {})[feeder] = None
    for unit, feeders in plant.fed_by.items():
        for feeder in feeders:
            found.setdefault(feeder, {})[unit] = None
    return {unit: tuple(sorted(each)) for unit, each in found.items()}
