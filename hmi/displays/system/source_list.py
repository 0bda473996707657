"""The list of sources at the left of System: one row each, those that need a look first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from hmi.displays.system.state import Row
from hmi.theme import Theme, colour, font
from hmi.widgets.indicator import paint_hatch
from hmi.widgets.state_mark import paint_state_mark

ROW_PX, HATCH_PX = 60, 30
_PAD, _MARK_PX = 14, 26
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_Index = QModelIndex | QPersistentModelIndex


class SourceRows(QAbstractListModel):
    """One row a source."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()

    def take(self, rows: Sequence[Row]) -> None:
        """Show these; only rows that differ are painted again while their order stays."""
        before, self_rows = self.rows, tuple(rows)
        if [row.id for row in before] != [row.id for row in self_rows]:
            self.beginResetModel()
            self.rows = self_rows
            self.endResetModel()
            return
        self.rows = self_rows
        for place, (old, new) in enumerate(zip(before, self_rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(place), self.index(place))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.id
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return row.spoken
        return None


class SourceDelegate(QStyledItemDelegate):
    """Paints one row: mark, id and tags good above; state in words and age below."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(200, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        if not isinstance(model, SourceRows):
            return
        row, tokens, size = model.rows[index.row()], self.theme.colour, self.theme.size
        state: Any = option.state
        rect: Any = option.rect
        box = QRectF(rect)
        painter.save()
        self._paint_ground(painter, box, state)
        paint_state_mark(painter, QPointF(box.left() + _PAD + 8, box.top() + 20), row.mark, self.theme)
        left = box.left() + _PAD + _MARK_PX
        upper = QRectF(left, box.top() + 8, box.right() - _PAD - left, 24)
        lower = QRectF(left, box.top() + 32, box.right() - _PAD - left, 20)
        is_poor, is_old = row.mark == "look", row.mark == "unknown"
        ink = tokens.muted if is_old else tokens.text
        taken = self._text(painter, upper, row.good, size.body, ink, False, _RIGHT)
        if is_old:
            # Beside the figures, never over them.
            hatched = QRectF(upper.right() - taken - 8 - HATCH_PX, upper.top() + 2, HATCH_PX, 20)
            paint_hatch(painter, hatched, colour(tokens.hatch))
            taken += HATCH_PX + 8
        upper.setRight(upper.right() - taken - 10)
        self._text(painter, upper, row.id, size.body, ink, True, _LEFT)
        taken = self._text(painter, lower, row.age, size.small, tokens.muted, False, _RIGHT)
        lower.setRight(lower.right() - taken - 10)
        ink = tokens.text if is_poor else tokens.muted
        self._text(painter, lower, row.state, size.small, ink, is_poor, _LEFT)
        painter.restore()

    def _paint_ground(self, painter: QPainter, box: QRectF, state: Any) -> None:
        tokens = self.theme.colour
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, colour(tokens.selected))
            painter.fillRect(QRectF(box.left(), box.top(), 5, box.height()), colour(tokens.text))
        painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), colour(tokens.grid))
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(QPen(colour(tokens.text), 1, Qt.PenStyle.DashLine))
            painter.drawRect(box.adjusted(7, 3, -4, -5))

    def _text(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        px: int,
        ink: str,
        bold: bool,
        align: Qt.AlignmentFlag,
    ) -> float:
        painter.setFont(font(self.theme, px, bold))
        painter.setPen(colour(ink))
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(box.width())))
        painter.drawText(box, align, shown)
        return float(metrics.horizontalAdvance(shown))


class SourceList(QListView):
    """Arrow keys or a tap choose a source; news keep the choice and the scroll where they are."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._is_told = False
        self.sources = SourceRows(self)
        self._delegate = SourceDelegate(theme, self)
        self.setModel(self.sources)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setAccessibleName(name)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._delegate.theme = theme
        self.viewport().update()

    def show_rows(self, rows: Sequence[Row], chosen: str) -> None:
        """Bring the rows up to date and mark the chosen one; "" = none of them."""
        at = self.verticalScrollBar().value()
        self._is_told = True
        self.sources.take(rows)
        place = next((n for n, row in enumerate(self.sources.rows) if row.id == chosen), None)
        if place is not None and place != self.currentIndex().row():
            self.setCurrentIndex(self.sources.index(place))
            self.verticalScrollBar().setValue(at)
        elif place is None:
            # An empty index: nothing here is on show, and the first arrow key begins at the top.
            self.selectionModel().clear()
        self._is_told = False

    def show_chosen(self) -> None:
        """Scroll to the chosen row."""
        self.scrollTo(self.currentIndex())

    def currentChanged(self, current: _Index, previous: _Index) -> None:  # noqa: N802
        super().currentChanged(current, previous)
        # What the engine tells moves the mark; only a hand or a key chooses.
        if not self._is_told and current.isValid():
            self.chosen.emit(self.sources.rows[current.row()].id)
