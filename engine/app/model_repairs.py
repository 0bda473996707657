"""When people worked on an asset, by the work tags in the ledger: what would have followed is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine.ledger import LedgerError, NoLedger, Reading
from engine.server import RequestRefused
from engine.typed import convert
from engine.types import WorkTag


class Work(msgspec.Struct, frozen=True):
    """Somebody's work tag on an asset, from when to when it was there (UTC us)."""

    asset: str
    since_us: int
    until_us: int


def works_in(ledger: Path, now_us: int) -> tuple[Work, ...]:
    """Every work that the ledger knows of; one whose tag is still on lasts until now.

    Raises:
        RequestRefused: it cannot be read, and nobody knows where work was done.
    """
    try:
        reading = Reading(ledger)
    except NoLedger:
        return ()
    except LedgerError as error:
        raise _unknown(error) from error
    try:
        entries = reading.entries(types=("work_tag",), limit=-1)
    except LedgerError as error:
        raise _unknown(error) from error
    finally:
        reading.close()
    begun, found = dict[tuple[str, str], WorkTag](), list[Work]()
    for each in entries:
        body: dict[str, Any] = each.content["body"]
        # One of these that a stop of the engine cut short is told again in "of": the tag stays on.
        is_cut = "of" in body
        said = body["of"] if is_cut else body
        tag = convert(said["tag"], WorkTag)
        key = tag.asset, tag.by.casefold()
        if said["what"] == "taken off" and not is_cut:
            begun.pop(key, None)
            found.append(Work(tag.asset, tag.since_us, int(each.content["time_us"])))
        else:
            begun[key] = tag
    found += [Work(tag.asset, tag.since_us, now_us) for tag in begun.values()]
    return tuple(each for each in found if each.since_us < each.until_us)


def repairs_of(asset: str, works: Sequence[Work], horizon_h: float) -> Iterator[tuple[int, int]]:
    """From when to when nobody can say what would have followed, UTC us, for repairs.csv.

    From the horizon before work on the asset, on a part of it or on what it belongs to, to its end, in
    pieces shorter than that: a longer span would tell of its beginning that no failure followed.
    """
    step_us = round(horizon_h * 3_600_000_000) - 1
    for each in works:
        is_below = f"{each.asset}/".startswith(f"{asset}/")
        if is_below or not each.asset or f"{asset}/".startswith(f"{each.asset}/"):
            for since_us in range(each.since_us - step_us, each.until_us, step_us):
                yield since_us, min(since_us + step_us, each.until_us)


def _unknown(error: LedgerError) -> RequestRefused:
    return RequestRefused(f"nobody knows where work was done, so nothing is learned: {error}")
