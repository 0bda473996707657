"""All copies of a scene, sorted by level of detail: one draw for what is equal. No VTK here."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hmi.widgets.scene import looks
from hmi.widgets.scene.camera import Camera, Frame
from hmi.widgets.scene.detail import coarser, level_of, span_px
from hmi.widgets.scene.looks import Dress
from hmi.widgets.scene.mesh import Mesh
from hmi.widgets.scene.model import Scene
from hmi.widgets.scene.poses import Array, Pose, rotated
from hmi.widgets.scene.slots import Slots

UNSEEN = 255
WHOLE, GLASS, RING = range(3)
"""How copies are drawn: as they are, seen through, as mask of what is drawn around."""


class Drawn(Protocol):
    """Equal copies that are drawn the same way, as something that draws them."""

    def show(self, at: Array, spin: Array, slots: NDArray[np.int64]) -> None:
        """Draw copies there, turned so, as these slots."""
        ...


Make = Callable[[Mesh, str, int], Drawn]


class Crowd:
    """The copies of a scene. ``make`` gives what draws a mesh of a tone in a way.

    ``form`` changes with everything that changes which surfaces are seen, and not with a colour;
    ``ring_form`` with what is drawn around.
    """

    def __init__(self, scene: Scene, slots: Slots, make: Make) -> None:
        self._scene, self._slots, self._make = scene, slots, make
        self._pose = scene.rest
        self._levels = [
            each.levels if len(each.levels) > 1 else (each.mesh, *_coarser(each.mesh))
            for each in scene.pieces
        ]
        self._owners = _joined([each.owners for each in scene.pieces], np.int32)
        self._rows = _joined([each.links for each in scene.pieces], np.int32)
        sizes = [len(each.owners) for each in scene.pieces]
        self._ends = np.cumsum([0, *sizes])
        self._most = np.repeat([len(each) for each in self._levels], sizes)
        spheres = [_sphere(each.mesh) for each in scene.pieces]
        self._middles = np.repeat(np.array([each[0] for each in spheres]).reshape(-1, 3), sizes, axis=0)
        self._radii = np.repeat(np.array([each[1] for each in spheres]), sizes)
        self._spots: Array | None = None
        self._finish: NDArray[np.uint8] | None = None
        self._ringed = np.zeros(len(scene.assets), np.bool_)
        self._drawn: dict[tuple[int, int], Drawn] = {}
        self._rings: dict[int, Drawn] = {}
        self._keys: list[tuple[object, ...]] = [()] * len(scene.pieces)
        self._codes: list[frozenset[int]] = [frozenset()] * len(scene.pieces)
        self.form = self.ring_form = 0
        self._stood = 0

    @property
    def has_ring(self) -> bool:
        """Whether something is drawn around."""
        return bool(self._ringed.any())

    def dress(self, dress: Dress) -> None:
        """What is hidden, what is seen through, what is drawn around."""
        shown = np.where(dress.finish == looks.HIDDEN, UNSEEN, dress.finish == looks.GHOST).astype(np.uint8)
        if self._finish is None or not np.array_equal(self._finish, shown):
            self._finish = shown
            self.form += 1
        if not np.array_equal(self._ringed, dress.ringed):
            self._ringed = dress.ringed
            self.ring_form += 1

    def stand(self, pose: Pose) -> None:
        """Where every link is."""
        self._pose, self._spots = pose, None
        self.form += 1
        self._stood += 1

    def arrange(self, camera: Camera, frame: Frame, is_coarse: bool, is_software: bool) -> None:
        """Sort all copies for a camera: what is not seen is not drawn, what is small is drawn coarsely."""
        if self._finish is None or not len(self._rows):
            return
        if self._spots is None:
            spin = self._pose.spin[self._rows]
            self._spots = self._pose.at[self._rows] + rotated(spin, self._middles)
        pixels = span_px(self._spots, self._radii, camera, frame)
        level = level_of(pixels, self._most, is_coarse, is_software)
        finish = self._finish[self._owners]
        codes = np.where((level < 0) | (finish == UNSEEN), UNSEEN, level * 2 + finish).astype(np.uint8)
        ringed = self._ringed[self._owners] & (codes != UNSEEN)
        for number in range(len(self._scene.pieces)):
            mine = slice(self._ends[number], self._ends[number + 1])
            self._sort(number, codes[mine], ringed[mine])

    def _sort(self, number: int, codes: NDArray[np.uint8], ringed: NDArray[np.bool_]) -> None:
        key = codes.tobytes(), ringed.tobytes(), self._stood
        if key == self._keys[number]:
            return
        self._keys[number] = key
        piece, slots = self._scene.pieces[number], self._slots.of_piece[number]
        at, spin = self._pose.at[piece.links], self._pose.spin[piece.links]
        now = frozenset(np.unique(codes).tolist()) - {UNSEEN}
        for each in now | self._codes[number]:
            mine = codes == each
            drawn = self._drawn.get((number, each))
            if drawn is None:
                mesh = self._levels[number][each // 2]
                drawn = self._drawn[number, each] = self._make(mesh, piece.tone, GLASS if each % 2 else WHOLE)
            drawn.show(at[mine], spin[mine], slots[mine])
        self._codes[number] = now
        if ringed.any() or number in self._rings:
            if number not in self._rings:
                self._rings[number] = self._make(piece.mesh, piece.tone, RING)
            self._rings[number].show(at[ringed], spin[ringed], slots[ringed])


def _joined(rows: list[NDArray[np.int32]], kind: type[np.int32]) -> NDArray[np.int32]:
    return np.concatenate(rows) if rows else np.zeros(0, kind)


def _sphere(mesh: Mesh) -> tuple[Array, float]:
    """Middle and radius of a ball around a mesh."""
    middle = (mesh.points.min(axis=0).astype(np.float64) + mesh.points.max(axis=0)) / 2
    return middle, float(np.linalg.norm(mesh.points - middle, axis=1).max(initial=0.0))


@lru_cache(maxsize=1024)
def _coarser(mesh: Mesh) -> tuple[Mesh, ...]:
    return coarser(mesh)
