"""The entries of the ledger that have come, the newest first; more are put on either end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from engine.types import LedgerEntry
from hmi import formats
from hmi.displays.system.ledger import words
from hmi.formats import t

COLUMNS = ("seq", "time", "type", "said")
HEADS = {"seq": "No.", "time": "Time", "type": "What", "said": "In words"}
MOST_TEXTS = 20_000
_Index = QModelIndex | QPersistentModelIndex


class LedgerRows(QAbstractTableModel):
    """``people`` = full names by login name; ``now_us`` and ``zone`` make times short."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.entries: list[LedgerEntry] = []
        self.people: Mapping[str, str] = {}
        self.now_us, self.zone, self.locale = 0, "UTC", "en"
        self._said: dict[int, str] = {}

    def begin(self) -> None:
        """Forget all of them."""
        self.beginResetModel()
        self.entries, self._said = [], {}
        self.endResetModel()

    def older(self, entries: Sequence[LedgerEntry]) -> None:
        """Put more at the end."""
        if entries:
            first = len(self.entries)
            self.beginInsertRows(QModelIndex(), first, first + len(entries) - 1)
            self.entries += entries
            self.endInsertRows()

    def newer(self, entries: Sequence[LedgerEntry]) -> None:
        """Put more at the top."""
        if entries:
            self.beginInsertRows(QModelIndex(), 0, len(entries) - 1)
            self.entries[:0] = entries
            self.endInsertRows()

    def place_of(self, seq: int) -> int:
        """The row of an entry, -1 = it has not come."""
        return next((at for at, each in enumerate(self.entries) if each.seq == seq), -1)

    def said(self, entry: LedgerEntry) -> str:
        """Its sentence, made once."""
        found = self._said.get(entry.seq)
        if found is None:
            if len(self._said) > MOST_TEXTS:
                self._said.clear()
            found = self._said[entry.seq] = words.said(entry, self.people)
        return found

    def text(self, entry: LedgerEntry, column: str) -> str:
        """The text of a cell."""
        if column == "seq":
            return f"{entry.seq}"
        if column == "time":
            return formats.moment(entry.time_us, self.now_us, self.zone)
        return words.type_words(entry.type) if column == "type" else self.said(entry)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        is_title = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return t(HEADS[COLUMNS[section]]) if is_title else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.entries):
            return None
        entry, column = self.entries[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(entry, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return formats.tip(self.text(entry, column))
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return ", ".join(self.text(entry, each) for each in COLUMNS)
        return None
