"""Parts drawn from a CAD model: which nodes belong to which asset and joint, as meshes of the scene.

Colours of the file become tones of grey: in a scene only what is wrong has a colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.types import Part
from hmi.cad.binding import below, is_named, meant_by, node_paths, origin_of
from hmi.cad.model import CadModel, CadNode
from hmi.widgets.scene.mesh import Floats, Mesh, Vector

DARK, PALE = 0.28, 0.8
"""Below and above this brightness of its colour a node is drawn in a darker or a lighter grey."""


@dataclass(frozen=True, slots=True, eq=False)
class CadPiece:
    """Nodes drawn as one: those of one bound node, joint and tone; ``levels`` finest first."""

    bind: str
    joint: str
    tone: str
    levels: tuple[Mesh, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CadPart:
    """A model as a part wants it, in metres. ``pivots`` of its moved joints, ``above`` = the joint each hangs
    on, "" = none.
    """

    pieces: tuple[CadPiece, ...]
    pivots: dict[str, Vector]
    above: dict[str, str]


class Cad:
    """Models sorted into meshes, kept for the next scene; `keep_used` lets go of the others."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[CadModel, CadPart]] = {}
        self._used: set[tuple[object, ...]] = set()

    def of(self, part: Part, model: CadModel) -> CadPart:
        """The meshes of a part; the same objects for equal parts."""
        joints = tuple(dict.fromkeys(motion.joint for motion in part.motions if motion.joint))
        key = (id(model), part.node, part.scale, part.up, tuple(part.binds), joints)
        self._used.add(key)
        if key not in self._known:
            self._known[key] = model, sorted_nodes(part, model, joints)
        return self._known[key][1]

    def keep_used(self) -> None:
        """Forget what has not been asked for since the last call."""
        self._known = {key: kept for key, kept in self._known.items() if key in self._used}
        self._used = set()


def sorted_nodes(part: Part, model: CadModel, joints: Sequence[str]) -> CadPart:
    """Nodes below ``part.node`` by bound node, joint and tone."""
    groups: dict[tuple[str, str, str], list[CadNode]] = {}
    for node in below(model, part.node):
        bind, joint = meant_by(node.path, part.binds), meant_by(node.path, joints)
        groups.setdefault((bind, joint, tone_of(node)), []).append(node)
    pieces = [CadPiece(*key, joined_levels(nodes, part)) for key, nodes in groups.items()]
    paths = {joint: _path_of(joint, model) for joint in joints}
    above = {
        joint: meant_by(path.rpartition("/")[0], [each for each in joints if each != joint])
        for joint, path in paths.items()
    }
    pivots = {joint: _pivot(joint, model, part) for joint in joints}
    return CadPart(tuple(pieces), pivots, above)


def _path_of(joint: str, model: CadModel) -> str:
    """The path of the first node that a joint means."""
    return next((path for path in node_paths(model) if is_named(joint, path)), joint)


def tone_of(node: CadNode) -> str:
    """A grey for its colour: by brightness alone."""
    if node.colour is None:
        return "body"
    bright = float(np.dot(node.colour, (0.2126, 0.7152, 0.0722))) / 255
    return "dark" if bright < DARK else "light" if bright > PALE else "body"


def _pivot(joint: str, model: CadModel, part: Part) -> Vector:
    """What a joint turns about: the origin of its node, else the middle of what hangs on it; in metres."""
    own = origin_of(model, joint)
    if own is None:
        spots = [node.points for node in below(model, joint) if len(node.points)]
        if not spots:
            return 0.0, 0.0, 0.0
        low = np.min([each.min(axis=0) for each in spots], axis=0)
        high = np.max([each.max(axis=0) for each in spots], axis=0)
        own = tuple((low + high) / 2)
    spot = in_metres(np.array([own], np.float32), part)[0]
    return float(spot[0]), float(spot[1]), float(spot[2])


def in_metres(points: Floats, part: Part) -> Floats:
    """Points of a file in metres, z up."""
    return np.ascontiguousarray(upright(points, part) * np.float32(part.scale))


def upright(points: Floats, part: Part) -> Floats:
    """Directions of a file with z up."""
    return points if part.up == "z" else np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1)


def joined_levels(nodes: Sequence[CadNode], part: Part) -> tuple[Mesh, ...]:
    """Nodes as one mesh in each level of detail; a coarse one keeps only the points it needs."""
    points = in_metres(np.concatenate([node.points for node in nodes]), part)
    normals = np.ascontiguousarray(upright(np.concatenate([node.normals for node in nodes]), part))
    starts = np.cumsum([0, *(len(node.points) for node in nodes[:-1])])
    found: list[Mesh] = []
    for level in range(max(len(node.levels) for node in nodes)):
        picked = [
            node.levels[min(level, len(node.levels) - 1)] + start
            for node, start in zip(nodes, starts, strict=True)
            if node.levels
        ]
        triangles = np.concatenate(picked).astype(np.int32)
        if level == 0:
            found.append(Mesh(points, triangles, normals))
            continue
        used, places = np.unique(triangles, return_inverse=True)
        compact = np.ascontiguousarray(places.reshape(-1, 3).astype(np.int32))
        found.append(Mesh(points[used], compact, normals[used]))
    return tuple(found)
