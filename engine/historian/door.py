"""The swinging door: leaves out samples that a straight line stands for to within the tag's deadband.

From the last kept sample a cone of slopes stays open: those of the lines that pass every sample since
within the deadband. A sample may end the line while its own slope lies in the cone; the first one that
does not makes the sample before it the next kept one. (Swinging door: E. Bristol, US patent 4,669,097,
1987. The textbook asks only that some slope is left in the cone, and its lines then miss by up to
twice the deadband. Here the line that is stored is one of the cone, so none misses.)

Always kept are the first and the last sample; one that is not plainly good, and its neighbours; both
sides of a crossing of a limit. All samples of a line thus lie on one side of every limit, hence the
line does too, and what is read from it crosses each limit when the samples did. No line spans a step
in which nothing came for long: there the value held.

That a line misses by no more than the deadband holds for the figures that computers get, too. With u
the rounding of a double (2^-53) and M the largest value, slopes are off by less than 18·u·M + 4·u·D
over the line, and a reader's interpolation by 10·u·M; the cone is narrowed by 64·u·(M + D).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.historian.forced import LARGEST, Limits, beside_holes, force, usable
from engine.historian.line import dropped, rebuild

ROUNDING = 2.0**-47
"""64·u of the text above."""
TINY = 1e-290
"""Slopes of smaller deadbands would be rounded to nothing."""
PIECE_STEPS = 256
"""A tag's samples are cut into pieces of so many steps, which go side by side; their ends are kept."""
SIDE_BY_SIDE = 4096
"""So many pieces at a time: enough to make a step cheap, few enough to hold in memory."""

Run = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_], float, Limits]
"""Samples of a tag: time_us, value, good, deadband and limits as `kept` takes them."""
__all__ = ["Run", "dropped", "kept", "kept_many", "kept_together", "rebuild"]


def kept(
    time_us: NDArray[np.int64],
    value: NDArray[np.float64],
    good: NDArray[np.bool_],
    deadband: float,
    limits: Limits = (),
) -> NDArray[np.bool_]:
    """bool[k]: which samples of one tag to keep.

    time_us int64[k] in order · value float64[k] · good bool[k], False where the quality is anything but
    plainly good · ``limits`` = every value at which something is decided: the limits of alarms, and
    where they return. For many tags `kept_many` is far quicker.
    """
    return kept_many([(time_us, value, good, deadband, limits)])[0]


def kept_many(
    runs: Sequence[Run], also: Mapping[int, NDArray[np.intp]] | None = None
) -> list[NDArray[np.bool_]]:
    """What `kept` says of each of many tags. Quickest where tags sampled together share ``time_us``.

    ``also`` = by the place of a run: which of its samples to keep whatever the line says.
    """
    if not runs:
        return []
    count = np.array([len(run[0]) for run in runs], np.int64)
    ends = np.cumsum(count)
    starts, filled = ends - count, np.flatnonzero(count)
    value = np.concatenate([run[1] for run in runs], dtype=np.float64)
    sound = usable(value, np.concatenate([run[2] for run in runs]))
    largest = np.zeros(len(runs))
    if len(filled):
        largest[filled] = np.maximum.reduceat(np.where(sound, np.abs(value), 0.0), starts[filled])
    forced = np.zeros(len(value), np.bool_)
    # What is forced across the seam of two tags is the end of one and the start of the next anyway.
    forced[starts[filled]] = forced[ends[filled] - 1] = True
    force(forced, value, sound)
    holes = beside_holes(runs[0][0])
    for k, run in enumerate(runs):
        part = slice(int(starts[k]), int(ends[k]))
        if run[0] is not runs[k - 1][0]:
            holes = beside_holes(run[0])
        forced[part][holes] = True
        if run[4]:
            force(forced[part], value[part], sound[part], run[4])
    for k, places in (also or {}).items():
        forced[int(starts[k]) + places] = True
    since = np.concatenate([run[0] - run[0][:1] for run in runs]).astype(np.float64)
    cone = _narrowed(np.array([run[3] for run in runs], np.float64), largest)
    _side_by_side(forced, since, value, cone, starts, count)
    return np.split(forced, ends[:-1])


