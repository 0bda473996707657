"""A line that says what an act came to, with a way back where there is one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords
from hmi.widgets.trend_head import head_button


class Note(QFrame):
    """Takes no room while there is nothing to say."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "to do")
        self.words = ShortWords(theme, step="small")
        self._act: Callable[[], None] | None = None
        self.button = QPushButton(self)
        self._close = head_button("×", t("Close this line"), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)
        row.addWidget(self._close)
        self.button.clicked.connect(self._do)
        self._close.clicked.connect(self.hide)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        self.words.set_theme(theme)

    def show_text(self, text: str, act: str = "", do: Callable[[], None] | None = None) -> None:
        """Say this, with a button of that word; nothing for ""."""
        self.words.show_text(text)
        self._act = do
        self.button.setText(act)
        self.button.setVisible(bool(act))
        self.setVisible(bool(text))

    def _do(self) -> None:
        act = self._act
        self.show_text("")
        if act is not None:
            act()
