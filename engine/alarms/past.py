"""Alarms of earlier runs of the engine, as the journal has them."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import msgspec

from engine.alarms.alarms import EVENT
from engine.store import Journal, StoredEvent, StoreError
from engine.types import Alarm

log = logging.getLogger("watchroom.alarms")
LOOKED_AT = 50_000
"""Events at the journal's end that are read: what is older would hold up the start."""


def past_alarms(journal: Journal) -> list[tuple[int, Alarm]]:
    """When each change of an alarm was noted, and the change; the newest of the journal, oldest first.

    An alarm that came longer ago than ``LOOKED_AT`` events is not among them. A journal that cannot be
    read gives none: alarms then begin with the first samples.
    """
    try:
        events = journal.after(max(journal.last() - LOOKED_AT, 0), LOOKED_AT)
    except StoreError as error:
        log.warning("the alarms of earlier runs are not known: %s", error)
        return []
    return alarms_among(events)


def alarms_among(events: Iterable[StoredEvent]) -> list[tuple[int, Alarm]]:
    """The changes of alarms among events, with when each was noted."""
    found: list[tuple[int, Alarm]] = []
    for each in events:
        if each.event == EVENT:
            try:
                found.append((each.time_us, msgspec.convert(each.body, Alarm)))
            except msgspec.ValidationError:
                log.warning("event %d of the journal is no alarm of this version; left out", each.seq)
    return found
