"""What an engine would have taken from a demo plant in the past, as batches in order of time.

Measured values come with every sample; states, flags and counters only when they change, as from a server
that reports changes. Values are what the wire makes of them: single precision, whole registers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.testing.demo_plant.addresses import factor
from engine.testing.demo_plant.conditions import Values
from engine.testing.demo_plant.past import Past
from engine.testing.demo_plant.plant import BLOCK_RATE, Model, Plant, Point
from engine.types import Batch

ROWS = 2_048
"""Rows of a batch."""
BLOCK_ROWS = 8_192
"""Rows made at once: as many samples of a tag as one stored chunk holds."""
WIDEST = 480
"""Tags of a batch."""
FAST_S = 1_800.0
"""Of tags that come in blocks only so much is made: the last half hour. Three days of two of them would be
nearly as many samples as all others together have."""
TRANSIT_US = 12_000
"""From the device's clock to the engine's."""
_WHOLE = ("int16", "uint16", "int32", "uint32", "small")


@dataclass(slots=True, eq=False)
class Stream:
    """The points of one rate on their way through time; ``row`` = how many instants there were so far.

    ``lively``, ``calm`` = places of points that always have a new value, and of those that change rarely.
    """

    rate: float
    model: Model
    tag_ids: NDArray[np.int32]
    first_row: int
    row: int = field(init=False)
    lively: list[NDArray[np.int64]] = field(init=False)
    calm: NDArray[np.int64] = field(init=False)
    _before: Values = field(init=False)
    _tags: list[NDArray[np.int32]] = field(init=False)

    def __post_init__(self) -> None:
        self.row = self.first_row
        lively = np.array([is_lively(point) for point in self.model.points])
        some = np.flatnonzero(lively)
        self.lively = [some[at : at + WIDEST] for at in range(0, len(some), WIDEST)]
        self._tags = [self.tag_ids[part] for part in self.lively]
        self.calm = np.flatnonzero(~lively)
        self._before = np.full(len(lively), np.nan)

    def until(self, past: Past, time_s: float) -> Iterator[Batch]:
        """The samples from where it is up to a model time, which is excluded."""
        last = int(np.ceil(round(time_s * self.rate, 6)))
        while self.row < last:
            rows = min(BLOCK_ROWS, last - self.row)
            time = np.arange(self.row, self.row + rows) / self.rate
            value = as_sent(self.model.points, self.model.values(past.conditions, time))
            source_us = past.origin_us + np.rint(time * 1e6).astype(np.int64)
            yield from self._batches(source_us, value)
            self._before = value[-1].copy()
            self.row += rows

    def _batches(self, source_us: NDArray[np.int64], value: Values) -> Iterator[Batch]:
        for tags, part in zip(self._tags, self.lively, strict=True):
            for at in range(0, len(source_us), ROWS):
                rows = slice(at, at + ROWS)
                yield _batch(tags, source_us[rows], np.ascontiguousarray(value[rows, part]))
        for column in self.calm.tolist():
            own = value[:, column]
            at = np.flatnonzero(np.diff(own, prepend=self._before[column]))  # NaN before the first
            if len(at):
                yield _batch(self.tag_ids[column : column + 1], source_us[at], own[at, np.newaxis])


def streams(plant: Plant, tag_ids: Mapping[str, int], past: Past, end_s: float) -> list[Stream]:
    """The plant's points by rate, at the beginning of its past; ``tag_ids`` by path."""
    found: list[Stream] = []
    for rate in sorted({point.spec.rate for point in plant.points()}):
        model = Model(plant, lambda point, rate=rate: point.spec.rate == rate)
        ids = np.array([tag_ids[point.path] for point in model.points], np.int32)
        begin_s = max(0.0, end_s - FAST_S) if rate >= BLOCK_RATE else 0.0
        found.append(Stream(rate, model, ids, int(begin_s * rate)))
    return found


def is_lively(point: Point) -> bool:
    """Whether nearly every sample of it says something new."""
    spec = point.spec
    told = bool(spec.states) or spec.wire == "bool"
    return not told and (spec.noise > 0 or spec.drift > 0 or spec.rate > 1)


def as_sent(points: tuple[Point, ...], value: Values) -> Values:
    """Values as they come out of the driver; ``value`` float64[k, points] is written to."""
    single = np.array([point.spec.wire == "float32" for point in points])
    np.copyto(value, value.astype(np.float32), where=single)
    whole = [k for k, point in enumerate(points) if point.spec.wire in _WHOLE and factor(point) != 1.0]
    if whole:
        one = np.array([factor(points[k]) for k in whole])
        value[:, whole] = np.rint(value[:, whole] / one) * one
    return value


def _batch(tags: NDArray[np.int32], source_us: NDArray[np.int64], value: Values) -> Batch:
    quality = np.zeros(len(tags), np.uint32)
    return Batch(0, tags, source_us, source_us + TRANSIT_US, value, quality)
