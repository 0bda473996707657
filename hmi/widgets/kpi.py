"""A KPI with its reason: what it is, how far from its target, and the biggest cause in words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from hmi.figure import Figure
from hmi.theme import Theme, colour
from hmi.widgets.indicator import paint_hatch
from hmi.widgets.lines import LEFT, RIGHT, paint_line, paint_text
from hmi.widgets.quality_mark import MARK, paint_quality_mark

NARROW_PX = 320
"""Below this, with body text of 15 px, all stands in one column at the left."""
_FRESH = ("normal", "uncertain")


def paint_kpi(painter: QPainter, box: QRectF, figure: Figure, theme: Theme) -> None:
    """Frame and words of a figure inside ``box``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    tokens = theme.colour
    painter.setPen(QPen(colour(tokens.line), 1))
    painter.setBrush(colour(tokens.panel))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), theme.size.radius, theme.size.radius)
    if box.width() < NARROW_PX * theme.size.body / 15:
        _paint_narrow(painter, box.adjusted(12, 6, -10, -6), figure, theme)
    else:
        _paint_wide(painter, box.adjusted(14, 8, -14, -8), figure, theme)
    painter.restore()


def _paint_wide(painter: QPainter, room: QRectF, figure: Figure, theme: Theme) -> None:
    """Value below the title at the left; target, deviation and reason at the right."""
    tokens, size = theme.colour, theme.size
    line = size.body + 9.0
    top = QRectF(room.left(), room.top(), room.width(), line)
    taken = paint_line(painter, top, figure.target, theme, size.body - 1, tokens.muted, False, RIGHT)
    title = top.adjusted(0, 0, -taken - 10, 0)
    paint_line(painter, title, figure.title, theme, size.body, tokens.muted)
    big = min(size.big_value - 4, int((room.height() - line) * 0.62))
    low = QRectF(room.left(), room.bottom() - big * 1.3, room.width(), big * 1.3)
    right = _paint_value(painter, low, figure, theme, big)
    side = QRectF(right + 14, room.top() + line, room.right() - right - 14, room.height() - line)
    reason = _reason(figure)
    if figure.deviation and side.height() < line + size.title + 6:
        low = QRectF(side.left(), side.bottom() - line, side.width(), line)
        taken = paint_line(
            painter, low, figure.deviation, theme, size.title, _ink(figure, theme), True, RIGHT
        )
        beside = low.adjusted(0, 0, -taken - 12, 0)
        paint_line(painter, beside, reason, theme, size.body - 1, tokens.muted, False, RIGHT)
    elif figure.deviation:
        under = QRectF(side.left(), side.bottom() - line, side.width(), line)
        above = QRectF(side.left(), under.top() - size.title - 5, side.width(), size.title + 6)
        paint_line(painter, above, figure.deviation, theme, size.title, _ink(figure, theme), True, RIGHT)
        paint_line(painter, under, reason, theme, size.body - 1, tokens.muted, False, RIGHT)
    else:
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        paint_text(painter, side, reason, theme, size.body - 1, tokens.text, align)


def _paint_narrow(painter: QPainter, room: QRectF, figure: Figure, theme: Theme) -> None:
    """Title, value, deviation and reason under each other."""
    tokens, size = theme.colour, theme.size
    line = size.body + 7.0
    top = QRectF(room.left(), room.top(), room.width(), line)
    paint_line(painter, top, figure.title, theme, size.body, tokens.muted)
    big = size.value - 2
    at = QRectF(room.left(), top.bottom() + 2, room.width(), big * 1.3)
    _paint_value(painter, at, figure, theme, big)
    left = QRectF(room.left(), at.bottom() + 1, room.width(), room.bottom() - at.bottom() - 1)
    if figure.deviation:
        row = QRectF(left.left(), left.top(), left.width(), line)
        taken = paint_line(painter, row, figure.deviation, theme, size.body, _ink(figure, theme), True)
        beside = row.adjusted(taken + 8, 0, 0, 0)
        paint_line(painter, beside, figure.target, theme, size.small, tokens.muted)
        left.setTop(row.bottom())
    align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    ink = tokens.muted if figure.deviation else tokens.text
    if left.height() >= size.small:
        paint_text(painter, left, _reason(figure), theme, size.small + 1, ink, align)


def _ink(figure: Figure, theme: Theme) -> str:
    """A deviation is as old as the value that it is of."""
    return theme.colour.text if figure.kind in _FRESH else theme.colour.muted


def _reason(figure: Figure) -> str:
    """Poor quality comes before the cause of a deviation that may not be true."""
    return figure.quality if figure.quality and figure.kind in ("stale", "uncertain") else figure.reason


def _paint_value(painter: QPainter, box: QRectF, figure: Figure, theme: Theme, px: int) -> float:
    """The value with its unit, hatched beside it when old; gives where it ends."""
    tokens, fresh = theme.colour, figure.kind in _FRESH
    ink = tokens.live if fresh else tokens.muted
    x = box.left()
    if figure.kind != "normal":
        paint_quality_mark(painter, QRectF(x, box.center().y() - MARK / 2, MARK, MARK), figure.kind, theme)
        x += MARK + 7
    number = QRectF(x, box.top(), box.right() - x, box.height())
    x += paint_line(painter, number, figure.value, theme, px, ink, True, LEFT) + 6
    if figure.kind in ("normal", "uncertain", "stale"):
        unit = QRectF(x, box.top() + px * 0.28, box.right() - x, box.height() - px * 0.28)
        x += paint_line(painter, unit, figure.unit, theme, theme.size.body, tokens.muted)
    if figure.kind == "stale":
        hatched = QRectF(x + 6, box.top() + 3, 26, box.height() - 6)
        paint_hatch(painter, hatched, colour(tokens.hatch))
        x = hatched.right()
    return x


class KpiPanel(QWidget):
    """One figure as a widget; repaints only when its words change."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._figure: Figure | None = None

    @property
    def figure(self) -> Figure | None:
        """What it shows."""
        return self._figure

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def show_figure(self, figure: Figure) -> None:
        """Show a figure; the whole of its words is the tool tip and the accessible name."""
        if figure != self._figure:
            self._figure = figure
            self.setAccessibleName(figure.spoken)
            self.setToolTip(figure.spoken)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._figure is not None:
            with QPainter(self) as painter:
                paint_kpi(painter, QRectF(self.rect()), self._figure, self._theme)
