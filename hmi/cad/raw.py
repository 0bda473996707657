"""Solids as a file says them, before they are tidied up, and what may not be read at all."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hmi.cad.model import Place

MOST_TRIANGLES = 3_000_000
MOST_NODES = 20_000
MOST_BYTES = 1_000_000_000
DEEPEST = 200
"""Levels of nodes below each other."""
NAMELESS = "node"


class Unreadable(Exception):
    """A file that cannot be read: what is wrong with it and what to do, without its name."""


@dataclass(slots=True, eq=False)
class RawSolid:
    """The triangles of one node: points float64[n, 3], normals likewise or None, triangles int64[m, 3]."""

    name: str
    path: str
    points: NDArray[np.float64]
    triangles: NDArray[np.int64]
    normals: NDArray[np.float64] | None = None
    colour: tuple[int, int, int] | None = None


@dataclass(slots=True, eq=False)
class RawFile:
    """All of a file: its solids in order, and the origin of every node by path."""

    solids: list[RawSolid] = field(default_factory=list[RawSolid])
    origins: dict[str, Place] = field(default_factory=dict[str, Place])


class Paths:
    """Paths of nodes, each once: a name that is taken gets "#2", the next "#3"."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def under(self, above: str, name: str) -> str:
        """A path of its own for a node called ``name`` below the path ``above`` ("" = the root)."""
        plain = clean_name(name).replace("/", "∕")
        first = f"{above}/{plain}" if above else plain
        path = first
        while path in self._taken:
            self._taken[first] += 1
            path = f"{first}#{self._taken[first]}"
        self._taken[path] = 1
        if len(self._taken) > MOST_NODES:
            raise Unreadable(
                f"it has more than {MOST_NODES:,} nodes; export it with fewer parts, or in several files"
            )
        return path


def clean_name(name: str) -> str:
    """``name`` on one line, without control characters, at most 120 characters; never empty."""
    shown = "".join(each if each.isprintable() else " " for each in name)
    return " ".join(shown.split())[:120] or NAMELESS


def require_few(triangles: int) -> None:
    """Stop before memory is asked for.

    Raises:
        Unreadable: more triangles than are read here.
    """
    if triangles > MOST_TRIANGLES:
        raise Unreadable(
            f"it has {triangles:,} triangles, {MOST_TRIANGLES:,} are read at most; "
            "export it coarser, or leave out screws and insides"
        )


def joined(parts: list[RawSolid]) -> RawSolid:
    """The parts of one node as one solid: name, path from the first, colour of the largest surface."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0] + [len(each.points) for each in parts[:-1]])
    areas: dict[tuple[int, int, int] | None, float] = {}
    for each in parts:
        areas[each.colour] = areas.get(each.colour, 0.0) + surface(each.points, each.triangles)
    normals = [each.normals for each in parts if each.normals is not None]
    return RawSolid(
        parts[0].name,
        parts[0].path,
        np.concatenate([each.points for each in parts]),
        np.concatenate([each.triangles + start for each, start in zip(parts, starts, strict=True)]),
        np.concatenate(normals) if len(normals) == len(parts) else None,
        max(areas, key=lambda colour: areas[colour]),
    )


def surface(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> float:
    """The area of all triangles, in the file's units squared."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)
