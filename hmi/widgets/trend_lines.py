"""The geometry of a trend: curves to vertices, ranges, ticks. numpy only, no Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from engine.types import Curve
from hmi import formats

DIVISIONS = 4
"""Every axis is cut in as many steps, so that all share one set of grid lines."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
DAY_US = 86_400_000_000
_TIME_STEPS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_TIME_STEPS_US = (*(each * 1000 for each in _TIME_STEPS_MS), *(each * 1_000_000 for each in _TIME_STEPS_S))
_DOT_PX = 1.0
STEEP_PX, HATCH_PX, PIECE_PX = 4.0, 6.0, 3.5
DASH_PX = (1.0, 15.0, 9.0, 24.0)
"""How long a pattern of each dash is before it repeats."""
INK_PX = (((0.0, 1.0),), ((0.0, 9.0),), ((0.0, 3.5),), ((0.0, 12.0), (16.0, 19.5)))
"""Where each dash has ink: solid, dashed, dotted, dash and dot."""
BAND_PX = 6.0
ZIGZAG_PX, ZIGZAG_DENSE, ZIGZAG_LEAST_PX, WIDENED = 20.0, 0.3, 50.0, 3
"""A line that climbs and falls so many pixels for each one it goes on is drawn as a band."""
LIMIT_ROOM, LIMIT_ROOM_KEPT = 2.5, 4.0
"""An axis grows to a limit while the data fill 2/5 of it; once the limit is shown, while they fill 1/4."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time on a number of pixels."""

    start_us: int
    end_us: int
    pixels: int

    def x(self, time_us: NDArray[np.int64]) -> NDArray[np.float64]:
        """Times as pixels from the left edge."""
        scale = self.pixels / (self.end_us - self.start_us)
        return (time_us - self.start_us).astype(np.float64) * scale

    def time_us(self, x: float) -> int:
        """The time at a pixel."""
        return self.start_us + round(x * (self.end_us - self.start_us) / self.pixels)


