"""A scene ready to be drawn: every mesh once, with what it hangs on and whose part it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.types import Part, Place
from hmi.cad.model import CadModel
from hmi.widgets.scene.cad_parts import Cad, CadPart
from hmi.widgets.scene.camera import corners
from hmi.widgets.scene.limbs import X, Y, Z, carrier, joint_name
from hmi.widgets.scene.mesh import Floats, Mesh, Tones, Vector
from hmi.widgets.scene.poses import Chain, Links, Pose, about, matrices, posed
from hmi.widgets.scene.shapes import FLAT, built_moving, known, limbs_of, moved_joints, outline, size_of

AXES: Mapping[str, Vector] = {"x": X, "y": Y, "z": Z}
GHOST_SIZE: Vector = (2.0, 2.0, 2.0)
MOST_SPOTS = 2_000_000
"""Points of a piece that are placed at once when boxes are measured; above, the corners of its box do."""
NO_MODELS: Mapping[str, CadModel] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Meshes of one thing in one tone, finest first, drawn once for each of ``owners`` int32[k] (items).

    ``links`` int32[k] are the rows of `Links` that carry the copies.
    """

    tone: str
    levels: tuple[Mesh, ...]
    owners: NDArray[np.int32]
    links: NDArray[np.int32]

    @property
    def mesh(self) -> Mesh:
        """In full detail."""
        return self.levels[0]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """``parts`` as given and their pieces.

    What has a look of its own is an item: every part (item n is part n), then every bound node of a model.
    ``assets`` and ``part_of`` int32[items] name its asset and its part, ``boxes`` float32[items, 2, 3] is
    where it stands at rest. ``motions`` = how many numbers move it.
    """

    parts: tuple[Part, ...]
    pieces: tuple[Piece, ...]
    boxes: Floats
    assets: tuple[str, ...]
    part_of: NDArray[np.int32]
    links: Links
    rest: Pose
    motions: int
    ghosts: NDArray[np.bool_]

    def of(self, paths: Sequence[str]) -> NDArray[np.bool_]:
        """bool[items]: what stands for one of these assets or for something below it."""
        wanted = [
            any(asset == path or asset.startswith(f"{path}/") for path in paths) for asset in self.assets
        ]
        return np.array(wanted, np.bool_)

    def solid(self) -> NDArray[np.bool_]:
        """bool[items]: what is more than ground."""
        flat = np.array([known(part.shape) in FLAT for part in self.parts], np.bool_)
        return ~flat[self.part_of] if len(flat) else flat

    def bounds(self, chosen: NDArray[np.bool_] | None = None) -> Floats:
        """float32[2, 3]: the box around the chosen items, or around all that is more than ground."""
        mask = self.solid() if chosen is None else chosen
        boxes = self.boxes[mask] if mask.any() else self.boxes
        if not len(boxes):
            return np.array([[-1, -1, 0], [1, 1, 1]], np.float32)
        return np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])


@dataclass(slots=True)
class _Build:
    """A scene while it is put together."""

    chain: Chain = field(default_factory=Chain)
    assets: list[str] = field(default_factory=list[str])
    part_of: list[int] = field(default_factory=list[int])
    found: dict[tuple[int, str], tuple[tuple[Mesh, ...], list[int], list[int]]] = field(
        default_factory=dict[tuple[int, str], tuple[tuple[Mesh, ...], list[int], list[int]]]
    )

    def add(self, tone: str, levels: tuple[Mesh, ...], item: int, link: int) -> None:
        if len(levels[0].triangles):
            kept = self.found.setdefault((id(levels[0]), tone), (levels, [], []))
            kept[1].append(item)
            kept[2].append(link)


