"""The demo line as parts, and a wait that lets the render thread run."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from engine.paths import resources
from engine.types import Part
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
    return msgspec.convert(tomllib.loads(text)["parts"], list[Part])


def let_run(condition: Callable[[], Any], what: str, seconds: float = 40.0) -> None:
    """Handle events until the condition holds; between them the render thread has the interpreter."""
    from PySide6.QtCore import QCoreApplication

    deadline = CLOCK.mono_us() + seconds * 1e6
    while not condition():
        QCoreApplication.processEvents()
        threading.Event().wait(0.004)
        assert CLOCK.mono_us() < deadline, f"not within {seconds:g} s: {what}"


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