def vertices(
    curve: Curve, span: Span, stepped: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """X in pixels and y in the tag's unit, NaN where the line breaks; every low and high is in it.

    A sample alone between two gaps becomes a dash of two pixels, so that it is seen at all.
    """
    if curve.time_us.size == 0:
        return np.empty(0), np.empty(0)
    x = np.repeat(span.x(curve.time_us), 2)
    rising = np.ones(curve.low.size, np.bool_)
    rising[1:] = curve.low[1:] + curve.high[1:] >= curve.low[:-1] + curve.high[:-1]
    y = np.empty(x.size)
    y[0::2] = np.where(rising, curve.low, curve.high)
    y[1::2] = np.where(rising, curve.high, curve.low)
    alone = _alone(np.isfinite(curve.low))
    x[0::2] -= np.where(alone, _DOT_PX, 0.0)
    x[1::2] += np.where(alone, _DOT_PX, 0.0)
    kept = np.ones(x.size, np.bool_)
    kept[1::2] = (curve.low != curve.high) | alone
    x, y = x[kept], y[kept]
    return _as_steps(x, y) if stepped else (x, y)


def _alone(finite: NDArray[np.bool_]) -> NDArray[np.bool_]:
    padded = np.concatenate(([False], finite, [False]))
    return finite & ~padded[:-2] & ~padded[2:]


def _as_steps(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # Each value holds until the next one: a state goes from off to on at once, not on a slope.
    if x.size < 2:
        return x, y
    wide_x, wide_y = np.empty(2 * x.size - 1), np.empty(2 * x.size - 1)
    wide_x[0::2], wide_y[0::2] = x, y
    wide_x[1::2], wide_y[1::2] = x[1:], np.where(np.isnan(y[1:]), y[:-1], y[:-1])
    return wide_x, wide_y


def segments(x: NDArray[np.float64], y: NDArray[np.float64], dash: int = 0) -> NDArray[np.float64]:
    """float64[k, 4]: the straight pieces (x1, y1, x2, y2) of a line in pixels that breaks at NaN.

    A line with a ``dash`` (of `hmi.pens`) leaves out pieces by their place on the screen, but never a
    steep one: a spike that fell between two dashes would be lost.
    """
    if x.size < 2:
        return np.empty((0, 4))
    pieces = np.empty((x.size - 1, 4))
    pieces[:, 0], pieces[:, 1], pieces[:, 2], pieces[:, 3] = x[:-1], y[:-1], x[1:], y[1:]
    known = np.isfinite(y)
    if not known.all():
        pieces = pieces[known[1:] & known[:-1]]
    if not dash:
        return pieces
    pieces = cut(pieces)
    place = (pieces[:, 0] + pieces[:, 2]) / 2 % DASH_PX[dash]
    inked = np.abs(pieces[:, 3] - pieces[:, 1]) > STEEP_PX
    for first, last in INK_PX[dash]:
        inked |= (first <= place) & (place < last)
    return pieces[inked]


def cut(pieces: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lines in pixels, float64[k, 4] as x, y, x, y, with the long ones in pieces of `PIECE_PX` at most."""
    # A line between two samples far apart is one piece: it would be drawn whole, or not at all.
    wide = pieces[:, 2] - pieces[:, 0]
    if not len(pieces) or float(wide.max()) <= PIECE_PX:
        return pieces
    parts = np.maximum(1, np.ceil(wide / PIECE_PX)).astype(np.intp)
    first = np.repeat(np.cumsum(parts) - parts, parts)
    begin = ((np.arange(first.size) - first) / np.repeat(parts, parts))[:, None]
    step = (1 / np.repeat(parts, parts))[:, None]
    whole = np.repeat(pieces, parts, axis=0)
    along = whole[:, 2:] - whole[:, :2]
    return np.hstack((whole[:, :2] + along * begin, whole[:, :2] + along * (begin + step)))


def is_band(low: NDArray[np.float64], high: NDArray[np.float64]) -> bool:
    """Whether most points of a curve, in pixels, are so far apart that a line between would be a wall."""
    height = np.abs(high - low)
    return bool((height > BAND_PX).sum() * 2 > np.isfinite(height).sum())


def is_zigzag(x: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> bool:
    """Whether a curve, in pixels, goes up and down so steeply and so often that its line would be a wall."""
    width = float(x[-1] - x[0]) if x.size > 1 else 0.0
    if width < ZIGZAG_LEAST_PX or x.size < width * ZIGZAG_DENSE:
        return False
    steps = np.abs(np.diff((low + high) / 2))
    return float(steps[np.isfinite(steps)].sum()) > width * ZIGZAG_PX


def widened(
    low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lowest and highest values, as pixels from the top, of each point and its neighbours; gaps stay."""
    hole = np.isnan(low)
    for _ in range(WIDENED):
        below, above, low, high = low, high, low.copy(), high.copy()
        for to, of in ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))):
            low[to] = np.fmax(low[to], below[of])
            high[to] = np.fmin(high[to], above[of])
        low[hole] = high[hole] = np.nan
    return low, high


