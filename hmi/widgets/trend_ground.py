"""The ground of a trend, kept as a picture: it changes with an axis, not with every frame."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPixmap

from hmi.theme import colour
from hmi.widgets.picture import blank
from hmi.widgets.trend_paint import paint_ground
from hmi.widgets.trend_scene import Scene


class Ground:
    """Grid, axes and limit lines under the curves of one trend."""

    def __init__(self) -> None:
        self._picture = QPixmap()
        self._key: tuple[object, ...] = ()

    def paint(self, painter: QPainter, scene: Scene, ratio: float) -> None:
        """Paint the ground of a scene on a screen of that pixel ratio; anew only where it differs."""
        axes = tuple((axis.unit, axis.colour, axis.range, axis.px, axis.pens[0]) for axis in scene.axes)
        limits = tuple((line.value, line.text, line.kind, line.alarm is not None) for line in scene.limits)
        size = scene.whole.size().toTuple()
        key = (
            ratio,
            scene.theme.name,
            scene.theme.size.small,
            size,
            scene.locale,
            axes,
            scene.hidden_axes,
            limits,
        )
        if key != self._key:
            self._key = key
            self._picture = blank(scene.whole.size(), ratio)
            with QPainter(self._picture) as still:
                still.setRenderHint(QPainter.RenderHint.Antialiasing)
                still.fillRect(scene.whole.adjusted(0, 0, 1, 1), colour(scene.theme.colour.panel))
                paint_ground(still, scene)
        painter.drawPixmap(0, 0, self._picture)
