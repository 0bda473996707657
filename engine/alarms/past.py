"""Alarms of earlier runs of the engine, as the journal has them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.store import Journal, StoredEvent, StoreError
from engine.store.alarm_journal import AlarmJournal
from engine.typed import convert
from engine.types import Alarm, AlarmChange

log = logging.getLogger("watchroom.alarms")
EVENT = "alarm"
"""Name of the events; the body is {"change": AlarmChange, "alarm": Alarm after it}."""
LOOKED_AT = 50_000
"""Events at the journal's end that are read: what is older would hold up the start."""


class Noted(msgspec.Struct, frozen=True):
    """The body of an event: what happened to an alarm, and the alarm after it."""

    change: AlarmChange
    alarm: Alarm


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What the journal knows of earlier runs: changes, oldest first, and when it noted its last event."""

    changes: Sequence[Noted] = ()
    noted_us: int = 0

    @property
    def came(self) -> list[tuple[int, int]]:
        """Id and time of every alarm that was annunciated."""
        return [
            (each.alarm.id, each.change.time_us)
            for each in self.changes
            if each.change.what == "active" and each.change.letter == "B"
        ]


def past_alarms(journal: Journal) -> Known:
    """What happened to alarms before, as far as the newest of the journal go back.

    A journal that cannot be read gives nothing: alarms then begin with the first samples.
    """
    try:
        events = journal.after(max(journal.last() - LOOKED_AT, 0), LOOKED_AT)
    except StoreError as error:
        log.warning("the alarms of earlier runs are not known: %s", error)
        return Known()
    return Known(alarms_among(events), events[-1].time_us if events else 0)


def states_on_record(path: Path) -> list[Alarm]:
    """The alarms in the journal's file that are not normal; none where it cannot be read."""
    try:
        return AlarmJournal(path).states()
    except StoreError as error:
        log.error("what alarms were is not known, they begin anew, unacknowledged: %s", error)
        return []


def alarms_among(events: Iterable[StoredEvent]) -> list[Noted]:
    """The changes of alarms among events; those of another version are left out."""
    found: list[Noted] = []
    strange = 0
    for each in events:
        if each.event == EVENT:
            try:
                found.append(convert(each.body, Noted))
            except msgspec.ValidationError:
                strange += 1
    if strange:
        log.warning("%d alarms in the journal are of another version and left out", strange)
    return found
