"""Where a tag is heading: a robust straight line, with an interval calibrated on the tag's own past.

At every past moment (rolling origin) the same line is drawn and held against what came. From that come how
much of the slope is believed, how far ahead it beats "stays as it is", and the interval. No seasons. Where it
does not beat persistence there is no forecast.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from engine.types import Forecast

Floats = NDArray[np.float64]

WINDOWS = (12, 24, 48, 96)
"""Rows a slope is drawn through; the one with the best skill is taken."""
LEVEL_ROWS = 5
POINTS = 24
SHARE = 0.8
LEAST_ORIGINS = 24
LEAST_POINTS = 3
RECENT_WINDOWS = 3
"""Slope and skill are judged over the last so many windows: a fault is newer than the history."""
LEAST_SKILL = 0.05
"""1 − mean error over that of persistence: below this it is luck."""
ALIKE = 0.5
"""A past moment was like this one when its slope was at least so much of the present one, up or down."""


def farthest(values: ArrayLike, row_us: int, ahead_us: int) -> tuple[float, float]:
    """Between which values every middle stays that `forecast` could draw; quick, for it judges nothing.

    The slope is believed wholly at most, so a limit outside of these is not met. (NaN, NaN) = no forecast.
    """
    rows = np.asarray(values, np.float64)
    most = min(ahead_us // row_us, len(rows) // 3)
    ends = [np.nan]
    for window in WINDOWS:
        if len(rows) >= window and np.isfinite(rows[-LEVEL_ROWS:]).any():
            line = _line(rows[-window:], window, np.ones(1, np.int64))
            ends += [float(line.level[-1]), float(line.level[-1] + line.slope[-1] * most)]
    known = [each for each in ends if np.isfinite(each)]
    return min(known, default=np.nan), max(known, default=np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """Level [n] and slope a row [n] at every origin; steps ahead [h]; changes [n, h] that came."""

    level: Floats
    slope: Floats
    ahead: NDArray[np.int64]
    came: Floats


def forecast(
    path: str,
    end_us: int,
    row_us: int,
    values: ArrayLike,
    ahead_us: int,
    limit: float | None = None,
) -> Forecast | None:
    """What is ahead of the rows float[n], equally ``row_us`` apart, NaN = none; ``end_us`` = the last.

    None = no forecast: too little history, no value in the last rows, or the line does not beat persistence.
    It ends before ``ahead_us`` where it was not seen to beat it so far ahead, or the history is shorter than
    three times that.
    """
    rows = np.asarray(values, np.float64)
    most = min(ahead_us // row_us, len(rows) // 3)
    if most < LEAST_POINTS or not np.isfinite(rows[-LEVEL_ROWS:]).any():
        return None
    ahead = np.unique(np.round(np.linspace(1, most, POINTS)).astype(np.int64))
    best, skilled = None, 0.0
    for window in WINDOWS:
        if len(rows) >= window + most + LEAST_ORIGINS and np.isfinite(rows[-window:]).mean() > 0.5:
            line = _line(rows, window, ahead)
            steep, reach, skill = _judged(line, RECENT_WINDOWS * window)
            if reach >= LEAST_POINTS and skill > skilled and np.isfinite(line.slope[-1]):
                best, skilled = (line, steep, reach), skill
    if best is None or skilled < LEAST_SKILL:
        return None
    return _drawn(path, end_us, row_us, *best, limit)


def _line(rows: Floats, window: int, ahead: NDArray[np.int64]) -> _Line:
    """The line at every origin, from rows up to it alone.

    Slope = median of the slopes between the rows of the two halves of the window (Theil 1950, pairs half a
    window apart): nearly half of the rows may be wrong.
    """
    half, count = window // 2, len(rows)
    slope, level = np.full(count, np.nan), np.full(count, np.nan)
    steps = (rows[half:] - rows[:-half]) / half
    slope[2 * half - 1 :] = _median(sliding_window_view(steps, half))
    lags = np.arange(LEVEL_ROWS - 1, -1, -1)
    last = sliding_window_view(rows, LEVEL_ROWS)
    level[LEVEL_ROWS - 1 :] = _median(last + slope[LEVEL_ROWS - 1 :, None] * lags)
    came = np.full((count, len(ahead)), np.nan)
    for at, step in enumerate(ahead):
        came[:-step, at] = rows[step:] - level[:-step]
    return _Line(level, slope, ahead, came)


def _median(rows: Floats) -> Floats:
    """Median of each row of what is finite, NaN where less than half is."""
    enough = np.isfinite(rows).mean(1) >= 0.5
    found = np.full(len(rows), np.nan)
    if enough.any():
        found[enough] = np.nanmedian(rows[enough], axis=1)
    return found


def _judged(line: _Line, recent: int) -> tuple[float, int, float]:
    """How much of the slope is believed (0…1), how many steps ahead it beats persistence, and the mean skill.

    The share is taken from the older half of the recent origins and judged on the newer one. As a fault may
    be newer than the longest step ahead, each step has its own recent origins, the last whose truth is known.
    Besides, the line has to beat persistence at all moments that looked like this one: as steep, and with a
    line that had done well until then. Otherwise a slow wave would be drawn on just where it turns.
    """
    shares, skills = np.zeros(len(line.ahead)), np.full(len(line.ahead), -np.inf)
    drawn = line.slope[:, None] * line.ahead
    for at in range(len(line.ahead)):
        known = np.flatnonzero(np.isfinite(line.came[:, at]) & np.isfinite(line.slope))[-recent:]
        if len(known) < LEAST_ORIGINS:
            break
        older, newer = np.array_split(known, 2)
        shares[at] = _share(drawn[older, at], line.came[older, at])
        now = _skill(line.came[newer, at], shares[at] * drawn[newer, at])
        like = _alike(line) & np.isfinite(line.came[:, at])
        like &= _was_trusted(line.came[:, at], shares[at] * drawn[:, at], int(line.ahead[at]), recent)
        ever = _skill(line.came[like, at], shares[at] * drawn[like, at])
        skills[at] = min(now, ever)
    below = np.flatnonzero(skills <= -LEAST_SKILL)  # a step or two ahead nothing beats persistence by much
    reach = int(below[0]) if len(below) else len(skills)
    if reach == 0:
        return 0.0, 0, -np.inf
    return float(np.median(shares[:reach])), reach, float(skills[:reach].mean())


def _alike(line: _Line) -> NDArray[np.bool_]:
    return np.abs(line.slope) >= ALIKE * np.abs(line.slope[-1])


def _was_trusted(came: Floats, drawn: Floats, step: int, recent: int) -> NDArray[np.bool_]:
    """Origins [n] at which the line had beaten persistence over the recent origins whose truth was known."""
    gain = np.nan_to_num(np.abs(came) - np.abs(came - drawn))
    total = np.concatenate([np.zeros(recent + step), np.cumsum(gain)])
    known = total[recent : recent + len(came)]
    return known - total[: len(came)] > 0


def _skill(came: Floats, drawn: Floats) -> float:
    persisted = float(np.abs(came).mean()) if len(came) else 0.0
    return 1.0 - float(np.abs(came - drawn).mean()) / persisted if persisted > 0 else -np.inf


def _share(drawn: Floats, came: Floats) -> float:
    power = float(drawn @ drawn)
    return min(max(float(drawn @ came) / power, 0.0), 1.0) if power > 0 else 0.0


def _drawn(
    path: str, end_us: int, row_us: int, line: _Line, share: float, reach: int, limit: float | None
) -> Forecast:
    ahead = line.ahead[:reach]
    errors = line.came[:, :reach] - share * line.slope[:, None] * ahead
    low, high = _interval(errors, _alike(line))
    middle = line.level[-1] + share * line.slope[-1] * ahead
    at_us = end_us + ahead * row_us
    crossing = (
        _crossings(end_us, float(line.level[-1]), at_us, middle, middle + low, middle + high, limit)
        if limit is not None
        else (None, None, None)
    )
    return Forecast(
        path,
        tuple(int(each) for each in at_us),
        tuple(middle.tolist()),
        tuple((middle + low).tolist()),
        tuple((middle + high).tolist()),
        limit,
        *crossing,
    )


def _interval(errors: Floats, alike: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Ends of the interval [h] about the middle, never narrower further ahead.

    Quantiles of past errors: of all, of the newer quarter, of moments like this one; the widest, for a quiet
    past does not vouch for a troubled present. n + 1 in place of n as in conformal prediction (Vovk 2005).
    """
    low, high = np.zeros(errors.shape[1]), np.zeros(errors.shape[1])
    for at in range(errors.shape[1]):
        there = np.isfinite(errors[:, at])
        known, like = errors[there, at], errors[there & alike, at]
        for part in (known, known[-max(len(known) // 4, LEAST_ORIGINS) :], like):
            if not len(part):
                continue
            outer = min((1.0 + SHARE) / 2.0 * (len(part) + 1) / len(part), 1.0)
            low[at] = min(low[at], float(np.quantile(part, 1.0 - outer)))
            high[at] = max(high[at], float(np.quantile(part, outer)))
    return np.minimum.accumulate(low), np.maximum.accumulate(high)


def _crossings(
    end_us: int,
    level: float,
    at_us: NDArray[np.int64],
    middle: Floats,
    low: Floats,
    high: Floats,
    limit: float,
) -> tuple[int | None, int | None, int | None]:
    """When the middle crosses the limit from the side the tag is on, the earliest and the latest."""
    if level == limit:
        return None, None, None
    near, far = (high, low) if level < limit else (low, high)
    found = [_first(end_us, level, at_us, each, limit) for each in (middle, near, far)]
    return found[0], found[1], found[2]


def _first(end_us: int, level: float, at_us: NDArray[np.int64], line: Floats, limit: float) -> int | None:
    """The time at which ``line``, from ``level`` at ``end_us`` on, first reaches the limit."""
    side = line >= limit if level < limit else line <= limit
    if not side.any():
        return None
    at = int(np.argmax(side))
    from_us, before = (end_us, level) if at == 0 else (int(at_us[at - 1]), float(line[at - 1]))
    part = (limit - before) / (float(line[at]) - before)
    return from_us + round(part * (int(at_us[at]) - from_us))
