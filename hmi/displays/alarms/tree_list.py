"""The tree of areas as a widget: a tap shows what is at or below it, its arrow opens it."""

from __future__ import annotations

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
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from hmi import alarms
from hmi.displays.alarms.tree import Row
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets.alarm_badge import badge_width, paint_alarm_badge
from hmi.widgets.text_paint import paint_text

INDENT, ARROW, BADGE, PAD = 14.0, 20.0, 18.0, 6.0
_Index = QModelIndex | QPersistentModelIndex


class TreeRows(QAbstractListModel):
    """The rows of `hmi.displays.alarms.tree`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()

    def take(self, rows: tuple[Row, ...]) -> None:
        """Show these; only rows that differ are painted again while the list is the same."""
        before = self.rows
        if rows == before:
            return
        if [(row.path, row.is_open) for row in rows] != [(row.path, row.is_open) for row in before]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        self.rows = rows
        for at, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(at), self.index(at))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = "" if not row.has_children else t("open") if row.is_open else t("closed")
            waiting = t("{n} not acknowledged", n=row.waiting) if row.waiting else ""
            words = (row.name, t("level {n}", n=row.depth + 1), state, alarms.spoken(row.badge), waiting)
            return ", ".join(each for each in words if each)
        return None


class _Painter(QStyledItemDelegate):
    """Indent, arrow, name, badge with its count: bold where some of them wait."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self.is_dead = theme, False

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(120, self.theme.size.target)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        if not isinstance(model, TreeRows) or index.row() >= len(model.rows):
            return
        row, rect, state = model.rows[index.row()], QRectF(option.rect), option.state  # pyright: ignore[reportAttributeAccessIssue]
        tokens, size = self.theme.colour, self.theme.size
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colour(tokens.selected))
            painter.fillRect(QRectF(rect.left(), rect.top(), 4, rect.height()), colour(tokens.text))
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(QPen(colour(tokens.text), 1, Qt.PenStyle.DashLine))
            painter.drawRect(rect.adjusted(5, 2, -3, -3))
        left = rect.left() + PAD + row.depth * INDENT
        if row.has_children:
            _paint_arrow(painter, QPointF(left + ARROW / 2, rect.center().y()), row.is_open, tokens.muted)
        right = rect.right() - PAD - 2
        if row.badge is not None:
            wide = badge_width(BADGE, self.theme, row.badge.count)
            box = QRectF(right - wide, rect.center().y() - BADGE / 2, wide + 2, BADGE)
            paint_alarm_badge(
                painter, box, row.badge.priority, self.theme, row.badge.count, is_hollow=self.is_dead
            )
            right -= wide + 8
        room = QRectF(left + ARROW + 2, rect.top(), max(0.0, right - left - ARROW - 2), rect.height())
        ink = tokens.text if row.badge is not None or not row.path else tokens.muted
        paint_text(painter, room, row.name, self.theme, size.body, ink, row.waiting > 0 or not row.path)
        painter.restore()


def _paint_arrow(painter: QPainter, middle: QPointF, is_open: bool, ink: str) -> None:
    points = ((-4.5, -2), (0, 2.5), (4.5, -2)) if is_open else ((-2, -4.5), (2.5, 0), (-2, 4.5))
    painter.setPen(QPen(colour(ink), 1.8))
    painter.drawPolyline(QPolygonF([middle + QPointF(x, y) for x, y in points]))


class AreaTree(QListView):
    """``chosen`` = a person wants what is under this path; ``folded`` = an arrow, or Left or Right."""

    chosen = Signal(str)
    folded = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows, self._painter, self._is_quiet = TreeRows(self), _Painter(theme, self), False
        self.setModel(self._rows)
        self.setItemDelegate(self._painter)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(t("Areas with their alarms"))
        self.setAccessibleDescription(t("Right opens a row, Left closes it."))
        self.selectionModel().currentChanged.connect(self._moved)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows on show."""
        return self._rows.rows

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._painter.theme = theme
        self.doItemsLayout()

    def set_dead(self, is_dead: bool) -> None:
        """True: the counts are not current."""
        if is_dead != self._painter.is_dead:
            self._painter.is_dead = is_dead
            self.viewport().update()

    def show_rows(self, rows: tuple[Row, ...], marked: str) -> None:
        """Show these rows with the mark on one of them, without a word to anybody."""
        at = self.verticalScrollBar().value()
        self._is_quiet = True
        self._rows.take(rows)
        place = next((n for n, row in enumerate(rows) if row.path == marked), None)
        if place is not None and place != self.currentIndex().row():
            self.setCurrentIndex(self._rows.index(place))
            self.verticalScrollBar().setValue(at)
        self._is_quiet = False

    def _moved(self, current: QModelIndex, previous: QModelIndex) -> None:
        if not self._is_quiet and current.isValid():
            self.chosen.emit(self._rows.rows[current.row()].path)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        row = self._rows.rows[index.row()] if index.isValid() else None
        if (
            row is not None
            and row.has_children
            and event.position().x() < PAD + row.depth * INDENT + ARROW + 6
        ):
            self.folded.emit(row.path)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at = self.currentIndex().row()
        row = self._rows.rows[at] if 0 <= at < len(self._rows.rows) else None
        keys = Qt.Key
        if row is not None and event.key() == (keys.Key_Left if row.is_open else keys.Key_Right):
            if row.has_children:
                self.folded.emit(row.path)
        else:
            super().keyPressEvent(event)
