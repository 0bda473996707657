"""One's own password, PIN of this station, or badge."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from engine.types import SecretKind, Session
from hmi import who
from hmi.alarm_desk import Sender
from hmi.formats import sentence, t
from hmi.shell.side_sheet import CapsWatch, SideSheet, labelled
from hmi.theme import Theme
from hmi.widgets.labels import Words


def _title(kind: SecretKind) -> str:
    return {
        "password": t("Change my password"),
        "pin": t("My PIN on this station"),
        "badge": t("My badge"),
    }[kind]


def _field(kind: SecretKind) -> str:
    return {
        "password": t("New password"),
        "pin": t("New PIN, digits only"),
        "badge": t("Badge: hold it to the reader"),
    }[kind]


def _rule(kind: SecretKind) -> str:
    return {
        "password": t(
            "At least {n} characters; a sentence is easier to remember than signs.", n=who.LEAST_PASSWORD
        ),
        "pin": t(
            "At least {n} digits. It counts on this station only, and never as a second person.",
            n=who.LEAST_PIN,
        ),
        "badge": t("The badge logs you in together with your PIN."),
    }[kind]


class SecretSheet(SideSheet):
    """Asks for the present password, so that nobody changes it on a station that was left open."""

    def __init__(
        self, theme: Theme, sender: Sender, session: Session, kind: SecretKind, parent: QWidget
    ) -> None:
        is_forced = session.must_change and kind == session.to_change
        first = t("Choose your own PIN first") if kind == "pin" else t("Change your password first")
        title = first if is_forced else _title(kind)
        super().__init__(theme, title, sender, parent)
        self._session = session
        self._kind: SecretKind = kind
        note = Words(theme, step="small", look="muted")
        note.setWordWrap(True)
        note.show_text(
            t("The one that you were given works once. Until it is changed you can watch, and nothing else.")
            if is_forced
            else t("For {name}.", name=session.full_name)
        )
        is_pin_given = is_forced and kind == "pin"
        present = t("PIN that you were given") if is_pin_given else t("Present password")
        old, self.old = labelled(theme, present, self, is_secret=True)
        new, self.new = labelled(theme, _field(kind), self, is_secret=True)
        again, self.again = labelled(theme, t("The same again"), self, is_secret=True)
        self.rule = Words(theme, step="small")
        self.rule.setWordWrap(True)
        self.caps = Words(theme, step="small", bold=True)
        self.body.addWidget(note)
        for box in (old, new, again):
            self.body.addLayout(box)
        self.body.addWidget(self.rule)
        self.body.addWidget(self.caps)
        self.remove = QPushButton(t("Take it away"), self)
        self.remove.setVisible(kind != "password" and not is_forced)
        self.remove.clicked.connect(lambda: self._send(""))
        self.button = QPushButton(t("Change"), self)
        self.button.clicked.connect(lambda: self._send(self.new.text()))
        self.foot.addWidget(self.remove)
        self.foot.addWidget(self.button)
        for field in (self.old, self.new, self.again):
            field.textChanged.connect(self._check)
            CapsWatch(field, self.caps)
        if kind == "pin":
            for field in (self.new, self.again):
                field.setInputMethodHints(field.inputMethodHints() | Qt.InputMethodHint.ImhDigitsOnly)
        self.old.returnPressed.connect(self.new.setFocus)
        self.new.returnPressed.connect(self.again.setFocus)
        self.again.returnPressed.connect(self.button.click)
        self._check()

    def open(self) -> None:
        """Show it, ready for the present password."""
        super().open()
        self.old.setFocus()

    def _trouble(self) -> str:
        new, again = self.new.text(), self.again.text()
        if self._kind == "password":
            return who.password_trouble(new, again)
        if self._kind == "pin":
            return t("digits only") if not (new + again + "0").isdecimal() else who.pin_trouble(new, again)
        return "" if new and new == again else t("hold it to the reader twice")

    def _check(self) -> None:
        trouble, rule = self._trouble(), _rule(self._kind)
        self.rule.show_text(f"{rule} {sentence(trouble)}" if trouble else rule)
        self.button.setEnabled(bool(self.old.text()) and not trouble)
        self.remove.setEnabled(bool(self.old.text()))
        if self.isVisible():
            self.place()

    def _send(self, new: str) -> None:
        body = {
            "name": self._session.person,
            "kind": self._kind,
            "new": new,
            "old": self.old.text(),
            "station": who.station_name(),
        }
        self.ask("secret_change", body, self._done, self._refused)

    def _done(self, answer: Any) -> None:
        self.leave()

    def _refused(self, why: str) -> None:
        self.old.clear()
        self.old.setFocus()
