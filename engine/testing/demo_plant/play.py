"""Playing a plant's model onto its servers: model time may run fast, the wire keeps its rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from engine.testing.demo_plant.conditions import Conditions, Setting
from engine.testing.demo_plant.orders import Orders
from engine.testing.demo_plant.plant import BLOCK_RATE, Model, Plant, Point
from engine.types import Clock

TICK_S = 0.1
"""The fastest tags but those that come in blocks are new this often."""
_TOGETHER = 32
"""So many neighbouring tags of one rate come in the same tick; others in another, to spread the work."""
_SAMPLE_US = 1000
"""Between two samples of a block."""
_KEPT = 16
"""Earlier values of a setpoint that still matter to what follows it with a lag."""
_LONGEST_BLOCK_S = 5.0
"""What is missing after a longer pause, of a machine that slept, is not made up for."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Samples of fast points: ``columns`` int64[m] among the plant's, time_us int64[k] exactly 1 ms apart,
    value float64[k, m].
    """

    columns: NDArray[np.int64]
    time_us: NDArray[np.int64]
    value: NDArray[np.float64]


class Shows(Protocol):
    """A server that takes values."""

    async def show(self, values: NDArray[np.float64], due: NDArray[np.bool_], now_us: int) -> None:
        """Take the values of the points that are due."""
        ...


@runtime_checkable
class ShowsBlocks(Protocol):
    """A server that takes blocks of samples, too."""

    async def show_block(self, block: Block) -> None:
        """Take the samples of the points that it has."""
        ...


class Player:
    """A model on its way through time; it is at ``begin_s`` now."""

    def __init__(
        self, plant: Plant, conditions: Conditions, speed: float, clock: Clock, begin_s: float = 0.0
    ) -> None:
        self._speed, self._clock, self._begin_s = speed, clock, begin_s
        self.model = Model(plant)
        self._fast = Model(plant, lambda point: point.spec.rate >= BLOCK_RATE)
        self.conditions = conditions
        self._start_us, self._start_utc_us = clock.mono_us(), clock.now_us()
        self._sample = 0
        rates = np.array([point.spec.rate for point in self.model.points])
        self._every = np.maximum(1, np.rint(1.0 / (rates * TICK_S)).astype(np.int64))
        self._phase = np.arange(len(rates)) // _TOGETHER % self._every
        self._phase[rates >= BLOCK_RATE] = -1  # never due: they come in blocks

    @property
    def time_s(self) -> float:
        """Model time now."""
        return self._begin_s + (self._clock.mono_us() - self._start_us) / 1e6 * self._speed

    def values(self) -> NDArray[np.float64]:
        """All values now, float64[points]."""
        return self.model.values(self.conditions, np.array([self.time_s]))[0]

    def change(self, point: Point, value: float) -> None:
        """A setpoint was written, or a command given; nothing is done for a command that is reset."""
        is_pulse = point.spec.wire == "bool"
        if value or not is_pulse:
            setting = Setting(point.path, self.time_s, value)
            self.conditions = self.conditions.with_setting(setting, 0 if is_pulse else _KEPT)

    def block(self) -> Block | None:
        """The samples of the fast points since the last call, none left out; None = there are none."""
        last = (self._clock.mono_us() - self._start_us) // _SAMPLE_US
        first = max(self._sample, last - round(_LONGEST_BLOCK_S * 1e6 / _SAMPLE_US))
        if not self._fast.points or first >= last:
            return None
        self._sample = last
        number = np.arange(first, last)
        time_s = (self._begin_s + number * (_SAMPLE_US / 1e6) * self._speed).astype(np.float64)
        start_us = self._start_utc_us // _SAMPLE_US * _SAMPLE_US
        values = self._fast.values(self.conditions, time_s)
        return Block(self._fast.columns, start_us + number * _SAMPLE_US, values)

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
            await self._clock.sleep(0.0)  # other requests have waited while the values were made
            if (block := self.block()) is not None:
                for server in servers:
                    if isinstance(server, ShowsBlocks):
                        await server.show_block(block)
            tick += 1
            late_s = (self._clock.mono_us() - began_us) / 1e6 - tick * TICK_S
            if late_s > 1.0:
                tick += int(late_s / TICK_S)
            await self._clock.sleep(max(0.0, -late_s))
