"""The folder of models that were read: written in one step, the longest unused thrown away."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

import psutil

MOST_KEPT_BYTES = 2 * 1024**3
ENTRIES = "*.cad"


def write_entry(path: Path, pieces: Iterable[bytes]) -> None:
    """Write ``path`` whole or not at all; the last of two who write at once wins.

    Raises:
        OSError: there is no room, or no right to.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            for each in pieces:
                file.write(each)
        # Not flushed to disk: after a power cut a torn entry is found out and read again.
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def made_room(cache: Path, spared: str, most: int = MOST_KEPT_BYTES) -> None:
    """Throw the longest unused away until ``most`` bytes are left, but not ``spared``; and torn leftovers."""
    clear_torn(cache)
    found: list[tuple[int, int, Path]] = []
    for path in cache.glob(ENTRIES):
        with contextlib.suppress(OSError):
            facts = path.stat()
            found.append((facts.st_mtime_ns, facts.st_size, path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= most:
            break
        # Windows keeps a file that a window has mapped; it goes next time.
        with contextlib.suppress(OSError):
            if path.name != spared:
                path.unlink()
                total -= size


def used(path: Path) -> None:
    """Note that ``path`` is in use: it is thrown away last."""
    with contextlib.suppress(OSError):
        os.utime(path)


def clear_torn(cache: Path) -> None:
    """Remove what processes that are gone left half written."""
    for path in cache.glob(".*"):
        number = path.name.removesuffix(".glb").rpartition(".")[2]
        if number.isdecimal() and len(number) < 10 and not psutil.pid_exists(int(number)):
            path.unlink(missing_ok=True)
