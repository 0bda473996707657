"""The scene as a widget: paints the last picture of the render thread, labels over it, and takes hands.

The GUI thread never touches VTK and never waits for it: orders go to `Renderer`, pictures are taken
when they are there. While nothing changes nothing is drawn; while hidden nothing is drawn either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.types import Part
from hmi.formats import t
from hmi.theme import Theme, colour, font
from hmi.widgets.scene import camera as cameras
from hmi.widgets.scene import overlay
from hmi.widgets.scene.asset_look import AssetLook, SceneLabel, Sight
from hmi.widgets.scene.camera import Camera, Frame
from hmi.widgets.scene.hands import SceneHands
from hmi.widgets.scene.model import Scene, scene_of
from hmi.widgets.scene.picking import picked
from hmi.widgets.scene.placing import Box
from hmi.widgets.scene.renderer import Failed, Picture, Renderer

TAKE_MS = 12
FREE_PX = (34.0, 132.0, 34.0, 34.0)
"""Kept free around what is framed: above it stand the labels and the buttons."""
_Places = list[tuple[Box, QPointF] | None]


class SceneView(SceneHands):
    """Parts in space, tinted by the looks of their assets.

    ``picked`` = path of the tapped asset; ``failed`` = no picture can be drawn on this computer, in words.
    The render thread starts when the widget is first seen and ends with it.
    """

    picked = Signal(str)
    failed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scene = scene_of(())
        self._looks: Mapping[str, AssetLook] = {}
        self._sight = Sight()
        self._labels: tuple[SceneLabel, ...] = ()
        self._has_labels = True
        self._points = np.zeros((0, 3))
        self._places: _Places = []
        self._taken: tuple[QRect, ...] = ()
        self._renderer: Renderer | None = None
        self._picture: Picture | None = None
        self._image = QImage()
        self._trouble = ""
        self._is_home = True
        self._timer = QTimer(self)
        self._timer.setInterval(TAKE_MS)
        self._timer.timeout.connect(self._take)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(t("Scene"))
        self.setAccessibleDescription(
            t(
                "Arrow keys turn the scene, with Shift they move it; plus and minus zoom; Home shows all of "
                "it. The list of assets beside it shows the same."
            )
        )
        self.moved.connect(self._look_from)
        self.tapped.connect(self._pick)

    # What it shows

    @property
    def scene(self) -> Scene:
        """The parts on show."""
        return self._scene

    @property
    def picture(self) -> Picture | None:
        """The last picture, None before the first."""
        return self._picture

    @property
    def is_settled(self) -> bool:
        """Whether the picture shows all that was asked for, in full quality."""
        return bool(self._trouble) or (
            self._renderer is not None and not self._renderer.is_busy and not self._timer.isActive()
        )

    def show_parts(self, parts: Sequence[Part]) -> None:
        """Draw these parts, all of them in view."""
        if tuple(parts) == self._scene.parts:
            return
        self._scene = scene_of(parts)
        self._points = overlay.anchors(self._scene, [label.path for label in self._labels])
        self._order_scene()
        self.home()

    def show_looks(self, looks: Mapping[str, AssetLook]) -> None:
        """Tint the parts by the looks of their assets; at most ten times a second."""
        if looks != self._looks:
            self._looks = dict(looks)
            self._order_dress(False)

    def show_labels(self, labels: Sequence[SceneLabel]) -> None:
        """Write these over the assets; only what differs is painted again."""
        before, self._labels = self._labels, tuple(labels)
        if [each.path for each in before] != [each.path for each in self._labels]:
            self._points = overlay.anchors(self._scene, [each.path for each in self._labels])
            self._place()
            return
        if before == self._labels:
            return
        widths = [overlay.label_width(each, self._theme) for each in self._labels]
        old = [overlay.label_width(each, self._theme) for each in before]
        ranks = [each.priority for each in self._labels] == [each.priority for each in before]
        if widths != old or not ranks:
            self._place()
            return
        for label, other, place in zip(before, self._labels, self._places, strict=False):
            if label != other and place is not None:
                self.update(_rect(place[0]))

    def show_sight(self, sight: Sight) -> None:
        """Select, set apart, see through: what a person chose."""
        if sight != self._sight:
            self._sight = sight
            self._order_dress(True)
            self.update()

    @property
    def sight(self) -> Sight:
        """What a person chose to see."""
        return self._sight

    @property
    def labels(self) -> tuple[SceneLabel, ...]:
        """The labels as last told."""
        return self._labels

    def set_labels_shown(self, shown: bool) -> None:
        """Labels on or off."""
        self._has_labels = shown
        self.update()

    def set_taken(self, rects: Sequence[QRect]) -> None:
        """Where buttons lie over the scene: no label stands there."""
        if tuple(rects) != self._taken:
            self._taken = tuple(rects)
            self._place()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self._order_scene()
        self._place()

    # Where it is seen from

    def home(self) -> None:
        """All of it."""
        self._is_home = True
        angles = cameras.home(Frame(max(1, self.width()), max(1, self.height())))
        self.camera = self._fitted(angles, None)
        self._order_look()

    def frame_asset(self, path: str) -> None:
        """Move near to an asset, with room around it; the angles stay."""
        mask = self._scene.of([path])
        solid = mask & self._scene.solid()
        chosen = solid if solid.any() else mask
        if not chosen.any():
            return
        self._is_home = False
        near = self._fitted(self.camera, chosen)
        # Not so near that one cabinet fills the picture: its surroundings say where it is.
        least = 0.3 * self._fitted(self.camera, None).distance
        self.camera = near if near.distance > least else cameras.zoomed(near, near.distance / least)
        self._order_look()

    def _fitted(self, camera: Camera, chosen: np.ndarray | None) -> Camera:
        boxes = self._scene.boxes if chosen is None else self._scene.boxes[chosen]
        boxes = boxes if len(boxes) else self._scene.bounds()[None]
        points = np.concatenate([cameras.corners(box) for box in boxes])
        left, top, right, bottom = FREE_PX
        size = max(1, self.width()), max(1, self.height())
        return cameras.fitted(camera, points, Frame(*size, (left, min(top, 0.2 * size[1]), right, bottom)))

    def _look_from(self) -> None:
        self._is_home = False
        self._order_look()

    def _pick(self, x: float, y: float) -> None:
        for label, (box, _) in self._standing():
            if box.holds(x, y):
                self.picked.emit(label.path)
                return
        if self._picture is None:
            return
        shown = np.ones(len(self._scene.parts), np.bool_)
        if self._sight.apart:
            shown = self._scene.of([self._sight.apart])
        frame = Frame(max(1, self.width()), max(1, self.height()))
        path = picked(self._scene, self._picture.camera, x, y, frame, shown)
        if path:
            self.picked.emit(path)

    # Orders to the render thread, and what comes back

    def _device_frame(self) -> Frame:
        ratio = self.devicePixelRatioF()
        return Frame(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)), ratio=ratio)

    def _order_scene(self) -> None:
        if self._renderer is not None and self._scene.parts:
            self._renderer.show_scene(self._scene, self._theme)
            self._order_dress(True)

    def _order_dress(self, at_once: bool) -> None:
        if self._renderer is not None:
            self._renderer.dress(self._looks, self._sight, at_once)
            self._await()

    def _order_look(self) -> None:
        if self._renderer is not None and self.width() > 1:
            self._renderer.look(self.camera, self._device_frame())
            self._await()

    def _await(self) -> None:
        if self.isVisible() and not self._trouble:
            self._timer.start()

    def _take(self) -> None:
        if self._renderer is None:
            return
        is_busy = self._renderer.is_busy
        for answer in self._renderer.take():
            if isinstance(answer, Failed):
                self._trouble = answer.text
                self.failed.emit(answer.text)
                self.update()
            else:
                self._show(answer)
        if not is_busy:
            self._timer.stop()

    def _show(self, picture: Picture) -> None:
        moved = self._picture is None or picture.camera != self._picture.camera
        self._picture = picture
        height, width = picture.pixels.shape[:2]
        self._image = QImage(picture.pixels.data, width, height, QImage.Format.Format_RGBX8888)
        self._image.setDevicePixelRatio(self.devicePixelRatioF())
        if moved:
            self._place()
        self.update()

    def _place(self) -> None:
        if self._picture is None:
            return
        frame = Frame(max(1, self.width()), max(1, self.height()))
        taken = [Box(each.x(), each.y(), each.width(), each.height()) for each in self._taken]
        self._places = overlay.label_places(
            self._labels, self._points, self._picture.camera, frame, self._theme, taken
        )
        self.update()

    @property
    def label_boxes(self) -> list[Box]:
        """Where labels stand now."""
        return [place[0] for _, place in self._standing()]

    def _standing(self) -> list[tuple[SceneLabel, tuple[Box, QPointF]]]:
        """The labels that can be seen, and where: not those of what is hidden."""
        apart = self._sight.apart
        return [
            (label, place)
            for label, place in zip(self._labels, self._places, strict=False)
            if self._has_labels
            and place is not None
            and (not apart or f"{apart}/".startswith(f"{label.path}/"))
        ]

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._renderer is None:
            self._renderer = Renderer()
            # The thread must not outlive the widget, whichever way that goes.
            self.destroyed.connect(self._renderer.close)
            application = QCoreApplication.instance()
            if application is not None:
                application.aboutToQuit.connect(self._renderer.close)
            self._order_scene()
        self._renderer.show(True)
        self.home() if self._is_home else self._order_look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        if self._renderer is not None:
            self._renderer.show(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.home() if self._is_home else self._order_look()
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            if self._image.isNull():
                self._paint_words(painter)
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            # During a change of size the last picture is stretched until the next is there.
            painter.drawImage(QRectF(self.rect()), self._image)
            if self._has_labels:
                self._paint_labels(painter, event.rect())

    def _paint_labels(self, painter: QPainter, dirty: QRect) -> None:
        both = self._standing()
        for _, (box, foot) in both:
            overlay.paint_leader(painter, box, foot, self._theme)
        for label, (box, _) in both:
            if dirty.intersects(_rect(box)):
                is_selected = label.path == self._sight.selected
                overlay.paint_label(painter, box, label, self._theme, is_selected)

    def _paint_words(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), colour(self._theme.colour.panel))
        painter.setFont(font(self._theme, self._theme.size.body))
        painter.setPen(colour(self._theme.colour.muted))
        text = self._trouble or t("Drawing the scene…")
        room = self.rect().adjusted(60, 40, -60, -40)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), text)

    def sizeHint(self) -> QSize:
        return QSize(900, 460)


def _rect(box: Box) -> QRect:
    return QRectF(box.x, box.y, box.width, box.height).toAlignedRect().adjusted(-2, -2, 2, 2)
