"""What the process that draws pages may use: little of the computer, and nothing for long."""

from __future__ import annotations

import os
import sys

MEMORY_BYTES = 2 * 1024**3
CPU_S = 30
"""Of one request. The window ends the process earlier; this is for one whose window is gone."""
_BELOW_NORMAL = 0x00004000


def flags() -> int:
    """How the process is created on Windows: below normal priority and without a console of its own."""
    return _BELOW_NORMAL | 0x08000000 if sys.platform == "win32" else 0


def restrict() -> None:
    """Take away what drawing never needs. Where the system has no such limits, the window watches alone."""
    if sys.platform == "win32":
        return
    import resource

    os.nice(10)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _lower(what, most)


def allow_one_request() -> None:
    """Start the clock of the processor anew: `CPU_S` from now."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    most = int(used.ru_utime + used.ru_stime) + CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (most if hard < 0 else min(most, hard), hard))


def _lower(what: int, most: int) -> None:
    import resource

    hard = resource.getrlimit(what)[1]
    wanted = most if hard < 0 else min(most, hard)
    resource.setrlimit(what, (wanted, wanted))
