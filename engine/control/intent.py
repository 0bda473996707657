"""A change that counts only once it is on record, and is whole whenever the power goes.

Kept on disk that it is about to be done; put in the ledger; done, in one commit with forgetting the first.
A power cut in between leaves the first behind. At the next start what only forbids things is done then, and
all else is not; the ledger is told which it was, so that it never says what is not so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from engine.control.refused import Refused
from engine.control.store import ControlStore, Intent
from engine.store import StoreError
from engine.types import PutOnRecord, RecordEntry

log = logging.getLogger("watchroom.control")
T = TypeVar("T")


async def recorded(
    store: ControlStore,
    record: PutOnRecord,
    entry: RecordEntry,
    keep: Callable[[int], T],
    count: Callable[[], None] = lambda: None,
    *,
    is_safe: bool = False,
) -> T:
    """Put an entry on record and then do what it tells of, as one; goes on when its asker goes away.

    ``keep`` changes the file, in another thread, and hands it the number that it gets, of the intent;
    ``count`` makes it count. What only forbids things (``is_safe``) counts also
    where the disk refuses to keep it, until the engine stops.

    Raises:
        NotRecorded: the ledger did not take it; nothing was done.
        Refused: the disk refuses; nothing counts.
    """
    return await _uncut(_recorded(store, record, entry, keep, count, is_safe))


def to_finish(store: ControlStore, type: str) -> list[Intent]:
    """What was begun before the engine stopped and may count now: what only forbids things."""
    return [each for each in store.unfinished() if each.is_safe and each.entry.type == type]


async def settle(store: ControlStore, record: PutOnRecord) -> None:
    """At start, once all parts are loaded: tell the ledger what became of changes that were cut short.

    Raises:
        NotRecorded: the ledger does not take it; at the next start it is tried again.
        Refused: the disk refuses.
    """
    try:
        for each in await asyncio.to_thread(store.unfinished):
            became = "it counts since this start" if each.is_safe else "it does not count"
            body = {"what": "cut short by a stop of the engine", "became": became, "of": each.entry.body}
            await record([RecordEntry(each.entry.type, "engine", body, each.entry.topic)])
            await asyncio.to_thread(store.drop_intent, each.id)
    except StoreError as error:
        raise Refused(str(error)) from error


async def _recorded(
    store: ControlStore,
    record: PutOnRecord,
    entry: RecordEntry,
    keep: Callable[[int], T],
    count: Callable[[], None],
    is_safe: bool,
) -> T:
    try:
        intent = await asyncio.to_thread(lambda: store.intend(entry, is_safe=is_safe))
    except StoreError as error:
        raise Refused(f"this cannot be kept, so it is not done: {error}") from error
    try:
        await record([entry])
    except Exception:
        with suppress(StoreError):  # without it, the next start tells that it does not count
            await asyncio.to_thread(store.drop_intent, intent)
        raise
    try:
        kept = await asyncio.to_thread(keep, intent)
    except StoreError as error:
        if is_safe:
            count()
        log.error("a change of %s stands in the ledger and is not kept: %s", entry.type, error)
        became = "it counts only until the engine stops" if is_safe else "it does not count"
        raise Refused(f"this is on record and could not be kept, so {became}: {error}") from error
    count()
    return kept


async def _uncut(work: Coroutine[Any, Any, T]) -> T:
    """Half of a change is worse than none: it ends also when nobody waits for it any more."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # seen; whoever asked has gone
        raise
