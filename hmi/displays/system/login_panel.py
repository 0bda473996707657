"""The login of a source that names a user: what is known of it, and the first step to its password."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from engine.types import Plant, SourceLogin
from hmi.displays.system import login_state
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words, heading


class LoginPanel(QFrame):
    """Not there for a source without a user."""

    asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.words = Words(theme, step="body", parent=self)
        self.words.setWordWrap(True)
        self.button = QPushButton(t("Password…"), self)
        self.button.setAccessibleName(t("Set the password of this source"))
        self.button.clicked.connect(self.asked)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 6, 16, 14)
        box.setSpacing(8)
        box.addWidget(heading(theme, t("Login")))
        box.addWidget(self.words)
        box.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_login(self, login: SourceLogin | None, plant: Plant, now_us: int, is_stalled: bool) -> None:
        """Bring it up to date."""
        self.setVisible(login is not None)
        self.button.setEnabled(not is_stalled)
        if login is not None:
            self.words.show_text(login_state.words_of(login, plant, now_us))
