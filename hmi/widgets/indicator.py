"""The analog indicator: the full range, the normal band, a pointer in the text colour; and the hatch."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from hmi.theme import Theme, colour, font

Look = Literal["normal", "uncertain", "stale", "bad", "never"]
POINTER = 12.0
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


def paint_indicator(
    painter: QPainter,
    box: QRectF,
    level: float | None,
    look: Look,
    theme: Theme,
    band: tuple[float, float] | None = None,
) -> None:
    """Draw into ``box`` (upright if taller than wide). ``level`` and ``band`` are 0…1 of the range.

    No pointer without a level; grey hatch instead of the body when the value is not current.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if box.width() > box.height():
        # A lying indicator is an upright one turned a quarter to the right: low left, pointer above.
        painter.translate(box.left(), box.top())
        painter.rotate(90)
        painter.translate(0, -box.width())
        box = QRectF(0, 0, box.height(), box.width())
        body = QRectF(box.left(), box.top(), box.width() - POINTER, box.height())
        painter.translate(box.width(), 0)
        painter.scale(-1, 1)
    else:
        body = QRectF(box.left(), box.top(), box.width() - POINTER, box.height())
    _paint_body(painter, body, look, theme, band)
    if level is not None:
        _paint_pointer(painter, body, level, look, theme)
    painter.restore()


def paint_pointer(painter: QPainter, box: QRectF, level: float, look: Look, theme: Theme) -> None:
    """The pointer alone, over an upright indicator that was painted into ``box`` without a level."""
    body = QRectF(box.left(), box.top(), box.width() - POINTER, box.height())
    _paint_pointer(painter, body, level, look, theme)


def _paint_body(
    painter: QPainter, body: QRectF, look: Look, theme: Theme, band: tuple[float, float] | None
) -> None:
    tokens = theme.colour
    fresh = look in ("normal", "uncertain")
    painter.fillRect(body, colour(tokens.bar if fresh else tokens.tile))
    if band is not None and fresh:
        top, bottom = (body.bottom() - each * body.height() for each in (band[1], band[0]))
        painter.fillRect(QRectF(body.left(), top, body.width(), bottom - top), colour(tokens.band))
    if not fresh:
        paint_hatch(painter, body, colour(tokens.hatch))
    painter.setPen(QPen(colour(tokens.outline), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(body)
    painter.setPen(QPen(colour(tokens.outline), 1))
    for quarter in (0.25, 0.5, 0.75):
        y = body.bottom() - quarter * body.height()
        painter.drawLine(QPointF(body.left() + 1, y), QPointF(body.left() + 5, y))


def _paint_pointer(painter: QPainter, body: QRectF, level: float, look: Look, theme: Theme) -> None:
    fresh = look in ("normal", "uncertain")
    ink = colour(theme.colour.text if fresh else theme.colour.muted)
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


class Indicator(QWidget):
    """One analog indicator as a widget; the variable's name, value and unit stand beside it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._level: float | None = None
        self._look: Look = "never"
        self._band: tuple[float, float] | None = None
        self._ends: tuple[str, str] | None = None

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def show_level(
        self,
        level: float | None,
        look: Look,
        band: tuple[float, float] | None = None,
        ends: tuple[str, str] | None = None,
    ) -> None:
        """Move the pointer; repaints only if something differs. ``ends`` = low and high in words."""
        if (level, look, band, ends) != (self._level, self._look, self._band, self._ends):
            if ends != self._ends:
                self.updateGeometry()
            self._level, self._look, self._band, self._ends = level, look, band, ends
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(BODY_PX + int(POINTER) + 2 + self._ends_px(), 120)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width(), 60)

    def _ends_px(self) -> int:
        if self._ends is None:
            return 0
        metrics = QFontMetrics(font(self._theme, self._theme.size.small))
        return 6 + max(metrics.horizontalAdvance(end) for end in self._ends)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            words = self._ends_px()
            if self._ends is not None:
                painter.setFont(font(self._theme, self._theme.size.small))
                painter.setPen(colour(self._theme.colour.muted))
                painter.drawText(QRect(0, 0, words - 6, 18), Qt.AlignmentFlag.AlignRight, self._ends[1])
                low = QRect(0, self.height() - 18, words - 6, 18)
                painter.drawText(
                    low, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, self._ends[0]
                )
            # Half a pointer of room at both ends, so that 0 and 1 are drawn whole.
            box = QRectF(words + 1, 8, self.width() - words - 2, self.height() - 16)
            paint_indicator(painter, box, self._level, self._look, self._theme, self._band)
