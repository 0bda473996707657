"""The machines of a production line as solids: what each looks like at a given size.

Each function takes length (x), depth (y) and height (z) in metres and gives meshes by tone. The work comes
along x; a robot reaches towards +x.
"""

from __future__ import annotations

import math

from hmi.widgets.scene.mesh import (
    Mesh,
    Tones,
    Vector,
    ball,
    bar,
    beam,
    box,
    cylinder,
    domed,
    lying,
    merged,
    moved,
    pipe,
    turned,
)

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
        turned([(0.34, 0.16), (0.36, 0.2), (0.36, 0.34), (0.27, 0.5), (0.25, 0.62)], sides=18),
        box(0.52, 0.4, 0.34, (0.08, 0, 0.6), 0.08),
        _arm(shoulder, elbow, 0.19, 0.14),
        _arm((elbow[0] - 0.1, 0, elbow[2] + 0.1), hand, 0.17, 0.1),
    ]
    dark = [
        box(0.86, 0.86, 0.08, (0, 0, 0)),
        cylinder(0.37, 0.1, (0, 0, 0.08), 18),
        lying(0.2, 0.56, shoulder, sides=18),
        lying(0.16, 0.5, elbow, sides=16),
        lying(0.11, 0.3, hand, sides=12),
        lying(0.11, 0.2, (elbow[0] - 0.26, 0.0, elbow[2] + 0.13), "x", 12),
        bar(hand, tool, 0.08, 0.065, 10),
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
        6,
    )
    factor = z / 2.6
    return {"body": _scaled(merged(body), factor), "dark": _scaled(merged([*dark, hose]), factor)}


def _on(start: Vector, lean: float, length: float) -> Vector:
    angle = math.radians(lean)
    return (start[0] + length * math.sin(angle), start[1], start[2] + length * math.cos(angle))


def _arm(start: Vector, end: Vector, wide: float, narrow: float) -> Mesh:
    return merged([bar(start, end, wide, narrow, 12), ball(wide * 1.02, start, 10), ball(narrow, end, 10)])


def _gun(at: Vector, lean: float) -> list[Mesh]:
    # A C-shaped gun: a yoke across, and two electrodes that meet in front of it.
    reach = _on(at, lean, 0.42)
    side = 0.2
    return [
        beam((at[0], -side, at[2]), (at[0], side, at[2]), 0.1, 0.12),
        *(beam((at[0], s, at[2]), (reach[0], s, reach[2]), 0.07, 0.09) for s in (-side, side)),
        *(
            bar((reach[0], s, reach[2]), (reach[0], s * 0.15, reach[2]), 0.035, 0.02, 6)
            for s in (-side, side)
        ),
    ]


def _scaled(mesh: Mesh, factor: float) -> Mesh:
    return mesh if factor == 1 else Mesh(mesh.points * factor, mesh.triangles)


