"""The unit display on the made-up cell, shown and told its values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from hmi.displays.display import Place
from tests.hmi.conftest import collect
from tests.hmi.displays.unit.cell import model, snapshot
from tests.hmi.plant import PlantFeed

if TYPE_CHECKING:
    from hmi.displays.unit.view import UnitView


@pytest.fixture
def places() -> list[Place]:
    """Where the view asked the shell to go."""
    return []


@pytest.fixture
def view(qapp: Any, feed: PlantFeed, places: list[Place]) -> Iterator[UnitView]:
    """The robot cell on a laptop's room."""
    from hmi import theme
    from hmi.displays.unit.view import UnitView

    theme.load_fonts()
    look = theme.load_theme("light")
    theme.apply_theme(qapp, look)
    made = UnitView(look, feed, places.append)
    made.resize(1290, 600)
    made.set_plant(model())
    made.show()
    qapp.processEvents()
    made.on_numbers(snapshot())
    yield made
    made.close()
    made.deleteLater()
    collect()
