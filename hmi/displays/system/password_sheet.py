"""The second step to the password of a source: typed twice, sent to the engine alone, never shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from hmi import formats
from hmi.displays.system import login_state
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet

SHEET_PX = 720
LONGEST = 256
"""More than the engine takes, so that it says so instead of a field that cuts without a word."""


class PasswordSheet(Sheet):
    """What was typed is forgotten as soon as the sheet closes."""

    agreed = Signal(str, str)
    """The source and its new password."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Password of a source"), SHEET_PX, parent)
        self.source = ""
        self._why = Words(theme, step="body")
        self.new, self.again = QLineEdit(self), QLineEdit(self)
        row = QHBoxLayout()
        row.setSpacing(10)
        for field, name in ((self.new, t("Password")), (self.again, t("The same again"))):
            field.setAccessibleName(name)
            field.setPlaceholderText(name)
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData)
            field.setMaxLength(LONGEST)
            field.textChanged.connect(self._check)
            row.addWidget(field, 1)
        self.said = Words(theme, step="body")
        for words in (self.title, self._why, self.said):
            words.setWordWrap(True)
        self.button = QPushButton(t("Set the password"), self)
        self.button.clicked.connect(self._agree)
        self.body.addWidget(self._why)
        self.body.addLayout(row)
        self.body.addWidget(self.said)
        self.foot.addWidget(self.button)

    def ask(self, source: str, user: str, endpoint: str) -> None:
        """Open for one source."""
        self.source = source
        title = t("Password of {user} at {source}", user=user, source=source)
        self.title.show_text(title)
        self.setAccessibleName(title)
        self._why.show_text(
            t(
                "It is kept sealed on the engine's computer, is sent to {endpoint} alone, and only so that "
                "nobody else can read it. The link is opened anew with it at once, for all sources with this "
                "user there. Who changed it goes on record, the password never.",
                endpoint=endpoint,
            )
        )
        self._clear()
        self.open()
        self.new.setFocus()

    def leave(self) -> None:
        """Nothing was agreed to, or it is done."""
        super().leave()
        self._clear()

    def refuse(self, words: str) -> None:
        """The engine did not do it, and why."""
        self._check()
        self._say(formats.sentence(words, self.source))

    def _clear(self) -> None:
        for field in (self.new, self.again):
            field.clear()
        self._check()

    def _say(self, words: str) -> None:
        self.said.show_text(words)
        self.said.setVisible(bool(words))
        if self.isVisible():
            self.place()

    def _check(self) -> None:
        self._say(login_state.wrong(self.new.text(), self.again.text()))
        self.button.setEnabled(login_state.is_ready(self.new.text(), self.again.text()))

    def _agree(self) -> None:
        # A second tap must not send it twice.
        self.button.setEnabled(False)
        self.agreed.emit(self.source, self.new.text())
