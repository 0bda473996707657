"""A window that says when its place changes, when it is shown and gone, and when a second is over."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QMoveEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow

SECOND_MS = 1000


class PlacedWindow(QMainWindow):
    """``changed`` = something that a station's layout remembers; ``shown`` = it has a window of the system;
    ``gone`` = it was closed. ``second`` = another second, until then.
    """

    changed = Signal()
    shown = Signal()
    gone = Signal()
    second = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._clock = QTimer(self)
        self._clock.setInterval(SECOND_MS)
        self._clock.timeout.connect(self.second)
        self._clock.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.changed.emit()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.changed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._clock.stop()
        super().closeEvent(event)
        self.gone.emit()
