"""The quality mark: a shape for a value that is not plainly good, beside the words that say why."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from hmi.theme import Theme, colour, font
from hmi.widgets.indicator import Look

MARK = 20


def paint_quality_mark(painter: QPainter, box: QRectF, look: Look, theme: Theme) -> None:
    """Nothing for good; "?" in a ring for uncertain; a clock for stale; a filled box with a
    cross for bad; an empty box with dots for a value that has yet to come.

    Greys and the text colour only: quality is not an alarm.
    """
    if look == "normal":
        return
    tokens = theme.colour
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = box.adjusted(1, 1, -1, -1)
    painter.setPen(QPen(colour(tokens.text), 1.6))
    painter.setBrush(colour(tokens.control))
    if look == "uncertain":
        painter.drawEllipse(inner)
        painter.setFont(font(theme, theme.size.small, True))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "?")
    elif look == "stale":
        _paint_clock(painter, inner, theme)
    else:
        if look == "bad":
            # Filled, so that it is never taken for the empty box of a value that has yet to come.
            painter.setBrush(colour(tokens.text))
        painter.drawRect(inner)
        if look == "bad":
            painter.setPen(QPen(colour(tokens.control), 2.2))
            cross = inner.adjusted(4.5, 4.5, -4.5, -4.5)
            painter.drawLine(cross.topLeft(), cross.bottomRight())
            painter.drawLine(cross.topRight(), cross.bottomLeft())
        else:
            for step in (-1, 0, 1):
                spot = inner.center() + QPointF(step * 4.5, 0)
                painter.drawPoint(spot)
    painter.restore()


def _paint_clock(painter: QPainter, inner: QRectF, theme: Theme) -> None:
    painter.drawEllipse(inner)
    middle = inner.center()
    painter.drawLine(middle, QPointF(middle.x(), inner.top() + 4))
    painter.drawLine(middle, QPointF(middle.x() + 4, middle.y() + 2))


class QualityMark(QWidget):
    """The mark as a widget, for places with room for it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look: Look = "normal"
        self.setFixedSize(QSize(MARK, MARK))

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def show_look(self, look: Look) -> None:
        """Change the shape."""
        if look != self._look:
            self._look = look
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint_quality_mark(painter, QRectF(self.rect()), self._look, self._theme)


__all__ = ["MARK", "QualityMark", "paint_quality_mark"]
