"""The looks of a tile of the line: machine and indicator above, the value and how it is below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from hmi.displays.overview.state import Tile
from hmi.displays.overview.tile_parts import (
    head_px,
    paint_condition,
    paint_cycle,
    paint_head,
    paint_part,
    paint_value_moving,
    paint_value_still,
)
from hmi.theme import Theme
from hmi.widgets.equipment import paint_equipment
from hmi.widgets.indicator import paint_gauge_moving, paint_gauge_still
from hmi.widgets.lines import paint_line, width_of

Paint = Callable[[QPainter, QRectF, Tile, Theme], None]
GAUGE_PX, MOST_GAUGE_PX = 41.0, 420.0


@dataclass(frozen=True, slots=True)
class Look:
    """The two halves of a style: what can be kept as a picture, and what moves with the values."""

    still: Paint
    moving: Paint


# With symbol and lines of words: full and middle


def _gauge_box(box: QRectF, theme: Theme, rows: int) -> QRectF:
    """At the right of the middle, two thirds across."""
    top = box.top() + head_px(theme) + 2
    bottom = min(box.bottom() - _rows_px(theme, rows) - 4, top + MOST_GAUGE_PX)
    middle = box.left() + box.width() * 0.69
    return QRectF(round(middle - GAUGE_PX / 2 + 1), top, GAUGE_PX, bottom - top)


def _rows_of(tile: Tile, most: int) -> int:
    return most if tile.cycle is not None else min(2, most)


def _rows_px(theme: Theme, rows: int) -> float:
    return theme.size.value + 14.0 + (rows - 1) * (theme.size.body + 14.0)


def _row(box: QRectF, theme: Theme, at: int, rows: int) -> QRectF:
    """The line ``at`` of the words below; the first is the tallest."""
    low, step = box.bottom() - 9, theme.size.body + 14.0
    if at == 0:
        top = low - (rows - 1) * step - theme.size.value - 6
        return QRectF(box.left() + 12, top, box.width() - 24, theme.size.value + 6.0)
    return QRectF(box.left() + 12, low - (rows - at) * step + 6, box.width() - 24, step - 6)


def _value_px(box: QRectF, theme: Theme) -> int:
    return theme.size.value - (0 if box.width() >= 300 else 2)


def _still(most_rows: int, most: float, part: float) -> Paint:
    def paint(painter: QPainter, box: QRectF, tile: Tile, theme: Theme) -> None:
        rows = _rows_of(tile, most_rows)
        paint_head(painter, box, tile, theme)
        gauge = _gauge_box(box, theme, rows)
        if tile.gauge.ends is not None:
            paint_gauge_still(painter, gauge, tile.gauge, theme)
        left = box.left() + 12
        right = gauge.left() - 6 if tile.gauge.ends is not None else box.right() - 12
        side = min(right - left, gauge.height() * part, most)
        spot = QRectF((left + right) / 2 - side / 2, gauge.center().y() - side / 2, side, side)
        paint_equipment(painter, spot, tile.symbol, theme, tile.running, tile.machine)
        if tile.part:
            _paint_part(painter, box, tile, theme, gauge)
        if tile.main is not None:
            paint_value_still(painter, _row(box, theme, 0, rows), tile.main, theme, _value_px(box, theme))
        if rows > 2 and tile.cycle is not None:
            paint_cycle(painter, _row(box, theme, 1, rows), tile.cycle, theme)
        paint_condition(painter, _row(box, theme, rows - 1, rows), tile, theme, True)

    return paint


def _moving(most_rows: int) -> Paint:
    def paint(painter: QPainter, box: QRectF, tile: Tile, theme: Theme) -> None:
        rows = _rows_of(tile, most_rows)
        if tile.gauge.ends is not None:
            paint_gauge_moving(painter, _gauge_box(box, theme, rows), tile.gauge, theme)
        if tile.main is not None:
            paint_value_moving(painter, _row(box, theme, 0, rows), tile.main, theme, _value_px(box, theme))

    return paint


def _paint_part(painter: QPainter, box: QRectF, tile: Tile, theme: Theme, gauge: QRectF) -> None:
    """The body in it, as on the belt, where there is room beside the indicator."""
    size = theme.size
    wide, tall = width_of(tile.part, theme, size.body - 1) + 16, size.body + 9.0
    spot = QRectF(box.right() - 12 - wide, gauge.bottom() - tall - 6, wide, tall)
    if spot.left() > gauge.right() + 4:
        paint_part(painter, spot, tile, theme)


# Of a long line: small and least


def _small_gauge(box: QRectF) -> QRectF:
    return QRectF(box.right() - GAUGE_PX - 8, box.top() + 8, GAUGE_PX, box.height() - 16)


def _small_rows(box: QRectF, tile: Tile, theme: Theme) -> tuple[QRectF, QRectF]:
    """Where value and condition stand."""
    room = box.adjusted(12, 0, -GAUGE_PX - 16 if tile.gauge.ends is not None else -12, 0)
    line, tall = theme.size.body + 10.0, theme.size.value + 4.0
    low = QRectF(room.left(), room.bottom() - line - 4, room.width(), line)
    return QRectF(room.left(), low.top() - tall, room.width(), tall), low


def _small_still(painter: QPainter, box: QRectF, tile: Tile, theme: Theme) -> None:
    has_gauge = tile.gauge.ends is not None
    room = box.adjusted(0, 0, -GAUGE_PX - 4 if has_gauge else 0, 0)
    paint_head(painter, room, tile, theme, theme.size.title)
    if has_gauge:
        paint_gauge_still(painter, _small_gauge(box), tile.gauge, theme)
    value, low = _small_rows(box, tile, theme)
    paint_condition(painter, low, tile, theme, False)
    if tile.main is None:
        return
    paint_value_still(painter, value, tile.main, theme, theme.size.value - 4, name=False)
    if tile.is_well:
        # What it is stands below the number: beside it a name would lose its end.
        taken = width_of(tile.condition, theme, theme.size.body, True) + 8
        name = low.adjusted(0, 0, -taken, 0)
        paint_line(painter, name, tile.main.name, theme, theme.size.small, theme.colour.muted)


def _small_moving(painter: QPainter, box: QRectF, tile: Tile, theme: Theme) -> None:
    if tile.gauge.ends is not None:
        paint_gauge_moving(painter, _small_gauge(box), tile.gauge, theme)
    if tile.main is not None:
        value, _ = _small_rows(box, tile, theme)
        paint_value_moving(painter, value, tile.main, theme, theme.size.value - 4, name=False)


def _least_row(box: QRectF, theme: Theme) -> QRectF:
    size = theme.size
    return QRectF(box.left() + 12, box.bottom() - size.title - 10, box.width() - 24, size.title + 4.0)


def _least_still(painter: QPainter, box: QRectF, tile: Tile, theme: Theme) -> None:
    head = QRectF(box.left(), box.top() - 3, box.width(), head_px(theme))
    paint_head(painter, head, tile, theme, theme.size.title - 1)
    low = _least_row(box, theme)
    if tile.main is not None and (tile.is_well or not tile.condition):
        paint_value_still(painter, low, tile.main, theme, theme.size.title - 1)
    else:
        # One line: what is wrong comes before the number, which stands on the Unit.
        paint_condition(painter, low, tile, theme, False, 0.0)


def _least_moving(painter: QPainter, box: QRectF, tile: Tile, theme: Theme) -> None:
    if tile.main is not None and tile.is_well:
        paint_value_moving(painter, _least_row(box, theme), tile.main, theme, theme.size.title - 1)


LINE_LOOKS = {
    "full": Look(_still(3, 190, 0.86), _moving(3)),
    "middle": Look(_still(2, 120, 0.94), _moving(2)),
    "small": Look(_small_still, _small_moving),
    "least": Look(_least_still, _least_moving),
}
