"""Windows for the tests of the HMI, closed and collected after each."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.hmi.plant import PLANT, PROJECT, PlantFeed, source

if TYPE_CHECKING:
    from hmi.shell.window import Window


def collect() -> None:
    """Let Qt delete what was told to go, and Python what nobody holds.

    What is still held then is not searched again (but by `tests.leaks.search`): all that was ever imported
    would be, after each test.
    """
    from PySide6.QtCore import QCoreApplication, QEvent

    for _ in range(3):
        gc.collect()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
    gc.freeze()


@pytest.fixture
def feed() -> PlantFeed:
    """A feed from memory."""
    return PlantFeed()


@pytest.fixture
def window(qapp: Any, feed: PlantFeed) -> Iterator[Window]:
    """A window on the made-up plant, shown at laptop size."""
    from hmi import theme
    from hmi.shell.window import Window

    theme.load_fonts()
    look = theme.load_theme("light")
    theme.apply_theme(qapp, look)
    made = Window(look, feed, PLANT)
    made.resize(1366, 768)
    made.set_plant(PROJECT)
    made.set_sources([source()])
    made.show()
    qapp.processEvents()
    yield made
    made.close()
    made.deleteLater()
    collect()
