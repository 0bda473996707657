"""When a value counts as stale."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import NDArray

SHORTEST_LIMIT_S = 3.0
PERIODS = 2.5


@overload
def stale_limit_s(period_s: float) -> float: ...
@overload
def stale_limit_s(period_s: NDArray[np.float64]) -> NDArray[np.float64]: ...
def stale_limit_s(period_s: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """Age in seconds beyond which a value is stale, from its revised keep-alive or scan period.

    ``max(3 s, 2.5 × period)``: two periods may be lost to jitter, a third may not. Where that is not
    a finite number the shortest limit holds, since an unknown period must never hide silence.
    Scalar in, scalar out; array in, array of that shape out.
    """
    with np.errstate(over="ignore"):
        grown = PERIODS * np.asarray(period_s, np.float64)
    limit = np.maximum(SHORTEST_LIMIT_S, np.where(np.isfinite(grown), grown, 0.0))
    return limit if isinstance(period_s, np.ndarray) else float(limit)
