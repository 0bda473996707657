"""A file that only takes up room, given back when the disk is full so that the event journal can go on."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

RESERVE_BYTES = 64_000_000
SLACK_BYTES = 16_000_000
"""Room beyond the reserve that there must be before the history writes again."""


class Reserve:
    """``data/history/reserve``. Where the disk has no room for it there is none."""

    def __init__(self, path: Path, nbytes: int = 0) -> None:
        self._path, self._nbytes = path, nbytes or RESERVE_BYTES
        self._slack = min(SLACK_BYTES, self._nbytes // 4)
        self.given_up = False
        self._take_up()

    def give_up(self) -> None:
        """Free the room, for others than the history."""
        self.given_up = True
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def is_back(self) -> bool:
        """Whether there is room again for the reserve and more; then it is taken up."""
        if self.given_up:
            try:
                free = shutil.disk_usage(self._path.parent).free
            except OSError:
                return False
            if free < self._nbytes + self._slack:
                return False
            self._take_up()
        return not self.given_up

    def _take_up(self) -> None:
        try:
            if not self._path.exists() or self._path.stat().st_size != self._nbytes:
                _fill(self._path, self._nbytes)
        except OSError:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
            return
        self.given_up = False


def _fill(path: Path, nbytes: int) -> None:
    """Real blocks, not a hole in a file. Raises OSError where there is no room."""
    with path.open("wb") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, nbytes)
            return
        block = bytes(1_000_000)
        for start in range(0, nbytes, len(block)):
            file.write(block[: nbytes - start])
