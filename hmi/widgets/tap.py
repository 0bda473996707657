"""A painted part of a display that opens something: by hand, by Return and by Space."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from hmi.theme import Theme, colour

_BY_KEYS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class Tap(QAbstractButton):
    """Calls ``tapped`` with ``path``. Subclasses paint; the frame of the keys is drawn for who uses keys."""

    def __init__(self, theme: Theme, path: str, tapped: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self.path = theme, path
        self._tapped, self._has_keys = tapped, False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(self._open)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.theme = theme
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint all of it but the frame of the keys."""

    def frame(self) -> QRectF:
        """Where the frame of the keys goes."""
        return QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint(painter)
            if self.hasFocus() and self._has_keys:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colour(self.theme.colour.text), 2, Qt.PenStyle.DashLine))
                radius = self.theme.size.radius
                painter.drawRoundedRect(self.frame(), radius, radius)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._use_keys(True)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._use_keys(False)
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._use_keys(event.reason() in _BY_KEYS)
        super().focusInEvent(event)

    def _use_keys(self, has_keys: bool) -> None:
        if has_keys != self._has_keys:
            self._has_keys = has_keys
            self.update()

    def _open(self) -> None:
        self._tapped(self.path)
