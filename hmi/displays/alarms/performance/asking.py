"""The figures as asked of the engine: only the newest question counts, and nothing waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer

from engine.types import Plant
from hmi.displays.alarms.performance import state
from hmi.displays.alarms.performance.state import Figures, Stretch
from hmi.displays.feed import Feed
from hmi.formats import sentence

PATIENCE_MS = 400
"""Figures of another question stay, in grey, for so long: an answer that comes at once does not flicker."""


class Asking(QObject):
    """``on_change`` = there are other figures, or none any more; ``on_error`` gets why none came."""

    def __init__(
        self, feed: Feed, on_change: Callable[[], None], on_error: Callable[[str], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._feed, self._on_change, self._on_error = feed, on_change, on_error
        self._number = 0
        self.figures: Figures | None = None
        self.is_busy = False
        self.is_other = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(lambda: self.forget(at_once=True))

    def ask(self, span: Stretch, under: str, plant: Plant, now_us: int) -> None:
        """Ask; the answer comes later, or an error in words."""
        self._number += 1
        number, self.is_busy = self._number, True

        def take(answer: Any) -> None:
            if number == self._number:
                self._take(answer, under, plant, now_us)

        def refuse(why: str) -> None:
            if number == self._number:
                self.is_busy = False
                if self.is_other:
                    self.forget(at_once=True)
                self._on_error(sentence(why))

        self._feed.submit("alarm_metrics", state.body(span, under), take, refuse)

    def _take(self, answer: Any, under: str, plant: Plant, now_us: int) -> None:
        self.is_busy = self.is_other = False
        self._patience.stop()
        try:
            found = state.read(answer)
        except msgspec.ValidationError as error:
            self._on_error(sentence(str(error)))
            return
        self.figures = Figures(found, under, now_us, plant.timezone, plant.locale)
        self._on_change()

    def drop(self) -> None:
        """Hear no more of what was asked."""
        self._number += 1
        self.is_busy = False

    def forget(self, at_once: bool = False) -> None:
        """Another question is to come: what is on show belongs to none any more."""
        if self.figures is None:
            return
        if not at_once:
            self.is_other = True
            self._patience.start()
            return
        self._patience.stop()
        self.figures, self.is_other = None, False
        self._on_change()
