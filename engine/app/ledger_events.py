"""Which events of the journal stand in the ledger too, and as what.

Those that people cause and those without which the record has a hole; what alarms do by themselves is only
in the journal. Every entry made of an event names it: ``body.journal_seq`` is its number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.ledger import Draft, EntryRefused, EntryType
from engine.ledger.entry import cut
from engine.store import StoredEvent

ENGINE = "engine"
NUMBER = "journal_seq"
KINDS: dict[str, EntryType] = {
    "alarm": "alarm_action",
    "alarm_edited": "configuration",
    "horn_test": "alarm_action",
    "certificate_trusted": "trust",
    "certificate_distrusted": "trust",
    "annotation_made": "annotation",
    "annotation_removed": "annotation",
    "limits_changed": "configuration",
    "scene_changed": "configuration",
    "prediction_verdict": "annotation",
    "normal_learned": "configuration",
    "backup": "backup",
    "clock_step": "clock_step",
    "engine_started": "engine_start",
    "engine_stopped": "engine_stop",
    "engine_paused": "gap",
    "journal_gap": "gap",
    "journal_damaged": "gap",
    "history_damaged": "gap",
    "history_removed": "gap",
    "history_salvaged": "gap",
    "alarms_forgotten": "gap",
}
"""Type of entry by event."""
LONGEST = 20_000
"""Characters kept of what an event says where it has no canonical form, or is too long."""
SAID = ("what", "path", "kind", "name", "priority", "message", "value", "limit", "text", "until_us", "letter")
"""What an entry says of an alarm."""
EDITS = ("edited", "removed")
"""Changes of the list of alarms, also where an alarm stood meanwhile."""


def drafts(events: Iterable[StoredEvent]) -> list[Draft]:
    """The entries that these events make, in their order."""
    return [_draft(each) for each in events if is_followed(each)]


def is_followed(event: StoredEvent) -> bool:
    """Whether an event stands in the ledger too."""
    if event.event not in KINDS:
        return False
    return event.event != "alarm" or bool(_change(event).get("by"))


def starts_again(seq: int, last: int) -> Draft:
    """The entry that says that the journal has another past than the one followed so far."""
    why = f"the event journal ends at {seq} but was followed up to {last}: it was restored, or begun anew"
    return Draft("gap", ENGINE, {"event": "journal_went_back", NUMBER: seq, "why": why})


def _draft(event: StoredEvent) -> Draft:
    about: dict[str, Any] = {"event": event.event, NUMBER: event.seq, "event_us": event.time_us}
    actor, topic, said = _said(event)
    kind: EntryType = "configuration" if said.get("what") in EDITS else KINDS[event.event]
    made = Draft(kind, actor, said | about, topic)
    try:
        cut(made, 0, 0)
    except EntryRefused:
        text = ascii(event.body)[:LONGEST]
        made = Draft(KINDS[event.event], ENGINE, about | {"text": text})
    return made


def _said(event: StoredEvent) -> tuple[str, str, dict[str, Any]]:
    """Who, in which area, and what else."""
    change = _change(event)
    if change:
        said = {name: change[name] for name in SAID if change.get(name) not in (None, "")}
        actor, path = str(change.get("by") or ENGINE), str(change.get("path", ""))
        return actor, path.partition("/")[0], said
    body = dict(event.body)
    if event.event == "backup":
        body.pop("entries", None)
    actor = str(body.get("removed_by") or body.get("by") or body.get("author") or ENGINE)
    return actor, "", body


def _change(event: StoredEvent) -> dict[str, Any]:
    change: Any = event.body.get("change") if event.event in ("alarm", "alarm_edited") else None
    return change if isinstance(change, dict) else {}  # pyright: ignore[reportUnknownVariableType]
