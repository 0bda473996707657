"""Where a scene is looked at from, worked out before it is: all of it, near an asset, as it was kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.types import Cut, SavedView
from hmi.widgets.scene import camera as cameras
from hmi.widgets.scene.asset_look import Sight
from hmi.widgets.scene.camera import Camera, Frame
from hmi.widgets.scene.framed import FREE_PX
from hmi.widgets.scene.model import Scene
from hmi.widgets.scene_view import SceneView

NEAREST = 0.42
"""Of the distance that shows all of it: one cabinet must not fill the picture, for what is around it says
where it is."""


def frame_of(scene: SceneView) -> Frame:
    """The picture of a scene, with room for labels and buttons at its edges."""
    size = max(1, scene.width()), max(1, scene.height())
    left, top, right, bottom = FREE_PX
    return Frame(*size, (left, min(top, 0.2 * size[1]), right, bottom))


def home_of(scene: SceneView) -> Camera:
    """All of it."""
    frame = frame_of(scene)
    return _fitted(scene.scene, cameras.home(frame), frame)


def near_to(scene: SceneView, path: str, start: Camera) -> Camera | None:
    """Near to an asset, at the angles of ``start``, with room around it; None where it is not drawn."""
    shown, frame = scene.scene, frame_of(scene)
    mask = shown.of([path])
    solid = mask & shown.solid()
    chosen = solid if solid.any() else mask
    if not chosen.any():
        return None
    near = _fitted(shown, start, frame, chosen)
    least = NEAREST * _fitted(shown, start, frame).distance
    return near if near.distance > least else cameras.zoomed(near, near.distance / least)


def _fitted(scene: Scene, start: Camera, frame: Frame, chosen: NDArray[np.bool_] | None = None) -> Camera:
    boxes = scene.boxes if chosen is None else scene.boxes[chosen]
    boxes = boxes if len(boxes) else scene.bounds()[None]
    return cameras.fitted(start, np.concatenate([cameras.corners(box) for box in boxes]), frame)


def turned_in(azimuth: float) -> float:
    """The azimuth of a `Camera` as the ``turn`` of a `SavedView`: target to eye, 0 = along +x."""
    return (azimuth - 90 + 180) % 360 - 180


def camera_of(view: SavedView) -> Camera:
    """Where a view that was kept is seen from."""
    return Camera(view.target, (view.turn + 90 + 180) % 360 - 180, view.tilt, view.distance)


def view_of(name: str, scene: SceneView, sight: Sight, has_labels: bool) -> SavedView:
    """What is seen now, under a name; rounded to what a person could tell apart in a text file."""
    target, distance, turn, tilt = scene.saved_camera()
    x, y, z = (round(each, 3) for each in target)
    return SavedView(
        name=name,
        target=(x, y, z),
        distance=round(distance, 3),
        turn=round(turn, 2),
        tilt=round(tilt, 2),
        apart=sight.apart,
        through=sight.through,
        labels=has_labels,
        cut=sight.cut,
    )


def cut_away(scene: Scene, paths: Sequence[str], cut: Cut | None) -> frozenset[str]:
    """The assets whose middle lies beyond a section: nothing is left there that a label could name."""
    if cut is None:
        return frozenset()
    row = ("x", "y", "z").index(cut.axis)
    found: list[str] = []
    for path in paths:
        mask = scene.of([path])
        if mask.any():
            middle = float(scene.bounds(mask)[:, row].mean())
            if (middle > cut.at) is not cut.flipped:
                found.append(path)
    return frozenset(found)
