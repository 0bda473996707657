"""The ledger as a table: only what can be seen is painted, older entries are asked for ahead."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from hmi.displays.system.ledger import words
from hmi.displays.system.ledger.rows import COLUMNS, LedgerRows
from hmi.formats import t
from hmi.theme import Theme, colour, font
from hmi.widgets.table import ROW_PX, dress_rows
from hmi.widgets.text_paint import width_of

AHEAD_ROWS, PAD_PX, LINK_PX = 100, 26, 4
_Index = QModelIndex | QPersistentModelIndex


class _Linked(QStyledItemDelegate):
    """Beside the steps of the write that is chosen stands a bar."""

    def __init__(self, theme: Theme, table: LedgerTable) -> None:
        super().__init__(table)
        self.theme, self._table = theme, table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        entry = self._table.rows.entries[index.row()]
        if index.column() == 0 and self._table.write and words.write_id(entry) == self._table.write:
            rect: Any = option.rect  # pyright: ignore[reportAttributeAccessIssue]
            box = QRectF(rect)
            ink = colour(self.theme.colour.text)
            painter.fillRect(QRectF(box.left(), box.top(), LINK_PX, box.height()), ink)


class LedgerTable(QTableView):
    """``wanted`` = the end comes near; ``opened`` = an entry is chosen, by its number."""

    wanted = Signal()
    opened = Signal(int)
    topped = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self.write = theme, ""
        self.rows = LedgerRows(self)
        self._painter = _Linked(theme, self)
        self.setModel(self.rows)
        self.setItemDelegate(self._painter)
        dress_rows(self)
        self.setAccessibleName(t("Ledger"))
        self.setAccessibleDescription(t("Return opens an entry, Ctrl+C copies the selected ones."))
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.rows.rowsInserted.connect(self._came)
        self.clicked.connect(lambda index: self.opened.emit(self.rows.entries[index.row()].seq))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = self._painter.theme = theme
        for part in (self, self.horizontalHeader()):
            part.setFont(font(theme, theme.size.small))
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.fit()

    def show_write(self, write: str) -> None:
        """Mark the steps of a write, "" = none."""
        if write != self.write:
            self.write = write
            self.viewport().update()

    @property
    def is_top(self) -> bool:
        """The newest row is on show."""
        return self.verticalScrollBar().value() <= 0

    def choose(self, seq: int) -> bool:
        """Select an entry and bring it into view; False = it has not come."""
        place = self.rows.place_of(seq)
        if place >= 0:
            self.selectRow(place)
            self.scrollTo(self.rows.index(place, 0))
        return place >= 0

    def _scrolled(self) -> None:
        self._came()
        self.topped.emit()

    def _came(self) -> None:
        last = self.rowAt(self.viewport().height() - 1)
        if last < 0 or last + AHEAD_ROWS >= len(self.rows.entries):
            self.wanted.emit()

    def copy(self) -> None:
        """The selected entries into the clipboard, their lines as they are signed."""
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
        if chosen:
            QGuiApplication.clipboard().setText("\n".join(self.rows.entries[row].line for row in chosen))

    def fit(self) -> None:
        """Give the columns their widths; the sentence takes the rest."""
        small = self._theme.size.small
        fixed = {
            "seq": round(width_of(self._theme, "1 000 000", small)) + PAD_PX,
            "time": round(width_of(self._theme, "Wed 22 Nov 14:14:14", small)) + PAD_PX,
            "type": round(width_of(self._theme, "Write confirmed", small)) + PAD_PX,
        }
        rest = self.viewport().width() - sum(fixed.values())
        for place, column in enumerate(COLUMNS):
            self.setColumnWidth(place, fixed.get(column, max(160, rest)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
        self._came()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().row()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif row >= 0 and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self.rows.entries[row].seq)
        else:
            super().keyPressEvent(event)
