"""Utilities, transport and ground of a plant as solids; sizes as in `hmi.widgets.scene.machines`."""

from __future__ import annotations

from collections.abc import Sequence

from hmi.widgets.scene.mesh import (
    Mesh,
    Tones,
    Vector,
    box,
    cylinder,
    domed,
    lying,
    merged,
    moved,
    pipe,
    turned,
)

BORDER_M, DASH_M = 0.07, 0.55


def conveyor(x: float, y: float, z: float) -> Tones:
    """Two rails on legs with rollers between them."""
    rails = [box(x, 0.12, 0.22, (0, s * (y / 2 - 0.06), z - 0.24)) for s in (-1, 1)]
    legs_apart, rollers_apart = 2.0, 0.5
    legs = [box(0.12, y * 0.94, z - 0.22, (k, 0, 0), 0.02) for k in _spread(x - 0.4, legs_apart)]
    rollers = [lying(0.055, y - 0.2, (k, 0, z - 0.06), "y", 8) for k in _spread(x - 0.4, rollers_apart)]
    return {"frame": merged([*rails, *legs]), "dark": merged(rollers)}


def _spread(length: float, apart: float) -> list[float]:
    count = max(1, round(length / apart))
    return [-length / 2 + length * k / count for k in range(count + 1)]


def hydraulic_unit(x: float, y: float, z: float) -> Tones:
    """An oil tank with motor, pump and accumulators on it."""
    tank = 0.52 * z
    stand = 0.08 * z
    motor = tank + stand + 0.16 * z
    return {
        "body": merged(
            [
                box(x, y, tank, (0, 0, stand), 0.05),
                domed(0.13 * y, 0.42 * z, (0.34 * x, 0.24 * y, tank + stand), 20),
                domed(0.13 * y, 0.42 * z, (0.34 * x, -0.08 * y, tank + stand), 20),
            ]
        ),
        "dark": merged(
            [
                box(x * 0.92, y * 0.92, stand, (0, 0, 0)),
                lying(0.15 * z, 0.36 * x, (-0.16 * x, 0.12 * y, motor), "x", 24),
                lying(0.1 * z, 0.16 * x, (-0.42 * x, 0.12 * y, motor), "x", 20),
                box(0.2 * x, 0.3 * y, 0.2 * z, (0.08 * x, -0.28 * y, tank + stand), 0.02),
                pipe(
                    [
                        (-0.42 * x, 0.12 * y, motor),
                        (-0.42 * x, -0.3 * y, motor),
                        (0.08 * x, -0.3 * y, motor + 0.06),
                        (0.34 * x, -0.3 * y, motor + 0.06),
                        (0.34 * x, -0.08 * y, tank + stand + 0.4 * z),
                    ],
                    0.035,
                    10,
                ),
            ]
        ),
    }


def tank(x: float, y: float, z: float) -> Tones:
    """A standing vessel with dished ends on a skirt."""
    radius = min(x, y) / 2
    foot = 0.12 * z
    return {
        "body": domed(radius, z - foot, (0, 0, foot), 36),
        "dark": merged(
            [
                turned([(radius * 0.82, 0), (radius * 0.82, foot + 0.3 * radius)], sides=36),
                cylinder(0.1 * radius, 0.16, (0, 0, z - 0.03)),
                box(0.3 * radius, 0.1, 0.24, (0, -radius, 0.45 * z), 0.02),
            ]
        ),
    }


def compressor(x: float, y: float, z: float) -> Tones:
    """A housed screw compressor: panel, air intake, cooler on top."""
    return {
        "body": box(x, y, z * 0.9, (0, 0, 0.06 * z), 0.07),
        "dark": merged(
            [
                box(x * 0.96, y * 0.94, 0.06 * z, (0, 0, 0)),
                *_louvres(0.32 * x, 0.5 * z, (-0.26 * x, -y / 2 - 0.01, 0.24 * z)),
                box(0.22 * x, 0.05, 0.28 * z, (0.3 * x, -y / 2, 0.5 * z), 0.02),
                cylinder(0.3 * min(x, y), 0.08 * z, (0.2 * x, 0, 0.95 * z)),
            ]
        ),
        "frame": box(0.02, y * 1.01, z * 0.86, (0.06 * x, 0, 0.08 * z), 0.0),
    }


