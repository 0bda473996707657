"""How a score and its five sides are drawn in a table: a dot and a figure, and small grey bars."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from hmi.displays.system.quality_state import FINE, POOR, part_of
from hmi.displays.system.room_bar import paint_bar, paint_upright
from hmi.theme import Theme, colour, font
from hmi.widgets.state_mark import paint_state_mark

_Index = QModelIndex | QPersistentModelIndex
FIGURE_PX, BAR_PX, PAD = 40, 8, 13
UPRIGHT_PX, STEP_PX, TALL_PX = 9, 13, 20
"""Width of an upright bar, from one to the next, and how tall all five are."""
SIDE_COLUMNS = range(2, 7)
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class _Drawn(QStyledItemDelegate):
    """A cell of the table with its ground, and the tokens to draw on it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.is_old = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        state: Any = option.state
        rect: Any = option.rect
        box = QRectF(rect)
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, colour(self.theme.colour.selected))
        self.draw(painter, box.adjusted(PAD, 0, -PAD, 0), index)
        painter.restore()

    def draw(self, painter: QPainter, box: QRectF, index: _Index) -> None:
        """Paint what the cell says."""

    def figure(self, painter: QPainter, box: QRectF, words: str, bold: bool) -> None:
        """The figure, muted while nobody knows whether it still holds."""
        tokens = self.theme.colour
        painter.setFont(font(self.theme, self.theme.size.small, bold and not self.is_old))
        painter.setPen(colour(tokens.muted if self.is_old else tokens.text))
        painter.drawText(box, _LEFT, words)


class ScoreDelegate(_Drawn):
    """The score; a filled dot before it where a person should look."""

    def draw(self, painter: QPainter, box: QRectF, index: _Index) -> None:
        """The score, with a filled dot where a person should look."""
        words = _words(index)
        is_poor = part_of(words) < POOR
        if is_poor and not self.is_old:
            paint_state_mark(painter, QPointF(box.left() + 6, box.center().y()), "look", self.theme)
        self.figure(painter, box.adjusted(20, 0, 0, 0), words, is_poor)


class SideDelegate(_Drawn):
    """One side: a bar, and its figure where it is not whole."""

    def draw(self, painter: QPainter, box: QRectF, index: _Index) -> None:
        """A bar as long as the part, with the part in percent beside it."""
        words = _words(index)
        part = part_of(words)
        is_poor = part < POOR and not self.is_old
        width = box.width() - FIGURE_PX
        paint_bar(
            painter,
            QRectF(box.left(), round(box.center().y() - BAR_PX / 2), round(width), BAR_PX),
            part,
            is_poor,
            self.theme,
        )
        if part < FINE:
            self.figure(painter, box.adjusted(width + 6, 0, 6, 0), words, is_poor)


class WhyDelegate(_Drawn):
    """The weakest side in words; before it, where there is no room for columns, all five as upright bars."""

    has_bars = False

    def draw(self, painter: QPainter, box: QRectF, index: _Index) -> None:
        """The weakest side in words, after five small bars where there is no room for columns."""
        if self.has_bars:
            bottom = round(box.center().y() + TALL_PX / 2)
            for place, column in enumerate(SIDE_COLUMNS):
                bar = QRectF(box.left() + place * STEP_PX, bottom - TALL_PX, UPRIGHT_PX, TALL_PX)
                part = part_of(_words(index.sibling(index.row(), column)))
                paint_upright(painter, bar, part, part < POOR and not self.is_old, self.theme)
            box = box.adjusted(len(SIDE_COLUMNS) * STEP_PX + 8, 0, 0, 0)
        painter.setFont(font(self.theme, self.theme.size.small))
        words = painter.fontMetrics().elidedText(_words(index), Qt.TextElideMode.ElideRight, int(box.width()))
        self.figure(painter, box, words, False)


def _words(index: _Index) -> str:
    return str(index.data(Qt.ItemDataRole.DisplayRole))
