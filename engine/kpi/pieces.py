"""From piece to piece: the part of a window in which whole pieces were made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

UNKNOWN_CYCLE_S = 60.0


def whole_pieces(
    seconds: NDArray[np.float64], pieces: NDArray[np.float64], ideal_cycle_s: float
) -> NDArray[np.bool_]:
    """Which rows of a window count, bool[k], from the known seconds and the pieces of each row.

    A piece counts when it is finished, so at the start of a window stands one that was mostly made before,
    and at its end one that is still in work. With few pieces in the window that would make a figure wrong
    by a whole piece. Left out, therefore: the first piece and up to one cycle before it, and up to one cycle
    after the last one. A cycle is the usual time between two pieces, but at least ``ideal_cycle_s`` and at
    most twice that, where it is not 0. A line that stands still for longer is counted as standing still.
    """
    time = np.cumsum(seconds)
    made = np.flatnonzero(pieces > 0)
    cycle_s = _cycle_s(time[made], ideal_cycle_s)
    if not len(made):
        return time > cycle_s
    first, last = time[made[0]], time[made[-1]]
    before = (time > first - cycle_s) & (time <= first)
    after = (time > last) & (time <= last + cycle_s)
    return ~(before | after)


def _cycle_s(finished: NDArray[np.float64], ideal_s: float) -> float:
    usual_s = float(np.median(np.diff(finished))) if len(finished) > 1 else ideal_s or UNKNOWN_CYCLE_S
    return min(max(usual_s, ideal_s), 2 * ideal_s) if ideal_s else usual_s
