"""The curves of another period over those of the window: dashed, in the same colours."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.types import Curve
from hmi.theme import Theme, colour
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_curves import THIN_FROM, THIN_PX, Draw, columns, line
from hmi.widgets.trend_scene import Scene

DASH_PX, INK_PX, STEEP_PX = 12.0, 7.0, 24.0
WIDTH_PX, HALO_PX, HALO_ALPHA, SAMPLE_PX = 1.8, 4.4, 190, 34
SMOOTH, FAR = 9, 5.0


def paint_beside(painter: QPainter, scene: Scene, curves: Mapping[int, Curve], draw: Draw) -> None:
    """Draw these curves, by live position, over those of their pens and on the same axes.

    Of a curve of wide columns the middle is drawn, and what stands far out of it: two bands over each
    other could not be told apart.
    """
    for pen in scene.pens:
        curve = curves.get(pen.index)
        if curve is None or not curve.time_us.size:
            continue
        if not pen.stepped and not pen.states and lines.is_band(*columns(scene, pen, curve)[1:]):
            curve = _middle(curve)
        pieces = _dashed(lines.segments(*line(scene, pen, curve)))
        if len(scene.pens) < THIN_FROM:
            painter.setPen(QPen(colour(scene.theme.colour.panel, HALO_ALPHA), HALO_PX))
            draw(painter, pieces)
        painter.setPen(QPen(colour(pen.colour), WIDTH_PX if len(scene.pens) < THIN_FROM else THIN_PX))
        draw(painter, pieces)


def _middle(curve: Curve) -> Curve:
    """The middle of the columns, over `SMOOTH` of them; one far higher than most keeps its whole height."""
    known = np.isfinite(curve.low)
    middle, height = (curve.low + curve.high) / 2, curve.high - curve.low
    weight = np.convolve(known, np.ones(SMOOTH), "same")
    total = np.convolve(np.where(known, middle, 0.0), np.ones(SMOOTH), "same")
    smooth = np.where(known, total / np.maximum(weight, 1), np.nan)
    far = known & (height > FAR * np.nanmedian(height))
    low, high = np.where(far, curve.low, smooth), np.where(far, curve.high, smooth)
    return Curve(curve.time_us, low, high, curve.uncertain)


def _dashed(pieces: NDArray[np.float64]) -> NDArray[np.float64]:
    # By their place on the screen, like the dashes of pens; a high spike is never left out.
    if not len(pieces):
        return pieces
    pieces = lines.cut(pieces)
    place = (pieces[:, 0] + pieces[:, 2]) / 2 % DASH_PX
    return pieces[(place < INK_PX) | (np.abs(pieces[:, 3] - pieces[:, 1]) > STEEP_PX)]


class BesideSample(QWidget):
    """A piece of a line as the window, or as the other period, is drawn."""

    def __init__(self, theme: Theme, is_beside: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self._is_beside = theme, is_beside
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(SAMPLE_PX, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ink = colour(self.theme.colour.text)
            pen = QPen(ink, 2.0)
            if self._is_beside:
                pen.setStyle(Qt.PenStyle.CustomDashLine)
                pen.setDashPattern([INK_PX / 2, (DASH_PX - INK_PX) / 2])
            painter.setPen(pen)
            painter.drawLine(QPointF(0, 10), QPointF(self.width(), 10))
