"""Paints the rows of the alarm lists: badge, words, live value with its quality, and the row's buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.types import Alarm
from hmi import alarms as words
from hmi.displays.alarms.order import Line
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets.alarm_badge import badge_width, paint_alarm_badge
from hmi.widgets.blink import is_on
from hmi.widgets.indicator import paint_hatch
from hmi.widgets.lines import paint_words
from hmi.widgets.quality_mark import paint_quality_mark
from hmi.widgets.text_paint import CENTRE, paint_text, width_of

if TYPE_CHECKING:
    from hmi.displays.alarms.table import AlarmTable

ROW_PX, BADGE_PX, PAD_PX, INDENT_PX, SMALL_PX = 46, 22, 8, 22, 18
BOLD = ("message", "now")
QUIET = ("at", "state", "why", "who")
MENU = "⋯"
_Index = QModelIndex | QPersistentModelIndex


class AlarmPainter(QStyledItemDelegate):
    """One cell at a time; asks its table what is pressed, dead, sent or refused."""

    def __init__(self, theme: Theme, table: AlarmTable) -> None:
        super().__init__(table)
        self.theme, self._table = theme, table

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(80, max(ROW_PX, self.theme.size.target + 6))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rows = self._table.rows
        if index.row() >= len(rows.ids):
            return
        box = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)  # pyright: ignore[reportAttributeAccessIssue]
        alarm, line, column = rows.alarm(index.row()), rows.line(index.row()), rows.columns[index.column()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, box, alarm, index.row(), column, is_selected)
        if column == "badge":
            self._paint_badge(painter, box, alarm, line, index.row())
        elif column == "act":
            self._paint_act(painter, box, alarm, index.row())
        elif column == "menu":
            self._paint_button(painter, box, MENU, self._table.is_pressed(alarm.id, column), True)
        elif column == "now":
            self._paint_now(painter, box, alarm, index.row())
        else:
            self._paint_words(painter, box, alarm, line, index.row(), column)
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, box: QRectF, alarm: Alarm, row: int, column: str, is_selected: bool
    ) -> None:
        tokens = self.theme.colour
        is_live = not self._table.is_dead and not self._table.rows.is_gone(row)
        is_urgent = is_live and alarm.active and alarm.priority == 1 and alarm.letter == "B"
        if is_selected:
            painter.fillRect(box, colour(tokens.selected))
        elif is_urgent:
            painter.fillRect(box, colour(tokens.urgent))
        painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width() + 1, 1), colour(tokens.grid))
        if is_selected and column == "badge":
            painter.fillRect(QRectF(box.left(), box.top(), 4, box.height()), colour(tokens.text))
        if self._table.has_keys(row):
            painter.setPen(QPen(colour(tokens.text), 1, Qt.PenStyle.DashLine))
            painter.drawLine(box.topLeft() + QPointF(0, 1.5), box.topRight() + QPointF(1, 1.5))
            painter.drawLine(box.bottomLeft() - QPointF(0, 1.5), box.bottomRight() + QPointF(1, -1.5))

    def _paint_badge(self, painter: QPainter, box: QRectF, alarm: Alarm, line: Line, row: int) -> None:
        is_current = not self._table.is_dead and not self._table.rows.is_gone(row)
        blinks = is_current and words.is_waiting(alarm)
        left = box.left() + PAD_PX + 4 + line.depth * INDENT_PX / 2
        place = QRectF(left, box.center().y() - BADGE_PX / 2, BADGE_PX, BADGE_PX)
        is_hollow = not is_current or (blinks and not is_on())
        paint_alarm_badge(painter, place, alarm.priority, self.theme, is_hollow=is_hollow)
        self._table.painted(alarm, row)

    def _paint_words(
        self, painter: QPainter, box: QRectF, alarm: Alarm, line: Line, row: int, column: str
    ) -> None:
        tokens, px = self.theme.colour, self.theme.size.body
        is_dim = self._table.is_dead or self._table.rows.is_gone(row)
        ink = tokens.muted if is_dim or column in QUIET else tokens.text
        text, is_bold = self._table.text(alarm, column), column in BOLD
        box = box.adjusted(PAD_PX, 0, -PAD_PX, 0)
        if column == "message":
            box.setLeft(box.left() + line.depth * INDENT_PX)
            box.setRight(self._paint_inside(painter, box, line))
        if column == "state":
            refused = self._table.desk.refusal(alarm)
            if refused:
                text, is_bold, ink = refused, True, tokens.text
            elif self._table.rows.is_gone(row):
                text = t("left this list")
            elif not alarm.is_recorded:
                is_bold, ink = True, tokens.text
        if column in QUIET:
            px -= 1
        if column == "state" and not is_bold and width_of(self.theme, text, px) > box.width():
            # Badge and button say that it waits; what became of its condition must not end in ….
            text = self._table.short_state(alarm)
        # Which alarm it is, and where, is told whole: high and high-high differ at their ends.
        paint_words(painter, box, text, self.theme, px, ink, is_bold)

    def _paint_inside(self, painter: QPainter, box: QRectF, line: Line) -> float:
        """The consequences that are folded into this row; gives where they begin."""
        if not line.inside:
            return box.right()
        tokens, size = self.theme.colour, self.theme.size
        text = t("+{n}", n=line.inside)
        wide = badge_width(SMALL_PX, self.theme) + width_of(self.theme, text, size.small, True) + 36
        chip = QRectF(box.right() - wide, box.center().y() - 14, wide, 28)
        painter.setPen(QPen(colour(tokens.outline), 1))
        painter.setBrush(colour(tokens.control))
        painter.drawRoundedRect(chip, 14, 14)
        badge = QRectF(chip.left() + 8, chip.center().y() - SMALL_PX / 2, SMALL_PX, SMALL_PX)
        paint_alarm_badge(painter, badge, line.worst, self.theme, is_hollow=self._table.is_dead)
        place = QRectF(badge.right() + 5, chip.top(), chip.right() - badge.right() - 22, chip.height())
        paint_text(painter, place, text, self.theme, size.small, tokens.text, True)
        points = ((-4, -2), (0, 2.5), (4, -2)) if line.is_open else ((-2, -4), (2.5, 0), (-2, 4))
        painter.setPen(QPen(colour(tokens.muted), 1.8))
        middle = QPointF(chip.right() - 13, chip.center().y())
        painter.drawPolyline(QPolygonF([middle + QPointF(x, y) for x, y in points]))
        return chip.left() - 8

    def _paint_now(self, painter: QPainter, box: QRectF, alarm: Alarm, row: int) -> None:
        tokens = self.theme.colour
        text, kind = self._table.now(alarm)
        box = box.adjusted(PAD_PX, 0, -PAD_PX, 0)
        is_old = self._table.is_dead or kind not in ("normal", "uncertain")
        if kind != "normal":
            mark = QRectF(box.right() - 18, box.center().y() - 9, 18, 18)
            paint_quality_mark(painter, mark, kind, self.theme)
            box.setRight(mark.left() - 6)
        if text and is_old:
            hatch = QRectF(box.right() - 26, box.center().y() - 8, 26, 16)
            # The mark says the same; digits must not end in … for its sake.
            if width_of(self.theme, text, self.theme.size.body, True) <= hatch.left() - 6 - box.left():
                paint_hatch(painter, hatch, colour(tokens.hatch))
                box.setRight(hatch.left() - 6)
        paint_words(
            painter,
            box,
            text,
            self.theme,
            self.theme.size.body,
            tokens.muted if is_old else tokens.live,
            True,
        )

    def _paint_act(self, painter: QPainter, box: QRectF, alarm: Alarm, row: int) -> None:
        act = words.act_of(alarm)
        if self._table.rows.is_gone(row) or not act:
            return
        if self._table.is_dead:
            # Where a hand would go stands what forbids it.
            paint_hatch(painter, box.adjusted(8, 8, -8, -8), colour(self.theme.colour.hatch))
            return
        is_sent = self._table.desk.is_sent(alarm.id)
        text = t("Sending…") if is_sent else t(words.ACT_WORDS[act])
        self._paint_button(painter, box, text, self._table.is_pressed(alarm.id, "act"), not is_sent)

    def _paint_button(
        self, painter: QPainter, box: QRectF, text: str, is_pressed: bool, is_enabled: bool
    ) -> None:
        tokens = self.theme.colour
        box = box.adjusted(2.5, 2.5, -2.5, -2.5)
        painter.setPen(QPen(colour(tokens.outline if is_enabled else tokens.line), 1))
        fill = tokens.equipment if is_pressed else tokens.control
        painter.setBrush(colour(fill) if is_enabled else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, self.theme.size.radius, self.theme.size.radius)
        ink = tokens.text if is_enabled else tokens.muted
        paint_text(painter, box, text, self.theme, self.theme.size.body, ink, True, CENTRE)
