"""Pages painted and written in a thread: a picture takes half a second, and the window goes on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from hmi.formats import t

LOOK_MS = 40
QUIT_S = 5.0
"""A disk that hangs does not hold back the end of the program for longer."""


class Refused(Exception):
    """It cannot be done, and why, in words."""


class Stopped(Exception):
    """Nobody wants it any more."""


class Progress:
    """What the two threads tell each other: how far it is, and that it is not wanted any more."""

    def __init__(self) -> None:
        self._stops = threading.Event()
        self.part = 0.0

    def stop(self) -> None:
        """It is not wanted any more."""
        self._stops.set()

    def reach(self, part: float) -> None:
        """So far, 0 to 1. Raises: Stopped."""
        self.part = part
        if self._stops.is_set():
            raise Stopped


Work = Callable[[Progress], None]
"""Runs in the thread and touches no widget. Raises: Refused, Stopped."""


class Press(QObject):
    """One piece of work at a time. What is begun is finished even when its window closes."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.is_busy = False
        self._progress = Progress()
        self._answers: SimpleQueue[str] = SimpleQueue()
        self._on_progress: Callable[[float], None] = lambda _: None
        self._on_end: Callable[[str], None] = lambda _: None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self, work: Work, on_progress: Callable[[float], None], on_end: Callable[[str], None]) -> None:
        """Begin. ``on_progress`` gets 0 to 1, ``on_end`` why it was not done, "" = it is done."""
        self._progress, self._answers, self.is_busy = Progress(), SimpleQueue(), True
        self._on_progress, self._on_end = on_progress, on_end
        thread = threading.Thread(
            target=_run, args=(work, self._progress, self._answers), name="press", daemon=True
        )
        thread.start()
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(lambda: thread.join(QUIT_S))
        self._timer.start()

    def cancel(self) -> None:
        """Stop it; ``on_end`` is told at once."""
        if self.is_busy:
            self._progress.stop()
            self._end(t("Cancelled."))

    def _look(self) -> None:
        if self._answers.empty():
            self._on_progress(self._progress.part)
        else:
            self._end(self._answers.get())

    def _end(self, why: str) -> None:
        self.is_busy = False
        self._timer.stop()
        self._on_end(why)


def _run(work: Work, progress: Progress, answers: SimpleQueue[str]) -> None:
    try:
        work(progress)
    except Refused as refused:
        answers.put(str(refused))
    except Stopped:
        answers.put(t("Cancelled."))
    except Exception as error:  # whatever it is, the sheet must not wait for ever
        answers.put(str(error) or type(error).__name__)
    else:
        answers.put("")
