"""The second person on the change sheet: another account with its own password, in a place of its own."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words, heading, panel


class Second(QWidget):
    """``approved`` = name and password. What was typed as password is gone as soon as it was sent."""

    approved = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.frame = panel("to do", self)
        self.head = heading(theme, t("3  Second person"))
        self.told = Words(theme, step="body")
        self.told.setWordWrap(True)
        self.name, self.secret = QLineEdit(self), QLineEdit(self)
        self.name.setPlaceholderText(t("Name of the second person"))
        self.name.setAccessibleName(t("Name of the second person"))
        self.secret.setPlaceholderText(t("Password"))
        self.secret.setAccessibleName(t("Password of the second person"))
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData
        )
        self.said = Words(theme, step="body", bold=True)
        self.said.setWordWrap(True)
        self.button = QPushButton(t("Approve as the second person"), self)
        box = QVBoxLayout(self.frame)
        box.setContentsMargins(14, 4, 14, 14)
        box.setSpacing(8)
        for part in (self.head, self.told, self.name, self.secret, self.said, self.button):
            box.addWidget(part)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.frame)
        self._is_open = True
        self.name.textEdited.connect(lambda _: self._show_button())
        self.secret.textEdited.connect(lambda _: self._show_button())
        self.button.clicked.connect(self._approve)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for part in (self.head, self.told, self.said):
            part.set_theme(theme)

    def begin(self) -> None:
        """Empty, for another write."""
        self.name.clear()
        self.secret.clear()
        self.said.show_text("")
        self._show_button()

    def show_left(self, requester: str, left_s: int) -> None:
        """How long there is for it."""
        told = t("Another person than {who} confirms it here within {n} s.", who=requester, n=left_s)
        self.told.show_text(told)

    def show_trouble(self, said: str, is_open: bool) -> None:
        """Why the last try was refused, and whether another can be made now."""
        self.said.show_text(said)
        self.said.setVisible(bool(said))
        self._is_open = is_open
        for part in (self.name, self.secret):
            part.setReadOnly(not is_open)  # not off: the keys would go on to something outside of the sheet
        self._show_button()

    def _show_button(self) -> None:
        is_given = bool(self.name.text().strip() and self.secret.text())
        self.button.setEnabled(is_given and self._is_open)

    def _approve(self) -> None:
        name, secret = self.name.text().strip(), self.secret.text()
        self.secret.setFocus()  # the button goes off, and a password that was wrong is typed again here
        self.secret.clear()
        self.approved.emit(name, secret)
