"""What a cell of alarms.csv is edited with: a choice of words, a number with its unit, a text with offers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QRegularExpressionValidator, QValidator
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QWidget

from hmi.displays.alarms.rationalise import columns
from hmi.displays.alarms.rationalise.columns import Option
from hmi.displays.alarms.rationalise.file import Cells
from hmi.formats import THIN
from hmi.model import Model
from hmi.theme import Theme, colour, font

Editor = QWidget
NUMBER = "\\s*[-\u2212+]?[0-9\u202f]*[.,]?[0-9]*([eE][-+]?[0-9]{1,2})?\\s*"
LONGEST = 1000


class NumberField(QLineEdit):
    """A number, its unit at the right. A comma is taken for a point, which is what the file wants."""

    def __init__(self, theme: Theme, unit: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._theme, self._unit = theme, unit
        self.setValidator(QRegularExpressionValidator(NUMBER, self))
        self.setFont(font(theme, theme.size.small + 1))
        self.show_unit(unit)

    def show_unit(self, unit: str) -> None:
        """What the number is measured in."""
        self._unit = unit
        self.setTextMargins(0, 0, self.fontMetrics().horizontalAdvance(unit) + 8 if unit else 0, 0)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the type and colours of another theme."""
        self._theme = theme
        self.setFont(font(theme, theme.size.small + 1))
        self.show_unit(self._unit)

    def number_text(self) -> str:
        """As the file writes it."""
        return plain_number(self.text())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._unit:
            with QPainter(self) as painter:
                painter.setFont(self.font())
                painter.setPen(colour(self._theme.colour.muted))
                box = self.rect().adjusted(0, 0, -8, 0)
                painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._unit)


class WordField(QComboBox):
    """One of some words; one that the file has and nobody knows stays choosable."""

    def __init__(self, theme: Theme, options: Sequence[Option], parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setFont(font(theme, theme.size.small + 1))
        self.setMaxVisibleItems(16)
        for each in options:
            self.addItem(f"{each.text}  {each.told}".strip() if each.told else each.text, each.text)
        view = self.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + 24)

    def pick(self, text: str) -> None:
        """Show this word."""
        at = self.findData(text)
        if at < 0:
            at = self.findData(text.lower())
        if at < 0:
            self.addItem(text, text)
            at = self.count() - 1
        self.setCurrentIndex(at)

    def word(self) -> str:
        """The word that is chosen."""
        return str(self.currentData() or "")


def editor(
    theme: Theme, model: Model, column: str, cells: Cells, groups: Sequence[str], parent: QWidget | None
) -> Editor:
    """The right editor of a column, empty; `fill` and `text_of` put in and take out."""
    made = _editor(theme, model, column, cells, groups, parent)
    made.setAccessibleName(columns.title(column))
    made.setMinimumHeight(theme.size.target)
    return made


def _editor(
    theme: Theme, model: Model, column: str, cells: Cells, groups: Sequence[str], parent: QWidget | None
) -> Editor:
    options = columns.options(column, model, cells)
    if options:
        return WordField(theme, options, parent)
    if column in columns.NUMBERS:
        return NumberField(theme, columns.unit(column, model, cells), parent)
    made = QLineEdit(parent)
    made.setMaxLength(LONGEST)
    made.setFont(font(theme, theme.size.small + 1))
    offered = columns.offers(column, model, groups)
    if offered:
        completer = QCompleter(list(offered), made)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        made.setCompleter(completer)
    return made


def fill(made: Editor, text: str) -> None:
    """Put a text in."""
    if isinstance(made, WordField):
        made.pick(text)
    elif isinstance(made, QLineEdit):
        made.setText(text)
        made.selectAll()


def text_of(made: Editor) -> str:
    """What stands in it, as the file writes it."""
    if isinstance(made, WordField):
        return made.word()
    if isinstance(made, NumberField):
        return made.number_text()
    return " ".join(made.text().split()) if isinstance(made, QLineEdit) else ""


def is_whole(made: Editor) -> bool:
    """Whether what stands in it can be taken."""
    return not isinstance(made, QLineEdit) or (
        made.hasAcceptableInput() or not isinstance(made.validator(), QValidator)
    )


def plain_number(text: str) -> str:
    """A number as the file writes it, from as a person may."""
    return text.replace("\u2212", "-").replace(THIN, "").replace(" ", "").replace(",", ".")