def kept_together(
    time_us: NDArray[np.int64],
    values: NDArray[np.float64],
    good: NDArray[np.bool_],
    deadband: NDArray[np.float64],
    limits: Sequence[Limits],
) -> NDArray[np.bool_]:
    """bool[rows×n]: what `kept` says of n tags that were sampled together.

    time_us int64[rows] in order · values float64[rows×n] · good bool[rows×n] · deadband float64[n] ·
    ``limits`` of each tag.
    """
    found = np.empty(values.shape, np.bool_)
    each = zip(values.T, good.T, deadband.tolist(), limits, strict=True)
    for k, mask in enumerate(kept_many([(time_us, *one) for one in each])):
        found[:, k] = mask
    return found


def _narrowed(deadband: NDArray[np.float64], largest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half the width of the cone, less what rounding may add to it; -inf = no line is narrow enough."""
    deadband = np.minimum(deadband, LARGEST)
    width = deadband - ROUNDING * (largest + deadband)
    return np.where((width > 0) & (deadband > TINY), width, -np.inf)


def _side_by_side(
    kept: NDArray[np.bool_],
    since: NDArray[np.float64],
    value: NDArray[np.float64],
    cone: NDArray[np.float64],
    starts: NDArray[np.int64],
    count: NDArray[np.int64],
) -> None:
    """Cut the samples of each tag into pieces and add to ``kept`` what the door keeps of each.

    All but ``cone`` float64[tags] hold the samples of all tags one after another.
    """
    pieces = np.maximum(-(-(count - 1) // PIECE_STEPS), 0)
    tag = np.repeat(np.arange(len(count)), pieces)
    number = np.arange(len(tag)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    first = starts[tag] + number * PIECE_STEPS
    last = np.minimum(first + PIECE_STEPS, (starts + count - 1)[tag])
    kept[last] = True
    longest_first = np.argsort(first - last, kind="stable")
    for at in range(0, len(tag), SIDE_BY_SIDE):
        some = longest_first[at : at + SIDE_BY_SIDE]
        steps = np.arange(int(last[some[0]] - first[some[0]]) + 1)[:, None]
        # A piece that has ended stands still at its last sample, which is kept.
        index = np.minimum(first[some] + steps, last[some])
        _swing(kept, index, since[index], value[index], cone[tag[some]])


def _swing(
    kept: NDArray[np.bool_],
    index: NDArray[np.int64],
    since: NDArray[np.float64],
    value: NDArray[np.float64],
    cone: NDArray[np.float64],
) -> None:
    """The door over pieces side by side, step by step. ``index``, ``since``, ``value`` [steps×pieces]."""
    forced, n = kept[index], len(cone)
    # Of each piece: time and value of the last kept sample, and the lowest and highest slope of the cone.
    state, fresh = np.empty((4, n)), np.empty((4, n))
    state[:] = fresh[:] = np.array([0.0, 0.0, -np.inf, np.inf])[:, None]
    state[0], state[1] = since[0], value[0]
    bits, fresh_bits, mixed = state.view(np.int64), fresh.view(np.int64), np.empty((4, n), np.int64)
    step, slope, spread, chosen = np.empty(n), np.empty(n), np.empty(n), np.empty(n, np.int64)
    inside, below = np.empty(n, np.bool_), np.empty(n, np.bool_)
    with np.errstate(all="ignore"):
        for row in range(1, len(value)):
            np.subtract(since[row], state[0], out=step)
            np.divide(np.subtract(value[row], state[1], out=slope), step, out=slope)
            np.greater_equal(slope, state[2], out=inside)
            inside &= np.less_equal(slope, state[3], out=below)
            ends = np.less_equal(inside, forced[row - 1], out=forced[row - 1])  # forced, or not inside
            # Where the line ends, begin afresh at its end: choosing by bits takes a quarter of the time.
            fresh[0], fresh[1] = since[row - 1], value[row - 1]
            np.negative(ends.view(np.int8), out=chosen)
            np.bitwise_xor(bits, fresh_bits, out=mixed)
            mixed &= chosen
            bits ^= mixed
            np.subtract(since[row], state[0], out=step)
            np.divide(np.subtract(value[row], state[1], out=slope), step, out=slope)
            np.divide(cone, step, out=spread)
            np.maximum(state[2], np.subtract(slope, spread, out=step), out=state[2])
            np.minimum(state[3], np.add(slope, spread, out=step), out=state[3])
    kept[index[forced]] = True
