"""Time and values of a soak's plant: both are known of every tick, so that every sample can be judged.

A tick is 100 ms long; its source time is exact, and its values are the model's in the middle of it (noise
changes at the beginning). What the servers show and what the judge expects come from here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.testing.demo_plant.conditions import Conditions, Values
from engine.testing.demo_plant.plant import BLOCK_RATE, Model, Plant, Point
from engine.testing.demo_plant.readings import as_sent

TICK_US = 100_000
SAMPLE_US = 1_000
"""Between two samples of a tag that comes in blocks."""
BLOCK = TICK_US // SAMPLE_US
_TOGETHER = 32
"""So many neighbouring tags of one rate come in the same tick, as in ``demo_plant.play``."""
Ticks = NDArray[np.int64]


class Grid:
    """The tags of a plant that ``wanted`` names, at any tick; tick 0 begins at ``origin_us``.

    ``columns`` int64[points] = their places in the whole plant;
    ``every`` int64[points] = ticks between two new values of each, ``phase`` = the first of them.
    """

    def __init__(
        self, plant: Plant, origin_us: int, seed: int, wanted: Callable[[Point], bool] = lambda point: True
    ) -> None:
        self.plant, self.origin_us, self.seed = plant, origin_us, seed
        # A model is of whole rows of equipment; of those the wanted columns are picked.
        rows = {(id(point.group), id(point.spec)) for point in plant.points() if wanted(point)}
        self._model = Model(plant, lambda point: (id(point.group), id(point.spec)) in rows)
        self._pick = np.array([k for k, point in enumerate(self._model.points) if wanted(point)], np.intp)
        self.points = tuple(self._model.points[k] for k in self._pick.tolist())
        self.columns = self._model.columns[self._pick]
        self._conditions = Conditions(seed)
        rates = np.array([point.spec.rate for point in self.points])
        self.every = np.maximum(1, np.rint(1e6 / (rates * TICK_US)).astype(np.int64))
        self.phase = self.columns // _TOGETHER % self.every
        self.is_fast = rates >= BLOCK_RATE

    def tick(self, time_us: int) -> int:
        """The tick that an instant lies in."""
        return (time_us - self.origin_us) // TICK_US

    def ticks(self, time_us: NDArray[np.int64]) -> Ticks:
        """The ticks that instants lie in."""
        return (time_us - self.origin_us) // TICK_US

    def time_us(self, ticks: Ticks) -> NDArray[np.int64]:
        """Source times of ticks."""
        return self.origin_us + ticks * TICK_US

    def values(self, ticks: Ticks) -> Values:
        """float64[k, points] at these ticks, as they come out of a driver."""
        return self._at((ticks.astype(np.float64) + 0.5) * (TICK_US / 1e6))

    def samples(self, numbers: NDArray[np.int64]) -> Values:
        """float64[k, points] at the samples of a block; number 0 is taken at ``origin_us``."""
        return self._at((numbers.astype(np.float64) + 0.5) * (SAMPLE_US / 1e6))

    def due(self, tick: int) -> NDArray[np.bool_]:
        """bool[points]: these have a new value in this tick."""
        return (tick % self.every == self.phase) & ~self.is_fast

    def only(self, path: str) -> Grid:
        """The same plant with one tag."""
        return Grid(self.plant, self.origin_us, self.seed, lambda point: point.path == path)

    def _at(self, time_s: NDArray[np.float64]) -> Values:
        return as_sent(self.points, self._model.values(self._conditions, time_s)[:, self._pick])


def block_of(tick: int) -> NDArray[np.int64]:
    """Numbers of the samples that are shown in a tick: those of the tick before."""
    return np.arange((tick - 1) * BLOCK, tick * BLOCK)


def starts(shown: Ticks) -> Ticks:
    """Those of the ticks shown by a server that follow a hole: it may have begun anew there."""
    return shown[np.diff(shown, prepend=shown[:1] - 2) > 1]


def read_ticks(file: Path) -> Ticks:
    """The ticks that a server showed, in order; a line that was cut off by a kill is left out."""
    content = file.read_bytes() if file.exists() else b""
    return np.unique(np.frombuffer(content[: len(content) // 8 * 8], np.int64))
