"""The writes there are, and their trail in the ledger: a step is on record and on disk before it is taken.

What has happened already is not undone by a ledger that does not answer: an outcome counts at once, and its
entry is owed. Nothing new is begun before all that is owed stands in the ledger, in the order it happened.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

import msgspec

from engine.control import entries, life, words
from engine.control.held import Held
from engine.control.keep import Keep
from engine.types import Clock, NotRecorded, PutOnRecord, RecordEntry, Step, Write

log = logging.getLogger("watchroom.control")
OFFERED_US = 600_000_000
"""A write that is done is offered back (W9), and watched, for ten minutes; then it is closed."""


class Trail:
    """``held`` = by id. ``version`` changes with everything a person can see; it begins at the time, so that
    no client takes an answer of the last run for one of this.
    """

    def __init__(self, record: PutOnRecord, keep: Keep, clock: Clock) -> None:
        self._record, self._keep, self._clock = record, keep, clock
        self._owed: list[RecordEntry] = []
        self._unsaved: dict[str, Write] = {}
        self._settling = asyncio.Lock()
        self._was_troubled = False
        self.held: dict[str, Held] = {}
        self.version = clock.now_us()

    async def begin(self, held: Held, more: dict[str, Any]) -> None:
        """The first entry of a write, which is at its first step already.

        Raises:
            NotRecorded: the ledger or the disk refuses.
        """
        await self._recorded(entries.entry(held.write, "proposed", held.write.by, **more))
        await self._saved(held.write)

    async def forward(self, held: Held, to: Step, actor: str, more: dict[str, Any], **changes: Any) -> None:
        """One step towards the plant: in the ledger, then on disk, and only then taken.

        Raises:
            NotRecorded: the ledger or the disk refuses; the write is as it was.
            Illegal: this step cannot follow.
        """
        before = held.write
        after = life.advanced(before, to, **changes)
        await self._recorded(entries.entry(after, to, actor, **more))
        await self._saved(after)
        if held.write is not before:
            raise life.Illegal(f"another step of {before.id} was taken in between")
        self.put(held, after)

    async def number(self, handshake: str, used: Iterable[int]) -> int:
        """A number for a write over a handshake that was never used before, whatever ends the engine.

        Raises:
            NotRecorded: it could not be kept on disk.
        """
        try:
            return await self._keep.number(handshake, used)
        except Exception as error:
            raise NotRecorded(f"its number could not be kept on disk: {error}") from error

    async def end(self, held: Held, to: Step, actor: str, more: dict[str, Any], **changes: Any) -> None:
        """What became of a write: it counts at once, and is put on record as soon as that can be done."""
        self.mark(held, to, actor, more, **changes)
        await self.settle()

    def mark(self, held: Held, to: Step, actor: str, more: dict[str, Any], **changes: Any) -> None:
        """As ``end``, without waiting: ``settle`` puts it on record."""
        if to not in ("unknown", "closed"):
            changes = {"done_us": self._clock.now_us(), **changes}
        after = life.advanced(held.write, to, **changes)
        self._owed.append(entries.entry(after, to, actor, **({"why": after.why} | more)))
        self._unsaved[after.id] = after
        self.put(held, after)
        log.info("write %s, %s: %s %s", after.id, words.what(after), to, after.why)

    def change(self, held: Held, **changes: Any) -> None:
        """Change what people see of a write but its step."""
        after = msgspec.structs.replace(held.write, **changes)
        if after.step != "proposed":
            self._unsaved[after.id] = after
        self.put(held, after)

    def put(self, held: Held, write: Write) -> None:
        """Take this for the write as it is now."""
        held.write = write
        self.held[write.id] = held
        self.version += 1

    def drop(self, held: Held) -> None:
        """Show it no more."""
        self.held.pop(held.write.id, None)
        self.version += 1

    async def settle(self) -> bool:
        """Put on record and on disk what is owed; whether nothing is owed any more."""
        async with self._settling:
            try:
                while self._owed or self._unsaved:
                    if self._owed:  # always first: what is kept as it ended must be on record as such
                        await self._record([self._owed[0]])
                        self._owed.pop(0)
                        continue
                    write = next(iter(self._unsaved.values()))
                    await self._saved(write)
                    if self._unsaved.get(write.id) is write:
                        del self._unsaved[write.id]
            except NotRecorded as error:
                if not self._was_troubled:
                    log.error("what became of a write is not on record yet, and is tried again: %s", error)
                self._was_troubled = True
                return False
            self._was_troubled = False
            return True

    async def _recorded(self, entry: RecordEntry) -> None:
        """What happened before comes first. Where that cannot be told, nothing new is begun."""
        if not await self.settle():
            raise NotRecorded("the ledger does not take what happened before")
        await self._record([entry])

    async def _saved(self, write: Write) -> None:
        try:
            await self._keep.save(write)
        except Exception as error:
            raise NotRecorded(f"it could not be kept on disk: {error}") from error
