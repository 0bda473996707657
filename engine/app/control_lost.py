"""When data/control.db lacks what the ledger knows of: work tags come back, and everybody is told.

People work under a plate because it keeps others from writing there. The file that remembers the plates may
be deleted by a slip, damaged, or brought back from an old backup; the ledger knows of each of them too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine.alarms import Alarms, Outside
from engine.control.store import ControlStore
from engine.control.work import WorkTags
from engine.ledger import LedgerError, NoLedger, Reading
from engine.typed import convert
from engine.types import Clock, NotRecorded, PutOnRecord, RecordEntry, WorkTag

PRIORITY = 2
KINDS = ("work_tag", "stage", "write_closed")
"""Entries that a project only has when it once had the file."""
MOST_NAMED = 5


class Known(msgspec.Struct, frozen=True):
    """What the ledger tells of control: whether anything at all, the work tags that are on, and the stage."""

    was_used: bool = False
    tags: tuple[WorkTag, ...] = ()
    stage: str = "look"


async def regain(
    store: ControlStore, work: WorkTags, ledger: Path, record: PutOnRecord, alarms: Alarms, clock: Clock
) -> None:
    """Put the work tags that the ledger knows of back where the file has them no more, and say so.

    Raises:
        NotRecorded: the ledger cannot be read, or does not take that it was done; call it again.
        Refused: the disk refuses.
    """
    told = Known()

    async def read() -> Sequence[WorkTag]:
        nonlocal told
        told = await asyncio.to_thread(known, ledger)
        return told.tags

    async def tell(lost: Sequence[WorkTag]) -> None:
        is_gone = (store.is_new and told.was_used) or bool(store.trouble)
        if is_gone or lost:
            body = {"event": "control_lost", "work_tags": [_name(tag) for tag in lost], "stage": told.stage}
            await record([RecordEntry("gap", "engine", body | {"why": store.trouble})])
            _alarm(store, lost, told.stage if is_gone else "", alarms, clock)

    await work.regain(read, tell)
    store.is_new = False


def known(ledger: Path) -> Known:
    """What the ledger tells of control.

    Raises:
        NotRecorded: it cannot be read.
    """
    try:
        reading = Reading(ledger)
    except NoLedger:
        return Known()
    except LedgerError as error:
        raise NotRecorded(str(error)) from error
    try:
        was_used = bool(reading.entries(types=KINDS, limit=1))
        entries = reading.entries(types=("work_tag", "stage"), limit=-1)
    except LedgerError as error:
        raise NotRecorded(str(error)) from error
    finally:
        reading.close()
    tags, stage = dict[tuple[str, str], WorkTag](), "look"
    for entry in entries:
        body = entry.content["body"]
        if entry.content["type"] == "work_tag":
            _take(tags, body)
        elif body["what"] in ("raised", "lowered", "begun"):
            stage = str(body["to"])
    return Known(was_used, tuple(tags.values()), stage)


def _take(tags: dict[tuple[str, str], WorkTag], body: dict[str, Any]) -> None:
    """One entry: a tag put on, changed or taken off, or one of these that a stop of the engine cut short."""
    is_cut = "of" in body
    what = body["of"] if is_cut else body
    tag = convert(what["tag"], WorkTag)
    key = tag.asset, tag.by.casefold()
    # Of what is cut short only a tag that is put on counts.
    if what["what"] == "taken off" and not is_cut:
        tags.pop(key, None)
    else:
        tags[key] = tag


def _name(tag: WorkTag) -> str:
    return f"{tag.asset or 'the whole plant'} ({tag.by})"


def _alarm(store: ControlStore, lost: Sequence[WorkTag], stage: str, alarms: Alarms, clock: Clock) -> None:
    """It comes and goes at once: it stands until a person acknowledges it.

    ``stage`` = which it was by what the ledger says, "" = it is still known.
    """
    number = "1 work tag" if len(lost) == 1 else f"{len(lost)} work tags" if lost else "no work tag"
    names = ", ".join(_name(tag) for tag in lost[:MOST_NAMED])
    more = f" and {len(lost) - MOST_NAMED} more" if len(lost) > MOST_NAMED else ""
    back = f"{number} put back from the ledger: {names}{more}" if lost else "the ledger knows of no work tag"
    what = (
        store.trouble or "data/control.db was gone when the engine started"
        if stage
        else "data/control.db is older than the ledger"
    )
    gone = f'the stage was "{stage}" and is "look"; saved sets and unresolved writes are gone'
    told = Outside(
        path="Control",
        kind="device",
        priority=PRIORITY,
        name="control lost",
        message="What control remembers was lost" if stage else "Work tags were lost and are back",
        cause=f"{what}; {back}",
        consequence=gone if stage else "somebody may have written where others work",
        response="check the work tags at the machines; find out what happened to the file"
        + ("; raise the stage again" if stage else ""),
        display="system",
    )
    alarms.report(told, True, clock.now_us())
    alarms.report(told, False, clock.now_us())
