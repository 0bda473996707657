"""The two rows of hands above the table: what it shows, and what is done to its rows."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from hmi.displays.alarms.rationalise import state
from hmi.displays.alarms.rationalise.state import Wanted
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme, font
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.trend_head import head_button

PRIORITIES = ("1", "2", "3", "4", "0")
AREA_PX, FILTER_PX = 250, 260
ACTS = (
    ("add", "Add row", "A new row below this one (Insert)"),
    ("remove", "Remove", "Remove the selected rows, or take them back"),
    ("set", "Set…", "One text in a column of all selected rows"),
    ("fill", "Fill down", "What the first selected row says, in all below it (Ctrl+D)"),
    ("copy", "Copy", "The selected cells, for a spreadsheet (Ctrl+C)"),
    ("paste", "Paste", "Cells from a spreadsheet, from this one on (Ctrl+V)"),
    ("undo", "Undo", "Take the last edit back (Ctrl+Z)"),
    ("redo", "Redo", "Do it again (Ctrl+Y)"),
    ("columns", "Columns…", "Which columns the table shows"),
    ("import", "Import…", "Read another list from a CSV file"),
    ("export", "Export…", "Write the list with its edits to a CSV file"),
    ("discard", "Discard", "Back to the list that is in force"),
    ("apply", "Apply…", "Try the list, then put it in force"),
)
GAPS = ("undo", "columns", "discard")


class RationaliseBar(QWidget):
    """``wished`` = another filter, ``acted`` = a button, by its name in `ACTS`."""

    wished = Signal()
    acted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._areas: tuple[str, ...] = ()
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(t("Filter by words"))
        self.filter.setAccessibleName(t("Filter by words"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumWidth(130)
        self.filter.setMaximumWidth(FILTER_PX)
        self.area = QComboBox(self)
        self.area.setAccessibleName(t("Area"))
        self.area.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.area.setMinimumWidth(150)
        self.area.setMaximumWidth(AREA_PX)
        self.area.addItem(t("Whole plant"), "")
        self.priorities = {
            each: head_button(each, t("Show priority {n}", n=each), self, checkable=True, is_narrow=True)
            for each in PRIORITIES
        }
        self.findings = head_button(t("To look at"), t("Only rows with findings"), self, checkable=True)
        self.changed = head_button(t("Changed"), t("Only rows with edits"), self, checkable=True)
        self.count = ShortWords(theme, step="small", look="muted")
        self.buttons = {
            name: head_button(t(word), t(told), self, is_narrow=name not in ("apply",))
            for name, word, told in ACTS
        }
        self._lay_out(theme)
        self.filter.textChanged.connect(lambda _: self.wished.emit())
        self.area.currentIndexChanged.connect(lambda _: self.wished.emit())
        for button in (*self.priorities.values(), self.findings, self.changed):
            button.clicked.connect(lambda _=False: self.wished.emit())
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _=False, name=name: self.acted.emit(name))
        self.set_theme(theme)

    def _lay_out(self, theme: Theme) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(6)
        first.addWidget(self.filter, 2)
        first.addWidget(self.area, 2)
        first.addSpacing(4)
        first.addWidget(Words(theme, t("Priority"), "small", "muted"))
        for button in self.priorities.values():
            first.addWidget(button)
        first.addSpacing(4)
        for button in (self.findings, self.changed):
            first.addWidget(button)
        first.addSpacing(6)
        first.addWidget(self.count, 3)
        for name, button in self.buttons.items():
            if name in GAPS:
                second.addStretch(1) if name == "discard" else second.addSpacing(10)
            second.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addLayout(first)
        box.addLayout(second)

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme; words are told by the page."""
        self.area.setFont(font(theme, theme.size.small + 1))
        self.area.setMinimumHeight(theme.size.target)

    def set_plant(self, model: Model) -> None:
        """The areas of another plant; the one that is chosen stays where it is there as well."""
        areas = state.areas(model)
        if areas != self._areas:
            under = self.wanted.under
            self._areas = areas
            self.area.blockSignals(True)
            while self.area.count() > 1:
                self.area.removeItem(1)
            for path in areas:
                name = "    " * path.count("/") + path.rpartition("/")[2]
                self.area.addItem(name, path)
            self.area.setCurrentIndex(max(0, self.area.findData(under)))
            self.area.blockSignals(False)

    @property
    def wanted(self) -> Wanted:
        """What the table is to show."""
        return Wanted(
            self.filter.text(),
            str(self.area.currentData() or ""),
            frozenset(each for each, button in self.priorities.items() if button.isChecked()),
            self.findings.isChecked(),
            self.changed.isChecked(),
        )

    def show_under(self, path: str) -> None:
        """Narrow to an asset or a tag; one that is no area is added to choose."""
        if path and self.area.findData(path) < 0:
            self.area.addItem(path.rpartition("/")[2], path)
        self.area.setCurrentIndex(max(0, self.area.findData(path)))

    def widen(self) -> None:
        """Let all through."""
        for button in (*self.priorities.values(), self.findings, self.changed):
            button.setChecked(False)
        self.area.setCurrentIndex(0)
        self.filter.clear()
        self.wished.emit()
