"""The list of assets as a widget: badges at every level, opened and closed by hand and by keys."""

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
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QPolygonF,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from hmi import alarms
from hmi.displays.twin.tree import Row, predicted_words
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets.alarm_badge import paint_badge_of, room_of_badge
from hmi.widgets.blink import Blink
from hmi.widgets.lines import paint_words
from hmi.widgets.predicted_mark import paint_predicted
from hmi.widgets.text_paint import LEFT, paint_text, width_of

INDENT, ARROW, BADGE, PAD = 14.0, 20.0, 19.0, 5.0
BLINK_PX = 72
_Index = QModelIndex | QPersistentModelIndex


class AssetRows(QAbstractListModel):
    """The rows of `hmi.displays.twin.tree`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()

    def take(self, rows: tuple[Row, ...]) -> bool:
        """Show these; whether the list itself changed, not only badges in it."""
        if rows == self.rows:
            return False
        same = [(row.path, row.is_open) for row in rows] == [(row.path, row.is_open) for row in self.rows]
        if same:
            self.rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return False
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()
        return True

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            more = ", ".join(filter(None, (alarms.aside_words(row.aside), predicted_words(row.predicted))))
            is_tip = role == Qt.ItemDataRole.ToolTipRole
            return f"{row.name}: {more}" if is_tip and more else row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            level = t("level {n}", n=row.depth + 1)
            state = "" if not row.has_children else t("open") if row.is_open else t("closed")
            aside, soon = alarms.aside_words(row.aside), predicted_words(row.predicted)
            told = row.name, level, state, alarms.spoken(row.badge), aside, soon
            return ", ".join(each for each in told if each)
        return None


class _Painter(QStyledItemDelegate):
    """Indent, arrow, name, badge with its count."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(120, self.theme.size.target)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        if not isinstance(model, AssetRows) or index.row() >= len(model.rows):
            return
        row, rect, state = model.rows[index.row()], QRectF(option.rect), option.state  # pyright: ignore[reportAttributeAccessIssue]
        tokens = self.theme.colour
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            has_keys = bool(state & QStyle.StateFlag.State_HasFocus)
            painter.setPen(QPen(colour(tokens.text if has_keys else tokens.outline), 2 if has_keys else 1))
            painter.setBrush(colour(tokens.selected))
            painter.drawRoundedRect(rect.adjusted(1.5, 1.5, -1.5, -1.5), 4, 4)
        left = rect.left() + PAD + row.depth * INDENT
        if row.has_children:
            _paint_arrow(painter, QPointF(left + ARROW / 2 - 3, rect.center().y()), row.is_open, tokens.muted)
        right = rect.right() - PAD - 2
        if row.badge is not None:
            count = row.badge.count if row.badge.count > 1 else 0
            right -= room_of_badge(row.badge, BADGE, self.theme, count)
            box = QRectF(right, rect.center().y() - BADGE / 2, rect.right() - PAD - right, BADGE)
            paint_badge_of(painter, box, row.badge, self.theme, count)
        if row.predicted:
            right -= BADGE + 5
            box = QRectF(right, rect.center().y() - BADGE / 2, BADGE, BADGE)
            paint_predicted(painter, box, row.predicted, self.theme)
        if row.aside is not None:
            words = alarms.aside_short(row.aside)
            size, named = self.theme.size, right - 34 - left - ARROW
            if width_of(self.theme, row.name, size.body) + width_of(self.theme, words, size.small) > named:
                words = str(row.aside.count)  # the name comes first; the tip has the word
            right = _paint_aside(painter, right - 8, rect, words, self.theme)
        room = QRectF(left + ARROW, rect.top(), max(0.0, right - 8 - left - ARROW), rect.height())
        paint_words(painter, room, row.name, self.theme, self.theme.size.body, tokens.text, row.is_head, LEFT)
        painter.restore()


