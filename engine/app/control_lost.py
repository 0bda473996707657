"""When data/control.db is gone: work tags come back from the ledger, and everybody is told.

People work under a plate because it keeps others from writing there. The file that remembers the plates may
be deleted by a slip; the ledger knows of each of them too.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from engine.alarms import Alarms, Outside
from engine.control.store import ControlStore
from engine.control.work import WorkTags
from engine.ledger import LedgerError, NoLedger, Reading
from engine.types import Clock, NotRecorded, PutOnRecord, RecordEntry, WorkTag

PRIORITY = 2
KINDS = ("work_tag", "stage", "write_closed")
"""Entries that a project only has when it once had the file."""


async def regain(
    store: ControlStore, work: WorkTags, ledger: Path, record: PutOnRecord, alarms: Alarms, clock: Clock
) -> None:
    """Put the work tags that the ledger knows of back where the file was made anew.

    Raises:
        NotRecorded: the ledger cannot be read, or does not take that it was done; call it again.
    """
    if not store.is_new:
        return
    was_used, tags = await asyncio.to_thread(known, ledger)
    if was_used:
        names = [f"{tag.asset} ({tag.by})" for tag in tags]
        await record([RecordEntry("gap", "engine", {"event": "control_lost", "work_tags": names})])
        await work.regained(tags)
        _tell(len(tags), alarms, clock)
    store.is_new = False


def known(ledger: Path) -> tuple[bool, list[WorkTag]]:
    """Whether the ledger tells of control at all, and the work tags that are on by what it says.

    Raises:
        NotRecorded: it cannot be read.
    """
    try:
        reading = Reading(ledger)
    except NoLedger:
        return False, []
    except LedgerError as error:
        raise NotRecorded(str(error)) from error
    try:
        was_used = bool(reading.entries(types=KINDS, limit=1))
        entries = reading.entries(types=("work_tag",), limit=-1)
    except LedgerError as error:
        raise NotRecorded(str(error)) from error
    finally:
        reading.close()
    found: dict[tuple[str, str], WorkTag] = {}
    for entry in entries:
        body = entry.content["body"]
        tag = msgspec.convert(body["tag"], WorkTag)
        key = tag.asset, tag.by.casefold()
        if body["what"] == "taken off":
            found.pop(key, None)
        else:
            found[key] = tag
    return was_used, list(found.values())


def _tell(count: int, alarms: Alarms, clock: Clock) -> None:
    """It comes and goes at once: it stands until a person acknowledges it."""
    number = "1 work tag was" if count == 1 else f"{count} work tags were" if count else "no work tag was"
    back = f"{number} put back from the ledger" if count else f"{number} on by what the ledger says"
    told = Outside(
        path="Control",
        kind="device",
        priority=PRIORITY,
        name="control lost",
        message="What control remembers was lost",
        cause=f"data/control.db was gone when the engine started; {back}",
        consequence='the project is at the stage "look"; saved sets and unresolved writes are gone',
        response="check the work tags at the machines; find out who deleted the file; raise the stage again",
        display="system",
    )
    alarms.report(told, True, clock.now_us())
    alarms.report(told, False, clock.now_us())
