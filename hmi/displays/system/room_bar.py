"""A bar for how full something is: grey, and dark where a person must look."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi.theme import Theme, colour
from hmi.widgets.indicator import paint_hatch

BAR_PX = 16


def paint_bar(painter: QPainter, box: QRectF, part: float | None, is_dark: bool, theme: Theme) -> None:
    """Draw a lying bar, 0 at the left. None = not known: hatched. Greys and the text colour only."""
    tokens = theme.colour
    painter.fillRect(box, colour(tokens.bar))
    if part is None:
        paint_hatch(painter, box, colour(tokens.hatch))
    else:
        # Something is never drawn as nothing.
        width = max(2.0, box.width() * part) if part > 0 else 0.0
        ink = colour(tokens.text if is_dark else tokens.outline)
        painter.fillRect(QRectF(box.left(), box.top(), width, box.height()), ink)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour(tokens.outline), 1))
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))


def paint_upright(painter: QPainter, box: QRectF, part: float, is_dark: bool, theme: Theme) -> None:
    """Draw a standing bar, 0 at the bottom."""
    painter.save()
    painter.translate(box.left(), box.bottom())
    painter.rotate(-90)
    paint_bar(painter, QRectF(0, 0, box.height(), box.width()), part, is_dark, theme)
    painter.restore()


class RoomBar(QWidget):
    """The bar as a widget; the words beside it say the same."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.part: float | None = None
        self.is_dark = False
        self.setFixedHeight(BAR_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def show_part(self, part: float | None, is_dark: bool, spoken: str) -> None:
        """0 to 1, None = not known."""
        self.setAccessibleName(spoken)
        if (part, is_dark) != (self.part, self.is_dark):
            self.part, self.is_dark = part, is_dark
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, BAR_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint_bar(painter, QRectF(self.rect()), self.part, self.is_dark, self._theme)
