"""The rows of the unit display: an interlock, a command with its answer, a value."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from hmi.displays.unit.looks import key_of
from hmi.displays.unit.words import CheckLook, PairLook
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.values import Reading
from hmi.widgets.indicator import paint_hatch
from hmi.widgets.lines import paint_words
from hmi.widgets.quality_mark import paint_quality_mark
from hmi.widgets.state_mark import paint_state_mark
from hmi.widgets.tap import Tap
from hmi.widgets.text_paint import (
    FRESH,
    RIGHT,
    paint_badge,
    paint_foreseen,
    paint_frame,
    paint_text,
    paint_trust,
    paint_value,
    value_width,
    width_of,
)

_MARK_PX, _PAD = 24.0, 6.0
_HATCH_PX = 20


def _halves(box: QRectF) -> tuple[QRectF, QRectF]:
    """Room for a line of text and a smaller one below it, amid a row."""
    top = box.center().y() - 18
    return QRectF(box.left(), top, box.width(), 19), QRectF(box.left(), top + 18, box.width(), 17)


class Row(Tap):
    """A row of a list: slightly darker while it is pressed."""

    def room(self) -> QRectF:
        """Where its words stand."""
        return QRectF(self.rect()).adjusted(_PAD, 0, -_PAD, 0)

    def paint(self, painter: QPainter) -> None:
        if self.isDown():
            painter.fillRect(self.rect(), colour(self.theme.colour.selected))
        self.paint_row(painter, self.room())

    def paint_row(self, painter: QPainter, box: QRectF) -> None:
        """Paint the words."""


class CheckRow(Row):
    """An interlock: an open ring and "true", or a filled dot and a bold "false"; first out is framed."""

    def __init__(self, theme: Theme, path: str, tapped: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(theme, path, tapped, parent)
        self.look: CheckLook | None = None

    def show_look(self, look: CheckLook) -> None:
        """Show this, if it differs."""
        if look != self.look:
            self.look = look
            self.setAccessibleName(look.spoken)
            self.setToolTip(look.spoken)
            self.update()

    def paint_row(self, painter: QPainter, box: QRectF) -> None:
        """Mark, condition and word; what is not current is neither true nor false."""
        look, theme, tokens, size = self.look, self.theme, self.theme.colour, self.theme.size
        if look is None:
            return
        is_broken = look.holds == "broken"
        if look.is_first:
            painter.setPen(QPen(colour(tokens.text), 1.5))
            painter.setBrush(colour(tokens.selected))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), size.radius, size.radius)
        self._paint_mark(painter, QPointF(box.left() + 8, box.center().y()), look)
        if look.holds == "unknown":
            self._paint_unknown(painter, box.adjusted(_MARK_PX, 0, 0, 0), look)
            return
        word = width_of(theme, look.word, size.body, is_broken)
        paint_text(painter, box, look.word, theme, size.body, tokens.text, is_broken, RIGHT)
        right = paint_badge(painter, box.right() - word - 8, box.center().y(), look.alarm, theme)
        text = QRectF(box.left() + _MARK_PX, box.top(), right - box.left() - _MARK_PX, box.height())
        if look.since:
            since = t("first out {time}", time=look.since) if look.is_first else look.since
            upper, under = _halves(text)
            paint_text(painter, upper, look.text, theme, size.body, tokens.text, is_broken)
            paint_text(painter, under, since, theme, size.small, tokens.muted, look.is_first)
        else:
            paint_text(painter, text, look.text, theme, size.body, tokens.text, is_broken)

    def _paint_unknown(self, painter: QPainter, box: QRectF, look: CheckLook) -> None:
        """Neither true nor false: grey, hatched, and why."""
        theme, tokens, size = self.theme, self.theme.colour, self.theme.size
        upper, under = _halves(box)
        paint_text(painter, upper, look.text, theme, size.body, tokens.muted)
        words = under.adjusted(0, 0, -_HATCH_PX - 6, 0)
        paint_text(painter, words, f"{look.word}: {look.since}", theme, size.small, tokens.muted)
        hatch = QRectF(under.right() - _HATCH_PX, under.center().y() - 7, _HATCH_PX, 14)
        paint_hatch(painter, hatch, colour(tokens.hatch))

    def _paint_mark(self, painter: QPainter, middle: QPointF, look: CheckLook) -> None:
        if look.kind == "normal":
            paint_state_mark(painter, middle, "well" if look.holds == "holds" else "look", self.theme)
        else:
            box = QRectF(middle.x() - 9, middle.y() - 9, 18, 18)
            paint_quality_mark(painter, box, look.kind, self.theme)


class PairRow(Row):
    """A command and what came of it; "differs" in bold where they are apart."""

    def __init__(self, theme: Theme, path: str, tapped: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(theme, path, tapped, parent)
        self.look: PairLook | None = None

    def show_look(self, look: PairLook) -> None:
        """Show this, if it differs."""
        if look != self.look:
            self.look = look
            name = f"{look.text} {look.words}"
            self.setAccessibleName(t("{name}, differs", name=name) if look.differs else name)
            self.setToolTip(name)
            self.update()

    def paint_row(self, painter: QPainter, box: QRectF) -> None:
        """What was asked and what came, in one line or two."""
        look, theme, tokens, size = self.look, self.theme, self.theme.colour, self.theme.size
        if look is None:
            return
        middle, right = box.center().y(), box.right()
        if look.differs:
            differs = t("differs")
            paint_text(painter, box, differs, theme, size.body, tokens.text, True, RIGHT)
            right -= width_of(theme, differs, size.body, True) + 8
            paint_state_mark(painter, QPointF(right - 8, middle), "look", theme)
            right -= 22
        if look.kind != "normal":
            paint_quality_mark(painter, QRectF(right - 18, middle - 9, 18, 18), look.kind, theme)
            right -= 24
        right = paint_badge(painter, right, middle, look.alarm, theme)
        lines = (look.text, look.words) if look.text else (look.words,)
        wide = max(width_of(theme, line, size.small) for line in lines)
        if look.kind not in FRESH and right - box.left() - wide >= _HATCH_PX + 6:
            paint_hatch(painter, QRectF(right - _HATCH_PX, middle - 8, _HATCH_PX, 16), colour(tokens.hatch))
            right -= _HATCH_PX + 6
        words = f"{look.text} {look.words}".strip()
        ink = tokens.text if look.differs else tokens.muted
        text = QRectF(box.left(), box.top(), right - box.left(), box.height())
        if width_of(theme, words, size.small + 1) <= text.width() or not look.text:
            paint_text(painter, text, words, theme, size.small + 1, ink)
            return
        if wide > text.width():
            paint_words(painter, text, words, theme, size.small, ink)
            return
        for top, line in ((middle - 17, look.text), (middle, look.words)):
            paint_text(painter, QRectF(text.left(), top, text.width(), 17), line, theme, size.small, ink)


class ValueRow(Row):
    """Name, value and unit of one tag; in alarm with its badge and a box about it."""

    def __init__(self, theme: Theme, path: str, tapped: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(theme, path, tapped, parent)
        self.reading: Reading | None = None

    def show_reading(self, reading: Reading) -> None:
        """Show this, if it differs."""
        before = self.reading
        self.reading = reading
        if before is None or key_of(before) != key_of(reading):
            self.setAccessibleName(f"{reading.name}: {reading.amount}, {reading.quality}")
            self.setToolTip(reading.quality if reading.kind != "normal" else "")
            self.update()

    def paint_row(self, painter: QPainter, box: QRectF) -> None:
        """The name at the left, the value at the right."""
        reading, theme, size = self.reading, self.theme, self.theme.size
        if reading is None:
            return
        middle = box.center().y()
        if reading.alarm:
            paint_frame(painter, QRectF(self.rect()).adjusted(0, 2, 0, -2), theme, reading.alarm)
        px = size.body + 2
        if value_width(theme, reading, px, size.small) > box.width() * 0.6:
            px = size.body
        left = paint_value(painter, box, reading, theme, px, size.small)
        is_old = reading.kind in ("stale", "bad", "never")
        told = width_of(theme, reading.quality, size.small) if is_old else 0
        marks = 46 if reading.alarm else 20
        least = box.left() + max(width_of(theme, reading.name, size.small + 1), told) + marks
        left = paint_trust(painter, left - 6, middle, reading, theme, least)
        if reading.alarm:
            left = paint_badge(painter, left - 6, middle, reading.alarm, theme)
        left = paint_foreseen(painter, left - 6, middle, reading, theme)
        name = QRectF(box.left(), box.top(), left - 8 - box.left(), box.height())
        if is_old:
            upper, under = QRectF(name), QRectF(name)
            upper.setBottom(middle + 1)
            under.setTop(middle + 1)
            paint_text(painter, upper, reading.name, theme, size.small + 1, theme.colour.muted)
            paint_text(painter, under, reading.quality, theme, size.small, theme.colour.text)
        else:
            paint_words(painter, name, reading.name, theme, size.small + 1, theme.colour.muted)
