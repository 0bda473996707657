"""The rows of the alarm journal that have come, the newest first; more are put on either end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from engine.types import AlarmChange
from hmi.displays.alarms.journal.words import COLUMNS, HEADS
from hmi.formats import t

_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Noted(NamedTuple):
    """A change, and the letter of its alarm before it, "" = not known."""

    change: AlarmChange
    before: str


class JournalRows(QAbstractTableModel):
    """``words`` gives the text of a cell, its tool tip, or with the column "" the whole row as it is said."""

    def __init__(self, words: Callable[[Noted, str, bool], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._words = words
        self.noted: list[Noted] = []

    def begin(self) -> None:
        """Forget all of them."""
        if self.noted:
            self.beginResetModel()
            self.noted = []
            self.endResetModel()

    def older(self, noted: Sequence[Noted]) -> None:
        """Put more at the end."""
        if noted:
            first = len(self.noted)
            self.beginInsertRows(QModelIndex(), first, first + len(noted) - 1)
            self.noted += noted
            self.endInsertRows()

    def newer(self, noted: Sequence[Noted], most: int) -> None:
        """Put more at the top; what is then too much falls off the end."""
        if noted:
            self.beginInsertRows(QModelIndex(), 0, len(noted) - 1)
            self.noted[:0] = noted
            self.endInsertRows()
        if len(self.noted) > most:
            self.beginRemoveRows(QModelIndex(), most, len(self.noted) - 1)
            del self.noted[most:]
            self.endRemoveRows()

    @property
    def newest(self) -> AlarmChange | None:
        """The change at the top."""
        return self.noted[0].change if self.noted else None

    @property
    def oldest(self) -> AlarmChange | None:
        """The change at the end of what has come."""
        return self.noted[-1].change if self.noted else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.noted)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_LEFT)
        is_title = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return t(HEADS[COLUMNS[section]]) if is_title and HEADS[COLUMNS[section]] else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.noted):
            return None
        noted, column = self.noted[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(noted, column, False) or None
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._words(noted, column, True) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._words(noted, "" if index.column() == 0 else column, True)
        return None
