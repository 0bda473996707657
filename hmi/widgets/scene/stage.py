"""The VTK side of a scene: actors, lights and one window that is never shown.

Every object here belongs to the thread that made it: the render thread.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys

import numpy as np
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  the implementation behind vtkRenderWindow
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkFloatArray, vtkLogger, vtkPoints, vtkUnsignedCharArray
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import (
    vtkActor,
    vtkGlyph3DMapper,
    vtkLight,
    vtkRenderer,
    vtkRenderWindow,
)

from hmi.theme import Theme
from hmi.widgets.scene import finish, looks
from hmi.widgets.scene.camera import ANGLE_DEG, Camera, Frame, eye, projected
from hmi.widgets.scene.looks import Dress, rgb
from hmi.widgets.scene.mesh import Floats
from hmi.widgets.scene.model import Piece, Scene
from hmi.widgets.scene.shadow import shadow_of
from hmi.widgets.scene.vtk_data import polydata, sheet

Bytes = NDArray[np.uint8]
MOST_PIXELS = 6_000_000
"""Drawn at twice the size and averaged where that is no more than this."""
LIGHTS = (((-0.5, -0.62, 0.85), 0.88), ((0.75, -0.2, 0.45), 0.3))
"""Directions light comes from, and how much: from the left in front, and a fill from the right."""
FAR_SHADE = 0.965
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, LARGE_BYTES = -1, -3, 524_288
"""Numbers of glibc's malloc.h, and what counts as large."""
OSMESA = ("libOSMesa.so.8", "libOSMesa.so.6", "libOSMesa.so", "osmesa.dll")


class NoPicture(Exception):
    """This computer cannot draw in three dimensions; the text says what to do."""


