"""Was a warning right? A person says so with a reason, which makes it a label that models learn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from engine.typed import convert
from engine.types import Episode
from hmi.alarm_desk import Sender
from hmi.author import author
from hmi.formats import sentence, t
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet

SHEET_PX, MOST_LETTERS = 620, 400
RIGHT = "What it foresaw came true or was found: worn, leaking, about to fail."
WRONG = "Somebody looked and found nothing of it. The warning is dismissed, and counts as a false one."


class VerdictSheet(Sheet):
    """Open it with `open_verdict`. It sends by itself; refused, it stays with the reason that was given."""

    def __init__(
        self,
        theme: Theme,
        sender: Sender,
        episode: int,
        is_right: bool,
        done: Callable[[Episode], None],
        parent: QWidget,
    ) -> None:
        title = t("The warning was right") if is_right else t("The warning was wrong")
        super().__init__(theme, title, SHEET_PX, parent)
        self._sender, self._episode, self._is_right, self._told = sender, episode, is_right, done
        self._is_sent = self._is_gone = False
        self.about = Words(theme, step="body", bold=True)
        self.meaning = Words(theme, t(RIGHT) if is_right else t(WRONG), "small", "muted")
        self.reason = QLineEdit(self)
        self.reason.setPlaceholderText(t("How do you know? (required)"))
        self.reason.setAccessibleName(t("Reason"))
        self.reason.setMaxLength(MOST_LETTERS)
        self.said = Words(theme, step="body", bold=True)
        self.button = QPushButton(t("Say it was right") if is_right else t("Say it was wrong"), self)
        for part in (self.about, self.meaning, self.said):
            part.setWordWrap(True)
        for part in (self.about, self.meaning, self.reason, self.said):
            self.body.addWidget(part)
        self.foot.addWidget(self.button)
        self.reason.textChanged.connect(lambda _: self._show())
        self.reason.returnPressed.connect(self._send)
        self.button.clicked.connect(self._send)
        self.left.connect(self._go)
        self._show()

    def _show(self) -> None:
        self.button.setEnabled(bool(self.reason.text().strip()) and not self._is_sent)

    def _send(self) -> None:
        reason = self.reason.text().strip()
        if not reason or self._is_sent:
            return
        self._is_sent = True
        self._say("")
        # Who is logged in signs it in the engine; the name counts only before there are people.
        body = {"episode": self._episode, "is_right": self._is_right, "reason": reason, "by": author()}
        self._sender.submit("verdict", body, self._done, self._refused)

    def _done(self, answer: Any) -> None:
        self._told(convert(answer, Episode))
        if not self._is_gone:
            self.leave()

    def _refused(self, why: str) -> None:
        if not self._is_gone:
            self._is_sent = False
            self._say(sentence(why))

    def _say(self, text: str) -> None:
        self.said.show_text(text)
        self._show()
        if self.isVisible():
            self.place()

    def _go(self) -> None:
        self._is_gone = True
        self.shade.deleteLater()
        self.deleteLater()


def open_verdict(
    theme: Theme,
    sender: Sender,
    episode: int,
    about: str,
    is_right: bool,
    done: Callable[[Episode], None],
    parent: QWidget,
) -> VerdictSheet:
    """Ask for the reason and send it, over ``parent``.

    ``about`` = the warning in words; ``done`` is called with the warning as the engine has it from then on.
    Who opens it asks for the right "annotate" before, and leaves the sheet where a replay begins.
    """
    made = VerdictSheet(theme, sender, episode, is_right, done, parent)
    made.about.show_text(about)
    made.open()
    made.reason.setFocus()
    return made
