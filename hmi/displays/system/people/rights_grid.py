"""The table of rights: an action a row, a role a column; a tap or the space bar gives and takes."""

from __future__ import annotations

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
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from hmi.displays.system.people import rights_state
from hmi.displays.system.people.rights_state import Cell, Draft
from hmi.displays.system.people.state import ACTION_WORDS, ACTIONS, ROLES
from hmi.formats import t
from hmi.theme import Theme, colour, font
from hmi.widgets.text_paint import width_of

ACTION_PX, MARK_PX, PAD_PX = 250, 9, 34
_Index = QModelIndex | QPersistentModelIndex


class RightsModel(QAbstractTableModel):
    """One area of a draft."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.draft, self.area, self.is_open = Draft({}, {}, {}), "", False
        self.head_font: QFont | None = None

    def take(self, draft: Draft, area: str, is_open: bool) -> None:
        """Show this."""
        self.draft, self.area, self.is_open = draft, area, is_open
        last = self.index(self.rowCount() - 1, self.columnCount() - 1)
        self.dataChanged.emit(self.index(0, 0), last)

    def cell(self, index: _Index) -> Cell:
        """What a cell shows."""
        role, action = ROLES[index.column() - 1], ACTIONS[index.row()]
        return rights_state.cell(self.draft, role, action, self.area)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(ACTIONS)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 1 + len(ROLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole and section == 0:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.FontRole:
            return self.head_font
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return t("May") if section == 0 else t(ROLES[section - 1]).capitalize()

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        words = t(ACTION_WORDS[ACTIONS[index.row()]])
        if index.column() == 0:
            return words if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) else None
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.spoken(index)
        return None

    def spoken(self, index: _Index) -> str:
        """A cell as it is read aloud."""
        cell = self.cell(index)
        name, action = t(ROLES[index.column() - 1]), t(ACTION_WORDS[ACTIONS[index.row()]])
        parts = [
            f"{name}, {action[:1].lower()}{action[1:]}: {t('yes') if cell.is_given else t('no')}",
            t("changed, not applied yet") if cell.is_changed else "",
            "" if cell.is_preset else t("differs from the preset"),
            t("set for this area alone") if cell.is_own else "",
            "" if cell.is_open else t("this role only reads"),
        ]
        return ", ".join(each for each in parts if each)


class _Painter(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(80, self.theme.size.target)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model: Any = index.model()
        tokens, state = self.theme.colour, option.state  # pyright: ignore[reportAttributeAccessIssue]
        rect: Any = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        box = QRectF(rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), colour(tokens.grid))
        if index.column() == 0:
            painter.setFont(font(self.theme, self.theme.size.small))
            painter.setPen(colour(tokens.text))
            inner = box.adjusted(12, 0, -6, 0)
            text = painter.fontMetrics().elidedText(
                str(index.data()), Qt.TextElideMode.ElideRight, int(inner.width())
            )
            painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        else:
            self._paint_right(painter, box, model.cell(index), model.is_open)
            if state & QStyle.StateFlag.State_HasFocus:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colour(tokens.text), 1, Qt.PenStyle.DashLine))
                painter.drawRect(box.adjusted(3, 3, -4, -4))
        painter.restore()

    def _paint_right(self, painter: QPainter, box: QRectF, cell: Cell, is_open: bool) -> None:
        tokens, at = self.theme.colour, box.center()
        if cell.is_changed:
            painter.fillRect(box.adjusted(1, 0, -1, -1), colour(tokens.selected))
        side = QRectF(at.x() - MARK_PX, at.y() - MARK_PX, 2 * MARK_PX, 2 * MARK_PX)
        can = cell.is_open and is_open
        if not cell.is_open and not cell.is_given:
            painter.setPen(QPen(colour(tokens.muted), 1.5))
            painter.drawLine(QPointF(at.x() - 4, at.y()), QPointF(at.x() + 4, at.y()))
        else:
            painter.setPen(
                QPen(colour(tokens.text if cell.is_changed else tokens.outline), 2 if cell.is_changed else 1)
            )
            painter.setBrush(colour(tokens.control) if can else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(side, 3, 3)
        if cell.is_given:
            ink = tokens.text if can or is_open is False else tokens.muted
            painter.setPen(QPen(colour(ink), 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            x, y = at.x(), at.y()
            painter.drawPolyline(
                QPolygonF([QPointF(x - 5, y), QPointF(x - 1.5, y + 4), QPointF(x + 5.5, y - 4.5)])
            )
        painter.setFont(font(self.theme, self.theme.size.small))
        painter.setPen(colour(tokens.muted))
        beside = QRectF(side.right() + 4, box.top(), 40, box.height())
        if not cell.is_preset:
            painter.drawText(beside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "≠")


class RightsGrid(QTableView):
    """``turned`` = a hand gives or takes: the role and the action."""

    turned = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.rights = RightsModel(self)
        self._painter = _Painter(theme, self)
        self.setModel(self.rights)
        self.setItemDelegate(self._painter)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionsClickable(False)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(20)
        self.setAccessibleName(t("Rights by role"))
        self.setAccessibleDescription(t("The arrow keys move, the space bar gives and takes a right."))
        self.clicked.connect(self._turn)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._painter.theme = theme
        self.rights.head_font = font(theme, theme.size.small)
        self.verticalHeader().setDefaultSectionSize(theme.size.target)
        self.viewport().update()

    def _turn(self, index: QModelIndex) -> None:
        if index.column() > 0 and self.rights.is_open:
            self.turned.emit(ROLES[index.column() - 1], ACTIONS[index.row()])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return) and self.currentIndex().isValid():
            self._turn(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Each role as wide as its word, and more where there is room; what can be done has the rest."""
        room, theme = self.viewport().width(), self._painter.theme
        least = [round(width_of(theme, t(role).capitalize(), theme.size.small)) + PAD_PX for role in ROLES]
        more = max(0, room - ACTION_PX - sum(least)) // len(ROLES)
        for column, px in enumerate(least, 1):
            self.setColumnWidth(column, px + more)
        self.setColumnWidth(0, max(140, room - sum(least) - more * len(ROLES)))
