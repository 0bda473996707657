"""Objects lost in cycles are searched for in the window's own thread, and in no other.

Python searches in whatever thread happens to make an object. Meets such a search an object of Qt, letting go
of it takes a lock of Qt's and then Python's; the window's thread may hold Python's just then and want Qt's,
and all stands still for ever (seen with PySide 6.11, a signal's connection found lost by another thread).
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 250
YOUNG, MIDDLE, OLD = 20_000, 20, 100
"""As of `gc.set_threshold`: a search through a whole window holds it up, so it is rare."""


class Garbage(QObject):
    """From now on nothing is searched but by `look`, a few times a second; until the process ends."""

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Search, if so much was made since the last time that it is worth it."""
        young, middle, old = gc.get_count()
        if young > YOUNG:
            gc.collect(0 if middle <= MIDDLE else 1 if old <= OLD else 2)

    def rest(self) -> None:
        """What the windows are made of by now is not looked at again."""
        gc.collect()
        gc.freeze()
