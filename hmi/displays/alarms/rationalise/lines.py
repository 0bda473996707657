"""A list of entries of several lines: the first of each bold, the others wrapped to the width there is."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QListWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from hmi.displays.alarms.rationalise.rows import Index
from hmi.theme import Theme, colour, font

EDGE_PX, GAP_PX = 8, 6
TALLEST_PX = 2000
_WRAP = Qt.TextFlag.TextWordWrap
_AT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


class LongLines(QListWidget):
    """``has_heads`` = the first line of each entry says where, and is bold."""

    def __init__(self, theme: Theme, name: str, parent: QWidget, has_heads: bool = True) -> None:
        super().__init__(parent)
        self.theme, self.has_heads = theme, has_heads
        self.setAccessibleName(name)
        self.setItemDelegate(_Lines(self))
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    def set_theme(self, theme: Theme) -> None:
        """Take the type and colours of another theme."""
        self.theme = theme
        self.scheduleDelayedItemsLayout()

    def tall(self, most_px: int) -> int:
        """How high it is with all its entries, at most so much."""
        return min(most_px, sum(self.sizeHintForRow(row) for row in range(self.count())) + 4)


class _Lines(QStyledItemDelegate):
    def __init__(self, parent: LongLines) -> None:
        super().__init__(parent)
        self._list = parent

    def _parts(self, index: Index) -> list[tuple[str, bool]]:
        head, _, rest = str(index.data() or "").partition("\n")
        return [(head, self._list.has_heads), *([(rest, False)] if rest else [])]

    def _box(self, text: str, bold: bool, width: int) -> QRect:
        theme = self._list.theme
        metrics = QFontMetrics(font(theme, theme.size.small + 1, bold))
        return metrics.boundingRect(QRect(0, 0, width, TALLEST_PX), int(_AT) | int(_WRAP), text)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = self._list.viewport().width()
        inside = max(40, width - 2 * EDGE_PX)
        high = sum(self._box(text, bold, inside).height() for text, bold in self._parts(index))
        return QSize(width, max(high + 2 * GAP_PX, self._list.theme.size.target))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._list.theme
        box: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, colour(theme.colour.selected))
        at = box.adjusted(EDGE_PX, GAP_PX, -EDGE_PX, 0)
        for text, bold in self._parts(index):
            painter.setFont(font(theme, theme.size.small + 1, bold))
            painter.setPen(colour(theme.colour.text))
            painter.drawText(at, int(_AT) | int(_WRAP), text)
            at.setTop(at.top() + self._box(text, bold, at.width()).height())
        painter.setPen(colour(theme.colour.grid))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
