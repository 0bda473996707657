"""Several records as one: the history, and who else must see every sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.types import Batch, Gap, Origin, Record


class Records:
    """A ``Record`` that passes on to each of ``records``, in their order."""

    def __init__(self, *records: Record) -> None:
        self._records = records

    def append(
        self, batch: Batch, origin: Origin = Origin.LIVE, taken: NDArray[np.bool_] | None = None
    ) -> None:
        """Pass a batch on."""
        for each in self._records:
            each.append(batch, origin, taken)

    def gap(self, gap: Gap) -> None:
        """Pass a gap on."""
        for each in self._records:
            each.gap(gap)
