"""The twin on the screen with a small plant, for its tests."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hmi.displays.display import Place
from hmi.model import Model
from tests.hmi.displays.twin.plants import (
    model,
    snapshot,
)
from tests.hmi.plant import PlantFeed
from tests.hmi.widgets.scenes import let_run

if TYPE_CHECKING:
    from hmi.displays.twin.view import TwinView


def built(view: TwinView) -> None:
    """Wait until the parts of the scene are put together."""
    let_run(lambda: view.scene.is_built, "parts put together")


@contextmanager
def twin(application: Any, plant: Model | None = None) -> Generator[tuple[TwinView, list[Place]]]:
    from hmi import theme
    from hmi.displays.twin.view import TwinView
    from tests.hmi.conftest import collect

    theme.load_fonts()
    look = theme.load_theme("light")
    theme.apply_theme(application, look)
    gone: list[Place] = []
    view = TwinView(look, PlantFeed(), gone.append)
    view.resize(1290, 632)
    try:
        view.set_plant(plant or model())
        view.show()
        view.on_numbers(snapshot())
        built(view)
        yield view, gone
    finally:
        view.close()
        view.deleteLater()
        del view
        collect()


def marked(view: TwinView) -> str:
    at = view.assets.currentIndex().row()
    return view.assets.rows[at].path if at >= 0 else ""
