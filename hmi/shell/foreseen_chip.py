"""The chip of the top bar that counts what is foreseen and should be acted on."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.link_chip import LinkChip
from hmi.widgets.predicted_mark import paint_predicted

MARK_PX = 18


class ForeseenChip(LinkChip):
    """``1 foreseen`` with the mark of predictions; not there while nothing is foreseen."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", parent)
        self.hide()

    def show_count(self, count: int) -> None:
        """How many assets there are to act on and tags on their way to a limit."""
        self.setVisible(count > 0)
        self.show_state(t("{n} foreseen", n=count), False)
        told = t("{n} foreseen: what is predicted to fail, and what is on its way to a limit", n=count)
        self.setToolTip(told)
        self.setAccessibleName(told)

    def paint_mark(self, painter: QPainter, middle: QPointF) -> None:
        """The hatched diamond."""
        half = MARK_PX / 2
        box = QRectF(middle.x() - half, middle.y() - half, MARK_PX, MARK_PX)
        paint_predicted(painter, box, "act", self._theme)
