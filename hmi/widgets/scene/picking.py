"""Which part of a scene a tap meets: a ray against spheres first, then boxes of triangles, then triangles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from engine.types import Cut
from hmi.widgets.scene.camera import Array, Camera, Frame, ray
from hmi.widgets.scene.mesh import Mesh
from hmi.widgets.scene.model import Scene
from hmi.widgets.scene.poses import Pose, matrices

SLACK_PX = (0, 4, 9)
"""Where nothing is met, a tap may miss by this much: a finger is wider than a pipe."""
BLOCK = 128
"""So many triangles that lie together are asked at once."""
_AROUND = ((1, 0), (-1, 0), (0, 1), (0, -1), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7))
_AXES = {"x": 0, "y": 1, "z": 2}
Met = tuple[int, float]


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A mesh as a ray meets it: triangles that lie together in blocks, with the box of each block."""

    first: NDArray[np.float32]
    sides: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    middle: Array
    radius: float


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a tap can meet: a scene as it stands, seen by a camera, cut open or not."""

    scene: Scene
    pose: Pose
    camera: Camera
    frame: Frame
    shown: NDArray[np.bool_]
    cut: Cut | None = None


_targets: WeakKeyDictionary[Mesh, Target] = WeakKeyDictionary()


def picked(seen: Seen, x: float, y: float) -> str:
    """Path of the asset seen at a pixel; "" for none. Parts without an asset let the tap through.

    Ground counts only where no machine is near.
    """
    named = np.array([bool(asset) for asset in seen.scene.assets], np.bool_)
    item = _nearest(seen, x, y, seen.shown & named)
    return seen.scene.assets[item] if item >= 0 else ""


def part_at(seen: Seen, x: float, y: float) -> int:
    """Number of the part seen at a pixel, with an asset or without; -1 for none."""
    item = _nearest(seen, x, y, seen.shown)
    return int(seen.scene.part_of[item]) if item >= 0 else -1


def _nearest(seen: Seen, x: float, y: float, candidates: NDArray[np.bool_]) -> int:
    solid = seen.scene.solid()
    origin, way = ray(seen.camera, x, y, seen.frame)
    # How far beside the ray a slack reaches, for every metre of it.
    aside = np.linalg.norm(ray(seen.camera, x + 1, y, seen.frame)[1] - way)
    for mask in (candidates & solid, candidates & ~solid):
        crowd = _beside(seen, origin, way, mask, float(aside) * SLACK_PX[-1])
        for slack in SLACK_PX if crowd else ():
            around = [(0, 0)] if slack == 0 else [(dx * slack, dy * slack) for dx, dy in _AROUND]
            found = [_met(seen, *ray(seen.camera, x + dx, y + dy, seen.frame), crowd) for dx, dy in around]
            hits = [each for each in found if each is not None]
            if hits:
                return min(hits, key=lambda each: each[1])[0]
    return -1


def met(seen: Seen, origin: Array, way: Array, mask: NDArray[np.bool_]) -> Met | None:
    """The nearest masked item on a ray, and how many metres away; None for none."""
    return _met(seen, origin, way, _beside(seen, origin, way, mask, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class _Near:
    """A copy near a ray: its item, mesh, the turn into its place, and where its sphere begins."""

    item: int
    target: Target
    turn: Array
    at: Array
    begins: float
    is_flat: bool


def _beside(seen: Seen, origin: Array, way: Array, mask: NDArray[np.bool_], spread: float) -> list[_Near]:
    """Copies whose spheres a ray meets, or passes by ``spread`` for each metre of way; the nearest first."""
    solid = seen.scene.solid()
    found: list[_Near] = []
    for piece in seen.scene.pieces:
        copies = np.flatnonzero(mask[piece.owners])
        if not len(copies):
            continue
        target = target_of(piece.mesh)
        rows = piece.links[copies]
        turns = matrices(seen.pose.spin[rows])
        to = seen.pose.at[rows] + turns @ target.middle - origin
        along = to @ way
        beside = np.sqrt(np.maximum(np.einsum("ki,ki->k", to, to) - along**2, 0.0))
        meets = (beside <= target.radius + spread * np.maximum(along, 0.0)) & (along > -target.radius)
        for k in np.flatnonzero(meets):
            item = int(piece.owners[copies[k]])
            begins = float(along[k]) - target.radius
            found.append(
                _Near(item, target, turns[k].T, seen.pose.at[rows[k]], begins, not bool(solid[item]))
            )
    return sorted(found, key=lambda each: each.begins)


def _met(seen: Seen, origin: Array, way: Array, crowd: list[_Near]) -> Met | None:
    best: Met | None = None
    kept = _kept(seen.cut, origin, way)
    for near in crowd:
        if best is not None and near.begins > best[1]:
            break
        start, along = near.turn @ (origin - near.at), near.turn @ way
        away = _to_target(near.target, start, along, _always if near.is_flat else kept)
        if away is not None and (best is None or away < best[1]):
            best = near.item, away
    return best


def _always(away: Array) -> NDArray[np.bool_]:
    return np.ones(len(away), np.bool_)


def _kept(cut: Cut | None, origin: Array, way: Array) -> Callable[[Array], NDArray[np.bool_]]:
    """Which distances along a ray lie on the side of a cut that is drawn."""
    if cut is None:
        return _always
    axis, sign = _AXES[cut.axis], -1.0 if cut.flipped else 1.0
    return lambda away: sign * (cut.at - (origin[axis] + way[axis] * away)) >= 0


def target_of(mesh: Mesh) -> Target:
    """A mesh made ready for rays; kept as long as the mesh is."""
    found = _targets.get(mesh)
    if found is None:
        found = _targets[mesh] = _target(mesh)
    return found


def _target(mesh: Mesh) -> Target:
    corners = mesh.points[mesh.triangles]
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    cells = ((corners.mean(axis=1) - low) / np.maximum(high - low, 1e-6) * 15).astype(np.int64)
    corners = corners[np.argsort(cells[:, 0] * 256 + cells[:, 1] * 16 + cells[:, 2], kind="stable")]
    starts = np.arange(0, len(corners), BLOCK)
    lows = np.minimum.reduceat(corners.min(axis=1), starts, axis=0)
    highs = np.maximum.reduceat(corners.max(axis=1), starts, axis=0)
    middle = (low.astype(np.float64) + high) / 2
    radius = float(np.sqrt(((mesh.points - middle) ** 2).sum(axis=1).max()))
    return Target(corners[:, 0], corners[:, 1:] - corners[:, :1], lows, highs, middle, radius)


def _to_target(
    target: Target, origin: Array, way: Array, kept: Callable[[Array], NDArray[np.bool_]]
) -> float | None:
    """Metres to the nearest triangle that is drawn (Möller, Trumbore, 1997), the ray in the mesh's place."""
    slope = np.where(np.abs(way) < 1e-12, 1e-12, way)
    a, b = (target.low - origin) / slope, (target.high - origin) / slope
    enter, leave = np.minimum(a, b).max(axis=1), np.maximum(a, b).min(axis=1)
    blocks = np.flatnonzero((leave >= np.maximum(enter, 0.0)) & (leave > 0))
    if not len(blocks):
        return None
    chosen = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
    chosen = chosen[chosen < len(target.first)]
    first, second = (target.sides[chosen, k].astype(np.float64) for k in (0, 1))
    cross = np.cross(way, second)
    size = np.einsum("ij,ij->i", first, cross)
    is_met = np.abs(size) > 1e-12
    inverse = 1.0 / np.where(is_met, size, 1.0)
    offset = origin - target.first[chosen]
    u = np.einsum("ij,ij->i", offset, cross) * inverse
    turned = np.cross(offset, first)
    v = (turned @ way) * inverse
    away = np.einsum("ij,ij->i", second, turned) * inverse
    hit = is_met & (u >= 0) & (v >= 0) & (u + v <= 1) & (away > 1e-6)
    hit &= kept(away)
    return float(away[hit].min()) if hit.any() else None
