"""From raw solids to nodes: equal points welded, normals where the file has none, coarser levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmi.cad.coarse import coarser, shaded
from hmi.cad.model import CadNode
from hmi.cad.raw import RawSolid

LEVELS = (0.25, 0.25)
"""What is left from each level to the next: 100 %, 25 %, 6 % of the triangles."""
FEW = 200
"""A solid of so few triangles is drawn whole from any distance."""


def tidied(raw: RawSolid) -> CadNode | None:
    """The node of ``raw``; None if none of its triangles has a surface."""
    triangles = sound(raw.points, raw.triangles)
    if len(triangles) == 0:
        return None
    used, flat = np.unique(triangles, return_inverse=True)
    points, triangles = raw.points[used].astype(np.float32), flat.reshape(-1, 3).astype(np.int32)
    normals = None if raw.normals is None else _of_length_one(raw.normals[used])
    bare_points, bare = _welded(points, triangles)
    if normals is None:
        points, normals, triangles = shaded(bare_points, bare)
    else:
        both, triangles = _welded(np.hstack([points, normals]), triangles)
        points, normals = np.ascontiguousarray(both[:, :3]), np.ascontiguousarray(both[:, 3:])
    levels = [triangles]
    stacks = [(points, normals)]
    for share in LEVELS:
        bare_points, bare = coarser(bare_points, bare, share) if len(bare) > FEW else (bare_points, bare)
        if len(bare) == 0 or len(bare) >= 0.8 * len(levels[-1]):
            levels.append(levels[-1])
            continue
        corners, directions, faces = shaded(bare_points, bare)
        levels.append(faces + np.int32(sum(len(each) for each, _ in stacks)))
        stacks.append((corners, directions))
    points, normals = (np.concatenate([each[k] for each in stacks]) for k in (0, 1))
    return CadNode(raw.name, raw.path, points, normals, tuple(levels), raw.colour)


def sound(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> NDArray[np.int64]:
    """The triangles that have a surface and corners that are numbers, of a size that float32 holds."""
    fine = np.asarray((np.abs(points) < 1e15).all(axis=1))  # False for NaN too
    kept = triangles[fine[triangles].all(axis=1)]
    a, b, c = (points[kept[:, k]].astype(np.float32).astype(np.float64) for k in range(3))
    return kept[(np.cross(b - a, c - a) != 0).any(axis=1)]


def _of_length_one(normals: NDArray[np.float64]) -> NDArray[np.float32] | None:
    lengths = np.linalg.norm(normals, axis=1)
    if not np.isfinite(lengths).all() or (lengths < 1e-12).any():
        return None  # computed anew, rather than drawn black
    return (normals / lengths[:, None]).astype(np.float32)


def _welded(
    rows: NDArray[np.float32], triangles: NDArray[np.int32]
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    # + 0.0: -0.0 and 0.0 are the same place. Rows are compared as bytes: numbers one by one are slow.
    plain = np.ascontiguousarray(rows + np.float32(0.0))
    marks = plain.view(np.uint32).astype(np.uint64)
    odd = np.random.default_rng(8).integers(1, 2**63, rows.shape[1], dtype=np.uint64) | np.uint64(1)
    keys = (marks * odd).sum(axis=1, dtype=np.uint64)
    _, first, number = np.unique(keys, return_index=True, return_inverse=True)
    if not np.array_equal(plain[first][number], plain):  # two places with one key: rare, or made so
        _, first, number = np.unique(plain, axis=0, return_index=True, return_inverse=True)
    welded = number.reshape(-1)[triangles].astype(np.int32)
    whole = (welded != np.roll(welded, 1, axis=1)).all(axis=1)
    return plain[first], welded[whole]
