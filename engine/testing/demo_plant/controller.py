"""What a controller of a demo plant does with what a client writes: its own limits and permits count."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.testing.demo_plant.plant import Permit, Plant, Point
from engine.testing.demo_plant.write_faults import WriteFaults
from engine.types import Clock

Taken = Literal["done", "out of range", "not allowed", "failed"]
Write = Callable[[Point, float], Awaitable[Taken]]
"""Take a value written to a point; answers when the device would."""


async def refuse(point: Point, value: float) -> Taken:
    """Of a plant that only shows values: nothing may be written."""
    return "not allowed"


class Controller:
    """Judges writes as a PLC does, whatever the client believes.

    ``values`` gives all values of the plant now; ``change`` lets the model have one; ``shown`` is told of
    what was done, so that it can be read back at once.
    """

    def __init__(
        self,
        plant: Plant,
        faults: WriteFaults,
        clock: Clock,
        values: Callable[[], NDArray[np.float64]],
        change: Callable[[Point, float], None],
    ) -> None:
        self._plant, self._faults, self._clock = plant, faults, clock
        self._values, self._change = values, change
        self._column = {point.path: point.column for point in plant.points()}
        self._later: set[asyncio.Task[None]] = set()
        self.shown: Callable[[Point], Awaitable[None]] | None = None

    async def take(self, point: Point, value: float) -> Taken:
        """What becomes of a value that a client wrote to a writable point."""
        fault = self._faults.of(point.path)
        name = fault.name if fault else ""
        if name == "write-refused":
            return "failed"
        if not self._fits(point, value):
            return "out of range"
        if not self._is_allowed(self._plant.permits.get(point.path, ())):
            return "not allowed"
        if fault is not None and name in ("write-slow", "write-late"):
            task = asyncio.create_task(self._do_later(point, value, fault.seconds))
            self._later.add(task)
            task.add_done_callback(self._later.discard)
            if name == "write-slow":
                await asyncio.shield(task)
        elif name != "write-ignored":
            await self._do(point, value)
        return "done"

    async def stop(self) -> None:
        """Forget what was still to be done."""
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)

    def _fits(self, point: Point, value: float) -> bool:
        spec = point.spec
        whole = spec.wire not in ("float32", "float64")
        return spec.low <= value <= spec.high and not (whole and spec.decimals == 0 and value % 1)

    def _is_allowed(self, permits: tuple[Permit, ...]) -> bool:
        if not permits:
            return True
        now = self._values()
        return all(
            any(math.isclose(now[self._column[each.path]], value) for value in each.values)
            for each in permits
        )

    async def _do_later(self, point: Point, value: float, seconds: float) -> None:
        await self._clock.sleep(seconds)
        await self._do(point, value)

    async def _do(self, point: Point, value: float) -> None:
        self._change(point, value)
        if self.shown is not None:
            await self.shown(point)
