"""A real window with a real bridge, run by hand so that a test decides when time passes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.types import Plant
from hmi import theme
from hmi.bridge import Bridge
from hmi.shell.window import Window
from tests.running import CLOCK

Found = TypeVar("Found")


@contextlib.contextmanager
def window(application: QApplication, folder: Path) -> Iterator[tuple[Window, Bridge]]:
    """The window of a project, shown off screen and driven by its bridge."""
    theme.load_fonts()
    chosen = theme.load_theme("light")
    theme.apply_theme(application, chosen)
    bridge = Bridge(folder)
    made = Window(chosen, bridge, Plant(name=folder.name))
    made.resize(1366, 768)
    try:
        bridge.start(made)
        made.show()
        yield made, bridge
    finally:
        bridge.close()
        made.close()
        made.deleteLater()
        QTest.qWait(10)


def see(condition: Callable[[], Found], seconds: float = 15.0, what: str = "") -> Found:
    """Let the window live until ``condition`` holds. Fails after ``seconds``."""
    deadline = CLOCK.mono_us() + seconds * 1e6
    while True:
        QTest.qWait(20)
        found = condition()
        if found:
            return found
        if CLOCK.mono_us() > deadline:
            raise AssertionError(f"not seen within {seconds:g} s: {what}")
