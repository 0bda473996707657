"""Which part of a scene a tap meets: a ray against boxes first, then against the triangles within."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmi.widgets.scene.camera import Array, Camera, Frame, ray
from hmi.widgets.scene.mesh import Mesh
from hmi.widgets.scene.model import Scene

SLACK_PX = (0, 4, 9)
"""Where nothing is met, a tap may miss by this much: a finger is wider than a pipe."""


def picked(scene: Scene, camera: Camera, x: float, y: float, frame: Frame, shown: NDArray[np.bool_]) -> str:
    """Path of the asset seen at a pixel; "" for none. Parts without an asset let the tap through.

    Ground counts only where no machine is near.
    """
    candidates = shown & np.array([bool(part.asset) for part in scene.parts], np.bool_)
    solid = scene.solid()
    for mask in (candidates & solid, candidates & ~solid):
        for slack in SLACK_PX:
            around = [(0, 0)] if slack == 0 else [(dx * slack, dy * slack) for dx, dy in _AROUND]
            found = [met(scene, *ray(camera, x + dx, y + dy, frame), mask) for dx, dy in around]
            hits = [each for each in found if each is not None]
            if hits:
                return scene.parts[min(hits, key=lambda each: each[1])[0]].asset
    return ""


_AROUND = ((1, 0), (-1, 0), (0, 1), (0, -1), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7))


def met(scene: Scene, origin: Array, way: Array, mask: NDArray[np.bool_]) -> tuple[int, float] | None:
    """Index of the nearest masked part on a ray, and how many metres away; None for none."""
    near = _through_boxes(scene, origin, way) & mask
    best: tuple[int, float] | None = None
    for piece in scene.pieces:
        for k in np.flatnonzero(near[piece.owners]):
            away = _to_mesh(piece.mesh, origin - piece.at[k], way, float(piece.turn[k]))
            if away is not None and (best is None or away < best[1]):
                best = int(piece.owners[k]), away
    return best


def _through_boxes(scene: Scene, origin: Array, way: Array) -> NDArray[np.bool_]:
    """bool[n]: the parts whose bounding box the ray passes through."""
    if not len(scene.boxes):
        return np.zeros(0, np.bool_)
    slope = np.where(np.abs(way) < 1e-12, 1e-12, way)
    a, b = (scene.boxes[:, 0] - origin) / slope, (scene.boxes[:, 1] - origin) / slope
    enter, leave = np.minimum(a, b).max(axis=1), np.maximum(a, b).min(axis=1)
    return (leave >= np.maximum(enter, 0.0)) & (leave > 0)


def _to_mesh(mesh: Mesh, origin: Array, way: Array, turn: float) -> float | None:
    """Metres to the nearest triangle (Möller, Trumbore, 1997), the ray turned into the mesh's own place."""
    angle = np.radians(-turn)
    back = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    start, along = back @ origin, back @ way
    corners = mesh.points[mesh.triangles].astype(np.float64)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    cross = np.cross(along, second)
    size = np.einsum("ij,ij->i", first, cross)
    is_met = np.abs(size) > 1e-12
    inverse = 1.0 / np.where(is_met, size, 1.0)
    offset = start - corners[:, 0]
    u = np.einsum("ij,ij->i", offset, cross) * inverse
    turned = np.cross(offset, first)
    v = (turned @ along) * inverse
    away = np.einsum("ij,ij->i", second, turned) * inverse
    hit = is_met & (u >= 0) & (v >= 0) & (u + v <= 1) & (away > 1e-6)
    return float(away[hit].min()) if hit.any() else None
