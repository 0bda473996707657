"""The rows of alarms.csv for a table view: texts with units, what was changed, what to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from hmi.displays.alarms.rationalise import columns, draft
from hmi.displays.alarms.rationalise.columns import COLUMNS, FINDINGS
from hmi.displays.alarms.rationalise.draft import Rows, Status
from hmi.displays.alarms.rationalise.file import Base, Cells, Row
from hmi.displays.alarms.rationalise.state import Found
from hmi.formats import MINUS, THIN, t
from hmi.model import Model
from hmi.theme import Theme, font

Index = QModelIndex | QPersistentModelIndex
EDITED = Qt.ItemDataRole.UserRole + 1
"""Whether the cell is not what the file says."""
_TOLD = {"added": "+", "removed": MINUS, "changed": "●", "same": ""}


class RationaliseRows(QAbstractTableModel):
    """``edited`` = a person put another text into a cell: id of the row, column, text."""

    edited = Signal(int, str, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.shown: list[int] = []
        self.base, self.found = Base(), Found()
        self.is_locked = False
        self._by_id: dict[int, Row] = {}
        self._lines: Mapping[int, int] = {}
        self._plant = Model()
        self._units: dict[tuple[str, str, str], str] = {}
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        self._struck = QFont(font(theme, theme.size.small + 1))
        self._struck.setStrikeOut(True)

    def set_plant(self, model: Model) -> None:
        """Tags and classes of another plant."""
        self._plant = model
        self._units.clear()
        self._tell(list(COLUMNS))

    @property
    def plant(self) -> Model:
        """The plant that the rows are about."""
        return self._plant

    def take(self, base: Base, rows: Rows, lines: Mapping[int, int], shown: Sequence[int]) -> None:
        """Show these rows; where the same ones are shown as before, nothing moves."""
        self._lines, self.base = lines, base
        self._by_id = {row.id: row for row in rows}
        if list(shown) != self.shown:
            self.beginResetModel()
            self.shown = list(shown)
            self.endResetModel()
        else:
            self._tell(list(COLUMNS))

    def take_findings(self, found: Found) -> None:
        """What to look at, anew."""
        self.found = found
        self._tell([FINDINGS])

    def _tell(self, names: Sequence[str]) -> None:
        if self.shown:
            places = [COLUMNS.index(name) for name in names]
            last = len(self.shown) - 1
            self.dataChanged.emit(self.index(0, min(places)), self.index(last, max(places)))
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, last)

    def row(self, place: int) -> Row:
        """The row that is shown there."""
        return self._by_id[self.shown[place]]

    def cells(self, place: int) -> Cells:
        """Its cells."""
        return self.row(place).cells

    def status(self, place: int) -> Status:
        """What a person made of it."""
        return draft.status(self.base, self.row(place))

    def place(self, row: int, column: str) -> QModelIndex:
        """Where a cell is shown; an invalid index where its row is not."""
        return (
            self.index(self.shown.index(row), COLUMNS.index(column)) if row in self.shown else QModelIndex()
        )

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        kept = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if self.is_locked or COLUMNS[index.column()] == FINDINGS or self.row(index.row()).is_removed:
            return kept
        return kept | Qt.ItemFlag.ItemIsEditable

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _side(COLUMNS[section])
            return columns.title(COLUMNS[section]) if role == Qt.ItemDataRole.DisplayRole else None
        if section >= len(self.shown):
            return None
        status = self.status(section)
        if role == Qt.ItemDataRole.DisplayRole:
            line = self._lines.get(self.shown[section])
            return f"{_TOLD[status]} {line if line is not None else ''}".strip()
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return t("Line of alarms.csv; {status}", status=_status_words(status))
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.shown):
            return None
        row, column = self.row(index.row()), COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.EditRole:
            return row.cells.get(column, "")
        if role == EDITED:
            return column != FINDINGS and draft.is_edited(self.base, row, column)
        if role == Qt.ItemDataRole.FontRole and row.is_removed:
            return self._struck
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self._told(row, column)
        return None

    def setData(  # noqa: N802 (Qt names it)
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        row, column = self.row(index.row()), COLUMNS[index.column()]
        text = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or text == row.cells.get(column, ""):
            return False
        self.edited.emit(row.id, column, text)
        return True

    def text(self, row: Row, column: str) -> str:
        """What a cell shows: a number with its unit, a count of what there is to look at."""
        if column == FINDINGS:
            errors, advice = (len(each.get(row.id, ())) for each in (self.found.errors, self.found.advice))
            return t("✕ {n}", n=errors) if errors else t("{n} to do", n=advice) if advice else ""
        text = row.cells.get(column, "")
        if text and (unit := self._unit(column, row.cells)):
            return f"{text}{THIN}{unit}"
        return text

    def _unit(self, column: str, cells: Cells) -> str:
        key = column, cells.get("path", ""), cells.get("kind", "")
        if key not in self._units:
            self._units[key] = columns.unit(column, self._plant, cells)
        return self._units[key]

    def _told(self, row: Row, column: str) -> str:
        if column == FINDINGS:
            return "\n".join((*self.found.errors.get(row.id, ()), *self.found.advice.get(row.id, ())))
        origin = self.base.origins.get(row.id)
        text = self.text(row, column)
        if origin is None or not draft.is_edited(self.base, row, column):
            return text
        return t("{now} (was {before})", now=text, before=origin.cells.get(column) or t("none"))


def _side(column: str) -> Qt.AlignmentFlag:
    sides = Qt.AlignmentFlag
    return sides.AlignVCenter | (sides.AlignRight if column in columns.NUMBERS else sides.AlignLeft)


def _status_words(status: Status) -> str:
    return {
        "added": t("added, not applied yet"),
        "removed": t("removed, not applied yet"),
        "changed": t("changed, not applied yet"),
        "same": t("as it is in the file"),
    }[status]
