"""Breaking the glass: the sealed code of an area, for when nobody with the right is there."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QVBoxLayout, QWidget

from hmi import who
from hmi.alarm_desk import Sender
from hmi.formats import t
from hmi.shell.side_sheet import SideSheet, labelled
from hmi.theme import Theme
from hmi.widgets.labels import Words


class BreakGlassSheet(SideSheet):
    """Dark band, no red: red is for alarms. Code, who uses it and why; all of it is put on record."""

    def __init__(self, theme: Theme, sender: Sender, minutes: float, parent: QWidget) -> None:
        super().__init__(theme, t("Break glass"), sender, parent)
        band = QFrame(self)
        band.setProperty("look", "stalled")
        inside = QVBoxLayout(band)
        inside.setContentsMargins(14, 10, 14, 10)
        inside.setSpacing(3)
        heading = t("Only in an emergency. The code works once, for {n} min.", n=f"{minutes:g}")
        self.warnings = [
            Words(theme, heading, "body", bold=True),
            Words(
                theme,
                t("All shift leads are told, all that you do is on record, and it is looked at afterwards."),
            ),
        ]
        for words in self.warnings:
            words.setWordWrap(True)
            inside.addWidget(words)
        self.body.addWidget(band)
        named = (("code", t("Code from the sealed envelope")), ("who", t("Your name")), ("reason", t("Why")))
        self.fields: dict[str, QLineEdit] = {}
        for key, text in named:
            box, self.fields[key] = labelled(theme, text, self)
            self.fields[key].textChanged.connect(self._check)
            self.fields[key].returnPressed.connect(self._open)
            self.body.addLayout(box)
        self.button = QPushButton(t("Open the area"), self)
        self.button.clicked.connect(self._open)
        self.foot.addWidget(self.button)
        self._check()

    def open(self) -> None:
        """Show it, ready for the code."""
        super().open()
        self.fields["code"].setFocus()

    def _check(self) -> None:
        self.button.setEnabled(all(field.text().strip() for field in self.fields.values()))

    def _open(self) -> None:
        if not self.button.isEnabled():
            self.focusNextChild()
            return
        body = {key: field.text().strip() for key, field in self.fields.items()}
        self.ask("break_glass", body | {"station": who.station_name()}, self._done, self._refused)

    def _done(self, answer: Any) -> None:
        self.leave()

    def _refused(self, why: str) -> None:
        self.fields["code"].selectAll()
        self.fields["code"].setFocus()
