"""A table of texts: sorted by a tap on a column, copied by Ctrl+C; news move neither scroll nor selection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from hmi.formats import sort_key, tip
from hmi.theme import Theme, font

ROW_PX, PAD_PX = 34, 16
_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
Cells = tuple[str, ...]


def dress_rows(table: QTableView) -> None:
    """A table whose painter draws whole rows: rows are selected, nothing is edited, columns stand fixed."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    header = table.horizontalHeader()
    header.setSectionsClickable(False)
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    header.setMinimumSectionSize(20)


class TextRows(QAbstractTableModel):
    """Rows of texts in the order they came, or by one column."""

    def __init__(self, titles: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._titles = tuple(titles)
        self._given: tuple[Cells, ...] = ()
        self.rows: tuple[Cells, ...] = ()
        self._by: tuple[int, bool] | None = None

    def take(self, rows: Sequence[Cells]) -> bool:
        """Show these rows; whether anything differs from before."""
        if tuple(rows) == self._given:
            return False
        self._given = tuple(rows)
        self._order()
        return True

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._by = None if column < 0 else (column, order == Qt.SortOrder.DescendingOrder)
        self._order()

    def _order(self) -> None:
        self.beginResetModel()
        self.rows = self._given
        if self._by is not None:
            column, is_down = self._by
            self.rows = tuple(sorted(self._given, key=lambda row: sort_key(row[column]), reverse=is_down))
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._titles)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_LEFT)
        is_title = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return self._titles[section] if is_title else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(self.rows[index.row()][index.column()])
        return self.rows[index.row()][index.column()] if role == Qt.ItemDataRole.DisplayRole else None


class _Elided(QStyledItemDelegate):
    """Paths and addresses give way in their middle: what tells two of them apart stands at the end."""

    def __init__(self, middle: Sequence[int], parent: QWidget) -> None:
        super().__init__(parent)
        self._middle = tuple(middle)

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        modes = Qt.TextElideMode
        mode = modes.ElideMiddle if index.column() in self._middle else modes.ElideRight
        option.textElideMode = mode  # pyright: ignore[reportAttributeAccessIssue]


class TextTable(QTableView):
    """A table of ``titles``. A row is told from others by its first cell.

    ``weights`` share the width, after the columns whose ``widest`` word is known have what they need;
    ``least_rows`` can always be seen, or all where there are fewer.
    """

    def __init__(
        self,
        theme: Theme,
        titles: Sequence[str],
        weights: Sequence[int],
        parent: QWidget,
        *,
        widest: Mapping[int, str],
        least_rows: int,
        is_sortable: bool = True,
        middle: Sequence[int] = (),
    ) -> None:
        super().__init__(parent)
        self.texts = TextRows(titles, self)
        self._weights, self._titles = tuple(weights), tuple(titles)
        self.set_theme(theme)
        self._widest, self._least_rows = dict(widest), least_rows
        self.setModel(self.texts)
        self.setItemDelegate(_Elided(middle, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setFixedHeight(theme.size.target)
        header.setHighlightSections(False)
        if is_sortable:
            header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            header.setSortIndicatorClearable(True)
            self.setSortingEnabled(True)
        else:
            header.setSectionsClickable(False)

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        for part in (self, self.horizontalHeader()):
            part.setFont(font(theme, theme.size.small))

    def show_rows(self, rows: Sequence[Cells]) -> None:
        """Bring the rows up to date; what is selected and how far it is scrolled stays."""
        chosen = set(self._chosen())
        current = self.currentIndex()
        key = self.texts.rows[current.row()][0] if current.isValid() else None
        at = self.verticalScrollBar().value()
        if not self.texts.take(rows):
            return
        model, flags = self.selectionModel(), self.selectionModel().SelectionFlag
        for place, row in enumerate(self.texts.rows):
            if row[0] == key:
                model.setCurrentIndex(self.texts.index(place, 0), flags.NoUpdate)
            if row[0] in chosen:
                model.select(self.texts.index(place, 0), flags.Select | flags.Rows)
        self.setMinimumHeight(self._height(self._least_rows))
        self.updateGeometry()
        self.verticalScrollBar().setValue(at)

    def _height(self, most_rows: int) -> int:
        return self.horizontalHeader().height() + min(len(self.texts.rows), most_rows) * ROW_PX + 2

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._height(2 * self._least_rows))

    def copy(self) -> None:
        """The selected rows, or all of them where none is, to the clipboard: tabs between, titles first."""
        picked = sorted({index.row() for index in self.selectedIndexes()}) or range(len(self.texts.rows))
        lines = [self._titles, *(self.texts.rows[row] for row in picked)]
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines))

    def _chosen(self) -> list[str]:
        return [self.texts.rows[index.row()][0] for index in self.selectionModel().selectedRows()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Share the width anew, after a column was hidden or shown as well."""
        metrics = self.fontMetrics()
        shown = [column for column in range(len(self._weights)) if not self.isColumnHidden(column)]
        known = {
            column: max(metrics.horizontalAdvance(text) for text in (word, self._titles[column])) + 2 * PAD_PX
            for column, word in self._widest.items()
            if column in shown
        }
        room = self.viewport().width() - sum(known.values())
        total = sum(self._weights[column] for column in shown if column not in known)
        for column in shown:
            self.setColumnWidth(column, known.get(column, room * self._weights[column] // max(total, 1)))
