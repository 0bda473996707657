"""Verbs that open a window or take a picture of one. The window is a process of its own."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys

from engine.cli.demo import fault as fault
from engine.cli.demo import interrupt, run_demo
from engine.cli.out import Exit, fail
from engine.cli.project import loaded
from engine.cli.tour import picture
from engine.cli.watchdog import watch_window


def no_screen() -> bool:
    """True where no window can be opened: Linux without an X11 or Wayland display."""
    shown = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform.startswith("linux") and not any(os.environ.get(name) for name in shown)


def open_window(arguments: argparse.Namespace) -> Exit:
    """Open the window on a project, the last one, or the start page; returns when it closes."""
    if no_screen():
        return fail(
            "this computer has no screen to open a window on; "
            "for pictures of the displays run: watchroom demo --tour DIR"
        )
    if arguments.dir is not None:
        project = loaded(arguments.dir)
        if isinstance(project, Exit):
            return project
    signal.signal(signal.SIGTERM, interrupt)
    words = () if arguments.dir is None else (str(arguments.dir),)
    return Exit.DONE if watch_window(words) == 0 else Exit.NOT_DONE


def demo(arguments: argparse.Namespace) -> Exit:
    """The demo plant with its window, or with a tour of pictures where there is no screen."""
    if arguments.tour is None and no_screen():
        return fail(
            "this computer has no screen to open a window on; "
            "for pictures of the displays run: watchroom demo --tour DIR"
        )
    return run_demo(arguments)


def screenshot(arguments: argparse.Namespace) -> Exit:
    """Save a picture of a display, rendered off screen, once its values have arrived."""
    if not re.fullmatch(r"\d{3,4}x\d{3,4}", arguments.size):
        text = f"--size wants WIDTHxHEIGHT in pixels, like 1920x1080; got {arguments.size!r}"
        return fail(text, Exit.USAGE)
    project = loaded(arguments.dir)
    if isinstance(project, Exit):
        return project
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    words = [str(arguments.dir), "--screenshot", str(arguments.out), "--display", arguments.display]
    words += ["--size", arguments.size, "--theme", arguments.theme]
    words += ["--place", arguments.place] if arguments.place else []
    return Exit.DONE if picture(words) else Exit.NOT_DONE
