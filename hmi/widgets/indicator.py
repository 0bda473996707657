"""The analog indicator: full range, normal band, limits, setpoint, pointer; and the hatch."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QWidget

from hmi.gauge import NO_GAUGE, Gauge, is_fresh
from hmi.theme import Theme, colour, font

Look = Literal["normal", "uncertain", "stale", "bad", "never"]
POINTER, SETPOINT = 12.0, 10.0
"""Room for the pointer at the right of a body, and for the setpoint arrow at its left."""
ROOM = 7.0
"""Half a pointer, free at both ends of a body, so that 0 and 1 are drawn whole."""
BODY_PX = 18


def paint_hatch(painter: QPainter, box: QRectF, line: QColor, step: float = 6.0) -> None:
    """Diagonal lines over a box: what is under them is not to be trusted as current."""
    painter.save()
    painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(line, 1.4))
    # Lines start at multiples of the step, so that two hatched boxes side by side look like one.
    start = (box.left() - box.height()) // step * step
    x = start
    while x < box.right():
        painter.drawLine(QPointF(x, box.bottom()), QPointF(x + box.height(), box.top()))
        x += step
    painter.restore()


def _paint_pointer(
    painter: QPainter, body: QRectF, level: float, look: Look, theme: Theme, alarm: int = 0
) -> None:
    fresh = look in ("normal", "uncertain")
    ink = colour(theme.colour.text if fresh else theme.colour.muted)
    if alarm and fresh:
        ink = colour(theme.alarms[alarm - 1])
    y = body.bottom() - level * body.height()
    painter.setPen(QPen(ink, 2.0))
    painter.drawLine(QPointF(body.left(), y), QPointF(body.right(), y))
    right = body.right() + 1
    head = QPolygonF(
        [QPointF(right, y), QPointF(right + POINTER - 1, y - 6.5), QPointF(right + POINTER - 1, y + 6.5)]
    )
    painter.setPen(QPen(ink, 1.2))
    # Hollow when not current: shape says it too, not brightness alone.
    painter.setBrush(QBrush(ink) if fresh else Qt.BrushStyle.NoBrush)
    painter.drawPolygon(head)


def paint_gauge(painter: QPainter, box: QRectF, gauge: Gauge, theme: Theme) -> None:
    """Draw all of an indicator inside ``box``: upright if taller than wide, else lying, low at the left."""
    paint_gauge_still(painter, box, gauge, theme)
    paint_gauge_moving(painter, box, gauge, theme)


def paint_gauge_still(painter: QPainter, box: QRectF, gauge: Gauge, theme: Theme) -> None:
    """The part that stands still: body, normal band, limits; grey hatch when the value is not current."""
    tokens, fresh = theme.colour, is_fresh(gauge)
    painter.save()
    body = _turned(painter, box)
    painter.fillRect(body, colour(tokens.bar if fresh else tokens.tile))
    if gauge.band is not None and fresh:
        low, high = (_height(body, each) for each in gauge.band)
        painter.fillRect(QRectF(body.left(), high, body.width(), low - high), colour(tokens.band))
    if not fresh:
        paint_hatch(painter, body, colour(tokens.hatch))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour(tokens.outline), 1.2))
    painter.drawRoundedRect(body, 1, 1)
    for place, kind in gauge.limits:
        y = _height(body, place)
        painter.setPen(QPen(colour(tokens.outline), 2.6 if kind == "trip" else 1.4))
        painter.drawLine(QPointF(body.left(), y), QPointF(body.right(), y))
    painter.setPen(QPen(colour(tokens.outline), 1))
    for quarter in (0.25, 0.5, 0.75) if not gauge.limits and gauge.band is None else ():
        y = _height(body, quarter)
        painter.drawLine(QPointF(body.left(), y), QPointF(body.left() + 4, y))
    painter.restore()


def paint_gauge_moving(painter: QPainter, box: QRectF, gauge: Gauge, theme: Theme) -> None:
    """The part that moves: the setpoint as a hollow arrow, the pointer in text or alarm colour."""
    painter.save()
    body = _turned(painter, box)
    if gauge.setpoint is not None:
        y, left = _height(body, gauge.setpoint), body.left() - 1.2
        painter.setPen(QPen(colour(theme.colour.setpoint), 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(
            QPolygonF([QPointF(left, y), QPointF(left - 8, y - 5.5), QPointF(left - 8, y + 5.5)])
        )
    if gauge.level is not None:
        _paint_pointer(painter, body, gauge.level, gauge.look, theme, gauge.alarm)
    painter.restore()


def _turned(painter: QPainter, box: QRectF) -> QRectF:
    """The body of a gauge in ``box``; for a lying one the painter is turned, so that all is upright."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if box.width() > box.height():
        # Upright, turned a quarter to the right and flipped: low left, pointer above.
        painter.setTransform(QTransform(0, -1, -1, 0, box.right(), box.bottom()), True)
        box = QRectF(0, 0, box.height(), box.width())
    return box.adjusted(SETPOINT, ROOM, -POINTER - 1, -ROOM)


def _height(body: QRectF, place: float) -> float:
    return body.bottom() - place * body.height()


class Indicator(QWidget):
    """One analog indicator as a widget; the variable's name, value and unit stand beside it.

    It stands where it is taller than wide, else it lies; the ends of its range are written at its ends.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._gauge = NO_GAUGE

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def show_gauge(self, gauge: Gauge) -> None:
        """Show all of it; repaints only if something differs."""
        if gauge != self._gauge:
            before, self._gauge = self._gauge, gauge
            if gauge.ends != before.ends:
                self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(BODY_PX + int(POINTER + SETPOINT) + 1 + self._ends_px(), 120)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width(), 60)

    def _ends_px(self) -> int:
        if self._gauge.ends is None:
            return 0
        metrics = QFontMetrics(font(self._theme, self._theme.size.small))
        return 4 + max(metrics.horizontalAdvance(end) for end in self._gauge.ends)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            words, box = self._ends_px(), QRectF(self.rect())
            lies = box.width() > box.height()
            if self._gauge.ends is not None:
                self._paint_ends(painter, words, lies, *self._gauge.ends)
            inner = box.adjusted(words, 0, -words if lies else 0, 0)
            paint_gauge(painter, inner, self._gauge, self._theme)

    def _paint_ends(self, painter: QPainter, words: int, lies: bool, low: str, high: str) -> None:
        flags = Qt.AlignmentFlag
        painter.setFont(font(self._theme, self._theme.size.small))
        painter.setPen(colour(self._theme.colour.muted))
        left = QRect(0, 0, words - 4, self.height())
        if lies:
            right = QRect(self.width() - words + 4, 0, words - 4, self.height())
            painter.drawText(left, flags.AlignRight | flags.AlignVCenter, low)
            painter.drawText(right, flags.AlignLeft | flags.AlignVCenter, high)
        else:
            painter.drawText(left, flags.AlignRight | flags.AlignTop, high)
            painter.drawText(left, flags.AlignRight | flags.AlignBottom, low)
