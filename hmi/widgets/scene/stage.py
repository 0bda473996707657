"""The VTK side of a scene: actors, lights and one window that is never shown.

Every object here belongs to the thread that made it: the render thread.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  the implementation behind vtkRenderWindow
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkFloatArray, vtkLogger, vtkUnsignedCharArray
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkLight, vtkRenderer, vtkRenderWindow

from engine.types import Cut
from hmi.theme import Theme
from hmi.widgets.scene import finish, looks
from hmi.widgets.scene.camera import ANGLE_DEG, Camera, Frame, axes, eye
from hmi.widgets.scene.crowd import GLASS, RING, Crowd
from hmi.widgets.scene.floor_plan import FloorPlan
from hmi.widgets.scene.looks import Dress, mixed, rgb
from hmi.widgets.scene.mesh import Floats, Mesh
from hmi.widgets.scene.model import Scene
from hmi.widgets.scene.paint import MOST_NARROW, Seen, Spots, inked, painted, seen, spots_of
from hmi.widgets.scene.poses import Pose
from hmi.widgets.scene.shadow import Shadow, shadow_of
from hmi.widgets.scene.slots import FIRST, FLAT_TONES, PHASES, Inks, Slots, Words, palette, slots_of
from hmi.widgets.scene.vtk_data import Copies, Ways, on_floor, polydata

Bytes = NDArray[np.uint8]
MOST_PIXELS = 6_000_000
"""Drawn at twice the size and averaged where that is no more than this."""
PLAN_Z = 0.033
SOFTWARE = ("llvmpipe", "softpipe", "swr", "microsoft basic render")
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, LARGE_BYTES = -1, -3, 524_288
"""Numbers of glibc's malloc.h, and what counts as large."""
OSMESA = ("libOSMesa.so.8", "libOSMesa.so.6", "libOSMesa.so", "osmesa.dll")


