"""Paints the rows of the alarm journal: badge, words, and the button of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from hmi.displays.alarms.journal.rows import JournalRows, Noted
from hmi.displays.alarms.journal.words import COLUMNS
from hmi.theme import Theme, colour, font
from hmi.widgets.alarm_badge import paint_alarm_badge
from hmi.widgets.text_paint import CENTRE, LEFT

if TYPE_CHECKING:
    from hmi.displays.alarms.journal.table import JournalTable

ROW_PX, BADGE_PX, PAD_PX = 42, 20, 8
QUIET, LOUD = ("state", "limit", "who", "why", "where"), ("what", "message")
CAME = ("active", "realarmed")
MOST_FITS = 20_000
MENU = "⋯"
_Index = QModelIndex | QPersistentModelIndex


class JournalPainter(QStyledItemDelegate):
    """One cell at a time. What came stands out; all that followed from it is lighter."""

    def __init__(self, theme: Theme, table: JournalTable) -> None:
        super().__init__(table)
        self.theme, self._table = theme, table
        self._fit: dict[tuple[str, int, bool, int], str] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(80, row_px(self.theme))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rows = index.model()
        if not isinstance(rows, JournalRows) or index.row() >= len(rows.noted):
            return
        box = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)  # pyright: ignore[reportAttributeAccessIssue]
        noted, column = rows.noted[index.row()], COLUMNS[index.column()]
        self._paint_ground(painter, box, index.row(), column, is_selected)
        if column == "badge":
            self._paint_badge(painter, box, noted)
        elif column == "menu":
            self._paint_button(painter, box, self._table.is_pressed(index.row()))
        else:
            self._paint_words(painter, box, noted, column)

    def _paint_words(self, painter: QPainter, box: QRectF, noted: Noted, column: str) -> None:
        text = self._table.words(noted, column)
        if not text:
            return
        tokens, is_quiet = self.theme.colour, column in QUIET
        is_bold = column in LOUD and noted.change.what in CAME
        face = font(self.theme, self.theme.size.body - (1 if is_quiet else 0), is_bold)
        painter.setFont(face)
        painter.setPen(colour(tokens.muted if self._table.is_old or is_quiet else tokens.text))
        inner = box.adjusted(PAD_PX, 0, -PAD_PX, 0)
        painter.drawText(inner, LEFT, self._fitting(text, face, round(inner.width())))

    def _fitting(self, text: str, face: QFont, room_px: int) -> str:
        """The text, ended by … where the room ends; found out once: to measure takes long."""
        key = text, face.pixelSize(), face.bold(), room_px
        found = self._fit.get(key)
        if found is None:
            if len(self._fit) > MOST_FITS:
                self._fit.clear()
            metrics = QFontMetricsF(face)
            found = self._fit[key] = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room_px + 0.5)
        return found

    def _paint_badge(self, painter: QPainter, box: QRectF, noted: Noted) -> None:
        if noted.change.priority in (1, 2, 3, 4):
            place = QRectF(box.left() + PAD_PX, box.center().y() - BADGE_PX / 2 + 0.5, BADGE_PX, BADGE_PX)
            is_hollow = self._table.is_old or noted.change.what not in CAME
            paint_alarm_badge(painter, place, noted.change.priority, self.theme, is_hollow=is_hollow)

    def _paint_ground(self, painter: QPainter, box: QRectF, row: int, column: str, is_selected: bool) -> None:
        tokens = self.theme.colour
        if is_selected:
            painter.fillRect(box, colour(tokens.selected))
        painter.fillRect(QRectF(box.left(), box.bottom(), box.width() + 1, 1), colour(tokens.grid))
        if is_selected and column == COLUMNS[0]:
            painter.fillRect(QRectF(box.left(), box.top(), 4, box.height()), colour(tokens.text))
        if self._table.has_keys(row):
            painter.setPen(QPen(colour(tokens.text), 1, Qt.PenStyle.DashLine))
            painter.drawLine(box.topLeft() + QPointF(0, 1.5), box.topRight() + QPointF(1, 1.5))
            painter.drawLine(box.bottomLeft() - QPointF(0, 1.5), box.bottomRight() + QPointF(1, -1.5))

    def _paint_button(self, painter: QPainter, box: QRectF, is_pressed: bool) -> None:
        tokens = self.theme.colour
        box = box.adjusted(2.5, 2.5, -2.5, -2.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour(tokens.outline), 1))
        painter.setBrush(colour(tokens.equipment if is_pressed else tokens.control))
        painter.drawRoundedRect(box, self.theme.size.radius, self.theme.size.radius)
        painter.setFont(font(self.theme, self.theme.size.body, True))
        painter.setPen(colour(tokens.text))
        painter.drawText(box, CENTRE, MENU)
        painter.restore()


def row_px(theme: Theme) -> int:
    """How high a row is: a finger's target."""
    return max(ROW_PX, theme.size.target + 2)
