"""Normals and fewer triangles by VTK's filters, in the process that reads CAD files alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkPolyDataNormals, vtkQuadricDecimation

EDGE_DEG = 35.0
"""Faces that meet at more than this keep a hard edge between them."""


def shaded(
    points: NDArray[np.float32], triangles: NDArray[np.int32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]:
    """Points, normals and triangles, points doubled along hard edges; winding stays as it is."""
    normals = vtkPolyDataNormals()
    normals.SetInputData(_poly(points, triangles))
    normals.SetFeatureAngle(EDGE_DEG)
    normals.SplittingOn()
    normals.ConsistencyOff()
    normals.AutoOrientNormalsOff()
    normals.Update()
    made = normals.GetOutput()
    corners, faces = _arrays(made)
    directions = vtk_to_numpy(made.GetPointData().GetNormals()).astype(np.float32)
    lost = ~(np.linalg.norm(directions, axis=1) > 0.5)
    directions[lost] = (0.0, 0.0, 1.0)  # opposite faces on one point cancel out
    return corners, directions, faces


def coarser(
    points: NDArray[np.float32], triangles: NDArray[np.int32], share: float
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """About ``share`` of the triangles, the shape kept as far as it goes (quadric error, Garland 1997).

    ``points`` must be welded: triangles that share no points are not brought together.
    """
    # Near the origin and of size one: errors squared of large coordinates drown in rounding.
    low, high = points.min(axis=0), points.max(axis=0)
    middle, size = (low + high) / 2, float((high - low).max()) or 1.0
    filtered = vtkQuadricDecimation()
    filtered.SetInputData(_poly((points - middle) / np.float32(size), triangles))
    filtered.SetTargetReduction(1.0 - share)
    filtered.VolumePreservationOn()
    filtered.Update()
    made, faces = _arrays(filtered.GetOutput())
    fine = np.asarray(np.isfinite(made).all(axis=1))
    return made * np.float32(size) + middle, faces[fine[faces].all(axis=1)]


def _poly(points: NDArray[np.float32], triangles: NDArray[np.int32]) -> vtkPolyData:
    data, places, cells = vtkPolyData(), vtkPoints(), vtkCellArray()
    places.SetData(numpy_to_vtk(np.ascontiguousarray(points, np.float32), deep=True))
    offsets = np.arange(0, 3 * len(triangles) + 1, 3, dtype=np.int64)
    corners = np.ascontiguousarray(triangles, np.int64).reshape(-1)
    cells.SetData(numpy_to_vtk(offsets, deep=True), numpy_to_vtk(corners, deep=True))
    data.SetPoints(places)
    data.SetPolys(cells)
    return data


def _arrays(data: vtkPolyData) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    if data.GetNumberOfPolys() == 0:
        return np.empty((0, 3), np.float32), np.empty((0, 3), np.int32)
    points = vtk_to_numpy(data.GetPoints().GetData()).astype(np.float32)
    corners = vtk_to_numpy(data.GetPolys().GetConnectivityArray())
    return points, corners.reshape(-1, 3).astype(np.int32)
