"""The shapes a scene knows, by name: what builds them and how large they are unless told otherwise."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

from engine.types import Part
from hmi.widgets.scene import car, machines, plant
from hmi.widgets.scene.machines import ROBOT_POSES
from hmi.widgets.scene.mesh import Tones, Vector

PIPE_M = 0.09
Build = Callable[[float, float, float], Tones]
SHAPES: dict[str, tuple[Build, Vector]] = {
    "autoclave": (machines.autoclave, (7.0, 3.4, 3.4)),
    "body": (car.body, (4.2, 1.7, 1.46)),
    "body open": (car.open_body, (4.2, 1.7, 1.46)),
    "box": (plant.plain_box, (1.6, 1.2, 1.4)),
    "cabinet": (plant.cabinet, (2.4, 0.8, 2.1)),
    "clamp": (machines.clamp_frame, (3.4, 3.4, 2.2)),
    "compressor": (plant.compressor, (2.4, 1.4, 1.8)),
    "conveyor": (plant.conveyor, (5.0, 1.5, 0.62)),
    "cooler": (plant.cooler, (2.6, 1.4, 1.9)),
    "drill": (machines.drill_portal, (5.0, 3.6, 3.4)),
    "dryer": (plant.dryer, (1.9, 1.2, 2.3)),
    "fence": (plant.fence, (4.5, 0.08, 1.9)),
    "floor": (plant.floor, (20.0, 10.0, 0.02)),
    "gantry": (machines.gantry, (3.6, 3.6, 3.3)),
    "hydraulic unit": (plant.hydraulic_unit, (1.5, 1.0, 1.6)),
    "portal": (machines.portal, (2.8, 3.4, 2.9)),
    "press": (machines.press, (3.4, 3.0, 4.2)),
    "press frame": (machines.press_frame, (3.4, 3.0, 4.2)),
    "press ram": (machines.press_ram, (3.4, 3.0, 4.2)),
    "pump": (plant.pump, (1.5, 0.7, 0.9)),
    "robot": (machines.robot, (1.2, 1.0, 2.6)),
    "stud gun": (machines.stud_gun, (2.4, 3.4, 2.7)),
    "tank": (plant.tank, (1.6, 1.6, 3.2)),
    "transformer": (plant.transformer, (2.2, 1.6, 2.2)),
    "underbody": (car.underbody, (4.2, 1.7, 0.62)),
    "zone": (plant.zone, (4.7, 6.6, 0.02)),
}
OTHER_NAMES = {
    "chiller": "cooler",
    "clamp frame": "clamp",
    "drilling": "drill",
    "fan": "cooler",
    "furnace": "autoclave",
    "heat exchanger": "cooler",
    "hydraulics": "hydraulic unit",
    "inspection": "portal",
    "lift": "gantry",
    "motor": "pump",
    "switchgear": "cabinet",
    "vessel": "tank",
    "weld gun": "robot",
}
"""Other words for a shape; among them the symbols of resources/symbols/equipment."""
FLAT = ("floor", "zone")
"""Ground, which casts no shadow and is no machine."""


def known(shape: str) -> str:
    """The name under which a shape is drawn: itself, another word for it, or a plain box."""
    word = shape.replace("-", " ").replace("_", " ")
    name = OTHER_NAMES.get(word, word)
    return name if name in SHAPES or name == "pipe" else "box"


def size_of(part: Part) -> Vector:
    """Length, depth and height of a part that is no pipe, in metres."""
    return part.size or SHAPES.get(known(part.shape), SHAPES["box"])[1]


def pose_of(part: Part) -> int:
    """Robots stand in different poses, each always in the same one: it follows from where it stands."""
    return round(part.at[0] * 7 + part.at[1] * 3) % len(ROBOT_POSES) if known(part.shape) == "robot" else 0


def built(part: Part) -> Tones:
    """The meshes of a part by tone, standing at the origin; the same objects for equal parts."""
    name = known(part.shape)
    if name == "pipe":
        return _pipe(part.points, part.size[0] if part.size else PIPE_M)
    return _solid(name, size_of(part), pose_of(part))


@lru_cache(maxsize=512)
def _solid(name: str, size: Vector, pose: int) -> Tones:
    build = partial(machines.robot, pose=pose) if name == "robot" else SHAPES[name][0]
    return build(*size)


@lru_cache(maxsize=512)
def _pipe(points: tuple[Vector, ...], radius: float) -> Tones:
    return plant.piping(points, radius) if len(points) > 1 else {}
