"""What a window does by itself when a key or the command palette says so; all else is the station's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtWidgets import QWidget

from hmi import alarms as words
from hmi.alarm_desk import AlarmDesk
from hmi.displays.display import Place
from hmi.model import Model
from hmi.shell.deck import Deck
from hmi.shell.faceplate import Faceplate
from hmi.shell.help import Help
from hmi.shell.replayer import Replayer


def own_commands(
    window: QWidget, help_: Help, faceplate: Faceplate, replayer: Replayer, deck: Deck, desk: AlarmDesk
) -> Mapping[str, Callable[[], object]]:
    """By the ids of `hmi.shell.commands`."""
    return {
        "help": help_.toggle,
        "full screen": partial(_full_screen, window),
        "close faceplate": faceplate.leave,
        "replay": partial(replayer.begin, None),
        "live": replayer.leave,
        "next alarm": desk.select_next,
        "acknowledge alarm": partial(acknowledge, deck, desk),
    }


def _full_screen(window: QWidget) -> None:
    window.showNormal() if window.isFullScreen() else window.showFullScreen()


def acknowledge(deck: Deck, desk: AlarmDesk) -> None:
    """The alarms selected on the display in front, else the one marked; without any, mark the worst."""
    if deck.acknowledge():
        return
    if desk.selected:
        desk.acknowledge([desk.selected])
    else:
        desk.select_next()


def place_of_worst(model: Model, desk: AlarmDesk, path: str) -> Place:
    """Where the worst alarm of a tag or a source is handled."""
    found = words.to_do_first(each for each in desk.book.alarms.values() if each.path == path)
    return Place(*words.target(model, found[0])) if found else Place("alarms", path)


__all__ = ["acknowledge", "own_commands", "place_of_worst"]
