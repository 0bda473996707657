"""How the still parts of a trend are painted: grid, axes, limit lines, times."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from hmi.formats import t
from hmi.theme import colour, font
from hmi.widgets import trend_lines as lines
from hmi.widgets.alarm_badge import paint_alarm_badge
from hmi.widgets.trend_scene import ABOVE_PX, AXIS_GAP_PX, BOTTOM_PX, LANE_PX, Axis, LimitLine, Scene

LABEL_PX, BADGE_PX, TICK_PX = 18, 16, 16
_Align = Qt.AlignmentFlag


def paint_ground(painter: QPainter, scene: Scene) -> None:
    """What stands still under the curves: grid, axes and limit lines."""
    if scene.axes:
        _paint_grid(painter, scene)
    for place, axis in enumerate(scene.axes):
        _paint_axis(painter, scene, axis, place)
    _paint_limits(painter, scene)
    if scene.hidden_axes:
        painter.setFont(font(scene.theme, scene.theme.size.small))
        painter.setPen(colour(scene.theme.colour.muted))
        note = t("{n} more axes: tap for values", n=scene.hidden_axes)
        box = QRectF(scene.plot.left(), scene.plot.top() - ABOVE_PX, scene.plot.width() - 134, 18)
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
    painter.drawText(QRectF(left, plot.top() - ABOVE_PX, width, 18), align, unit)
    painter.setFont(font(scene.theme, small))
    ticks = axis.ticks(scene.locale)
    # In a low plot every second number, so that none stands in its neighbour.
    every = math.ceil(TICK_PX * (len(ticks) - 1) / max(1.0, plot.height()))
    for value, text in ticks[:: max(1, every)]:
        box = QRectF(left, axis.y(value, plot) - 9, width, 18)
        word = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
        painter.drawText(box, align | _Align.AlignVCenter, word)


def _paint_limits(painter: QPainter, scene: Scene) -> None:
    """Grey and dashed, a trip solid. Their names come over the curves: `paint_limit_names`."""
    for line in scene.limits:
        style = Qt.PenStyle.SolidLine if line.kind == "trip" else Qt.PenStyle.CustomDashLine
        ink = QPen(colour(scene.theme.colour.outline), 1.2, style)
        if line.kind != "trip":
            ink.setDashPattern([4, 3])
        painter.setPen(ink)
        y = round(line.axis.y(line.value, scene.plot)) + 0.5
        painter.drawLine(QPointF(scene.plot.left(), y), QPointF(scene.plot.right(), y))


def label_places(scene: Scene) -> list[tuple[LimitLine, QRectF]]:
    """Where the name of every limit stands: at the left over its line, aside where two would overlap."""
    placed: list[tuple[LimitLine, QRectF]] = []
    plot = scene.plot
    # Names stand clear of the rows of alarms.
    top = plot.top() + max(0.0, scene.rows - 1) * LANE_PX
    for line in sorted(scene.limits, key=lambda each: each.axis.y(each.value, plot)):
        y = line.axis.y(line.value, plot)
        metrics = QFontMetrics(font(scene.theme, scene.theme.size.small, line.alarm is not None))
        width = metrics.horizontalAdvance(line.text) + 4 + (BADGE_PX + 4) * (line.alarm is not None)
        above = y - LABEL_PX - 1 if y - LABEL_PX > top else max(y + 2, top)
        box = QRectF(plot.left() + 6, above, width, LABEL_PX)
        while clash := [other.right() for _, other in placed if box.intersects(other)]:
            box.moveLeft(max(clash) + 10)
        placed.append((line, box))
    return placed


def paint_limit_names(painter: QPainter, scene: Scene) -> None:
    """The name of every limit over the curves, where no line runs through it; crossed ones with a badge."""
    for line, box in label_places(scene):
        # Thin enough that a spike under it is still seen.
        ground = colour(scene.theme.colour.panel, 140)
        painter.fillRect(box.adjusted(-2, 1, 0, -1), ground)
        painter.setFont(font(scene.theme, scene.theme.size.small, line.alarm is not None))
        if line.alarm is None:
            painter.setPen(colour(scene.theme.colour.muted))
            painter.drawText(box, _Align.AlignLeft | _Align.AlignVCenter, line.text)
            continue
        words = box.adjusted(BADGE_PX + 4, 0, 0, 0)
        paint_alarm_badge(
            painter, QRectF(box.left(), box.top() + 1, BADGE_PX, BADGE_PX), line.alarm.priority, scene.theme
        )
        painter.setPen(colour(scene.theme.colour.text))
        painter.drawText(words, _Align.AlignLeft | _Align.AlignVCenter, line.text)