def scene_of(
    parts: Sequence[Part], models: Mapping[str, CadModel] = NO_MODELS, cad: Cad | None = None
) -> Scene:
    """Sort parts into pieces: what is equal is kept once and drawn many times.

    ``models`` by file; a part whose model is not there, or could not be read, is an outline.
    """
    made = _Build()
    made.assets = [part.asset for part in parts]
    made.part_of = list(range(len(parts)))
    cad = cad or Cad()
    ghosts = np.zeros(len(parts), np.bool_)
    first = 0
    for number, part in enumerate(parts):
        foot = made.chain.foot(number, part.at, part.turn)
        root = _whole(made.chain, part, foot, first)
        model = models.get(part.file) if part.shape == "model" else None
        if model is not None and model.nodes and not model.problem:
            _add_model(made, part, number, root, first, cad.of(part, model))
        elif part.shape == "model":
            ghosts[number] = True
            _add_tones(made, outline(part.size or GHOST_SIZE), number, root)
        else:
            _add_shape(made, part, number, root, first)
        first += len(part.motions)
    cad.keep_used()
    links = made.chain.done()
    pieces = [
        Piece(tone, levels, np.array(items, np.int32), np.array(rows, np.int32))
        for (_, tone), (levels, items, rows) in made.found.items()
    ]
    rest = posed(links, np.zeros(first))
    part_of = np.array(made.part_of, np.int32)
    boxes = _boxes(parts, pieces, rest, part_of)
    return Scene(
        tuple(parts), tuple(pieces), boxes, tuple(made.assets), part_of, links, rest, first, ghosts[part_of]
    )


def rough(parts: Sequence[Part]) -> Scene:
    """Where parts stand, by their sizes alone: at once, for what cannot wait until they are put together."""
    chain = Chain()
    boxes = np.zeros((len(parts), 2, 3), np.float32)
    for number, part in enumerate(parts):
        chain.foot(number, part.at, part.turn)
        size = part.size or (GHOST_SIZE if part.shape == "model" else size_of(part))
        low, high = np.array([-size[0], -size[1], 0.0]) / 2, np.array([size[0], size[1], 2 * size[2]]) / 2
        spots = np.array(part.points, float).reshape(-1, 3) if part.points else corners(np.stack([low, high]))
        spots = spots @ matrices(about(np.array([Z]), np.array([part.turn])))[0].T + part.at
        boxes[number] = spots.min(axis=0), spots.max(axis=0)
    links = chain.done()
    count = sum(len(part.motions) for part in parts)
    numbers = np.arange(len(parts), dtype=np.int32)
    assets = tuple(part.asset for part in parts)
    no_ghosts = np.zeros(len(parts), np.bool_)
    return Scene(
        tuple(parts), (), boxes, assets, numbers, links, posed(links, np.zeros(count)), count, no_ghosts
    )


def _whole(chain: Chain, part: Part, foot: int, first: int) -> int:
    """Links that move the whole part, one on the other."""
    row = foot
    for index, motion in enumerate(part.motions):
        if not motion.joint and motion.kind != "flow":
            pivot = motion.pivot or (0.0, 0.0, 0.0)
            row = chain.hung(row, first + index, motion.kind, AXES[motion.axis], pivot)
    return row


def _add_tones(made: _Build, tones: Tones, item: int, link: int) -> None:
    for tone, mesh in tones.items():
        made.add(tone, (mesh,), item, link)


def _add_shape(made: _Build, part: Part, number: int, root: int, first: int) -> None:
    limbs = limbs_of(part)
    moved = moved_joints(part)
    above = {limb.joint: limb.parent for limb in limbs if limb.joint}
    rows = {"": root}
    # From the foot on: a limb hangs on the last link of the one below it.
    for limb in limbs:
        if limb.joint not in moved:
            continue
        row = rows[carrier(limb.parent, above, moved)]
        for index, motion in enumerate(part.motions):
            named = joint_name(motion.joint) or (motion.kind if motion.kind == "flow" else "")
            if named != limb.joint:
                continue
            own = motion.kind == limb.kind and motion.pivot is None
            axis = limb.axis if own else AXES[motion.axis]
            row = made.chain.hung(
                row, first + index, motion.kind, axis, motion.pivot or limb.pivot, limb.pitch
            )
        rows[limb.joint] = row
    for joint, tones in built_moving(part).items():
        _add_tones(made, tones, number, rows[joint])


