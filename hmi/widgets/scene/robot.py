"""A six-axis robot as a chain of limbs: column, lower arm, forearm, wrist, hand and tool."""

from __future__ import annotations

import math

from hmi.widgets.scene.limbs import Limb, Limbs, Y, Z
from hmi.widgets.scene.mesh import (
    Mesh,
    Tones,
    Vector,
    ball,
    bar,
    beam,
    box,
    cylinder,
    lying,
    merged,
    moved,
    pipe,
    turned,
)

ROBOT_POSES = ((22.0, 58.0, 8.0), (12.0, 44.0, 30.0), (34.0, 74.0, -4.0), (4.0, 38.0, 34.0))
"""Lean of the lower arm forward, of the upper arm below the upright, and of the wrist; degrees."""
DRAWN_M = 2.6
SHOULDER: Vector = (0.16, 0.0, 0.88)


def robot_limbs(x: float, y: float, z: float, pose: int = 0) -> Limbs:
    """Joints ``axis 1`` … ``axis 6`` from the foot to the tool, drawn for 2.6 m and scaled to ``z``."""
    lean, drop, wrist = ROBOT_POSES[pose % len(ROBOT_POSES)]
    down, bent = lean + drop, lean + drop + 42 + wrist
    elbow = _on(SHOULDER, lean, 1.12)
    knee: Vector = (elbow[0], 0.0, elbow[2] + 0.1)
    hand = _on(knee, down, 1.02)
    middle = _on(knee, down, 0.36)
    tool = _on(hand, bent, 0.34)
    factor = z / DRAWN_M
    forward, out = _way(down), _way(bent)
    limbs = (
        Limb(_foot()),
        Limb(_column(), "axis 1", "", "turn", Z, (0.0, 0.0, 0.0)),
        Limb(_lower(elbow), "axis 2", "axis 1", "turn", Y, SHOULDER),
        Limb(_elbow(elbow, middle), "axis 3", "axis 2", "turn", Y, elbow),
        Limb(_forearm(middle, hand), "axis 4", "axis 3", "turn", forward, middle),
        Limb(_wrist(hand, tool), "axis 5", "axis 4", "turn", Y, hand),
        Limb({"dark": merged(_gun(tool, bent))}, "axis 6", "axis 5", "turn", out, tool),
    )
    return tuple(_scaled(limb, factor) for limb in limbs)


def _scaled(limb: Limb, factor: float) -> Limb:
    pivot = (limb.pivot[0] * factor, limb.pivot[1] * factor, limb.pivot[2] * factor)
    tones = {tone: Mesh(mesh.points * factor, mesh.triangles) for tone, mesh in limb.tones.items()}
    return Limb(tones, limb.joint, limb.parent, limb.kind, limb.axis, pivot)


def _way(lean: float) -> Vector:
    return math.sin(math.radians(lean)), 0.0, math.cos(math.radians(lean))


def _on(start: Vector, lean: float, length: float) -> Vector:
    way = _way(lean)
    return start[0] + length * way[0], start[1], start[2] + length * way[2]


def _foot() -> Tones:
    bolts = [cylinder(0.03, 0.05, (sx * 0.36, sy * 0.36, 0.08)) for sx in (-1, 1) for sy in (-1, 1)]
    return {
        "dark": merged([box(0.86, 0.86, 0.08, (0, 0, 0)), cylinder(0.37, 0.1, (0, 0, 0.08), 18), *bolts]),
        "body": turned([(0.34, 0.16), (0.36, 0.2), (0.36, 0.32)], sides=18),
    }


def _column() -> Tones:
    cheeks = [box(0.5, 0.11, 0.46, (SHOULDER[0] - 0.05, s * 0.24, 0.6), 0.07) for s in (-1, 1)]
    return {
        "body": merged(
            [
                turned([(0.36, 0.33), (0.36, 0.36), (0.29, 0.5), (0.27, 0.62)], sides=18),
                box(0.56, 0.4, 0.22, (0.06, 0, 0.5), 0.08),
                *cheeks,
            ]
        ),
        "dark": merged(
            [lying(0.17, 0.64, SHOULDER, sides=18), lying(0.12, 0.34, (-0.28, 0.0, 0.72), "x", 12)]
        ),
    }


def _arm(start: Vector, end: Vector, wide: float, narrow: float) -> Mesh:
    return merged([bar(start, end, wide, narrow, 12), ball(wide * 1.02, start, 10), ball(narrow, end, 10)])


def _lower(elbow: Vector) -> Tones:
    hose = pipe(
        [
            (SHOULDER[0] - 0.3, 0.2, SHOULDER[2] + 0.02),
            (elbow[0] - 0.42, 0.22, elbow[2] * 0.76),
            (elbow[0] - 0.26, 0.22, elbow[2] + 0.02),
        ],
        0.035,
        6,
    )
    return {
        "body": _arm(SHOULDER, elbow, 0.19, 0.145),
        "dark": merged([lying(0.165, 0.5, elbow, sides=16), hose]),
    }


def _elbow(elbow: Vector, middle: Vector) -> Tones:
    back: Vector = (elbow[0] - 0.1, 0.0, elbow[2] + 0.1)
    hose = pipe(
        [
            (elbow[0] - 0.26, 0.22, elbow[2] + 0.04),
            (elbow[0] - 0.2, 0.22, elbow[2] + 0.36),
            (middle[0], 0.16, middle[2] + 0.24),
        ],
        0.035,
        6,
    )
    motor = lying(0.11, 0.2, (elbow[0] - 0.26, 0.0, elbow[2] + 0.13), "x", 12)
    return {"body": _arm(back, middle, 0.175, 0.14), "dark": merged([motor, hose])}


def _forearm(middle: Vector, hand: Vector) -> Tones:
    return {
        "body": merged([bar(middle, hand, 0.135, 0.1, 12), ball(0.1, hand, 10)]),
        "dark": lying(0.11, 0.3, hand, sides=12),
    }


def _wrist(hand: Vector, tool: Vector) -> Tones:
    return {"dark": bar(hand, tool, 0.08, 0.065, 10)}


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
        moved(cylinder(0.1, 0.1, sides=12), at, tilt=lean),
    ]