class Stage:
    """One scene, ready to be drawn. Raises `NoPicture`."""

    def __init__(self) -> None:
        _give_memory_back()
        # VTK tries one way to draw after the other and grumbles at each on the terminal.
        vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)
        self._window = _window()
        self._window.SetOffScreenRendering(1)
        self._window.SetMultiSamples(0)
        self._window.SetSize(64, 64)
        self._main, self._mask = vtkRenderer(), vtkRenderer()
        for each in (self._main, self._mask):
            each.AutomaticLightCreationOff()
            self._window.AddRenderer(each)
        self._mask.DrawOff()
        self._light()
        self._pieces: list[_Copies] = []
        self._rings: list[_Copies] = []
        self._scene: Scene | None = None
        self._ink = finish.Ink(0.0, 0.0, (0, 0, 0))
        self._shadow: vtkActor | None = None
        self._shadowed: NDArray[np.bool_] | None = None
        self._theme: Theme | None = None
        self._has_ring = False
        self._pixels, self._depth = vtkUnsignedCharArray(), vtkFloatArray()

    def _light(self) -> None:
        for direction, strength in LIGHTS:
            light = vtkLight()
            light.SetLightTypeToSceneLight()
            light.SetPosition(*(100.0 * each for each in direction))
            light.SetFocalPoint(0.0, 0.0, 0.0)
            light.SetIntensity(strength)
            self._main.AddLight(light)

    def show_scene(self, scene: Scene, theme: Theme) -> None:
        """Draw this from now on, in this look."""
        for each in (self._main, self._mask):
            each.RemoveAllViewProps()
        self._scene, self._theme, self._shadow, self._shadowed = scene, theme, None, None
        tokens = theme.colour
        self._main.SetBackground(*(float(each) / 255 for each in rgb(tokens.panel)))
        self._mask.SetBackground(0.0, 0.0, 0.0)
        ring = rgb(tokens.text)
        self._ink = finish.Ink(
            0.75 if theme.dark else 0.62,
            0.45 if theme.dark else 0.24,
            (int(ring[0]), int(ring[1]), int(ring[2])),
        )
        sources = [polydata(piece.mesh) for piece in scene.pieces]
        hatch = rgb(tokens.outline)
        self._pieces = [
            _Copies(piece, source, kind, hatch)
            for piece, source in zip(scene.pieces, sources, strict=True)
            for kind in looks.FINISHES
        ]
        self._rings = [
            _Copies(piece, source, looks.SOLID, hatch)
            for piece, source in zip(scene.pieces, sources, strict=True)
        ]

    def dress(self, dress: Dress) -> None:
        """Give every part its colour and finish."""
        for copies in self._pieces:
            row = looks.TONES.index(copies.piece.tone)
            chosen = dress.finish[copies.piece.owners] == copies.finish
            copies.show(self._main, chosen, dress.colours[row][copies.piece.owners])
        self._has_ring = bool(dress.ringed.any())
        for copies in self._rings:
            chosen = dress.ringed[copies.piece.owners] & (dress.finish[copies.piece.owners] != looks.HIDDEN)
            copies.show(self._mask, chosen, np.full((len(chosen), 3), 255, np.uint8))
        self._cast(dress.finish != looks.HIDDEN)

    def _cast(self, shown: NDArray[np.bool_]) -> None:
        if self._scene is None or (self._shadowed is not None and np.array_equal(shown, self._shadowed)):
            return
        if self._shadow is not None:
            self._main.RemoveActor(self._shadow)
        is_dark = self._theme is not None and self._theme.dark
        self._shadow = sheet(shadow_of(self._scene, shown), 0.85 if is_dark else 0.5)
        self._main.AddActor(self._shadow)
        self._shadowed = shown

    def picture(self, camera: Camera, frame: Frame, is_final: bool) -> Bytes:
        """uint8[h, w, 4] red, green, blue, 255 from the top. Not ``is_final`` = quicker and less fine."""
        scale = 2 if is_final and frame.width * frame.height * 4 <= MOST_PIXELS else 1
        width, height = frame.width * scale, frame.height * scale
        self._window.SetSize(width, height)
        self._place(self._main, camera)
        for copies in self._pieces:
            copies.scale(frame.ratio * scale)
        self._window.Render()
        self._window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, self._pixels)  # pyright: ignore[reportArgumentType]
        colour = vtk_to_numpy(self._pixels).reshape(height, width, 4)[::-1, :, :3]
        near = self._nearness(self._main, width, height)
        near = np.maximum(near, finish.ground_nearness(camera, Frame(width, height)))
        mask = self._mask_picture(camera, width, height) if self._has_ring else None
        return self._finished(colour, near, mask, camera, frame, scale)

    def _place(self, renderer: vtkRenderer, camera: Camera) -> None:
        lens = renderer.GetActiveCamera()
        lens.SetViewAngle(ANGLE_DEG)
        lens.SetViewUp(0.0, 0.0, 1.0)
        lens.SetFocalPoint(*camera.target)
        lens.SetPosition(*(float(each) for each in eye(camera)))
        renderer.ResetCameraClippingRange()

    def _nearness(self, renderer: vtkRenderer, width: int, height: int) -> Floats:
        self._window.GetZbufferData(0, 0, width - 1, height - 1, self._depth)
        depth = np.asarray(vtk_to_numpy(self._depth), np.float32).reshape(height, width)[::-1]
        near, far = renderer.GetActiveCamera().GetClippingRange()
        return finish.nearness(depth, near, far)

    def _mask_picture(self, camera: Camera, width: int, height: int) -> Floats:
        self._main.DrawOff()
        self._mask.DrawOn()
        self._place(self._mask, camera)
        self._window.Render()
        self._window.GetZbufferData(0, 0, width - 1, height - 1, self._depth)
        self._mask.DrawOff()
        self._main.DrawOn()
        return (vtk_to_numpy(self._depth).reshape(height, width)[::-1] < 1.0).astype(np.float32)

    def _finished(
        self, colour: Bytes, near: Floats, mask: Floats | None, camera: Camera, frame: Frame, scale: int
    ) -> Bytes:
        lines = finish.contours(near, self._ink.contour)
        if scale == 2:
            # Lines are found at twice the size, so that they come out smooth; the rest does not need it.
            shade, lines = finish.halved(colour), finish.halved(lines)
            near = np.ascontiguousarray(near[::2, ::2])
        else:
            shade = colour.astype(np.float32)
        ahead = float(projected(camera, np.array([camera.target]), frame)[0, 2])
        metre = frame.height / 2 / np.tan(np.radians(ANGLE_DEG) / 2) / max(ahead, 0.1)
        ground = finish.ground_nearness(camera, frame)
        dark = finish.corners_dark(near, ground, float(metre), self._ink.corner)
        # A little darker towards the top: the ground seems to go away from who looks.
        far = np.linspace(FAR_SHADE, 1.0, frame.height, dtype=np.float32)[:, None]
        shade *= ((1.0 - lines) * (1.0 - dark) * far)[:, :, None]
        if mask is not None:
            around = finish.ring(finish.halved(mask) if scale == 2 else mask, 2.5 * frame.ratio)[:, :, None]
            shade += (np.array(self._ink.ring, np.float32) - shade) * around
        made = np.full((frame.height, frame.width, 4), 255, np.uint8)
        made[:, :, :3] = np.clip(shade + 0.5, 0, 255)
        return made

    def close(self) -> None:
        """Free what the graphics driver holds. In the thread that made it."""
        for each in (self._main, self._mask):
            each.RemoveAllViewProps()
        self._pieces, self._rings, self._shadow = [], [], None
        self._window.Finalize()


def _window() -> vtkRenderWindow:
    """A window that can draw. Raises `NoPicture`."""
    window = vtkRenderWindow()
    kind = window.GetClassName()
    # With neither X nor EGL VTK hopes for OSMesa, and without that it does not fail but crash.
    if "OpenGL" not in kind and "EGL" not in kind:
        raise NoPicture(f"VTK offers nothing but {kind}")
    if kind == "vtkOSOpenGLRenderWindow" and not any(_can_load(name) for name in OSMESA):
        raise NoPicture("no X server, EGL nor OSMesa with OpenGL")
    return window


