"""The alarms that are not normal, the times at which something is due, and the record of what happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush

import msgspec

from engine.alarms import life
from engine.alarms.companion import Companion
from engine.alarms.life import At, Entry, Step
from engine.alarms.recording import Recording
from engine.alarms.register import Register
from engine.types import Alarm, AlarmChange, Clock

CSV_CHANGED = "alarms.csv was changed"
CLOCK_SET = "the computer's clock was set while no engine ran; the shelf is no longer than it was"
LIMIT_GONE = "its limit is gone from alarms.csv"
FROM_OUTSIDE = ("link", "device", "flood")
Edit = tuple[str, str]
"""Who changed a row of alarms.csv, and why and what."""
NO_EDIT: Edit = "", ""
NO_EDITS: Mapping[int, Edit] = {}
_ASIDE = ("E", "F", "G")


class Book:
    """One thread. Every step goes to ``recording``; ``came`` gets each alarm that is annunciated, and when.

    What an OPC UA server keeps (it has a ``source``) has no times of ours: its server says what is due.
    """

    def __init__(
        self,
        register: Register,
        recording: Recording,
        companion: Companion,
        clock: Clock,
        came: Callable[[Alarm, At], None],
    ) -> None:
        self._register, self._recording, self._companion = register, recording, companion
        self._clock, self._came = clock, came
        self.entries: dict[int, Entry] = {}
        self._dues: list[tuple[int, int]] = []
        self._due: dict[int, int] = {}

    def at(self) -> At:
        """Now."""
        return At(self._clock.now_us(), self._clock.mono_us())

    def entry(self, alarm_id: int) -> Entry:
        """This alarm, also where it is normal."""
        return self.entries.get(alarm_id) or Entry(self._register.normal(alarm_id))

    def prepare(self, alarm_id: int) -> None:
        """Work out what does not change of an alarm, before it comes in a flood."""
        self._companion.prepare(self._register.normal(alarm_id))

    def is_active(self, alarm_id: int) -> bool:
        """Whether its condition is true."""
        entry = self.entries.get(alarm_id)
        return entry is not None and entry.alarm.active

    def apply(self, steps: Iterable[Step]) -> None:
        """This happened."""
        at = self.at()
        for step in steps:
            alarm = self._placed(step, at)
            if alarm.letter == "A":
                self.entries.pop(alarm.id, None)
            else:
                entry = Entry(alarm, step.entry.acked_mono_us, step.entry.shelf_mono_us)
                self.entries[alarm.id] = entry
                self._wake(entry)
            self._recording.put(_change(step, alarm, at.now_us), alarm, at.mono_us)
            if step.what == "active" and alarm.letter == "B":
                self._came(alarm, at)

    def remove(self, alarm_id: int, why: str, by: str = "") -> None:
        """There is no such alarm any more."""
        alarm = msgspec.structs.replace(
            self.entries[alarm_id].alarm,
            active=False, acked=True, latched=False, shelf=None, suppressed="", service=None,
        )  # fmt: skip
        self.apply([Step("removed", Entry(life.lettered(alarm)), by, why)])

    def passed(self) -> None:
        """What time brings: shelves that run out, alarms that sound again."""
        at = self.at()
        while self._dues and self._dues[0][0] <= at.mono_us:
            _, alarm_id = heappop(self._dues)
            self._due.pop(alarm_id, None)
            entry = self.entries.get(alarm_id)
            if entry is not None and not entry.alarm.source:
                self.apply(life.passed(entry, self._register.rules(alarm_id), at))
                self._wake(self.entries.get(alarm_id))

    def step_clock(self, by_us: int) -> None:
        """The computer's clock was set by so much."""
        for entry in tuple(self.entries.values()):
            if not entry.alarm.source:
                self.apply(life.stepped(entry, by_us))

    def resume(self, states: Iterable[Alarm], noted_us: int) -> None:
        """Go on with the alarms that are on record, the newest event there being of ``noted_us``."""
        at, recorded = self.at(), {alarm.id: alarm for alarm in states}
        for alarm in recorded.values():
            self.entries[alarm.id] = life.resumed(alarm, at, noted_us)
        self._companion.resume(recorded.values(), at.now_us, at.mono_us)
        self.fit(recorded)

    def fit(self, recorded: Mapping[int, Alarm] | None = None, edits: Mapping[int, Edit] = NO_EDITS) -> None:
        """Make the alarms fit the limits of now; ``recorded`` = as they are on record, where that differs;
        ``edits`` = by alarm, what goes on record of each.
        """
        for alarm_id, entry in tuple(self.entries.items()):
            alarm = entry.alarm
            if not self._register.knows(alarm_id) and alarm.kind in FROM_OUTSIDE:
                self._register.remember(alarm)
            by, said = edits.get(alarm_id, NO_EDIT)
            if not self._register.knows(alarm_id):
                self.remove(alarm_id, said or LIMIT_GONE, by)
                continue
            worded, before = self._register.worded(alarm), (recorded or {}).get(alarm_id, alarm)
            if worded != before or alarm_id in edits:
                text = said or (CSV_CHANGED if worded.shelf == before.shelf else CLOCK_SET)
                self.apply([Step("edited", msgspec.structs.replace(entry, alarm=worded), by, text)])
            self._wake(self.entries[alarm_id])

    def _placed(self, step: Step, at: At) -> Alarm:
        """The alarm after a step, and where it stands among the others; a normal one keeps nothing."""
        alarm = step.entry.alarm
        if step.what == "active":
            place = self._companion.came(alarm, at.mono_us)
            stood = alarm.is_first, alarm.cause_id, alarm.cause_why
            if stood != (place.is_first, place.cause, place.why):
                alarm = msgspec.structs.replace(
                    alarm, is_first=place.is_first, cause_id=place.cause, cause_why=place.why
                )
        elif step.what in ("returned", "removed"):
            self._unmark(self._companion.left(alarm, at.mono_us))
        elif alarm.letter in _ASIDE:
            self._companion.aside(alarm.id)
        if alarm.letter == "A" and (alarm.note or alarm.is_first or alarm.cause_id):
            alarm = msgspec.structs.replace(alarm, note="", is_first=False, cause_id=0, cause_why="")
        return alarm

    def _unmark(self, alarm_id: int) -> None:
        """Its group is clear, so it is nobody's first any more; that is seen with its next change."""
        entry = self.entries.get(alarm_id)
        if entry is not None:
            alarm = msgspec.structs.replace(entry.alarm, is_first=False)
            self.entries[alarm_id] = msgspec.structs.replace(entry, alarm=alarm)

    def _wake(self, entry: Entry | None) -> None:
        """Look at it again when its time comes."""
        if entry is None or entry.alarm.source:
            return
        alarm_id = entry.alarm.id
        due = life.due_us(entry, self._register.rules(alarm_id))
        if due is not None and self._due.get(alarm_id) != due:
            self._due[alarm_id] = due
            heappush(self._dues, (due, alarm_id))


def _change(step: Step, alarm: Alarm, now_us: int) -> AlarmChange:
    return AlarmChange(
        alarm=alarm.id,
        what=step.what,
        letter=alarm.letter,
        priority=alarm.priority,
        time_us=now_us,
        source_us=alarm.changed_us if step.what in ("active", "returned") else now_us,
        path=alarm.path,
        kind=alarm.kind,
        name=alarm.name,
        message=alarm.message,
        value=alarm.value,
        limit=alarm.limit,
        by=step.by,
        text=step.text,
        until_us=step.until_us,
        alarm_class=alarm.alarm_class,
    )
