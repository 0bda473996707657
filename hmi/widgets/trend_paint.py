"""How a trend is painted: grid, axes, range lines, pens, the now line and the cursor's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from hmi import formats
from hmi.formats import t
from hmi.theme import Theme, colour, font
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_lines import Span
from hmi.widgets.trend_pen import Pen, stroke

AXIS_PX, AXIS_STEP_PX, AXIS_GAP_PX = 60, 14, 8
TOP_PX, BOTTOM_PX, EDGE_PX = 34, 28, 18
_ROW_PX = 20
SAMPLE_PX = 22
"""A piece of a pen's line beside its name; long enough to show that it is dashed."""
_Align = Qt.AlignmentFlag


@dataclass(slots=True)
class Axis:
    """One unit: its pens and the range it shows."""

    unit: str
    colour: str
    pens: list[Pen] = field(default_factory=list)
    range: tuple[float, float] | None = None
    px: int = AXIS_PX

    def ticks(self, locale: str) -> list[tuple[float, str]]:
        """(value, text) of every grid line; no text where a state has no name."""
        if self.range is None:
            return []
        low, high = self.range
        values = [low + step * (high - low) / lines.DIVISIONS for step in range(lines.DIVISIONS + 1)]
        if self.pens[0].stepped:
            return [(value, {0.0: t("off"), 1.0: t("on")}.get(value, "")) for value in values]
        decimals = lines.axis_decimals(low, high)
        return [(value, formats.number(value, decimals, locale)) for value in values]

    def fit_width(self, theme: Theme, locale: str) -> None:
        """Grow until the longest number fits, in steps; never shrink, so that the curves stand still."""
        metrics = QFontMetrics(font(theme, theme.size.small))
        longest = max((metrics.horizontalAdvance(text) for _, text in self.ticks(locale)), default=0)
        while self.px < longest + AXIS_GAP_PX + 2:
            self.px += AXIS_STEP_PX

    def y(self, value: float, plot: QRectF) -> float:
        """A value as a height in pixels."""
        low, high = self.range or (0.0, 1.0)
        return plot.bottom() - (value - low) / (high - low) * plot.height()


@dataclass(frozen=True, slots=True)
class Scene:
    """All that one frame is painted from. ``plot`` is the area of the curves inside ``whole``."""

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


def axes_to_show(whole: QRectF, axes: Sequence[Axis]) -> tuple[Axis, ...]:
    """All axes, or the first two where more would take half of the width from the curves."""
    return tuple(axes) if sum(axis.px for axis in axes) <= whole.width() / 2 else tuple(axes[:2])


def plot_area(whole: QRectF, axes: Sequence[Axis]) -> QRectF:
    """What is left for the curves beside `axes_to_show`, placed left and right in turn."""
    axes = axes_to_show(whole, axes)
    left = sum(axis.px for axis in axes[0::2]) or AXIS_PX
    right = sum(axis.px for axis in axes[1::2]) or EDGE_PX
    box = whole.adjusted(left, TOP_PX, -right, -BOTTOM_PX)
    return QRectF(box.left(), box.top(), max(10.0, box.width()), max(10.0, box.height()))


def paint_ground(painter: QPainter, scene: Scene) -> None:
    """What stands still under the curves: grid, axes and range lines."""
    _paint_grid(painter, scene)
    for place, axis in enumerate(scene.axes):
        _paint_axis(painter, scene, axis, place)
    _paint_limits(painter, scene)
    if scene.hidden_axes:
        painter.setFont(font(scene.theme, scene.theme.size.small))
        painter.setPen(colour(scene.theme.colour.muted))
        note = t("{n} more axes: tap for values", n=scene.hidden_axes)
        box = QRectF(scene.plot.left(), scene.plot.top() - 32, scene.plot.width() - 134, 18)
        text = painter.fontMetrics().elidedText(note, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, _Align.AlignLeft, text)


def _paint_grid(painter: QPainter, scene: Scene) -> None:
    tokens, plot = scene.theme.colour, scene.plot
    painter.setPen(QPen(colour(tokens.grid), 1))
    for step in range(lines.DIVISIONS + 1):
        y = round(plot.bottom() - step * plot.height() / lines.DIVISIONS) + 0.5
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))


def paint_times(painter: QPainter, scene: Scene) -> None:
    """The axis of time."""
    tokens, plot = scene.theme.colour, scene.plot
    if scene.span is None:
        return
    painter.setFont(font(scene.theme, scene.theme.size.small))
    for time_us, text in lines.time_ticks(scene.span, scene.zone):
        x = scene.x(time_us)
        painter.setPen(QPen(colour(tokens.outline), 1))
        painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 4))
        painter.setPen(colour(tokens.muted))
        # At the edges a label leans inwards instead of being cut.
        middle = min(max(x, 36), scene.whole.right() - 36)
        box = QRectF(middle - 60, plot.bottom() + 6, 120, BOTTOM_PX - 6)
        painter.drawText(box, _Align.AlignHCenter | _Align.AlignTop, text)


