"""The tiles: a list model over the state, and the delegate that paints one tile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from hmi.displays.overview.state import Overview, Tile
from hmi.formats import t
from hmi.theme import Theme, colour, font
from hmi.widgets.indicator import POINTER, paint_hatch, paint_indicator
from hmi.widgets.quality_mark import MARK, paint_quality_mark

TILE_PX = 138
LEAST_WIDTH_PX = 232
_PAD = 14
_Align = Qt.AlignmentFlag
_Index = QModelIndex | QPersistentModelIndex


class TileModel(QAbstractListModel):
    """One row a shown tag. The words are made when a row is painted or read aloud, never before."""

    def __init__(self, words: Callable[[int], Tile], parent: QWidget) -> None:
        super().__init__(parent)
        self._words = words
        self._shown: tuple[int, ...] = ()

    def show_rows(self, state: Overview) -> None:
        """Take the rows of a state; resets the list only if they differ."""
        if state.shown != self._shown:
            self.beginResetModel()
            self._shown = state.shown
            self.endResetModel()

    def refresh(self) -> None:
        """The tags behind the rows have changed."""
        self.beginResetModel()
        self.endResetModel()

    def tag_index(self, row: int) -> int:
        """Live position of a row."""
        return self._shown[row]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        tile = self._words(self._shown[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return tile.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{tile.group} › {tile.name}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{tile.group}, {tile.name}: {tile.amount}, {tile.quality}"
        return None


class TileDelegate(QStyledItemDelegate):
    """Paints one tile: name, equipment, number with unit, quality in words, indicator at the right."""

    def __init__(self, theme: Theme, words: Callable[[int], Tile], parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.state = Overview()
        self.has_keys = False
        self.size = QSize(LEAST_WIDTH_PX, TILE_PX)
        self._words = words

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self.size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        if not isinstance(model, TileModel):
            return
        tag = model.tag_index(index.row())
        # Half the gap on each side: the grid cells touch, the tiles do not.
        gap = self.theme.size.gap / 2
        rect: Any = option.rect  # type: ignore[attr-defined]
        state: Any = option.state  # type: ignore[attr-defined]
        box = QRectF(rect).adjusted(gap, gap, -gap, -gap)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter, box, tag, self.has_keys and bool(state & QStyle.StateFlag.State_HasFocus))
        paint_tile(painter, box, self._words(tag), self.theme)
        painter.restore()

    def _paint_frame(self, painter: QPainter, box: QRectF, tag: int, has_keys: bool) -> None:
        tokens, radius = self.theme.colour, self.theme.size.radius
        is_focus = tag == self.state.focus
        edge = QPen(colour(tokens.text), 2) if is_focus else QPen(colour(tokens.line), 1)
        if has_keys:
            edge = QPen(colour(tokens.text), 2, Qt.PenStyle.DashLine)
        inset = edge.widthF() / 2
        painter.setPen(edge)
        painter.setBrush(colour(tokens.panel if is_focus else tokens.tile))
        painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), radius, radius)
        if tag in self.state.pens:
            place = self.state.pens.index(tag)
            bar = QRectF(box.left(), box.top() + 12, 5, box.height() - 24)
            painter.fillRect(bar, colour(self.theme.pens[place % len(self.theme.pens)]))


def paint_tile(painter: QPainter, box: QRectF, tile: Tile, theme: Theme) -> None:
    """The words, the number and the indicator of a tile inside its frame."""
    tokens, size = theme.colour, theme.size
    right = QRectF(box.right() - _PAD - 16 - POINTER, box.top() + 18, 16 + POINTER, box.height() - 36 - 22)
    room = box.adjusted(_PAD + 2, 11, -_PAD, -11)
    if tile.has_range:
        paint_indicator(painter, right, tile.level, tile.kind, theme)
        room.setRight(right.left() - 12)
    _line(
        painter,
        QRectF(room.left(), room.top(), room.width(), 20),
        tile.name,
        theme,
        size.body,
        tokens.text,
        True,
    )
    under = QRectF(room.left(), room.top() + 20, room.width(), 18)
    _line(painter, under, tile.group, theme, size.small, tokens.muted, False, Qt.TextElideMode.ElideLeft)
    _paint_value(painter, QRectF(room.left(), room.bottom() - 59, room.width(), 36), tile, theme)
    words = QRectF(room.left(), room.bottom() - 18, box.right() - _PAD - room.left(), 18)
    is_well = tile.kind == "normal"
    if not is_well:
        paint_quality_mark(painter, QRectF(words.left(), words.top() - 1, MARK, MARK), tile.kind, theme)
        words.setLeft(words.left() + MARK + 7)
    _line(
        painter, words, tile.quality, theme, size.small, tokens.muted if is_well else tokens.text, not is_well
    )


def _paint_value(painter: QPainter, box: QRectF, tile: Tile, theme: Theme) -> None:
    tokens, size = theme.colour, theme.size
    is_live = tile.kind in ("normal", "uncertain")
    painter.setFont(font(theme, size.value, True))
    width = painter.fontMetrics().horizontalAdvance(tile.value)
    painter.setPen(colour(tokens.live if is_live else tokens.muted))
    painter.drawText(box, _Align.AlignLeft | _Align.AlignVCenter, tile.value)
    painter.setFont(font(theme, size.body))
    painter.setPen(colour(tokens.muted))
    after = QRectF(box.left() + width + 7, box.top() + 5, box.width() - width - 7, box.height() - 5)
    painter.drawText(after, _Align.AlignLeft | _Align.AlignVCenter, tile.unit)
    if not is_live:
        # Beside the digits, never over them: it says "old" and leaves the number easy to read.
        taken = painter.fontMetrics().horizontalAdvance(tile.unit)
        hatched = after.adjusted(taken + (12 if tile.unit else 6), -3, 0, -2)
        paint_hatch(painter, hatched, colour(tokens.hatch))


def _line(
    painter: QPainter,
    box: QRectF,
    text: str,
    theme: Theme,
    px: int,
    ink: str,
    bold: bool,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    painter.setFont(font(theme, px, bold))
    painter.setPen(colour(ink))
    painter.drawText(
        box,
        _Align.AlignLeft | _Align.AlignVCenter,
        painter.fontMetrics().elidedText(text, elide, int(box.width())),
    )


def help_without_tags(theme: Theme) -> str:
    """What to write where, for somebody whose project has no tags yet (HTML)."""
    words = t(
        "<h2>No tags yet</h2>"
        "<p>Watchroom shows what stands in <b>tags.csv</b> of the project folder, one line a tag:</p>"
        "<pre>path,source,address,unit,low,high<br>"
        "Body shop/S50/Hydraulics/Pressure,press,holding:100:float32,bar,0,250</pre>"
        "<p><b>source</b> is the id of a [[sources]] entry in <b>plant.toml</b>.<br>"
        "<b>watchroom browse DIR SOURCE</b> lists the addresses a device offers.<br>"
        "<b>watchroom check DIR</b> finds mistakes, with file and line.</p>"
        "<p>Start the engine again after a change; this window follows by itself.</p>"
    )
    look = f"p, pre {{ margin: 14px 0; line-height: 150%; }} pre {{ color: {theme.colour.live}; }}"
    return f"<style>{look}</style>{words}"
