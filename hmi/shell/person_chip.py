"""The person in the top bar: the name, until when, and what a person must see to; a tap opens the menu."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from hmi import who
from hmi.formats import t, tip
from hmi.theme import Theme, colour
from hmi.who import Chip, Who
from hmi.widgets.tap import Tap
from hmi.widgets.text_paint import CENTRE, RIGHT, paint_text, width_of

HIGH_PX, PAD_PX, LEAST_PX, MARK_PAD_PX = 46, 10, 72, 6


class PersonChip(Tap):
    """Two lines at the right; what is not calm has a dark outline, as the chips of links have."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", lambda _: None, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.shown = Chip("", "")
        self.show_who(Who(), 0, "UTC")

    def show_who(self, known: Who, now_us: int, zone: str) -> None:
        """Who it is now; called once a second, for it counts down."""
        found = who.chip(known, now_us, zone)
        if found != self.shown:
            self.shown = found
            words = ", ".join(filter(None, (found.mark, found.first, found.second)))
            self.setAccessibleName(t("Person: {words}", words=words))
            self.setToolTip(tip(found.tip))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        size, shown = self.theme.size, self.shown
        first = width_of(self.theme, shown.first, size.body, True) + self._mark_px()
        second = width_of(self.theme, shown.second, size.small, not shown.is_calm)
        return QSize(max(LEAST_PX, round(max(first, second)) + 2 * PAD_PX + 2), max(HIGH_PX, size.target))

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_PX, self.sizeHint().height())

    def _mark_px(self) -> float:
        if not self.shown.mark:
            return 0.0
        return width_of(self.theme, self.shown.mark, self.theme.size.small, True) + 2 * MARK_PAD_PX + 8

    def paint(self, painter: QPainter) -> None:
        """The two lines, the mark before the first one."""
        tokens, size, shown = self.theme.colour, self.theme.size, self.shown
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if not shown.is_calm or self.isDown():
            painter.setPen(QPen(colour(tokens.line if shown.is_calm else tokens.text), 1.8))
            painter.setBrush(colour(tokens.panel))
            painter.drawRoundedRect(box, size.radius, size.radius)
        room = box.adjusted(PAD_PX, 4, -PAD_PX, -4)
        lines = 2 if shown.second else 1
        first = QRectF(room.left(), room.top(), room.width(), room.height() * (0.54 if lines == 2 else 1))
        # A narrow bar keeps the name; the mark gives way to its frame around the whole.
        mark_px = self._mark_px()
        left = QRectF(first)
        if shown.mark:
            left.setLeft(min(left.right(), left.left() + mark_px))
        wide = paint_text(painter, left, shown.first, self.theme, size.body, tokens.text, True, RIGHT)
        if shown.mark:
            self._paint_mark(painter, left.right() - wide, first)
        if lines == 2:
            second = QRectF(room.left(), first.bottom(), room.width(), room.bottom() - first.bottom())
            ink = tokens.muted if shown.is_calm else tokens.text
            paint_text(painter, second, shown.second, self.theme, size.small, ink, not shown.is_calm, RIGHT)

    def _paint_mark(self, painter: QPainter, right: float, line: QRectF) -> None:
        tokens, size = self.theme.colour, self.theme.size
        wide = self._mark_px() - 8
        tag = QRectF(right - 8 - wide, line.top() + 1, wide, line.height() - 2)
        painter.setPen(QPen(colour(tokens.text), 1.4))
        painter.setBrush(colour(tokens.panel))
        painter.drawRoundedRect(tag, 3, 3)
        paint_text(painter, tag, self.shown.mark, self.theme, size.small, tokens.text, True, CENTRE)
