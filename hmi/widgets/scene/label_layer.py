"""The labels over a scene: where they stand, which can be seen, how they are painted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QPainter

from hmi.theme import Theme
from hmi.widgets.scene import overlay
from hmi.widgets.scene.asset_look import SceneLabel, Sight
from hmi.widgets.scene.camera import Camera, Frame
from hmi.widgets.scene.model import Scene
from hmi.widgets.scene.placing import Box

Standing = tuple[SceneLabel, tuple[Box, QPointF]]


class LabelLayer:
    """Labels over the parts of a scene. What has to be painted again is said as rectangles."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.labels: tuple[SceneLabel, ...] = ()
        self.taken: tuple[QRect, ...] = ()
        self.is_shown = True
        self._points = np.zeros((0, 3))
        self._places: list[tuple[Box, QPointF] | None] = []

    @property
    def waits(self) -> bool:
        """Whether a label that is shown has to blink."""
        return self.is_shown and any(each.badge is not None and each.badge.waiting for each in self.labels)

    def blinking(self) -> list[QRect]:
        """What has to be painted again when it blinks."""
        return [
            rect_of(place[0])
            for label, place in zip(self.labels, self._places, strict=False)
            if place is not None and label.badge is not None and label.badge.waiting
        ]

    def anchor(self, scene: Scene) -> None:
        """The points that the labels name, anew."""
        self._points = overlay.anchors(scene, [label.path for label in self.labels])

    def show(self, labels: Sequence[SceneLabel], scene: Scene) -> list[QRect] | None:
        """Other labels; what has to be painted again, None = they have to be placed anew."""
        before, self.labels = self.labels, tuple(labels)
        if [each.path for each in before] != [each.path for each in self.labels]:
            self.anchor(scene)
            return None
        if before == self.labels:
            return []
        widths = [overlay.label_width(each, self.theme) for each in self.labels]
        old = [overlay.label_width(each, self.theme) for each in before]
        ranks = [each.priority for each in self.labels] == [each.priority for each in before]
        if widths != old or not ranks:
            return None
        return [
            rect_of(place[0])
            for label, other, place in zip(before, self.labels, self._places, strict=False)
            if label != other and place is not None
        ]

    def place(self, camera: Camera, frame: Frame) -> None:
        """Find room for all of them."""
        taken = [Box(each.x(), each.y(), each.width(), each.height()) for each in self.taken]
        self._places = overlay.label_places(self.labels, self._points, camera, frame, self.theme, taken)

    def standing(self, sight: Sight) -> list[Standing]:
        """The labels that can be seen, and where: not those of what is hidden."""
        apart = sight.apart
        return [
            (label, place)
            for label, place in zip(self.labels, self._places, strict=False)
            if self.is_shown and place is not None and (not apart or f"{apart}/".startswith(f"{label.path}/"))
        ]

    def at(self, x: float, y: float, sight: Sight) -> str:
        """Path of the label at a pixel, "" for none."""
        found = (label.path for label, (box, _) in self.standing(sight) if box.holds(x, y))
        return next(found, "")

    def paint(self, painter: QPainter, dirty: QRect, sight: Sight) -> None:
        """All that lie within a rectangle, with their leader lines."""
        both = self.standing(sight)
        for _, (box, foot) in both:
            overlay.paint_leader(painter, box, foot, self.theme)
        for label, (box, _) in both:
            if dirty.intersects(rect_of(box)):
                overlay.paint_label(painter, box, label, self.theme, label.path == sight.selected)


def rect_of(box: Box) -> QRect:
    """A box as Qt has it, a little larger."""
    return QRectF(box.x, box.y, box.width, box.height).toAlignedRect().adjusted(-2, -2, 2, 2)
