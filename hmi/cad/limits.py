"""What the process that reads CAD files may use: little of the computer, and nothing for long.

Linux and macOS enforce this in the process itself. Windows has no such limits for a process that is not
in a job object, so there the window alone watches memory and time and ends it (`hmi.cad.reading`).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Any

MEMORY_BYTES = 4 * 1024**3
CPU_S = 300
WALL_S = 400
"""Also for a process whose window is gone and that a library keeps busy."""
ORPHAN_S = 0.5
"""How often it looks whether its window is still there."""
FILE_BYTES = 2 * 1024**3
"""The largest file that it may write."""
FORBIDDEN = (
    "ftplib.",
    "http.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "smtplib.",
    "socket.",
    "subprocess.",
    "urllib.",
)
"""Audit events (PEP 578) of what a file must never bring about: the network and other programs."""
_BELOW_NORMAL, _NO_WINDOW = 0x00004000, 0x08000000


def flags() -> int:
    """How the process is created on Windows: below normal priority and without a console of its own."""
    return _BELOW_NORMAL | _NO_WINDOW if sys.platform == "win32" else 0


def restrict() -> None:
    """Give up the network, other programs, and memory and time beyond the limits."""
    sys.addaudithook(_refuse)
    if sys.platform == "win32":
        return
    import resource

    os.nice(10)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        wanted = most if hard < 0 else min(most, hard)
        resource.setrlimit(what, (wanted, wanted))
    # The system ends it, whatever a library is busy with.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(WALL_S)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def end_with(parent: int) -> None:
    """End when this process is nobody's any more: the window that wanted it was killed.

    Windows keeps the number of a parent that is gone, so there only the limits end it.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(ORPHAN_S)
        os._exit(1)

    if sys.platform != "win32":
        threading.Thread(target=watch, name="parent", daemon=True).start()


def _refuse(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith(FORBIDDEN):
        raise PermissionError(f"{event} is not for the process that reads CAD files")
