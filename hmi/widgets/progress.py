"""How far long work is: a bar that fills, with its percent in words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from hmi.formats import t
from hmi.theme import Theme, colour, font

WIDTH_PX, HEIGHT_PX, BAR_PX, WORD_PX = 220, 20, 8, 52


class Progress(QWidget):
    """Grey: work is no alarm."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._percent = theme, 0
        self.setFixedHeight(HEIGHT_PX)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def show_part(self, part: float) -> None:
        """0 to 1."""
        percent = round(100 * min(1.0, max(0.0, part)))
        if percent != self._percent:
            self._percent = percent
            self.setAccessibleName(t("{percent} % done", percent=percent))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.colour
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            bar = QRectF(1, (self.height() - BAR_PX) / 2, self.width() - WORD_PX - 2, BAR_PX)
            painter.setPen(QPen(colour(tokens.outline), 1))
            painter.setBrush(colour(tokens.control))
            painter.drawRoundedRect(bar, BAR_PX / 2, BAR_PX / 2)
            done = QRectF(bar)
            done.setWidth(max(BAR_PX, bar.width() * self._percent / 100))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(tokens.muted))
            painter.drawRoundedRect(done, BAR_PX / 2, BAR_PX / 2)
            painter.setFont(font(self._theme, self._theme.size.small))
            painter.setPen(colour(tokens.text))
            words = QRectF(self.width() - WORD_PX, 0, WORD_PX, self.height())
            at = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(words, at, t("{percent} %", percent=self._percent))
