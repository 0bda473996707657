"""The machines of a production line as solids: what each looks like at a given size.

Each function takes length (x), depth (y) and height (z) in metres and gives meshes by tone. The work comes
along x; a robot reaches towards +x.
"""

from __future__ import annotations

from hmi.widgets.scene.mesh import (
    Mesh,
    Tones,
    bar,
    beam,
    box,
    cylinder,
    domed,
    lying,
    merged,
    moved,
    pipe,
)


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
