"""One of several words, side by side; the chosen one is marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from hmi.widgets.labels import Words
from hmi.widgets.trend_head import head_button

TITLE_PX = 104


class Choice(QWidget):
    """``options`` are (key, word, what it means). ``chosen`` is emitted when a person picks another."""

    chosen = Signal(str)

    def __init__(self, title: Words | None, options: Sequence[tuple[str, str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self.buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        if title is not None:
            title.setFixedWidth(TITLE_PX)
            row.addWidget(title)
        for key, word, told in options:
            button = head_button(word, told, self, checkable=True)
            self._group.addButton(button)
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self.buttons[key] = button
            row.addWidget(button)
        row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for button in self.buttons.values():
            button.ensurePolished()
            self.setMinimumHeight(button.sizeHint().height())
        if options:
            self.pick(options[0][0])

    @property
    def picked(self) -> str:
        """The key of the chosen one."""
        return next((key for key, button in self.buttons.items() if button.isChecked()), "")

    def pick(self, key: str) -> None:
        """Choose one. Raises: KeyError for an unknown key."""
        self.buttons[key].setChecked(True)
