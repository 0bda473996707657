"""The one beat of all that blinks: 1 Hz, in step everywhere, and still while nothing needs it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QDateTime, QObject, Qt, QTimer

HALF_MS = 500


def is_on() -> bool:
    """Whether what blinks is to be seen now; on and off follow the clock, so that all is in step."""
    return QDateTime.currentMSecsSinceEpoch() // HALF_MS % 2 == 0


class Blink(QObject):
    """Calls ``turned`` at every turn while `need` says that something blinks."""

    def __init__(self, turned: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._turned = turned
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turn)

    @property
    def is_needed(self) -> bool:
        """Something blinks now."""
        return self._timer.isActive()

    def need(self, is_needed: bool) -> None:
        """Begin or end; ended, nothing is called any more."""
        if is_needed and not self._timer.isActive():
            self._start()
        elif not is_needed:
            self._timer.stop()

    def _start(self) -> None:
        # Just behind the turn: a timer that fires a little early would show the old half again.
        self._timer.start(HALF_MS + 5 - QDateTime.currentMSecsSinceEpoch() % HALF_MS)

    def _turn(self) -> None:
        self._start()
        self._turned()
