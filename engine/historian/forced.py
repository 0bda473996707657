"""Which samples no line may stand for, whatever the deadband says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LONGEST_STEPS = 2.5
"""No line over a step longer than this many times the tag's usual one."""
LONGEST_STEP_US = 90_000_000
"""Nor over a longer one than this, unless the samples come in step: a source that reports by change is
silent because nothing changed, one that is read every three minutes is not."""
FEWEST_STEPS, IN_STEP, EVEN = 5, 0.9, 0.25
"""In step are samples of which at least 0.9 of the steps are the usual one give or take a quarter of it."""
LARGEST = 1e300
"""Values beyond are kept like those that are not good: differences between them may be infinite."""
Limits = Sequence[float]


def usable(value: NDArray[np.float64], good: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a line may end or pass: good, a number, and not too large to reckon with."""
    with np.errstate(invalid="ignore"):
        return good & (np.abs(value) <= LARGEST)


def force(
    forced: NDArray[np.bool_],
    value: NDArray[np.float64],
    sound: NDArray[np.bool_],
    limits: Limits = (),
) -> None:
    """Add to ``forced`` bool[k]: unsound samples (``sound`` False) and their neighbours, and both sides
    of every crossing of a limit, where a sample on the limit is on neither side of it.
    """
    unsound = ~sound
    if unsound.any():
        forced |= unsound
        forced[1:] |= unsound[:-1]
        forced[:-1] |= unsound[1:]
    for limit in limits:
        above, below = value > limit, value < limit
        crossing = (above[1:] != above[:-1]) | (below[1:] != below[:-1])
        forced[1:] |= crossing
        forced[:-1] |= crossing


def beside_holes(time_us: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where the samples are on both sides of a step that no line may span.

    That is one that is long (see above), or none at all: two samples of one instant.
    """
    step = np.diff(time_us)
    forward, longest = step[step > 0], float(LONGEST_STEP_US)
    if len(forward):
        # The lower middle: of two steps the shorter one is usual.
        middle = (len(forward) - 1) // 2
        usual = float(np.partition(forward, middle)[middle])
        longest = (
            LONGEST_STEPS * usual if _is_in_step(forward, usual) else min(LONGEST_STEPS * usual, longest)
        )
    before = np.flatnonzero((step > longest) | (step <= 0))
    return np.concatenate((before, before + 1))


def _is_in_step(forward: NDArray[np.int64], usual: float) -> bool:
    if LONGEST_STEPS * usual <= LONGEST_STEP_US:
        return True
    even = np.abs(forward - usual) <= EVEN * usual
    return len(forward) >= FEWEST_STEPS and float(even.mean()) >= IN_STEP
