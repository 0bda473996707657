"""The day files of a history, open for reading: which there are, and a bounded number held open."""

from __future__ import annotations

import os
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.store.database import StoreError
from engine.store.segment import Segment

DAY_US = 86_400_000_000
LONGEST_MONTH_US = 31 * DAY_US
SETTLED_S = 0.05
"""A file system's clock ticks every few ms: two changes within one tick bear the same time."""
_NAME = re.compile(r"^(samples|fast)-(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\.db(\.damaged-\d+)?$")
_ROLLUPS = re.compile(r"^rollups-(\d{4})-(0[1-9]|1[0-2])\.db$")
FAR_US = 2**62
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, eq=False)
class DayFile:
    """One segment file on disk. ``number`` tells it from every other, also of the same name later.

    ``is_lost`` = it was damaged and set aside, and nothing came into its place.
    """

    path: Path
    is_fast: bool
    start_us: int
    end_us: int
    number: int
    is_lost: bool = False


class Memo(Generic[Found]):
    """The last answer to one question, valid until the stamp changes. Any thread.

    An answer counts only when the stamp had been the same for a while before: a change within the
    same tick of the file system's clock would not show.
    """

    def __init__(self) -> None:
        self._seen: tuple[object, float] = None, 0.0
        self._kept: tuple[object, Found] | None = None

    def get(self, stamp: object, ask: Callable[[], Found]) -> Found:
        """The answer that goes with this stamp, asked anew where it may have changed."""
        kept, (seen, since_s) = self._kept, self._seen
        if kept is not None and kept[0] == stamp:
            return kept[1]
        if seen != stamp:
            since_s = time.monotonic()
            self._seen = stamp, since_s
        settled = time.monotonic() - since_s >= SETTLED_S
        answer = ask()
        if settled:  # kept with its stamp: another thread may have seen a newer one meanwhile
            self._kept = stamp, answer
        return answer


