"""First start: the first administrator is made here, by whoever sets the plant up. There is no default."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QWidget

from hmi import who
from hmi.alarm_desk import Sender
from hmi.formats import sentence, t
from hmi.shell.side_sheet import CapsWatch, SideSheet, labelled
from hmi.theme import Theme
from hmi.widgets.labels import Words


class FirstSheet(SideSheet):
    """Full name, login name, a password twice. Who makes it is logged in with it."""

    def __init__(self, theme: Theme, sender: Sender, parent: QWidget) -> None:
        super().__init__(theme, t("Make the first administrator"), sender, parent)
        note = Words(theme, step="small", look="muted")
        note.setWordWrap(True)
        note.show_text(
            t(
                "From then on, who does something logs in. The administrator makes the others, in System, "
                "People. Nobody can look the password up: keep it safe."
            )
        )
        self.fields: dict[str, QLineEdit] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(10)
        words = (("full_name", t("Full name")), ("name", t("Login name")))
        secrets = (("password", t("Password")), ("again", t("Password again")))
        for row, pair in enumerate((words, secrets)):
            for column, (key, text) in enumerate(pair):
                box, self.fields[key] = labelled(theme, text, self, is_secret=row == 1)
                grid.addLayout(box, row, column)
        self.rule = Words(theme, step="small")
        self.rule.setWordWrap(True)
        self.caps = Words(theme, step="small", bold=True)
        self.button = QPushButton(t("Make"), self)
        self.body.addWidget(note)
        self.body.addLayout(grid)
        self.body.addWidget(self.rule)
        self.body.addWidget(self.caps)
        self.foot.addWidget(self.button)
        for key, field in self.fields.items():
            field.textChanged.connect(self._check)
            field.returnPressed.connect(self._make)
            if key in ("password", "again"):
                CapsWatch(field, self.caps)
        self.button.clicked.connect(self._make)
        self._check()

    def open(self) -> None:
        """Show it, ready for the name."""
        super().open()
        self.fields["full_name"].setFocus()

    def _text(self, key: str) -> str:
        return self.fields[key].text()

    def _check(self) -> None:
        trouble = who.password_trouble(self._text("password"), self._text("again"))
        rule = t(
            "At least {n} characters; a sentence is easier to remember than signs.", n=who.LEAST_PASSWORD
        )
        self.rule.show_text(f"{rule} {sentence(trouble)}" if trouble else rule)
        named = self._text("full_name").strip() and self._text("name").strip()
        self.button.setEnabled(bool(named) and not trouble)
        if self.isVisible():
            self.place()

    def _make(self) -> None:
        if not self.button.isEnabled():
            self.focusNextChild()
            return
        body = {
            "station": who.station_name(),
            "name": self._text("name").strip(),
            "full_name": self._text("full_name").strip(),
            "password": self._text("password"),
        }
        self.ask("first_administrator", body, self._done, lambda _: self.fields["name"].setFocus())

    def _done(self, answer: Any) -> None:
        self.leave()
