"""A calm line over the work area for what holds until somebody ends it: looking as another, no people yet."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from hmi.formats import t
from hmi.theme import Theme
from hmi.who import Who
from hmi.widgets.labels import ShortWords


class PersonBar(QFrame):
    """``ended`` = End was tapped; ``first`` = the first administrator is to be made."""

    ended = Signal()
    first = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "bar")
        self._is_put_off = False
        self.words = ShortWords(theme, step="body", bold=True)
        self.end = QPushButton(t("End"), self)
        self.end.setAccessibleName(t("End: look at this as yourself again"))
        self.end.clicked.connect(self.ended)
        self.make = QPushButton(t("Make the first administrator…"), self)
        self.make.clicked.connect(self.first)
        self.later = QPushButton(t("Not now"), self)
        self.later.setAccessibleName(t("Not now: this line goes; the person at the top right offers it too"))
        self.later.clicked.connect(self._put_off)
        box = QHBoxLayout(self)
        box.setContentsMargins(24, 4, 12, 4)
        box.setSpacing(10)
        box.addWidget(self.words, 1)
        for button in (self.end, self.make, self.later):
            box.addWidget(button)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.words.set_theme(theme)

    def show_who(self, known: Who) -> None:
        """Appear with what must be said, or go."""
        session = known.session
        tried = session.trying if session is not None else ""
        is_new = known.is_known and known.is_new and session is None and not self._is_put_off
        if tried:
            self.words.show_text(t("You look at this as {name}: nothing is done.", name=tried))
        elif is_new:
            self.words.show_text(t("Nobody can log in yet. Watching needs no login; doing something does."))
        self.end.setVisible(bool(tried))
        for button in (self.make, self.later):
            button.setVisible(is_new and not tried)
        self.setVisible(bool(tried) or is_new)

    def _put_off(self) -> None:
        self._is_put_off = True
        self.hide()
