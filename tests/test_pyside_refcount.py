"""PySide6 must give back every reference it takes.

6.12.0 on Python 3.11 drops one reference of None, True or False per call; after some thousand calls
the interpreter aborts. This is why pyproject.toml holds PySide6 below 6.12.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

CALLS = 400
TOLERATED = 0.2
"""References per call; a real drift is one per call."""


def drift(call: Callable[[], object]) -> dict[str, float]:
    """Change of the reference counts of None, True and False per call."""
    call()
    before = [sys.getrefcount(constant) for constant in (None, True, False)]
    for _ in range(CALLS):
        call()
    after = [sys.getrefcount(constant) for constant in (None, True, False)]
    return {
        name: (b - a) / CALLS for name, a, b in zip(("None", "True", "False"), before, after, strict=True)
    }


def calls(qapp: Any) -> dict[str, Callable[[], object]]:
    """What the HMI does most: paint, set text, start timers, tell others, redraw."""
    from PySide6 import QtCore, QtGui, QtWidgets

    class Teller(QtCore.QObject):
        told = QtCore.Signal(object)

    class Canvas(QtWidgets.QWidget):
        def paintEvent(self, event: QtGui.QPaintEvent) -> None:
            painter = QtGui.QPainter(self)
            painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing, True)
            painter.drawLine(0, 0, 9, 9)
            painter.end()

    teller, label, timer, canvas = Teller(), QtWidgets.QLabel("a"), QtCore.QTimer(), Canvas()
    teller.told.connect(lambda value: None)

    def redraw() -> None:
        canvas.grab()

    return {
        "signal of None": lambda: teller.told.emit(None),
        "signal of True": lambda: teller.told.emit(True),
        "label text": lambda: label.setText("b"),
        "label visible": lambda: label.setVisible(False),
        "label asked": lambda: label.isVisible(),
        "timer": lambda: (timer.setSingleShot(True), timer.stop()),
        "paint event": redraw,
        "event loop": lambda: qapp.processEvents(),
    }


@pytest.mark.screen
def test_pyside_gives_back_every_reference(qapp: Any) -> None:
    changes = {name: drift(call) for name, call in calls(qapp).items()}
    drifting = {
        name: change
        for name, change in changes.items()
        if any(abs(value) > TOLERATED for value in change.values())
    }
    assert not drifting
