"""The scene as a widget: paints the last picture of the render thread, labels over it, and takes hands.

The GUI thread never touches VTK and never waits for it: orders go to `Renderer`, pictures are taken
when they are there. While nothing changes nothing is drawn; while hidden nothing is drawn either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.types import Part, Place, Plan
from hmi.cad.model import CadModel
from hmi.formats import t
from hmi.theme import Theme, colour, font
from hmi.widgets.blink import Blink
from hmi.widgets.scene import camera as cameras
from hmi.widgets.scene import picking
from hmi.widgets.scene.asset_look import AssetLook, SceneLabel, Sight
from hmi.widgets.scene.building import Building
from hmi.widgets.scene.camera import Frame
from hmi.widgets.scene.framed import FREE_PX, SceneFramed
from hmi.widgets.scene.label_layer import LabelLayer
from hmi.widgets.scene.model import NO_MODELS, Scene, part_moved, rough, with_moved
from hmi.widgets.scene.placing import Box
from hmi.widgets.scene.renderer import Failed, Picture, Renderer
from hmi.widgets.scene.stance import Stance, is_same_plant, motions_of

__all__ = ["FREE_PX", "SceneView"]
TAKE_MS = 12


class SceneView(SceneFramed):
    """Parts in space, tinted by the looks of their assets.

    ``picked`` = path of the tapped asset; ``failed`` = no picture can be drawn on this computer, in words;
    ``built`` = ``scene`` is another one: the parts last told, put together.
    The render thread starts when the widget is first seen and ends with it.
    """

    picked = Signal(str)
    failed = Signal(str)
    built = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._building = Building()
        self._drawn = self._scene
        self._parts: tuple[Part, ...] = ()
        self._models: Mapping[str, CadModel] = NO_MODELS
        self._positions: NDArray[np.float64] | None = None
        self._stance = Stance(self._scene)
        self._plan: tuple[Path, Plan] | None = None
        self._looks: Mapping[str, AssetLook] = {}
        self._sight = Sight()
        self._over = LabelLayer(theme)
        self.blink = Blink(self._turn, self)
        self._renderer: Renderer | None = None
        self._picture: Picture | None = None
        self._image = QImage()
        self._trouble = ""
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
        """The parts told last: for a moment only where they stand, until all of them are put together."""
        return self._scene

    @property
    def is_built(self) -> bool:
        """Whether ``scene`` holds the parts told last."""
        return not self._building.is_busy

    @property
    def picture(self) -> Picture | None:
        """The last picture, None before the first."""
        return self._picture

    @property
    def is_settled(self) -> bool:
        """Whether the picture shows all that was asked for, in full quality."""
        draws = self._renderer is None or self._renderer.is_busy or self._timer.isActive()
        return self.is_built and (bool(self._trouble) or not draws)

    def show_parts(self, parts: Sequence[Part], models: Mapping[str, CadModel] = NO_MODELS) -> None:
        """Draw these parts; another plant is shown whole, of the same one the camera stays where it is.

        ``models`` by file, read so far: a part whose model is not there yet is an outline.
        """
        parts = tuple(parts)
        if parts == self._parts and dict(models) == dict(self._models):
            return
        if motions_of(parts) != motions_of(self._parts):
            self._positions = None
        self._parts, self._models = parts, dict(models)
        self._scene = rough(parts)
        self._building.ask(parts, self._models)
        self._timer.start()

    def _adopt(self, scene: Scene) -> None:
        """Show a scene that has been put together."""
        before, stance = self._drawn.parts, self._stance
        self._scene = self._drawn = scene
        self._stance = Stance(scene)
        if motions_of(before) == motions_of(scene.parts):
            self._stance.keep(stance)
        elif self._positions is not None:
            self._stance.take(self._positions, monotonic())
        self._over.anchor(scene)
        self._order_scene()
        wish, self._wish = self._wish, None
        is_same = self._edits or is_same_plant(before, scene.parts)
        if wish:
            self.frame_asset(wish)
        elif self._is_home or (wish is None and not is_same):
            self.home()
        self._place()
        self.built.emit()

    def show_positions(self, positions: NDArray[np.float64]) -> None:
        """float64[n]: one number for every motion, in the order of parts and of each part's motions.

        Degrees, metres, or metres per second; NaN = not known: it stays where it was last. Drawn only where
        it can be seen, and no faster than this computer draws. Raises ValueError for another count.
        """
        if positions.shape != (self._scene.motions,):
            raise ValueError(f"{self._scene.motions} motions, and {positions.shape} positions")
        self._positions = positions
        if self._building.is_busy:
            return
        self._stance.take(positions, monotonic())
        if self._stance.is_worth_drawing(self.camera, max(1, self.height())):
            self._order_pose(False)

    def move_part(self, number: int, at: Place, turn: float) -> None:
        """Put a part somewhere else, at once; nothing is built anew."""
        parts = part_moved(self._parts, number, at, turn)
        if self._building.is_busy:
            self.show_parts(parts, self._models)
            return
        self._parts = parts
        self._scene = self._drawn = with_moved(self._scene, number, at, turn)
        self._stance.on(self._scene)
        self._order_pose(True)

    def show_plan(self, path: Path | None, plan: Plan | None) -> None:
        """A picture of the ground plan on the floor; None = none."""
        wanted = None if path is None or plan is None else (path, plan)
        if wanted != self._plan:
            self._plan = wanted
            if self._renderer is not None:
                self._renderer.lay_plan(wanted)
                self._await()

    def show_looks(self, looks: Mapping[str, AssetLook]) -> None:
        """Tint the parts by the looks of their assets; at most ten times a second."""
        if looks != self._looks:
            self._looks = dict(looks)
            self._order_dress(False)

    def show_labels(self, labels: Sequence[SceneLabel]) -> None:
        """Write these over the assets; only what differs is painted again."""
        rects = self._over.show(labels, self._scene)
        self._need_blink()
        if rects is None:
            self._place()
        else:
            self._update_all(rects)

    def _need_blink(self) -> None:
        self.blink.need(self._over.waits and self.isVisible())

    def _turn(self) -> None:
        # Only the labels that blink are painted again: the scene itself is a picture.
        self._update_all(self._over.blinking())

    def _update_all(self, rects: Sequence[QRect]) -> None:
        for rect in rects:
            self.update(rect)

    def show_sight(self, sight: Sight) -> None:
        """Select, set apart, see through, cut open: what a person chose."""
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
        return self._over.labels

    def set_labels_shown(self, shown: bool) -> None:
        """Labels on or off."""
        self._over.is_shown = shown
        self.update()

    def set_taken(self, rects: Sequence[QRect]) -> None:
        """Where buttons lie over the scene: no label stands there."""
        if tuple(rects) != self._over.taken:
            self._over.taken = tuple(rects)
            self._place()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = self._over.theme = theme
        self._order_scene()
        self._place()

    def _look_from(self) -> None:
        self._is_home = False
        self._order_look()

    # What lies under a hand

    def part_at(self, x: float, y: float) -> int:
        """Number of the part drawn at a pixel, -1 for none."""
        return -1 if self._picture is None else picking.part_at(self._seen(), x, y)

    def ground_at(self, x: float, y: float) -> tuple[float, float] | None:
        """The spot on the floor seen at a pixel, in metres; None above the horizon."""
        return cameras.on_ground(self.camera, x, y, self._frame())

    def _pick(self, x: float, y: float) -> None:
        path = self._over.at(x, y, self._sight)
        if not path and self._picture is not None:
            path = picking.picked(self._seen(), x, y)
        if path:
            self.picked.emit(path)

    def _seen(self) -> picking.Seen:
        """What the last picture shows: a tap means what is drawn, not what is about to be."""
        picture = self._picture
        camera = self.camera if picture is None else picture.camera
        drawn = None if picture is None else picture.pose
        pose = drawn if drawn is not None and len(drawn.at) == len(self._drawn.rest.at) else self._drawn.rest
        shown = np.ones(len(self._drawn.assets), np.bool_)
        if self._sight.apart:
            shown = self._drawn.of([self._sight.apart])
        return picking.Seen(self._drawn, pose, camera, self._frame(), shown, self._sight.cut)

    # Orders to the render thread, and what comes back

    def _device_frame(self) -> Frame:
        ratio = self.devicePixelRatioF()
        return Frame(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)), ratio=ratio)

    def _order_scene(self) -> None:
        if self._renderer is not None and self._drawn.parts:
            self._renderer.show_scene(self._drawn, self._theme)
            self._renderer.lay_plan(self._plan)
            if self._stance.pose is not None:
                self._renderer.stand(self._stance.pose)
            self._order_dress(True)

    def _order_dress(self, at_once: bool) -> None:
        if self._renderer is not None:
            self._renderer.dress(self._looks, self._sight, at_once)
            self._await()

    def _order_pose(self, at_once: bool) -> None:
        if self._renderer is not None and self._stance.pose is not None:
            self._renderer.stand(self._stance.pose, at_once)
            self._await()

    def _order_look(self) -> None:
        if self._renderer is not None and self.width() > 1:
            self._renderer.look(self.camera, self._device_frame())
            self._await()

    def _await(self) -> None:
        if self.isVisible() and not self._trouble:
            self._timer.start()

    def _take(self) -> None:
        if (scene := self._building.take()) is not None:
            self._adopt(scene)
        is_busy = self._building.is_busy or (self._renderer is not None and self._renderer.is_busy)
        for answer in () if self._renderer is None else self._renderer.take():
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
        if self._picture is not None:
            self._over.place(self._picture.camera, self._frame())
            self.update()

    @property
    def label_boxes(self) -> list[Box]:
        """Where labels stand now."""
        return [place[0] for _, place in self._over.standing(self._sight)]

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._need_blink()
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
        self.blink.need(False)
        if not self._building.is_busy:
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
            place = self.picture_place()
            if place.width() < self.width():
                painter.fillRect(self.rect(), colour(self._theme.colour.panel))
            painter.drawImage(place, self._image)
            self._over.paint(painter, event.rect(), self._sight)

    def picture_place(self) -> QRectF:
        """Where the last picture is painted. Until one of a new size is there the one before is as high as
        the widget and keeps its shape: what the camera sees at a height does not depend on the width, so that
        labels and hands stay true.
        """
        size = self._image.size()
        width = size.width() * self.height() / max(1, size.height())
        if abs(width - self.width()) < 1.0:
            return QRectF(self.rect())
        return QRectF((self.width() - width) / 2, 0.0, width, self.height())

    def _paint_words(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), colour(self._theme.colour.panel))
        painter.setFont(font(self._theme, self._theme.size.body))
        painter.setPen(colour(self._theme.colour.muted))
        text = self._trouble or t("Drawing the scene…")
        room = self.rect().adjusted(60, 40, -60, -40)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), text)

    def sizeHint(self) -> QSize:
        return QSize(900, 460)
