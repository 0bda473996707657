"""The plate of work in progress: a plain outline with a word, never the colour or shape of an alarm."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from hmi.formats import t
from hmi.theme import Theme, colour, font

PAD, LEAST_PX, HEIGHT_PX = 6.0, 13, 24


def work_width(height: float, theme: Theme) -> float:
    """How wide the plate is at a height."""
    return QFontMetricsF(font(theme, _px(height), True)).horizontalAdvance(t("WORK")) + 2 * PAD


def paint_work_mark(painter: QPainter, box: QRectF, theme: Theme) -> None:
    """The word in an outlined plate at the left of ``box``, as high as it."""
    tokens = theme.colour
    plate = QRectF(box.left(), box.top(), work_width(box.height(), theme), box.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour(tokens.text), 1.6))
    painter.setBrush(colour(tokens.control))
    painter.drawRoundedRect(plate.adjusted(1, 1, -1, -1), 2, 2)
    painter.setFont(font(theme, _px(box.height()), True))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, t("WORK"))
    painter.restore()


def _px(height: float) -> int:
    return max(LEAST_PX, round(height * 0.56))


class WorkMark(QWidget):
    """The plate as a widget."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(t("Work in progress"))
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(round(work_width(HEIGHT_PX, self._theme)) + 1, HEIGHT_PX)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint_work_mark(painter, QRectF(self.rect()), self._theme)
