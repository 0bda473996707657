"""What the numbers of motions mean over time: what is not known stays, what flows runs on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.types import Part
from hmi.widgets.scene.camera import ANGLE_DEG, Camera, eye
from hmi.widgets.scene.model import Scene
from hmi.widgets.scene.poses import FLOW, Pose, posed, rotated

LONGEST_S = 1.0
"""A flow runs no longer than this between two calls: after a pause it does not jump."""
LEAST_PX = 0.4
"""What moves by less than this on the screen is not drawn anew."""
SAME_PLANT = 0.5
"""Where this share of the parts is as before it is the same plant, and the camera stays."""


class Stance:
    """The positions of one scene. ``pose`` is None while all of it is at rest."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._positions = np.zeros(scene.motions)
        flows = scene.links.motion[scene.links.kind == FLOW]
        self._flows = np.isin(np.arange(scene.motions), flows)
        self._run = np.zeros(scene.motions)
        self._last_s: float | None = None
        self.pose: Pose | None = None
        self._drawn = scene.rest

    def take(self, positions: NDArray[np.float64], now_s: float) -> None:
        """New numbers, one for every motion; raises ValueError for another count."""
        if positions.shape != (self._scene.motions,):
            raise ValueError(f"{self._scene.motions} motions, and {positions.shape} positions")
        known = ~np.isnan(positions)
        passed = 0.0 if self._last_s is None else min(LONGEST_S, max(0.0, now_s - self._last_s))
        self._last_s = now_s
        # A flow that is not known does not run.
        self._run[self._flows & known] += positions[self._flows & known] * passed
        self._positions[known] = positions[known]
        self._pose()

    def on(self, scene: Scene) -> Pose:
        """The same positions in a scene whose parts stand elsewhere."""
        self._scene = scene
        return self._pose()

    def keep(self, before: Stance) -> None:
        """Go on from where an equal set of motions was."""
        if before._positions.shape == self._positions.shape:  # noqa: SLF001  of the same class
            self._positions, self._run = before._positions, before._run  # noqa: SLF001
            self._last_s = before._last_s  # noqa: SLF001
            if before.pose is not None:
                self._pose()

    def _pose(self) -> Pose:
        self.pose = posed(self._scene.links, np.where(self._flows, self._run, self._positions))
        return self.pose

    def is_worth_drawing(self, camera: Camera, height: int) -> bool:
        """Whether anything differs from what was drawn by more than can be seen; if so it counts as drawn."""
        if self.pose is None:
            return False
        metre = height / 2 / np.tan(np.radians(ANGLE_DEG) / 2) / max(1e-3, self._nearest(camera))
        # Two metres from its pivot is where a turn shows most.
        probe = np.tile([2.0, 2.0, 2.0], (len(self.pose.at), 1))
        now = self.pose.at + rotated(self.pose.spin, probe)
        was = self._drawn.at + rotated(self._drawn.spin, probe)
        if len(now) and float(np.abs(now - was).max()) * metre > LEAST_PX:
            self._drawn = self.pose
            return True
        return False

    def _nearest(self, camera: Camera) -> float:
        """Metres from the eye to the middle of the nearest part that moves."""
        moving = self._scene.links.parent >= 0
        if not moving.any():
            return camera.distance
        items = np.isin(self._scene.part_of, self._scene.links.part[moving])
        middles = self._scene.boxes[items].mean(axis=1)
        return float(np.linalg.norm(middles - eye(camera), axis=1).min(initial=camera.distance))


def motions_of(parts: Sequence[Part]) -> list[object]:
    """What has to be equal for positions to mean the same."""
    return [(part.asset, part.shape, part.motions) for part in parts if part.motions]


def is_same_plant(before: Sequence[Part], after: Sequence[Part]) -> bool:
    """Whether most parts are still there: someone edited them, or a model came."""
    both = [(part.shape, part.asset) for part in before], [(part.shape, part.asset) for part in after]
    kept = set(both[0]) & set(both[1])
    return bool(before) and len(kept) >= SAME_PLANT * max(len(set(both[0])), len(set(both[1])))
