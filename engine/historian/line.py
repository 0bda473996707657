"""What stands between two stored samples: the held value, or the line for samples that were left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.types import Samples


def dropped(kept: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """uint32[kept]: how many samples were left out after each kept one. ``kept`` bool[k], first one True."""
    at = np.flatnonzero(kept)
    return (np.diff(at, append=len(kept)) - 1).astype(np.uint32)


def rebuild(samples: Samples, at_us: NDArray[np.int64]) -> NDArray[np.float64]:
    """The value at each of these instants, NaN before the first sample and where a sample has none.

    After a sample its value holds until the next one; where samples were left out between the two
    (``dropped`` > 0) it runs along the straight line. The quality is not looked at.
    """
    if not len(samples.time_us):
        return np.full(len(at_us), np.nan)
    at = np.searchsorted(samples.time_us, at_us, "right") - 1
    here = np.maximum(at, 0)
    found = np.where(at >= 0, samples.value[here], np.nan)
    line = np.flatnonzero((at >= 0) & (samples.dropped[here] > 0) & (at < len(samples.value) - 1))
    if len(line):
        found[line] = along(samples, here[line], at_us[line])
    return found


def along(
    samples: Samples, at: NDArray[np.int64] | NDArray[np.intp], time_us: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The value at ``time_us`` on the line from the samples ``at`` to those after them."""
    begin, end = samples.value[at], samples.value[at + 1]
    part = (time_us - samples.time_us[at]) / (samples.time_us[at + 1] - samples.time_us[at])
    # Rounding must not carry the value past an end of its line, which may lie just beside a limit.
    return np.clip(begin + (end - begin) * part, np.minimum(begin, end), np.maximum(begin, end))
