"""A whole window on the line where everything can be done, for tests of what stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from PySide6.QtWidgets import QApplication

from hmi import theme
from hmi.shell.window import Window
from tests.hmi.conftest import collect
from tests.hmi.gate import WRITABLE, GateFeed
from tests.hmi.plant import NOW_US, PLANT
from tests.hmi.shell.test_replayer import then


def past_feed() -> GateFeed:
    """A feed that can be replayed, with three days of history."""
    made = GateFeed()
    made.instants = then(199.5)
    made.past.oldest = NOW_US - 72 * 3_600_000_000
    return made


@contextmanager
def gated(qapp: QApplication, feed: GateFeed, width: int, height: int) -> Iterator[Window]:
    """The window of a plant that may be written, shown, and gone afterwards."""
    theme.load_fonts()
    look = theme.load_theme("light")
    theme.apply_theme(qapp, look)
    made = Window(look, feed, PLANT)
    made.resize(width, height)
    made.set_plant(msgspec.structs.replace(WRITABLE, folder=""))
    made.show()
    try:
        yield made
    finally:
        made.close()
        made.deleteLater()
        collect()
