"""The machines of a production line as solids: what each looks like at a given size.

Each function takes length (x), depth (y) and height (z) in metres and gives meshes by tone. The work comes
along x; a robot reaches towards +x.
"""

from __future__ import annotations

import math

from hmi.widgets.scene.mesh import (
    Mesh,
    Vector,
    ball,
    bar,
    beam,
    box,
    cylinder,
    domed,
    lofted,
    lying,
    merged,
    moved,
    pipe,
    turned,
)

Tones = dict[str, Mesh]
"""Meshes by tone: ``body``, ``frame`` (columns and beams), ``dark`` (joints, motors), ``light`` (work)."""

ROBOT_POSES = ((22.0, 58.0, 8.0), (12.0, 44.0, 30.0), (34.0, 74.0, -4.0), (4.0, 38.0, 34.0))
"""Lean of the lower arm forward, of the upper arm below the upright, and of the wrist; degrees."""


def robot(x: float, y: float, z: float, pose: int = 0) -> Tones:
    """A six-axis robot with a welding gun, drawn for a height of 2.6 m and scaled to ``z``."""
    lean, drop, wrist = ROBOT_POSES[pose % len(ROBOT_POSES)]
    shoulder: Vector = (0.16, 0.0, 0.88)
    elbow = _on(shoulder, lean, 1.12)
    hand = _on((elbow[0], 0.0, elbow[2] + 0.1), lean + drop, 1.02)
    tool = _on(hand, lean + drop + 42 + wrist, 0.34)
    body = [
        turned([(0.34, 0.16), (0.36, 0.2), (0.36, 0.34), (0.27, 0.5), (0.25, 0.62)]),
        box(0.52, 0.4, 0.34, (0.08, 0, 0.6), 0.08),
        _arm(shoulder, elbow, 0.19, 0.14),
        _arm((elbow[0] - 0.1, 0, elbow[2] + 0.1), hand, 0.17, 0.1),
    ]
    dark = [
        box(0.86, 0.86, 0.08, (0, 0, 0)),
        cylinder(0.37, 0.1, (0, 0, 0.08)),
        lying(0.2, 0.56, shoulder),
        lying(0.16, 0.5, elbow),
        lying(0.11, 0.3, hand),
        lying(0.11, 0.2, (elbow[0] - 0.26, 0.0, elbow[2] + 0.13), "x"),
        bar(hand, tool, 0.08, 0.065),
        *_gun(tool, lean + drop + 42 + wrist),
    ]
    hose = pipe(
        [
            (shoulder[0] - 0.3, 0.2, shoulder[2]),
            (elbow[0] - 0.45, 0.22, elbow[2] * 0.8),
            (elbow[0] - 0.2, 0.22, elbow[2] + 0.36),
            ((elbow[0] + hand[0]) / 2, 0.16, (elbow[2] + hand[2]) / 2 + 0.28),
            (hand[0], 0.12, hand[2] + 0.1),
        ],
        0.035,
        8,
    )
    factor = z / 2.6
    return {"body": _scaled(merged(body), factor), "dark": _scaled(merged([*dark, hose]), factor)}


def _on(start: Vector, lean: float, length: float) -> Vector:
    angle = math.radians(lean)
    return (start[0] + length * math.sin(angle), start[1], start[2] + length * math.cos(angle))


def _arm(start: Vector, end: Vector, wide: float, narrow: float) -> Mesh:
    return merged([bar(start, end, wide, narrow, 20), ball(wide * 1.02, start, 16), ball(narrow, end, 16)])


def _gun(at: Vector, lean: float) -> list[Mesh]:
    # A C-shaped gun: a yoke across, and two electrodes that meet in front of it.
    reach = _on(at, lean, 0.42)
    side = 0.2
    return [
        beam((at[0], -side, at[2]), (at[0], side, at[2]), 0.1, 0.12),
        *(beam((at[0], s, at[2]), (reach[0], s, reach[2]), 0.07, 0.09) for s in (-side, side)),
        *(bar((reach[0], s, reach[2]), (reach[0], s * 0.15, reach[2]), 0.035, 0.02, 10) for s in (-side, side)),
    ]


def _scaled(mesh: Mesh, factor: float) -> Mesh:
    return mesh if factor == 1 else Mesh(mesh.points * factor, mesh.triangles)


