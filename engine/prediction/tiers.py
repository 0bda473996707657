"""From a probability to a tier, with hysteresis, for a whole fleet at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.types import Tier

FALLS_AT = 0.7
"""A tier is left below this part of its threshold, so that a value on the edge does not come and go."""
NONE, WATCH, ACT = np.int8(0), np.int8(1), np.int8(2)
TIERS: tuple[Tier, ...] = ("", "watch", "act")


def next_tiers(
    before: NDArray[np.int8], p: NDArray[np.float64], tiers: Mapping[str, float], may_act: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """The tier of each asset now, int8[n] of NONE, WATCH, ACT. NaN = no prediction, and then no tier.

    ``tiers`` = thresholds, one that is missing is never reached. ``may_act`` False = degraded: WATCH at most.
    """
    watch, act = tiers.get("watch", np.inf), tiers.get("act", np.inf)
    acts = may_act & ((p >= act) | ((before == ACT) & (p >= FALLS_AT * act)))
    # What was ACT and may be it no more is at least worth a look, where there is a WATCH.
    watches = (p >= watch) | ((before != NONE) & (p >= FALLS_AT * watch)) | (~may_act & (p >= act))
    return np.where(acts, ACT, np.where(watches & np.isfinite(watch), WATCH, NONE))
