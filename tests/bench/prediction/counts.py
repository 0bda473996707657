"""Rows right and wrong of an alarm that is on or off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Counts:
    """``hits`` and ``missed`` of the abnormal rows, ``false`` and ``quiet`` of the normal ones."""

    hits: int
    false: int
    missed: int
    quiet: int

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(2 * self.hits + self.false + self.missed, 1)

    @property
    def far(self) -> float:
        """Share of the normal rows that alarm, in %."""
        return 100.0 * self.false / max(self.false + self.quiet, 1)

    @property
    def mar(self) -> float:
        """Share of the abnormal rows that do not, in %."""
        return 100.0 * self.missed / max(self.hits + self.missed, 1)

    @property
    def always_on_f1(self) -> float:
        """F1 of an alarm that never goes off: what any F1 on these rows has to be held against."""
        truth, normal = self.hits + self.missed, self.false + self.quiet
        return 2 * truth / max(2 * truth + normal, 1)


def counted(alarm: NDArray[np.bool_], truth: NDArray[np.bool_]) -> Counts:
    """Row by row."""
    return Counts(
        int((alarm & truth).sum()),
        int((alarm & ~truth).sum()),
        int((~alarm & truth).sum()),
        int((~alarm & ~truth).sum()),
    )


def pooled(counts: list[Counts]) -> Counts:
    """As if all rows were of one run."""
    return Counts(
        sum(each.hits for each in counts),
        sum(each.false for each in counts),
        sum(each.missed for each in counts),
        sum(each.quiet for each in counts),
    )
