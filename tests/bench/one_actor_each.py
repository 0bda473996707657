"""The alternative to instanced copies: one actor for every asset, as most viewers have it."""

from __future__ import annotations

import numpy as np
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  the implementation behind vtkRenderWindow
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import (
    vtkActor,
    vtkLight,
    vtkPolyDataMapper,
    vtkRenderer,
    vtkRenderWindow,
)

from hmi.widgets.scene.camera import ANGLE_DEG, Camera, Frame, eye
from hmi.widgets.scene.model import Scene
from hmi.widgets.scene.shaders import LIGHTS
from hmi.widgets.scene.vtk_data import polydata


class OneActorEach:
    """The same scene in the same light; every asset an actor, all with the mapper of their mesh."""

    def __init__(self, scene: Scene, camera: Camera, frame: Frame) -> None:
        self._size = frame.width, frame.height
        self._window, renderer = vtkRenderWindow(), vtkRenderer()
        self._renderer = renderer
        self._window.SetOffScreenRendering(1)
        self._window.SetMultiSamples(0)
        self._window.SetSize(*self._size)
        self._window.AddRenderer(renderer)
        self._actors: list[vtkActor] = []
        self._owners: list[int] = []
        self._pixels = vtkUnsignedCharArray()
        for direction, strength in LIGHTS:
            light = vtkLight()
            light.SetLightTypeToSceneLight()
            light.SetPosition(*(100.0 * each for each in direction))
            light.SetIntensity(strength)
            renderer.AddLight(light)
        for piece in scene.pieces:
            source = polydata(piece.mesh)
            for owner, row in zip(piece.owners, piece.links, strict=True):
                mapper = vtkPolyDataMapper()
                mapper.SetInputData(source)
                actor = vtkActor()
                actor.SetMapper(mapper)
                actor.SetPosition(*scene.rest.at[row])
                actor.GetProperty().SetAmbient(0.42)
                actor.GetProperty().SetDiffuse(0.76)
                renderer.AddActor(actor)
                self._actors.append(actor)
                self._owners.append(int(owner))
        self.look(camera)

    def look(self, camera: Camera) -> None:
        """See it from here from the next picture on."""
        lens = self._renderer.GetActiveCamera()
        lens.SetViewAngle(ANGLE_DEG)
        lens.SetViewUp(0.0, 0.0, 1.0)
        lens.SetFocalPoint(*camera.target)
        lens.SetPosition(*(float(each) for each in eye(camera)))
        self._renderer.ResetCameraClippingRange()

    def recoloured(self, colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Give every actor its colour, uint8[items, 3], render, read back."""
        for actor, owner in zip(self._actors, self._owners, strict=True):
            actor.GetProperty().SetColor(*(float(each) / 255 for each in colours[owner]))
        self._window.Render()
        width, height = self._size
        self._window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, self._pixels)  # pyright: ignore[reportArgumentType]
        return np.asarray(vtk_to_numpy(self._pixels), np.uint8)

    def close(self) -> None:
        """Free what the graphics driver holds."""
        self._window.Finalize()
