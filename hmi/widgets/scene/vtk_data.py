"""Meshes, their copies and pictures on the floor as VTK has them. Used by the stage only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkImageData, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkCleanPolyData, vtkPolyDataNormals
from vtkmodules.vtkRenderingCore import (
    vtkActor,
    vtkGlyph3DMapper,
    vtkPolyDataMapper,
    vtkRenderer,
    vtkShaderProperty,
    vtkTexture,
)
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLShaderProperty

from hmi.widgets.scene import shaders
from hmi.widgets.scene.mesh import Mesh

Bytes = NDArray[np.uint8]
Array = NDArray[np.float64]
CREASE_DEG = 32.0


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
    """A mesh with normals: its own, or smooth over round things and sharp at creases."""
    made = raw(mesh)
    if mesh.normals is not None:
        made.GetPointData().SetNormals(numpy_to_vtk(mesh.normals, deep=1))
        return made
    clean, normals = vtkCleanPolyData(), vtkPolyDataNormals()
    clean.SetInputData(made)
    clean.SetTolerance(1e-6)
    normals.SetInputConnection(clean.GetOutputPort())
    normals.SetFeatureAngle(CREASE_DEG)
    normals.SplittingOn()
    normals.ConsistencyOff()
    normals.Update()
    return normals.GetOutput()


class Ways:
    """The shaders that all actors share: one for each way to draw. A cut changes all of them."""

    def __init__(self, is_wide: bool) -> None:
        self._is_wide = is_wide
        self._found: dict[tuple[bool, bool], vtkShaderProperty] = {}
        self._is_cut = False

    def of(self, is_flat: bool, is_ghost: bool) -> vtkShaderProperty:
        """For what lies on the ground, for what is seen through."""
        key = is_flat, is_ghost
        if key not in self._found:
            self._found[key] = vtkOpenGLShaderProperty()
            self._write(key)
        return self._found[key]

    def tell(self, scale: float, cut: tuple[float, float, float, float] | None) -> None:
        """Device pixels of one pixel of a person, and the plane that cuts, as the eye sees it."""
        if (cut is not None) != self._is_cut:
            self._is_cut = cut is not None
            for key in self._found:
                self._write(key)
        for (is_flat, _), each in self._found.items():
            if cut is not None and not is_flat:
                each.GetFragmentCustomUniforms().SetUniformf(shaders.SCALE, scale)
                each.GetFragmentCustomUniforms().SetUniform4f(shaders.CUT, cut)

    def _write(self, key: tuple[bool, bool]) -> None:
        # The ground is not cut: it says where the cut stands.
        is_flat, is_ghost = key
        code = shaders.fragment(is_flat, is_ghost, self._is_cut and not is_flat, self._is_wide)
        self._found[key].ClearAllFragmentShaderReplacements()
        self._found[key].AddFragmentShaderReplacement(shaders.HOOK, True, code, False)


class Copies:
    """Equal things that are drawn the same way, as one instanced actor; made when first needed."""

    def __init__(
        self, renderer: vtkRenderer, source: vtkPolyData, ways: Ways, is_flat: bool, is_ghost: bool
    ) -> None:
        self._renderer, self._source = renderer, source
        self._ways, self._is_flat, self._is_ghost = ways, is_flat, is_ghost
        self._places = vtkPolyData()
        self._actor: vtkActor | None = None
        self._slots: NDArray[np.int64] | None = None

    def show(self, at: Array, spin: Array, slots: NDArray[np.int64]) -> None:
        """Draw copies at float[k, 3], turned by quaternions float[k, 4], as slots int64[k]."""
        if self._actor is None:
            if not len(at):
                return
            self._actor = self._made()
            self._renderer.AddActor(self._actor)
        self._actor.SetVisibility(bool(len(at)))
        if len(at):
            self._place(at.astype(np.float32), spin.astype(np.float32), slots)

    def _place(self, at: NDArray[np.float32], spin: NDArray[np.float32], slots: NDArray[np.int64]) -> None:
        points = vtkPoints()
        points.SetData(numpy_to_vtk(at, deep=1))
        turn = numpy_to_vtk(spin, deep=1)
        turn.SetName("turn")
        self._places.SetPoints(points)
        self._places.GetPointData().AddArray(turn)
        if self._slots is None or not np.array_equal(slots, self._slots):
            self._slots = slots
            number = np.stack([slots & 255, slots >> 8 & 255, slots >> 16], axis=1).astype(np.uint8)
            self._places.GetPointData().SetScalars(numpy_to_vtk(number, deep=1))
        self._places.Modified()

    def _made(self) -> vtkActor:
        mapper = vtkGlyph3DMapper()
        mapper.SetInputData(self._places)
        mapper.SetSourceData(self._source)
        mapper.ScalingOff()
        mapper.SetOrientationArray("turn")
        mapper.SetOrientationModeToQuaternion()
        mapper.OrientOn()
        mapper.SetColorModeToDefault()
        actor = vtkActor()
        actor.SetMapper(mapper)
        actor.SetShaderProperty(self._ways.of(self._is_flat, self._is_ghost))
        return actor


def on_floor(pixels: Bytes, low: tuple[float, float], high: tuple[float, float], z: float) -> vtkActor:
    """A picture uint8[h, w, 4], row 0 at the lowest y, lying on the floor at a height."""
    height, width = pixels.shape[:2]
    image = vtkImageData()
    image.SetDimensions(width, height, 1)
    cover = pixels.reshape(-1, 4).copy()
    # White on black is how much ink there is; the theme says which.
    cover[:, :3] = 255
    image.GetPointData().SetScalars(numpy_to_vtk(cover, deep=1))
    texture = vtkTexture()
    texture.SetInputData(image)
    texture.SetColorModeToDirectScalars()
    texture.InterpolateOn()
    texture.MipmapOn()
    corners = np.array(
        [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])], np.float32
    )
    points = np.column_stack([corners, np.full(4, z, np.float32)]).astype(np.float32)
    flat = raw(Mesh(points, np.array([(0, 1, 2), (0, 2, 3)], np.int32)))
    flat.GetPointData().SetTCoords(
        numpy_to_vtk(np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32), deep=1)
    )
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(flat)
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.SetTexture(texture)
    actor.GetProperty().LightingOff()
    return actor
