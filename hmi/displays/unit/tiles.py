"""The tiles: a list model over the state, and the delegate that paints one tile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPixmap, QRegion
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from hmi.displays.unit.tags_state import TagTiles
from hmi.formats import t
from hmi.gauge import NO_GAUGE, Gauge
from hmi.theme import Theme, colour, font
from hmi.values import Look, Reading
from hmi.widgets.alarm_badge import paint_alarm_badge
from hmi.widgets.indicator import POINTER, SETPOINT, paint_gauge_moving, paint_gauge_still, paint_hatch
from hmi.widgets.picture import blank
from hmi.widgets.quality_mark import MARK, paint_quality_mark
from hmi.widgets.text_paint import paint_foreseen

TILE_PX, MOST_TILE_PX = 138, 188
LEAST_WIDTH_PX = 226
_PAD = 14
FRESH = ("normal", "uncertain")
MOST_PICTURES = 300
"""Pictures of tiles kept at most; more than a 4K screen holds at once."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_Index = QModelIndex | QPersistentModelIndex


class TileModel(QAbstractListModel):
    """One row a shown tag. The words are made when a row is painted or read aloud, never before."""

    def __init__(self, words: Callable[[int], Reading], parent: QWidget) -> None:
        super().__init__(parent)
        self._words = words
        self._shown: tuple[int, ...] = ()

    def show_rows(self, state: TagTiles) -> None:
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
        return tile.whole if role == Qt.ItemDataRole.AccessibleDescriptionRole else None


class TileDelegate(QStyledItemDelegate):
    """Paints one tile: name, equipment, number with unit, quality in words, indicator at the right.

    ``dirty`` is what of the list has to be painted, None = all of it. ``looks`` is how each tag was
    last painted, None = only a part of its tile was.
    """

    def __init__(
        self, theme: Theme, words: Callable[[int], Reading], gauge: Callable[[int], Gauge], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.theme, self._gauge = theme, gauge
        self.state = TagTiles()
        self.has_keys = False
        self.dirty: QRegion | None = None
        self.looks: dict[int, Look | None] = {}
        self.size = QSize(LEAST_WIDTH_PX, TILE_PX)
        self._pictures: dict[int, tuple[tuple[object, ...], QPixmap]] = {}
        self._words = words

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self.size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        if not isinstance(model, TileModel):
            return
        rect: Any = option.rect
        if self.dirty is not None and not self.dirty.intersects(rect):
            return
        tag = model.tag_index(index.row())
        rect_f = QRectF(rect)
        state: Any = option.state
        tile = self._words(tag)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        has_keys = self.has_keys and bool(state & QStyle.StateFlag.State_HasFocus)
        gauge = self._gauge(tag) if tile.has_range else NO_GAUGE
        painter.drawPixmap(rect_f.topLeft(), self._still(painter, rect_f, tag, tile, gauge, has_keys))
        paint_moving(painter, self._inside(rect_f), tile, self.theme, gauge)
        painter.restore()
        is_whole = self.dirty is None or QRegion(rect).subtracted(self.dirty).isEmpty()
        self.looks[tag] = tile.look if is_whole else None

    def _inside(self, cell: QRectF) -> QRectF:
        # Half the gap on each side: the grid cells touch, the tiles do not.
        gap = self.theme.size.gap / 2
        return cell.adjusted(gap, gap, -gap, -gap)

    def _still(
        self, painter: QPainter, cell: QRectF, tag: int, tile: Reading, gauge: Gauge, has_keys: bool
    ) -> QPixmap:
        """All of a tile but its number, quality and pointer, kept as a picture."""
        ratio = painter.device().devicePixelRatioF()
        place = self.state.pens.index(tag) if tag in self.state.pens else None
        look = (tile.name, tile.group, tile.has_range, tile.kind in FRESH, place, tag == self.state.focus)
        look = (*look, tile.alarm, tile.is_foreseen, gauge.band, gauge.limits)
        key = (*look, has_keys, cell.size().toTuple(), ratio, self.theme.name)
        known = self._pictures.get(tag)
        if known is not None and known[0] == key:
            return known[1]
        if len(self._pictures) > MOST_PICTURES:
            self._pictures.clear()
        made = blank(cell.size(), ratio)
        box = self._inside(QRectF(0, 0, cell.width(), cell.height()))
        with QPainter(made) as still:
            still.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_frame(still, box, tag, place, has_keys, tile.alarm)
            paint_still(still, box, tile, self.theme, gauge)
        self._pictures[tag] = (key, made)
        return made

    def _paint_frame(
        self, painter: QPainter, box: QRectF, tag: int, place: int | None, has_keys: bool, alarm: int
    ) -> None:
        tokens, radius = self.theme.colour, self.theme.size.radius
        is_focus = tag == self.state.focus
        edge = QPen(colour(tokens.text), 2) if is_focus else QPen(colour(tokens.line), 1)
        if alarm:
            edge = QPen(colour(self.theme.alarms[alarm - 1]), 3)
        if has_keys:
            edge = QPen(colour(tokens.text), 2, Qt.PenStyle.DashLine)
        inset = edge.widthF() / 2
        painter.setPen(edge)
        painter.setBrush(colour(tokens.panel if is_focus else tokens.tile))
        painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), radius, radius)
        if place is not None:
            bar = QRectF(box.left(), box.top() + 12, 5, box.height() - 24)
            painter.fillRect(bar, colour(self.theme.pens[place % len(self.theme.pens)]))


