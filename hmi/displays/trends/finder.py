"""Finding tags for the trend: a field, and a list whose rows are tapped or dragged onto the plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from hmi.displays.trends import finder_state
from hmi.displays.trends.finder_state import Row
from hmi.displays.trends.groups import Group
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme, colour, font

MIME = "application/x-watchroom-tags"
"""Tag paths, one a line, UTF-8: what is dragged onto a trend."""
HEAD_PX = 30
_AT = Qt.AlignmentFlag
_Index = QModelIndex | QPersistentModelIndex


class FinderRows(QAbstractListModel):
    """The rows as a list that can be dragged."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()
        self.drawn: frozenset[str] = frozenset()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Other rows, if they differ."""
        if tuple(rows) != self.rows:
            self.beginResetModel()
            self.rows = tuple(rows)
            self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{row.text}, {row.detail}" if row.detail else row.text
        return row.key.replace("/", " › ") if role == Qt.ItemDataRole.ToolTipRole and row.key else None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        row = self.rows[index.row()] if index.isValid() else Row("words", "")
        if not row.paths:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        made = QMimeData()
        paths = [path for index in indexes for path in self.rows[index.row()].paths]
        made.setData(MIME, "\n".join(paths).encode())
        return made


class FinderDelegate(QStyledItemDelegate):
    """Headings in small; rows of a finger's height, with a + or a tick at the right, × on a saved group."""

    def __init__(self, theme: Theme, rows: FinderRows, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self._rows = theme, rows

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        is_head = self._rows.rows[index.row()].kind == "head"
        return QSize(100, HEAD_PX if is_head else self.theme.size.target)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row, tokens = self._rows.rows[index.row()], self.theme.colour
        box = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        state = option.state  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected and row.paths:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(tokens.selected))
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), 4, 4)
        if row.kind in ("head", "words"):
            painter.setFont(font(self.theme, self.theme.size.small, row.kind == "head"))
            painter.setPen(colour(tokens.muted))
            place = _AT.AlignBottom if row.kind == "head" else _AT.AlignVCenter
            words = box.adjusted(8, 0, -8, -4)
            text = painter.fontMetrics().elidedText(row.text, Qt.TextElideMode.ElideLeft, int(words.width()))
            painter.drawText(words, place | _AT.AlignLeft, text)
        else:
            self._paint_row(painter, box, row)
        painter.restore()

    def _paint_row(self, painter: QPainter, box: QRectF, row: Row) -> None:
        tokens, size = self.theme.colour, self.theme.size
        words = box.adjusted(8, 0, -size.target, 0)
        painter.setFont(font(self.theme, size.small + 1))
        metrics = painter.fontMetrics()
        name = metrics.elidedText(row.text, Qt.TextElideMode.ElideRight, int(words.width()))
        painter.setPen(colour(tokens.text))
        painter.drawText(words, _AT.AlignVCenter | _AT.AlignLeft, name)
        rest = words.adjusted(metrics.horizontalAdvance(name) + 10, 0, 0, 0)
        painter.setFont(font(self.theme, size.small))
        painter.setPen(colour(tokens.muted))
        detail = painter.fontMetrics().elidedText(row.detail, Qt.TextElideMode.ElideRight, int(rest.width()))
        if rest.width() > 24:
            painter.drawText(rest, _AT.AlignVCenter | _AT.AlignLeft, detail)
        mark = QRectF(box.right() - size.target, box.top(), size.target, box.height())
        painter.setFont(font(self.theme, size.title))
        is_drawn = bool(row.paths) and set(row.paths) <= self._rows.drawn
        painter.drawText(mark, _AT.AlignCenter, "×" if row.kind == "group" else "✓" if is_drawn else "+")


class Finder(QFrame):
    """Emits the tag paths of what was tapped, and the name of a group to delete."""

    wanted = Signal(list)
    group_wanted = Signal(str)
    group_removed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._groups = Model(), ()
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(t("Find a tag: a few letters"))
        self.field.setAccessibleName(t("Find a tag to draw"))
        self.field.setClearButtonEnabled(True)
        self.rows = FinderRows(self)
        self._delegate = FinderDelegate(theme, self.rows, self)
        self.list = self._make_list()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self.field)
        box.addWidget(self.list, 1)
        self.field.textChanged.connect(self._refresh)
        self.field.returnPressed.connect(self._take_current)
        self.field.installEventFilter(self)
        self.setFocusProxy(self.field)

    def _make_list(self) -> QListView:
        made = QListView(self)
        made.setModel(self.rows)
        made.setItemDelegate(self._delegate)
        made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        made.setDragEnabled(True)
        made.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        made.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setAccessibleName(t("Saved groups, units and tags found"))
        made.viewport().installEventFilter(self)
        made.installEventFilter(self)
        return made

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._delegate.theme = theme
        self.list.doItemsLayout()

    def show_model(self, model: Model, groups: tuple[Group, ...]) -> None:
        """Offer the tags of this plant, and these saved groups."""
        self._model, self._groups = model, groups
        self._refresh(self.field.text())

    def show_drawn(self, paths: Sequence[str]) -> None:
        """Tick what is drawn already."""
        self.rows.drawn = frozenset(paths)
        self.list.viewport().update()

    def _refresh(self, text: str) -> None:
        is_search = bool(text.strip())
        self.rows.show_rows(
            finder_state.found(self._model, text)
            if is_search
            else finder_state.offered(self._model, self._groups)
        )
        if is_search:
            self._step(1, from_row=-1)

    def _step(self, by: int, from_row: int | None = None) -> None:
        row = self.list.currentIndex().row() if from_row is None else from_row
        row += by
        while 0 <= row < len(self.rows.rows):
            if self.rows.rows[row].paths:
                self.list.setCurrentIndex(self.rows.index(row))
                return
            row += by

    def _take_current(self) -> None:
        index = self.list.currentIndex()
        if index.isValid():
            self._take(self.rows.rows[index.row()])

    def _take(self, row: Row) -> None:
        if row.kind == "group":
            self.group_wanted.emit(row.key)
        elif row.paths:
            self.wanted.emit(list(row.paths))

    def _tap(self, spot: QPoint) -> None:
        index = self.list.indexAt(spot)
        if not index.isValid():
            return
        row = self.rows.rows[index.row()]
        at_mark = spot.x() >= self.list.visualRect(index).right() - self._delegate.theme.size.target
        if row.kind == "group" and at_mark:
            self.group_removed.emit(row.key)
        else:
            self._take(row)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(watched, Qt.Key(event.key()))
        if watched is self.list.viewport() and isinstance(event, QMouseEvent):
            if event.type() == QEvent.Type.MouseButtonPress:
                self._pressed_at = event.position().toPoint()
            elif event.type() == QEvent.Type.MouseButtonRelease:
                spot = event.position().toPoint()
                # A drag ends elsewhere; only a tap where it was pressed counts.
                if (spot - self._pressed_at).manhattanLength() < 10:
                    self._tap(spot)
        return super().eventFilter(watched, event)

    _pressed_at = QPoint(-1000, -1000)

    def _key(self, watched: QObject, key: Qt.Key) -> bool:
        if watched is self.field and key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._step(1 if key == Qt.Key.Key_Down else -1)
            return True
        if watched is self.field and key == Qt.Key.Key_Escape and self.field.text():
            self.field.clear()
            return True
        index = self.list.currentIndex()
        if watched is self.list and index.isValid():
            row = self.rows.rows[index.row()]
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
                self._take(row)
                return True
            if key == Qt.Key.Key_Delete and row.kind == "group":
                self.group_removed.emit(row.key)
                return True
        return False
