"""The alarms of a running project: what they are, what changes them, and who is told once it is on disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.alarms import life
from engine.alarms.book import NO_EDITS, Book, Edit
from engine.alarms.column import Column
from engine.alarms.commands import command
from engine.alarms.companion import Companion
from engine.alarms.conditions import Conditions
from engine.alarms.flood import WINDOW_US, FloodWatch
from engine.alarms.life import At
from engine.alarms.mirror import Mirror
from engine.alarms.recording import Recording, Seen, Write
from engine.alarms.register import Number, Outside, Register
from engine.alarms.shown import Shown
from engine.alarms.state import Changes
from engine.alarms.structure import Structure, structure
from engine.live import LiveTable
from engine.types import (
    Alarm,
    AlarmClass,
    AlarmSettings,
    Batch,
    Clock,
    ConditionKey,
    ConditionReport,
    Flood,
    Limit,
    LimitKind,
    Plant,
    Project,
    Spreading,
    Status,
    Tag,
)
from engine.wire import AlarmCommandAnswer, AlarmCommandBody, AlarmsAnswer

SLICE = 50
"""Changes made, and changes shown, in one go: the loop has other work between two goes."""
PREPARED = 25
"""Alarms of limits that are prepared at a tick after the start, some milliseconds of work."""
CLOCK_STEP_US = 1_000_000
MOST_LISTED = 200
FLOOD = Outside(
    path="Alarms",
    kind="flood",
    priority=3,
    message="Flood of alarms",
    cause="more alarms in 10 minutes than one person can follow",
    response="work on the highest priorities first; the first alarm is often the cause",
)
DEFAULTS = AlarmSettings()
BARE = structure(Project("", Plant(""), (), ()))
SETTLED_US = 10_000_000
"""After the start; what suppresses an alarm and is not known by then does not suppress it any more."""
Row = tuple[int, bool, int, float]
Turn = Callable[[int, bool, int, float], None]
Soon = Callable[[Callable[[], None]], object]


class Alarms:
    """One thread only, that of the engine's loop. ``tags`` in live order; the list may become more complete
    while devices tell more of them. ``number`` gives alarms their numbers; ``plant`` = what feeds what by
    names and drawings; ``spreading`` = how trouble spreads by the relations of the project.

    Overload: changes of conditions wait as arrays while the disk does not take what was made of them.
    """

    def __init__(
        self,
        limits: Sequence[Limit],
        tags: Sequence[Tag],
        table: LiveTable,
        clock: Clock,
        number: Number,
        classes: Iterable[AlarmClass] = (),
        settings: AlarmSettings = DEFAULTS,
        plant: Structure = BARE,
        spreading: Spreading | None = None,
    ) -> None:
        self._tags, self._table = tags, table
        self.settings = settings
        self._register, self._column = Register(tags, number), Column(table, tags)
        self._shown, self._recording = Shown(clock.now_us()), Recording(self._show)
        self._book = Book(self._register, self._recording, Companion(plant, spreading), clock, self._count)
        self._mirror = Mirror(self._book, self._register)
        self._flood = FloodWatch(settings)
        self._changes: deque[tuple[Turn, Sequence[Row]]] = deque()
        self._committed: deque[Seen] = deque()
        self._soon: Soon | None = None
        self._is_asked = False
        self._unsettled_us: int | None = None
        self._offset_us = clock.now_us() - clock.mono_us()
        self._configure(limits, classes)

    def _configure(self, limits: Sequence[Limit], classes: Iterable[AlarmClass]) -> None:
        self._conditions = Conditions(limits, self._tags)
        self._ids = np.array(self._register.configure(self._conditions.rows, classes), np.int64)
        self._unprepared = self._ids.tolist()[::-1]

    def begin(
        self,
        write: Write,
        states: Sequence[Alarm],
        noted_us: int = 0,
        came: Sequence[tuple[int, int]] = (),
        soon: Soon | None = None,
    ) -> None:
        """Write changes from now on.

        ``states`` = the alarms on record that are not normal, ``noted_us`` = when the last event was noted,
        ``came`` = (id, time noted) of alarms that came in the last 10 minutes. What was active still is,
        until the first sample says otherwise.

        ``soon`` has a function called in a moment (``loop.call_soon``): bursts are then taken in slices.
        """
        self._recording.write, self._soon = write, soon
        at = self._book.at()
        self._offset_us = at.now_us - at.mono_us
        self._book.resume(states, noted_us)
        active = [row for row, each in enumerate(self._ids.tolist()) if self._book.is_active(each)]
        self._conditions.resume(np.array(active, np.intp))
        self._unsettled_us = at.mono_us + SETTLED_US
        for entry in self._book.entries.values():
            self._show(entry.alarm)
        self._resume_flood(came, at)
        self.tick()

    def reconfigure(
        self,
        limits: Sequence[Limit],
        classes: Iterable[AlarmClass] | None = None,
        settings: AlarmSettings | None = None,
        edits: Mapping[int, Edit] = NO_EDITS,
    ) -> None:
        """These limits from now on; None = the classes, the settings as they are.

        Alarms that are still there keep what they are and what people made of them; the others end. What
        the tags say now is judged at once. ``edits`` = by alarm, who changed its row, and why: that goes on
        record of each that is not normal (`not_normal`), and there alone.
        """
        self._work(everything=True)
        if settings is not None and settings != self.settings:
            self.settings, self._flood = settings, FloodWatch(settings)
            self._resume_flood((), self._book.at())
        before = self._conditions
        self._configure(limits, self._register.classes if classes is None else classes)
        self._conditions.take_over(before)
        self._book.fit(edits=edits)
        self._look_again()
        if self._unsettled_us is None:
            self._settle()
        self._work()

    def not_normal(self) -> frozenset[int]:
        """The alarms that are not plainly normal, once all is made of what was told until now."""
        self._work(everything=True)
        return frozenset(self._book.entries)

    def judge(self, batch: Batch, taken: NDArray[np.bool_] | None, mono_us: int) -> None:
        """Look at new samples; see ``Conditions.judge``."""
        self._tell(self._conditions.judge(batch, taken, mono_us))

    def proved(self, tags: NDArray[np.int32], mono_us: int) -> None:
        """The last values of these tags hold now; see ``Conditions.proved``."""
        self._tell(self._conditions.proved(tags, mono_us))

    def silent(self, tags: NDArray[np.int32], *, lost: bool = False, status: int = Status.STALE) -> None:
        """These values are not current any more; see ``Conditions.silent``."""
        self._conditions.silent(tags, lost=lost, status=status)

    def leave(self, tag_id: int) -> None:
        """Have no more alarms of this tag: its values stand for texts."""
        self._conditions.leave(tag_id)
        for alarm_id in self._ids[self._conditions.tag_ids == tag_id].tolist():
            if alarm_id in self._book.entries:
                self._book.remove(alarm_id, "its values are texts")
        self._column.write()

    def report(self, outside: Outside, active: bool, time_us: int, value: float | None = None) -> None:
        """An alarm that no limit raises came or went at ``time_us``; saying it again does nothing."""
        alarm_id = self._register.tell(outside)
        self._turn(alarm_id, active, time_us, value)
        self._column.write()

    def command(self, body: AlarmCommandBody) -> tuple[AlarmCommandAnswer, int]:
        """Do what a person asks, for each alarm wholly or not at all.

        Returns the answer, and the number of its first change for ``when_recorded``.

        Raises:
            Refused: nobody is named who does it.
        """
        first = self._recording.serial + 1
        answer = command(self._book, self._register, body)
        self._column.write()
        return answer, first

    def condition(self, source: str, report: ConditionReport) -> None:
        """What the OPC UA server ``source`` says of one of its alarms now."""
        self._mirror.report(source, report)
        self._column.write()

    def conditions(self, source: str, known: frozenset[ConditionKey] | None) -> None:
        """Which alarms that server has; the others are gone. None = its link is lost: they are held."""
        self._mirror.known(source, known)
        self._column.write()

    def condition_of(self, alarm_id: int) -> tuple[str, ConditionReport] | None:
        """The server that keeps this alarm, and what it said last; None = we keep it, or none did yet."""
        return self._mirror.report_of(alarm_id)

    def alarm(self, alarm_id: int) -> Alarm | None:
        """This alarm as it is, recorded or not; None = it is normal or there is none."""
        entry = self._book.entries.get(alarm_id)
        return None if entry is None else entry.alarm

    def of(self, limit: Limit) -> Alarm | None:
        """The alarm of this limit as it is; None = it is normal or there is none."""
        return self.alarm(self._register.number_of(limit))

    def reported(self, kind: LimitKind) -> tuple[Alarm, ...]:
        """The alarms of this kind that ``report`` told of and that are not normal."""
        found = (each.alarm for each in self._book.entries.values())
        return tuple(each for each in found if each.kind == kind and not each.source)

    def when_recorded(self, first: int, call: Callable[[bool], None]) -> None:
        """Call once it is known whether all changes from number ``first`` to the newest are on disk."""
        self._recording.when_recorded(first, call)

    def committed(self, seen: Sequence[Seen]) -> None:
        """These changes are on disk now: show them."""
        self._committed.extend(seen)
        self._work()

    def tick(self) -> None:
        """What time brings: shelves that run out, alarms that sound again. Call it ten times a second."""
        at = self._book.at()
        self._look_at_clock(at)
        self._book.passed()
        self._tell(self._conditions.tick(at.mono_us, at.now_us))
        if self._unsettled_us is not None and at.mono_us >= self._unsettled_us:
            self._unsettled_us = None
            self._settle()
        self._flood.passed(at.mono_us)
        self._tell_flood(at)
        self._work()
        for _ in range(min(PREPARED, len(self._unprepared))):
            self._book.prepare(self._unprepared.pop())

    def shown(self, version: int = 0) -> AlarmsAnswer:
        """What clients see that changed since ``version``."""
        return self._shown.answer(version)

    def worst(self, most: int = MOST_LISTED) -> tuple[Alarm, ...]:
        """Active alarms that are not set aside, worst and newest first."""
        return self._shown.worst(most)

    def _tell(self, changes: Changes | None) -> None:
        hidden = self._conditions.turned()
        if changes is None and hidden is None:
            return
        # Suppressed before it comes, and free only after it went: so nothing sounds for a moment.
        if hidden is not None and hidden.active.any():
            self._queue(self._hide, hidden.where(hidden.active))
        if changes is not None:
            self._queue(self._turn, changes)
        if hidden is not None and not hidden.active.all():
            self._queue(self._hide, hidden.where(~hidden.active))
        self._work()

    def _queue(self, turn: Turn, changes: Changes) -> None:
        columns = self._ids[changes.limits], changes.active, changes.time_us, changes.value
        for start in range(0, len(changes.limits), SLICE):
            part = (each[start : start + SLICE].tolist() for each in columns)
            self._changes.append((turn, tuple(zip(*part, strict=True))))

    def _hide(self, alarm_id: int, active: bool, time_us: int, value: float) -> None:
        limit = self._register.limit(alarm_id)
        if limit is not None:
            self._book.apply(life.suppress(self._book.entry(alarm_id), limit.suppress if active else ""))

    def _settle(self) -> None:
        """What is suppressed on record, and not by its condition now, is free."""
        hidden = set(self._ids[self._conditions.suppressing].tolist())
        for alarm_id, entry in tuple(self._book.entries.items()):
            if alarm_id not in hidden and self._register.limit(alarm_id) is not None:
                self._book.apply(life.suppress(entry, ""))

    def _work(self, *, everything: bool = False) -> None:
        """Show what is on disk and make what changed, as much as the loop may be held up for."""
        everything = everything or self._soon is None
        is_more = self._some_work(everything)
        while is_more and everything:
            is_more = self._some_work(everything)
        if self._flood.is_on and self._shown.flood is not None:
            self._shown.flood = self._flood.flood
        self._column.write()
        if is_more:
            self._ask()

    def _some_work(self, everything: bool) -> bool:
        """A slice of it; whether there is more that can be done now."""
        for _ in range(min(SLICE, len(self._committed))):
            self._recording.committed(self._committed.popleft())
        is_late = self._recording.passed(self._book.at().mono_us, SLICE)
        left = SLICE
        while left > 0 and self._changes and (everything or not self._recording.is_full):
            turn, rows = self._changes.popleft()
            for row in rows:
                turn(*row)
            left -= len(rows)
        return is_late or bool(
            self._committed or (self._changes and (everything or not self._recording.is_full))
        )

    def _ask(self) -> None:
        if self._soon is not None and not self._is_asked:
            self._is_asked = True
            self._soon(self._go_on)

    def _go_on(self) -> None:
        self._is_asked = False
        self._work()

    def _turn(self, alarm_id: int, active: bool, time_us: int, value: float | None) -> None:
        if not self._register.knows(alarm_id):
            return
        entry, rules = self._book.entry(alarm_id), self._register.rules(alarm_id)
        value = None if value is None or not isfinite(value) else value
        if active and not entry.alarm.active and alarm_id in self._book.entries:
            entry = msgspec.structs.replace(entry, alarm=self._register.worded(entry.alarm))
        self._book.apply((life.came if active else life.went)(entry, rules, time_us, value))

    def _count(self, alarm: Alarm, at: At) -> None:
        """An alarm was annunciated. That there is a flood is none of it."""
        if alarm.kind != "flood":
            self._flood.came(alarm.id, at.now_us, at.mono_us)
            if self._flood.is_on != (self._shown.flood is not None):
                self._tell_flood(at)

    def _tell_flood(self, at: At) -> None:
        before, self._shown.flood = self._shown.flood, self._flood.flood
        if (before is None) != (self._shown.flood is None):
            self.report(FLOOD, before is None, at.now_us)

    def _resume_flood(self, came: Sequence[tuple[int, int]], at: At) -> None:
        there = self._book.entries.get(self._register.tell(FLOOD))
        before = Flood(there.alarm.since_us, 0) if there is not None and there.alarm.active else None
        recent = [each for each in came if at.now_us - each[1] < WINDOW_US]
        self._flood.resume(recent, before, at.now_us, at.mono_us)
        self._shown.flood = before
        self._tell_flood(at)

    def _look_again(self) -> None:
        """Judge what the tags say now: one that never changes would not be judged by its new limit."""
        tags = np.unique(self._conditions.tag_ids)
        at, rows = self._book.at(), self._table.rows(tags)
        value, quality, age_s = self._table.look(rows, at.mono_us)
        known = ~np.isnan(age_s)
        times = np.array([at.now_us], np.int64)
        batch = Batch(0, tags[known], times, times, value[None, known], quality[known])
        if batch.value.size:
            self._tell(self._conditions.judge(batch, None, at.mono_us))

    def _look_at_clock(self, at: At) -> None:
        step_us = at.now_us - at.mono_us - self._offset_us
        if abs(step_us) > CLOCK_STEP_US:
            self._offset_us += step_us
            self._book.step_clock(step_us)

    def _show(self, alarm: Alarm) -> None:
        self._shown.put(alarm)
        self._column.put(alarm)
