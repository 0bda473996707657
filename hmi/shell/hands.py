"""Hands at a window: keys, taps, the wheel. The engine is told, which locks a station without any."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QWindow

TOLD_EVERY_S = 20.0
_BY_HAND = frozenset({
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.TouchBegin,
    QEvent.Type.TabletPress,
    QEvent.Type.Wheel,
})  # fmt: skip
"""A pointer that moves is none: a desk that shakes moves it too."""


class Hands(QObject):
    """Calls ``touched`` at the first hand and then at most every 20 s. Watches the window of the system: that
    hears what hands do, but not every paint and timer of every widget.
    """

    def __init__(self, touched: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._touched, self._told_s = touched, float("-inf")
        self._watched: QWindow | None = None

    def watch(self, window: QWindow | None) -> None:
        """Watch this one; again and again the same is no matter."""
        if window is not None and window is not self._watched:
            self._watched = window
            window.installEventFilter(self)

    def forget(self) -> None:
        """The next hand is told at once: somebody else is there."""
        self._told_s = float("-inf")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _BY_HAND:
            now_s = time.monotonic()
            if now_s - self._told_s >= TOLD_EVERY_S:
                self._told_s = now_s
                self._touched()
        return False
