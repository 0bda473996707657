"""The mark of predicted trouble, the same in the list, the legend and over the scene: a hatched diamond."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from hmi.displays.twin.tree import Tier
from hmi.theme import Theme, colour


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