def band(x: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[k, 4]: one upright stroke from low to high at every pixel that a curve covers."""
    if x.size == 0:
        return np.empty((0, 4))
    at = np.arange(np.ceil(x[0] - 0.5), x[-1] - 0.5 + 1e-6) + 0.5
    strokes = np.column_stack((at, np.interp(at, x, low), at, np.interp(at, x, high)))
    return strokes[np.isfinite(strokes).all(axis=1)]


def hatching(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[k, 4]: short strokes across a line in pixels, at even places on the screen."""
    known = np.isfinite(y)
    if not known.any():
        return np.empty((0, 4))
    x, y = x[known], y[known]
    at = np.arange(np.ceil(x[0] / HATCH_PX) * HATCH_PX, x[-1] + 1e-6, HATCH_PX)
    at = at if at.size else x[:1]
    middle = np.interp(at, x, y)
    return np.column_stack((at - HATCH_PX, middle + 2 * HATCH_PX, at + HATCH_PX, middle - 2 * HATCH_PX))


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last position of every run of True."""
    edges = np.diff(np.concatenate(([0], flags.astype(np.int8), [0])))
    return list(
        zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True)
    )


def uncertain_parts(curve: Curve) -> list[Curve]:
    """The stretches of a curve that are not plainly good, each up to the next point."""
    parts: list[Curve] = []
    if not curve.uncertain.any():
        return parts
    for first, last in runs(curve.uncertain & np.isfinite(curve.low)):
        cut = slice(first, min(last + 2, curve.time_us.size))
        parts.append(Curve(curve.time_us[cut], curve.low[cut], curve.high[cut], curve.uncertain[cut]))
    return parts


def last_point(curve: Curve) -> Curve:
    """The newest point alone."""
    return Curve(curve.time_us[-1:], curve.low[-1:], curve.high[-1:], curve.uncertain[-1:])


def bounds(curves: Sequence[Curve]) -> tuple[float, float] | None:
    """Smallest and largest value of several curves; None where all of them are empty."""
    low = [float(np.nanmin(c.low)) for c in curves if np.isfinite(c.low).any()]
    high = [float(np.nanmax(c.high)) for c in curves if np.isfinite(c.high).any()]
    return (min(low), max(high)) if low else None


def axis_range(low: float, high: float, least: float = 0.0) -> tuple[float, float]:
    """A range of `DIVISIONS` round steps that holds low…high and is at least ``least`` wide.

    What is added to reach that width does not go below zero where the data do not.
    """
    width = max(high - low, least, abs(high) * 1e-3, 1e-9)
    wide = (low + high - width) / 2
    low, high = (0.0, width) if low >= 0 > wide else (wide, wide + width)
    scale = 10.0 ** math.floor(math.log10(width / DIVISIONS))
    for step in (*(each * scale for each in _STEPS), *(each * scale * 10 for each in _STEPS)):
        start = math.floor(low / step + 1e-9) * step
        if start + DIVISIONS * step >= high - 1e-9 * step:
            return start, start + DIVISIONS * step
    raise AssertionError("a hundredfold step holds any range")


def steady_range(
    before: tuple[float, float] | None, low: float, high: float, least: float = 0.0
) -> tuple[float, float]:
    """`axis_range`, but the old range stays while the data fit and fill a third of it: no jumping axis."""
    if before is not None and before[0] <= low and high <= before[1]:
        if max(high - low, least) >= (before[1] - before[0]) / 3:
            return before
    return axis_range(low, high, least)


def with_limits(
    low: float,
    high: float,
    limits: Sequence[float],
    least: float = 0.0,
    before: tuple[float, float] | None = None,
) -> tuple[float, float]:
    """Data of low…high with the limits near them. A limit far away does not flatten the curve.

    ``least`` = the width that the data are taken to have at least. ``before`` = the range on show.
    """
    width = max(high - low, least, abs(high) * 1e-3, 1e-9)
    seen = (low, high)
    for limit in sorted(limits, key=lambda each: max(low - each, each - high)):
        is_shown = before is not None and before[0] <= limit <= before[1]
        wider = min(seen[0], limit), max(seen[1], limit)
        if wider[1] - wider[0] <= width * (LIMIT_ROOM_KEPT if is_shown else LIMIT_ROOM):
            seen = wider
    return seen


def known(curve: Curve, until_us: int) -> list[tuple[int, int]]:
    """(first, last) UTC microseconds of every stretch without a gap, up to where the source stood by it."""
    return [
        (int(curve.time_us[first]), min(int(curve.time_us[last]), until_us))
        for first, last in runs(np.isfinite(curve.low))
    ]


def unknown(curves: Sequence[Curve], start_us: int, end_us: int) -> list[tuple[int, int]]:
    """The stretches of start…end in which none of the curves has a value."""
    holes: list[tuple[int, int]] = []
    at = start_us
    for first, last in sorted(part for curve in curves for part in known(curve, end_us)):
        if first > at:
            holes.append((at, min(first, end_us)))
        at = max(at, last)
        if at >= end_us:
            break
    if at < end_us:
        holes.append((at, end_us))
    return [(first, last) for first, last in holes if first < last]


def axis_decimals(low: float, high: float) -> int:
    """Digits that tell the ticks of an axis apart."""
    step = (high - low) / DIVISIONS
    for decimals in range(formats.MAX_DECIMALS):
        if abs(round(step, decimals) - step) < 1e-9 * max(1.0, abs(step)):
            return decimals
    return formats.MAX_DECIMALS


def time_ticks(span: Span, zone: str, px_between: int = 110) -> list[tuple[int, str]]:
    """(UTC microseconds, text) at round local times, with the day where a new one begins."""
    most = max(2, span.pixels // px_between)
    length_us = span.end_us - span.start_us
    step = next((each for each in _TIME_STEPS_US if length_us / each <= most), 0)
    step = step or math.ceil(length_us / most / DAY_US) * DAY_US
    first = formats.local(span.start_us, zone)
    midnight = datetime(first.year, first.month, first.day)
    # Steps are counted on the local wall clock from midnight, so that 06:00 stays 06:00 over a clock change.
    count = -(-((first.replace(tzinfo=None) - midnight) // timedelta(microseconds=1)) // step)
    ticks: list[tuple[int, str]] = []
    while True:
        wall = midnight + timedelta(microseconds=count * step)
        time_us = round(wall.replace(tzinfo=first.tzinfo).timestamp() * 1e6)
        if time_us > span.end_us or len(ticks) > 2 * most + 2:
            return ticks
        if time_us >= span.start_us:
            ticks.append((time_us, _tick_text(wall, step)))
        count += 1


def _tick_text(wall: datetime, step_us: int) -> str:
    if wall.hour == wall.minute == wall.second == wall.microsecond == 0:
        return formats.day(wall)
    if step_us >= 60_000_000:
        return f"{wall:%H:%M}"
    if step_us >= 1_000_000:
        return f"{wall:%H:%M:%S}"
    digits = next(digits for digits in (1, 2, 3) if step_us % 10 ** (6 - digits) == 0)
    return f"{wall:%H:%M:%S}.{wall.microsecond // 10 ** (6 - digits):0{digits}d}"


def instant(time_us: int, now_us: int, zone: str, span_us: int) -> str:
    """A time at the plant, as finely as a window of that length lets it be read."""
    text = formats.moment(time_us, now_us, zone)
    if span_us < 10_000_000:
        return f"{text}.{time_us // 1000 % 1000:03d}"
    return f"{text}.{time_us // 100_000 % 10}" if span_us < 120_000_000 else text


def length_text(span_us: int) -> str:
    """A length of time as on the buttons that set it: ``120 ms``, ``1 min``, ``72 h``, ``5 days``."""
    if span_us < 1_000_000:
        return f"{max(1, round(span_us / 1000))} ms"
    seconds = round(span_us / 1e6, 1)
    if 3600 * 47 < seconds < 3600 * 96 and round(seconds) % 3600 == 0:
        return f"{round(seconds) // 3600} h"
    return formats.span(seconds).replace(".0", "")


def exact_length(span_us: int) -> str:
    """A length of time in its two largest units: ``820 ms``, ``12.4 s``, ``6 min 21 s``, ``1 h 06 min``."""
    if span_us < 1_000_000:
        return f"{max(1, round(span_us / 1000))}{formats.THIN}ms"
    seconds = round(span_us / 1e6)
    if seconds < 60:
        return f"{span_us / 1e6:.1f}{formats.THIN}s"
    for unit, part, size, in_part in (("min", "s", 60, 1), ("h", "min", 3600, 60), ("d", "h", 86400, 3600)):
        if seconds < 60 * size if unit != "d" else True:
            whole, rest = divmod(seconds, size)
            more = f" {rest // in_part:02d}{formats.THIN}{part}" if rest // in_part else ""
            return f"{whole}{formats.THIN}{unit}{more}"
    raise AssertionError("days hold any length")


@dataclass(frozen=True, slots=True)
class Figures:
    """Statistics of one curve in a window. ``mean`` is weighted with time; gaps count for nothing."""

    least: float
    mean: float
    most: float
    last: float


def figures(curve: Curve, start_us: int, end_us: int) -> Figures | None:
    """The statistics between two instants; None where there is no value.

    Each point holds until the next one. Of a bucket only its smallest and largest value are known: its
    part of the mean is the middle of the two.
    """
    if curve.time_us.size == 0:
        return None
    ends = np.append(curve.time_us[1:], curve.time_us[-1])
    held = np.clip(ends, start_us, end_us) - np.clip(curve.time_us, start_us, end_us)
    inside = (held > 0) | ((curve.time_us >= start_us) & (curve.time_us <= end_us))
    seen = inside & np.isfinite(curve.low)
    if not seen.any():
        return None
    low, high = curve.low[seen], curve.high[seen]
    weight = held[seen].astype(np.float64)
    middle = (low + high) / 2
    mean = float(np.average(middle, weights=weight)) if weight.any() else float(middle.mean())
    return Figures(float(low.min()), mean, float(high.max()), float(high[-1]))


def value_at(curve: Curve, time_us: int) -> tuple[float, float] | None:
    """(low, high) of the bucket that holds at a time; None before the first one, or in a gap."""
    place = int(np.searchsorted(curve.time_us, time_us, side="right")) - 1
    if place < 0 or not np.isfinite(curve.low[place]):
        return None
    return float(curve.low[place]), float(curve.high[place])
