"""How the gate reaches a tag: what the engine knows of it, and the driver that may write to its device."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from engine.app.plant import Running
from engine.drivers.driver import Writes
from engine.types import Live, Reading, Sent, Stage, Tag, WriteOrder

NOT_CONNECTED = "the link to {source} is down; nothing was sent, and nothing will be sent later"


class Reach:
    """One thread, that of the engine's loop. ``stage`` = how far the project may go now.

    No code that writes is imported before the first order of a project in stage "control".
    """

    def __init__(self, running: Running, stage: Callable[[], Stage]) -> None:
        self._running, self._stage = running, stage
        self._of_source = {each[0].source.id: each for each in running.sources}
        self._writes: dict[str, Writes] = {}

    def live(self, tag_id: int) -> Live:
        """What is known of a tag now; its value as people see it."""
        return self.lives([tag_id])[0]

    def lives(self, tag_ids: Sequence[int]) -> list[Live]:
        """The same of many, in one look."""
        table = self._running.table
        rows = table.rows(np.array(tag_ids, np.int32))
        value, quality, age_s = table.look(rows, self._running.clock.mono_us())
        columns = value.tolist(), quality.tolist(), age_s.tolist()
        found = list[Live]()
        for row, number, status, age in zip(rows.tolist(), *columns, strict=True):
            tag = self._running.tags[int(row)]
            _context, _driver, link = self._of_source[tag.source]
            period_s = max(1 / max(tag.rate, 1e-6), link.period_s)
            known, seen = math.isfinite(number), not math.isnan(age)
            found.append(Live(number if known else None, status, age if seen else None, period_s))
        return found

    async def send(self, order: WriteOrder) -> Sent:
        """One order to its device, once; see `engine.drivers.driver.Writes`."""
        tag = self._tag(order.tag_id)
        if self._stage() != "control":
            return Sent(
                "rejected", f"the project's stage is {self._stage()!r}, not control; nothing was sent"
            )
        context, driver, link = self._of_source[tag.source]
        if driver.load_writes is None:
            return Sent("rejected", f"what speaks {driver.name} cannot write; nothing was sent")
        if link.state_at(self._running.clock.mono_us()) != "connected":
            return Sent("rejected", NOT_CONNECTED.format(source=context.source.id))
        return await self._loaded(driver.name, driver.load_writes).send(context, order)

    async def read(self, tag_id: int) -> Reading:
        """A tag asked of its device now."""
        tag = self._tag(tag_id)
        context, driver, _link = self._of_source[tag.source]
        if self._stage() != "control" or driver.load_writes is None:
            return Reading(None, 0, "devices are asked only in stage control")
        return await self._loaded(driver.name, driver.load_writes).read(context, tag_id)

    def _loaded(self, name: str, load: Callable[[], Writes]) -> Writes:
        if name not in self._writes:
            self._writes[name] = load()
        return self._writes[name]

    def _tag(self, tag_id: int) -> Tag:
        return self._running.tags[int(self._running.table.rows(np.array([tag_id], np.int32))[0])]
