"""Which alarms there can be: their numbers, the rules of their life, and the words of today."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from engine.alarms.life import Rules
from engine.alarms.words import message
from engine.types import Alarm, AlarmClass, Limit, LimitKind, Tag

Key = tuple[str, LimitKind, str, str]
"""(path, kind, name, source): what an alarm is known by for ever."""
Number = Callable[[Sequence[Key]], Sequence[int]]
"""Gives each of these alarms its number, the same whenever it is asked."""


class Outside(msgspec.Struct, frozen=True):
    """An alarm that no limit raises, as ``Alarms.report`` is told of it; fields as in ``Alarm``."""

    path: str
    kind: LimitKind
    priority: int
    name: str = ""
    source: str = ""
    message: str = ""
    cause: str = ""
    consequence: str = ""
    response: str = ""
    display: str = ""
    alarm_class: str = ""

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.path, self.kind, self.name, self.source


class Register:
    """All alarms of limits, and those from outside as they are told. ``tags`` may become more complete."""

    def __init__(self, tags: Sequence[Tag], number: Number) -> None:
        self._tags, self._number = tags, number
        self._row = {tag.path: row for row, tag in enumerate(tags)}
        self._classes: Mapping[str, AlarmClass] = {}
        self._limits: dict[int, Limit] = {}
        self._outside: dict[int, Outside] = {}
        self._ids: dict[Key, int] = {}
        self._rules: dict[int, Rules] = {}
        self._normal: dict[int, tuple[Tag | None, Alarm]] = {}

    @property
    def classes(self) -> tuple[AlarmClass, ...]:
        """The classes that alarms may have."""
        return tuple(self._classes.values())

    def configure(self, limits: Sequence[Limit], classes: Iterable[AlarmClass]) -> list[int]:
        """These are the limits now; returns the number of each."""
        self._classes = {each.id: each for each in classes}
        ids = self._numbered([(each.path, each.kind, each.name, "") for each in limits])
        self._limits = dict(zip(ids, limits, strict=True))
        self._rules, self._normal = {}, {}
        return ids

    def tell(self, outside: Outside) -> int:
        """There is such an alarm; returns its number."""
        (found,) = self._numbered([outside.key])
        if self._outside.get(found) != outside:
            self._outside[found] = outside
            self._rules.pop(found, None)
        return found

    def remember(self, alarm: Alarm) -> None:
        """There was such an alarm from outside when the engine before ended."""
        shared = {each: getattr(alarm, each) for each in Outside.__struct_fields__}
        self._outside[alarm.id] = Outside(**shared)
        self._ids[alarm.path, alarm.kind, alarm.name, alarm.source] = alarm.id

    def number_of(self, limit: Limit) -> int:
        """The number of the alarm of a limit, 0 = there is none."""
        return self._ids.get((limit.path, limit.kind, limit.name, ""), 0)

    def knows(self, alarm_id: int) -> bool:
        """Whether there is such an alarm now."""
        return alarm_id in self._limits or alarm_id in self._outside

    def limit(self, alarm_id: int) -> Limit | None:
        """The limit that raises it; None = it comes from outside."""
        return self._limits.get(alarm_id)

    def rules(self, alarm_id: int) -> Rules:
        """The rules of its life."""
        rules = self._rules.get(alarm_id)
        if rules is None:
            limit = self._limits.get(alarm_id)
            own = limit if limit is not None else self._outside[alarm_id]
            name = own.alarm_class
            group = self._classes.get(name) or AlarmClass(id=name)
            rules = Rules(group=group) if limit is None else Rules(limit.latching, limit.realarm_s, group)
            self._rules[alarm_id] = rules
        return rules

    def normal(self, alarm_id: int) -> Alarm:
        """This alarm as nothing is the matter; that of a limit is remembered, for a flood asks for all."""
        limit = self._limits.get(alarm_id)
        tag = None if limit is None else self._tag(limit)
        known, found = self._normal.get(alarm_id, (None, None))
        if found is not None and known is tag:
            return found
        own = limit if limit is not None else self._outside[alarm_id]
        bare = Alarm(
            own.path, own.kind, own.priority, False, 0, 0, id=alarm_id, letter="A", acked=True, times=0
        )
        found = self.worded(bare)
        if limit is not None:
            self._normal[alarm_id] = tag, found
        return found

    def worded(self, alarm: Alarm) -> Alarm:
        """The same alarm in the words, and with the priority, of today."""
        limit = self._limits.get(alarm.id)
        if limit is None:
            own = self._outside[alarm.id]
            text, number, respond_s, group, source = own.message, alarm.limit, 0.0, "", own.source
        else:
            source = ""
            own, number, respond_s, group = limit, limit.limit, limit.respond_s, limit.group
            text = message(limit, self._tag(limit))
        return msgspec.structs.replace(
            alarm,
            priority=own.priority,
            limit=number,
            message=text,
            cause=own.cause,
            response=own.response,
            name=own.name,
            consequence=own.consequence,
            respond_s=respond_s,
            alarm_class=own.alarm_class,
            group=group,
            display=own.display,
            source=source,
        )

    def _tag(self, limit: Limit) -> Tag | None:
        row = self._row.get(limit.path)
        return None if row is None else self._tags[row]

    def _numbered(self, keys: Sequence[Key]) -> list[int]:
        fresh = [each for each in keys if each not in self._ids]
        if fresh:
            self._ids.update(zip(fresh, self._number(fresh), strict=True))
        return [self._ids[each] for each in keys]
