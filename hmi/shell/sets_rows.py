"""The table of a setpoint set: path, saved, now, how it stands; chosen row by row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSizeF,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from hmi.formats import t
from hmi.shell.sets_state import Row
from hmi.theme import Theme, colour
from hmi.widgets.picture import blank

_Index = QModelIndex | QPersistentModelIndex
TICK_PX = 18
COLUMNS = ("Tag", "Saved", "Now", "State")
_ROLE = Qt.ItemDataRole


class SetRows(QAbstractTableModel):
    """``chosen`` are the paths that are ticked; what cannot be written has no tick. ``picked`` = a change."""

    picked = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: tuple[Row, ...] = ()
        self.chosen: set[str] = set()
        self._is_open = True

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.beginResetModel()
        self._theme = theme
        self.endResetModel()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def set_open(self, is_open: bool) -> None:
        """Whether rows may be chosen now."""
        if is_open != self._is_open:
            self.beginResetModel()
            self._is_open = is_open
            self.endResetModel()

    def choose_all(self, is_chosen: bool) -> None:
        """Tick all that are on show, or none of them."""
        paths = {row.path for row in self.rows if row.can}
        self.chosen = self.chosen | paths if is_chosen else self.chosen - paths
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, 0))
        self.picked.emit()

    def toggle(self, index: _Index) -> None:
        """Tick a row, or take its tick away."""
        row = self.rows[index.row()]
        if row.can and self._is_open:
            self.chosen ^= {row.path}
            self.dataChanged.emit(self.index(index.row(), 0), self.index(index.row(), len(COLUMNS) - 1))
            self.picked.emit()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == _ROLE.DisplayRole:
            return t(COLUMNS[section])
        if role == _ROLE.TextAlignmentRole:
            return _align(section)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        made = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        return made

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        cells = (row.path, row.saved, row.now, row.state)
        if role in (_ROLE.DisplayRole, _ROLE.ToolTipRole):
            return cells[index.column()]
        if role == _ROLE.TextAlignmentRole:
            return _align(index.column())
        if role == _ROLE.DecorationRole and index.column() == 0:
            return tick(self._theme, row.path in self.chosen) if row.can else None
        if role == _ROLE.AccessibleTextRole:
            is_told = row.path in self.chosen and index.column() == 0
            return t("{path}, chosen", path=row.path) if is_told else cells[index.column()]
        return None


@lru_cache(maxsize=8)
def tick(theme: Theme, is_on: bool) -> QPixmap:
    """A box of its own, ticked where the row is chosen: the style's is too small to be seen."""
    made = blank(QSizeF(TICK_PX, TICK_PX), 2.0)
    with QPainter(made) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour(theme.colour.text if is_on else theme.colour.outline), 1.6))
        painter.setBrush(colour(theme.colour.control))
        painter.drawRoundedRect(QRectF(1, 1, TICK_PX - 2, TICK_PX - 2), 3, 3)
        if is_on:
            painter.setPen(QPen(colour(theme.colour.text), 2.4))
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in ((4.5, 9.5), (8, 13), (13.5, 5.5))]))
    return made


def _align(column: int) -> int:
    side = Qt.AlignmentFlag.AlignRight if column in (1, 2) else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
