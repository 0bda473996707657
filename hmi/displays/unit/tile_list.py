"""The grid of tiles: how many stand side by side, which can be seen, and what hands and keys do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QListView, QWidget

from hmi.displays.unit.tiles import LEAST_WIDTH_PX, MOST_TILE_PX, TILE_PX, TileDelegate, TileModel
from hmi.formats import t


def columns_for(count: int, width: int, most_rows: int) -> int:
    """Tiles side by side: as many as fit, or fewer where the same rows then come out more even.

    Rows that have to scroll are filled to the edge: there every tile that can be seen counts.
    """
    most = max(1, width // LEAST_WIDTH_PX)
    rows = -(-max(1, count) // most)
    return most if rows > most_rows or count <= most else -(-count // rows)


class TileList(QListView):
    """The grid of tiles; fills its width with equal columns. ``tap`` gets a tile and whether it toggles."""

    def __init__(
        self,
        delegate: TileDelegate,
        model: TileModel,
        tap: Callable[[QModelIndex, bool], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._delegate, self._tiles, self._tap = delegate, model, tap
        self._columns = 1
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(t("Tags"))

    def visible_rows(self) -> range:
        """Rows that can be seen now."""
        count = self._tiles.rowCount()
        top = self.verticalScrollBar().value()
        tall = self._delegate.size.height()
        first = top // tall * self._columns
        last = ((top + self.viewport().height()) // tall + 1) * self._columns
        return range(min(first, count), min(last, count))

    def share(self, width: int, good_height: int, most_height: int) -> int:
        """Take so many whole rows as fit into ``most_height``, or all of them; the pixels left of the width.

        Few rows grow to fill ``good_height``: their indicators can then be read from further away.
        """
        count = self._tiles.rowCount()
        # A sixth of a row more than asked for, rather than a row less.
        most_rows = max(1, int(most_height / TILE_PX + 1 / 6))
        self._columns = columns_for(count, width - 1, most_rows)
        wanted = -(-max(1, count) // self._columns)
        rows = min(wanted, most_rows)
        # Always or never, as Qt keeps room for a bar that only may come.
        policies = Qt.ScrollBarPolicy
        scrolls = wanted > rows
        self.setVerticalScrollBarPolicy(
            policies.ScrollBarAlwaysOn if scrolls else policies.ScrollBarAlwaysOff
        )
        tall = TILE_PX if scrolls else max(TILE_PX, min(MOST_TILE_PX, good_height // rows))
        self.setFixedHeight(rows * tall + 1)
        # One pixel less than the room, or Qt would wrap the last column.
        room = width - 1 - (self.verticalScrollBar().sizeHint().width() if scrolls else 0)
        cell = QSize(room // self._columns, tall)
        if cell != self._delegate.size or cell != self.gridSize():
            self._delegate.size = cell
            self.setGridSize(cell)
        return room - cell.width() * self._columns

    def paintEvent(self, event: QPaintEvent) -> None:
        # Qt paints every tile inside the box around all that changed; most of them have not.
        self._delegate.dirty = event.region()
        super().paintEvent(event)
        self._delegate.dirty = None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self._tap(index, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        super().mouseReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        # The frame of the keys is for who uses keys; it would be one more thing to look at for a hand.
        by_keys = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._delegate.has_keys = by_keys
        if not self.currentIndex().isValid() and self._tiles.rowCount():
            self.setCurrentIndex(self._tiles.index(0))
        super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._delegate.has_keys = False
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._delegate.has_keys = True
        index = self.currentIndex()
        if index.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._tap(index, event.key() == Qt.Key.Key_Space)
        else:
            super().keyPressEvent(event)
