"""A device as a card: symbol, name, mode and state in words, its main value with indicator, and more."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from hmi.alarms import spoken
from hmi.displays.unit.layout import Shape
from hmi.displays.unit.looks import CardLook
from hmi.displays.unit.state import Device
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.values import Reading
from hmi.widgets.equipment import paint_equipment
from hmi.widgets.indicator import paint_gauge
from hmi.widgets.lines import paint_words
from hmi.widgets.quality_mark import paint_quality_mark
from hmi.widgets.tap import Tap
from hmi.widgets.text_paint import (
    edge_of,
    exact_width,
    paint_badge,
    paint_badge_at,
    paint_foreseen,
    paint_frame,
    paint_text,
    paint_trust,
    paint_value,
    value_width,
    width_of,
)

_PAD, _GAUGE_PX, _LINE_PX, _TWO_PX, _MAIN_PX, _DOOR_PX = 12.0, 42.0, 22.0, 34.0, 30.0, 40.0
_LEAST_MIDDLE_PX, _GOOD_MIDDLE_PX, _MARK_PX = 60.0, 110.0, 26.0
_HEAD_PX, _NARROW_PX, _MOST_LINE_PX = 40.0, 240, 380.0


class Card(Tap):
    """One device. A tap opens its faceplate; the arrow in its corner, two taps or Ctrl+Return its display."""

    def __init__(
        self,
        theme: Theme,
        device: Device,
        tapped: Callable[[str], None],
        opened: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        super().__init__(theme, device.path, tapped, parent)
        self.device, self._opened = device, opened
        self.shape: Shape = "wide"
        self.look: CardLook | None = None
        self.setAccessibleDescription(t("Return opens its faceplate, Ctrl+Return its display"))

    def show_look(self, look: CardLook) -> None:
        """Show this; painted anew only where it differs."""
        if self.look is None or look.key != self.look.key:
            self.look = look
            self.setAccessibleName(self._spoken(look))
            self.update()

    def set_shape(self, shape: Shape) -> None:
        """Arrange the same things for the room there is."""
        if shape != self.shape:
            self.shape = shape
            self.update()

    @property
    def is_waiting(self) -> bool:
        """Its badge blinks."""
        return self.look is not None and self.look.badge is not None and self.look.badge.waiting > 0

    def _spoken(self, look: CardLook) -> str:
        told = [self.device.name, look.words.whole]
        if look.main is not None:
            told.append(f"{look.main.name} {look.main.amount}, {look.main.quality}")
        return "; ".join([*(each for each in told if each), spoken(look.badge)])

    # Paint

    def paint(self, painter: QPainter) -> None:
        if self.look is None:
            return
        alarm = edge_of(self.look.badge)
        fill = self.theme.colour.selected if self.isDown() else self.theme.colour.tile
        paint_frame(painter, QRectF(self.rect()), self.theme, alarm, fill)
        box = QRectF(self.rect()).adjusted(_PAD, 9, -_PAD, -9)
        is_bare = self.look.main is None and not self.look.lines
        if self.shape == "tall" or (self.shape == "wide" and is_bare):
            self._paint_tall(painter, box, self.look)
        elif self.shape == "wide":
            self._paint_wide(painter, box, self.look)
        elif self.shape == "slim":
            self._paint_slim(painter, box, self.look)
        else:
            self._paint_low(painter, box, self.look)

    def _paint_tall(self, painter: QPainter, box: QRectF, look: CardLook) -> None:
        self._paint_head(painter, box, look)
        spare = box.height() - _HEAD_PX - _MAIN_PX - 8
        few = self._fitting(look.lines[:2], box.width(), spare - _LEAST_MIDDLE_PX)
        lines = max(few, self._fitting(look.lines, box.width(), spare - _GOOD_MIDDLE_PX), key=len)
        foot = self._foot(lines, box.width())
        middle = QRectF(box.left(), box.top() + _HEAD_PX + 4, box.width(), box.height() - _HEAD_PX - foot - 8)
        has_gauge = look.main is not None and look.main.has_range
        side = min(middle.height(), middle.width() - (_GAUGE_PX + 12 if has_gauge else 0), 132.0)
        symbol = QRectF(middle.left(), middle.center().y() - side / 2, side, side)
        if has_gauge:
            gauge = QRectF(middle.right() - _GAUGE_PX - 4, middle.top(), _GAUGE_PX, middle.height())
            symbol.moveLeft(middle.left() + max(0.0, (gauge.left() - middle.left() - side) / 2))
            paint_gauge(painter, gauge, look.gauge, self.theme)
        else:
            symbol.moveCenter(middle.center())
        self._paint_symbol(painter, symbol, look)
        self._paint_lines(painter, QRectF(box.left(), box.bottom() - foot, box.width(), foot), look, lines)

    def _paint_wide(self, painter: QPainter, box: QRectF, look: CardLook) -> None:
        """Symbol and indicator at the left, values at the right."""
        has_room = box.height() >= 150
        top = box.top() + (_HEAD_PX + 8 if has_room else 0)
        side = min(120.0, box.bottom() - top - 4, box.width() * 0.3) if has_room else min(56.0, box.height())
        symbol = QRectF(box.left(), top + max(0.0, (box.bottom() - top - side) / 2), side, side)
        self._paint_symbol(painter, symbol, look)
        right = box.adjusted(side + 14, 0, 0, 0)
        self._paint_head(painter, box if has_room else right, look)
        if look.main is not None and look.main.has_range and has_room:
            gauge = QRectF(right.left(), top, _GAUGE_PX, box.bottom() - top)
            paint_gauge(painter, gauge, look.gauge, self.theme)
            right.setLeft(gauge.right() + 14)
        room = right.adjusted(0, _HEAD_PX + (8 if has_room else 0), 0, 0)
        room.setWidth(min(room.width(), _MOST_LINE_PX))
        lines = self._fitting(look.lines, room.width(), room.height() - _MAIN_PX)
        foot = self._foot(lines, room.width())
        below = room.top() if has_room else room.bottom() - foot
        self._paint_lines(painter, QRectF(room.left(), below, room.width(), foot), look, lines)

    def _paint_slim(self, painter: QPainter, box: QRectF, look: CardLook) -> None:
        """A small symbol beside the name, values below."""
        self._paint_symbol(painter, QRectF(box.left() - 4, box.top() + 2, 30, 32), look)
        self._paint_head(painter, box.adjusted(32, 0, 0, 0), look)
        room = box.adjusted(0, _HEAD_PX, 0, 0)
        lines = self._fitting(look.lines, room.width(), room.height() - _MAIN_PX)
        foot = self._foot(lines, room.width())
        self._paint_lines(painter, QRectF(room.left(), room.bottom() - foot, room.width(), foot), look, lines)

    def _paint_low(self, painter: QPainter, box: QRectF, look: CardLook) -> None:
        """One line; the value below the name where the card is narrow."""
        theme, size = self.theme, self.theme.size
        side = min(30.0 if self.width() < _NARROW_PX else 34.0, box.height())
        self._paint_symbol(painter, QRectF(box.left() - 4, box.center().y() - side / 2, side, side), look)
        self._paint_door(painter)
        left, right, middle = box.left() + side + 6, box.right() - 12, box.center().y()
        if self.width() < _NARROW_PX:
            right = paint_badge_at(painter, right, middle, look.badge, theme)
            end = right if look.badge is not None else box.right() + 6
            name = QRectF(left, middle - 19, end - left, 18)
            paint_text(painter, name, self.device.name, theme, size.small, theme.colour.text, True)
            if look.main is not None:
                value = QRectF(left, middle, right - left, 19)
                px = (
                    size.body
                    if exact_width(theme, look.main, size.body, size.small) < right - left
                    else size.small
                )
                value.setWidth(min(value.width(), exact_width(theme, look.main, px, size.small)))
                paint_value(painter, value, look.main, theme, px, size.small)
                paint_trust(painter, right, value.center().y(), look.main, theme, value.right() + 4)
            return
        if look.main is not None:
            value = QRectF(left, middle - 12, right - left, 24)
            edge = paint_value(painter, value, look.main, theme, size.body, size.small)
            named = width_of(theme, self.device.name, size.body, True)
            right = paint_trust(painter, edge, middle, look.main, theme, left + named + 8) - 4
        right = paint_badge_at(painter, right, middle, look.badge, theme)
        self._paint_names(painter, QRectF(left, middle - 19, right - left, 38))

    def _paint_names(self, painter: QPainter, box: QRectF) -> None:
        look, theme = self.look, self.theme
        if look is None:
            return
        words = look.words.text
        name = QRectF(box.left(), box.top(), box.width(), 20 if words else box.height())
        paint_words(painter, name, self.device.name, theme, theme.size.body, theme.colour.text, True)
        if words:
            under = QRectF(box.left(), box.top() + 19, box.width(), 18)
            paint_words(painter, under, words, theme, theme.size.small, theme.colour.muted)

    def _paint_head(self, painter: QPainter, box: QRectF, look: CardLook) -> None:
        """Name and badge; below them mode and state, or what is wrong with the main value."""
        theme, size, tokens = self.theme, self.theme.size, self.theme.colour
        self._paint_door(painter)
        right = paint_badge_at(painter, box.right() - 16, box.top() + 10, look.badge, theme)
        name = QRectF(box.left(), box.top(), right - box.left(), 20)
        paint_text(painter, name, self.device.name, theme, size.body, tokens.text, True)
        under = QRectF(box.left(), box.top() + 20, box.width(), 18)
        main = look.main
        if main is not None and main.kind != "normal":
            paint_quality_mark(painter, QRectF(under.left(), under.top(), 18, 18), main.kind, theme)
            words, room = main.quality, under.adjusted(24, 0, 0, 0)
            if width_of(theme, words, size.small, True) > room.width():
                # The mark says the rest.
                words = words.rpartition(" · ")[2]
            paint_text(painter, room, words, theme, size.small, tokens.text, True)
        else:
            paint_text(painter, under, look.words.text, theme, size.small, tokens.muted)

    def _line_px(self, line: Reading, width: float) -> float:
        """Height of the line of one value: a name too long to stand beside it takes two."""
        theme, size = self.theme, self.theme.size
        named = width_of(theme, line.name, size.small) + 10 + (_MARK_PX if line.alarm else 0)
        return _LINE_PX if named + value_width(theme, line, size.body, size.small) <= width else _TWO_PX

    def _fitting(self, lines: tuple[Reading, ...], width: float, room: float) -> tuple[Reading, ...]:
        """As many of these values as there is room for, each with its name whole; the faceplate has all."""
        theme, size = self.theme, self.theme.size
        rests = [width - value_width(theme, each, size.body, size.small) - 9 for each in lines]
        named = [
            each
            for each, rest in zip(lines, rests, strict=True)
            if all(width_of(theme, word, size.small) <= rest for word in each.name.split(" "))
        ]
        tall = accumulate(self._line_px(each, width) for each in named)
        return tuple(named[: sum(each <= room for each in tall)])

    def _foot(self, lines: tuple[Reading, ...], width: float) -> float:
        """Height of the main value and of these lines."""
        return _MAIN_PX + sum(self._line_px(each, width) for each in lines)

    def _paint_lines(
        self, painter: QPainter, box: QRectF, look: CardLook, lines: tuple[Reading, ...]
    ) -> None:
        """The main value large, the others below it."""
        theme, size, tokens = self.theme, self.theme.size, self.theme.colour
        y = box.top()
        if look.main is not None:
            row = QRectF(box.left(), y, box.width(), _MAIN_PX)
            name_px = width_of(theme, look.main.name, size.small) + 12
            sizes = (size.value - 4, size.title, size.body + 1)
            widths = [value_width(theme, look.main, px, size.small) + name_px for px in sizes]
            px = next((px for px, wide in zip(sizes, widths, strict=True) if wide <= row.width()), sizes[1])
            left = paint_value(painter, row, look.main, theme, px, size.small)
            if look.main.alarm and left - row.left() - 26 > name_px:
                left = paint_badge(painter, left - 4, row.center().y(), look.main.alarm, theme)
            left = paint_foreseen(painter, left - 4, row.center().y(), look.main, theme)
            name = QRectF(row.left(), row.top() + 4, left - row.left() - 8, row.height() - 6)
            paint_words(painter, name, look.main.name, theme, size.small, tokens.muted, more=5.0)
        y += _MAIN_PX
        for line in lines:
            row = QRectF(box.left(), y, box.width(), self._line_px(line, box.width()))
            y = row.bottom()
            left = paint_value(painter, row, line, theme, size.body, size.small)
            least = row.left() + width_of(theme, line.name, size.small) + 8
            is_told = look.main is not None and look.main.kind == line.kind
            if not is_told or left - 26 - (_MARK_PX if line.alarm else 0) >= least:
                # Where the name has no room beside it, the mark at the head of the card says it for all.
                left = paint_trust(painter, left - 2, row.center().y(), line, theme, least)
            left = paint_badge(painter, left - 4, row.center().y(), line.alarm, theme) if line.alarm else left
            left = paint_foreseen(painter, left - 4, row.center().y(), line, theme)
            name = QRectF(row.left(), row.top(), left - row.left() - 3, row.height())
            paint_words(painter, name, line.name, theme, size.small, tokens.muted, more=2.0)

    def _paint_symbol(self, painter: QPainter, box: QRectF, look: CardLook) -> None:
        paint_equipment(painter, box, self.device.symbol, self.theme, look.running, look.kind)

    # The way to its own display

    def _door(self) -> QRectF:
        tall = self.height() if self.shape == "low" else _DOOR_PX
        return QRectF(self.width() - _DOOR_PX, 0, _DOOR_PX, tall)

    def _paint_door(self, painter: QPainter) -> None:
        middle = QPointF(self.width() - _PAD - 2, 19 if self.shape != "low" else self.height() / 2)
        if self.shape == "low" and self.width() < _NARROW_PX:
            middle += QPointF(0, 10)
        painter.setPen(QPen(colour(self.theme.colour.outline), 2))
        for dy in (-5, 5):
            painter.drawLine(middle + QPointF(-5, dy), middle)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.isDown() and self._door().contains(event.position()):
            self.setDown(False)
            self._opened(self.path)
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._opened(self.path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._opened(self.path)
        else:
            super().keyPressEvent(event)