def _louvres(width: float, height: float, at: Vector, count: int = 6) -> list[Mesh]:
    step = height / count
    return [box(width, 0.05, step * 0.55, (at[0], at[1], at[2] + k * step), 0.0) for k in range(count)]


def dryer(x: float, y: float, z: float) -> Tones:
    """Two adsorption columns on a frame, joined above and below."""
    radius = min(0.22 * x, 0.45 * y)
    places = [(s * 0.26 * x, 0.0, 0.12 * z) for s in (-1, 1)]
    joints = [
        pipe(
            [
                (-0.26 * x, 0, level),
                (-0.26 * x, -0.6 * y, level),
                (0.26 * x, -0.6 * y, level),
                (0.26 * x, 0, level),
            ],
            0.05,
        )
        for level in (0.12 * z, z * 0.99)
    ]
    return {
        "body": merged([domed(radius, 0.86 * z, at, 28) for at in places]),
        "frame": box(x, y, 0.1 * z, (0, 0, 0)),
        "dark": merged([*joints, box(0.26 * x, 0.2 * y, 0.4 * z, (0, -0.36 * y, 0.34 * z))]),
    }


def pump(x: float, y: float, z: float) -> Tones:
    """Motor, coupling and volute on a base plate."""
    middle = 0.52 * z
    radius = 0.34 * z
    return {
        "body": merged(
            [
                lying(radius, 0.48 * x, (0.2 * x, 0, middle), "x", 24),
                lying(radius * 1.12, 0.2 * x, (-0.3 * x, 0, middle), "x", 28),
            ]
        ),
        "dark": merged(
            [
                box(x, y, 0.12 * z, (0, 0, 0)),
                box(0.4 * x, 0.5 * y, middle - radius * 0.7, (0.2 * x, 0, 0.1 * z)),
                lying(radius * 0.4, 0.2 * x, (-0.1 * x, 0, middle), "x", 16),
                cylinder(radius * 0.4, 0.4 * z, (-0.3 * x, 0, middle + radius * 0.8)),
                cylinder(radius * 0.62, 0.06 * z, (-0.3 * x, 0, z * 0.98)),
            ]
        ),
    }


