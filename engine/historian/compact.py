"""Days that are over are compacted: the same samples in fewer and larger chunks, read in half the time.

Today is too, every few hours, where it is quiet between two seals.

It is done in the seal thread, which alone writes segments and takes them away, a little at a time between
seals. Whatever keeps a file from being compacted is no trouble: it stays as it is.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Callable, Collection
from pathlib import Path

from engine.historian.places import DAY_US, day_of
from engine.store.compacting import Compacting, clear, is_worth
from engine.store.database import StoreError
from engine.types import Clock

log = logging.getLogger("watchroom.history")
QUIET_US = 3_600_000_000
"""A day is left alone until it has been over, and nothing came for it, for so long."""
MANY_TODAY = 12
"""Today is compacted when there are so many chunks for each tag: six hours of them as they are sealed."""
MOMENT_US = 60_000_000
"""And nothing came for so long: where a seal follows the other there is no time for it."""
LOOK_S, RETRY_S = 60.0, 900.0
"""So often it is looked whether a file is due, and one is tried again that could not be compacted."""
STEP_S = 0.2
"""A seal that is due waits no longer than this and what one file takes to be put in place."""
ROOM = 2
"""So many times a file's size has to be free before it is made anew."""
Watch = Callable[[float], bool]
"""Hears how far the work is, 0 to 1; False = stop."""


class Compaction:
    """Which file is at work. For one thread."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder, self._clock = folder, clock
        self._work: Compacting | None = None
        self._written_us: dict[Path, int] = {}
        self._done: dict[Path, tuple[int, int]] = {}
        self._not_before: dict[Path, float] = {}
        self._look_at = 0.0
        clear(folder)

    def written(self, path: Path) -> None:
        """A seal put samples into this file."""
        self._written_us[path] = self._clock.now_us()
        if self._work is not None and self._work.path == path:
            self.close()

    def step(self, is_wanted: Callable[[], bool], busy: Collection[Path] = ()) -> None:
        """Work for a moment while ``is_wanted()``; files that are ``busy`` are left alone."""
        if self._work is None and time.monotonic() < self._look_at:
            return
        work = self._work
        try:
            if work is None or work.path in busy:
                self.close()
                work = self._work = self._next(busy)
            if work is not None and _worked(work, is_wanted):
                self._finish(work)
        except (StoreError, OSError) as error:
            log.info("a day is not compacted for now: %s", error)
            self.close()
        except Exception:  # a day that stays as it is must not keep the history from being packed
            log.exception("a day cannot be compacted")
            self.close()

    def close(self) -> None:
        """Give up the file at work; it stays as it was."""
        if self._work is not None:
            self._work.close()
            self._work = None

    def _finish(self, work: Compacting) -> None:
        try:
            if work.finish():
                self._done[work.path] = _mark(work.path) or (0, 0)
        finally:
            self.close()

    def _next(self, busy: Collection[Path]) -> Compacting | None:
        """The newest file that is due; None = none, and not for a while."""
        now_us = self._clock.now_us()
        files = [(path, QUIET_US, 1) for path in due(self._folder, now_us)]
        files += [(path, MOMENT_US, MANY_TODAY) for path in today(self._folder, now_us)]
        for path, quiet_us, many in files:
            if path in busy or now_us - self._written_us.get(path, -quiet_us) < quiet_us:
                continue
            mark, now_s = _mark(path), time.monotonic()
            if mark is None or self._done.get(path) == mark or now_s < self._not_before.get(path, 0.0):
                continue
            self._not_before[path] = now_s + RETRY_S
            if not is_worth(path, many):
                self._done[path] = mark
            elif has_room(path):
                return Compacting(path)
        self._look_at = time.monotonic() + LOOK_S
        return None


def compact_all(folder: Path, now_us: int, watch: Watch = lambda share: True) -> int:
    """Compact every day that is over, and today where it is due; gives how many files.

    For a folder that nobody else writes to.

    Raises:
        StoreError: a file cannot be made anew; it is as it was.
    """
    clear(folder)
    paths = [path for path in due(folder, now_us, quiet_us=0) if is_worth(path)]
    paths += [path for path in today(folder, now_us) if is_worth(path, MANY_TODAY)]
    count, paths = 0, [path for path in paths if has_room(path)]
    for place, path in enumerate(paths):
        work = Compacting(path)
        try:
            while not work.step():
                if not watch(place / len(paths)):
                    return count
            count += work.finish()
        finally:
            work.close()
    return count


def due(folder: Path, now_us: int, quiet_us: int = QUIET_US) -> list[Path]:
    """Segments of days that have been over for ``quiet_us``, the newest first."""
    over = [path for path in _whole(folder) if 0 < (day_of(path) + 1) * DAY_US <= now_us - quiet_us]
    return sorted(over, key=day_of, reverse=True)


def today(folder: Path, now_us: int) -> list[Path]:
    """The segment that is written to now."""
    return [path for path in _whole(folder) if day_of(path) == now_us // DAY_US]


def _whole(folder: Path) -> list[Path]:
    """Segments but for those of a day of which a damaged file was set aside: another thread saves into them.

    Chunks of fast tags are large from the beginning.
    """
    found = folder.glob("samples-????-??-??.db")
    return [path for path in found if not any(folder.glob(f"{path.name}.damaged-*"))]


def has_room(path: Path) -> bool:
    """Whether the disk has room to make a file anew."""
    return shutil.disk_usage(path.parent).free > ROOM * path.stat().st_size


def _worked(work: Compacting, is_wanted: Callable[[], bool]) -> bool:
    """Whether all chunks of the file are made."""
    end = time.monotonic() + STEP_S
    while not (done := work.step()) and is_wanted() and time.monotonic() < end:
        pass
    work.flush()
    return done


def _mark(path: Path) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        facts = path.stat()
        return facts.st_mtime_ns, facts.st_size
    return None
