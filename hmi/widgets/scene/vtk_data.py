"""Meshes and shadows as VTK has them. Used by the stage only."""

from __future__ import annotations

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkImageData, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkCleanPolyData, vtkPolyDataNormals
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkTexture

from hmi.widgets.scene.mesh import Mesh
from hmi.widgets.scene.shadow import Shadow

CREASE_DEG = 32.0
SHADOW_Z = 0.045
TILE_PX, LEAST_SHADOW = 24, 0.012
"""The shadow is drawn in tiles of its own pixels, and only those in which there is any."""


def raw(mesh: Mesh) -> vtkPolyData:
    """A mesh as VTK has it."""
    made, points, cells = vtkPolyData(), vtkPoints(), vtkCellArray()
    points.SetData(numpy_to_vtk(mesh.points, deep=1))
    starts = np.arange(0, 3 * len(mesh.triangles) + 1, 3, dtype=np.int64)
    corners = np.ascontiguousarray(mesh.triangles.astype(np.int64).ravel())
    cells.SetData(numpy_to_vtkIdTypeArray(starts, deep=1), numpy_to_vtkIdTypeArray(corners, deep=1))
    made.SetPoints(points)
    made.SetPolys(cells)
    return made


def polydata(mesh: Mesh) -> vtkPolyData:
    """A mesh with normals: smooth over round things and sharp at creases."""
    clean, normals = vtkCleanPolyData(), vtkPolyDataNormals()
    clean.SetInputData(raw(mesh))
    clean.SetTolerance(1e-6)
    normals.SetInputConnection(clean.GetOutputPort())
    normals.SetFeatureAngle(CREASE_DEG)
    normals.SplittingOn()
    normals.ConsistencyOff()
    normals.Update()
    return normals.GetOutput()


def sheet(shadow: Shadow, strength: float) -> vtkActor:
    """The shadow as a transparent sheet just above the ground."""
    rows, columns = shadow.depth.shape
    pixels = np.zeros((rows * columns, 4), np.uint8)
    pixels[:, 3] = np.clip(shadow.depth.ravel() * 255 * strength, 0, 255)
    image = vtkImageData()
    image.SetDimensions(columns, rows, 1)
    image.GetPointData().SetScalars(numpy_to_vtk(pixels, deep=1))
    texture = vtkTexture()
    texture.SetInputData(image)
    texture.SetColorModeToDirectScalars()
    texture.InterpolateOn()
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(_tiles(shadow))
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.SetTexture(texture)
    actor.ForceTranslucentOn()
    actor.GetProperty().LightingOff()
    return actor


def _tiles(shadow: Shadow) -> vtkPolyData:
    """Quads over those parts of a shadow that are not empty: an empty one costs as much to draw."""
    rows, columns = shadow.depth.shape
    spots: list[tuple[float, float]] = []
    for row in range(0, rows, TILE_PX):
        for column in range(0, columns, TILE_PX):
            end_row, end_column = min(rows, row + TILE_PX), min(columns, column + TILE_PX)
            if float(shadow.depth[row:end_row, column:end_column].max()) > LEAST_SHADOW:
                left, low, right, high = column / columns, row / rows, end_column / columns, end_row / rows
                spots += [(left, low), (right, low), (right, high), (left, high)]
    corners = np.array(spots, np.float32).reshape(-1, 2)
    size = np.subtract(shadow.high, shadow.low)
    points = np.column_stack([corners * size + shadow.low, np.full(len(corners), SHADOW_Z)])
    first = np.arange(0, len(corners), 4, dtype=np.int32)[:, None]
    triangles = np.concatenate([first + (0, 1, 2), first + (0, 2, 3)])
    made = raw(Mesh(points.astype(np.float32), triangles.astype(np.int32)))
    places = numpy_to_vtk(corners, deep=1)
    made.GetPointData().SetTCoords(places)
    return made
