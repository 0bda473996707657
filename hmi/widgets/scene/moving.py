"""Machines with something that travels, as limbs: press, gantry, stud gun, drill, conveyor.

Sizes as in `hmi.widgets.scene.machines`.
"""

from __future__ import annotations

from hmi.widgets.scene import plant
from hmi.widgets.scene.limbs import Limb, Limbs, X, Y, Z
from hmi.widgets.scene.machines import press_frame, press_ram
from hmi.widgets.scene.mesh import Vector, beam, box, cylinder, merged, pipe, turned

SLAT_M = 0.5


def press_limbs(x: float, y: float, z: float) -> Limbs:
    """A whole press; ``ram`` slides up."""
    return Limb(press_frame(x, y, z)), Limb(press_ram(x, y, z), "ram", "", "slide", Z)


def ram_limbs(x: float, y: float, z: float) -> Limbs:
    """The ram of a press of this size alone."""
    return (Limb(press_ram(x, y, z), "ram", "", "slide", Z),)


def gantry_limbs(x: float, y: float, z: float) -> Limbs:
    """A portal of four posts; its ``bridge`` travels along, the ``carriage`` across, the ``lift`` up."""
    post = 0.22
    posts = [
        box(post, post, z, (sx * (x - post) / 2, sy * (y - post) / 2, 0)) for sx in (-1, 1) for sy in (-1, 1)
    ]
    rails = [box(x, post, 0.28, (0, s * (y - post) / 2, z - 0.02)) for s in (-1, 1)]
    ties = [box(post * 0.7, y - post, 0.18, (s * (x - post) / 2, 0, z - 0.3)) for s in (-1, 1)]
    feet = [
        box(0.46, 0.46, 0.05, (sx * (x - post) / 2, sy * (y - post) / 2, 0))
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
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
    return (
        Limb({"frame": merged([*posts, *rails, *ties, *braces]), "dark": merged(feet)}),
        Limb({"body": box(0.5, y * 0.98, 0.34, (0, 0, z + 0.24))}, "bridge", "", "slide", X),
        Limb({"body": box(0.8, 0.8, 0.4, (0, 0, z + 0.02), 0.05)}, "carriage", "bridge", "slide", Y),
        Limb(
            {"dark": merged([cylinder(0.09, z - hook, (0, 0, hook)), *grip])}, "lift", "carriage", "slide", Z
        ),
    )


def stud_gun_limbs(x: float, y: float, z: float) -> Limbs:
    """A portal with a stud welding ``head`` on a ``carriage``, its feeder beside it."""
    posts = [box(0.24, 0.24, z, (0, s * (y / 2 - 0.12), 0)) for s in (-1, 1)]
    feet = [box(x, 0.3, 0.1, (0, s * (y / 2 - 0.15), 0)) for s in (-1, 1)]
    carriage = box(0.46, 0.6, 0.5, (0.1, -0.12 * y, z - 0.42), 0.05)
    feeder = (0.1 * x, y / 2 + 0.45, 0.0)
    head: Vector = (0.1, -0.12 * y, 0.52 * z)
    hose: list[Vector] = [
        (feeder[0], feeder[1], 1.1),
        (feeder[0], feeder[1], z + 0.5),
        (0.1, 0.0, z + 0.55),
        (0.1, -0.12 * y, z + 0.1),
    ]
    tip = turned([(0.02, -0.26), (0.06, -0.2), (0.09, 0)], head)
    return (
        Limb(
            {
                "frame": merged([*posts, *feet, box(0.3, y, 0.34, (0, 0, z - 0.05))]),
                "body": box(0.7, 0.6, 1.1, feeder, 0.05),
                "dark": pipe(hose, 0.045, 10),
            }
        ),
        Limb({"body": carriage}, "carriage", "", "slide", Y),
        Limb(
            {"dark": merged([cylinder(0.12, z - 0.42 - head[2], head), tip])}, "head", "carriage", "slide", Z
        ),
    )


def drill_limbs(x: float, y: float, z: float) -> Limbs:
    """A gantry drill over a bed: ``bridge`` travels along, ``carriage`` across, ``spindle`` up."""
    columns = [box(0.5, 0.45, z * 0.86, (0, s * (y / 2 - 0.25), 0.12)) for s in (-1, 1)]
    rails = [box(x, 0.4, 0.16, (0, s * (y / 2 - 0.25), 0)) for s in (-1, 1)]
    nose = (0.45, 0.0, z * 0.7 - 0.5)
    bit = turned([(0.015, -0.45), (0.03, -0.35), (0.08, -0.2), (0.1, 0)], nose)
    return (
        Limb(
            {
                "frame": merged([*rails, box(x * 0.84, y * 0.5, 0.5, (0, 0, 0), 0.05)]),
                "light": box(x * 0.76, y * 0.44, 0.08, (0, 0, 0.5)),
            }
        ),
        Limb(
            {"frame": merged(columns), "body": box(0.6, y, 0.5, (0, 0, z * 0.86), 0.05)},
            "bridge",
            "",
            "slide",
            X,
        ),
        Limb({"body": box(0.5, 0.6, 0.9, (0.45, 0, z * 0.7), 0.06)}, "carriage", "bridge", "slide", Y),
        Limb({"dark": merged([cylinder(0.16, 0.5, nose), bit])}, "spindle", "carriage", "slide", Z),
    )


def conveyor_limbs(x: float, y: float, z: float) -> Limbs:
    """A roller conveyor; slats on it run along where something makes them ``flow``."""
    count = max(1, int((x - 0.4) / SLAT_M))
    first = -count * SLAT_M / 2
    slats = [box(0.14, y - 0.46, 0.03, (first + SLAT_M * k, 0, z - 0.01), 0.0) for k in range(count)]
    return (
        Limb(plant.conveyor(x, y, z)),
        Limb({"light": merged(slats)}, "flow", "", "flow", X, pitch=SLAT_M, is_mark=True),
    )
