"""The steps of a batch on its way to the live table, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.tags.exception import Exceptions, deadbands
from engine.tags.order import DUPLICATE, LATE, NEW, Order
from engine.tags.quality import clean
from engine.tags.scaling import Scaling
from engine.types import Batch, Tag

NO_TAGS = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A batch ready to be written. keep bool[rows×n] = worth a place in the trend.

    ``taken`` bool[rows×n] = may be the live value, None = all; ``older`` bool[rows×n] = came after a newer
    one, None = none did; ``twice`` = tags of which a sample came a second time, which proves them
    current. The counts are of samples.
    """

    batch: Batch
    keep: NDArray[np.bool_]
    taken: NDArray[np.bool_] | None
    older: NDArray[np.bool_] | None
    twice: NDArray[np.int32]
    late: int
    duplicates: int


class Pipeline:
    """Scaling, quality, order and exception filter of all tags of a project. One thread only."""

    def __init__(self, tags: Sequence[Tag]) -> None:
        self.scaling = Scaling(tags)
        width = deadbands(tags)
        self._exceptions = Exceptions(width)
        self._order = Order(len(width))

    def clean(self, batch: Batch) -> Batch:
        """Scaled, without numbers that are none, doubtful where beyond the tag's range."""
        return self.scaling.doubt(clean(self.scaling.scale(batch)))

    def judge(self, batch: Batch) -> Judged:
        """What becomes of each sample; moves the memory of order and exceptions on."""
        cleaned = self.clean(batch)
        verdict = self._order.judge(cleaned)
        if verdict is None:
            return Judged(cleaned, self._exceptions.keep(cleaned), None, None, NO_TAGS, 0, 0)
        taken, late, twice = verdict == NEW, verdict == LATE, verdict == DUPLICATE
        # A late sample is history: the trend shows it in its place, whatever was kept since.
        keep = self._exceptions.keep(cleaned, taken) | late
        again = cleaned.tags[twice.any(axis=0)]
        older = late if late.any() else None
        return Judged(cleaned, keep, taken, older, again, int(late.sum()), int(twice.sum()))

    def overdue(self, tags: NDArray[np.int32], now_us: int) -> Judged | None:
        """Late samples of these tags that turned out to be the newest; mostly None."""
        batch = self._order.overdue(tags, now_us)
        if batch is None:
            return None
        self._exceptions.forget(batch.tags)
        self._exceptions.keep(batch)
        # They are in the trend already, from when they came.
        return Judged(batch, np.zeros(batch.value.shape, np.bool_), None, None, NO_TAGS, 0, 0)

    def silent(self, tags: NDArray[np.int32]) -> None:
        """Their values went stale: the next sample is kept whatever it says."""
        self._exceptions.forget(tags)

    def restart(self, tags: NDArray[np.int32]) -> None:
        """Their source starts anew: the next sample is kept, and new whatever its time."""
        self.silent(tags)
        self._order.forget(tags)
