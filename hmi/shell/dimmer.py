"""The dimmer: a dark veil over a whole window, for a room at night. Nothing at all at 100 %."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget


class Dimmer(QWidget):
    """Lets every tap through."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over, self._brightness = over, 100
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.hide()

    def show_brightness(self, percent: int) -> None:
        """20 to 100 % of the light; the veil is gone at 100."""
        if percent == self._brightness:
            return
        self._brightness = percent
        if percent < 100 and self.isHidden():
            self._over.installEventFilter(self)
        if percent >= 100:
            self._over.removeEventFilter(self)
        self._cover()
        self.setVisible(percent < 100)
        self.update()

    def _cover(self) -> None:
        self.setGeometry(self._over.rect())
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.ChildAdded):
            self._cover()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        veil = QColor(Qt.GlobalColor.black)
        veil.setAlphaF(1 - self._brightness / 100)
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), veil)
