"""A question over a display: a title, what is asked, and buttons; behind it the display steps back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets.labels import Words

EDGE_PX, VEIL = 20, 165


class Shade(QWidget):
    """Takes the display back behind the sheet, and the taps that miss the sheet."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self.theme.colour.background, VEIL))


class Sheet(QFrame):
    """Subclasses fill ``body`` and ``foot`` (whose Cancel is there). Escape or Cancel leads back."""

    left = Signal()

    def __init__(self, theme: Theme, title: str, width_px: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self._over, self._width_px = theme, parent, width_px
        self.shade = Shade(theme, parent)
        self._before: QWidget | None = None
        self.setProperty("look", "popup")
        self.title = Words(theme, title, "title", bold=True)
        self.setAccessibleName(title)
        self.cancel = QPushButton(t("Cancel"), self)
        self.cancel.clicked.connect(self.leave)
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(10)
        self.foot.addWidget(self.cancel)
        self.foot.addStretch(1)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(24, 18, 24, 20)
        self._box.setSpacing(14)
        self._box.addWidget(self.title)
        self._box.addLayout(self.body)
        self._box.addLayout(self.foot)
        parent.installEventFilter(self)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the type and colours of another theme."""
        self.theme = self.shade.theme = theme
        for words in self.findChildren(Words):
            words.set_theme(theme)

    def open(self) -> None:
        """Show it over the display."""
        self.remember_focus()
        self.place()
        for part in (self.shade, self):
            part.show()
            part.raise_()
        # Words wrap only once they are seen.
        self.place()

    def place(self) -> None:
        """In the middle of the display, as high as it needs."""
        room = self._over.rect()
        self.shade.setGeometry(room)
        width = min(self._width_px, room.width() - 2 * EDGE_PX)
        self._box.invalidate()
        high = self._box.heightForWidth(width) if self._box.hasHeightForWidth() else self.sizeHint().height()
        height = min(max(high, self._box.minimumSize().height()), room.height() - 2 * EDGE_PX)
        self.setGeometry((room.width() - width) // 2, (room.height() - height) // 3, width, height)

    def leave(self) -> None:
        """Back to the display."""
        if self.isVisible():
            self.hide()
            self.shade.hide()
            if self._before is not None and isValid(self._before) and self._before.isVisible():
                self._before.setFocus()
            self.left.emit()

    def remember_focus(self) -> None:
        """Where the keys go now, they go again when it leaves."""
        if not self.isVisible():
            self._before = self.window().focusWidget()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() == QEvent.Type.Resize and self.isVisible():
            self.place()
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """The keys of a part that goes off stay on the sheet, where Escape leads back.

        Behind it the space bar would press what nobody looks at.
        """
        had, is_moved = self.window().focusWidget(), super().focusNextPrevChild(next)
        now = self.window().focusWidget()
        is_off = had is not None and self.isAncestorOf(had) and not had.isEnabled()
        if is_off and self.isVisible() and (now is None or not self.isAncestorOf(now)):
            self.setFocus()
        return is_moved

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
