"""A pen of a trend, and its entry in the legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from hmi.theme import Theme, colour, font

LINE_PX = 22
SOLID_PENS = 4
"""Pens after these are dashed too, so that they differ without colour."""


@dataclass(frozen=True, slots=True)
class Pen:
    """One tag to draw. ``low`` and ``high`` are its range; ``stepped`` for states."""

    index: int
    name: str
    unit: str
    colour: str
    is_dashed: bool = False
    decimals: int | None = None
    low: float | None = None
    high: float | None = None
    stepped: bool = False


def stroke(pen: Pen, ink: str, width: float = 2.0) -> QPen:
    """The QPen of a pen, in its own or another colour."""
    made = QPen(colour(ink), width, Qt.PenStyle.DashLine if pen.is_dashed else Qt.PenStyle.SolidLine)
    made.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    return made


class Legend(QWidget):
    """The pens, a piece of the line and the name each; in as many rows as the width asks for."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pens: tuple[Pen, ...] = ()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self._fit()

    def show_pens(self, pens: Sequence[Pen]) -> None:
        """Draw these pens."""
        self._pens = tuple(pens)
        self.setAccessibleName(", ".join(pen.name for pen in pens))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        places = self._places()
        self.setFixedHeight(int(places[-1].bottom()) + 2 if places else 0)
        self.update()

    def _places(self) -> list[QRectF]:
        metrics = QFontMetrics(font(self._theme, self._theme.size.small + 1))
        row, x, y = self._theme.size.small + 10, 0.0, 0.0
        places: list[QRectF] = []
        for pen in self._pens:
            width = min(self.width(), LINE_PX + 8 + metrics.horizontalAdvance(pen.name) + 26)
            if x and x + width - 26 > self.width():
                x, y = 0.0, y + row
            places.append(QRectF(x, y, width - 26, row))
            x += width
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font(self._theme, self._theme.size.small + 1))
            metrics = painter.fontMetrics()
            for pen, place in zip(self._pens, self._places(), strict=True):
                middle = place.center().y()
                painter.setPen(stroke(pen, pen.colour, 2.6))
                painter.drawLine(QPointF(place.left(), middle), QPointF(place.left() + LINE_PX, middle))
                painter.setPen(colour(self._theme.colour.text))
                room = place.adjusted(LINE_PX + 8, 0, 2, 0)
                name = metrics.elidedText(pen.name, Qt.TextElideMode.ElideLeft, int(room.width()))
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
