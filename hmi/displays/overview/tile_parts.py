"""The parts that tiles are made of: frame, head, value, condition, body."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from hmi.displays.overview.state import Tile
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.values import Reading
from hmi.widgets.alarm_badge import paint_badge_of, room_of_badge
from hmi.widgets.indicator import paint_hatch
from hmi.widgets.lines import CENTRE, RIGHT, paint_line, paint_text, paint_words, width_of
from hmi.widgets.quality_mark import MARK, paint_quality_mark

FRESH = ("normal", "uncertain")


def paint_frame(painter: QPainter, box: QRectF, tile: Tile, theme: Theme, has_keys: bool) -> None:
    """Ground and outline, in the colour of the worst alarm; a dashed line inside where the keys are."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    tokens, radius = theme.colour, theme.size.radius
    edge = QPen(colour(tokens.line), 1)
    if tile.badge is not None and not tile.badge.is_over:
        edge = QPen(colour(theme.alarms[tile.badge.priority - 1]), 3)
    inset = edge.widthF() / 2
    painter.setPen(edge)
    painter.setBrush(colour(tokens.tile))
    painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), radius, radius)
    if has_keys:
        painter.setPen(QPen(colour(tokens.text), 2, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(4.5, 4.5, -4.5, -4.5), radius - 1, radius - 1)


def head_px(theme: Theme) -> float:
    """Height of the line with the name."""
    return theme.size.title + 22.0


def paint_head(painter: QPainter, box: QRectF, tile: Tile, theme: Theme, px: int = 0) -> None:
    """Short name bold, title after it, the badge at the right."""
    tokens, size = theme.colour, theme.size
    px = px or size.title + 2
    room = QRectF(box.left() + 12, box.top() + 4, box.width() - 22, head_px(theme) - 4)
    spot = QRectF(room.right(), room.top(), 0, 0)
    count = tile.badge.count if tile.badge is not None and tile.badge.count > 1 else 0
    if tile.badge is not None:
        side = size.title + 6.0
        width = room_of_badge(tile.badge, side, theme, count)
        spot = QRectF(room.right() - width, room.center().y() - side / 2 - 1, width, side)
    short = QRectF(room.topLeft(), QPointF(spot.left() - (6 if spot.width() else 0), room.bottom()))
    title = short.adjusted(width_of(tile.short, theme, px, True) + 8, 1.5, 0, 0)
    title_px = size.body - 1
    if width_of(tile.title, theme, title_px) > title.width():
        # Beside several marks the title would lose its end: it goes below them.
        title_px = size.small
        title = QRectF(room.left(), room.bottom() - title_px - 1, room.width(), title_px + 4.0)
        short.setBottom(title.top() + 1)
        spot.moveTop(short.center().y() - spot.height() / 2)
    if tile.badge is not None:
        paint_badge_of(painter, spot, tile.badge, theme, count)
    paint_line(painter, short, tile.short, theme, px, tokens.text, True)
    paint_line(painter, title, tile.title, theme, title_px, tokens.muted)


def paint_value_still(
    painter: QPainter, box: QRectF, reading: Reading, theme: Theme, px: int, name: bool = True
) -> None:
    """Name at the left and unit at the right of a number; the number too where it is not current."""
    unit_px = theme.size.body - 1
    unit = width_of(reading.unit, theme, unit_px)
    right = QRectF(box.right() - unit, box.top() + px * 0.16, unit + 1, box.height() - px * 0.16)
    paint_line(painter, right, reading.unit, theme, unit_px, theme.colour.muted)
    if reading.kind not in FRESH:
        _paint_old(painter, box, reading, theme, px, name)
    elif reading.kind == "normal" and name:
        wide = max(_number_px(reading, each, theme, px, box)[0] for each in (reading.value, reading.widest))
        _paint_name(painter, box, _end(box, reading, theme) - wide - 8, reading, theme, px)


def paint_value_moving(
    painter: QPainter, box: QRectF, reading: Reading, theme: Theme, px: int, name: bool = True
) -> None:
    """The number of a current value; with its mark, and then its name, where that is uncertain."""
    if reading.kind not in FRESH:
        return
    left = _paint_number(painter, box, reading, theme, px, theme.colour.live)
    if reading.kind == "uncertain":
        mark = QRectF(left - MARK + 4, box.center().y() - MARK / 2, MARK, MARK)
        paint_quality_mark(painter, mark, reading.kind, theme)
        if name:
            _paint_name(painter, box, mark.left() - 6, reading, theme, px)


def _paint_old(painter: QPainter, box: QRectF, reading: Reading, theme: Theme, px: int, name: bool) -> None:
    """A value that is not current: muted, with a hatch beside the digits, never over them."""
    left = _paint_number(painter, box, reading, theme, px, theme.colour.muted)
    # The name stays whole for as long as some hatch is left beside it.
    named = width_of(reading.name, theme, theme.size.body - 1) + 8 if name else 0.0
    wide = max(10.0, min(26.0, left - box.left() - named))
    hatched = QRectF(left - wide, 0, wide, px + 2)
    hatched.moveTop(box.center().y() - hatched.height() / 2)
    paint_hatch(painter, hatched, colour(theme.colour.hatch))
    if name:
        _paint_name(painter, box, hatched.left() - 6, reading, theme, px)


def _end(box: QRectF, reading: Reading, theme: Theme) -> float:
    """Where the number ends: before its unit."""
    return box.right() - (width_of(reading.unit, theme, theme.size.body - 1) + 8 if reading.unit else 0.0)


def _number_px(reading: Reading, text: str, theme: Theme, px: int, box: QRectF) -> tuple[float, int]:
    """Width and size of a number; words and very long numbers are set smaller."""
    most = _end(box, reading, theme) - box.left()
    shown = width_of(text, theme, px, True)
    if shown <= most and not (reading.is_words and shown > most * 0.6):
        return shown, px
    return min(width_of(text, theme, theme.size.title, True), most), theme.size.title


def _paint_number(painter: QPainter, box: QRectF, reading: Reading, theme: Theme, px: int, ink: str) -> float:
    """The number, set to the right; gives the room's end at its left."""
    wide, size = _number_px(reading, reading.value, theme, px, box)
    left = _end(box, reading, theme) - wide
    number = QRectF(left, box.top(), wide + 1, box.height())
    paint_line(painter, number, reading.value, theme, size, ink, True)
    return left - 8


def _paint_name(
    painter: QPainter, box: QRectF, right: float, reading: Reading, theme: Theme, px: int
) -> None:
    room = QRectF(box.left(), box.top() + px * 0.16, right - box.left(), box.height() - px * 0.16)
    size = theme.size.body - 1
    if width_of(reading.name, theme, size) <= room.width():
        paint_line(painter, room, reading.name, theme, size, theme.colour.muted)
        return
    # Two lines rather than a name without its end.
    tall = room.adjusted(0, -px * 0.16 - 4, 0, 4)
    paint_text(painter, tall, reading.name, theme, theme.size.small, theme.colour.muted)


def paint_condition(
    painter: QPainter, box: QRectF, tile: Tile, theme: Theme, label: bool, more: float = 5.0
) -> None:
    """How it is, in words; with the mark of its quality where that is poor.

    ``more`` = by how much two lines may reach out of the box, px up and px down.
    """
    tokens, size = theme.colour, theme.size
    bold = width_of(tile.condition, theme, size.body, True)
    words = t("Condition")
    named = width_of(words, theme, size.body - 1)
    marked = tile.kind not in FRESH
    room = box.adjusted(MARK + 6 if marked else 0, 0, 0, 0)
    if label and named + 10 + bold <= room.width():
        paint_line(painter, box, words, theme, size.body - 1, tokens.muted)
    taken = paint_words(painter, room, tile.condition, theme, size.body, tokens.text, True, RIGHT, more)
    if marked:
        left = box.right() - taken - MARK - 6
        paint_quality_mark(painter, QRectF(left, box.center().y() - MARK / 2, MARK, MARK), tile.kind, theme)


def paint_cycle(painter: QPainter, box: QRectF, cycle: Reading, theme: Theme) -> None:
    """How long the last cycle took."""
    tokens, size = theme.colour, theme.size
    is_live = cycle.kind in FRESH
    ink = tokens.live if is_live else tokens.muted
    taken = paint_line(painter, box, cycle.amount, theme, size.body + 1, ink, True, RIGHT)
    left = box.right() - taken - 8
    if cycle.kind == "uncertain":
        mark = QRectF(left - MARK, box.center().y() - MARK / 2, MARK, MARK)
        paint_quality_mark(painter, mark, "uncertain", theme)
        left = mark.left() - 6
    elif not is_live:
        hatched = QRectF(left - 24, box.top() + 3, 22, box.height() - 6)
        paint_hatch(painter, hatched, colour(tokens.hatch))
        left = hatched.left() - 6
    name = QRectF(box.left(), box.top(), left - box.left(), box.height())
    paint_line(painter, name, t("Cycle"), theme, size.body - 1, tokens.muted)


def paint_part(painter: QPainter, box: QRectF, tile: Tile, theme: Theme) -> None:
    """The number of a body in its frame; hatched about it when it may have moved on since."""
    tokens, px = theme.colour, theme.size.body - 1
    painter.setPen(QPen(colour(tokens.outline), 1.5))
    painter.setBrush(colour(tokens.tile))
    painter.drawRoundedRect(box, 3, 3)
    if tile.kind not in FRESH:
        paint_hatch(painter, box.adjusted(2, 2, -2, -2), colour(tokens.hatch))
        taken = width_of(tile.part, theme, px) + 6
        ground = QRectF(box.center().x() - taken / 2, box.top() + 3, taken, box.height() - 6)
        painter.fillRect(ground, colour(tokens.tile))
    paint_line(painter, box, tile.part, theme, px, tokens.muted, False, CENTRE)
