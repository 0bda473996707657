"""Asks for one line of words: a note, a permit, the name of a filter."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet

SHEET_PX, MOST_LETTERS = 640, 300


class TextSheet(Sheet):
    """Nothing is done without words."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Note"), SHEET_PX, parent)
        self._do: Callable[[str], None] = lambda _: None
        self._what = Words(theme, step="body")
        self._what.setWordWrap(True)
        self.field = QLineEdit(self)
        self.field.setMaxLength(MOST_LETTERS)
        self.button = QPushButton(self)
        for part in (self._what, self.field):
            self.body.addWidget(part)
        self.foot.addWidget(self.button)
        self.field.textChanged.connect(lambda text: self.button.setEnabled(bool(text.strip())))
        self.button.clicked.connect(self._agree)

    def ask(
        self, title: str, what: str, asked: str, act: str, do: Callable[[str], None], text: str = ""
    ) -> None:
        """Open. ``what`` = what it is about, ``asked`` = what to type, ``act`` = the word of the button."""
        self._do = do
        self.title.show_text(title)
        self.setAccessibleName(title)
        self._what.show_text(what)
        self.field.setPlaceholderText(asked)
        self.field.setAccessibleName(asked)
        self.field.setText(text)
        self.button.setText(act)
        self.button.setEnabled(bool(text.strip()))
        self.open()
        self.field.setFocus()

    def _agree(self) -> None:
        text = self.field.text().strip()
        if text:
            self.leave()
            self._do(text)
