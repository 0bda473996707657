"""Where passwords come from besides here, and the backup that opens everything again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from engine.types import Plant
from hmi.displays.system.fact_grid import FactGrid
from hmi.displays.system.people import keep_state
from hmi.displays.system.people.state import Staff
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words, heading


class KeepTab(QScrollArea):
    """``wanted`` = a backup of people and keys."""

    wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QFrame(self)
        content.setProperty("look", "list")
        self.facts = FactGrid(theme, content)
        self.note = Words(theme, keep_state.directory_note(), "small", "muted", parent=content)
        self.about = Words(theme, keep_state.backup_note(), "small", "muted", parent=content)
        for words in (self.note, self.about):
            words.setWordWrap(True)
        self.backup = QPushButton(t("Back up people and keys…"), content)
        self.backup.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.said = Words(theme, step="body", bold=True, parent=content)
        self.said.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.backup)
        row.addStretch(1)
        box = QVBoxLayout(content)
        box.setContentsMargins(0, 0, 8, 8)
        box.setSpacing(10)
        box.addWidget(heading(theme, t("Directory (LDAP)")))
        box.addWidget(self.facts)
        box.addWidget(self.note)
        box.addSpacing(14)
        box.addWidget(heading(theme, t("Recovery backup")))
        box.addWidget(self.about)
        box.addLayout(row)
        box.addWidget(self.said)
        box.addStretch(1)
        self.setWidget(content)
        self.backup.clicked.connect(self.wanted)
        self.setFocusProxy(self.backup)

    def show_staff(self, staff: Staff, plant: Plant, why_not: str) -> None:
        """Bring it up to date; ``why_not`` = why no backup can be made now, "" = it can."""
        self.facts.show_facts(keep_state.directory(staff.ldap, plant.security.ldap))
        self.backup.setEnabled(not why_not)
        self.backup.setToolTip(why_not)
        self.said.setVisible(bool(self.said.text()))

    def say(self, words: str) -> None:
        """What became of the backup."""
        self.said.show_text(words)
        self.said.setVisible(bool(words))
