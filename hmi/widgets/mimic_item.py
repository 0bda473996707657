"""The parts of a mimic that can be tapped: a device with its words, a tag in a box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.types import MimicSymbol, MimicValue, Plant, Tag
from hmi.alarms import Badge
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.values import Kind, Reading, name_of
from hmi.widgets.equipment import paint_equipment
from hmi.widgets.indicator import paint_hatch
from hmi.widgets.quality_mark import paint_quality_mark
from hmi.widgets.tap import Tap
from hmi.widgets.text_paint import (
    CENTRE,
    FRESH,
    exact_width,
    paint_badge,
    paint_badge_at,
    paint_foreseen,
    paint_frame,
    paint_text,
    paint_trust,
    paint_value,
    room_of,
    value_width,
    width_of,
)

TITLE_PX, LINE_PX, VALUE_PX = 21.0, 20.0, 26.0
_PAD, _NAME_GAP, _BADGE_PX, _TRUST_PX = 9.0, 6.0, 26.0, 26.0


@dataclass(frozen=True, slots=True)
class SymbolLook:
    """What a device shows: its words, whether it runs, how full it is (0…1), and its alarms."""

    title: str
    running: bool | None
    kind: Kind
    level: float | None
    lines: tuple[Reading, ...]
    badge: Badge | None

    @property
    def key(self) -> tuple[object, ...]:
        """Equal = looks the same."""
        level = None if self.level is None else round(self.level * 200)
        lines = tuple(each.look for each in self.lines)
        return (self.title, self.running, self.kind, level, lines, self.badge)


class SymbolItem(Tap):
    """A device of a mimic; its ``words`` are a part of their own below it."""

    def __init__(
        self,
        theme: Theme,
        symbol: MimicSymbol,
        path: str,
        tags: tuple[Tag, ...],
        tapped: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        super().__init__(theme, path, tapped, parent)
        self.symbol, self.tags = symbol, tags
        self.look: SymbolLook | None = None
        self.words = SymbolWords(self, parent)

    def show_look(self, look: SymbolLook) -> None:
        """Show this, if it differs."""
        if self.look is None or look.key != self.look.key:
            self.look = look
            told = (f"{each.name} {each.amount}, {each.quality}" for each in look.lines)
            self.setAccessibleName("; ".join([look.title or self.symbol.symbol, *told]))
            self.update()
            self.words.update()

    @property
    def is_waiting(self) -> bool:
        """Its badge blinks."""
        return self.look is not None and self.look.badge is not None and self.look.badge.waiting > 0

    def words_size(self, lines: int, plant: Plant) -> tuple[float, float]:
        """Width and height in px of the title with so many lines, with room for their widest numbers."""
        theme, size = self.theme, self.theme.size
        wide = width_of(theme, self._widest_title(), size.body, True)
        for tag in self.tags[:lines]:
            name = width_of(theme, name_of(tag), size.small) + _NAME_GAP
            wide = max(wide, name + room_of(theme, tag, plant, size.body, size.small))
        return wide + (_TRUST_PX if self.tags[:lines] else 8), (
            TITLE_PX if self.symbol.title else 0.0
        ) + lines * LINE_PX

    def _widest_title(self) -> str:
        title = self.symbol.title
        states = (
            (t("{title} running", title=title), t("{title} stopped", title=title))
            if self.symbol.running
            else ()
        )
        return max((title, *states), key=len)

    def place(self, drawing: QRectF, words: QRectF, lines: int) -> None:
        """Where it is and where its words are, in the coordinates of the mimic."""
        self.setGeometry(drawing.toAlignedRect().adjusted(-1, -1, 1, 1))
        self.words.setGeometry(words.toAlignedRect())
        self.words.setVisible(words.height() > 0)
        self.words.lines = lines
        self.words.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        super().set_theme(theme)
        self.words.update()

    def paint(self, painter: QPainter) -> None:
        look, theme = self.look, self.theme
        if look is None:
            return
        drawing = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isDown():
            painter.fillRect(self.rect(), colour(theme.colour.selected, 120))
        if self.symbol.level:
            self._paint_tank(painter, drawing, look)
        else:
            paint_equipment(painter, drawing, self.symbol.symbol, theme, look.running, look.kind)
        paint_badge_at(painter, drawing.right(), drawing.top() + 10, look.badge, theme)

    def _paint_tank(self, painter: QPainter, whole: QRectF, look: SymbolLook) -> None:
        """A tank filled as high as its level says; hatched where that is not known now."""
        tokens, box = self.theme.colour, whole.adjusted(1, 1, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(tokens.equipment))
        painter.drawRoundedRect(box, 5, 5)
        fresh = look.kind in FRESH
        if look.level is not None:
            fill = box.adjusted(1, box.height() * (1 - look.level), -1, -1)
            painter.fillRect(fill, colour(tokens.band if fresh else tokens.tile))
            painter.setPen(QPen(colour(tokens.outline), 1.4))
            painter.drawLine(fill.topLeft(), fill.topRight())
        if not fresh:
            paint_hatch(painter, box, colour(tokens.muted), 8.0)
        painter.setPen(QPen(colour(tokens.outline), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 5, 5)
        for part in (0.25, 0.5, 0.75):
            y = box.bottom() - part * box.height()
            painter.drawLine(QPointF(box.right() - 7, y), QPointF(box.right() - 1, y))


class SymbolWords(QWidget):
    """The title and lines below a device; a tap on them is one on the device."""

    def __init__(self, item: SymbolItem, parent: QWidget) -> None:
        super().__init__(parent)
        self._item, self.lines = item, 0

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self._item.click()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, theme = self._item.look, self._item.theme
        if look is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            top = 0.0
            if look.title:
                title = QRectF(0, 0, self.width(), TITLE_PX)
                paint_text(
                    painter, title, look.title, theme, theme.size.body, theme.colour.text, True, CENTRE
                )
                top = TITLE_PX
            for place, line in enumerate(look.lines[: self.lines]):
                self._paint_line(painter, top + place * LINE_PX, line, theme)

    def _paint_line(self, painter: QPainter, top: float, line: Reading, theme: Theme) -> None:
        """Name and value side by side, and a mark where it is not plainly good; all of it amid the words."""
        size, trust = theme.size, 0.0 if line.kind == "normal" else _TRUST_PX
        value = value_width(theme, line, size.body, size.small)
        if trust:
            value = exact_width(theme, line, size.body, size.small)
        name = width_of(theme, line.name, size.small) + _NAME_GAP
        left = (self.width() - name - value - trust) / 2
        if trust:
            mark = QRectF(left + name + value + 6, top + 1, 18, 18)
            paint_quality_mark(painter, mark, line.kind, theme)
        box = QRectF(left, top, name, LINE_PX)
        paint_text(painter, box, line.name, theme, size.small, theme.colour.muted)
        paint_value(painter, QRectF(left + name, top, value, LINE_PX), line, theme, size.body, size.small)


class ValueItem(Tap):
    """A tag on a mimic: in a box with a leader line, or plain beside its device; in alarm always boxed."""

    def __init__(
        self, theme: Theme, value: MimicValue, tag: Tag, tapped: Callable[[str], None], parent: QWidget
    ) -> None:
        super().__init__(theme, tag.path, tapped, parent)
        self.value, self.tag = value, tag
        self.reading: Reading | None = None

    def show_reading(self, reading: Reading) -> None:
        """Show this, if it differs."""
        before, self.reading = self.reading, reading
        if before is None or before.look != reading.look:
            title = self.value.title or reading.name
            self.setAccessibleName(f"{title}: {reading.amount}, {reading.quality}")
            self.setToolTip(reading.quality if reading.kind != "normal" else "")
            self.update()

    def wanted(self, plant: Plant) -> tuple[float, float]:
        """Width and height in px: room for the widest number, for a badge, and for a mark."""
        theme, size = self.theme, self.theme.size
        title = width_of(theme, self.value.title or name_of(self.tag), size.small + 1)
        number = room_of(theme, self.tag, plant, self._px(), size.small)
        return max(title + _BADGE_PX, number) + 2 * _PAD, 20 + VALUE_PX + 10

    def _px(self) -> int:
        return self.theme.size.title + 2 if self.value.to is not None else self.theme.size.title

    def place(self, box: QRect) -> None:
        """Where it is, in the coordinates of the mimic."""
        self.setGeometry(box)

    def paint(self, painter: QPainter) -> None:
        reading, theme, tokens = self.reading, self.theme, self.theme.colour
        if reading is None:
            return
        whole = QRectF(self.rect())
        if self.isDown():
            painter.fillRect(whole, colour(tokens.selected))
        if self.value.to is not None or reading.alarm:
            paint_frame(painter, whole.adjusted(1, 1, -1, -1), theme, reading.alarm, tokens.panel)
        box = whole.adjusted(_PAD, 5, -_PAD, -5)
        left = box.left()
        if reading.alarm:
            paint_badge(painter, left + 20, box.top() + 10, reading.alarm, theme)
            left += _BADGE_PX
        name = QRectF(left, box.top(), box.right() - left, 20)
        title = self.value.title or reading.name
        least = left + width_of(theme, title, theme.size.small + 1) + 6
        right = paint_trust(painter, name.right() + 6, name.center().y(), reading, theme, least)
        name.setRight(paint_foreseen(painter, right, name.center().y(), reading, theme) - 2)
        paint_text(painter, name, title, theme, theme.size.small + 1, tokens.muted)
        number = QRectF(box.left(), box.top() + 20, box.width(), VALUE_PX)
        if self.value.to is None:
            number.setWidth(min(box.width(), exact_width(theme, reading, self._px(), theme.size.small)))
        edge = paint_value(painter, number, reading, theme, self._px(), theme.size.small)
        if reading.kind not in FRESH:
            spare = QRectF(number.right() + 6, number.top() + 5, box.right() - number.right() - 6, 16)
            if self.value.to is not None:
                spare = QRectF(box.left(), number.top() + 5, edge - box.left() - 6, 16)
            if spare.width() >= 10:
                paint_hatch(painter, spare, colour(tokens.hatch))