def press_frame(x: float, y: float, z: float) -> Tones:
    """The frame of a four-column press: table, columns, crown with the cylinder above."""
    post, crown = 0.11 * x, 0.17 * z
    columns = [
        box(post, post, z - crown, (sx * (x - post) / 2, sy * (y - post) / 2, 0))
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    return {
        "frame": merged([*columns, box(x * 0.92, y * 0.9, 0.056 * z, (0, 0, 0))]),
        "body": box(x * 1.04, y * 1.04, crown, (0, 0, z - crown), 0.06),
        "dark": merged(
            [cylinder(0.13 * x, 0.13 * z, (0, 0, z)), cylinder(0.07 * x, 0.05 * z, (0, 0, 1.13 * z))]
        ),
    }


def press_ram(x: float, y: float, z: float) -> Tones:
    """The ram of a press of this size, on its two rods."""
    ram_z, height, crown = 0.5 * z, 0.12 * z, 0.17 * z
    rods = [cylinder(0.05 * x, z - crown - ram_z, (s * 0.2 * x, 0, ram_z + height * 0.5)) for s in (-1, 1)]
    return {
        "body": merged(
            [
                box(0.68 * x, 0.72 * y, height, (0, 0, ram_z), 0.05),
                box(0.74 * x, 0.78 * y, 0.05 * z, (0, 0, ram_z - 0.05 * z)),
            ]
        ),
        "dark": merged(rods),
    }


def press(x: float, y: float, z: float) -> Tones:
    """A whole press."""
    frame, ram = press_frame(x, y, z), press_ram(x, y, z)
    return {tone: merged([mesh, ram[tone]] if tone in ram else [mesh]) for tone, mesh in frame.items()}


def gantry(x: float, y: float, z: float) -> Tones:
    """A portal of four posts with a travelling bridge and a hoist: loads and lifts."""
    post = 0.22
    posts = [
        box(post, post, z, (sx * (x - post) / 2, sy * (y - post) / 2, 0)) for sx in (-1, 1) for sy in (-1, 1)
    ]
    rails = [box(x, post, 0.28, (0, s * (y - post) / 2, z - 0.02)) for s in (-1, 1)]
    ties = [box(post * 0.7, y - post, 0.18, (s * (x - post) / 2, 0, z - 0.3)) for s in (-1, 1)]
    braces = [
        beam(
            (s * x / 2 - s * 0.1, q * (y - post) / 2, z * 0.72),
            (s * x * 0.3, q * (y - post) / 2, z),
            0.09,
            0.09,
        )
        for s in (-1, 1)
        for q in (-1, 1)
    ]
    hook = 0.52 * z
    grip = [box(0.62 * x, 0.1, 0.12, (0, s * 0.2 * y, hook)) for s in (-1, 1)] + [
        box(0.1, 0.46 * y, 0.1, (s * 0.24 * x, 0, hook + 0.06)) for s in (-1, 1)
    ]
    return {
        "frame": merged([*posts, *rails, *ties, *braces]),
        "body": merged(
            [box(0.5, y * 0.98, 0.34, (0, 0, z + 0.24)), box(0.8, 0.8, 0.4, (0, 0, z + 0.02), 0.05)]
        ),
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
    feet = [box(x, 0.3, 0.1, (0, s * (y / 2 - 0.15), 0)) for s in (-1, 1)]
    carriage = box(0.46, 0.6, 0.5, (0.1, -0.12 * y, z - 0.42), 0.05)
    feeder = (0.1 * x, y / 2 + 0.45, 0.0)
    head = (0.1, -0.12 * y, 0.52 * z)
    return {
        "frame": merged([*posts, *feet, box(0.3, y, 0.34, (0, 0, z - 0.05))]),
        "body": merged([carriage, box(0.7, 0.6, 1.1, feeder, 0.05)]),
        "dark": merged(
            [
                cylinder(0.12, z - 0.42 - head[2], head),
                turned([(0.02, -0.26), (0.06, -0.2), (0.09, 0)], head),
                pipe(
                    [
                        (feeder[0], feeder[1], 1.1),
                        (feeder[0], feeder[1], z + 0.5),
                        (0.1, 0, z + 0.55),
                        (0.1, -0.12 * y, z + 0.1),
                    ],
                    0.045,
                    10,
                ),
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
        "dark": merged(
            [
                ring,
                *rings,
                pipe([(-x / 4, 0, middle + radius * 0.9), (-x / 4, 0, z + 0.4), (-x / 2, 0, z + 0.4)], 0.09),
            ]
        ),
    }


def drill_portal(x: float, y: float, z: float) -> Tones:
    """A gantry drill over a bed: two columns on rails, cross beam, spindle, and the bed."""
    columns = [box(0.5, 0.45, z * 0.86, (0, s * (y / 2 - 0.25), 0.12)) for s in (-1, 1)]
    rails = [box(x, 0.4, 0.16, (0, s * (y / 2 - 0.25), 0)) for s in (-1, 1)]
    return {
        "frame": merged([*columns, *rails, box(x * 0.84, y * 0.5, 0.5, (0, 0, 0), 0.05)]),
        "body": merged(
            [box(0.6, y, 0.5, (0, 0, z * 0.86), 0.05), box(0.5, 0.6, 0.9, (0.45, 0, z * 0.7), 0.06)]
        ),
        "dark": merged(
            [
                cylinder(0.16, 0.5, (0.45, 0, z * 0.7 - 0.5)),
                turned([(0.015, -0.45), (0.03, -0.35), (0.08, -0.2), (0.1, 0)], (0.45, 0, z * 0.7 - 0.5)),
            ]
        ),
        "light": box(x * 0.76, y * 0.44, 0.08, (0, 0, 0.5)),
    }
