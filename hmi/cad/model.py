"""What a CAD file holds, as arrays: nodes with their triangles. Plain Python and numpy, no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Place = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class CadNode:
    """One node of a file that has triangles, in the file's units and axes, all transforms applied.

    ``path`` is its names from the root, "Press/Frame/Ram"; a name that a sister has already taken gets
    "#2", a "/" in a name becomes "∕". ``name`` is as the file says it. Arrays are read-only and may be
    memory-mapped: ``points`` float32[n, 3], ``normals`` float32[n, 3] of length one, ``levels`` of
    int32[m, 3] triangles (counter-clockwise from outside), finest first. ``colour`` is red, green and blue
    0…255, None where the file says none.
    """

    name: str
    path: str
    points: NDArray[np.float32]
    normals: NDArray[np.float32]
    levels: tuple[NDArray[np.int32], ...]
    colour: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CadModel:
    """A file below scene/models/; ``problem`` is a sentence for a person where it could not be read.

    ``origins`` = the own origin of every node by path, groups without triangles too, in the file's units
    and axes: what a turning node turns about.
    """

    file: str
    nodes: tuple[CadNode, ...] = ()
    problem: str = ""
    origins: Mapping[str, Place] = field(default_factory=dict[str, Place])
