"""The soft shadow that a scene throws on its ground: made once, then a picture like any other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmi.widgets.scene.mesh import Floats
from hmi.widgets.scene.model import Scene
from hmi.widgets.scene.poses import Pose, matrices

PER_M = 14
EDGE_M = 6.0
SLAB_M, SLAB_SOFT_M, SLAB = 3.2, 1.6, 0.13
"""The floor of a hall: darker up to so many metres around all that stands, with a soft edge, by so much."""
MOST_PX = 2048
DOTS_PER_PX, MOST_DOTS = 3.0, 60_000
LIGHT = (0.42, 0.5)
"""How far to +x and +y a shadow falls per metre of height: the light stands in front, to the left."""


@dataclass(frozen=True, slots=True, eq=False)
class Shadow:
    """``depth`` float32[rows, columns] 0…1, row 0 at the lowest y; the rectangle it covers in metres.

    ``floor`` is the same without anything on it.
    """

    depth: Floats
    floor: Floats
    low: tuple[float, float]
    high: tuple[float, float]


def shadow_of(scene: Scene, shown: NDArray[np.bool_], pose: Pose | None = None) -> Shadow:
    """What the shown parts throw on the ground: dark where they stand, softer the higher they reach.

    They stand as in ``pose``, None = at rest. What moves by itself throws none: it would lie where the part
    was, and to work it out anew takes longer than the part stays.
    """
    bounds = scene.bounds()
    low = (float(bounds[0][0]) - EDGE_M, float(bounds[0][1]) - EDGE_M)
    high = (
        float(bounds[1][0] + LIGHT[0] * bounds[1][2]) + EDGE_M,
        float(bounds[1][1] + LIGHT[1] * bounds[1][2]) + EDGE_M,
    )
    per_m = min(PER_M, MOST_PX / max(high[0] - low[0], high[1] - low[1]))
    size = (round((high[1] - low[1]) * per_m), round((high[0] - low[0]) * per_m))
    dots = _dots(scene, shown, scene.rest if pose is None else pose, per_m)
    feet = _splat(dots[dots[:, 2] < 0.5, :2], low, per_m, size)
    fallen = (dots[:, :2] + dots[:, 2:] * np.array(LIGHT, np.float32)).astype(np.float32)
    cast = _splat(fallen, low, per_m, size)
    soft = 0.5 * blurred(cast, 0.16 * per_m) + 0.28 * blurred(cast, 0.7 * per_m)
    depth = 1 - (1 - soft) * (1 - 0.55 * blurred(feet, 0.22 * per_m))
    floor = np.float32(SLAB) * _slab(size, per_m)
    depth = 1 - (1 - depth) * (1 - floor)
    # Finer than it was worked out: it is looked up pixel by pixel.
    fine = np.repeat(np.repeat(depth, 2, axis=0), 2, axis=1)
    return Shadow(boxed(boxed(fine.astype(np.float32), 1, 0), 1, 1), floor, low, high)


def _slab(size: tuple[int, int], per_m: float) -> Floats:
    """float32[rows, columns]: 1 on the floor, 0 beyond its soft edge."""
    sides = [
        np.clip(
            (np.minimum(spots, spots[::-1]) / per_m - (EDGE_M - SLAB_M - SLAB_SOFT_M)) / SLAB_SOFT_M, 0, 1
        )
        for spots in (np.arange(length) + 0.5 for length in size)
    ]
    soft = [(each * each * (3 - 2 * each)).astype(np.float32) for each in sides]
    return soft[0][:, None] * soft[1][None]


def _dots(scene: Scene, shown: NDArray[np.bool_], pose: Pose, per_m: float) -> Floats:
    """Points spread over all surfaces, float32[n, 3]: a few for every pixel of ground they may fall on."""
    spread = np.random.default_rng(1)
    found: list[Floats] = [np.zeros((0, 3), np.float32)]
    throws, moves = shown & scene.solid() & ~scene.ghosts, scene.links.moves()
    for piece in scene.pieces:
        rows = piece.links[throws[piece.owners] & ~moves[piece.links]]
        if not len(rows):
            continue
        corners = piece.levels[-1].points[piece.levels[-1].triangles]
        sides = corners[:, 1:] - corners[:, :1]
        area = np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1) / 2
        count = min(MOST_DOTS, int(area.sum() * per_m * per_m * DOTS_PER_PX) + 1)
        chosen = spread.choice(len(area), size=count, p=area / area.sum())
        weight = np.sort(spread.random((count, 2)), axis=1)
        a, b = weight[:, :1], weight[:, 1:] - weight[:, :1]
        spots = corners[chosen, 0] + sides[chosen, 0] * a + sides[chosen, 1] * b
        turns = matrices(pose.spin[rows]).astype(np.float32)
        for turn, at in zip(turns, pose.at[rows].astype(np.float32), strict=True):
            found.append((spots @ turn.T + at).astype(np.float32))
    return np.concatenate(found)


def _splat(spots: Floats, low: tuple[float, float], per_m: float, size: tuple[int, int]) -> Floats:
    """float32[rows, columns], 1 where a dot fell."""
    column = ((spots[:, 0] - low[0]) * per_m).astype(np.int64)
    row = ((spots[:, 1] - low[1]) * per_m).astype(np.int64)
    inside = (column >= 0) & (column < size[1]) & (row >= 0) & (row < size[0])
    hit = np.zeros(size, np.float32)
    hit[row[inside], column[inside]] = 1.0
    return hit


def blurred(picture: Floats, radius: float) -> Floats:
    """Softened by three passes of a box, which is as good as a bell curve."""
    reach = max(1, round(radius))
    for _ in range(3):
        for axis in (0, 1):
            picture = boxed(picture, reach, axis)
    return picture


def boxed(picture: Floats, reach: int, axis: int) -> Floats:
    """The mean over ``reach`` to either side along an axis; beyond an edge the edge goes on."""
    wide = [(0, 0), (0, 0)]
    wide[axis] = (reach + 1, reach)
    total = np.cumsum(np.pad(picture, wide, mode="edge"), axis=axis, dtype=np.float64)
    span = 2 * reach + 1
    if axis == 0:
        return ((total[span:] - total[:-span]) / span).astype(np.float32)
    return ((total[:, span:] - total[:, :-span]) / span).astype(np.float32)
