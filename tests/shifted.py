"""Programs whose wall clock a test sets while they run, as people, NTP and daylight saving do.

``python -m tests.shifted FILE MODULE [WORDS]`` runs a module with ``SystemClock.now_us`` ahead by the int64
of microseconds in FILE. The monotonic clock is left alone, as it is by a real step.
"""

from __future__ import annotations

import mmap
import runpy
import struct
import sys
from pathlib import Path

from engine.clock import SystemClock

SHIFT = struct.Struct("<q")


def set_clock(file: Path, seconds: float) -> None:
    """The clock of the programs with this file is ahead by so much from now on."""
    if not file.exists():
        file.write_bytes(SHIFT.pack(0))
    with file.open("r+b") as opened:
        opened.write(SHIFT.pack(round(seconds * 1e6)))


def main() -> None:
    """Run the module."""
    file, module, *words = sys.argv[1:]
    with open(file, "rb") as opened:
        shift = mmap.mmap(opened.fileno(), SHIFT.size, access=mmap.ACCESS_READ)
    now_us = SystemClock.now_us

    def shifted(self: SystemClock) -> int:
        return now_us(self) + SHIFT.unpack(shift[:])[0]

    SystemClock.now_us = shifted
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
