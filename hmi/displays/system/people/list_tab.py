"""Everybody: a table, and what can be done with one of them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from hmi.displays.system.people import state as people
from hmi.displays.system.people.state import Staff
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.buttons import told_button
from hmi.widgets.labels import Words
from hmi.widgets.table import TextTable


class ListTab(QWidget):
    """Signals carry the login name of the chosen person; ``added`` and ``imported`` are about nobody yet."""

    added = Signal()
    imported = Signal()
    edited = Signal(str)
    asked = Signal(str)
    tried = Signal(str)
    secrets = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._staff, self._why = Staff(), ""
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(t("Name, role or area"))
        self.filter.setAccessibleName(t("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumWidth(120)
        titles = (t("Login"), t("Full name"), t("Roles"), t("Logs in with"), t("State"))
        self.table = TextTable(
            theme,
            titles,
            (0, 3, 4, 4, 0),
            self,
            least_rows=3,
            widest={0: "administrator", 4: "new password first"},
        )
        self.table.setAccessibleName(t("People"))
        self.none = Words(theme, t("Nobody is like that."), look="muted")
        self.none.hide()
        self.add = told_button(t("Add…"), t("A new person"), self)
        self.load = told_button(t("Import CSV…"), t("People from a table: name,full_name,role,area"), self)
        self.edit = told_button(t("Edit…"), t("Names, roles, password, disable"), self)
        self.secret = told_button(t("PIN, badge…"), t("Give or take away a PIN or a badge"), self)
        self.may = told_button(t("What may they do?"), t("Every action, yes or no, and why"), self)
        self.try_as = told_button(
            t("Try as…"), t("See the window as this person does; nothing is done"), self
        )
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.filter, 1)
        for button in (self.edit, self.secret, self.may, self.try_as, self.load, self.add):
            row.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(row)
        box.addWidget(self.table, 1)
        box.addWidget(self.none)
        self._connect()
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        self.filter.textChanged.connect(lambda _: self._show())
        self.table.activated.connect(lambda _: self._open())
        self.table.doubleClicked.connect(lambda _: self._open())
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._offer())
        self.add.clicked.connect(self.added)
        self.load.clicked.connect(self.imported)
        self.edit.clicked.connect(lambda: self.edited.emit(self.chosen))
        self.secret.clicked.connect(lambda: self.secrets.emit(self.chosen))
        self.may.clicked.connect(lambda: self.asked.emit(self.chosen))
        self.try_as.clicked.connect(lambda: self.tried.emit(self.chosen))

    @property
    def chosen(self) -> str:
        """Login name of the selected person, "" = nobody."""
        rows = self.table.selectionModel().selectedRows()
        return self.table.texts.rows[rows[0].row()][0] if rows else ""

    def choose(self, name: str) -> None:
        """Select somebody."""
        for place, row in enumerate(self.table.texts.rows):
            if row[0] == name:
                self.table.selectRow(place)

    def show_staff(self, staff: Staff, why_not: str) -> None:
        """Bring it up to date; ``why_not`` = why nothing can be changed, "" = it can."""
        self._staff, self._why = staff, why_not
        self._show()

    def _show(self) -> None:
        rows = people.rows(self._staff, self.filter.text())
        self.table.show_rows(rows)
        self.table.setVisible(bool(rows))
        self.none.setVisible(not rows)
        self._offer()

    def _offer(self) -> None:
        person = people.person_of(self._staff, self.chosen)
        is_open = not self._why
        for button in (self.add, self.load):
            button.setEnabled(is_open)
        self.edit.setEnabled(is_open and person is not None)
        self.secret.setEnabled(is_open and person is not None and not person.is_disabled)
        self.may.setEnabled(person is not None)
        self.try_as.setEnabled(is_open and person is not None and not person.is_disabled)

    def _open(self) -> None:
        (self.edit if self.edit.isEnabled() else self.may).click()