class Shelf:
    """All segment files below a folder. Any thread; each call that reads has a file for itself.

    ``told`` hears once of each file that cannot be read. A missing folder holds no files.
    """

    def __init__(self, folder: Path, told: Callable[[str], None], most_open: int = 48) -> None:
        self._folder, self._told, self._most = folder, told, most_open
        self._lock = threading.Lock()
        self._files: dict[tuple[str, int], DayFile] = {}
        self._listed = Memo[list[DayFile]]()
        self._tags: dict[int, Memo[NDArray[np.int32]]] = {}
        self._idle: OrderedDict[tuple[int, int], tuple[DayFile, Segment]] = OrderedDict()
        self._opened, self._is_closed = 0, False
        self._said: set[object] = set()
        self._rollups_us = FAR_US, -FAR_US
        self._numbers = 0

    def files(self) -> list[DayFile]:
        """Every segment file there is now, by day."""
        try:
            stamp = self._folder.stat().st_mtime_ns
            with self._lock:
                return self._listed.get(stamp, self._list)
        except OSError:
            return []

    def end_us(self) -> int:
        """Where the last day file or month of roll-ups ends; the beginning of time where there are none."""
        last_us = max((file.end_us for file in self.files()), default=-FAR_US)
        return max(last_us, self._rollups_us[1])

    def oldest_us(self) -> int:
        """Where samples begin; the end of time where there are none."""
        return next((file.start_us for file in self.files()), FAR_US)

    def oldest_rollup_us(self) -> int:
        """Where roll-ups begin; the end of time where there are none."""
        self.files()
        return self._rollups_us[0]

    def stamp(self) -> tuple[tuple[int, ...], ...]:
        """Changes with every write to any file."""
        return tuple((file.number, *stamp_of(file)) for file in self.files())

    def holds(self, file: DayFile, tag: int) -> bool:
        """Whether a file has samples of a tag; also True where that cannot be told."""
        if file.is_lost:
            return True
        stamp = stamp_of(file)
        with self._lock:
            memo = self._tags.setdefault(file.number, Memo[NDArray[np.int32]]())
        tags = memo.get(stamp, lambda: self._ask_tags(file))
        at = int(tags.searchsorted(tag))
        return (at < len(tags) and int(tags[at]) == tag) or (len(tags) == 1 and int(tags[0]) == -1)

    def _ask_tags(self, file: DayFile) -> NDArray[np.int32]:
        found = self.ask(file, Segment.tags)
        return np.array([-1], np.int32) if found is None else found

    def ask(self, file: DayFile, question: Callable[[Segment], Found]) -> Found | None:
        """What a file answers; None where it cannot be read, which is told once."""
        if file.is_lost:
            return None
        try:
            with self.borrow(file) as segment:
                return question(segment)
        except StoreError as error:
            if file.path.exists():  # otherwise retention was quicker
                self.tell(file.number, str(error))
            return None

    @contextmanager
    def borrow(self, file: DayFile) -> Generator[Segment]:
        """A file for this thread alone.

        Raises:
            StoreError: it cannot be opened.
        """
        segment = self._take(file) or Segment(file.path, read_only=True)
        try:
            yield segment
        finally:
            self._give(file, segment)

    def tell(self, key: object, text: str) -> None:
        """Say once that something cannot be read."""
        with self._lock:
            if key in self._said:
                return
            self._said.add(key)
        self._told(text)

    def close(self) -> None:
        """Close all files; those that are lent close when they come back."""
        with self._lock:
            self._is_closed = True
            idle = [segment for _, segment in self._idle.values()]
            self._idle.clear()
        for segment in idle:
            segment.close()

    def _take(self, file: DayFile) -> Segment | None:
        with self._lock:
            key = next((key for key in reversed(self._idle) if key[0] == file.number), None)
            return None if key is None else self._idle.pop(key)[1]

    def _give(self, file: DayFile, segment: Segment) -> None:
        dropped = [segment]
        with self._lock:
            if not self._is_closed:
                self._opened += 1
                self._idle[file.number, self._opened] = file, segment
                dropped = [self._idle.popitem(last=False)[1][1] for _ in range(len(self._idle) - self._most)]
        for each in dropped:
            each.close()

    def _list(self) -> list[DayFile]:
        found: list[DayFile] = []
        months: list[tuple[int, int]] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if match := _NAME.match(entry.name):
                    found.append(self._file(entry, match))
                elif match := _ROLLUPS.match(entry.name):
                    begin_us = _instant(int(match[1]), int(match[2]), 1)
                    months.append((begin_us, begin_us + LONGEST_MONTH_US))
        self._rollups_us = (min(months)[0], max(months)[1]) if months else (FAR_US, -FAR_US)
        self._forget({file.number for file in found})
        there = {(file.is_fast, file.start_us) for file in found if not file.is_lost}
        kept = [f for f in found if not f.is_lost or (f.is_fast, f.start_us) not in there]
        return sorted(kept, key=lambda file: file.start_us)

    def _file(self, entry: os.DirEntry[str], match: re.Match[str]) -> DayFile:
        key = entry.name, entry.inode()
        if key not in self._files:
            kind, *date, damaged = match.groups()
            start_us = _instant(*map(int, date))
            self._numbers += 1
            path = self._folder / entry.name
            end_us = start_us + DAY_US
            self._files[key] = DayFile(
                *(path, kind == "fast", start_us, end_us, self._numbers, damaged is not None)
            )
        return self._files[key]

    def _forget(self, there: set[int]) -> None:
        for key in [key for key in self._idle if key[0] not in there]:
            self._idle.pop(key)[1].close()
        for number in [number for number in self._tags if number not in there]:
            del self._tags[number]
        self._files = {key: file for key, file in self._files.items() if file.number in there}


def _instant(year: int, month: int, day: int) -> int:
    first = datetime(max(year, 1), month, 1, tzinfo=UTC)
    return (first - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) + (day - 1) * DAY_US


def stamp_of(file: DayFile) -> tuple[int, ...]:
    """Changes with every write to a file: when it and its WAL were last written, and their sizes."""
    stamp: list[int] = []
    for path in (str(file.path), f"{file.path}-wal"):
        try:
            found = os.stat(path)
        except OSError:
            stamp += (0, 0)
        else:
            stamp += (found.st_mtime_ns, found.st_size)
    return tuple(stamp)
