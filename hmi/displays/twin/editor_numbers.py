"""Fields for numbers of a part, and a pad of figures for those who have no keyboard at hand."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from hmi import formats
from hmi.formats import t
from hmi.shell.change_state import decimal_mark, typed
from hmi.theme import Theme
from hmi.widgets.labels import Words

KEYS = ("7", "8", "9", "⌫", "4", "5", "6", "±", "1", "2", "3", "C", "0", ".", "Enter")
SPOKEN = {"⌫": "Delete the last figure", "±": "Change the sign", "C": "Clear", ".": "Decimals"}


class Number(QWidget):
    """A title over a field. ``entered`` = another number was typed; ``held`` = it has the keys."""

    entered = Signal(float)
    held = Signal()

    def __init__(self, theme: Theme, title: str, spoken: str, decimals: int | None, parent: QWidget) -> None:
        super().__init__(parent)
        self._locale, self._decimals = "en", decimals
        self._value: float | None = None
        """None = as many as it takes."""
        self.title = Words(theme, title, step="small", look="muted")
        self.field = _Field(self)
        self.field.setAccessibleName(spoken)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setMinimumWidth(48)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(self.title)
        box.addWidget(self.field)
        self.field.editingFinished.connect(self.enter)
        self.field.held.connect(self.held)

    def set_locale(self, locale: str) -> None:
        """The decimal sign of the plant."""
        self._locale = locale
        self.show_value(self._value)

    def show_value(self, value: float | None) -> None:
        """This number; None = there is none, or several that differ."""
        self._value = value
        text = "" if value is None else self._written(value)
        self.field.setText(text.replace(formats.THIN, "").replace(formats.MINUS, "-"))
        self.field.setModified(False)

    def _written(self, value: float) -> str:
        if self._decimals is not None:
            return formats.number(value, self._decimals, self._locale)
        mark, text = decimal_mark(self._locale), formats.number(value, 4, self._locale)
        return text.rstrip("0").rstrip(mark) if mark in text else text

    @property
    def value(self) -> float | None:
        """What is on show or typed."""
        return typed(self.field.text(), self._locale)

    def enter(self) -> None:
        """Take what was typed; what is no number is put back."""
        value = self.value
        if value is None or (self._value is not None and abs(value - self._value) < 1e-9):
            self.show_value(self._value)
        elif self.field.isModified():
            self._value = value
            self.field.setModified(False)
            self.entered.emit(value)

    def press(self, key: str) -> None:
        """A key of the pad was tapped."""
        text = "" if self.field.hasSelectedText() else self.field.text()
        if key == "Enter":
            self.enter()
            return
        if key == "⌫":
            text = text[:-1]
        elif key == "C":
            text = ""
        elif key == "±":
            text = text[1:] if text.startswith("-") else f"-{text}"
        else:
            text += decimal_mark(self._locale) if key == "." else key
        self.field.setText(text)
        self.field.setModified(True)


class _Field(QLineEdit):
    """All of it is chosen when it gets the keys: what is typed takes its place."""

    held = Signal()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.selectAll()
        self.held.emit()


class NumberPad(QWidget):
    """Types into the field that last had the keys."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._target: Number | None = None
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        self.keys: dict[str, QPushButton] = {}
        for at, key in enumerate(KEYS):
            made = QPushButton(t("Enter") if key == "Enter" else key, self)
            made.setAccessibleName(t(SPOKEN[key]) if key in SPOKEN else key)
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            made.setMinimumWidth(theme.size.target)
            made.clicked.connect(lambda _=False, key=key: self._press(key))
            grid.addWidget(made, at // 4, at % 4, 1, 2 if key == "Enter" else 1)
            self.keys[key] = made

    def aim(self, target: Number) -> None:
        """The keys go to this field."""
        self._target = target

    def _press(self, key: str) -> None:
        if self._target is not None:
            self._target.press(key)
