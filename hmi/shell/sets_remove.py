"""Removing a set of setpoints for good, in two steps in two places."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from engine.types import SetInfo
from hmi.control_desk import ControlDesk
from hmi.formats import t

Say = Callable[[str], None]


class RemoveSet(QWidget):
    """Remove… at the left asks, Remove for good at its right does it. ``done`` is called when it is gone."""

    def __init__(self, desk: ControlDesk, done: Callable[[], None], say: Say, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk, self._done, self._say = desk, done, say
        self._set: SetInfo | None = None
        self.ask, self.button = QPushButton(t("Remove\u2026"), self), QPushButton(t("Remove for good"), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.ask)
        row.addStretch(1)
        row.addWidget(self.button)
        self.button.hide()
        self.ask.clicked.connect(self._ask)
        self.button.clicked.connect(self._remove)

    def offer(self, wanted: SetInfo | None, is_busy: bool) -> None:
        """This set is chosen now; another one than before is asked about anew."""
        if wanted != self._set:
            self.button.hide()
        self._set = wanted
        why = self._desk.refusal_to_save()
        self.ask.setEnabled(wanted is not None and not why and not is_busy)
        self.ask.setToolTip(why or t("Remove this set"))
        self.button.setEnabled(self.ask.isEnabled())

    def _ask(self) -> None:
        if self._set is not None:
            self.button.show()
            told = t("{name} is then gone for good; that it was there stays on record.", name=self._set.name)
            self._say(told)

    def _remove(self) -> None:
        self.button.hide()
        if self._set is not None:
            self._desk.do("set_remove", {"id": self._set.id}, lambda _: self._done(), self._say)
