"""The layout of a station: its windows and what each shows, kept per project in the user's folder. No Qt."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Any

import msgspec

from engine import paths
from engine.typed import from_json
from hmi import theme

log = logging.getLogger("watchroom.layout")
LEAST_SEEN_PX = 80
"""So much of a window has to lie on a screen for a hand to reach it."""


class WindowLayout(msgspec.Struct, frozen=True):
    """One window. ``box`` = left, top, width, height when neither maximised nor full screen, in px.

    ``faceplate`` is the path it stands on, "" = closed. ``views`` is what displays themselves remember.
    """

    box: tuple[int, int, int, int]
    screen: str = ""
    maximised: bool = False
    full_screen: bool = False
    display: str = "overview"
    path: str = ""
    faceplate: str = ""
    views: dict[str, dict[str, Any]] = {}


class Layout(msgspec.Struct, frozen=True):
    """All windows of a station, the theme they share (or ``auto``), and the brightness in %."""

    windows: tuple[WindowLayout, ...] = ()
    theme: str = theme.NAMES[0]
    brightness: int = 100


class Kept(msgspec.Struct, frozen=True):
    """The whole file: the layout as it was last, those kept by name, and the horn's ``volume`` in %."""

    last: Layout = Layout()
    named: dict[str, Layout] = {}
    volume: int = 100


def file_of(folder: Path) -> Path:
    """Where the layout of a project is kept. Raises OSError where the user has no settings folder."""
    mark = hashlib.sha256(os.fsencode(str(folder.resolve()))).hexdigest()[:16]
    return paths.user_config() / "layouts" / f"{mark}.json"


def load(file: Path) -> Kept | None:
    """What was kept; None at the first start. A damaged file is set aside with a line in the log."""
    try:
        kept = from_json(file.read_bytes(), Kept)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        log.warning("the layout in %s cannot be used and starts anew: %s", file, error)
        return None
    named = {name: _sound(each) for name, each in kept.named.items()}
    return Kept(_sound(kept.last), named, min(100, max(0, kept.volume)))


def _sound(layout: Layout) -> Layout:
    # Written by another version or by hand: what is unknown becomes the default, the rest stays.
    known = layout.theme in (*theme.NAMES, theme.AUTO)
    return msgspec.structs.replace(
        layout,
        theme=layout.theme if known else theme.NAMES[0],
        brightness=min(100, max(20, layout.brightness)),
    )


def save(file: Path, content: bytes) -> None:
    """Replace the file in one step. Where it cannot be written, the window goes on without."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        paths.replace_file(file, content)
    except OSError as error:
        log.warning("the layout is not remembered: %s", error)


Box = tuple[int, int, int, int]


def box_on(box: Box, screens: dict[str, Box], wanted: str) -> Box:
    """Where a window goes on the screens there are: as it was, or inside the first where its own is gone."""
    left, top, width, height = box
    for screen in screens.values():
        seen = _overlap(left, width, screen[0], screen[2])
        # The title bar is what a hand needs.
        head = screen[1] - 1 <= top < screen[1] + screen[3] - LEAST_SEEN_PX // 2
        if seen >= LEAST_SEEN_PX and head and width <= screen[2] * 2:
            return box
    home = screens.get(wanted) or next(iter(screens.values()), None)
    if home is None:
        return box
    width, height = min(width, home[2]), min(height, home[3])
    return home[0] + (home[2] - width) // 2, home[1] + (home[3] - height) // 2, width, height


def _overlap(one: int, one_size: int, other: int, other_size: int) -> int:
    return min(one + one_size, other + other_size) - max(one, other)
