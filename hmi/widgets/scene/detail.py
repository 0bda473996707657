"""Coarser forms of a mesh, and which of them is fine enough for its size on the screen. No VTK here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmi.widgets.scene.camera import ANGLE_DEG, Array, Camera, Frame, axes, eye
from hmi.widgets.scene.mesh import Mesh

FEW = 220
"""A mesh of so few triangles has no coarser form."""
GRID = 30.0
"""A coarser form is made of cells this many times smaller than the mesh."""
WORTH = 0.7
"""It is kept only where it has less than this share of the triangles."""
FINE_PX = (60.0, 24.0)
"""Up to this many pixels across a mesh is drawn in its first, its second coarser form."""
SOFTWARE_PX = (90.0, 40.0)
"""The same where no graphics card draws."""


MOVING = 3.0
"""So much larger these sizes are while the camera moves and no graphics card draws."""


def coarser(mesh: Mesh) -> tuple[Mesh, ...]:
    """One coarser form: points within a cell of a grid become one (Rossignac, Borrel, 1993), or none."""
    if len(mesh.triangles) < FEW:
        return ()
    low = mesh.points.min(axis=0)
    cell = max(float(np.linalg.norm(mesh.points.max(axis=0) - low)) / GRID, 1e-6)
    cells = ((mesh.points - low) / cell).astype(np.int64)
    number = (cells[:, 0] << 40) + (cells[:, 1] << 20) + cells[:, 2]
    _, places = np.unique(number, return_inverse=True)
    places = places.ravel()
    count = np.bincount(places)
    points = np.stack([np.bincount(places, mesh.points[:, k]) / count for k in range(3)], axis=1)
    triangles = places[mesh.triangles]
    a, b, c = triangles.T
    kept = triangles[(a != b) & (b != c) & (c != a)]
    if len(kept) > WORTH * len(mesh.triangles) or not len(kept):
        return ()
    return (Mesh(points.astype(np.float32), kept.astype(np.int32)),)


def span_px(middles: Array, radii: Array, camera: Camera, frame: Frame) -> Array:
    """float64[n]: pixels across spheres on the screen; 0 for what lies outside of the picture."""
    seen = (middles - eye(camera)) @ axes(camera).T
    slope = np.tan(np.radians(ANGLE_DEG) / 2)
    ahead = np.maximum(seen[:, 2], 1e-3)
    scale = frame.height / 2 / slope
    across = slope * frame.width / max(1, frame.height)
    # A sphere is outside of a side when it is farther from it than its radius.
    out = (
        (np.abs(seen[:, 0]) - across * seen[:, 2] > radii * np.hypot(1, across))
        | (np.abs(seen[:, 1]) - slope * seen[:, 2] > radii * np.hypot(1, slope))
        | (seen[:, 2] < -radii)
    )
    return np.where(out, 0.0, 2 * radii * scale / ahead)


def level_of(
    pixels: Array, count: int | NDArray[np.integer], is_coarse: bool, is_software: bool
) -> NDArray[np.int8]:
    """int8[n]: the level for sizes in pixels, of ``count`` there are; -1 = not seen, not drawn."""
    limits = np.array(SOFTWARE_PX if is_software else FINE_PX) * (
        MOVING if is_coarse and is_software else 1.0
    )
    level = (pixels[:, None] < limits).sum(axis=1)
    return np.where(pixels <= 0, -1, np.minimum(level, count - 1)).astype(np.int8)
