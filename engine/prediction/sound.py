"""Which rows of a marked normal period normal is learned from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FAR = 10.0
"""Rows with a tag so many robust deviations from its median were marked by mistake: a spike, a restart."""
FEW = 0.02
"""No more of the rows than this are left out: what comes more often is part of normal."""


class NotLearned(Exception):
    """Normal could not be learned from this period; says why and what to do."""


def kept_rows(rows: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which rows float[n, tags] are learned from: all tags good, and not one of a few far from the others."""
    whole = np.flatnonzero(np.isfinite(rows).all(1))
    values = rows[whole]
    middle = np.median(values, 0)
    apart = np.abs(values - middle)
    # Where most values are equal the median deviation is 0 and says nothing: the mean one is taken.
    usual = np.maximum(1.4826 * np.median(apart, 0), 0.1 * apart.mean(0))
    furthest = (apart / np.where(usual > 0, usual, 1.0)).max(1)
    far = np.flatnonzero(furthest > FAR)
    worst = far[np.argsort(-furthest[far], kind="stable")][: int(FEW * len(values))]
    return np.delete(whole, worst)
