"""Whether this computer's clock follows another one, as its system says."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from functools import lru_cache

from engine.types import HostClock

TIME_ERROR, UNSYNCHRONISED = 5, 0x0040
"""What adjtimex(2) returns for a clock that follows none, and the flag that says so."""
MOST_ERROR_US = 16_000_000
"""The kernel says this much when it knows nothing."""
WINDOWS = "Windows keeps this computer's time (service w32time); look with: w32tm /query /status"
UNKNOWN = "this system does not tell whether its clock follows a time server"
ALONE = "this computer's clock follows no time server; set one up (chrony, systemd-timesyncd or PTP)"
CAUTIOUS = "this computer's clock follows a time server, which does not say how well"


class Timex(ctypes.Structure):
    """The head of struct timex of adjtimex(2); what follows is not read."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def host_clock() -> HostClock:
    """As the kernel tells it: on Linux, and elsewhere honestly not known."""
    if sys.platform == "win32":
        return HostClock(text=WINDOWS)
    library = _library()
    if library is None:
        return HostClock(text=UNKNOWN)
    timex = Timex()
    state = library.adjtimex(ctypes.byref(timex))
    return HostClock(text=UNKNOWN) if state < 0 else judged(state, timex.status, timex.maxerror)


def judged(state: int, status: int, error_us: int) -> HostClock:
    """What the answer of adjtimex(2) means; ``error_us`` = its most error."""
    if state == TIME_ERROR or status & UNSYNCHRONISED:
        return HostClock(False, None, ALONE)
    if not 0 <= error_us < MOST_ERROR_US:
        return HostClock(True, None, CAUTIOUS)
    return HostClock(True, error_us)


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(ctypes.util.find_library("c") or "libc.so.6", use_errno=True)
        library.adjtimex.argtypes = [ctypes.POINTER(Timex)]
        library.adjtimex.restype = ctypes.c_int
    except (OSError, AttributeError):
        return None
    return library
