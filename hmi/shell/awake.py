"""Keeps the screen saver away while a window is open: a control room that goes dark shows nothing."""

from __future__ import annotations

import logging
import sys

log = logging.getLogger("watchroom.hmi")
_SERVICE, _PATH = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"
_KEEP_ON = 0x80000002
"""ES_CONTINUOUS | ES_DISPLAY_REQUIRED (winbase.h)."""


def keep_awake() -> None:
    """Ask the desktop once, without waiting; it forgets by itself when this process ends.

    Linux desktops are asked over D-Bus, Windows by SetThreadExecutionState; elsewhere nothing is done.
    """
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetThreadExecutionState(_KEEP_ON)
    elif sys.platform == "linux":
        _ask_desktop()


def _ask_desktop() -> None:
    from PySide6.QtDBus import QDBusConnection, QDBusMessage

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        log.info("no session bus: the screen saver is not held off")
        return
    asked = QDBusMessage.createMethodCall(_SERVICE, _PATH, _SERVICE, "Inhibit")
    asked.setArguments(["Watchroom", "the window of a control room"])
    bus.asyncCall(asked)