class NoPicture(Exception):
    """This computer cannot draw in three dimensions; the text says what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """All of a picture but its colours: samples, and where the plan on the floor is seen."""

    seen: Seen
    plan: Spots | None


class Stage:
    """One scene, ready to be drawn. Raises `NoPicture`.

    What is seen where, and how much light is left of it, is drawn once for a camera and kept: another colour
    or pattern costs no drawing at all.
    """

    def __init__(self) -> None:
        _give_memory_back()
        # VTK tries one way to draw after the other and grumbles at each on the terminal.
        vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)
        self._window = _window()
        self._window.SetOffScreenRendering(1)
        self._window.SetMultiSamples(0)
        self._window.SetSize(64, 64)
        self._main, self._mask, self._floor = vtkRenderer(), vtkRenderer(), vtkRenderer()
        for each in (self._main, self._mask, self._floor):
            each.AutomaticLightCreationOff()
            each.SetBackground(0.0, 0.0, 0.0)
            each.DrawOff()
            self._window.AddRenderer(each)
        # The light is worked out by our own shaders; without a lamp VTK would not tell them where parts face.
        lamp = vtkLight()
        lamp.SetLightTypeToHeadlight()
        for each in (self._main, self._mask):
            each.AddLight(lamp)
        self._sources: WeakKeyDictionary[Mesh, vtkPolyData] = WeakKeyDictionary()
        self._crowd: Crowd | None = None
        self._scene: Scene | None = None
        self._slots: Slots | None = None
        self._ways = Ways(False)
        self._dress: Dress | None = None
        self._palette: Words | None = None
        self._theme: Theme | None = None
        self._ink = finish.Ink(0.0, 0.0, (0, 0, 0))
        self._shadow: Shadow | None = None
        self._shadowed: tuple[NDArray[np.generic], ...] = ()
        self._pose: Pose | None = None
        self._is_late = False
        self._plan: vtkActor | None = None
        self._plans = 0
        self._kept: dict[bool, tuple[tuple[object, ...], _Kept]] = {}
        self._around: tuple[tuple[object, ...], Spots] | None = None
        self._pixels, self._depth = vtkUnsignedCharArray(), vtkFloatArray()
        self._is_software: bool | None = None

    @property
    def is_software(self) -> bool:
        """Whether the processor draws, known from the first picture on."""
        return bool(self._is_software)

    @property
    def driver(self) -> str:
        """Who draws, in the words of the graphics driver; known from the first picture on."""
        said = self._window.ReportCapabilities().splitlines()
        return next(
            (each.partition(":")[2].strip() for each in said if "renderer string" in each.lower()), ""
        )

    def show_scene(self, scene: Scene, theme: Theme) -> None:
        """Draw this from now on, in this look."""
        self._theme, self._palette = theme, None
        ring = rgb(theme.colour.text)
        ink = finish.Ink(
            0.75 if theme.dark else 0.62,
            0.5 if theme.dark else 0.3,
            (int(ring[0]), int(ring[1]), int(ring[2])),
            0.9 if theme.dark else 0.62,
        )
        if ink != self._ink:
            self._ink, self._kept, self._around = ink, {}, None
        if scene is self._scene:
            return
        for each in (self._main, self._mask, self._floor):
            each.RemoveAllViewProps()
        self._shadow = self._pose = self._dress = self._plan = None
        self._shadowed = ()
        self._kept, self._around = {}, None
        self._scene, self._slots = scene, slots_of(scene)
        is_wide = self._slots.count > MOST_NARROW
        # Behind all there is full light, in the bits that the light has.
        self._main.SetBackground(0.0, 0.0, 252 / 255 if is_wide else 1.0)
        self._ways = Ways(is_wide)
        self._crowd = Crowd(scene, self._slots, self._copies)

    def _copies(self, mesh: Mesh, tone: str, way: int) -> Copies:
        renderer = self._mask if way == RING else self._main
        return Copies(renderer, self._source(mesh), self._ways, tone in FLAT_TONES, way == GLASS)

    def _source(self, mesh: Mesh) -> vtkPolyData:
        found = self._sources.get(mesh)
        if found is None:
            found = self._sources[mesh] = polydata(mesh)
        return found

    def show_plan(self, plan: FloorPlan | None) -> None:
        """Lay a picture on the floor."""
        if self._plan is None and plan is None:
            return
        self._plans += 1
        self._floor.RemoveAllViewProps()
        self._plan = None if plan is None else on_floor(plan.pixels, plan.low, plan.high, PLAN_Z)
        if self._plan is not None:
            self._plan.ForceTranslucentOn()
            self._floor.AddActor(self._plan)

    def dress(self, dress: Dress) -> None:
        """Give every item its colour and finish."""
        self._dress, self._palette = dress, None
        if self._crowd is not None:
            self._crowd.dress(dress)

    def stand(self, pose: Pose) -> None:
        """Move what hangs on links."""
        self._pose = pose
        if self._crowd is not None:
            self._crowd.stand(pose)

    def is_kept(self, camera: Camera, frame: Frame, is_final: bool, cut: Cut | None = None) -> bool:
        """Whether such a picture costs no more than its colours."""
        kept = self._kept.get(is_final)
        return kept is not None and kept[0] == self._key(camera, frame, is_final, cut)

    def picture(self, camera: Camera, frame: Frame, is_final: bool, cut: Cut | None = None) -> Bytes:
        """uint8[h, w, 4] red, green, blue, 255 from the top. Not ``is_final`` = quicker and less fine."""
        self._cast(is_final)
        key = self._key(camera, frame, is_final, cut)
        found = self._kept.get(is_final)
        if found is None or found[0] != key:
            # Let go of the old one first: both together would be the most memory ever needed.
            self._kept.pop(is_final, None)
            found = self._kept[is_final] = key, self._seen(camera, frame, is_final, cut)
        kept = found[1]
        made = painted(kept.seen, self._colours())
        if kept.plan is not None:
            inked(made, self._ink.ring, kept.plan)
        around = self._ring(
            (*key, self._crowd.ring_form if self._crowd else 0), camera, frame, kept.seen.scale
        )
        if around is not None:
            inked(made, self._ink.ring, around)
        return made

    def _key(self, camera: Camera, frame: Frame, is_final: bool, cut: Cut | None) -> tuple[object, ...]:
        form = self._crowd.form if self._crowd else 0
        return camera, frame, cut, form, self._plans, id(self._shadow), self._is_late

    def _colours(self) -> Words:
        if self._palette is None:
            if self._dress is None or self._slots is None or self._theme is None:
                return np.zeros(PHASES * FIRST, np.uint64)
            self._palette = palette(self._slots, self._dress, inks_of(self._theme))
        return self._palette

    def _seen(self, camera: Camera, frame: Frame, is_final: bool, cut: Cut | None) -> _Kept:
        """Draw: numbers and light, then what follows from the depth alone."""
        drawn = self.drawn(camera, frame, is_final, cut)
        scale = len(drawn) // frame.height
        depth = self._depths(frame.width * scale, frame.height * scale)
        clip = self._main.GetActiveCamera().GetClippingRange()
        shadow = self._shadow
        if shadow is not None and (cut is not None or self._is_late):
            # What is cut away throws no shadow any more; what it threw is not worth working out anew.
            shadow = replace(shadow, depth=shadow.floor)
        bright, standing = finish.relief(depth, clip, camera, frame, self._ink, shadow)
        count = self._slots.count if self._slots else FIRST
        return _Kept(seen(drawn, bright, count, frame.ratio), self._laid(camera, frame, standing))

    def drawn(self, camera: Camera, frame: Frame, is_final: bool, cut: Cut | None = None) -> Bytes:
        """uint8[h, w, 4] as the graphics card draws it, from the top: number and light of every sample."""
        scale = 2 if is_final and frame.width * frame.height * 4 <= MOST_PIXELS else 1
        width, height = frame.width * scale, frame.height * scale
        if self._is_software is None:
            # Asked of an empty picture: else the first is drawn too finely for a processor, and all again.
            self._window.Render()
            self._is_software = any(name in self.driver.lower() for name in SOFTWARE)
        self._window.SetSize(width, height)
        if self._crowd is not None:
            self._crowd.arrange(camera, Frame(width, height), not is_final, self.is_software)
        self._ways.tell(frame.ratio * scale, seen_plane(cut, camera))
        self._render(self._main, camera)
        return self._read(width, height)

    def _render(self, renderer: vtkRenderer, camera: Camera) -> None:
        for each in (self._main, self._mask, self._floor):
            each.SetDraw(each is renderer)
        lens = renderer.GetActiveCamera()
        lens.SetViewAngle(ANGLE_DEG)
        lens.SetViewUp(0.0, 0.0, 1.0)
        lens.SetFocalPoint(*camera.target)
        lens.SetPosition(*(float(each) for each in eye(camera)))
        renderer.ResetCameraClippingRange()
        self._window.Render()

    def _read(self, width: int, height: int) -> Bytes:
        self._window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, self._pixels)  # pyright: ignore[reportArgumentType]
        return np.asarray(vtk_to_numpy(self._pixels), np.uint8).reshape(height, width, 4)[::-1]

    def _depths(self, width: int, height: int) -> Floats:
        self._window.GetZbufferData(0, 0, width - 1, height - 1, self._depth)
        return np.asarray(vtk_to_numpy(self._depth), np.float32).reshape(height, width)[::-1]

    def _laid(self, camera: Camera, frame: Frame, standing: Floats) -> Spots | None:
        """Where the plan is seen on the floor: not behind what stands there."""
        if self._plan is None:
            return None
        self._window.SetSize(frame.width, frame.height)
        self._render(self._floor, camera)
        cover = self._read(frame.width, frame.height)[:, :, 0] / np.float32(255)
        return spots_of((cover * np.clip(1.0 - 3.0 * standing, 0.0, 1.0)).astype(np.float32))

    def _cast(self, is_final: bool) -> None:
        """Work out the shadow where other parts throw it, or where a hand put one elsewhere.

        That takes time: in a quick picture there is rather none than that of what is not there any more.
        """
        scene, pose = self._scene, self._pose
        if scene is None or self._dress is None:
            return
        shown = (self._dress.finish != looks.HIDDEN) & (self._dress.finish != looks.GHOST)
        feet, stands = scene.links.parent < 0, scene.rest if pose is None else pose
        thrown = shown, stands.at[feet], stands.spin[feet]
        self._is_late = not self._shadowed or not all(map(np.array_equal, thrown, self._shadowed))
        if self._is_late and is_final:
            self._shadow, self._shadowed = shadow_of(scene, shown, pose), thrown
            self._is_late = False

    def _ring(self, key: tuple[object, ...], camera: Camera, frame: Frame, scale: int) -> Spots | None:
        """Where a line runs around what is selected."""
        if self._crowd is None or not self._crowd.has_ring:
            return None
        if self._around is None or self._around[0] != key:
            width, height = frame.width * scale, frame.height * scale
            self._window.SetSize(width, height)
            self._render(self._mask, camera)
            mask = (self._depths(width, height) < 1.0).astype(np.float32)
            around = finish.ring(finish.halved(mask) if scale == 2 else mask, 2.5 * frame.ratio)
            self._around = key, spots_of(around)
        return self._around[1]

    def close(self) -> None:
        """Free what the graphics driver holds. In the thread that made it."""
        for each in (self._main, self._mask, self._floor):
            each.RemoveAllViewProps()
        self._crowd = self._plan = None
        self._sources.clear()
        self._window.Finalize()


def inks_of(theme: Theme) -> Inks:
    """What is drawn into parts, by theme."""
    tokens = theme.colour
    return Inks(
        rgb(tokens.panel),
        rgb(tokens.outline),
        rgb(tokens.prediction),
        rgb(tokens.text if theme.dark else tokens.control),
        mixed(rgb(tokens.equipment), rgb(tokens.outline), 0.45),
    )


def seen_plane(cut: Cut | None, camera: Camera) -> tuple[float, float, float, float] | None:
    """A cut as the eye sees it: what is drawn has a, b, c · (right, up, back) + d ≥ 0."""
    if cut is None:
        return None
    sign = 1.0 if cut.flipped else -1.0
    normal = np.array([cut.axis == each for each in "xyz"], float) * sign
    right, up, forward = axes(camera)
    d = float(normal @ eye(camera)) - sign * cut.at
    return float(normal @ right), float(normal @ up), float(-normal @ forward), d


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
