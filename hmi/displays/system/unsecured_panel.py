"""Writes over a link that is not encrypted: whether an administrator confirmed them, and its button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words, heading


class UnsecuredPanel(QFrame):
    """Not there for a source of which plant.toml does not ask it."""

    confirm = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.words = Words(theme, step="body", parent=self)
        self.words.setWordWrap(True)
        self.button = QPushButton(t("Confirm writes over this link"), self)
        self.button.setAccessibleName(self.button.text())
        self.button.clicked.connect(self.confirm)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 6, 16, 14)
        box.setSpacing(8)
        box.addWidget(heading(theme, t("Writes over an unsecured link")))
        box.addWidget(self.words)
        box.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_state(self, state: str, is_stalled: bool) -> None:
        """Bring it up to date; ``state`` as in `SourceDetail.unsecured`."""
        self.setVisible(bool(state))
        self.words.show_text(words_of(state))
        self.button.setVisible(state == "open")
        self.button.setEnabled(not is_stalled)


def words_of(state: str) -> str:
    """The state in words."""
    if state == "confirmed":
        return t("Confirmed by an administrator. Another endpoint or security voids it.")
    return t(
        "Not confirmed: nothing is written. Anybody on the network of this device can read and change what "
        "is sent to it. An administrator may confirm that it is written over this link all the same; that "
        "goes on record."
    )
