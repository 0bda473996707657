"""The figures of all pens in a table: now, at the cursor, difference, and the statistics of the window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from hmi.formats import t
from hmi.pens import Pen
from hmi.theme import Theme, font
from hmi.widgets.trend_pen import LINE_PX, paint_sample

ROW_PX, HEAD_PX, LEAST_ROWS, MOST_ROWS = 30, 32, 2, 6
TITLES = ("Pen", "Now", "At cursor", "Δ mark", "Smallest", "Mean", "Largest", "Last")
CURSOR, DELTA, LEAST, LAST = 2, 3, 4, 7
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_Index = QModelIndex | QPersistentModelIndex


class ReadoutRows(QAbstractTableModel):
    """One row a pen, texts as they are shown."""

    def __init__(self, parent: QWidget, titles: Sequence[str] = TITLES) -> None:
        super().__init__(parent)
        self.titles = tuple(titles)
        self.pens: tuple[Pen, ...] = ()
        self.cells: list[tuple[str, ...]] = []
        self._over = ""

    def show_over(self, over: str) -> None:
        """Over which time the statistics are, in words."""
        if over != self._over:
            self._over = over
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, 0)

    def show_delta(self, title: str) -> None:
        """What the column of differences is of; "" = the mark."""
        titles = (*self.titles[:DELTA], title or TITLES[DELTA], *self.titles[DELTA + 1 :])
        if titles != self.titles:
            self.titles = titles
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, DELTA, DELTA)

    def show_rows(self, pens: Sequence[Pen], cells: Sequence[tuple[str, ...]]) -> None:
        """Take the words; only what differs is painted anew."""
        if [pen.index for pen in pens] != [pen.index for pen in self.pens]:
            self.beginResetModel()
            self.pens, self.cells = tuple(pens), list(cells)
            self.endResetModel()
            return
        self.pens = tuple(pens)
        for place, row in enumerate(cells):
            if row != self.cells[place]:
                self.cells[place] = row
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(self.titles) - 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.cells)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.titles)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_RIGHT if section else _LEFT)
        is_shown = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        if not is_shown or orientation != Qt.Orientation.Horizontal:
            return None
        if section == 0 and self._over:
            return t("Pen · {over}", over=self._over)
        return t(self.titles[section])

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_RIGHT if index.column() else _LEFT)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.cells[index.row()][index.column()]
        return None


class PenCell(QStyledItemDelegate):
    """A piece of the pen's line before its name."""

    def __init__(self, rows: ReadoutRows, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = rows

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        box = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_sample(painter, QPointF(box.left() + 8, box.center().y()), self._rows.pens[index.row()])
        painter.restore()
        option.rect.setLeft(int(box.left()) + LINE_PX + 8)  # pyright: ignore[reportAttributeAccessIssue]
        super().paint(painter, option, index)


class Readout(QTableView):
    """Copies by Ctrl+C; a tap on a row chooses its pen."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget, titles: Sequence[str] = TITLES) -> None:
        super().__init__(parent)
        self.rows = ReadoutRows(self, titles)
        self.setModel(self.rows)
        self.setItemDelegateForColumn(0, PenCell(self.rows, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionsClickable(False)
        header.setHighlightSections(False)
        header.setFixedHeight(HEAD_PX)
        self.setAccessibleName(t("Figures of all pens"))
        self.clicked.connect(lambda index: self.chosen.emit(self.rows.pens[index.row()].path))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        for part in (self, self.horizontalHeader()):
            part.setFont(font(theme, theme.size.small))

    def show_figures(
        self,
        pens: Sequence[Pen],
        cells: Sequence[tuple[str, ...]],
        over: str,
        has_cursor: bool,
        has_mark: bool,
        has_then: bool = False,
    ) -> None:
        """The words of every pen; columns without a meaning now are left out.

        ``over`` = the time that the statistics are of. ``has_then`` = two periods are compared: then both
        values have the room of the statistics.
        """
        self.rows.show_rows(pens, cells)
        self.rows.show_over(over)
        self.setColumnHidden(CURSOR, not has_cursor)
        self.setColumnHidden(DELTA, not (has_cursor and has_mark))
        for column in range(LEAST, LAST + 1):
            self.setColumnHidden(column, has_cursor and (has_then or (column == LAST and has_mark)))

    def fit(self, height: int) -> None:
        """As tall as its rows, within a part of a display of that height."""
        most = max(LEAST_ROWS, min(MOST_ROWS, int(height * 0.28) // ROW_PX))
        self.setFixedHeight(HEAD_PX + ROW_PX * min(most, max(1, len(self.rows.cells))) + 4)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        header = self.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.setColumnWidth(0, max(150, self.viewport().width() // 4))

    def sizeHint(self) -> QSize:
        return QSize(600, HEAD_PX + ROW_PX * LEAST_ROWS)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """The selected rows, or all of them, with their titles, tabs between."""
        columns = [place for place in range(len(self.rows.titles)) if not self.isColumnHidden(place)]
        picked = sorted({index.row() for index in self.selectedIndexes()}) or range(len(self.rows.cells))
        across = Qt.Orientation.Horizontal
        texts = [[self.rows.headerData(place, across) for place in columns]]
        texts += [[self.rows.cells[row][place] for place in columns] for row in picked]
        QGuiApplication.clipboard().setText("\n".join("\t".join(each) for each in texts))
