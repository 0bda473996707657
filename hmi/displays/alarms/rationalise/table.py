"""The table in which the rows of alarms.csv are edited, as in a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from hmi.displays.alarms.rationalise import columns, draft, editors
from hmi.displays.alarms.rationalise.columns import COLUMNS, FINDINGS
from hmi.displays.alarms.rationalise.rows import EDITED, Index, RationaliseRows
from hmi.formats import t
from hmi.theme import Theme, colour, font

CORNER_PX, PATH = 9.0, ("path", "other", "display")
HEADER_PX = 62


class CellDelegate(QStyledItemDelegate):
    """Marks a changed cell by its corner, and gives each column its editor."""

    def __init__(self, theme: Theme, rows: RationaliseRows, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self._rows = theme, rows
        self.groups: Callable[[], Sequence[str]] = lambda: ()

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        modes = Qt.TextElideMode
        mode = modes.ElideLeft if COLUMNS[index.column()] in PATH else modes.ElideRight
        option.textElideMode = mode  # pyright: ignore[reportAttributeAccessIssue]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        if not index.data(EDITED):
            return
        box: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        right, top = float(box.right()), float(box.top())
        corner = [QPointF(right - CORNER_PX, top), QPointF(right, top), QPointF(right, top + CORNER_PX)]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self.theme.colour.text))
        painter.drawPolygon(QPolygonF(corner))
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        row = self._rows.row(index.row())
        column = COLUMNS[index.column()]
        made = editors.editor(self.theme, self._rows.plant, column, row.cells, self.groups(), parent)
        if isinstance(made, editors.WordField):
            made.activated.connect(lambda _: self._chosen(made))
        return made

    def _chosen(self, made: QWidget) -> None:
        """A word that was picked needs no Return."""
        self.commitData.emit(made)
        self.closeEditor.emit(made)

    def updateEditorGeometry(  # noqa: N802 (Qt names it)
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        super().updateEditorGeometry(editor, option, index)
        if isinstance(editor, editors.WordField):
            editor.resize(max(editor.width(), editor.sizeHint().width()), editor.height())

    def setEditorData(self, editor: QWidget, index: Index) -> None:  # noqa: N802 (Qt names it)
        editors.fill(editor, str(index.data(Qt.ItemDataRole.EditRole) or ""))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:  # noqa: N802
        if editors.is_whole(editor):
            model.setData(index, editors.text_of(editor))


class RationaliseTable(QTableView):
    """``sorted`` = by this column and downward, "" = as in the file. ``pasted`` = a text from the clipboard.
    ``emptied`` = the selected cells are to hold nothing. ``moved`` = another row or selection.
    """

    sorted = Signal(str, bool)
    pasted = Signal(str)
    emptied = Signal()
    moved = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows = RationaliseRows(theme, self)
        self.cells = CellDelegate(theme, self.rows, self)
        self.setModel(self.rows)
        self.setItemDelegate(self.cells)
        self.setAccessibleName(t("Rows of alarms.csv"))
        self._dress()
        self.set_theme(theme)
        for name in COLUMNS:
            self.setColumnWidth(COLUMNS.index(name), columns.WIDE_PX[name])
        self.show_columns(columns.FIRST_SHOWN)
        self.selectionModel().selectionChanged.connect(lambda *_: self.moved.emit())
        self.selectionModel().currentChanged.connect(lambda *_: self.moved.emit())

    def _dress(self) -> None:
        triggers = QAbstractItemView.EditTrigger
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            triggers.DoubleClicked
            | triggers.SelectedClicked
            | triggers.EditKeyPressed
            | triggers.AnyKeyPressed
        )
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setTabKeyNavigation(True)
        self.setCornerButtonEnabled(False)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.sortIndicatorChanged.connect(self._sort)
        header.setSectionsClickable(True)
        side = self.verticalHeader()
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side.setSectionsClickable(True)
        side.setFixedWidth(HEADER_PX)
        side.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def set_theme(self, theme: Theme) -> None:
        """Take the type and colours of another theme."""
        self.cells.theme = theme
        self.rows.set_theme(theme)
        for part in (self, self.horizontalHeader(), self.verticalHeader()):
            part.setFont(font(theme, theme.size.small + 1))
        self.horizontalHeader().setFixedHeight(theme.size.target)
        self.verticalHeader().setDefaultSectionSize(theme.size.target)
        self.viewport().update()

    def _sort(self, section: int, order: Qt.SortOrder) -> None:
        name = COLUMNS[section] if section >= 0 else ""
        self.sorted.emit(name, order == Qt.SortOrder.DescendingOrder)

    def show_columns(self, names: Sequence[str]) -> None:
        """Show these columns and no others."""
        for at, name in enumerate(COLUMNS):
            self.setColumnHidden(at, name not in names)

    def shown_columns(self) -> list[str]:
        """The columns on show, from left to right."""
        header = self.horizontalHeader()
        order = (header.logicalIndex(at) for at in range(len(COLUMNS)))
        return [COLUMNS[at] for at in order if not self.isColumnHidden(at)]

    # What is chosen

    def chosen(self) -> list[tuple[int, str]]:
        """The selected cells that can hold something, from the top: id of row and column."""
        found = [
            (index.row(), index.column())
            for index in self.selectedIndexes()
            if not self.isColumnHidden(index.column()) and COLUMNS[index.column()] != FINDINGS
        ]
        return [(self.rows.shown[row], COLUMNS[column]) for row, column in sorted(found)]

    def chosen_rows(self) -> list[int]:
        """The ids of the rows of which something is selected, from the top; else that of the current one."""
        places = sorted({index.row() for index in self.selectedIndexes()})
        if not places and self.currentIndex().isValid():
            places = [self.currentIndex().row()]
        return [self.rows.shown[place] for place in places]

    @property
    def current(self) -> tuple[int, str]:
        """The id of the row with the cursor and its column; 0 = none."""
        index = self.currentIndex()
        is_there = index.isValid() and index.row() < len(self.rows.shown)
        return (self.rows.shown[index.row()], COLUMNS[index.column()]) if is_there else (0, "")

    def go_to(self, row: int, column: str = "path") -> bool:
        """Put the cursor on a row and show it; False where it is not among those on show."""
        index = self.rows.place(row, column)
        if not index.isValid():
            return False
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)
        return True

    def choose(self, rows: Sequence[int], at: tuple[int, str]) -> None:
        """Select these rows again, and put the cursor where it was, as far as they are shown."""
        flags = QItemSelectionModel.SelectionFlag
        model = self.selectionModel()
        model.clearSelection()
        for row in rows:
            index = self.rows.place(row, at[1] or "path")
            if index.isValid():
                model.select(index, flags.Select)
        cursor = self.rows.place(at[0], at[1] or "path")
        if cursor.isValid():
            model.setCurrentIndex(cursor, flags.NoUpdate)

    def copy(self) -> None:
        """The selected cells to the clipboard, as a spreadsheet takes them."""
        chosen = self.chosen()
        names = [name for name in self.shown_columns() if any(name == column for _, column in chosen)]
        picked = set(chosen)
        lines = [
            [self.rows.row(at).cells.get(name, "") if (row, name) in picked else "" for name in names]
            for at, row in enumerate(self.rows.shown)
            if any((row, name) in picked for name in names)
        ]
        if lines:
            QGuiApplication.clipboard().setText(draft.as_tsv(lines))

    def paste(self) -> None:
        """What the clipboard holds, from the cursor on."""
        self.pasted.emit(QGuiApplication.clipboard().text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = QKeySequence.StandardKey
        if event.matches(keys.Copy):
            self.copy()
        elif event.matches(keys.Paste):
            self.paste()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.emptied.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # Return in an editor comes here too, once it is done there.
            if self.state() != QAbstractItemView.State.EditingState and self.currentIndex().isValid():
                self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)