def press(x: float, y: float, z: float) -> Tones:
    """A four-column press: table, ram on two rods, crown with its cylinder above."""
    post, crown = 0.085 * x, 0.17 * z
    table, ram = 0.14 * z, 0.12 * z
    columns = [
        box(post * 1.3, post * 1.3, z - crown, (sx * (x - post * 1.3) / 2, sy * (y - post * 1.3) / 2, 0))
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    ram_z = 0.5 * z
    rods = [cylinder(0.05 * x, z - crown - ram_z, (s * 0.2 * x, 0, ram_z + ram * 0.5)) for s in (-1, 1)]
    return {
        "frame": merged([*columns, box(x * 0.92, y * 0.9, table * 0.4, (0, 0, 0))]),
        "body": merged(
            [
                box(x * 1.04, y * 1.04, crown, (0, 0, z - crown), 0.06),
                box(0.68 * x, 0.72 * y, ram, (0, 0, ram_z), 0.05),
                box(0.74 * x, 0.78 * y, 0.05 * z, (0, 0, ram_z - 0.05 * z)),
            ]
        ),
        "dark": merged(
            [*rods, cylinder(0.13 * x, 0.13 * z, (0, 0, z)), cylinder(0.07 * x, 0.05 * z, (0, 0, 1.13 * z))]
        ),
    }


def gantry(x: float, y: float, z: float) -> Tones:
    """A portal of four posts with a travelling bridge and a hoist: loads and lifts."""
    post = 0.22
    posts = [box(post, post, z, (sx * (x - post) / 2, sy * (y - post) / 2, 0)) for sx in (-1, 1) for sy in (-1, 1)]
    rails = [box(x, post, 0.28, (0, s * (y - post) / 2, z - 0.02)) for s in (-1, 1)]
    ties = [box(post * 0.7, y - post, 0.18, (s * (x - post) / 2, 0, z - 0.3)) for s in (-1, 1)]
    braces = [
        beam((s * x / 2 - s * 0.1, q * (y - post) / 2, z * 0.72), (s * x * 0.3, q * (y - post) / 2, z), 0.09, 0.09)
        for s in (-1, 1)
        for q in (-1, 1)
    ]
    hook = 0.52 * z
    grip = [
        box(0.62 * x, 0.1, 0.12, (0, s * 0.2 * y, hook)) for s in (-1, 1)
    ] + [box(0.1, 0.46 * y, 0.1, (s * 0.24 * x, 0, hook + 0.06)) for s in (-1, 1)]
    return {
        "frame": merged([*posts, *rails, *ties, *braces]),
        "body": merged([box(0.5, y * 0.98, 0.34, (0, 0, z + 0.24)), box(0.8, 0.8, 0.4, (0, 0, z + 0.02), 0.05)]),
        "dark": merged([cylinder(0.09, z - hook, (0, 0, hook)), *grip]),
    }


def clamp_frame(x: float, y: float, z: float) -> Tones:
    """Four clamping towers around the work, each with its cylinder and arm."""
    frame: list[Mesh] = []
    dark: list[Mesh] = []
    body: list[Mesh] = []
    for sx in (-1, 1):
        for sy in (-1, 1):
            px, py = sx * (x / 2 - 0.2), sy * (y / 2 - 0.2)
            frame += [box(0.6, 0.62, 0.1, (px, py, 0)), box(0.34, 0.34, z * 0.82, (px, py, 0.1))]
            body.append(box(0.46, 0.5, 0.3, (px, py, z * 0.8), 0.05))
            reach = py - sy * 0.55
            dark += [
                beam((px, py, z * 0.92), (px, reach, z * 0.8), 0.14, 0.16),
                cylinder(0.05, 0.3, (px, reach, z * 0.8 - 0.3)),
                cylinder(0.08, 0.06, (px, reach, z * 0.8 - 0.34)),
                bar((px, py + sy * 0.22, z * 0.3), (px, py + sy * 0.22, z * 0.78), 0.07),
            ]
    rails = [box(x, 0.12, 0.14, (0, s * (y / 2 - 0.2), 0.1)) for s in (-1, 1)]
    return {"frame": merged([*frame, *rails]), "body": merged(body), "dark": merged(dark)}


def stud_gun(x: float, y: float, z: float) -> Tones:
    """A portal with a carriage and a stud welding head, its feeder beside it."""
    posts = [box(0.24, 0.24, z, (0, s * (y / 2 - 0.12), 0)) for s in (-1, 1)]
    carriage = box(0.46, 0.6, 0.5, (0.1, -0.12 * y, z - 0.42), 0.05)
    feeder = (0.1 * x, y / 2 + 0.45, 0.0)
    head = (0.1, -0.12 * y, 0.52 * z)
    return {
        "frame": merged([*posts, box(0.3, y, 0.34, (0, 0, z - 0.05))]),
        "body": merged([carriage, box(0.7, 0.6, 1.1, feeder, 0.05)]),
        "dark": merged(
            [
                cylinder(0.12, z - 0.42 - head[2], head),
                turned([(0.02, -0.26), (0.06, -0.2), (0.09, 0)], head),
                pipe([(feeder[0], feeder[1], 1.1), (feeder[0], feeder[1], z + 0.5), (0.1, 0, z + 0.55),
                      (0.1, -0.12 * y, z + 0.1)], 0.045, 10),
            ]
        ),
    }


def portal(x: float, y: float, z: float) -> Tones:
    """An inspection portal: two measuring arches with cameras that look at the work."""
    frame: list[Mesh] = []
    dark: list[Mesh] = []
    for s in (-1, 1):
        px = s * (x / 2 - 0.14)
        frame += [box(0.24, 0.24, z, (px, q * (y / 2 - 0.12), 0)) for q in (-1, 1)]
        frame.append(box(0.28, y, 0.28, (px, 0, z - 0.02)))
        for py, pz, lean in ((-0.3 * y, z - 0.1, 0), (0.3 * y, z - 0.1, 0)):
            dark.append(box(0.2, 0.22, 0.34, (px, py, pz - 0.3), 0.03))
            dark.append(cylinder(0.07, 0.12, (px, py + lean, pz - 0.42), 16))
        dark += [lying(0.09, 0.3, (px, q * (y / 2 - 0.34), 0.45 * z), "y") for q in (-1, 1)]
    ties = [box(x - 0.3, 0.18, 0.18, (0, s * (y / 2 - 0.3), z + 0.03)) for s in (-1, 1)]
    return {"frame": merged(frame), "body": merged(ties), "dark": merged(dark)}


def autoclave(x: float, y: float, z: float) -> Tones:
    """A lying pressure vessel on saddles with its door ring."""
    radius = min(y, z) / 2 * 0.94
    middle = z - radius
    vessel = moved(moved(domed(radius, x, sides=40), (0, 0, -x / 2)), tilt=90.0)
    saddles = [box(0.3, 1.5 * radius, middle - radius * 0.55, (k * x / 3, 0, 0)) for k in (-1, 0, 1)]
    ring = lying(radius * 1.08, 0.28, (x / 2 - 0.5 * radius, 0, middle), "x", 40)
    rings = [lying(radius * 1.02, 0.09, (k * x / 5, 0, middle), "x", 40) for k in (-2, -1, 0, 1)]
    return {
        "body": moved(vessel, (0, 0, middle)),
        "frame": merged(saddles),
        "dark": merged([ring, *rings, pipe([(-x / 4, 0, middle + radius * 0.9), (-x / 4, 0, z + 0.4),
                                            (-x / 2, 0, z + 0.4)], 0.09)]),
    }


def drill_portal(x: float, y: float, z: float) -> Tones:
    """A gantry drill over a bed: two columns on rails, cross beam, spindle, and the bed."""
    columns = [box(0.5, 0.45, z * 0.86, (0, s * (y / 2 - 0.25), 0.12)) for s in (-1, 1)]
    rails = [box(x, 0.4, 0.16, (0, s * (y / 2 - 0.25), 0)) for s in (-1, 1)]
    return {
        "frame": merged([*columns, *rails, box(x * 0.84, y * 0.5, 0.5, (0, 0, 0), 0.05)]),
        "body": merged([box(0.6, y, 0.5, (0, 0, z * 0.86), 0.05), box(0.5, 0.6, 0.9, (0.45, 0, z * 0.7), 0.06)]),
        "dark": merged(
            [
                cylinder(0.16, 0.5, (0.45, 0, z * 0.7 - 0.5)),
                turned([(0.015, -0.45), (0.03, -0.35), (0.08, -0.2), (0.1, 0)], (0.45, 0, z * 0.7 - 0.5)),
            ]
        ),
        "light": box(x * 0.76, y * 0.44, 0.08, (0, 0, 0.5)),
    }


_SIDE = (
    (-2.05, 0.32), (-1.72, 0.24), (-1.62, 0.5), (-1.38, 0.64), (-1.1, 0.5), (-1.0, 0.22),
    (1.0, 0.22), (1.1, 0.5), (1.34, 0.64), (1.58, 0.5), (1.7, 0.26), (2.0, 0.34),
    (2.06, 0.62), (1.9, 0.84), (1.0, 0.98), (-1.5, 1.02), (-2.0, 0.98), (-2.12, 0.7),
)  # fmt: skip
"""The side of a car below its belt line, front at +x: sills, wheel arches, bonnet, boot."""
_ROOF = ((-1.5, 1.0), (-0.9, 1.42), (0.1, 1.46), (1.02, 0.98))
_WHEELBASE = (-1.36, 1.34)


def body(x: float, y: float, z: float, has_roof: bool = True, has_sides: bool = True) -> Tones:
    """A car body in white, as far as it is built: floor, sides with openings, roof."""
    parts = [_floor_pan()]
    if has_sides:
        parts += [*_sides(), *_pillars()]
    if has_roof:
        parts.append(_roof())
    mesh = merged(parts)
    factors = (x / 4.2, y / 1.7, z / 1.46)
    return {"light": Mesh((mesh.points * factors).astype(mesh.points.dtype), mesh.triangles)}


def open_body(x: float, y: float, z: float) -> Tones:
    """A car body whose roof is still to come."""
    return body(x, y, z, has_roof=False)


def underbody(x: float, y: float, z: float) -> Tones:
    """The floor of a car body."""
    return body(x, y, 1.46 * z / 0.62, has_roof=False, has_sides=False)


def _floor_pan() -> Mesh:
    longs = [box(3.9, 0.14, 0.18, (0, s * 0.5, 0.22)) for s in (-1, 1)]
    crosses = [box(0.12, 1.5, 0.1, (k, 0, 0.32)) for k in (-0.9, -0.2, 0.5)]
    towers = [box(0.36, 0.24, 0.36, (px, s * 0.56, 0.26), 0.06) for px in _WHEELBASE for s in (-1, 1)]
    ends = [box(0.12, 1.3, 0.2, (s * 1.96, 0, 0.3)) for s in (-1, 1)]
    tunnel = box(2.0, 0.26, 0.2, (-0.1, 0, 0.3), 0.08)
    return merged([box(2.3, 1.46, 0.05, (-0.1, 0, 0.26)), *longs, *crosses, *towers, *ends, tunnel])


def _sides() -> list[Mesh]:
    found = [_panel(_SIDE, 0.76, 0.85), _panel(_SIDE, -0.85, -0.76)]
    bonnet = [(1.0, 0.93), (1.92, 0.8), (1.92, 0.85), (1.0, 0.98)]
    boot = [(-2.0, 0.93), (-1.5, 0.97), (-1.5, 1.02), (-2.0, 0.98)]
    nose = [(1.94, 0.34), (2.06, 0.36), (2.08, 0.62), (1.92, 0.85)]
    tail = [(-2.08, 0.36), (-1.98, 0.36), (-1.98, 0.98), (-2.1, 0.72)]
    return [*found, *(_panel(side, -0.8, 0.8) for side in (bonnet, boot, nose, tail))]


def _panel(side: tuple[tuple[float, float], ...] | list[tuple[float, float]], left: float, right: float) -> Mesh:
    # Fanned from a point above the wheel arches, from which the whole outline can be seen.
    rings = [[(px, y, pz) for px, pz in side] for y in (right, left)]
    return lofted(rings)


def _pillars() -> list[Mesh]:
    found: list[Mesh] = []
    for s in (-1, 1):
        belt, top = s * 0.8, s * 0.6
        rail = [(px, top if 0 < k < 3 else belt, pz) for k, (px, pz) in enumerate(_ROOF)]
        found += [beam(a, b, 0.1, 0.09) for a, b in zip(rail[:-1], rail[1:], strict=True)]
        found.append(beam((-0.3, belt, 0.98), (-0.36, top, 1.43), 0.1, 0.12))
    found += [beam((px, -0.62, pz - 0.02), (px, 0.62, pz - 0.02), 0.12, 0.06) for px, pz in _ROOF[1:3]]
    return found


def _roof() -> Mesh:
    spots = [(-0.95, 1.41), (-0.6, 1.455), (-0.2, 1.47), (0.15, 1.45)]
    rings = [
        [(px, -0.62, pz - 0.05), (px, -0.3, pz), (px, 0.3, pz), (px, 0.62, pz - 0.05), (px, 0.0, pz - 0.08)]
        for px, pz in spots
    ]
    return lofted([list(reversed(ring)) for ring in reversed(rings)])