def cooler(x: float, y: float, z: float) -> Tones:
    """A heat exchanger with fans above a finned block."""
    fans = max(1, round(x / max(0.4, y)))
    places = [(-x / 2 + x * (k + 0.5) / fans, 0.0, 0.86 * z) for k in range(fans)]
    radius = 0.4 * min(y, x / fans)
    legs = [
        box(0.12, 0.12, 0.24 * z, (sx * (x / 2 - 0.1), sy * (y / 2 - 0.1), 0))
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    return {
        "body": box(x, y, 0.62 * z, (0, 0, 0.24 * z), 0.04),
        "frame": merged(legs),
        "dark": merged(
            [
                *(
                    turned(
                        [
                            (radius * 1.06, 0),
                            (radius, 0.12 * z),
                            (radius * 0.86, 0.12 * z),
                            (radius * 0.86, 0.02),
                        ],
                        at,
                    )
                    for at in places
                ),
                *(cylinder(radius * 0.22, 0.1 * z, at, 16) for at in places),
                *_louvres(0.92 * x, 0.44 * z, (0, -y / 2 - 0.01, 0.33 * z), 7),
            ]
        ),
    }


def cabinet(x: float, y: float, z: float) -> Tones:
    """Switchgear: a row of doors on a plinth."""
    doors = max(1, round(x / 0.8))
    width = x / doors
    return {
        "body": merged(
            [
                box(width - 0.02, y, z - 0.12, (-x / 2 + width * (k + 0.5), 0, 0.12), 0.025)
                for k in range(doors)
            ]
        ),
        "dark": merged(
            [
                box(x, y * 0.96, 0.12, (0, 0, 0)),
                *(
                    box(0.04, 0.05, 0.26, (-x / 2 + width * (k + 0.86), -y / 2, 0.52 * z), 0.01)
                    for k in range(doors)
                ),
                *(
                    mesh
                    for k in range(doors)
                    for mesh in _louvres(
                        0.5 * width, 0.16 * z, (-x / 2 + width * (k + 0.45), -y / 2, 0.76 * z), 3
                    )
                ),
            ]
        ),
    }


def transformer(x: float, y: float, z: float) -> Tones:
    """A tank with cooling fins and three bushings."""
    fins = [
        box(0.05, 0.16 * y, 0.5 * z, (-0.4 * x + 0.8 * x * k / 11, s * 0.42 * y, 0.16 * z), 0.01)
        for k in range(12)
        for s in (-1, 1)
    ]
    bushings = [
        turned(
            [(0.09, 0), (0.13, 0.04), (0.07, 0.1), (0.11, 0.15), (0.06, 0.2), (0.09, 0.25), (0.04, 0.3)],
            (k * 0.26 * x, 0, 0.74 * z),
        )
        for k in (-1, 0, 1)
    ]
    return {
        "body": merged(
            [
                box(0.9 * x, 0.68 * y, 0.64 * z, (0, 0, 0.1 * z), 0.05),
                lying(0.12 * z, 0.5 * x, (0.1 * x, 0.26 * y, 0.9 * z), "x"),
            ]
        ),
        "dark": merged([box(x, 0.76 * y, 0.1 * z, (0, 0, 0)), *fins]),
        "frame": merged(bushings),
    }


def plain_box(x: float, y: float, z: float) -> Tones:
    """A machine nobody has drawn yet."""
    return {"body": box(x, y, z, bevel=0.05), "dark": box(0.98 * x, 0.98 * y, 0.06, (0, 0, 0))}


def floor(x: float, y: float, z: float) -> Tones:
    """A patch of ground."""
    return {"ground": moved(box(x, y, 0.02, bevel=0.005), (0, 0, 0.002))}


def zone(x: float, y: float, z: float) -> Tones:
    """The ground of one unit with a dashed border; solid lines would read as walls."""
    dashes: list[Mesh] = []
    for s in (-1, 1):
        dashes += [_line(k, s * y / 2, DASH_M, BORDER_M) for k in _spread(x - DASH_M, 2 * DASH_M)]
        dashes += [_line(s * x / 2, k, BORDER_M, DASH_M) for k in _spread(y - DASH_M, 2 * DASH_M)]
    return {"zone": moved(box(x, y, 0.02, bevel=0.005), (0, 0, 0.01)), "border": merged(dashes)}


def _line(x: float, y: float, length: float, depth: float) -> Mesh:
    return box(length, depth, 0.012, (x, y, 0.026), 0.0)


def fence(x: float, y: float, z: float) -> Tones:
    """Posts with a mesh of thin bars between them, along x."""
    posts = [box(0.08, 0.08, z, (k, 0, 0), 0.01) for k in _spread(x, 1.5)]
    wires = [box(x, 0.025, 0.025, (0, 0, level * z), 0.0) for level in (0.12, 0.34, 0.56, 0.78, 0.98)]
    return {"frame": merged([*posts, *wires])}


def piping(points: Sequence[Vector], radius: float) -> Tones:
    """A pipe with flanges where it begins and ends."""
    return {"pipe": pipe(points, radius)}


def outline(x: float, y: float, z: float) -> Tones:
    """The edges of a box that stands for what is still being read."""
    thick = 0.02 * max(x, y, z)
    edges = [box(x, thick, thick, (0, s * y / 2, level)) for s in (-1, 1) for level in (0.0, z - thick)]
    edges += [box(thick, y, thick, (s * x / 2, 0, level)) for s in (-1, 1) for level in (0.0, z - thick)]
    edges += [box(thick, thick, z, (sx * x / 2, sy * y / 2, 0)) for sx in (-1, 1) for sy in (-1, 1)]
    return {"frame": merged(edges)}
