"""How the marked stretch of a trend is painted."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from hmi.theme import colour, font
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_scene import Scene
from hmi.widgets.trend_selection import Selection

GROUND_ALPHA = 105
GRIP_WIDE_PX, GRIP_HIGH_PX = 8.0, 30.0
_Align = Qt.AlignmentFlag


def paint_selected_ground(painter: QPainter, scene: Scene, selection: Selection) -> None:
    """The tint under the curves."""
    box = selected_box(scene, selection)
    if box is not None:
        painter.fillRect(box, colour(scene.theme.colour.selected, GROUND_ALPHA))


def paint_selected(painter: QPainter, scene: Scene, selection: Selection) -> None:
    """Over the curves: both edges with their grips, and how long it is."""
    tokens, plot = scene.theme.colour, scene.plot
    if selection.span is None:
        if selection.anchor_us is not None and scene.shows(selection.anchor_us):
            _paint_edge(painter, scene, selection.anchor_us)
        return
    for edge in selection.span:
        if scene.shows(edge):
            _paint_edge(painter, scene, edge)
    box = selected_box(scene, selection)
    if box is None:
        return
    painter.setFont(font(scene.theme, scene.theme.size.small, True))
    words = lines.exact_length(selection.span[1] - selection.span[0])
    width = painter.fontMetrics().horizontalAdvance(words) + 14
    label = QRectF(0, plot.bottom() - 26, width, 20)
    label.moveCenter(QPointF(box.center().x(), label.center().y()))
    label.moveLeft(min(max(label.left(), plot.left() + 2), plot.right() - width - 2))
    painter.setPen(QPen(colour(tokens.outline), 1))
    painter.setBrush(colour(tokens.control))
    painter.drawRoundedRect(label, 3, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(colour(tokens.text))
    painter.drawText(label, _Align.AlignCenter, words)


def selected_box(scene: Scene, selection: Selection) -> QRectF | None:
    """The part of the plot that is marked; None where that is elsewhere."""
    if selection.span is None or scene.span is None:
        return None
    left, right = (scene.x(edge) for edge in selection.span)
    left, right = max(left, scene.plot.left()), min(right, scene.plot.right())
    return QRectF(left, scene.plot.top(), right - left, scene.plot.height()) if right > left else None


def _paint_edge(painter: QPainter, scene: Scene, time_us: int) -> None:
    plot, x = scene.plot, scene.x(time_us)
    painter.setPen(QPen(colour(scene.theme.colour.text), 1.6))
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
    grip = QRectF(0, 0, GRIP_WIDE_PX, GRIP_HIGH_PX)
    grip.moveCenter(QPointF(x, plot.center().y()))
    painter.setPen(QPen(colour(scene.theme.colour.text), 1.4))
    painter.setBrush(colour(scene.theme.colour.control))
    painter.drawRoundedRect(grip, 3, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
