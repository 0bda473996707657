"""The value that stands for a unit: large, with its indicator, setpoint and limits."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from hmi.displays.unit.looks import MainLook
from hmi.formats import t
from hmi.theme import Theme, colour, font
from hmi.widgets.indicator import paint_gauge, paint_hatch
from hmi.widgets.lines import paint_words
from hmi.widgets.quality_mark import paint_quality_mark
from hmi.widgets.tap import Tap
from hmi.widgets.text_paint import (
    FRESH,
    RIGHT,
    exact_width,
    paint_badge,
    paint_foreseen,
    paint_frame,
    paint_text,
    paint_value,
    value_width,
    width_of,
)

LEAST_PX, GOOD_PX = 148, 190
_GAUGE_PX, _PAD = 46.0, 12.0
LEFT_TOP = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


class MainBlock(Tap):
    """Indicator at the left; name, number, setpoint, limits and quality at the right of it."""

    def __init__(self, theme: Theme, path: str, tapped: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(theme, path, tapped, parent)
        self.look: MainLook | None = None

    def show_look(self, look: MainLook) -> None:
        """Show this, if it differs."""
        if self.look is None or look.key != self.look.key:
            self.look = look
            told = [f"{look.name}: {look.main.amount}, {look.main.quality}"]
            if look.setpoint is not None:
                told.append(t("setpoint {amount}", amount=look.setpoint.amount))
            self.setAccessibleName("; ".join([*told, look.limits] if look.limits else told))
            self.setToolTip(look.trust)
            self.update()

    def paint(self, painter: QPainter) -> None:
        look, theme = self.look, self.theme
        if look is None:
            return
        fill = theme.colour.selected if self.isDown() else theme.colour.tile
        paint_frame(painter, QRectF(self.rect()), theme, look.main.alarm, fill)
        box = QRectF(self.rect()).adjusted(_PAD, 10, -_PAD, -10)
        if look.main.has_range:
            box.setLeft(self._paint_scale(painter, box, look))
        self._paint_words(painter, box, look)

    def _paint_scale(self, painter: QPainter, box: QRectF, look: MainLook) -> float:
        """The indicator with the ends of its range; gives where the words begin."""
        theme, size = self.theme, self.theme.size
        ends = look.gauge.ends or ("", "")
        wide = max(width_of(theme, end, size.small) for end in ends)
        column = QRectF(box.left(), box.top(), wide, 16)
        paint_text(painter, column, ends[1], theme, size.small, theme.colour.muted, align=RIGHT)
        column.moveBottom(box.bottom())
        paint_text(painter, column, ends[0], theme, size.small, theme.colour.muted, align=RIGHT)
        gauge = QRectF(box.left() + wide + 2, box.top(), _GAUGE_PX, box.height())
        paint_gauge(painter, gauge, look.gauge, theme)
        return gauge.right() + 14

    def _paint_words(self, painter: QPainter, box: QRectF, look: MainLook) -> None:
        theme, size, tokens = self.theme, self.theme.size, self.theme.colour
        main = look.main
        name = QRectF(box.left(), box.top(), box.width(), 20)
        right = paint_badge(painter, name.right(), name.center().y(), main.alarm, theme)
        right = paint_foreseen(painter, right, name.center().y(), main, theme)
        name.setRight(right)
        if width_of(theme, look.name, size.small) > name.width():
            name.setHeight(2 * (size.small + 4.0))
        paint_words(painter, name, look.name, theme, size.body, tokens.muted)
        px = size.big_value
        while px > size.title and value_width(theme, main, px, size.body) > box.width():
            px -= 2
        number = QRectF(box.left(), name.bottom(), box.width(), 44)
        self._paint_left(painter, number, look, px)
        y = number.bottom() + 2
        has_words = main.kind != "normal"
        if has_words:
            paint_quality_mark(painter, QRectF(box.left(), y, 18, 18), main.kind, theme)
            words = QRectF(box.left() + 24, y, box.width() - 24, 18)
            told = main.quality
            if width_of(theme, told, size.small, True) > words.width():
                # The mark says the rest.
                told = told.rpartition(" · ")[2]
            paint_text(painter, words, told, theme, size.small, tokens.text, True)
            y += 22
        if look.setpoint is not None and y + 22 <= box.bottom():
            label = paint_text(
                painter,
                QRectF(box.left(), y, box.width(), 24),
                t("Setpoint"),
                theme,
                size.small,
                tokens.muted,
            )
            value = QRectF(box.left() + label + 10, y, box.width() - label - 10, 24)
            value.setWidth(min(value.width(), exact_width(theme, look.setpoint, size.title, size.small)))
            paint_value(painter, value, look.setpoint, theme, size.title, size.small, tokens.setpoint)
            y += 26
        if look.limits and y + 18 <= box.bottom() + 1:
            limits = QRectF(box.left(), y, box.width(), box.bottom() - y + 2)
            painter.setFont(font(theme, size.small))
            painter.setPen(colour(tokens.muted))
            # Lines break between limits, never between a limit and its number.
            whole = look.limits.replace(" ", "\u00a0").replace("\u00a0·\u00a0", "\u00a0· ")
            painter.drawText(limits, LEFT_TOP | Qt.TextFlag.TextWordWrap, whole)

    def _paint_left(self, painter: QPainter, box: QRectF, look: MainLook, px: int) -> None:
        """The number at the left; what is not current has its hatch beside it."""
        theme, unit_px = self.theme, self.theme.size.body
        wide = min(box.width(), exact_width(theme, look.main, px, unit_px))
        room = QRectF(box.left(), box.top(), wide, box.height())
        paint_value(painter, room, look.main, theme, px, unit_px)
        if look.main.kind not in FRESH:
            hatch = QRectF(room.right() + 10, box.top() + 10, min(70.0, box.right() - room.right() - 10), 24)
            if hatch.width() > 8:
                paint_hatch(painter, hatch, colour(theme.colour.hatch))
