"""A PIN or a badge that an administrator gives to another person, or takes away from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.types import Person
from hmi import who
from hmi.displays.system.people import state as people
from hmi.displays.system.people.sheets import NARROW_PX, AskSheet
from hmi.displays.system.people.state import Staff
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.choice import Choice
from hmi.widgets.labels import Words


class GiveSheet(AskSheet):
    """``do`` gets the body of ``secret_change``. A PIN is of one station, a badge is read twice."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("PIN and badge"), t("Give"), NARROW_PX, parent)
        self._do: Callable[[dict[str, Any]], None] = lambda _: None
        self._person = Person("", "")
        options = (
            ("pin", t("PIN"), t("Counts at one station, and never as a second person")),
            ("badge", t("Badge"), t("Logs in together with a PIN")),
        )
        self.kind = Choice(Words(theme, t("What"), "body"), options, self)
        self.station_name = Words(theme, t("At the station"), "small", "muted")
        self.station = QComboBox(self)
        self.station.setMinimumHeight(theme.size.target)
        self.station.setAccessibleName(self.station_name.text())
        self.new, self.again = QLineEdit(self), QLineEdit(self)
        row = QHBoxLayout()
        row.setSpacing(10)
        for field, name in ((self.new, t("New")), (self.again, t("The same again"))):
            field.setAccessibleName(name)
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData)
            field.setMaxLength(256)
            field.textChanged.connect(self.check)
            row.addWidget(field, 1)
        self.rule = Words(theme, step="small", look="muted")
        self.rule.setWordWrap(True)
        self.remove = QPushButton(t("Take it away"), self)
        for part in (self.said, self.kind, self.station_name, self.station):
            self.body.addWidget(part)
        self.body.addLayout(row)
        for part in (self.rule, self.trouble):
            self.body.addWidget(part)
        self.foot.insertWidget(1, self.remove)
        self.new.returnPressed.connect(self.again.setFocus)
        self.again.returnPressed.connect(self.button.click)
        self.kind.chosen.connect(lambda _: self._turn())
        self.station.currentIndexChanged.connect(self.check)
        self.button.clicked.connect(lambda: self._send(self.new.text()))
        self.remove.clicked.connect(lambda: self._send(""))

    def ask(self, staff: Staff, person: Person, do: Callable[[dict[str, Any]], None]) -> None:
        """Open for somebody."""
        self._person, self._do = person, do
        self.title.show_text(t("PIN and badge of {name}", name=person.full_name))
        self.setAccessibleName(self.title.text())
        self.say(t("Now: {ways}.", ways=people.login_words(person)))
        own = who.station_name()
        self.station.clear()
        for each in dict.fromkeys((own, *staff.stations, *filter(None, person.pin_stations))):
            self.station.addItem(t("{name}, here", name=each) if each == own else each, each)
        self.kind.pick("pin")
        self.show_trouble("")
        self._turn()
        self.open()
        self.new.setFocus()

    def leave(self) -> None:
        """Back to the list; nothing that was typed stays."""
        super().leave()
        self.new.clear()
        self.again.clear()

    def place(self) -> None:
        """As high as it needs; words that wrap know how high they are once they have their width."""
        super().place()
        super().place()

    def _turn(self) -> None:
        is_pin = self.kind.picked == "pin"
        for part in (self.station_name, self.station):
            part.setVisible(is_pin)
        hold = t("Hold the badge to the reader")
        self.new.setPlaceholderText(t("New PIN, digits only") if is_pin else hold)
        self.again.setPlaceholderText(t("The same again") if is_pin else t("Once more"))
        self.new.clear()
        self.again.clear()
        self.check()
        self.new.setFocus()

    @property
    def why_not(self) -> str:
        """Why it cannot be given yet, "" = it can."""
        new, again = self.new.text(), self.again.text()
        if self.kind.picked == "badge":
            return "" if new and new == again else t("hold it to the reader twice")
        return t("digits only") if not (new + again + "0").isdecimal() else who.pin_trouble(new, again)

    def check(self) -> None:
        """Say the rule, and what is missing."""
        is_pin = self.kind.picked == "pin"
        rule = (
            t("At least {n} digits. It works once: at its first use they choose their own.", n=who.LEAST_PIN)
            if is_pin
            else t("It logs them in together with their PIN.")
        )
        days = t("For some days you and {name} count as one person then, where two are needed.",
                 name=self._person.full_name)  # fmt: skip
        self.rule.show_text(f"{rule} {days}")
        why = self.why_not
        self.button.setEnabled(not why and not self.is_busy)
        self.button.setToolTip(why)
        has = self.station.currentData() in self._person.pin_stations if is_pin else self._person.has_badge
        self.remove.setEnabled(has and not self.is_busy)
        if self.isVisible():
            self.place()

    def _send(self, new: str) -> None:
        station = str(self.station.currentData() or "") if self.kind.picked == "pin" else ""
        self.show_trouble("")
        self.show_work(True)
        self._do({"name": self._person.name, "kind": self.kind.picked, "new": new, "station": station})
