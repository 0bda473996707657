"""The shapes a scene knows, by name: what builds them and how large they are unless told otherwise."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from engine.types import Part
from hmi.widgets.scene import car, machines, moving, plant
from hmi.widgets.scene.limbs import Limb, Limbs, at_rest, carried, joint_name
from hmi.widgets.scene.mesh import Tones, Vector
from hmi.widgets.scene.robot import ROBOT_POSES, robot_limbs

PIPE_M = 0.09
Build = Callable[[float, float, float], Tones | Limbs]
SHAPES: dict[str, tuple[Build, Vector]] = {
    "autoclave": (machines.autoclave, (7.0, 3.4, 3.4)),
    "body": (car.body, (4.2, 1.7, 1.46)),
    "body open": (car.open_body, (4.2, 1.7, 1.46)),
    "box": (plant.plain_box, (1.6, 1.2, 1.4)),
    "cabinet": (plant.cabinet, (2.4, 0.8, 2.1)),
    "clamp": (machines.clamp_frame, (3.4, 3.4, 2.2)),
    "compressor": (plant.compressor, (2.4, 1.4, 1.8)),
    "conveyor": (moving.conveyor_limbs, (5.0, 1.5, 0.62)),
    "cooler": (plant.cooler, (2.6, 1.4, 1.9)),
    "drill": (moving.drill_limbs, (5.0, 3.6, 3.4)),
    "dryer": (plant.dryer, (1.9, 1.2, 2.3)),
    "fence": (plant.fence, (4.5, 0.08, 1.9)),
    "floor": (plant.floor, (20.0, 10.0, 0.02)),
    "gantry": (moving.gantry_limbs, (3.6, 3.6, 3.3)),
    "hydraulic unit": (plant.hydraulic_unit, (1.5, 1.0, 1.6)),
    "portal": (machines.portal, (2.8, 3.4, 2.9)),
    "press": (moving.press_limbs, (3.4, 3.0, 4.2)),
    "press frame": (machines.press_frame, (3.4, 3.0, 4.2)),
    "press ram": (moving.ram_limbs, (3.4, 3.0, 4.2)),
    "pump": (plant.pump, (1.5, 0.7, 0.9)),
    "robot": (robot_limbs, (1.2, 1.0, 2.6)),
    "stud gun": (moving.stud_gun_limbs, (2.4, 3.4, 2.7)),
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
    """Robots stand in different poses, each always in the same one: it follows from where it stands.

    Those that are moved by tags begin alike, so that the same angles mean the same.
    """
    if known(part.shape) != "robot" or any(motion.joint for motion in part.motions):
        return 0
    return round(part.at[0] * 7 + part.at[1] * 3) % len(ROBOT_POSES)


def joints_of(shape: str) -> tuple[str, ...]:
    """The joints of a shape that a motion can name, from its foot on."""
    name = known(shape)
    if name == "pipe":
        return ()
    return tuple(limb.joint for limb in _limbs(name, SHAPES[name][1], 0) if limb.joint)


def limbs_of(part: Part) -> Limbs:
    """The limbs of a part, standing at the origin; the same objects for equal parts."""
    name = known(part.shape)
    if name == "pipe":
        return (Limb(_pipe(part.points, part.size[0] if part.size else PIPE_M)),)
    return _limbs(name, size_of(part), pose_of(part))


def built(part: Part) -> Tones:
    """The meshes of a part by tone at rest, standing at the origin; the same objects for equal parts."""
    return _at_rest(limbs_of(part))


def built_moving(part: Part) -> dict[str, Tones]:
    """The meshes of a part by the joint that carries them, "" = by none; the same objects for equal parts."""
    limbs = limbs_of(part)
    moved = moved_joints(part)
    return _carried(limbs, moved) if moved else {"": built(part)}


def moved_joints(part: Part) -> frozenset[str]:
    """The joints of its shape that a part's motions name."""
    names = {joint_name(motion.joint) for motion in part.motions} | {
        motion.kind for motion in part.motions if motion.kind == "flow" and not motion.joint
    }
    return frozenset(names & {limb.joint for limb in limbs_of(part) if limb.joint})


@lru_cache(maxsize=512)
def _limbs(name: str, size: Vector, pose: int) -> Limbs:
    made = robot_limbs(*size, pose=pose) if name == "robot" else SHAPES[name][0](*size)
    return made if isinstance(made, tuple) else (Limb(made),)


@lru_cache(maxsize=512)
def _at_rest(limbs: Limbs) -> Tones:
    return limbs[0].tones if len(limbs) == 1 else at_rest(limbs)


@lru_cache(maxsize=512)
def _carried(limbs: Limbs, moved: frozenset[str]) -> dict[str, Tones]:
    return carried(limbs, moved)


@lru_cache(maxsize=512)
def _pipe(points: tuple[Vector, ...], radius: float) -> Tones:
    return plant.piping(points, radius) if len(points) > 1 else {}


@lru_cache(maxsize=64)
def outline(size: Vector) -> Tones:
    """The edges of a box: where something stands that cannot be drawn yet."""
    return plant.outline(*size)
