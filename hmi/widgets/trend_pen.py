"""A pen of a trend, and its entry in the legend."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from hmi.formats import t
from hmi.pens import SOLID_PENS, Pen
from hmi.theme import Theme, colour, font

LINE_PX, GAP_PX, MORE_PX = 26, 26, 76
_AT_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)


def stroke(pen: Pen, ink: str, width: float = 2.0) -> QPen:
    """The QPen of a pen, in its own or another colour."""
    made = QPen(colour(ink), width, _STYLES[int(pen.dash) % len(_STYLES)])
    made.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    made.setCapStyle(Qt.PenCapStyle.FlatCap)
    return made


def paint_sample(painter: QPainter, spot: QPointF, pen: Pen, ink: str = "", length: float = LINE_PX) -> None:
    """A piece of the line of a pen, to the right of ``spot``."""
    painter.setPen(stroke(pen, ink or pen.colour, 2.6))
    painter.drawLine(spot, spot + QPointF(length, 0))


class Legend(QWidget):
    """The pens, a piece of the line and the name each; in as many rows as the width asks for.

    ``is_row`` = one row at the right of a head, as wide as it needs within `set_room`.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None, is_row: bool = False) -> None:
        super().__init__(parent)
        self._theme, self._is_row, self._room = theme, is_row, 400
        self._pens: tuple[Pen, ...] = ()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self._fit()

    def set_room(self, width: int) -> None:
        """How wide one row may be; what does not fit is counted, not named."""
        if width != self._room:
            self._room = width
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
        if self._is_row:
            width = round(places[-1].right()) + 4 if places else 0
            left_out = len(self._pens) - len(places)
            self.setFixedSize(width + (MORE_PX if left_out else 0), self._row_px())
        else:
            self.setFixedHeight(int(places[-1].bottom()) + 2 if places else 0)
        self.update()

    def _row_px(self) -> int:
        return self._theme.size.small + 10

    def _places(self) -> list[QRectF]:
        metrics = QFontMetrics(font(self._theme, self._theme.size.small + 1))
        row, x, y = self._row_px(), 0.0, 0.0
        most = self._room if self._is_row else self.width()
        places: list[QRectF] = []
        for place, pen in enumerate(self._pens):
            width = min(most, LINE_PX + 8 + metrics.horizontalAdvance(pen.name) + GAP_PX)
            is_last = place == len(self._pens) - 1
            if x and x + width - GAP_PX > most - (MORE_PX if self._is_row and not is_last else 0):
                if self._is_row:
                    break
                x, y = 0.0, y + row
            places.append(QRectF(x, y, width - GAP_PX, row))
            x += width
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font(self._theme, self._theme.size.small + 1))
            metrics = painter.fontMetrics()
            places = self._places()
            for pen, place in zip(self._pens, places, strict=False):
                paint_sample(painter, QPointF(place.left(), round(place.center().y())), pen)
                painter.setPen(colour(self._theme.colour.text))
                room = place.adjusted(LINE_PX + 8, 0, 2, 0)
                name = metrics.elidedText(pen.name, Qt.TextElideMode.ElideLeft, int(room.width()))
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
            if len(places) < len(self._pens):
                painter.setPen(colour(self._theme.colour.muted))
                room = QRectF(self.width() - MORE_PX, 0, MORE_PX, self.height())
                painter.drawText(room, _AT_RIGHT, t("+{n} more", n=len(self._pens) - len(places)))


__all__ = ["LINE_PX", "SOLID_PENS", "Legend", "Pen", "paint_sample", "stroke"]
