"""Where a scene is seen from: all of it, one asset, a view that was kept."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from engine.types import Place
from hmi.widgets.scene import camera as cameras
from hmi.widgets.scene.camera import Camera, Frame
from hmi.widgets.scene.hands import SceneHands
from hmi.widgets.scene.model import Scene, scene_of

FREE_PX = (34.0, 132.0, 34.0, 34.0)
"""Kept free around what is framed: above it stand the labels and the buttons."""


class SceneFramed(SceneHands):
    """Hands on a scene that can be framed.

    What is asked for while it is still being put together is framed by the sizes of parts, and once more when
    they are there.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Scene = scene_of(())
        self._is_home = True
        self._wish: str | None = None

    @property
    def is_built(self) -> bool:
        """Whether ``scene`` holds the parts told last."""
        return True

    def _order_look(self) -> None:
        """Draw what the camera sees."""

    def home(self) -> None:
        """All of it."""
        self._is_home, self._wish = True, None
        self.camera = self._fitted(cameras.home(self._frame()), None)
        self._order_look()

    def frame_asset(self, path: str) -> None:
        """Move near to an asset, with room around it; the angles stay."""
        mask = self._scene.of([path])
        solid = mask & self._scene.solid()
        chosen = solid if solid.any() else mask
        if not chosen.any():
            return
        self._is_home = False
        self._wish = path if not self.is_built else None
        near = self._fitted(self.camera, chosen)
        # Not so near that one cabinet fills the picture: its surroundings say where it is.
        least = 0.3 * self._fitted(self.camera, None).distance
        self.camera = near if near.distance > least else cameras.zoomed(near, near.distance / least)
        self._order_look()

    def saved_camera(self) -> tuple[Place, float, float, float]:
        """Target, distance, turn and tilt as in `SavedView`."""
        return cameras.saved(self.camera)

    def fly_to(self, target: Place, distance: float, turn: float, tilt: float) -> None:
        """Look at ``target`` from there, as in `SavedView`."""
        self._is_home = False
        self._wish = "" if not self.is_built else None
        self.camera = cameras.from_saved(target, distance, turn, tilt)
        self._order_look()

    def _fitted(self, camera: Camera, chosen: np.ndarray | None) -> Camera:
        boxes = self._scene.boxes if chosen is None else self._scene.boxes[chosen]
        boxes = boxes if len(boxes) else self._scene.bounds()[None]
        points = np.concatenate([cameras.corners(box) for box in boxes])
        left, top, right, bottom = FREE_PX
        size = max(1, self.width()), max(1, self.height())
        return cameras.fitted(camera, points, Frame(*size, (left, min(top, 0.2 * size[1]), right, bottom)))
