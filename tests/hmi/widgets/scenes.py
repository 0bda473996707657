"""The demo line as parts, and a wait that lets the render thread run."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from engine.paths import resources
from engine.typed import convert
from engine.types import Motion, Part
from hmi.cad.model import CadModel, CadNode
from tests.running import CLOCK

if TYPE_CHECKING:
    from hmi.widgets.scene_view import SceneView

LINE = "Framing line 3"
HYDRAULICS = f"{LINE}/S50 Roof press/Hydraulics"
ROBOT = f"{LINE}/S30 Spot weld A/Robot 1"
S30 = f"{LINE}/S30 Spot weld A"


def demo_parts() -> list[Part]:
    """Every part of the demo line."""
    text = (resources() / "demo" / "framing" / "scene" / "line.toml").read_text(encoding="utf-8")
    return convert(tomllib.loads(text)["parts"], list[Part])


def let_run(condition: Callable[[], Any], what: str, seconds: float = 40.0) -> None:
    """Handle events until the condition holds; between them the render thread has the interpreter."""
    from PySide6.QtCore import QCoreApplication

    deadline = CLOCK.mono_us() + seconds * 1e6
    while not condition():
        QCoreApplication.processEvents()
        threading.Event().wait(0.004)
        assert CLOCK.mono_us() < deadline, f"not within {seconds:g} s: {what}"


def put(view: SceneView, parts: Sequence[Part], models: Mapping[str, CadModel] | None = None) -> None:
    """Show parts, and wait until they are put together."""
    view.show_parts(parts, models or {})
    let_run(lambda: view.is_built, "parts put together")


def settle(view: SceneView) -> None:
    """Until the scene shows all that was asked for. Skips where this computer cannot draw at all."""
    let_run(lambda: view.is_settled, "a settled picture")
    if view.picture is None:
        pytest.skip("no OpenGL here, not even in software")


@contextmanager
def shown_scene(
    application: Any, name: str = "light", size: tuple[int, int] = (720, 400)
) -> Iterator[SceneView]:
    """A scene on show, in a theme; gone afterwards."""
    from hmi import theme
    from hmi.widgets.scene_view import SceneView
    from tests.hmi.conftest import collect

    theme.load_fonts()
    look = theme.load_theme(name)
    theme.apply_theme(application, look)
    view = SceneView(look)
    view.resize(*size)
    try:
        yield view
    finally:
        view.close()
        view.deleteLater()
        del view
        collect()


AXES = tuple(Motion(tag=f"A{k}", kind="turn", joint=f"axis {k}") for k in range(1, 7))


def cube(low: tuple[float, float, float], high: tuple[float, float, float], path: str) -> CadNode:
    """A node of a CAD file: a box with flat sides, a second level with half of them."""
    import numpy as np

    spots, normals, triangles = [], [], []
    for axis in range(3):
        for side in (0, 1):
            ends = []
            for a, b in ((0, 0), (1, 0), (1, 1), (0, 1)):
                pick = [0, 0, 0]
                pick[axis], pick[(axis + 1) % 3], pick[(axis + 2) % 3] = side, a, b
                ends.append([(low, high)[pick[k]][k] for k in range(3)])
            first = len(spots)
            spots += ends if side else ends[::-1]
            normals += [[(1.0 if side else -1.0) if k == axis else 0.0 for k in range(3)]] * 4
            triangles += [[first, first + 1, first + 2], [first, first + 2, first + 3]]
    whole = np.array(triangles, np.int32)
    points, ways = np.array(spots, np.float32), np.array(normals, np.float32)
    return CadNode(path.rpartition("/")[2], path, points, ways, (whole, whole[::2].copy()))


def cad_press() -> CadModel:
    """A press of two nodes in millimetres, y up: a frame, and a ram above it that hangs in a group."""
    return CadModel(
        "press.glb",
        (
            cube((-1000, 0, -500), (1000, 400, 500), "Press/Frame"),
            cube((-800, 1000, -400), (800, 1500, 400), "Press/Ram"),
        ),
        origins={"Press": (0, 0, 0), "Press/Frame": (0, 0, 0), "Press/Ram": (-800, 1000, 0)},
    )


def spot_of(view: Any, path: str) -> tuple[int, int]:
    """Where the middle of an asset is drawn, in pixels."""
    from hmi.widgets.scene.camera import Frame, projected

    low, high = view.scene.bounds(
        np.array([part.asset == path and part.shape != "pipe" for part in view.scene.parts])
    )
    at = projected(view.camera, ((low + high) / 2)[None], Frame(view.width(), view.height()))[0]
    return round(at[0]), round(at[1])


def around(pixels: Any, spot: tuple[int, int], reach: int = 14) -> Any:
    return pixels[spot[1] - reach : spot[1] + reach, spot[0] - reach : spot[0] + reach]


def grey(pixels: Any) -> Any:
    return pixels @ np.array([0.2126, 0.7152, 0.0722])
