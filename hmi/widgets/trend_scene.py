"""What one frame of a trend is painted from: axes, the area of the curves, the limit lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetrics

from engine.types import Alarm, Curve, Gap, LimitKind
from hmi import formats
from hmi.alarm_spells import NO_HISTORY, AlarmHistory
from hmi.alarms import is_active
from hmi.formats import t
from hmi.history import Detail
from hmi.pens import Pen
from hmi.theme import Theme, font
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_alarm_lanes import MOST_LANES, Lane
from hmi.widgets.trend_lines import Span

AXIS_PX, AXIS_STEP_PX, AXIS_GAP_PX, MOST_AXIS_PX = 60, 14, 8, 116
TOP_PX, BOTTOM_PX, EDGE_PX = 40, 28, 18
LANE_PX, ABOVE_PX = 18.0, 38.0
"""Height of a row of alarms, the first of which stands over the curves; and of all that stands there."""
MOST_AXES = 4
"""More scales than these are not read any more; the values of all pens stand in the table."""
MOST_PENS_WITH_LIMITS = 8
MOST_WORDS = 6
"""States with a word on their axis."""
EMPTY = Curve(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.bool_))
LIMIT_WORDS: Mapping[LimitKind, str] = {"hh": "HH", "h": "H", "l": "L", "ll": "LL", "trip": "Trip"}


@dataclass(slots=True)
class Axis:
    """One unit: its pens and the range it shows."""

    unit: str
    colour: str
    pens: list[Pen] = field(default_factory=list[Pen])
    range: tuple[float, float] | None = None
    px: int = AXIS_PX

    def ticks(self, locale: str) -> list[tuple[float, str]]:
        """(value, text) of every grid line, or of every state with a name."""
        if self.range is None:
            return []
        low, high = self.range
        states = {0: t("off"), 1: t("on")} if self.pens[0].stepped else self.pens[0].states
        if states is not None:
            named = [
                (float(number), word) for number, word in sorted(states.items()) if low <= number <= high
            ]
            return named[:: -(-len(named) // MOST_WORDS)] if named else []
        decimals = lines.axis_decimals(low, high)
        values = [low + step * (high - low) / lines.DIVISIONS for step in range(lines.DIVISIONS + 1)]
        return [(value, formats.number(value, decimals, locale)) for value in values]

    def fit(self, curves: Sequence[Curve]) -> None:
        """Take the range that the curves, the limits near them and the pens ask for."""
        first = self.pens[0]
        if first.stepped:
            self.range = (-0.5, 1.5)
        elif first.scale is not None:
            self.range = first.scale
        elif first.states:
            self.range = (min(first.states) - 0.5, max(first.states) + 0.5)
        else:
            self._follow(lines.bounds(curves))

    def _follow(self, found: tuple[float, float] | None) -> None:
        ranges = [(p.low, p.high) for p in self.pens if p.low is not None and p.high is not None]
        least = min((high - low for low, high in ranges), default=0.0) * 0.02
        if found is not None:
            limits = [limit for pen in self.pens for limit, _ in pen.limits]
            found = lines.with_limits(*found, limits, least, self.range)
            self.range = lines.steady_range(self.range, *found, least)
        elif self.range is None and ranges:
            self.range = lines.axis_range(min(r[0] for r in ranges), max(r[1] for r in ranges))

    def fit_width(self, theme: Theme, locale: str) -> None:
        """Grow until the longest number fits, in steps; never shrink, so that the curves stand still."""
        metrics = QFontMetrics(font(theme, theme.size.small))
        longest = max((metrics.horizontalAdvance(text) for _, text in self.ticks(locale)), default=0)
        while self.px < min(longest + AXIS_GAP_PX + 2, MOST_AXIS_PX):
            self.px += AXIS_STEP_PX

    def y(self, value: float, plot: QRectF) -> float:
        """A value as a height in pixels."""
        low, high = self.range or (0.0, 1.0)
        return plot.bottom() - (value - low) / (high - low) * plot.height()

    def heights(self, values: NDArray[np.float64], plot: QRectF) -> NDArray[np.float64]:
        """`y` of many values."""
        low, high = self.range or (0.0, 1.0)
        return plot.bottom() - (values - low) * (plot.height() / (high - low))


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One limit on show. ``alarm`` is the active and annunciated one that it raised, if any."""

    axis: Axis
    value: float
    kind: LimitKind
    text: str
    alarm: Alarm | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """All that one frame is painted from. ``plot`` is the area of the curves inside ``whole``.

    ``detail`` = how much of the stored curves has come; ``gaps`` = what is known to be missing in the
    window; ``oldest_us`` = the first sample of the plant, None = not known. ``curves`` and ``axis_of`` are
    by live position; ``strong`` is that of the pen that stands out. ``grid`` = the span on whole pixels.
    ``history`` = what the alarms of the pens did, ``lanes`` the rows of it; ``is_lean`` = in one row.
    ``moment`` = an instant that somebody asked for, and what it is.
    """

    theme: Theme
    whole: QRectF
    plot: QRectF
    span: Span | None
    now_us: int
    zone: str
    locale: str
    axes: tuple[Axis, ...]
    cursor_us: int | None
    is_stalled: bool
    hidden_axes: int = 0
    mark_us: int | None = None
    limits: tuple[LimitLine, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    detail: Detail = Detail()
    gaps: tuple[Gap, ...] = ()
    oldest_us: int | None = None
    pens: tuple[Pen, ...] = ()
    curves: Mapping[int, Curve] = field(default_factory=dict[int, Curve])
    axis_of: Mapping[int, Axis] = field(default_factory=dict[int, Axis])
    strong: int | None = None
    grid: Span | None = None
    history: AlarmHistory = NO_HISTORY
    lanes: tuple[Lane, ...] = ()
    is_lean: bool = False
    moment: tuple[int, str] | None = None

    def __post_init__(self) -> None:
        if self.span is not None:
            object.__setattr__(self, "grid", replace(self.span, pixels=round(self.plot.width())))

    @property
    def rows(self) -> int:
        """How many rows of alarms there are."""
        if self.span is None or self.is_lean:
            return 0
        seen = (lane.seen(self.span.start_us, self.span.end_us).size for lane in self.lanes)
        return min(MOST_LANES, sum(1 for each in seen if each))

    def curve(self, pen: Pen) -> Curve:
        """The curve of a pen; empty where none has come."""
        return self.curves.get(pen.index, EMPTY)

    def drawn(self) -> list[Curve]:
        """The curves of all pens."""
        return [self.curve(pen) for pen in self.pens]

    def x(self, time_us: int) -> float:
        """A time as pixels."""
        if self.span is None:
            return self.plot.left()
        part = (time_us - self.span.start_us) / (self.span.end_us - self.span.start_us)
        return self.plot.left() + part * self.plot.width()

    def shows(self, time_us: int | None) -> bool:
        """The time lies in the window."""
        return (
            time_us is not None
            and self.span is not None
            and self.span.start_us <= time_us <= self.span.end_us
        )


def axes_of(pens: Sequence[Pen], before: Sequence[Axis]) -> list[Axis]:
    """One axis for each unit, set of states and scale of its own; what is known of it stays."""
    kept = {pen.index for pen in pens}
    known = {_key(axis.pens[0]): axis for axis in before if {pen.index for pen in axis.pens} & kept}
    axes: dict[object, Axis] = {}
    for pen in pens:
        key, unit = _key(pen), t("state") if pen.stepped or pen.states else pen.unit
        old = known.get(key, Axis(unit, pen.colour))
        axes.setdefault(key, Axis(unit, pen.colour, [], old.range, old.px)).pens.append(pen)
    return list(axes.values())


def fit_axes(axes: Sequence[Axis], curves: Sequence[Mapping[int, Curve]], theme: Theme, locale: str) -> None:
    """Give every axis the range and the width that its curves, by live position, ask for."""
    for axis in axes:
        drawn = {at for pen in axis.pens for at in (pen.index, pen.setpoint) if at is not None}
        axis.fit([of[at] for at in drawn for of in curves if at in of])
        axis.fit_width(theme, locale)


def by_pen(axes: Sequence[Axis]) -> dict[int, Axis]:
    """The axis of every pen by its live position."""
    return {pen.index: axis for axis in axes for pen in axis.pens}


def _key(pen: Pen) -> object:
    if pen.stepped:
        return "bool"
    if pen.has_own_axis:
        return pen.index
    return (pen.unit, pen.scale, tuple(sorted(pen.states.items())) if pen.states else ())


def limit_lines(
    axes: Sequence[Axis], alarms: Sequence[Alarm], locale: str, chosen: int | None = None
) -> tuple[LimitLine, ...]:
    """The limits within the axes: of the ``chosen`` pen (by live position), else of the first that has any.

    Among many pens nobody could tell whose they are: then only of the chosen one.

    A limit of another pen is among them once it is crossed, and says whose it is.
    """
    active = {(alarm.path, alarm.kind): alarm for alarm in alarms if is_active(alarm)}
    pens = [(pen, axis) for axis in axes for pen in axis.pens if pen.limits]
    few = sum(len(axis.pens) for axis in axes) <= MOST_PENS_WITH_LIMITS
    owner = next((pen for pen, _ in pens if pen.index == chosen), pens[0][0] if pens and few else None)
    found: list[LimitLine] = []
    for pen, axis in pens:
        low, high = axis.range or (0.0, 0.0)
        for value, kind in pen.limits:
            alarm = active.get((pen.path, kind))
            if kind in LIMIT_WORDS and low < value < high and (pen is owner or alarm is not None):
                words = _words(pen, value, kind, pen is not owner, locale)
                found.append(LimitLine(axis, value, kind, words, alarm))
    return tuple(found)


def _words(pen: Pen, value: float, kind: LimitKind, is_other: bool, locale: str) -> str:
    figure = formats.number(value, pen.decimals, locale)
    if pen.decimals and set(figure[-pen.decimals :]) == {"0"}:
        figure = figure[: -pen.decimals - 1]
    words = f"{t(LIMIT_WORDS[kind])} {figure}"
    return f"{pen.name} {words}" if is_other else words


def axes_to_show(whole: QRectF, axes: Sequence[Axis], chosen: int | None = None) -> tuple[Axis, ...]:
    """The first `MOST_AXES`, or two where those would take half of the width; that of the chosen pen always.

    It takes the first place only where it would not be seen otherwise: axes do not change sides for nothing.
    """
    most = MOST_AXES if sum(axis.px for axis in axes[:MOST_AXES]) <= whole.width() / 2 else 2
    left_out = [axis for axis in axes[most:] if chosen in {pen.index for pen in axis.pens}]
    return tuple([*left_out, *axes][:most])


def plot_area(whole: QRectF, axes: Sequence[Axis], chosen: int | None = None) -> QRectF:
    """What is left for the curves beside `axes_to_show`, placed left and right in turn."""
    axes = axes_to_show(whole, axes, chosen)
    left = sum(axis.px for axis in axes[0::2]) or AXIS_PX
    right = sum(axis.px for axis in axes[1::2]) or EDGE_PX
    box = whole.adjusted(left, TOP_PX, -right, -BOTTOM_PX)
    return QRectF(box.left(), box.top(), max(10.0, box.width()), max(10.0, box.height()))
