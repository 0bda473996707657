"""The mark of predicted trouble, the same everywhere: a hatched blue diamond, so that it is no alarm."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from engine.types import Tier
from hmi.theme import Theme, colour

MARK_PX = 22


def paint_predicted(painter: QPainter, box: QRectF, tier: Tier, theme: Theme) -> None:
    """A diamond that fills ``box``: striped where it is to be acted on, hollow where it is to be watched."""
    if not tier:
        return
    ink, middle = colour(theme.colour.prediction), box.center()
    half = min(box.width(), box.height()) / 2 - 1
    corners = [(0, -half), (half, 0), (0, half), (-half, 0)]
    diamond = QPolygonF([middle + QPointF(x, y) for x, y in corners])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(ink, 1.8))
    painter.setBrush(colour(theme.colour.control))
    painter.drawPolygon(diamond)
    if tier == "act":
        path = QPainterPath()
        path.addPolygon(diamond)
        painter.setClipPath(path)
        painter.setPen(QPen(ink, max(2.0, half / 3.2), Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        for shift in (-half * 0.72, 0.0, half * 0.72):
            a, b = middle + QPointF(shift - half, half), middle + QPointF(shift + half, -half)
            painter.drawLine(a, b)
    painter.restore()


class PredictedMark(QWidget):
    """The mark beside words that say the same; takes no room where nothing is predicted."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.tier: Tier = ""
        self.setFixedSize(MARK_PX, MARK_PX)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def show_tier(self, tier: Tier) -> None:
        """Another tier; "" = none."""
        self.tier = tier
        self.setVisible(bool(tier))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint_predicted(painter, QRectF(self.rect()), self.tier, self._theme)
