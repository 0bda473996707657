"""A car body in white, as far as it is built: floor, sides with openings, roof. Front at +x."""

from __future__ import annotations

import math

from hmi.widgets.scene.mesh import Mesh, Tones, Vector, beam, box, lofted, merged, outward

_BELT = (
    (-2.1, 0.82),
    (-1.95, 0.94),
    (-1.5, 0.99),
    (-0.4, 1.0),
    (0.9, 0.98),
    (1.6, 0.88),
    (1.98, 0.74),
    (2.1, 0.6),
)
"""The upper edge of a car's side, from its back to its front."""
_ROOF = ((-1.72, 0.98), (-1.0, 1.42), (0.05, 1.46), (1.08, 0.96))
_WHEELS, _ARCH = (-1.32, 1.36), 0.37


def body(x: float, y: float, z: float, has_roof: bool = True, has_sides: bool = True) -> Tones:
    """A car body in white, as far as it is built: floor, sides with openings, roof."""
    parts = [_floor_pan()]
    if has_sides:
        parts += [*_sides(), *_pillars()]
    if has_roof:
        parts.append(_roof())
    factors = (x / 4.2, y / 1.7, z / 1.46)
    tones = {"light": merged(parts)}
    if has_sides:
        tones["dark"] = merged(_seams())
    return {
        tone: Mesh((mesh.points * factors).astype(mesh.points.dtype), mesh.triangles)
        for tone, mesh in tones.items()
    }


def _seams() -> list[Mesh]:
    """The gaps around the doors and their handles."""
    gaps = [box(0.025, 0.015, 0.62, (px, s * 0.842, 0.3), 0.0) for px in (-0.92, -0.02, 0.9) for s in (-1, 1)]
    handles = [box(0.16, 0.04, 0.035, (px, s * 0.845, 0.78), 0.0) for px in (-0.8, 0.12) for s in (-1, 1)]
    return [*gaps, *handles]


def open_body(x: float, y: float, z: float) -> Tones:
    """A car body whose roof is still to come."""
    return body(x, y, z, has_roof=False)


def underbody(x: float, y: float, z: float) -> Tones:
    """The floor of a car body."""
    return body(x, y, 1.46 * z / 0.62, has_roof=False, has_sides=False)


def _floor_pan() -> Mesh:
    longs = [box(3.9, 0.14, 0.18, (0, s * 0.5, 0.22)) for s in (-1, 1)]
    crosses = [box(0.12, 1.5, 0.1, (k, 0, 0.32)) for k in (-0.9, -0.2, 0.5)]
    towers = [box(0.36, 0.24, 0.36, (px, s * 0.56, 0.26), 0.06) for px in _WHEELS for s in (-1, 1)]
    ends = [box(0.12, 1.3, 0.2, (s * 1.96, 0, 0.3)) for s in (-1, 1)]
    tunnel = box(2.0, 0.26, 0.2, (-0.1, 0, 0.3), 0.08)
    return merged([box(2.3, 1.46, 0.05, (-0.1, 0, 0.26)), *longs, *crosses, *towers, *ends, tunnel])


def _belt(x: float) -> float:
    for (x0, z0), (x1, z1) in zip(_BELT[:-1], _BELT[1:], strict=True):
        if x <= x1:
            return z0 + (z1 - z0) * max(0.0, x - x0) / (x1 - x0)
    return _BELT[-1][1]


def _sill(x: float) -> float:
    """The lower edge of the side: up over the wheels, a little up at both ends."""
    for wheel in _WHEELS:
        if abs(x - wheel) < _ARCH:
            return 0.28 + math.sqrt(_ARCH**2 - (x - wheel) ** 2)
    return 0.36 if abs(x) > 1.75 else 0.24


def _sides() -> list[Mesh]:
    steps = [-2.1, -1.95, -1.75, -0.45, -0.4, 0.1, 0.78, 0.83, 1.85, 2.0, 2.1]
    steps += [wheel + _ARCH * k / 4 for wheel in _WHEELS for k in (-3.99, -3, -2, 0, 2, 3, 3.99)]
    found = [_side(sorted(steps), side) for side in (-1, 1)]
    found += [_lid(1.02, 2.08, 0.8), _lid(-2.08, -1.62, 0.8)]
    front = [(2.1, s * 0.66, z) for s, z in ((-1, 0.34), (1, 0.34), (1, 0.62), (-1, 0.62))]
    back = [(-2.1, s * 0.66, z) for s, z in ((1, 0.36), (-1, 0.36), (-1, 0.84), (1, 0.84))]
    found += [
        lofted([[(px - 0.12 * way, py, pz) for px, py, pz in end], end])
        for end, way in ((front, 1), (back, -1))
    ]
    return found


def _side(steps: list[float], side: int) -> Mesh:
    rings: list[list[Vector]] = []
    for px in steps:
        low, high = _sill(px), max(_belt(px), _sill(px) + 0.02)
        waist = low + 0.6 * (high - low)
        pull = 0.85 - 0.16 * max(0.0, (abs(px) - 1.5) / 0.6) ** 2
        skin = [(px, side * (pull - 0.04), low), (px, side * pull, waist), (px, side * (pull - 0.07), high)]
        inner = [(px, side * (pull - 0.14), high), (px, side * (pull - 0.1), low)]
        rings.append([*skin, *inner] if side < 0 else [*skin, *inner][::-1])
    return outward(lofted(rings))


def _lid(back: float, front: float, half: float) -> Mesh:
    # Bonnet and boot lid: a little higher in their middle than at the belt.
    rings: list[list[Vector]] = []
    for k in range(6):
        px = back + (front - back) * k / 5
        z, wide = _belt(px), half - 0.16 * max(0.0, (abs(px) - 1.5) / 0.6) ** 2
        rings.append(
            [(px, wide, z - 0.04), (px, wide, z), (px, 0.0, z + 0.05), (px, -wide, z), (px, -wide, z - 0.04)]
        )
    return outward(lofted(rings))


def _pillars() -> list[Mesh]:
    found: list[Mesh] = []
    for s in (-1, 1):
        belt, top = s * 0.77, s * 0.6
        rail = [(px, top if 0 < k < 3 else belt, pz) for k, (px, pz) in enumerate(_ROOF)]
        found += [beam(a, b, 0.1, 0.09) for a, b in zip(rail[:-1], rail[1:], strict=True)]
        found.append(beam((-0.36, belt, 0.96), (-0.4, top, 1.43), 0.1, 0.12))
    found += [beam((px, -0.62, pz - 0.02), (px, 0.62, pz - 0.02), 0.12, 0.06) for px, pz in _ROOF[1:3]]
    return found


def _roof() -> Mesh:
    spots = [(-1.06, 1.42), (-0.7, 1.46), (-0.3, 1.475), (0.1, 1.455)]
    rings: list[list[Vector]] = [
        [(px, 0.62, pz - 0.05), (px, 0.3, pz), (px, -0.3, pz), (px, -0.62, pz - 0.05), (px, 0.0, pz - 0.08)]
        for px, pz in spots
    ]
    return outward(lofted(rings))
