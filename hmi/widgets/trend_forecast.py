"""Where a pen is heading, over the trend: a dashed middle and its cone from the last value on.

In the colour of predictions, never in that of an alarm; a crossing is marked by the hatched diamond.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from engine.types import Curve, Forecast
from hmi import formats
from hmi.pens import Pen
from hmi.theme import colour, font
from hmi.widgets.predicted_mark import paint_predicted
from hmi.widgets.trend_scene import Scene

CONE_ALPHA, EDGE_ALPHA, LINE_PX, MARK_PX, WHISKER_PX = 46, 150, 2.2, 18.0, 7.0
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """A forecast joined to the last value of its pen: UTC microseconds, and values in the tag's unit.

    The first point is the last value itself, where nothing is uncertain yet.
    """

    pen: Pen
    time_us: NDArray[np.int64]
    middle: Floats
    low: Floats
    high: Floats
    told: Forecast

    def until(self, end_us: int) -> Curve:
        """What of it lies before ``end_us``, as a curve from the lowest to the highest."""
        inside = self.time_us[self.time_us < end_us]
        last_us = min(end_us, int(self.time_us[-1]))
        times = np.append(inside, last_us).astype(np.int64)
        low, high = (np.interp(times, self.time_us, each) for each in (self.low, self.high))
        return Curve(times, low, high, np.zeros(len(times), np.bool_))


def ahead_of(pen: Pen, forecast: Forecast, curve: Curve) -> Ahead | None:
    """Join a forecast to the newest point of a curve; None where that is a gap, or later than all of it."""
    if not curve.time_us.size or not np.isfinite(curve.low[-1]):
        return None
    last_us, last = int(curve.time_us[-1]), float(curve.low[-1] + curve.high[-1]) / 2
    times = np.array(forecast.at_us, np.int64)
    later = times > last_us
    if not later.any():
        return None
    middle, low, high = (
        np.concatenate(([last], np.array(each, np.float64)[later]))
        for each in (forecast.middle, forecast.low, forecast.high)
    )
    return Ahead(pen, np.concatenate(([last_us], times[later])), middle, low, high, forecast)


def paint_ahead(painter: QPainter, scene: Scene, ahead: Ahead) -> None:
    """Cone, middle, and where the middle crosses the limit."""
    axis = scene.axis_of.get(ahead.pen.index)
    if scene.span is None or axis is None or axis.range is None:
        return
    x = [scene.x(int(each)) for each in ahead.time_us]
    low, middle, high = (axis.heights(each, scene.plot) for each in (ahead.low, ahead.middle, ahead.high))
    token = scene.theme.colour.prediction
    edges = [[QPointF(*each) for each in zip(x, y.tolist(), strict=True)] for y in (high, low, middle)]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(token, CONE_ALPHA))
    painter.drawPolygon(QPolygonF([*edges[0], *edges[1][::-1]]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour(token, EDGE_ALPHA), 1))
    for edge in edges[:2]:
        painter.drawPolyline(QPolygonF(edge))
    painter.setPen(QPen(colour(token), LINE_PX, Qt.PenStyle.DashLine))
    painter.drawPolyline(QPolygonF(edges[2]))
    told = ahead.told
    if told.limit is not None and told.crosses_us is not None:
        _paint_crossing(painter, scene, axis.y(told.limit, scene.plot), told, int(ahead.time_us[-1]))


def _paint_crossing(painter: QPainter, scene: Scene, y: float, told: Forecast, end_us: int) -> None:
    """A bar from the earliest to the latest, the diamond where the middle crosses, and its time."""
    crosses_us = told.crosses_us or 0
    first, last = scene.x(told.earliest_us or crosses_us), scene.x(told.latest_us or end_us)
    ink, x = colour(scene.theme.colour.prediction), scene.x(crosses_us)
    painter.setPen(QPen(ink, LINE_PX))
    painter.drawLine(QPointF(first, y), QPointF(last, y))
    for at, is_end in ((first, told.earliest_us is not None), (last, told.latest_us is not None)):
        if is_end:
            painter.drawLine(QPointF(at, y - WHISKER_PX), QPointF(at, y + WHISKER_PX))
    box = QRectF(x - MARK_PX / 2, y - MARK_PX / 2, MARK_PX, MARK_PX)
    paint_predicted(painter, box, "act", scene.theme)
    painter.setFont(font(scene.theme, scene.theme.size.small, True))
    text = formats.moment(crosses_us, scene.now_us, scene.zone, seconds=False)
    width = painter.fontMetrics().horizontalAdvance(text) + 10
    left = min(max(x - width / 2, scene.plot.left()), scene.plot.right() - width)
    is_low = y + MARK_PX + 20 < scene.plot.bottom()
    words = QRectF(left, y + MARK_PX / 2 + 3 if is_low else y - MARK_PX / 2 - 21, width, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(scene.theme.colour.panel, 220))
    painter.drawRoundedRect(words, 3, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(ink)
    painter.drawText(words, Qt.AlignmentFlag.AlignCenter, text)
