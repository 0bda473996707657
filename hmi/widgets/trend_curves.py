"""How the pens of a trend are painted: lines, bands and setpoints. On any device, in any thread."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.types import Curve
from hmi.pens import Pen
from hmi.theme import colour
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_scene import EMPTY, Scene

PEN_PX, STRONG_PX, SETPOINT_PX = 2.0, 2.8, 1.2
THIN_PX, THIN_FROM = 1.0, 9
"""So many pens are drawn thin: easier to follow, and a third less work."""
EDGE_PX, BAND_ALPHA, STRONG_BAND_ALPHA = 0.6, 70, 120
STALLED_PART = 0.4
"""What is left of a pen's colour while nothing is current: less than looks live, enough to tell apart."""
Pieces = NDArray[np.float64]
"""float64[k, 4]: straight lines in pixels as x, y, x, y."""
Draw = Callable[[QPainter, Pieces], None]
"""Draws pieces with the pen of the painter."""


def paint_pens(painter: QPainter, scene: Scene, draw: Draw) -> None:
    """All pens, the strong one over the others."""
    for pen in sorted(scene.pens, key=lambda each: each.index == scene.strong):
        if pen.setpoint is not None:
            _paint_setpoint(painter, scene, pen, draw)
        curve = scene.curve(pen)
        if curve.time_us.size and scene.axis_of[pen.index].range is not None and scene.span is not None:
            _paint_pen(painter, scene, pen, curve, draw)


def line(
    scene: Scene, pen: Pen, curve: Curve, is_stepped: bool | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The line of a pen as it is drawn: x and y in the coordinates of the trend, NaN in gaps."""
    axis = scene.axis_of[pen.index]
    if scene.grid is None or curve.time_us.size == 0 or axis.range is None:
        return np.empty(0), np.empty(0)
    stepped = (pen.stepped or bool(pen.states)) if is_stepped is None else is_stepped
    x, y = lines.vertices(curve, scene.grid, stepped)
    return x + scene.plot.left(), axis.heights(y, scene.plot)


def columns(scene: Scene, pen: Pen, curve: Curve) -> tuple[Pieces, Pieces, Pieces]:
    """X and the heights of the lowest and the highest value of every point, in pixels."""
    axis = scene.axis_of[pen.index]
    if scene.grid is None or axis.range is None:
        return np.empty(0), np.empty(0), np.empty(0)
    x = scene.grid.x(curve.time_us) + scene.plot.left()
    return x, axis.heights(curve.low, scene.plot), axis.heights(curve.high, scene.plot)


def _paint_pen(painter: QPainter, scene: Scene, pen: Pen, curve: Curve, draw: Draw) -> None:
    ink = _ink(scene, pen.colour)
    if curve.uncertain.any():
        painter.setPen(QPen(ink, 1.5))
        for part in lines.uncertain_parts(curve):
            draw(painter, lines.hatching(*line(scene, pen, part)))
    width = PEN_PX if len(scene.pens) < THIN_FROM else THIN_PX
    painter.setPen(QPen(ink, STRONG_PX if pen.index == scene.strong else width))
    if not _paint_band(painter, scene, pen, curve, draw):
        draw(painter, lines.segments(*line(scene, pen, curve), int(pen.dash)))
    if not _ends_now(scene, curve):
        return
    x, y = line(scene, pen, lines.last_point(curve))
    if y.size and np.isfinite(y[-1]):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(QPointF(float(x[-1]), float(y[-1])), 3.5, 3.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_band(painter: QPainter, scene: Scene, pen: Pen, curve: Curve, draw: Draw) -> bool:
    """A curve of wide columns as its two edges with a tint between, so that others are seen through it.

    False = it is a line, and nothing was painted.
    """
    if pen.stepped or pen.states:
        return False
    x, low, high = columns(scene, pen, curve)
    if lines.is_zigzag(x, low, high):
        low, high = lines.widened(low, high)
    elif not lines.is_band(low, high):
        return False
    is_strong, is_crowd = pen.index == scene.strong, len(scene.pens) >= THIN_FROM
    edge = painter.pen()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    # Of many tints over one another nobody sees any; only that of the chosen pen is left.
    if not is_crowd or is_strong:
        tint = QColor(edge.color())
        tint.setAlpha(STRONG_BAND_ALPHA if is_strong else BAND_ALPHA)
        painter.setPen(QPen(tint, 1))
        draw(painter, lines.band(x, low, high))
    # Of edges that turn at every pixel nobody sees the stairs, and without smoothing they cost a fifth.
    is_smooth = is_strong or (not is_crowd and x.size < scene.plot.width() / 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, is_smooth)
    edge.setWidthF(EDGE_PX * edge.widthF() if is_smooth else 1)
    painter.setPen(edge)
    # Both edges as one line with a gap between them.
    both = np.concatenate((low, (np.nan,), high))
    draw(painter, lines.segments(np.concatenate((x, x[-1:], x)), both, int(pen.dash)))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return True


def _ends_now(scene: Scene, curve: Curve) -> bool:
    """The last point is the newest of all, not only the last in the window."""
    return scene.span is not None and int(curve.time_us[-1]) <= scene.now_us <= scene.span.end_us


def _ink(scene: Scene, own: str) -> QColor:
    ink = colour(own)
    if not scene.is_stalled:
        return ink
    grey, part = colour(scene.theme.colour.muted), STALLED_PART
    pairs = zip(ink.getRgb()[:3], grey.getRgb()[:3], strict=True)  # pyright: ignore[reportIndexIssue]
    return QColor(*(round(of * part + to * (1 - part)) for of, to in pairs))


def _paint_setpoint(painter: QPainter, scene: Scene, pen: Pen, draw: Draw) -> None:
    curve = scene.curves.get(pen.setpoint if pen.setpoint is not None else -1, EMPTY)
    painter.setPen(QPen(_ink(scene, scene.theme.colour.setpoint), SETPOINT_PX))
    draw(painter, lines.segments(*line(scene, pen, curve, is_stepped=True)))
