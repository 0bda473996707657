"""Where a figure stands beside its target: a grey bar with two marks, a sign, and the word for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.types import Rate
from hmi.displays.alarms.performance.state import LEAST_SHARE, Verdict, verdict
from hmi.theme import Theme, colour
from hmi.widgets.text_paint import paint_text

_Index = QModelIndex | QPersistentModelIndex
PAD, BAR_PX, MARK_PX, SIGN_PX, WORDS_PX = 13.0, 10.0, 20.0, 22.0, 140.0
MISSED = ("over", "beyond", "below")
REACH = 1.5
"""The bar reaches so far beyond the maximum; what is higher runs out of it."""


class StandDelegate(QStyledItemDelegate):
    """The last column of the figures; ``rates`` by row. No colour of alarms: a missed target is none."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.rates: Sequence[Rate] = ()
        self.is_judged = False
        self.is_old = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        state: Any = option.state
        rect: Any = option.rect
        box = QRectF(rect)
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, colour(self.theme.colour.selected))
        if index.row() < len(self.rates):
            words = str(index.data(Qt.ItemDataRole.DisplayRole))
            self._paint(painter, box.adjusted(PAD, 0, -PAD, 0), self.rates[index.row()], words)
        painter.restore()

    def _paint(self, painter: QPainter, box: QRectF, rate: Rate, words: str) -> None:
        said = verdict(rate, self.is_judged)
        width = box.width() - WORDS_PX - SIGN_PX
        bar = QRectF(box.left(), round(box.center().y() - BAR_PX / 2), width - 10, BAR_PX)
        if bar.width() > 30 and rate.value is not None:
            paint_stand(painter, bar, rate, said, self.theme, self.is_old)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_sign(painter, QPointF(box.left() + width + SIGN_PX / 2 - 4, box.center().y()), said, self.theme)
        tokens = self.theme.colour
        ink = tokens.muted if self.is_old or said in ("unjudged", "unknown") else tokens.text
        text = QRectF(box.left() + width + SIGN_PX, box.top(), WORDS_PX, box.height())
        is_missed = said in MISSED and not self.is_old
        paint_text(painter, text, words, self.theme, self.theme.size.small, ink, is_missed)


def reach(rate: Rate) -> float:
    """Where the bar of a figure ends."""
    if rate.unit == "%" and rate.target >= 50:
        return 100.0
    return max(rate.most, rate.target) * REACH or 5.0


def paint_stand(
    painter: QPainter, bar: QRectF, rate: Rate, said: Verdict, theme: Theme, is_old: bool = False
) -> None:
    """The value as a bar from 0, over it the target (a line) and the maximum (a thicker one)."""
    tokens, value, end = theme.colour, rate.value or 0.0, reach(rate)
    painter.setPen(QPen(colour(tokens.line), 1))
    painter.setBrush(colour(tokens.control))
    painter.drawRect(bar)
    part = min(value / end, 1.0)
    fill = bar.adjusted(0, 0, bar.width() * (part - 1), 0)
    painter.fillRect(fill, colour(tokens.muted if said in MISSED and not is_old else tokens.outline))
    if value > end:
        _paint_break(painter, bar, tokens.panel)
    marks = [(rate.target, 1.5)]
    if rate.most > rate.target and rate.name != LEAST_SHARE:
        marks.append((rate.most, 3.0))
    for at, thick in marks:
        x = bar.left() + bar.width() * min(at / end, 1.0)
        painter.setPen(QPen(colour(tokens.text), thick))
        painter.drawLine(
            QPointF(x, bar.center().y() - MARK_PX / 2), QPointF(x, bar.center().y() + MARK_PX / 2)
        )


def _paint_break(painter: QPainter, bar: QRectF, ground: str) -> None:
    """A cut near the end of a bar that would be longer."""
    painter.setPen(QPen(colour(ground), 3))
    for x in (bar.right() - 12, bar.right() - 6):
        painter.drawLine(QPointF(x - 3, bar.bottom() + 1), QPointF(x + 3, bar.top() - 1))


def paint_sign(painter: QPainter, middle: QPointF, said: Verdict, theme: Theme) -> None:
    """A tick, one or two arrows; told apart without colour, and by no shape of an alarm."""
    painter.setPen(QPen(colour(theme.colour.text), 2, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
    x, y = middle.x(), middle.y()
    if said == "meets":
        painter.drawPolyline([QPointF(x - 5, y), QPointF(x - 1.5, y + 4), QPointF(x + 5.5, y - 4.5)])
    elif said in MISSED:
        down = -1 if said == "below" else 1
        for shift in (-4, 2) if said == "beyond" else (-1,):
            points = [QPointF(x - 5, y + (shift + 4) * down), QPointF(x, y + (shift - 1) * down)]
            painter.drawPolyline([*points, QPointF(x + 5, y + (shift + 4) * down)])