def _give_memory_back() -> None:
    """Let glibc return large pieces of memory at once when they are freed.

    It learns to keep pieces of up to 32 MB, and software OpenGL asks for others with every change between
    quick and fine pictures: 930 MB after 50 of them, 280 MB with this.
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        libc.mallopt(M_TRIM_THRESHOLD, 2 * LARGE_BYTES)


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


class _Copies:
    """Those copies of one piece that share a finish, as one instanced actor; made when first needed."""

    def __init__(self, piece: Piece, source: vtkPolyData, finish_id: int, hatch: Floats) -> None:
        self.piece, self.finish = piece, finish_id
        self._source, self._hatch = source, hatch
        self._input: vtkPolyData | None = None
        self._actor: vtkActor | None = None
        self._shown: tuple[bytes, bytes] | None = None
        self._scale = 0.0

    def show(self, renderer: vtkRenderer, chosen: NDArray[np.bool_], colours: Bytes) -> None:
        """Draw the chosen copies in these colours."""
        wanted = chosen.tobytes(), colours[chosen].tobytes()
        if wanted == self._shown or (self._actor is None and not chosen.any()):
            return
        self._shown = wanted
        if self._actor is None:
            self._actor, self._input = self._make()
            renderer.AddActor(self._actor)
        self._actor.SetVisibility(bool(chosen.any()))
        if self._input is not None:
            _place_copies(self._input, self.piece, chosen, colours)

    def scale(self, scale: float) -> None:
        """Device pixels of one pixel of a person: hatches look the same on every screen."""
        if self._actor is not None and self.finish in (looks.HATCHED, looks.CROSSED) and scale != self._scale:
            self._scale = scale
            self._actor.GetShaderProperty().GetFragmentCustomUniforms().SetUniformf("hatchScale", scale)

    def _make(self) -> tuple[vtkActor, vtkPolyData]:
        places = vtkPolyData()
        mapper = vtkGlyph3DMapper()
        mapper.SetInputData(places)
        mapper.SetSourceData(self._source)
        mapper.ScalingOff()
        mapper.SetOrientationArray("turn")
        mapper.SetOrientationModeToRotation()
        mapper.OrientOn()
        mapper.SetColorModeToDefault()
        actor = vtkActor()
        actor.SetMapper(mapper)
        about = actor.GetProperty()
        is_flat = self.piece.tone in ("zone", "border", "ground")
        about.SetAmbient(1.0 if is_flat else 0.42)
        about.SetDiffuse(0.0 if is_flat else 0.76)
        about.SetSpecular(0.0 if is_flat else 0.06)
        about.SetSpecularPower(14.0)
        code = _shader(self.finish, self._hatch)
        if code:
            actor.GetShaderProperty().AddFragmentShaderReplacement("//VTK::Light::Impl", True, code, False)
        return actor, places


def _shader(finish_id: int, hatch: Floats) -> str:
    """Lines over pale parts, or holes to see through. The pattern lies in the picture, not on the part."""
    if finish_id == looks.SOLID:
        return ""
    code = "//VTK::Light::Impl\n"
    if finish_id == looks.GHOST:
        return code + "if (mod(floor(gl_FragCoord.x) + 2.0 * floor(gl_FragCoord.y), 5.0) > 0.5) discard;\n"
    # Crossed lines cover twice as much: each is paler, so that a bad value does not outshine an alarm.
    part = 0.75 if finish_id == looks.HATCHED else 0.55
    line = ", ".join(f"{float(each) / 255:.4f}" for each in hatch)
    code += "float rising = mod(gl_FragCoord.x - gl_FragCoord.y, 6.0 * hatchScale);\n"
    code += f"float drawn = rising < 1.9 * hatchScale ? {part} : 0.0;\n"
    if finish_id == looks.CROSSED:
        code += "float falling = mod(gl_FragCoord.x + gl_FragCoord.y, 6.0 * hatchScale);\n"
        code += f"drawn = max(drawn, falling < 1.9 * hatchScale ? {part} : 0.0);\n"
    return code + f"gl_FragData[0].rgb = mix(gl_FragData[0].rgb, vec3({line}), drawn);\n"


def _place_copies(places: vtkPolyData, piece: Piece, chosen: NDArray[np.bool_], colours: Bytes) -> None:
    points = vtkPoints()
    points.SetData(numpy_to_vtk(np.ascontiguousarray(piece.at[chosen]), deep=1))
    turns = np.zeros((int(chosen.sum()), 3), np.float32)
    turns[:, 2] = piece.turn[chosen]
    turn = numpy_to_vtk(turns, deep=1)
    turn.SetName("turn")
    colour = numpy_to_vtk(np.ascontiguousarray(colours[chosen]), deep=1)
    colour.SetName("colour")
    places.SetPoints(points)
    places.GetPointData().AddArray(turn)
    places.GetPointData().SetScalars(colour)
    places.Modified()
