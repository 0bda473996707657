"""The line of time of the replay bar: where in the history a replay stands."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from hmi.formats import t
from hmi.replay import Replay
from hmi.theme import Theme, colour
from hmi.widgets.time_line import HOUR_US, TimeLine


class Scrubber(TimeLine):
    """Tap or drag to an instant; the wheel and + and - change how much time the line covers."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, 72 * HOUR_US)
        self.setAccessibleName(t("Time of the replay"))

    def show_replay(self, replay: Replay, zone_name: str) -> None:
        """Where it stands."""
        self.show_time(replay.first_us, replay.last_us, replay.at_us, zone_name)

    def paint_on_line(self, painter: QPainter, y: float) -> None:
        """The thumb."""
        x = self.x_of(self._at_us)
        painter.setPen(QPen(colour(self.theme.colour.panel), 2))
        painter.setBrush(colour(self.theme.colour.text))
        points = [QPointF(x, y - 12), QPointF(x + 9, y), QPointF(x, y + 12), QPointF(x - 9, y)]
        painter.drawPolygon(QPolygonF(points))
