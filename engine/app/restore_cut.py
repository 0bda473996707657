"""A set that was being restored when the engine stopped: at the next start it tells what became of each tag.

Nothing goes on by itself. What was written is in the ledger, tag by tag; what was to be written is the set of
what was there before, kept before the first write.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine import paths
from engine.alarms import Alarms, Outside
from engine.control.refused import Refused
from engine.ledger import LedgerError, NoLedger, Reading
from engine.types import Clock, NotRecorded, PutOnRecord, RecordEntry
from engine.types.cells import cell

log = logging.getLogger("watchroom.control")
PRIORITY = 2
NOT_WRITTEN = "not written"
UNTOUCHED: tuple[str, str] = NOT_WRITTEN, ""
OUTCOMES = {"write_verified": "verified", "write_rejected": "rejected", "write_unknown": "unknown"}
BEGUN = "write_proposed"
Rows = Mapping[str, tuple[str, str]]
"""What became of each tag, and why, by path."""


async def tell_cut(
    folder: Path,
    ledger: Path,
    record: PutOnRecord,
    paths_of: Callable[[int], Sequence[str]],
    alarms: Alarms,
    clock: Clock,
) -> None:
    """Say it, once: on record, as an alarm, and tag by tag in a file in data/log.

    Call it once what the last run left was taken up. ``paths_of`` = the tags of a set by its number; raises
    Refused where it cannot be read.

    Raises:
        NotRecorded: the ledger cannot be read, or does not take it; call it again.
    """
    found = await asyncio.to_thread(_cut, ledger, paths_of)
    if found is None:
        return
    seq, facts, rows = found
    file = paths.log(folder) / f"restore-{seq}.csv"
    try:
        await asyncio.to_thread(_write, file, rows)
        where = f"data/log/{file.name} names each tag"
    except OSError as error:
        log.error("what became of each tag of a restore could not be written: %s", error)
        where = "the ledger names each tag that was written"
    counts = dict(Counter(result for result, _ in rows.values()))
    about = {key: facts[key] for key in ("set", "name", "kind", "before") if key in facts}
    await record([RecordEntry("restore", "engine", about | {"what": "cut short", "begun": seq} | counts)])
    _alarm(str(facts["name"]), counts, where, alarms, clock)


def _cut(
    ledger: Path, paths_of: Callable[[int], Sequence[str]]
) -> tuple[int, Mapping[str, Any], Rows] | None:
    """Number of the entry that began it, its body, and what became of each tag; None = none was cut short."""
    try:
        reading = Reading(ledger)
    except NoLedger:
        return None
    except LedgerError as error:
        raise NotRecorded(str(error)) from error
    try:
        told = reading.entries(types=("restore",), limit=-1)
        of_sets = [each for each in told if "set" in each.content["body"]]
        if not of_sets or of_sets[-1].content["body"]["what"] != "begun":
            return None
        begun = of_sets[-1]
        writes = reading.entries(begun.seq, types=(BEGUN, *OUTCOMES), limit=-1)
    except LedgerError as error:
        raise NotRecorded(str(error)) from error
    finally:
        reading.close()
    facts = begun.content["body"]
    try:
        paths_there = paths_of(int(facts["before"])) if facts["before"] else ()
    except Refused:
        paths_there = ()
    rows = dict.fromkeys(paths_there, UNTOUCHED)
    ours = set[str]()
    for each in writes:
        kind, body = each.content["type"], each.content["body"]
        if kind == BEGUN and each.content["actor"] == begun.content["actor"]:
            if (body["kind"], body["station"]) == (facts["kind"], facts["station"]):
                ours.add(body["id"])
        elif body["id"] in ours:
            rows[body["path"]] = OUTCOMES[kind], str(body.get("why", ""))
    return begun.seq, facts, rows


def _write(file: Path, rows: Rows) -> None:
    lines = [
        "tag,result,why",
        *(f"{cell(path)},{result},{cell(why)}" for path, (result, why) in rows.items()),
    ]
    file.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")


def _alarm(name: str, counts: Mapping[str, int], where: str, alarms: Alarms, clock: Clock) -> None:
    """It comes and goes at once: it stands until a person acknowledges it."""
    shown = "verified", "unknown", "rejected", NOT_WRITTEN
    told = Outside(
        path="Control",
        kind="device",
        priority=PRIORITY,
        name="restore cut short",
        message="A set was only partly written back",
        cause=f"the engine stopped while {name!r} was being written back: "
        + ", ".join(f"{counts.get(each, 0)} {each}" for each in shown)
        + f"; {where}",
        consequence="the plant is between two sets of setpoints; nothing goes on by itself",
        response="resolve what is unknown; compare the set with the plant under Setpoint sets, then write "
        "back the rest, or go back to what it was before",
        display="system",
    )
    now_us = clock.now_us()
    alarms.report(told, True, now_us)
    alarms.report(told, False, now_us)
