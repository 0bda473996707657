"""The last minutes of a tag in little room: a line between the limits of what may be written."""

from __future__ import annotations

import itertools

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from engine.types import Curve
from hmi import formats
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets.text_paint import LEFT, RIGHT, paint_text

SPAN_US = 600_000_000
HEIGHT_PX = 84
_FOOT_PX = 18.0


class SmallTrend(QWidget):
    """Ten minutes, painted once a second at most. The value asked for is a dashed line."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._curve: Curve | None = None
        self._now_us, self._new = 0, float("nan")
        self._zone, self._said = "UTC", ("", "")
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName(t("The last 10 minutes"))

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT_PX)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def show_curve(self, curve: Curve, now_us: int, zone: str) -> None:
        """The samples of the last minutes."""
        self._curve, self._now_us, self._zone = curve, now_us, zone
        self._said = formats.clock(now_us - SPAN_US, zone, seconds=False), formats.clock(now_us, zone, False)
        self.update()

    def show_new(self, value: float | None) -> None:
        """What is to be written; None = nothing is asked for."""
        wanted = float("nan") if value is None else value
        if not (wanted == self._new or (np.isnan(wanted) and np.isnan(self._new))):
            self._new = wanted
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, tokens = self._theme, self._theme.colour
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5 - _FOOT_PX)
            painter.setPen(QPen(colour(tokens.grid), 1))
            painter.setBrush(colour(tokens.tile))
            painter.drawRect(box)
            foot = QRectF(0, box.bottom(), self.width(), _FOOT_PX)
            paint_text(painter, foot, self._said[0], theme, theme.size.small, tokens.muted, False, LEFT)
            paint_text(painter, foot, self._said[1], theme, theme.size.small, tokens.muted, False, RIGHT)
            self._paint_lines(painter, box.adjusted(2, 6, -2, -6))

    def _paint_lines(self, painter: QPainter, box: QRectF) -> None:
        curve, tokens = self._curve, self._theme.colour
        known = np.array([]) if curve is None else np.concatenate([curve.low, curve.high])
        known = known[np.isfinite(known)]
        ends = [
            *([known.min(), known.max()] if known.size else []),
            *([] if np.isnan(self._new) else [self._new]),
        ]
        if not ends:
            paint_text(painter, box, t("no samples yet"), self._theme, self._theme.size.small, tokens.muted)
            return
        low, high = float(min(ends)), float(max(ends))
        if high <= low:
            low, high = low - 1, high + 1

        def height(value: float) -> float:
            return box.bottom() - (value - low) / (high - low) * box.height()

        if not np.isnan(self._new):
            painter.setPen(QPen(colour(tokens.setpoint), 1.6, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(box.left(), height(self._new)), QPointF(box.right(), height(self._new)))
        if curve is not None and curve.time_us.size:
            start_us = self._now_us - SPAN_US
            painter.setPen(QPen(colour(tokens.live), 1.8))
            across = box.left() + np.clip((curve.time_us - start_us) / SPAN_US, 0, 1) * box.width()
            for part in _pieces(curve):
                line = _steps([QPointF(float(across[at]), height(float(curve.high[at]))) for at in part])
                if part[-1] == curve.time_us.size - 1:
                    line.append(QPointF(box.right(), line[-1].y()))
                painter.drawPolyline(QPolygonF(line))


def _steps(points: list[QPointF]) -> list[QPointF]:
    """A setpoint stays until it is another: no slope between two of its values."""
    found = points[:1]
    for before, after in itertools.pairwise(points):
        found += [QPointF(after.x(), before.y()), after]
    return found


def _pieces(curve: Curve) -> list[list[int]]:
    """The stretches without a gap."""
    found: list[list[int]] = []
    begun: list[int] = []
    for at in range(curve.time_us.size):
        if np.isfinite(curve.high[at]):
            begun.append(at)
        elif begun:
            found.append(begun)
            begun = []
    return [*found, begun] if begun else found