def _paint_axis(painter: QPainter, scene: Scene, axis: Axis, place: int) -> None:
    plot, small = scene.plot, scene.theme.size.small
    is_left = place % 2 == 0
    nearer = sum(each.px for each in scene.axes[place % 2 : place : 2])
    left = plot.left() - nearer - axis.px if is_left else plot.right() + nearer + AXIS_GAP_PX
    align = _Align.AlignRight if is_left else _Align.AlignLeft
    width = axis.px - AXIS_GAP_PX
    painter.setPen(colour(axis.colour))
    painter.setFont(font(scene.theme, small, True))
    unit = painter.fontMetrics().elidedText(axis.unit, Qt.TextElideMode.ElideRight, width)
    painter.drawText(QRectF(left, plot.top() - 32, width, 18), align, unit)
    painter.setFont(font(scene.theme, small))
    for value, text in axis.ticks(scene.locale):
        box = QRectF(left, axis.y(value, plot) - 9, width, 18)
        painter.drawText(box, align | _Align.AlignVCenter, text)


def _paint_limits(painter: QPainter, scene: Scene) -> None:
    # Only of the first pen: eight pairs of lines would hide the curves they belong to.
    axis, plot = scene.axes[0] if scene.axes else None, scene.plot
    if axis is None or axis.range is None or axis.pens[0].stepped:
        return
    pen = axis.pens[0]
    painter.setFont(font(scene.theme, scene.theme.size.small))
    for value, word in ((pen.high, t("Range high")), (pen.low, t("Range low"))):
        if value is None or not axis.range[0] < value < axis.range[1]:
            continue
        y = axis.y(value, plot)
        painter.setPen(QPen(colour(scene.theme.colour.outline), 1.2, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.setPen(colour(scene.theme.colour.muted))
        above = y - 19 if y - 19 > plot.top() else y + 2
        text = f"{word} {formats.number(value, lines.axis_decimals(*axis.range), scene.locale)}"
        painter.drawText(QRectF(plot.left() + 6, above, 200, 18), _Align.AlignLeft, text)


def paint_now(painter: QPainter, scene: Scene) -> None:
    """The upright line at now, with the time at the plant."""
    if not scene.shows(scene.now_us):
        return
    plot, x = scene.plot, scene.x(scene.now_us)
    painter.setPen(QPen(colour(scene.theme.colour.text), 1.6))
    painter.drawLine(QPointF(x, plot.top() - 10), QPointF(x, plot.bottom()))
    painter.setFont(font(scene.theme, scene.theme.size.small, True))
    text = t("now {time}", time=formats.clock(scene.now_us, scene.zone))
    fits = x - 130 >= plot.left()
    box = QRectF(x - 130 if fits else x + 4, plot.top() - 32, 126, 18)
    painter.drawText(box, _Align.AlignRight if fits else _Align.AlignLeft, text)


def paint_cursor(painter: QPainter, scene: Scene, told: Sequence[tuple[Pen, str]]) -> None:
    """The cursor and the values of all pens at it."""
    if scene.cursor_us is None or not scene.shows(scene.cursor_us):
        return
    tokens, plot, x = scene.theme.colour, scene.plot, scene.x(scene.cursor_us)
    painter.setPen(QPen(colour(tokens.text), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
    painter.setFont(font(scene.theme, scene.theme.size.small, True))
    metrics = painter.fontMetrics()
    width = (
        SAMPLE_PX + 50 + max((metrics.horizontalAdvance(pen.name + text) for pen, text in told), default=90)
    )
    box = QRectF(x + 12, plot.top() + 6, max(width, 130), _ROW_PX * (len(told) + 1) + 12)
    if box.right() > plot.right():
        box.moveRight(x - 12)
    painter.setPen(QPen(colour(tokens.outline), 1))
    painter.setBrush(colour(tokens.control))
    painter.drawRoundedRect(box, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(colour(tokens.text))
    inner = box.adjusted(10, 6, -10, -6)
    when = formats.moment(scene.cursor_us, scene.now_us, scene.zone)
    painter.drawText(QRectF(inner.topLeft(), inner.topRight() + QPointF(0, _ROW_PX)), _Align.AlignLeft, when)
    for place, (pen, text) in enumerate(told, start=1):
        row = QRectF(inner.left(), inner.top() + place * _ROW_PX, inner.width(), _ROW_PX)
        _paint_told(painter, scene.theme, row, pen, text)


def _paint_told(painter: QPainter, theme: Theme, row: QRectF, pen: Pen, text: str) -> None:
    middle = row.top() + 9
    painter.setPen(stroke(pen, pen.colour, 2.4))
    painter.drawLine(QPointF(row.left(), middle), QPointF(row.left() + SAMPLE_PX, middle))
    painter.setFont(font(theme, theme.size.small))
    painter.setPen(colour(theme.colour.muted))
    painter.drawText(row.adjusted(SAMPLE_PX + 8, 0, 0, 0), _Align.AlignLeft, pen.name)
    painter.setFont(font(theme, theme.size.small, True))
    painter.setPen(colour(theme.colour.text))
    painter.drawText(row, _Align.AlignRight, text)


def paint_empty(painter: QPainter, scene: Scene, has_pens: bool) -> None:
    """Words where there is no curve: why, or what to do."""
    painter.setFont(font(scene.theme, scene.theme.size.body))
    painter.setPen(colour(scene.theme.colour.muted))
    text = t("No history in this stretch of time.") if has_pens else t("Tap a tile to draw its trend here.")
    painter.drawText(scene.plot, _Align.AlignCenter, text)
