"""What may this person do here? Every action with yes or no, and the role or the reason."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from hmi.displays.system.people import state as people
from hmi.displays.system.people.asking import Asking
from hmi.displays.system.people.state import Staff
from hmi.formats import sentence, t
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.table import TextTable

SETTLE_MS = 250


class MayTab(QWidget):
    """Asks the engine, which judges: the same judge as when the person acts."""

    def __init__(self, theme: Theme, asking: Asking, parent: QWidget) -> None:
        super().__init__(parent)
        self._asking, self._answer = asking, None
        self._asked: tuple[str, str] = ("", "")
        self.person = QComboBox(self)
        self.person.setMinimumHeight(theme.size.target)
        self.person.setMinimumWidth(220)
        self.person.setAccessibleName(t("Person"))
        self.path = QLineEdit(self)
        self.path.setPlaceholderText(t("Where: an area, asset or tag; empty = the whole plant"))
        self.path.setAccessibleName(t("Where"))
        self.path.setClearButtonEnabled(True)
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(t("Find an action"))
        self.filter.setAccessibleName(t("Find an action"))
        self.filter.setClearButtonEnabled(True)
        self.said = Words(theme, step="body", bold=True)
        self.said.setWordWrap(True)
        self.table = TextTable(
            theme, (t("Action"), t("May"), t("Why")), (3, 0, 5), self, widest={1: "yes"}, least_rows=3
        )
        self.table.setAccessibleName(t("What this person may do"))
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.person, 2)
        row.addWidget(self.path, 3)
        row.addWidget(self.filter, 2)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(row)
        box.addWidget(self.said)
        box.addWidget(self.table, 1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SETTLE_MS)
        self._soon.timeout.connect(self._ask)
        self.person.activated.connect(lambda _: self._ask())
        self.path.textChanged.connect(lambda _: self._soon.start())
        self.path.returnPressed.connect(self._ask)
        self.filter.textChanged.connect(lambda _: self._show())
        self.setFocusProxy(self.path)

    _answer: Any

    def set_model(self, model: Model) -> None:
        """Another plant: its areas, assets and tags are offered while one types."""
        names = [*model.assets, *(tag.path for tag in model.tags)]
        completer = QCompleter(names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.activated.connect(lambda _: self._ask())
        self.path.setCompleter(completer)

    def show_staff(self, staff: Staff) -> None:
        """Everybody who can be asked about; rights may have changed, so it is asked again."""
        chosen = self.person.currentData()
        known = [each.name for each in staff.people]
        if [self.person.itemData(at) for at in range(self.person.count())] != known:
            self.person.clear()
            for each in staff.people:
                self.person.addItem(f"{each.full_name} ({each.name})", each.name)
            self.person.setCurrentIndex(max(0, self.person.findData(chosen)))
        if self.isVisible():
            self._ask()

    def ask_of(self, name: str) -> None:
        """About somebody."""
        self.person.setCurrentIndex(max(0, self.person.findData(name)))
        self._ask()

    def forget(self) -> None:
        """Nothing is known."""
        self._answer = None
        self._show()

    def _ask(self) -> None:
        self._soon.stop()
        name, path = str(self.person.currentData() or ""), self.path.text().strip()
        if not name or self._asking.is_stalled:
            return
        asked = self._asked = name, path

        def came(answer: Any) -> None:
            if asked == self._asked:
                self._answer = answer
                self._show()

        def missed(why: str) -> None:
            if asked == self._asked:
                self._answer = None
                self._show()
                self.said.show_text(sentence(why))

        self._asking.send("may", {"name": name, "path": path}, came, missed)

    def _show(self) -> None:
        staff = self._asking.staff
        person = people.person_of(staff, self._asked[0])
        if self._answer is None or person is None:
            self.table.show_rows(())
            self.said.show_text("")
            return
        every = people.may_rows(self._answer)
        self.said.show_text(people.may_summary(every, person, self._asked[1]))
        self.table.show_rows(people.may_rows(self._answer, self.filter.text()))
