"""The keys of a window, on all of it: displays by number, the palette, and every command that has a key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from hmi.displays import DISPLAYS
from hmi.shell.commands import commands


def bind_keys(
    window: QWidget, find: Callable[[], None], run: Callable[[str], None], show: Callable[[str], None]
) -> None:
    """``find`` opens the palette, ``run`` takes the id of a command, ``show`` the id of a display."""
    on_rail = [each.id for each in DISPLAYS if each.rail]
    keys: list[tuple[str, Callable[[], None]]] = [("Ctrl+K", find)]
    keys += [(each.keys, partial(run, each.id)) for each in commands(()) if each.keys]
    keys += [(f"Ctrl+{n}", partial(show, name)) for n, name in enumerate(on_rail, start=1)]
    for key, act in keys:
        QShortcut(QKeySequence(key), window).activated.connect(act)
