"""Freed memory given back to the system, so that hours of large questions leave nothing behind."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """What the C library keeps of freed memory goes back; nothing where it has no such call.

    glibc returns only the end of each of its heaps, and every thread has one: of an engine that answered
    for a quarter of an hour from 54 h of history, 142 of 730 MB were free. It took 15 ms, in this thread.
    malloc_trim(3).
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)
