"""What of a shape moves, and how: limbs that hang on one another by joints. No VTK here.

All limbs are given where they stand while nothing has moved; a joint's position is how far it is from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from hmi.widgets.scene.mesh import Mesh, Tones, Vector, merged

JointKind = Literal["turn", "slide", "flow"]
X: Vector = (1.0, 0.0, 0.0)
Y: Vector = (0.0, 1.0, 0.0)
Z: Vector = (0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Limb:
    """``tones`` that move with ``joint`` ("" = they do not), which hangs on the joint ``parent``.

    It turns about ``axis`` through ``pivot``, slides along it, or flows: marks every ``pitch`` metres run
    along it. ``is_mark`` = drawn only where something moves it.
    """

    tones: Tones
    joint: str = ""
    parent: str = ""
    kind: JointKind = "slide"
    axis: Vector = Z
    pivot: Vector = (0.0, 0.0, 0.0)
    pitch: float = 0.0
    is_mark: bool = False


Limbs = tuple[Limb, ...]


def joint_name(text: str) -> str:
    """A joint as shapes name it: ``Axis_1`` and ``axis 1`` are the same."""
    return " ".join(text.replace("_", " ").replace("-", " ").lower().split())


def joined(tones: Iterable[Tones]) -> Tones:
    """Meshes by tone of several sets, one mesh for each tone."""
    found: dict[str, list[Mesh]] = {}
    for each in tones:
        for tone, mesh in each.items():
            found.setdefault(tone, []).append(mesh)
    return {tone: merged(meshes) for tone, meshes in found.items()}


def at_rest(limbs: Sequence[Limb]) -> Tones:
    """All that is drawn while nothing moves."""
    return joined(limb.tones for limb in limbs if not limb.is_mark)


def carried(limbs: Sequence[Limb], moved: frozenset[str]) -> dict[str, Tones]:
    """Meshes by the moved joint that carries them; those that stand still are under ""."""
    above = {limb.joint: limb.parent for limb in limbs if limb.joint}
    found: dict[str, list[Tones]] = {}
    for limb in limbs:
        if limb.is_mark and limb.joint not in moved:
            continue
        found.setdefault(carrier(limb.joint, above, moved), []).append(limb.tones)
    return {joint: joined(tones) for joint, tones in found.items()}


def carrier(joint: str, above: dict[str, str], moved: frozenset[str]) -> str:
    """The nearest moved joint from ``joint`` upwards, "" for none."""
    while joint and joint not in moved:
        joint = above.get(joint, "")
    return joint
