"""The alarms of the ledger: it takes nothing, it does not fit what was signed, its disk is nearly full."""

from __future__ import annotations

from engine.alarms import Alarms, Outside
from engine.app.ledger import Scribe
from engine.types import Clock

PATH = "Ledger"
LONGEST = 400


def look_at_ledger(scribe: Scribe, alarms: Alarms, clock: Clock) -> None:
    """Let the alarms of the ledger come and go; call it once a second, in the loop."""
    if scribe.is_starting:
        return
    if scribe.alarmed is None:
        scribe.alarmed = {each.name for each in alarms.reported("device") if each.path == PATH}
    for alarm, active in _told(scribe, alarms.settings.link_priority):
        # A ledger that is well has no alarm, and needs no number for one.
        if active or alarm.name in scribe.alarmed:
            alarms.report(alarm, active, clock.now_us())
        (scribe.alarmed.add if active else scribe.alarmed.discard)(alarm.name)


def _told(scribe: Scribe, priority: int) -> list[tuple[Outside, bool]]:
    evidence, keeping = scribe.evidence, scribe.keeping
    return [
        (
            Outside(
                path=PATH,
                kind="device",
                name="record",
                priority=priority,
                message="Nothing can be put on record",
                cause=scribe.trouble[:LONGEST],
                consequence="nothing is written to the plant from here; everything is shown as before",
                response="see System > Ledger for what to do",
                display="system",
            ),
            bool(scribe.trouble),
        ),
        (
            Outside(
                path=PATH,
                kind="device",
                name="evidence",
                priority=priority,
                message="The ledger does not fit what was signed",
                cause=(evidence[0] if evidence else "")[:LONGEST],
                consequence="somebody changed, removed or replaced entries, or shows others another past",
                response="leave data/ledger.db and its backups alone; see the evidence in System > Ledger",
                display="system",
            ),
            bool(evidence),
        ),
        (
            Outside(
                path=PATH,
                kind="device",
                name="room",
                priority=priority,
                message="Little room for the record",
                cause=keeping.warning[:LONGEST],
                consequence="when the disk is full, nothing is written to the plant",
                response="free some space on the disk of the project",
                display="system",
            ),
            keeping.is_scarce,
        ),
    ]
