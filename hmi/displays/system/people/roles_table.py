"""The roles of one person as lines: a role, where it counts, and a button that takes it away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from engine.types import RoleAt
from hmi.displays.system.people.state import ROLES, where
from hmi.formats import t
from hmi.theme import Theme

LINES_SEEN, SPACE_PX = 4, 6


class RolesTable(QScrollArea):
    """``changed`` = a hand changed a role. Lines that say the same twice count once."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._areas: tuple[str, ...] = ()
        self._lines: list[tuple[QWidget, QComboBox, QComboBox]] = []
        content = QFrame(self)
        content.setProperty("look", "list")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._box = QVBoxLayout(content)
        self._box.setContentsMargins(0, 0, 6, 0)
        self._box.setSpacing(SPACE_PX)
        self.add = QPushButton(t("Add a role"), content)
        self.add.clicked.connect(lambda: self._add(RoleAt("operator"), is_told=True))
        self._box.addWidget(self.add)
        self._box.addStretch(1)
        self.setWidgetResizable(True)
        self.setWidget(content)
        self.setFixedHeight((theme.size.target + 4) * LINES_SEEN + SPACE_PX * (LINES_SEEN - 1))
        self.setAccessibleName(t("Roles"))

    @property
    def roles(self) -> tuple[RoleAt, ...]:
        """What is chosen, each once."""
        found = [RoleAt(role.currentData(), area.currentData()) for _, role, area in self._lines]
        return tuple(sorted(dict.fromkeys(found)))

    def show_roles(self, roles: Sequence[RoleAt], areas: Sequence[str], is_open: bool = True) -> None:
        """One line each; ``is_open`` = they can be changed here."""
        self._areas = tuple(areas)
        for line, _, _ in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = []
        for each in roles:
            self._add(each)
        self.add.setVisible(is_open)
        for line, _, _ in self._lines:
            line.setEnabled(is_open)

    def _add(self, role: RoleAt, is_told: bool = False) -> None:
        line = QWidget(self.widget())
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_PX)
        roles = self._choice(t("Role"), [(each, t(each)) for each in ROLES], role.role)
        known = dict.fromkeys(("", *self._areas, role.area))
        areas = self._choice(t("Where it counts"), [(each, where(each)) for each in known], role.area)
        gone = QPushButton(t("Take away"), line)
        gone.clicked.connect(partial(self._drop, line))
        row.addWidget(roles, 2)
        row.addWidget(areas, 3)
        row.addWidget(gone)
        self._lines.append((line, roles, areas))
        self._box.insertWidget(self._box.indexOf(self.add), line)
        if is_told:
            roles.setFocus()
            self.changed.emit()

    def _choice(self, name: str, options: Sequence[tuple[str, str]], chosen: str) -> QComboBox:
        made = QComboBox(self)
        made.setAccessibleName(name)
        made.setMinimumHeight(self._theme.size.target)
        made.setMinimumWidth(80)
        for key, words in options:
            made.addItem(words, key)
        made.setCurrentIndex(made.findData(chosen))
        made.activated.connect(lambda _: self.changed.emit())
        return made

    def _drop(self, line: QWidget) -> None:
        self._lines = [each for each in self._lines if each[0] is not line]
        line.hide()
        line.deleteLater()
        self.add.setFocus()
        self.changed.emit()
