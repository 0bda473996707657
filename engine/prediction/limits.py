"""What the process that runs an unsigned model may use: little of the computer, no files, no network.

Linux and macOS enforce this in the process itself. Windows has no such limits for a process that is not
in a job object, so there the engine alone watches memory and time and ends it (`engine.prediction.worker`).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from typing import Any

import psutil

MEMORY_BYTES = 512 * 1024**2
"""Above what the process has before any model is in it."""
CPU_S = 4
"""For each thing it is asked."""
FORBIDDEN = (
    "ctypes.",
    "open",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "socket.",
    "subprocess.",
    "urllib.",
)
"""Audit events (PEP 578) of what a model must never bring about: files, the network, other programs."""
_BELOW_NORMAL, _NO_WINDOW = 0x00004000, 0x08000000
_DIE_WITH_PARENT, _NO_NEW_RIGHTS = 1, 38
_OTHER_USERS_AND_NETWORK = 0x10000000 | 0x40000000


def flags() -> int:
    """How the process is created on Windows: below normal priority and without a console of its own."""
    return _BELOW_NORMAL | _NO_WINDOW if sys.platform == "win32" else 0


def leave_network() -> None:
    """Into a network of its own, with nothing in it, where the system lets us; before any thread starts."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        libc.prctl(_NO_NEW_RIGHTS, 1, 0, 0, 0)
        libc.unshare(_OTHER_USERS_AND_NETWORK)  # refused on some systems: then no descriptor is left for it


def restrict() -> None:
    """Give up files, the network, other programs, and memory beyond the limit: once all code is loaded."""
    if sys.platform != "win32":
        import resource

        os.nice(10)
        most = psutil.Process().memory_info().vms + MEMORY_BYTES
        # No descriptor beyond those that are open: neither Python nor native code opens a file or a socket.
        for what, limit in (
            (resource.RLIMIT_AS, most),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_NOFILE, 0),
        ):
            resource.setrlimit(what, (limit, limit))
    sys.addaudithook(_refuse)


def allow_cpu() -> None:
    """Another `CPU_S` seconds from now; after them the system ends the process, whatever it is busy with."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_S + 1, hard))


def _refuse(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith(FORBIDDEN):
        raise PermissionError(f"{event} is not for the process that runs models")
