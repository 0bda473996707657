"""Since when an asset is abnormal: found late, but dated back to where the run began."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BEGINS = 0.5
"""A run begins where the score last left this part of its limit."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``sustained`` rows over the limit in a row make it abnormal; as many below ``down`` x limit end it."""

    sustained: int = 3
    down: float = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Onset:
    """Of ``n`` assets: rows over the limit and rows well below it in a row, when the score left the usual,
    and since when it is abnormal (UTC microseconds, 0 = it is not).
    """

    over: NDArray[np.int64]
    under: NDArray[np.int64]
    rising_us: NDArray[np.int64]
    since_us: NDArray[np.int64]


def quiet(count: int) -> Onset:
    """Nothing is abnormal yet."""
    zero = np.zeros(count, np.int64)
    return Onset(zero, zero, zero, zero)


def after(onset: Onset, ratios: NDArray[np.float64], time_us: int, rule: Rule) -> Onset:
    """After a row that began at ``time_us``: ``ratios`` float[n] = score over limit, NaN = no score.

    Without a score nothing is said either way: an asset that was abnormal stays so, and a run that had not
    yet lasted begins anew.
    """
    known, high = np.isfinite(ratios), ratios > 1.0
    low = known & (ratios < rule.down)
    was = onset.since_us > 0
    usual = known & (ratios <= BEGINS)
    rising = np.where(usual, 0, np.where(known & (onset.rising_us == 0), time_us, onset.rising_us))
    rising = np.where(known | was, rising, 0)
    over = np.where(high, onset.over + 1, 0)
    under = np.where(low, onset.under + 1, np.where(known, 0, onset.under))
    begins, ends = ~was & (over >= rule.sustained), was & (under >= rule.sustained)
    since = np.where(begins, rising, np.where(ends, 0, onset.since_us))
    return Onset(over, np.where(begins | ~was, 0, under), rising, since)


def runs(
    ratios: NDArray[np.float64], time_us: NDArray[np.int64], rule: Rule
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Replay of one asset's ratios float[n]: is it abnormal after each row, and since when (0 = not)."""
    onset, since = quiet(1), np.zeros(len(ratios), np.int64)
    for at in range(len(ratios)):
        onset = after(onset, ratios[at : at + 1], int(time_us[at]), rule)
        since[at] = onset.since_us[0]
    return since > 0, since
