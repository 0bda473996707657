"""The Performance page in a window, and the hands of a person on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hmi.displays.display import Place
from tests.hmi.conftest import collect
from tests.hmi.displays.alarms.performing import MODEL, Engine

if TYPE_CHECKING:
    from hmi.displays.alarms.performance.page import PerformancePage


@contextmanager
def shown(application: Any, engine: Engine, went: list[Place]) -> Iterator[PerformancePage]:
    """The page at laptop size, with the figures of the last 30 days."""
    from PySide6.QtWidgets import QWidget

    from hmi.displays.alarms.performance.page import PerformancePage
    from hmi.theme import apply_theme, load_fonts, load_theme

    look = load_theme("light")
    load_fonts()
    apply_theme(application, look)
    window = QWidget()
    made = PerformancePage(look, engine, went.append, window)
    window.resize(1290, 620)
    made.resize(1290, 620)
    made.set_plant(MODEL)
    window.show()
    application.processEvents()
    yield made
    window.close()
    window.deleteLater()
    collect()


def wait(seconds: float, until: Callable[[], bool]) -> None:
    from PySide6.QtTest import QTest

    from tests.running import CLOCK

    deadline = CLOCK.mono_us() + seconds * 1e6
    while not until():
        assert CLOCK.mono_us() < deadline, "not seen"
        QTest.qWait(10)


def tap(widget: Any) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def key(widget: Any, name: str) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    QTest.keyClick(widget, getattr(Qt.Key, f"Key_{name}"))
