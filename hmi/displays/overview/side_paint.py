"""The looks of a utility: a row beside others, or a cell of a laptop."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from hmi.displays.overview.state import Tile
from hmi.displays.overview.tile_paint import GAUGE_PX, LINE_LOOKS, Look
from hmi.displays.overview.tile_parts import FRESH, paint_value_moving, paint_value_still
from hmi.theme import Theme, colour
from hmi.values import Reading
from hmi.widgets.alarm_badge import paint_badge_of, room_of_badge
from hmi.widgets.indicator import paint_gauge_moving, paint_gauge_still, paint_hatch
from hmi.widgets.lines import paint_line, paint_words
from hmi.widgets.quality_mark import MARK, paint_quality_mark


def _row_gauge(box: QRectF) -> QRectF:
    wide = max(96.0, min(200.0, box.width() * 0.25)) + 14
    # As far right as the number lets it: the words at the left need the room.
    return QRectF(box.left() + box.width() * 0.57 - wide / 2, box.center().y() - 23, wide, 39)


def _row_value(box: QRectF, tile: Tile) -> QRectF:
    left = _row_gauge(box).right() + 6 if tile.gauge.ends is not None else box.center().x()
    return QRectF(left, box.top(), box.right() - left - 18, box.height())


def _row_still(painter: QPainter, box: QRectF, tile: Tile, theme: Theme) -> None:
    gauge, size = _row_gauge(box), theme.size
    right = gauge.left() - 6 if tile.gauge.ends is not None else box.center().x()
    room = QRectF(box.left() + 14, box.top() + 10, right - box.left() - 14, box.height() / 2 - 8)
    side = size.title + 4.0 if tile.badge is not None else 0.0
    wide = 0.0 if tile.badge is None else room_of_badge(tile.badge, side, theme)
    room.setRight(room.right() - wide - 8)
    taken = paint_words(painter, room, tile.name, theme, size.body + 1, theme.colour.text, True, more=4.0)
    if tile.badge is not None:
        spot = QRectF(room.left() + taken + 8, room.center().y() - side / 2, wide, side)
        paint_badge_of(painter, spot, tile.badge, theme)
    if tile.gauge.ends is not None:
        paint_gauge_still(painter, gauge, tile.gauge, theme)
    low = QRectF(box.left() + 14, box.center().y() + 2, right - box.left() - 14, box.height() / 2 - 10)
    _paint_how(painter, low, tile, theme, 3.0)
    if tile.main is not None:
        paint_value_still(painter, _row_value(box, tile), tile.main, theme, size.value, name=False)


def _row_moving(painter: QPainter, box: QRectF, tile: Tile, theme: Theme) -> None:
    if tile.gauge.ends is not None:
        paint_gauge_moving(painter, _row_gauge(box), tile.gauge, theme)
    if tile.main is not None:
        paint_value_moving(painter, _row_value(box, tile), tile.main, theme, theme.size.value, name=False)


def _paint_how(painter: QPainter, box: QRectF, tile: Tile, theme: Theme, more: float) -> None:
    """Its condition, at the left; with the mark of its quality where that is poor.

    ``more`` = by how much two lines may reach out of the box, px up and px down.
    """
    if tile.kind not in FRESH:
        mark = QRectF(box.left(), box.center().y() - MARK / 2, MARK, MARK)
        paint_quality_mark(painter, mark, tile.kind, theme)
        box = box.adjusted(MARK + 6, 0, 0, 0)
    ink = theme.colour.muted if tile.is_well else theme.colour.text
    px = theme.size.body - 1
    paint_words(painter, box, tile.condition, theme, px, ink, not tile.is_well, more=more)


def _cell_gauge(box: QRectF) -> QRectF:
    # Below it there may stand two lines of words.
    return QRectF(box.right() - GAUGE_PX - 6, box.top() + 32, GAUGE_PX, box.height() - 76)


def _cell_value(box: QRectF, theme: Theme) -> QRectF:
    return QRectF(box.left() + 12, box.top() + theme.size.body + 15, box.width() - 64, theme.size.value + 6.0)


def _cell_still(painter: QPainter, box: QRectF, tile: Tile, theme: Theme) -> None:
    size = theme.size
    room = QRectF(box.left() + 12, box.top() + 6, box.width() - 22, size.body + 7.0)
    if tile.badge is not None:
        side = size.title + 3.0
        wide = room_of_badge(tile.badge, side, theme)
        spot = QRectF(room.right() - wide, room.center().y() - side / 2 + 1, wide, side)
        paint_badge_of(painter, spot, tile.badge, theme)
        room.setRight(spot.left() - 6)
    paint_words(painter, room, tile.name, theme, size.body, theme.colour.muted, more=6.0)
    if tile.gauge.ends is not None:
        paint_gauge_still(painter, _cell_gauge(box), tile.gauge, theme)
    low = QRectF(box.left() + 12, box.bottom() - size.body - 21, box.width() - 20, size.body + 10.0)
    _paint_how(painter, low, tile, theme, 5.0)


def _cell_moving(painter: QPainter, box: QRectF, tile: Tile, theme: Theme) -> None:
    if tile.gauge.ends is not None:
        paint_gauge_moving(painter, _cell_gauge(box), tile.gauge, theme)
    if tile.main is not None:
        _paint_left_value(painter, _cell_value(box, theme), tile.main, theme)


def _paint_left_value(painter: QPainter, box: QRectF, reading: Reading, theme: Theme) -> None:
    """Number, unit and, where it is old, the hatch: from the left, as the figures beside it."""
    tokens, size = theme.colour, theme.size
    is_live = reading.kind in FRESH
    x = box.left()
    if reading.kind == "uncertain":
        mark = QRectF(x, box.center().y() - MARK / 2, MARK, MARK)
        paint_quality_mark(painter, mark, "uncertain", theme)
        x = mark.right() + 6
    ink = tokens.live if is_live else tokens.muted
    number = QRectF(x, box.top(), box.right() - x, box.height())
    x += paint_line(painter, number, reading.value, theme, size.value - 2, ink, True) + 6
    unit = QRectF(x, box.top() + 5, box.right() - x, box.height() - 5)
    x += paint_line(painter, unit, reading.unit, theme, size.body, tokens.muted)
    if not is_live and box.right() - x > 16:
        hatched = QRectF(x + 8, box.top() + 4, min(24, box.right() - x - 8), box.height() - 8)
        paint_hatch(painter, hatched, colour(tokens.hatch))


LOOKS = {**LINE_LOOKS, "row": Look(_row_still, _row_moving), "cell": Look(_cell_still, _cell_moving)}
"""How a tile is drawn, by its style."""
