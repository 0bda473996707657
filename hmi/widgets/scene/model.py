"""A scene ready to be drawn: every mesh once, with the places where it stands and whose part it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.types import Part
from hmi.widgets.scene.mesh import Floats, Mesh, moved
from hmi.widgets.scene.shapes import FLAT, built, known


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One mesh in one tone, drawn at ``at`` float32[k, 3] turned by ``turn`` float32[k] degrees about z.

    ``owners`` int32[k] are the parts that the copies belong to.
    """

    tone: str
    mesh: Mesh
    owners: NDArray[np.int32]
    at: Floats
    turn: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """``parts`` as given, their pieces, and each part's bounding box float32[n, 2, 3] in the hall."""

    parts: tuple[Part, ...]
    pieces: tuple[Piece, ...]
    boxes: Floats

    def of(self, paths: Sequence[str]) -> NDArray[np.bool_]:
        """bool[n]: the parts that stand for one of these assets or for something below it."""
        wanted = [
            any(part.asset == path or part.asset.startswith(f"{path}/") for path in paths)
            for part in self.parts
        ]
        return np.array(wanted, np.bool_)

    def solid(self) -> NDArray[np.bool_]:
        """bool[n]: the parts that are more than ground."""
        return np.array([known(part.shape) not in FLAT for part in self.parts], np.bool_)

    def bounds(self, chosen: NDArray[np.bool_] | None = None) -> Floats:
        """float32[2, 3]: the box around the chosen parts, or around all that is more than ground."""
        mask = self.solid() if chosen is None else chosen
        boxes = self.boxes[mask] if mask.any() else self.boxes
        if not len(boxes):
            return np.array([[-1, -1, 0], [1, 1, 1]], np.float32)
        return np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])


def scene_of(parts: Sequence[Part]) -> Scene:
    """Sort parts into pieces: what is equal is kept once and drawn many times."""
    found: dict[tuple[int, str], tuple[Mesh, list[int]]] = {}
    boxes = np.zeros((len(parts), 2, 3), np.float32)
    for index, part in enumerate(parts):
        tones = built(part)
        for tone, mesh in tones.items():
            found.setdefault((id(mesh), tone), (mesh, []))[1].append(index)
        boxes[index] = _box(part, list(tones.values()))
    pieces = [_piece(tone, mesh, owners, parts) for (_, tone), (mesh, owners) in found.items()]
    return Scene(tuple(parts), tuple(pieces), boxes)


def _piece(tone: str, mesh: Mesh, owners: list[int], parts: Sequence[Part]) -> Piece:
    return Piece(
        tone,
        mesh,
        np.array(owners, np.int32),
        np.array([parts[each].at for each in owners], np.float32),
        np.array([parts[each].turn for each in owners], np.float32),
    )


def _box(part: Part, meshes: Sequence[Mesh]) -> Floats:
    spots = [moved(mesh, part.at, part.turn).points for mesh in meshes if len(mesh.points)]
    if not spots:
        return np.array([part.at, part.at], np.float32)
    points = np.concatenate(spots)
    return np.stack([points.min(axis=0), points.max(axis=0)])
