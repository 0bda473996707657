"""What is entered on the change sheet: by keys, by the pad of figures, step by step, or picked from words."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.types import Plant
from hmi.formats import t
from hmi.shell import change_state as state
from hmi.shell.change_state import Intent
from hmi.theme import Theme
from hmi.widgets.labels import Words

BACK, CLEAR, SIGN = "\u232b", "C", "\u00b1"
_KEYS = ("7", "8", "9", BACK, "4", "5", "6", CLEAR, "1", "2", "3", SIGN, "0", ".")
_COLUMNS = 4
_SPOKEN = {BACK: "Delete the last figure", CLEAR: "Clear", SIGN: "Change the sign", ".": "Decimals"}


class Entry(QWidget):
    """``edited`` = what is entered differs; it is never sent from here, by whatever key."""

    edited = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._intent: Intent | None = None
        self._plant = Plant(name="")
        self._base: float | None = None
        self.text = _Figures(self)
        self.unit = Words(theme, step="title", look="muted")
        self.less, self.more = QPushButton("\u2212", self), QPushButton("+", self)
        self.pad = QWidget(self)
        self.keys = {key: QPushButton(key, self.pad) for key in _KEYS}
        self.options = QWidget(self)
        self._option_box = QVBoxLayout(self.options)
        self.picks: dict[float, QPushButton] = {}
        self._group = QButtonGroup(self)
        self.said = Words(theme, step="body", bold=True)
        self.said.setWordWrap(True)
        self._lay_out(theme)
        self.text.textEdited.connect(lambda _: self._changed())
        self.less.clicked.connect(lambda: self._step(-1))
        self.more.clicked.connect(lambda: self._step(1))
        for key, button in self.keys.items():
            button.clicked.connect(lambda _=False, key=key: self._press(key))

    def _lay_out(self, theme: Theme) -> None:
        self.text.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.text.setAccessibleName(t("New value"))
        row, pad, box = QHBoxLayout(), QGridLayout(self.pad), QVBoxLayout(self)
        for each in (row, pad, box, self._option_box):
            each.setContentsMargins(0, 0, 0, 0)
            each.setSpacing(6)
        for part in (self.less, self.text, self.unit, self.more):
            row.addWidget(part, 1 if part is self.text else 0)
        for place, (key, button) in enumerate(self.keys.items()):
            wide = 2 if key in ("0", ".") else 1
            column = place % _COLUMNS if key != "." else 2
            pad.addWidget(button, place // _COLUMNS, column, 1, wide)
            button.setAccessibleName(t(_SPOKEN[key]) if key in _SPOKEN else key)
        for button in (self.less, self.more, *self.keys.values()):
            # The entry keeps the keys of the keyboard while the pad is tapped.
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setMinimumWidth(theme.size.target)
        for part in (self.pad, self.options, self.said):
            box.addWidget(part)
        box.insertLayout(0, row)
        box.addStretch(1)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for part in (self.unit, self.said):
            part.set_theme(theme)

    def ask(self, intent: Intent, plant: Plant) -> None:
        """Empty, for another tag; what is only confirmed has nothing to enter."""
        self._intent, self._plant, self._base = intent, plant, None
        options = state.choices(intent.tag)
        is_entered = intent.kind == "setpoint" and not options
        is_picked = intent.kind == "setpoint" and bool(options)
        for part in (self.text, self.unit, self.less, self.more, self.pad):
            part.setVisible(is_entered)
        self.options.setVisible(is_picked)
        self.text.setText("")
        self.unit.show_text(intent.tag.unit if intent.tag is not None else "")
        self.keys["."].setText(state.decimal_mark(plant.locale))
        size = state.step_of(intent)
        for button, word in (
            (self.less, t("Less by {step}", step=size)),
            (self.more, t("More by {step}", step=size)),
        ):
            button.setAccessibleName(word)
        self._make_options(options if is_picked else ())
        self.show_said("")

    def _make_options(self, options: tuple[tuple[float, str], ...]) -> None:
        for button in self.picks.values():
            self._group.removeButton(button)
            button.hide()
            button.deleteLater()
        self.picks = {}
        for value, word in options:
            button = QPushButton(word, self.options)
            button.setCheckable(True)
            button.clicked.connect(self._changed)
            self._group.addButton(button)
            self._option_box.addWidget(button)
            self.picks[value] = button

    def show_now(self, value: float | None) -> None:
        """The live value, from which the first step starts."""
        self._base = value

    def show_said(self, text: str) -> None:
        """What is wrong with the entry, in words."""
        self.said.show_text(text)

    @property
    def value(self) -> float | None:
        """What is to be written; None = nothing is entered, or not a number."""
        if self._intent is None or self._intent.kind != "setpoint":
            return None if self._intent is None else self._intent.value
        if self.picks:
            return next((value for value, button in self.picks.items() if button.isChecked()), None)
        return state.typed(self.text.text(), self._plant.locale)

    @property
    def trouble(self) -> str:
        """Why it cannot be checked, "" = it can or is not entered yet."""
        intent = self._intent
        if intent is None or intent.kind != "setpoint":
            return ""
        if self.picks:
            is_same = self.value is not None and self.value == self._base
            return t("It is so already.") if is_same else ""
        return state.trouble(intent, self.text.text(), self._base, self._plant)

    def set_open(self, is_open: bool) -> None:
        """Whether something may be entered now."""
        for part in (self.text, self.less, self.more, *self.keys.values(), *self.picks.values()):
            part.setEnabled(is_open)

    def focus(self) -> None:
        """Give the keys to the entry."""
        (next(iter(self.picks.values())) if self.picks else self.text).setFocus()

    def _press(self, key: str) -> None:
        text, mark = self.text.text(), state.decimal_mark(self._plant.locale)
        if self.text.hasSelectedText():
            text = ""
        if key == BACK:
            text = text[:-1]
        elif key == CLEAR:
            text = ""
        elif key == SIGN:
            text = text[1:] if text.startswith("-") else f"-{text}"
        else:
            text += mark if key == "." else key
        self.text.setText(text)
        self._changed()

    def _step(self, by: int) -> None:
        intent = self._intent
        from_ = self.value if self.value is not None else self._base
        if intent is None or intent.tag is None or from_ is None:
            return
        self.text.setText(state.entry_text(intent.tag, state.stepped(intent, from_, by), self._plant))
        self._changed()

    def _changed(self) -> None:
        self.edited.emit()


class _Figures(QLineEdit):
    """A wheel that turns by chance changes nothing."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
