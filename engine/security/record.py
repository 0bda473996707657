"""What people did goes into the ledger before it counts; what cannot wait for that is owed to it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from engine.security.errors import Denied
from engine.types.control import NotRecorded, PutOnRecord, RecordEntry
from engine.types.people import Action

KEPT_ELSEWHERE: frozenset[Action] = frozenset({"acknowledge", "annotate", "ledger", "engine"})
"""What goes on while the ledger takes nothing: alarms and notes keep who did it themselves, and whoever puts
it right must be able to."""
MOST_OWED = 1000


class Record:
    """Entries on their way to the ledger, in order. One loop."""

    def __init__(self, put: PutOnRecord) -> None:
        self._put = put
        self._owed: list[RecordEntry] = []
        self._lost = 0
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.trouble = ""
        """Why the ledger lacks something that was done, "" = it lacks nothing."""

    async def must(self, entries: Sequence[RecordEntry]) -> None:
        """Put entries on record; what they tell of may be done afterwards, and only then.

        Raises:
            Denied: the ledger does not take them.
        """
        try:
            async with self._turn:
                await self._pay()
                await self._put(entries)
        except NotRecorded as error:
            raise Denied(f"Not done, because it cannot be put on record: {error}") from error

    def owe(self, entry: RecordEntry) -> None:
        """Something that was done whether or not the ledger takes it; `pay` brings it there."""
        self._owed.append(entry)
        if len(self._owed) > MOST_OWED:
            del self._owed[0]
            self._lost += 1

    async def pay(self) -> None:
        """Bring what is owed; ``trouble`` says why it could not be."""
        try:
            async with self._turn:
                await self._pay()
        except NotRecorded:
            pass  # it is in ``trouble``, and tried again

    async def _pay(self) -> None:
        if not self._owed:
            return
        lost = RecordEntry("gap", "security", {"entries": self._lost, "why": self.trouble})
        owed = ([lost] if self._lost else []) + self._owed
        count, forgotten = len(self._owed), self._lost
        try:
            await self._put(owed)
        except NotRecorded as error:
            self.trouble = str(error)
            raise
        # Those that were dropped meanwhile, to keep the bound, were among the first: they are in the ledger.
        dropped = self._lost - forgotten
        del self._owed[: max(0, count - dropped)]
        self._lost = 0
        if not self._owed:
            self.trouble = ""

    def pay_soon(self) -> None:
        """Bring what is owed, in a task of its own; call it from the loop."""
        if self._owed and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self.pay(), name="security-record")

    async def settle(self) -> None:
        """Wait for the task and bring the rest: before closing."""
        if self._task:
            await asyncio.wait([self._task])
        await self.pay()

    def close(self) -> None:
        """Leave what is owed."""
        if self._task:
            self._task.cancel()
