"""The state mark: a ring while all is well, a filled dot when a person must look, a clock for not known."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from hmi.theme import Theme, colour
from hmi.widgets.quality_mark import MARK, paint_quality_mark

State = Literal["well", "look", "unknown"]
RADIUS = 5.5


def paint_state_mark(painter: QPainter, middle: QPointF, state: State, theme: Theme) -> None:
    """Draw the mark about a point. Greys and the text colour only: a link is not an alarm."""
    if state == "unknown":
        box = QRectF(middle.x() - MARK / 2, middle.y() - MARK / 2, MARK, MARK)
        paint_quality_mark(painter, box, "stale", theme)
        return
    is_well = state == "well"
    ink = colour(theme.colour.outline if is_well else theme.colour.text)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(ink, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush if is_well else ink)
    painter.drawEllipse(middle, RADIUS, RADIUS)
    painter.restore()


class StateMark(QWidget):
    """The mark as a widget, beside the words that say the same."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.state: State = "well"
        self.setFixedSize(QSize(MARK, MARK))

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def show_state(self, state: State) -> None:
        """Change the shape."""
        if state != self.state:
            self.state = state
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint_state_mark(painter, QRectF(self.rect()).center(), self.state, self._theme)
