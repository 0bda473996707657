"""Starting and ending a window process, and taking a picture of one."""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import logging
import logging.handlers
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from engine import paths
from engine.types import Plant
from hmi import theme
from hmi.bridge import Bridge
from hmi.displays.display import Place
from hmi.garbage import Garbage
from hmi.horn.player import open_player
from hmi.picture import Picture, parse_size
from hmi.shell import layout
from hmi.shell.awake import keep_awake
from hmi.shell.station import Station
from hmi.shell.window import Window
from hmi.start import StartPage

LOG_BYTES = 2_000_000
AWAKE_MS = 3000
"""The screen saver can wait until the first values are on the screen."""
BUILT_MS = 10_000
TIME = "%Y-%m-%dT%H:%M:%S"


def main(argv: Sequence[str]) -> int:
    """Run one window on a project folder; returns the process's exit code."""
    parser = argparse.ArgumentParser(prog="python -m hmi", description="Open the Watchroom window.")
    parser.add_argument("dir", type=Path, nargs="?")
    parser.add_argument("--watched", action="store_true", help="write a line to stdout every second")
    parser.add_argument("--screenshot", type=Path, metavar="FILE.png")
    parser.add_argument("--display", default="overview")
    parser.add_argument("--size", type=parse_size, default=parse_size("1920x1080"))
    parser.add_argument("--place", default="", metavar="PATH", help="the tag or asset to show there")
    parser.add_argument("--theme", choices=(*theme.NAMES, theme.AUTO))
    arguments, for_qt = parser.parse_known_args(argv[1:])
    application = QApplication([argv[0], *for_qt])
    application.setApplicationName("Watchroom")
    garbage = Garbage()
    is_named = arguments.theme in theme.NAMES
    chosen = theme.load_theme(arguments.theme if is_named else theme.NAMES[0])
    theme.load_fonts()
    theme.apply_theme(application, chosen)
    folder = arguments.dir or last_project() or StartPage.ask(chosen)
    if folder is None:
        return 0
    folder = folder.resolve()
    _open_logs(folder)
    bridge = Bridge(folder, _beat_to_parent() if arguments.watched else lambda: None)
    station: Station | None = None

    def leave() -> None:
        # Qt closes one window after the other, and each would be taken for closed by hand.
        if station is not None:
            station.close()
        application.quit()

    for number in (signal.SIGTERM, signal.SIGINT):
        # Through the event loop: an exception raised here could end in a paint event and be lost.
        # Python sees the signal at the next frame of the bridge's clock at the latest.
        signal.signal(number, lambda *_: QTimer.singleShot(0, leave))
    try:
        if arguments.screenshot is not None:
            _start_picture(bridge, chosen, folder, arguments)
        else:
            remember(folder)
            station = Station(chosen, bridge, Plant(name=folder.name), _layout_file(folder), open_player)
            station.open(arguments.theme)
            bridge.start(station)
            QTimer.singleShot(AWAKE_MS, keep_awake)
            QTimer.singleShot(BUILT_MS, garbage.rest)
        return application.exec()
    finally:
        if station is not None:
            station.close()
        bridge.close()


def _start_picture(bridge: Bridge, look: theme.Theme, folder: Path, arguments: argparse.Namespace) -> None:
    window = Window(look, bridge, Plant(name=folder.name))
    window.resize(*arguments.size)
    window.show_display(arguments.display)
    place = Place(arguments.display, arguments.place)
    bridge.start(Picture(window, bridge, arguments.screenshot, place))
    window.show()
    # Held by the picture, which the bridge drives until the application ends.


def _layout_file(folder: Path) -> Path | None:
    try:
        return layout.file_of(folder)
    except OSError as error:
        logging.getLogger("watchroom.hmi").warning("the layout is not remembered: %s", error)
        return None


def last_project() -> Path | None:
    """The project that was open last, if it is still there."""
    try:
        folder = Path(os.fsdecode((paths.user_config() / "last-project").read_bytes()).strip())
    except OSError:
        return None
    return folder if (folder / "plant.toml").is_file() else None


def remember(folder: Path) -> None:
    """Open this project next time. Where settings cannot be kept, the window goes on without."""
    try:
        paths.replace_file(paths.user_config() / "last-project", os.fsencode(folder))
    except OSError as error:
        logging.getLogger("watchroom.hmi").warning("the last project is not remembered: %s", error)


def _open_logs(folder: Path) -> None:
    """Log and crash traces to data/log, in UTC; to stderr where the project cannot be written."""
    form = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", TIME)
    form.converter = time.gmtime
    handler: logging.Handler = logging.StreamHandler()
    try:
        log_folder = paths.log(folder)
        # Stays open for as long as the process lives: a crash may come at any time.
        faulthandler.enable((log_folder / "hmi.crash").open("a", encoding="utf-8"))
        handler = logging.handlers.RotatingFileHandler(
            log_folder / "hmi.log", maxBytes=LOG_BYTES, backupCount=5, encoding="utf-8", errors="replace"
        )
    except OSError as error:
        faulthandler.enable()
        print(f"no log is kept: {error}", file=sys.stderr)
    handler.setFormatter(form)
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _beat_to_parent() -> Callable[[], None]:
    """What tells the watching parent that this window lives; never blocks, whatever the parent does."""
    out = sys.stdout.fileno()
    os.set_blocking(out, False)

    def beat() -> None:
        with contextlib.suppress(OSError):  # a parent that is gone or stopped is not our concern
            os.write(out, b"beat\n")

    return beat
