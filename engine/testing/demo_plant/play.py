"""Playing a plant's model onto its servers: model time may run fast, the wire keeps its rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.testing.demo_plant.conditions import Conditions, Setting
from engine.testing.demo_plant.orders import Orders
from engine.testing.demo_plant.plant import Model
from engine.types import Clock

TICK_S = 0.1
"""The fastest tags are new this often."""
_TOGETHER = 32
"""So many neighbouring tags of one rate come in the same tick; others in another, to spread the work."""


class Shows(Protocol):
    """A server that takes values."""

    async def show(self, values: NDArray[np.float64], due: NDArray[np.bool_], now_us: int) -> None:
        """Take the values of the points that are due."""
        ...


class Player:
    """A model on its way through time."""

    def __init__(self, model: Model, conditions: Conditions, speed: float, clock: Clock) -> None:
        self._model, self._speed, self._clock = model, speed, clock
        self.conditions = conditions
        self._start_us = clock.mono_us()
        ticks = [max(1, round(1.0 / (point.spec.rate * TICK_S))) for point in model.points]
        self._every = np.array(ticks)
        self._phase = np.arange(len(ticks)) // _TOGETHER % self._every

    @property
    def time_s(self) -> float:
        """Model time now."""
        return (self._clock.mono_us() - self._start_us) / 1e6 * self._speed

    def values(self) -> NDArray[np.float64]:
        """All values now, float64[points]."""
        return self._model.values(self.conditions, np.array([self.time_s]))[0]

    def change(self, path: str, value: float) -> None:
        """A setpoint was written."""
        self.conditions = self.conditions.with_setting(Setting(path, self.time_s, value))

    async def play(self, servers: Sequence[Shows], orders: Orders) -> None:
        """Show the model on all servers, tick by tick, until cancelled."""
        began_us, tick = self._clock.mono_us(), 0
        while True:
            if tick % 10 == 0:
                self.conditions = orders.apply(self.conditions, self.time_s)
            due = tick % self._every == self._phase
            values, now_us = self.values(), self._clock.now_us()
            for server in servers:
                await server.show(values, due, now_us)
            tick += 1
            late_s = (self._clock.mono_us() - began_us) / 1e6 - tick * TICK_S
            if late_s > 1.0:
                tick += int(late_s / TICK_S)
            await self._clock.sleep(max(0.0, -late_s))
