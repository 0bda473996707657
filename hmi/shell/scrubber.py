"""The line of time under one's finger: where in the history a replay stands."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi import formats
from hmi.formats import t
from hmi.replay import Replay
from hmi.theme import Theme, colour, font

HOUR_US = 3_600_000_000
STEPS_US = tuple(HOUR_US * k // 60 for k in (1, 5, 15, 60, 180, 360, 720, 1440, 2880, 10080, 43200))
LEAST_US = HOUR_US // 6
TICK_PX = 84
EDGE_PX = 14
MINUTE_US = 60_000_000
ZERO = timedelta()


class Scrubber(QWidget):
    """Tap or drag to an instant; the wheel and + and - change how much time the line covers.

    ``moved`` = UTC microseconds asked for.
    """

    moved = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._zone = theme, "UTC"
        self._replay: Replay | None = None
        self._span_us = 72 * HOUR_US
        self._is_held = False
        self._left_us = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(t("Time of the replay"))

    def sizeHint(self) -> QSize:
        return QSize(320, self._theme.size.target + 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self._theme.size.target + 8)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def show_replay(self, replay: Replay, zone_name: str) -> None:
        """Where it stands. The line moves along when the instant leaves it, never under a finger."""
        self._replay, self._zone = replay, zone_name
        span = self._span
        if not self._is_held and not self._left_us <= replay.at_us <= self._left_us + span:
            self._left_us = replay.at_us - span // 2
        self._left_us = max(replay.first_us, min(self._left_us, replay.last_us - span))
        self.setAccessibleDescription(formats.clock(replay.at_us, zone_name))
        self.update()

    @property
    def _span(self) -> int:
        whole = self._replay.last_us - self._replay.first_us if self._replay is not None else LEAST_US
        return max(min(self._span_us, whole), 1)

    def x_of(self, time_us: int) -> float:
        """Where an instant lies on the line, in pixels."""
        return EDGE_PX + (time_us - self._left_us) / self._span * (self.width() - 2 * EDGE_PX)

    def time_at(self, x: float) -> int:
        """The instant at a place on the line."""
        return self._left_us + round((x - EDGE_PX) / max(self.width() - 2 * EDGE_PX, 1) * self._span)

    def zoom(self, factor: float) -> None:
        """Cover more (above 1) or less time about the instant on show."""
        if self._replay is None:
            return
        part = (self._replay.at_us - self._left_us) / self._span
        self._span_us = max(LEAST_US, min(round(self._span * factor), 3660 * 24 * HOUR_US))
        self._left_us = round(self._replay.at_us - part * self._span)
        self.show_replay(self._replay, self._zone)

    # Hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._is_held = True
            self.moved.emit(self.time_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_held:
            self.moved.emit(self.time_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._is_held = False

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(0.8 if event.angleDelta().y() > 0 else 1.25)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageDown: -60, Qt.Key.Key_PageUp: 60}
        key = Qt.Key(event.key())
        if self._replay is not None and key in steps:
            self.moved.emit(self._replay.at_us + steps[key] * MINUTE_US)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            self.zoom(0.8 if key == Qt.Key.Key_Plus else 1.25)
        else:
            super().keyPressEvent(event)

    # Looks

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._replay is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            y = self.height() - 16.5
            tokens = self._theme.colour
            painter.setPen(QPen(colour(tokens.outline), 2))
            painter.drawLine(QPointF(EDGE_PX, y), QPointF(self.width() - EDGE_PX, y))
            self._paint_ticks(painter, y)
            self._paint_thumb(painter, y, self._replay)

    def _paint_ticks(self, painter: QPainter, y: float) -> None:
        room = max(self.width() - 2 * EDGE_PX, 1) / TICK_PX
        step = next((each for each in STEPS_US if self._span / each <= room), STEPS_US[-1])
        painter.setFont(font(self._theme, self._theme.size.small))
        offset_us = round(
            (formats.local(self._left_us, self._zone).utcoffset() or ZERO).total_seconds() * 1e6
        )
        first = -(-(self._left_us + offset_us) // step) * step - offset_us
        for at in range(first, self._left_us + self._span + 1, step):
            x, when = round(self.x_of(at)) + 0.5, formats.local(at, self._zone)
            is_day = when.hour == 0 and when.minute == 0
            painter.setPen(QPen(colour(self._theme.colour.outline), 1))
            painter.drawLine(QPointF(x, y - (7 if is_day else 4)), QPointF(x, y + 4))
            word = (
                formats.day(when) if is_day or step >= 24 * HOUR_US else formats.clock(at, self._zone, False)
            )
            width = painter.fontMetrics().horizontalAdvance(word) + 4
            left = min(max(x - width / 2, 0.0), self.width() - width)
            painter.setPen(colour(self._theme.colour.muted))
            painter.drawText(QRectF(left, 2, width, y - 10), Qt.AlignmentFlag.AlignCenter, word)

    def _paint_thumb(self, painter: QPainter, y: float, replay: Replay) -> None:
        x = self.x_of(replay.at_us)
        painter.setPen(QPen(colour(self._theme.colour.panel), 2))
        painter.setBrush(colour(self._theme.colour.text))
        points = [QPointF(x, y - 12), QPointF(x + 9, y), QPointF(x, y + 12), QPointF(x - 9, y)]
        painter.drawPolygon(QPolygonF(points))
