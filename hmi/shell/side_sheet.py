"""A sheet at the right, under the person chip; it takes nothing back: the plant stays in view beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from hmi.alarm_desk import Sender
from hmi.formats import sentence, t
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet

SIDE_PX, EDGE_PX = 560, 8


class SideSheet(Sheet):
    """``said`` = one line for what went wrong or is awaited; it keeps its place while it is empty.

    It lives while it is open, and what was typed is gone with it.
    """

    def __init__(self, theme: Theme, title: str, sender: Sender, parent: QWidget) -> None:
        super().__init__(theme, title, SIDE_PX, parent)
        self._sender = sender
        self.setProperty("look", "drawer")
        self._box.setContentsMargins(22, 14, 22, 16)
        self._box.setSpacing(10)
        self.said = Words(theme, step="body", bold=True)
        self.said.setWordWrap(True)
        self._box.insertWidget(2, self.said)
        self._is_sent = self._is_gone = False
        self.left.connect(self._go)

    def open(self) -> None:
        """Show it beside what is there; nothing of that moves."""
        self.remember_focus()
        self.place()
        self.show()
        self.raise_()
        self.place()
        self.cancel.setFocus()  # so that Escape leaves it, whatever it asks for

    def place(self) -> None:
        """At the right edge, from the top."""
        super().place()
        for words in self.findChildren(Words):
            # A layout inside another one gives words that wrap a little less than they need.
            if words.wordWrap() and words.isVisible():
                words.setMinimumHeight(max(0, words.heightForWidth(words.width())))
        super().place()
        self.move(self._over.width() - self.width() - EDGE_PX, EDGE_PX)

    def say(self, text: str) -> None:
        """A whole sentence, "" = nothing."""
        self.said.show_text(sentence(text))
        if self.isVisible():
            self.place()

    def set_heading(self, text: str) -> None:
        """Another title."""
        self.title.show_text(text)
        self.setAccessibleName(text)

    @property
    def is_sent(self) -> bool:
        """An answer is awaited; nothing is sent twice."""
        return self._is_sent

    def ask(
        self, op: str, body: dict[str, Any], done: Callable[[Any], None], refused: Callable[[str], None]
    ) -> None:
        """Send a request. An answer that comes after the sheet has gone finds nobody."""
        if self._is_sent:
            return
        self._is_sent = True
        self.say(t("One moment…"))

        def took(answer: Any) -> None:
            if not self._is_gone:
                self._is_sent = False
                self.say("")
                done(answer)

        def refuse(why: str) -> None:
            if not self._is_gone:
                self._is_sent = False
                self.say(why)
                refused(why)

        self._sender.submit(op, body, took, refuse)

    def _go(self) -> None:
        self._is_gone = True
        for field in self.findChildren(QLineEdit):
            field.clear()
        self.shade.deleteLater()
        self.deleteLater()


class CapsWatch(QObject):
    """Says whether Caps Lock seems on: a capital letter came without Shift, or a small one with it."""

    def __init__(self, field: QLineEdit, told: Words) -> None:
        super().__init__(field)
        self._told = told
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            text = event.text()
            if event.key() == Qt.Key.Key_CapsLock:
                self._told.show_text("")
            elif len(text) == 1 and text.isalpha() and text.upper() != text.lower():
                is_shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self._told.show_text(t("Caps Lock seems to be on.") if text.isupper() != is_shifted else "")
        return False


def labelled(
    theme: Theme, text: str, parent: QWidget, *, is_secret: bool = False
) -> tuple[QVBoxLayout, QLineEdit]:
    """A field with its name above it; a secret one shows dots."""
    name = Words(theme, text, "small", look="muted")
    field = QLineEdit(parent)
    field.setAccessibleName(text)
    field.setMaxLength(256)
    if is_secret:
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
        )
    name.setBuddy(field)
    box = QVBoxLayout()
    box.setSpacing(3)
    box.addWidget(name)
    box.addWidget(field)
    return box, field
