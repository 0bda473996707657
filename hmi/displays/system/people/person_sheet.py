"""One person: names, roles, whether they are disabled, and a first password. Nobody is ever removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from engine.types import Person, RoleAt
from hmi import who
from hmi.displays.system.people import state as people
from hmi.displays.system.people.roles_table import RolesTable
from hmi.displays.system.people.sheets import AskSheet
from hmi.displays.system.people.state import Staff
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words

SHEET_PX = 760


class PersonSheet(AskSheet):
    """``do`` gets the person as ``people_change`` wants them."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("New person"), t("Save"), SHEET_PX, parent)
        self._do: Callable[[dict[str, Any]], None] = lambda _: None
        self._staff, self._person = Staff(), None
        self.fields: dict[str, QLineEdit] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        self._boxes: dict[str, QVBoxLayout] = {}
        names = (
            ("full_name", t("Full name")),
            ("name", t("Login name")),
            ("password", t("First password")),
            ("again", t("The same again")),
        )
        for place, (key, text) in enumerate(names):
            grid.addLayout(self._field(key, text), place // 2, place % 2)
        self._rule = Words(theme, step="small", look="muted")
        self._rule.setWordWrap(True)
        self._roles_title = Words(theme, t("Roles"), "small", "muted")
        self.roles = RolesTable(theme, self)
        self.disabled = QPushButton(t("Disabled: cannot log in"), self)
        self.disabled.setCheckable(True)
        self.body.addLayout(grid)
        for part in (self._rule, self._roles_title, self.roles, self.said, self.trouble):
            self.body.addWidget(part)
        self.foot.insertWidget(1, self.disabled)
        self.button.clicked.connect(self._agree)
        self.roles.changed.connect(self.check)
        self.disabled.clicked.connect(self.check)

    _person: Person | None

    def _field(self, key: str, text: str) -> QVBoxLayout:
        name = Words(self.theme, text, "small", "muted")
        field = self.fields[key] = QLineEdit(self)
        field.setAccessibleName(text)
        field.setMaxLength(128)
        name.setBuddy(field)
        if key in ("password", "again"):
            field.setEchoMode(QLineEdit.EchoMode.Password)
        field.textChanged.connect(self.check)
        field.returnPressed.connect(self._agree)
        box = QVBoxLayout()
        box.setSpacing(3)
        box.addWidget(name)
        box.addWidget(field)
        self._boxes[key] = box
        return box

    def ask(self, staff: Staff, person: Person | None, do: Callable[[dict[str, Any]], None]) -> None:
        """Open for somebody, or for a new person."""
        self._staff, self._person, self._do = staff, person, do
        title = t("New person") if person is None else person.full_name
        self.title.show_text(title)
        self.setAccessibleName(title)
        roles = (RoleAt("operator"),) if person is None else person.roles
        is_local = person is None or person.source == "local"
        self.roles.show_roles(roles, staff.areas, is_local)
        self.fields["full_name"].setText("" if person is None else person.full_name)
        self.fields["name"].setText("" if person is None else person.name)
        self.fields["name"].setEnabled(person is None)
        for key in ("password", "again"):
            self.fields[key].clear()
            self.fields[key].setEnabled(is_local)
        self.disabled.setChecked(person is not None and person.is_disabled)
        self.disabled.setVisible(person is not None)
        self.say("" if is_local else t("Password and roles of this person are the directory's."))
        self._rule.show_text(self._told())
        self.show_trouble("")
        self.open()
        self.fields["full_name"].setFocus()

    def leave(self) -> None:
        """Back to the list; no password stays in a field."""
        super().leave()
        for key in ("password", "again"):
            self.fields[key].clear()

    def _told(self) -> str:
        least = who.LEAST_PASSWORD
        if self._person is None:
            return t("At least {n} characters. It works once: then they choose their own.", n=least)
        return t("Leave both empty to keep the password. A new one, of at least {n}, works once.", n=least)

    @property
    def why_not(self) -> str:
        """Why it cannot be saved yet, "" = it can."""
        password, again = self.fields["password"].text(), self.fields["again"].text()
        if not self.fields["full_name"].text().strip():
            return t("Give the full name.")
        if self._person is None and (trouble := people.name_trouble(self._staff, self.fields["name"].text())):
            return trouble
        if password or again:
            return who.password_trouble(password, again)
        return ""

    def check(self) -> None:
        """Say what is missing; Save waits for it."""
        why = self.why_not
        self.button.setEnabled(not why and not self.is_busy)
        self.button.setToolTip(why)
        has_secret = self.fields["password"].text() or self.fields["again"].text()
        is_name = bool(self.fields["name"].text()) and bool(self.fields["full_name"].text())
        said = why if has_secret or is_name else ""
        self._rule.show_text(" ".join(each for each in (self._told(), said) if each))

    def _agree(self) -> None:
        if not self.button.isEnabled():
            self.focusNextChild()
            return
        name = self.fields["name"].text().strip()
        person = self._person or Person(name, "")
        body = people.edit(
            person,
            full_name=" ".join(self.fields["full_name"].text().split()),
            roles=self.roles.roles,
            is_disabled=self.disabled.isChecked(),
        )
        if self.fields["password"].text():
            body |= {"password": self.fields["password"].text(), "must_change": True}
        self.show_trouble("")
        self.show_work(True)
        self._do(body)
