"""Meshes as arrays, and the few solids that every part of a scene is made of. No VTK here.

Lengths are metres, angles degrees, z is up. A solid stands with the middle of its foot at ``at``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = tuple[float, float, float]
Floats = NDArray[np.float32]
BEVEL_M = 0.03


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Mesh:
    """``points`` float32[n, 3] and ``triangles`` int32[m, 3], counter-clockwise seen from outside.

    ``normals`` float32[n, 3] where they are known, else they follow from the triangles.
    """

    points: Floats
    triangles: NDArray[np.int32]
    normals: Floats | None = None


Tones = dict[str, Mesh]
"""Meshes by tone: ``body``, ``frame`` (columns and beams), ``dark`` (joints, motors), ``light`` (the work),
``pipe``; on the ground ``ground``, ``zone`` and its ``border``."""


def merged(meshes: Iterable[Mesh]) -> Mesh:
    """Several meshes as one."""
    found = [each for each in meshes if len(each.points)]
    if not found:
        return Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    starts = np.cumsum([0, *(len(each.points) for each in found[:-1])])
    triangles = [each.triangles + start for each, start in zip(found, starts, strict=True)]
    points = np.concatenate([each.points for each in found])
    return Mesh(points.astype(np.float32), np.concatenate(triangles).astype(np.int32))


def moved(mesh: Mesh, at: Vector = (0.0, 0.0, 0.0), turn: float = 0.0, tilt: float = 0.0) -> Mesh:
    """Turned by ``tilt`` about y (its top leans to +x), then by ``turn`` about z, then moved to ``at``."""
    leaning, turning = math.radians(tilt), math.radians(turn)
    about_y = np.array(
        [[math.cos(leaning), 0, math.sin(leaning)], [0, 1, 0], [-math.sin(leaning), 0, math.cos(leaning)]]
    )
    about_z = np.array(
        [[math.cos(turning), -math.sin(turning), 0], [math.sin(turning), math.cos(turning), 0], [0, 0, 1]]
    )
    points = mesh.points @ (about_z @ about_y).T + np.array(at)
    return Mesh(points.astype(np.float32), mesh.triangles)


def box(x: float, y: float, z: float, at: Vector = (0.0, 0.0, 0.0), bevel: float = BEVEL_M) -> Mesh:
    """A box of these lengths with its edges taken off a little: they catch the light."""
    cut = max(0.0, min(bevel, 0.3 * min(x, y, z)))
    if cut == 0:
        half = (x / 2, y / 2)
        ring = [(half[0], -half[1]), (half[0], half[1]), (-half[0], half[1]), (-half[0], -half[1])]
        return moved(lofted([[(a, b, level) for a, b in ring] for level in (0.0, z)]), at)
    layers = [(0.0, cut), (cut, 0.0), (z - cut, 0.0), (z, cut)]
    rings = [_rectangle(x - 2 * inset, y - 2 * inset, cut, level) for level, inset in layers]
    return moved(lofted(rings), at)


def _rectangle(x: float, y: float, cut: float, z: float) -> list[Vector]:
    half_x, half_y = x / 2, y / 2
    corners = (
        (half_x, -half_y + cut),
        (half_x, half_y - cut),
        (half_x - cut, half_y),
        (-half_x + cut, half_y),
        (-half_x, half_y - cut),
        (-half_x, -half_y + cut),
        (-half_x + cut, -half_y),
        (half_x - cut, -half_y),
    )
    return [(a, b, z) for a, b in corners]


def lofted(rings: Sequence[Sequence[Vector]], caps: bool = True) -> Mesh:
    """A skin over rings of equally many points, each counter-clockwise seen from where they lead to."""
    count, sides = len(rings), len(rings[0])
    points = np.array(rings, np.float32).reshape(count * sides, 3)
    place = np.arange(count * sides).reshape(count, sides)
    a, b = place[:-1], place[1:]
    right_a, right_b = np.roll(a, -1, axis=1), np.roll(b, -1, axis=1)
    skin = np.concatenate(
        [
            np.stack([a, right_a, right_b], axis=-1).reshape(-1, 3),
            np.stack([a, right_b, b], axis=-1).reshape(-1, 3),
        ]
    )
    if not caps:
        return Mesh(points, skin.astype(np.int32))
    if sides == 4:
        quads = np.array(
            [
                [place[0][k] for k in (0, 2, 1)],
                [place[0][k] for k in (0, 3, 2)],
                [place[-1][k] for k in (0, 1, 2)],
                [place[-1][k] for k in (0, 2, 3)],
            ]
        )
        return Mesh(points, np.concatenate([skin, quads]).astype(np.int32))
    middles = np.array([points[place[0]].mean(axis=0), points[place[-1]].mean(axis=0)], np.float32)
    foot, top = len(points), len(points) + 1
    low, high = place[0], place[-1]
    fans = [
        np.stack([np.roll(low, -1), low, np.full(sides, foot)], axis=-1),
        np.stack([high, np.roll(high, -1), np.full(sides, top)], axis=-1),
    ]
    return Mesh(np.concatenate([points, middles]), np.concatenate([skin, *fans]).astype(np.int32))


def sides_of(radius: float) -> int:
    """How many flat sides are round enough: a bolt needs fewer than a tank."""
    return 10 if radius < 0.12 else 16 if radius < 0.45 else 28


def turned(profile: Sequence[tuple[float, float]], at: Vector = (0.0, 0.0, 0.0), sides: int = 0) -> Mesh:
    """A body of rotation about z: ``profile`` are radius and height from foot to top."""
    sides = sides or sides_of(max(radius for radius, _ in profile))
    rings = [_circle(max(radius, 1e-3), height, sides) for radius, height in profile]
    return moved(lofted(rings), at)


def _circle(radius: float, z: float, sides: int) -> list[Vector]:
    steps = [math.tau * k / sides for k in range(sides)]
    return [(radius * math.cos(angle), radius * math.sin(angle), z) for angle in steps]


def cylinder(radius: float, height: float, at: Vector = (0.0, 0.0, 0.0), sides: int = 0) -> Mesh:
    """An upright cylinder; small ones have sharp edges."""
    cut = min(BEVEL_M, 0.2 * radius, 0.2 * height) if radius >= 0.12 else 0.0
    if cut == 0:
        return turned([(radius, 0), (radius, height)], at, sides)
    profile = [(radius - cut, 0), (radius, cut), (radius, height - cut), (radius - cut, height)]
    return turned(profile, at, sides)


def lying(radius: float, length: float, at: Vector, along: str = "y", sides: int = 0) -> Mesh:
    """A cylinder lying along x or y, its middle at ``at``."""
    standing = moved(cylinder(radius, length, sides=sides), (0.0, 0.0, -length / 2))
    return moved(moved(standing, tilt=90.0), at, turn=0.0 if along == "x" else 90.0)


def ball(radius: float, at: Vector, sides: int = 20) -> Mesh:
    """A sphere with its middle at ``at``."""
    steps = [math.pi * k / (sides // 2) for k in range(sides // 2 + 1)]
    return turned([(radius * math.sin(a), -radius * math.cos(a)) for a in steps], at, sides)


def domed(radius: float, height: float, at: Vector = (0.0, 0.0, 0.0), sides: int = 32) -> Mesh:
    """An upright vessel with dished ends."""
    dish = 0.45 * radius
    arc = [math.radians(angle) for angle in range(0, 91, 15)]
    low = [(radius * math.sin(a), dish - dish * math.cos(a)) for a in arc]
    high = [(radius * math.cos(a), height - dish + dish * math.sin(a)) for a in arc]
    return turned([*low, *high], at, sides)


def bar(start: Vector, end: Vector, radius: float, end_radius: float | None = None, sides: int = 16) -> Mesh:
    """A round bar from one point to another, tapered where ``end_radius`` differs."""
    return _along([start, end], [radius, radius if end_radius is None else end_radius], sides)


def pipe(points: Sequence[Vector], radius: float, sides: int = 14) -> Mesh:
    """A round pipe through ``points`` with rounded bends."""
    path = _rounded(points, 3 * radius)
    return _along(path, [radius] * len(path), sides)


def _rounded(points: Sequence[Vector], bend: float) -> list[Vector]:
    kept = [points[0]]
    for before, corner, after in zip(points[:-2], points[1:-1], points[2:], strict=True):
        p, c, n = (np.array(each, float) for each in (before, corner, after))
        back, on = p - c, n - c
        room = min(bend, 0.45 * float(np.linalg.norm(back)), 0.45 * float(np.linalg.norm(on)))
        start, end = c + back / np.linalg.norm(back) * room, c + on / np.linalg.norm(on) * room
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            spot = (1 - share) ** 2 * start + 2 * share * (1 - share) * c + share**2 * end
            kept.append((float(spot[0]), float(spot[1]), float(spot[2])))
    return [*kept, points[-1]]


def _along(path: Sequence[Vector], radii: Sequence[float], sides: int) -> Mesh:
    spots = np.array(path, float)
    ways = np.diff(spots, axis=0)
    ways /= np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-9)
    across = _any_normal(ways[0])
    rings: list[list[Vector]] = []
    for k, radius in enumerate(radii):
        way = ways[min(k, len(ways) - 1)] + ways[max(k - 1, 0)]
        way /= max(float(np.linalg.norm(way)), 1e-9)
        across = across - way * float(across @ way)
        across /= max(float(np.linalg.norm(across)), 1e-9)
        other = np.cross(way, across)
        angles = [math.tau * n / sides for n in range(sides)]
        ring = [spots[k] + radius * (math.cos(a) * across + math.sin(a) * other) for a in angles]
        rings.append([(float(p[0]), float(p[1]), float(p[2])) for p in ring])
    return lofted(rings)


def _any_normal(way: NDArray[np.float64]) -> NDArray[np.float64]:
    helper = np.array([0.0, 0.0, 1.0]) if abs(way[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    return np.cross(way, helper)


def beam(start: Vector, end: Vector, width: float, depth: float) -> Mesh:
    """A square bar from one point to another; ``width`` across, ``depth`` upright where it lies."""
    a, b = np.array(start, float), np.array(end, float)
    way = (b - a) / max(float(np.linalg.norm(b - a)), 1e-9)
    side = _any_normal(way)
    side /= np.linalg.norm(side)
    up = np.cross(side, way)
    offsets = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    rings = [
        [(spot + way * 0 + p * side * width / 2 + q * up * depth / 2) for p, q in offsets] for spot in (a, b)
    ]
    mesh = lofted([[(float(p[0]), float(p[1]), float(p[2])) for p in ring] for ring in rings])
    return outward(mesh)


def volume(mesh: Mesh) -> float:
    """Cubic metres inside a closed mesh; negative when it is inside out."""
    corners = mesh.points[mesh.triangles]
    return float(np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6)


def outward(mesh: Mesh) -> Mesh:
    """The same closed mesh, its outside outside."""
    return mesh if volume(mesh) > 0 else Mesh(mesh.points, mesh.triangles[:, ::-1].copy())
