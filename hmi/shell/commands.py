"""Everything a window can be told to do, by key or by typing its name. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hmi import theme
from hmi.formats import t

DIMMER_STEPS = (100, 80, 60, 40, 20)


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do. ``id`` is ``verb`` or ``verb argument``; ``keys`` as Qt writes them, "" = none."""

    id: str
    title: str
    keys: str = ""


def commands(layouts: Sequence[str]) -> tuple[Command, ...]:
    """All of them; ``layouts`` are the names of the layouts kept for this station."""
    return (
        Command("help", t("Help"), "F1"),
        Command("full screen", t("Full screen"), "F11"),
        Command("new window", t("New window: this display on another monitor"), "Ctrl+N"),
        Command("close window", t("Close this window"), "Ctrl+W"),
        Command("quit", t("Close Watchroom: all windows, which come back at the next start")),
        Command("silence", t("Silence the horn; no alarm is acknowledged"), "F2"),
        Command("horn", t("Horn: test, volume")),
        Command("next alarm", t("Mark the next unacknowledged alarm"), "F3"),
        Command("acknowledge alarm", t("Acknowledge the marked alarm, or those selected in Alarms"), "F4"),
        Command("close faceplate", t("Close the faceplate")),
        Command("log in", t("Log in, or take over this station"), "Ctrl+U"),
        Command("lock", t("Lock: commands off, the view and the horn stay"), "Ctrl+L"),
        Command("log out", t("Log out")),
        Command("change password", t("Change my password")),
        Command("change pin", t("My PIN on this station")),
        Command("change badge", t("My badge")),
        Command("stage", t("Stage of the project: Look, Advise, Control")),
        Command("replay", t("Replay: show the plant as it was"), "Ctrl+R"),
        Command("live", t("Back to live from a replay")),
        Command("theme next", t("Next theme: day, night, sunlight"), "Ctrl+T"),
        *(Command(f"theme {name}", t("Theme: {name}", name=t(_theme(name)))) for name in theme.NAMES),
        Command(f"theme {theme.AUTO}", t("Theme: day and night by the plant's clock, 06 to 20")),
        Command("dimmer down", t("Darker"), "F7"),
        Command("dimmer up", t("Brighter"), "F8"),
        *(Command(f"dimmer {step}", t("Brightness {n} %", n=step)) for step in DIMMER_STEPS),
        Command("save layout", t("Save the layout of all windows as…")),
        *(Command(f"layout {name}", t("Layout: {name}", name=name)) for name in layouts),
        *(Command(f"forget layout {name}", t("Forget layout: {name}", name=name)) for name in layouts),
    )


def _theme(name: str) -> str:
    return theme.load_theme(name).title


def next_step(brightness: int, verb: str) -> int:
    """The brightness in % after one step ``up`` or ``down``, or the one named."""
    if verb.isdecimal():
        return min(100, max(DIMMER_STEPS[-1], int(verb)))
    step = 20 if verb == "up" else -20
    return min(100, max(DIMMER_STEPS[-1], brightness + step))
