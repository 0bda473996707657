"""A line of time under one's finger: an instant between a first and a last one, more or less at once."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi import formats
from hmi.theme import Theme, colour, font

HOUR_US = 3_600_000_000
MINUTE_US = 60_000_000
STEPS_US = tuple(HOUR_US * k // 60 for k in (1, 5, 15, 60, 180, 360, 720, 1440, 2880, 10080, 43200))
LEAST_US, MOST_US = HOUR_US // 6, 3660 * 24 * HOUR_US
TICK_PX = 84
EDGE_PX = 14
KEY_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageDown: -60, Qt.Key.Key_PageUp: 60}
"""Minutes that a key goes on."""
ZERO = timedelta()


class TimeLine(QWidget):
    """Tap or drag to an instant; the wheel and + and - change how much time the line covers.

    ``moved`` = UTC microseconds asked for. ``span_us`` = how much it covers, where there is as much.
    A subclass draws the thumb, and whatever else there is on the line.
    """

    moved = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget, span_us: int) -> None:
        super().__init__(parent)
        self.theme, self._zone = theme, "UTC"
        self._first_us, self._last_us, self._at_us = 0, 0, 0
        self.span_us = span_us
        self._left_us = 0
        self.is_held = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(320, self.theme.size.target + 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.theme.size.target + 8)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.theme = theme
        self.updateGeometry()
        self.update()

    def show_time(self, first_us: int, last_us: int, at_us: int, zone_name: str) -> None:
        """What there is, and the instant on show.

        The line moves along when the instant leaves it, never under a finger.
        """
        self._first_us, self._last_us, self._at_us, self._zone = first_us, last_us, at_us, zone_name
        span = self.span
        if not self.is_held and not self._left_us <= at_us <= self._left_us + span:
            self._left_us = at_us - span // 2
        self._left_us = max(first_us, min(self._left_us, last_us - span))
        self.setAccessibleDescription(formats.clock(at_us, zone_name))
        self.update()

    @property
    def is_known(self) -> bool:
        """There is a time to show."""
        return self._last_us > 0

    @property
    def left_us(self) -> int:
        """The instant at the left end."""
        return self._left_us

    @property
    def span(self) -> int:
        """How much time the line covers now, in microseconds."""
        return max(min(self.span_us, self._last_us - self._first_us), 1)

    def x_of(self, time_us: int) -> float:
        """Where an instant lies on the line, in pixels."""
        return EDGE_PX + (time_us - self._left_us) / self.span * (self.width() - 2 * EDGE_PX)

    def time_at(self, x: float) -> int:
        """The instant at a place on the line."""
        return self._left_us + round((x - EDGE_PX) / max(self.width() - 2 * EDGE_PX, 1) * self.span)

    def zoom(self, factor: float) -> None:
        """Cover more (above 1) or less time about the instant on show."""
        if not self.is_known:
            return
        part = (self._at_us - self._left_us) / self.span
        self.span_us = max(LEAST_US, min(round(self.span * factor), MOST_US))
        self._left_us = round(self._at_us - part * self.span)
        self.show_time(self._first_us, self._last_us, self._at_us, self._zone)

    # Hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.is_known:
            self.is_held = True
            self.moved.emit(self.time_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.is_held:
            self.moved.emit(self.time_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.is_held = False

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(0.8 if event.angleDelta().y() > 0 else 1.25)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self.is_known and key in KEY_STEPS:
            self.moved.emit(self._at_us + KEY_STEPS[key] * MINUTE_US)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            self.zoom(0.8 if key == Qt.Key.Key_Plus else 1.25)
        else:
            super().keyPressEvent(event)

    # Looks

    @property
    def line_y(self) -> float:
        """The height at which the line is drawn."""
        return self.height() - 16.5

    @property
    def words_box(self) -> tuple[float, float]:
        """From where to where the words of the times are written."""
        return 2.0, self.line_y - 8

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.is_known:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint_line(painter, self.line_y)
            self._paint_ticks(painter, self.line_y)
            self.paint_on_line(painter, self.line_y)

    def paint_line(self, painter: QPainter, y: float) -> None:
        """The line itself."""
        painter.setPen(QPen(colour(self.theme.colour.outline), 2))
        painter.drawLine(QPointF(EDGE_PX, y), QPointF(self.width() - EDGE_PX, y))

    def paint_on_line(self, painter: QPainter, y: float) -> None:
        """The thumb, and what else there is."""

    def _paint_ticks(self, painter: QPainter, y: float) -> None:
        room = max(self.width() - 2 * EDGE_PX, 1) / TICK_PX
        span, left = self.span, self._left_us
        step = next((each for each in STEPS_US if span / each <= room), STEPS_US[-1])
        painter.setFont(font(self.theme, self.theme.size.small))
        offset_us = round((formats.local(left, self._zone).utcoffset() or ZERO).total_seconds() * 1e6)
        first = -(-(left + offset_us) // step) * step - offset_us
        for at in range(first, left + span + 1, step):
            self._paint_tick(painter, y, at, step >= 24 * HOUR_US)

    def _paint_tick(self, painter: QPainter, y: float, at: int, is_days: bool) -> None:
        x, when = round(self.x_of(at)) + 0.5, formats.local(at, self._zone)
        is_day = when.hour == 0 and when.minute == 0
        painter.setPen(QPen(colour(self.theme.colour.outline), 1))
        painter.drawLine(QPointF(x, y - (7 if is_day else 4)), QPointF(x, y + 4))
        word = formats.day(when) if is_day or is_days else formats.clock(at, self._zone, False)
        width = painter.fontMetrics().horizontalAdvance(word) + 4
        left = min(max(x - width / 2, 0.0), self.width() - width)
        top, bottom = self.words_box
        painter.setPen(colour(self.theme.colour.muted))
        painter.drawText(QRectF(left, top, width, bottom - top), Qt.AlignmentFlag.AlignCenter, word)