def _paint_aside(painter: QPainter, right: float, rect: QRectF, words: str, theme: Theme) -> float:
    """A hollow mark and the word, which end at ``right``: no alarm, not forgotten. Gives where they begin."""
    px = theme.size.small
    left = right - width_of(theme, words, px) - 1
    paint_text(
        painter, QRectF(left, rect.top(), right - left, rect.height()), words, theme, px, theme.colour.muted
    )
    painter.setPen(QPen(colour(theme.colour.muted), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(left - 9, rect.center().y()), 4.5, 4.5)
    return left - 16


def _paint_arrow(painter: QPainter, middle: QPointF, is_open: bool, ink: str) -> None:
    points = ((-4.5, -2), (0, 2.5), (4.5, -2)) if is_open else ((-2, -4.5), (2.5, 0), (-2, 4.5))
    painter.setPen(QPen(colour(ink), 1.8))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([middle + QPointF(x, y) for x, y in points]))


class AssetList(QListView):
    """``chosen`` = a path got the mark; ``opened`` = it was tapped or Return was pressed; ``folded`` = its
    arrow was tapped, or Left or Right pressed.
    """

    chosen = Signal(str)
    opened = Signal(str)
    folded = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = AssetRows(self)
        self._painter = _Painter(theme, self)
        self._is_quiet = False
        self.blink = Blink(self._turn, self)
        self.setModel(self._rows)
        self.setItemDelegate(self._painter)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(t("Assets"))
        self.setAccessibleDescription(t("Right opens a row, Left closes it, Return shows its faceplate."))
        self.selectionModel().currentChanged.connect(self._moved)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._painter.theme = theme
        self.doItemsLayout()
        self.viewport().update()

    def show_rows(self, rows: tuple[Row, ...], marked: str) -> None:
        """Show these rows with the mark on one of them, without a word to anybody."""
        before = self.verticalScrollBar().value()
        if self._rows.take(rows):
            self.verticalScrollBar().setValue(before)
        self.mark(marked)
        self._need_blink()

    def _need_blink(self) -> None:
        waits = any(row.badge is not None and row.badge.waiting for row in self._rows.rows)
        self.blink.need(waits and self.isVisible())

    def _turn(self) -> None:
        """Only the badges that blink are painted again."""
        for place, row in enumerate(self._rows.rows):
            if row.badge is not None and row.badge.waiting:
                box = self.visualRect(self._rows.index(place))
                self.viewport().update(box.adjusted(box.width() - BLINK_PX, 0, 0, 0))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._need_blink()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.blink.need(False)

    def mark(self, path: str) -> None:
        """Move the mark, without a word to anybody; no row of that path = no mark."""
        place = next((at for at, row in enumerate(self._rows.rows) if row.path == path), None)
        index = self._rows.index(place) if place is not None else QModelIndex()
        if index.row() == self.currentIndex().row():
            return
        self._is_quiet = True
        self.setCurrentIndex(index)
        self._is_quiet = False

    def show_marked(self) -> None:
        """Bring the marked row into view."""
        self.scrollTo(self.currentIndex())

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows on show."""
        return self._rows.rows

    def _moved(self, current: QModelIndex, previous: QModelIndex) -> None:
        if not self._is_quiet and current.isValid():
            self.chosen.emit(self._rows.rows[current.row()].path)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            return
        row = self._rows.rows[index.row()]
        arrow = PAD + row.depth * INDENT + ARROW + 4
        if row.has_children and event.position().x() < arrow:
            self.folded.emit(row.path)
        else:
            self.opened.emit(row.path)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self._rows.rows[index.row()].has_children:
            self.folded.emit(self._rows.rows[index.row()].path)

    def focusInEvent(self, event: QFocusEvent) -> None:
        # Qt puts the mark on the first row of a list that gets the keys: nobody has chosen it.
        self._is_quiet = True
        super().focusInEvent(event)
        self._is_quiet = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at = self.currentIndex().row()
        row = self._rows.rows[at] if 0 <= at < len(self._rows.rows) else None
        keys = Qt.Key
        if row is not None and event.key() in (keys.Key_Return, keys.Key_Enter, keys.Key_Space):
            self.opened.emit(row.path)
        elif row is not None and event.key() == (keys.Key_Left if row.is_open else keys.Key_Right):
            if row.has_children:
                self.folded.emit(row.path)
        elif row is not None and event.key() == keys.Key_Left:
            above = [place for place in range(at) if self._rows.rows[place].depth < row.depth]
            if above:
                self.setCurrentIndex(self._rows.index(above[-1]))
        else:
            super().keyPressEvent(event)
