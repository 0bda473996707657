"""The second step of the change sheet: what was, what will be, why, and the button that writes it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hmi.formats import t
from hmi.theme import Theme, font
from hmi.widgets.labels import Words, heading, panel

COLUMNS, MOST_REASONS = 2, 8
EDGE_PX = 14


class Confirm(QWidget):
    """``confirmed`` = this button, and nothing else, was pressed: reason and note. ``touched`` = input."""

    confirmed = Signal(str, str)
    touched = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._reasons: tuple[str, ...] = ()
        self._act, self._is_wanted, self._why = ("", ""), False, ""
        self.frame = panel("block", self)
        self.head = heading(theme, t("2  Confirm"))
        self.old = Words(theme, step="title", look="muted")
        self.arrow = Words(theme, "\u2192", "title", "muted")
        self.new = Words(theme, step="value", look="setpoint", bold=True)
        self.ask = Words(theme, step="body", look="muted")
        self.chips: list[QPushButton] = []
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self._grid = QGridLayout()
        self.note = QLineEdit(self)
        self.note.setMaxLength(400)
        self.note.setPlaceholderText(t("Note (not required)"))
        self.note.setAccessibleName(t("Note"))
        self.held = Words(theme, step="body")
        self.held.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.setProperty("look", "write")
        self._lay_out()
        self.note.textEdited.connect(lambda _: self.touched.emit())
        self.button.clicked.connect(self._confirm)

    def _lay_out(self) -> None:
        values = QHBoxLayout()
        values.setSpacing(12)
        for part in (self.old, self.arrow, self.new):
            values.addWidget(part, 0, Qt.AlignmentFlag.AlignBottom)
        values.addStretch(1)
        self._grid.setSpacing(6)
        box = QVBoxLayout(self.frame)
        box.setContentsMargins(EDGE_PX, 4, EDGE_PX, EDGE_PX)
        box.setSpacing(8)
        box.addWidget(self.head)
        box.addLayout(values)
        box.addWidget(self.ask)
        box.addLayout(self._grid)
        box.addWidget(self.note)
        box.addStretch(1)
        box.addWidget(self.held)
        box.addWidget(self.button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.frame)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (self.head, self.old, self.arrow, self.new, self.ask, self.held):
            part.set_theme(theme)

    def begin(self, reasons: Sequence[str], is_wanted: bool) -> None:
        """For another write: nothing is chosen. ``is_wanted`` = a reason must be given."""
        self._reasons = tuple(reasons[:MOST_REASONS])
        for chip in self.chips:
            self._group.removeButton(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = []
        for place, reason in enumerate(self._reasons):
            chip = QPushButton(reason, self)
            chip.setCheckable(True)
            chip.setAccessibleName(t("Reason: {reason}", reason=reason))
            chip.clicked.connect(lambda _=False, chip=chip: self._pick(chip))
            self._group.addButton(chip)
            self._grid.addWidget(chip, place // COLUMNS, place % COLUMNS)
            self.chips.append(chip)
        order = (*self.chips, self.note, self.button)
        for one, other in zip(order, order[1:], strict=False):
            QWidget.setTabOrder(one, other)
        self.note.clear()
        self.show_wanted(is_wanted)
        self.show_step("", "", ("", ""), t("Check it first."))

    def show_wanted(self, is_wanted: bool) -> None:
        """Whether a reason must be given."""
        self._is_wanted = is_wanted
        self.ask.show_text(t("Reason (required)") if is_wanted else t("Reason (not required)"))
        self._show_button()

    def show_step(self, old: str, new: str, act: tuple[str, str], why: str) -> None:
        """Old and new in words, what the button does, and why it cannot be pressed ("" = it can)."""
        self.old.show_text(old)
        for part in (self.old, self.arrow):
            part.setVisible(bool(old))
        self.new.show_text(new)
        self._act, self._why = act, why
        self._show_button()

    @property
    def reason(self) -> str:
        """The coded reason that is chosen, "" = none."""
        chosen = (each for each, chip in zip(self._reasons, self.chips, strict=True) if chip.isChecked())
        return next(chosen, "")

    def set_open(self, is_open: bool) -> None:
        """Whether reason and note may be given."""
        for part in (*self.chips, self.note):
            part.setEnabled(is_open)

    def show_held(self, text: str) -> None:
        """For how long it is held, or what hinders it."""
        self.held.show_text(text)

    @property
    def missing(self) -> str:
        """What must be given still, in words."""
        return t("Choose a reason first.") if self._is_wanted and not self.reason else ""

    def _show_button(self) -> None:
        why = self._why or self.missing
        first, second = self._act
        room = max(120, self.button.width() - 28)
        metrics = QFontMetrics(font(self._theme, self._theme.size.body, True))
        lines = [
            metrics.elidedText(each, Qt.TextElideMode.ElideMiddle, room) for each in (first, second) if each
        ]
        text = "\n".join(lines) or t("Write")
        self.button.setText(text.replace("&", "&&"))
        self.button.setAccessibleName(" ".join(each for each in (first, second) if each) or t("Write"))
        self.button.setEnabled(not why)
        if why:
            self.held.show_text(why)

    def _pick(self, picked: QPushButton) -> None:
        for chip in self.chips:
            if chip is not picked:
                chip.setChecked(False)
        self._show_button()
        self.touched.emit()

    def _confirm(self) -> None:
        self.confirmed.emit(self.reason, self.note.text().strip())
