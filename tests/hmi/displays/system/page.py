"""Finding things on System, and telling it news."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QPushButton

from hmi.displays.system.view import SystemView
from hmi.shell.window import Window
from hmi.widgets.labels import Words
from tests.hmi.sources import SourceFeed


def view_of(window: Window) -> SystemView:
    """System of a window."""
    return window.findChildren(SystemView)[0]


def button(view: SystemView, text: str) -> QPushButton:
    """The one button with this text that can be seen."""
    found = [each for each in view.findChildren(QPushButton) if each.text() == text and each.isVisible()]
    assert len(found) == 1, f"{len(found)} buttons {text!r}"
    return found[0]


def seen(view: SystemView) -> list[str]:
    """Every text on show."""
    return [each.text() for each in view.findChildren(Words) if each.isVisible() and each.text()]


def tell(window: Window, feed: SourceFeed, *details: Any) -> None:
    """News from the engine."""
    feed.details |= {each.status.id: each for each in details}
    window.set_sources([each.status for each in details])