def _add_model(made: _Build, part: Part, number: int, root: int, first: int, cad: CadPart) -> None:
    rows = {"": root}
    for joint in sorted(cad.pivots, key=lambda each: _depth(each, cad.above)):
        row = rows[cad.above[joint]]
        for index, motion in enumerate(part.motions):
            if motion.joint == joint:
                pivot = motion.pivot or cad.pivots[joint]
                row = made.chain.hung(row, first + index, motion.kind, AXES[motion.axis], pivot)
        rows[joint] = row
    items = {"": number}
    for piece in cad.pieces:
        if piece.bind not in items:
            items[piece.bind] = len(made.assets)
            made.assets.append(part.binds[piece.bind])
            made.part_of.append(number)
        made.add(piece.tone, piece.levels, items[piece.bind], rows[piece.joint])


def _depth(joint: str, above: Mapping[str, str]) -> int:
    depth = 0
    while joint and depth < len(above) + 1:
        joint, depth = above.get(joint, ""), depth + 1
    return depth


def _boxes(parts: Sequence[Part], pieces: Sequence[Piece], pose: Pose, part_of: NDArray[np.int32]) -> Floats:
    boxes = np.zeros((len(part_of), 2, 3), np.float32)
    boxes[:, 0], boxes[:, 1] = np.inf, -np.inf
    for piece in pieces:
        low, high = placed_boxes(piece, pose)
        np.minimum.at(boxes[:, 0], piece.owners, low)
        np.maximum.at(boxes[:, 1], piece.owners, high)
    # A model all of whose nodes are bound is where they are; a part without anything is where it stands.
    for item in np.flatnonzero(np.isinf(boxes[:, 0, 0])):
        own = (part_of == part_of[item]) & ~np.isinf(boxes[:, 0, 0])
        at = parts[part_of[item]].at
        boxes[item, 0] = boxes[own, 0].min(axis=0) if own.any() else at
        boxes[item, 1] = boxes[own, 1].max(axis=0) if own.any() else at
    return boxes


def placed_boxes(piece: Piece, pose: Pose) -> tuple[Floats, Floats]:
    """Lowest and highest corners float32[k, 3] of every copy of a piece."""
    points = piece.mesh.points
    if len(points) * len(piece.owners) > MOST_SPOTS:
        low, high = points.min(axis=0), points.max(axis=0)
        points = corners(np.stack([low, high]))
    turns = matrices(pose.spin[piece.links])
    spots = np.einsum("kij,nj->kni", turns, points) + pose.at[piece.links][:, None]
    return spots.min(axis=1).astype(np.float32), spots.max(axis=1).astype(np.float32)


def with_moved(scene: Scene, number: int, at: Place, turn: float) -> Scene:
    """The same scene with one part somewhere else: nothing is built anew."""
    links = scene.links
    feet = (links.part == number) & (links.parent < 0)
    places, turns = links.at.copy(), links.turn.copy()
    places[feet], turns[feet] = at, turn
    links = replace(links, at=places, turn=turns)
    parts = part_moved(scene.parts, number, at, turn)
    rest = posed(links, np.zeros(scene.motions))
    boxes = scene.boxes.copy()
    mine = scene.part_of == number
    own = [each for each in (_only(piece, mine) for piece in scene.pieces) if each is not None]
    boxes[mine] = _boxes(parts, own, rest, scene.part_of)[mine]
    return replace(scene, parts=parts, links=links, rest=rest, boxes=boxes)


def part_moved(parts: Sequence[Part], number: int, at: Place, turn: float) -> tuple[Part, ...]:
    """The same parts, one of them somewhere else."""
    moved = msgspec.structs.replace(parts[number], at=at, turn=turn)
    return *parts[:number], moved, *parts[number + 1 :]


def _only(piece: Piece, items: NDArray[np.bool_]) -> Piece | None:
    kept = items[piece.owners]
    return replace(piece, owners=piece.owners[kept], links=piece.links[kept]) if kept.any() else None
