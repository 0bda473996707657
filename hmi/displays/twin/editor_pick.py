"""A button that shows one of several words, and opens them as a menu."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from hmi.widgets.menu import Line, PopupMenu


class Pick(QPushButton):
    """``activated`` = number of the word that a person chose. ``name`` is for those who hear it."""

    activated = Signal(int)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._name, self._words = name, list[tuple[str, str]]()
        self._at = -1
        self._menu = PopupMenu(self, name)
        self.setProperty("look", "close")
        self.setMinimumWidth(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._open)

    def show_words(self, words: list[tuple[str, str]], at: int) -> None:
        """These (word, key), and which of them it is; -1 = none."""
        self._words, self._at = words, at
        word = words[at][0] if 0 <= at < len(words) else ""
        self.setText(f"{word} ▾")
        self.setToolTip(word)
        self.setAccessibleName(f"{self._name}: {word}")

    @property
    def key(self) -> str:
        """What is chosen."""
        return self._words[self._at][1] if 0 <= self._at < len(self._words) else ""

    def choose(self, at: int) -> None:
        """As a person does."""
        self.show_words(self._words, at)
        self.activated.emit(at)

    def _open(self) -> None:
        lines = [Line(word, lambda at=at: self.choose(at)) for at, (word, _) in enumerate(self._words)]
        self._menu.open(lines, self.mapToGlobal(QPoint(0, self.height())), self._name)
