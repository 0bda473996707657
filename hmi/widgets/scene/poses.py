"""Where everything stands that can move: chains of links, and their poses as plain arrays.

Quaternions are (w, x, y, z), float64[..., 4]; all of them turn, none of them scales.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
TURN, SLIDE, FLOW = range(3)
KINDS = {"turn": TURN, "slide": SLIDE, "flow": FLOW}
STILL = -1


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """Of each link: ``at`` float64[m, 3] metres and ``spin`` float64[m, 4]."""

    at: Array
    spin: Array


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Arrays with one row a link. ``parent`` = another row, -1 = the hall; ``motion`` = number, -1 = none.

    ``kind`` is one of `TURN`, `SLIDE`, `FLOW`; ``axis`` and ``pivot`` float64[m, 3] lie in the place of the
    part at rest; ``pitch`` = metres after which a flow looks the same. ``at`` and ``turn`` (degrees about z)
    are those of links without parent. ``depths`` = rows by their number of parents.
    """

    parent: NDArray[np.int32]
    part: NDArray[np.int32]
    motion: NDArray[np.int32]
    kind: NDArray[np.int8]
    axis: Array
    pivot: Array
    pitch: Array
    at: Array
    turn: Array
    depths: tuple[NDArray[np.intp], ...]

    def moves(self) -> NDArray[np.bool_]:
        """bool[m]: links that a motion takes elsewhere, or one that they hang on; what flows stays."""
        moves = (self.motion != STILL) & (self.kind != FLOW)
        for rows in self.depths[1:]:
            moves[rows] |= moves[self.parent[rows]]
        return moves


@dataclass(slots=True)
class Chain:
    """Links while they are put together; `done` gives the arrays."""

    rows: list[tuple[int, int, int, int, Sequence[float], Sequence[float], float, Sequence[float], float]] = (
        field(default_factory=list)
    )

    def foot(self, part: int, at: Sequence[float], turn: float) -> int:
        """A link that stands in the hall; gives its row."""
        self.rows.append((STILL, part, STILL, SLIDE, (0, 0, 1), (0, 0, 0), 0.0, at, turn))
        return len(self.rows) - 1

    def hung(
        self,
        parent: int,
        motion: int,
        kind: str,
        axis: Sequence[float],
        pivot: Sequence[float],
        pitch: float = 0,
    ) -> int:
        """A link moved by a motion, hanging on another; gives its row."""
        part = self.rows[parent][1]
        self.rows.append((parent, part, motion, KINDS[kind], axis, pivot, pitch, (0, 0, 0), 0.0))
        return len(self.rows) - 1

    def done(self) -> Links:
        """The arrays."""
        columns = list(zip(*self.rows, strict=True)) or [()] * 9
        parent = np.array(columns[0], np.int32)
        depth = np.zeros(len(parent), np.intp)
        for row, above in enumerate(parent):
            depth[row] = depth[above] + 1 if above >= 0 else 0
        deepest = int(depth.max(initial=-1))
        return Links(
            parent,
            np.array(columns[1], np.int32),
            np.array(columns[2], np.int32),
            np.array(columns[3], np.int8),
            np.array(columns[4], np.float64).reshape(-1, 3),
            np.array(columns[5], np.float64).reshape(-1, 3),
            np.array(columns[6], np.float64),
            np.array(columns[7], np.float64).reshape(-1, 3),
            np.array(columns[8], np.float64),
            tuple(np.flatnonzero(depth == each) for each in range(deepest + 1)),
        )


def posed(links: Links, positions: Array) -> Pose:
    """Poses for positions float64[motions]: degrees, metres, for a flow the metres it has run."""
    count = len(links.parent)
    at, spin = np.zeros((count, 3)), np.zeros((count, 4))
    for depth, rows in enumerate(links.depths):
        if depth == 0:
            at[rows] = links.at[rows]
            spin[rows] = about(np.tile([0.0, 0.0, 1.0], (len(rows), 1)), links.turn[rows])
            continue
        above = links.parent[rows]
        moved = positions[links.motion[rows]]
        own_at, own_spin = _own(links, rows, moved)
        at[rows] = at[above] + rotated(spin[above], own_at)
        spin[rows] = multiplied(spin[above], own_spin)
    return Pose(at, spin)


def _own(links: Links, rows: NDArray[np.intp], moved: Array) -> tuple[Array, Array]:
    """What a joint alone does, in the place of its part."""
    axis, pivot, kind = links.axis[rows], links.pivot[rows], links.kind[rows]
    turns = kind == TURN
    spin = about(axis, np.where(turns, moved, 0.0))
    pitch = np.where(links.pitch[rows] > 0, links.pitch[rows], 1.0)
    way = np.where(
        kind == SLIDE, moved, np.where((kind == FLOW) & (links.pitch[rows] > 0), moved % pitch, 0.0)
    )
    return pivot - rotated(spin, pivot) + axis * way[:, None], spin


def about(axis: Array, degrees: Array) -> Array:
    """Quaternions of turns about unit axes float64[n, 3]."""
    half = np.radians(degrees) / 2
    return np.concatenate([np.cos(half)[:, None], axis * np.sin(half)[:, None]], axis=1)


def multiplied(a: Array, b: Array) -> Array:
    """First ``b``, then ``a``: Hamilton's product, row by row."""
    w = a[:, 0] * b[:, 0] - (a[:, 1:] * b[:, 1:]).sum(axis=1)
    v = a[:, :1] * b[:, 1:] + b[:, :1] * a[:, 1:] + np.cross(a[:, 1:], b[:, 1:])
    return np.concatenate([w[:, None], v], axis=1)


def rotated(spin: Array, points: Array) -> Array:
    """Points float64[n, 3], each turned by its own quaternion."""
    v = spin[:, 1:]
    twice = 2.0 * np.cross(v, points)
    return points + spin[:, :1] * twice + np.cross(v, twice)


def matrices(spin: Array) -> Array:
    """float64[n, 3, 3]: column vectors are turned by them."""
    columns = [rotated(spin, np.tile(axis, (len(spin), 1))) for axis in np.eye(3)]
    return np.stack(columns, axis=2)


def carried_points(pose: Pose, row: int, points: NDArray[np.floating]) -> Array:
    """Points float[n, 3] of a link in the hall."""
    return points @ matrices(pose.spin[row : row + 1])[0].T + pose.at[row]