def _scale(box: QRectF) -> QRectF:
    """Where the indicator stands."""
    wide = 16 + POINTER + SETPOINT + 1
    return QRectF(box.right() - _PAD - wide, box.top() + 12, wide, box.height() - 24 - 22)


def _room(box: QRectF, tile: Reading) -> QRectF:
    """Where the words and the number stand."""
    room = box.adjusted(_PAD + 2, 11, -_PAD, -11)
    if tile.has_range:
        room.setRight(_scale(box).left() - 12)
    return room


def paint_still(
    painter: QPainter, box: QRectF, tile: Reading, theme: Theme, gauge: Gauge | None = None
) -> None:
    """The name, the equipment and the scale of a tile inside its frame."""
    tokens, size = theme.colour, theme.size
    room = _room(box, tile)
    if tile.has_range:
        paint_gauge_still(painter, _scale(box), gauge or Gauge(tile.level, tile.kind), theme)
    top = QRectF(room.left(), room.top(), room.width(), 20)
    if tile.alarm:
        badge = QRectF(top.right() - 20, top.top(), 20, 20)
        paint_alarm_badge(painter, badge, tile.alarm, theme)
        top.setRight(badge.left() - 6)
    top.setRight(paint_foreseen(painter, top.right(), top.center().y(), tile, theme))
    _line(painter, top, tile.name, theme, size.body, tokens.text, True)
    under = QRectF(room.left(), room.top() + 20, room.width(), 18)
    group = group_to_fit(tile.group, under.width(), QFontMetricsF(font(theme, size.small)))
    _line(painter, under, group, theme, size.small, tokens.muted, False)


def paint_moving(
    painter: QPainter, box: QRectF, tile: Reading, theme: Theme, gauge: Gauge | None = None
) -> None:
    """The number, the quality in words, setpoint and pointer of a tile."""
    tokens, size = theme.colour, theme.size
    room = _room(box, tile)
    if tile.has_range:
        paint_gauge_moving(painter, _scale(box), gauge or Gauge(tile.level, tile.kind), theme)
    _paint_value(painter, QRectF(room.left(), room.bottom() - 59, room.width(), 36), tile, theme)
    words = QRectF(room.left(), room.bottom() - 18, box.right() - _PAD - room.left(), 18)
    is_well = tile.kind == "normal"
    if not is_well:
        paint_quality_mark(painter, QRectF(words.left(), words.top() - 1, MARK, MARK), tile.kind, theme)
        words.setLeft(words.left() + MARK + 7)
    ink = tokens.muted if is_well else tokens.text
    _line(painter, words, tile.quality, theme, size.small, ink, not is_well)


def group_to_fit(group: str, width: float, metrics: QFontMetricsF) -> str:
    """The equipment on one line: the upper level gives way at its end, the lower one stays whole."""
    upper, between, lower = group.rpartition(" › ")
    if not upper or metrics.horizontalAdvance(group) <= width:
        return group
    room = width - metrics.horizontalAdvance(between + lower)
    if room < metrics.horizontalAdvance("mmm"):
        return lower
    return metrics.elidedText(upper, Qt.TextElideMode.ElideRight, room) + between + lower


def _paint_value(painter: QPainter, box: QRectF, tile: Reading, theme: Theme) -> None:
    tokens, size = theme.colour, theme.size
    is_live = tile.kind in FRESH
    painter.setFont(font(theme, size.value, True))
    if tile.is_words and painter.fontMetrics().horizontalAdvance(tile.value) > box.width() - 20:
        # More of a word can be read at a smaller size; a number is always short.
        painter.setFont(font(theme, size.title, True))
    metrics = painter.fontMetrics()
    # Digits are set to the right in the room of the widest number: neither they nor the unit move.
    width = max(metrics.horizontalAdvance(text) for text in (tile.value, tile.widest if tile.unit else ""))
    width = min(width, box.width() - 20)
    painter.setPen(colour(tokens.live if is_live else tokens.muted))
    number = metrics.elidedText(tile.value, Qt.TextElideMode.ElideRight, int(width) + 1)
    align = _LEFT if tile.is_words else _RIGHT
    painter.drawText(QRectF(box.left(), box.top(), width, box.height()), align, number)
    painter.setFont(font(theme, size.body))
    painter.setPen(colour(tokens.muted))
    after = QRectF(box.left() + width + 7, box.top() + 5, box.width() - width - 7, box.height() - 5)
    unit = painter.fontMetrics().elidedText(tile.unit, Qt.TextElideMode.ElideRight, int(after.width()))
    painter.drawText(after, _LEFT, unit)
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
) -> None:
    painter.setFont(font(theme, px, bold))
    painter.setPen(colour(ink))
    painter.drawText(
        box,
        _LEFT,
        painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width())),
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
