"""Our history behind the same few calls as the alternatives in `tests.bench.rivals`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.clock import SystemClock
from engine.historian import Historian
from engine.historian.compact import compact_all
from engine.historian.history import StoredHistory
from engine.historian.tail import Tail
from engine.types import Batch, Tag
from tests.bench.harness import size_of

LOAD_ROWS = 500
LIVE_S = 1800
"""So often a running engine packs what it has."""


class DataClock(SystemClock):
    """Says that it is now when the newest sample came: what is measured with is not of today."""

    def __init__(self) -> None:
        self.time_us = 0

    def now_us(self) -> int:
        """The time of the newest sample so far."""
        return self.time_us or super().now_us()


def tags(count: int, deadband: Sequence[float] | None = None) -> list[Tag]:
    """Plain measured tags."""
    return [
        Tag(k, f"A/{k}", "plc", "x", "float64", deadband=0.0 if deadband is None else float(deadband[k]))
        for k in range(count)
    ]


def _fail(text: str) -> None:
    raise RuntimeError(text)


def _heal(text: str) -> None:
    print(f"  {text}")


class Ours:
    """The historian with its two threads, and a reader beside it."""

    name = "Watchroom"

    def __init__(
        self, folder: Path, count: int, start_us: int, deadband: Sequence[float] | None = None
    ) -> None:
        self._folder = folder / "history"
        self._folder.mkdir()
        self._clock = DataClock()
        self._clock.time_us = start_us
        self._ids, self._good = np.arange(count, dtype=np.int32), np.zeros(count, np.uint32)
        self.failures: list[str] = []
        self._reader: StoredHistory | None = None
        self._is_closed = False
        self.historian = Historian(
            self._folder,
            tags(count, deadband),
            self._clock,
            failed=self.failures.append,
            healed=_heal,
            texts=lambda code: "",
        )

    @property
    def reader(self) -> StoredHistory:
        """A reader of what is stored, made when it is first asked for."""
        if self._reader is None:
            self._reader = StoredHistory(self._folder, self.historian.tail, told=_fail)
        return self._reader

    def write(self, time_us: NDArray[np.int64], value: NDArray[np.float64], frames: int) -> None:
        """Rows of all tags; each ``frames`` of them are on disk before the next are taken."""
        for at in range(0, len(time_us), frames):
            self._append(time_us[at : at + frames], value[at : at + frames])
            self._flush()

    def stream(self, time_us: NDArray[np.int64], value: NDArray[np.float64], frames: int) -> None:
        """Rows of all tags as a plant sends them, all on disk at the end."""
        for at in range(0, len(time_us), frames):
            self._append(time_us[at : at + frames], value[at : at + frames])
        self._flush()

    def load(self, time_us: NDArray[np.int64], value: NDArray[np.float64], live_s: float = LIVE_S) -> None:
        """All at once, to have something to read; packed after every ``live_s`` of the data's own time."""
        part = (time_us - time_us[0]) // round(live_s * 1e6)
        starts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(time_us)]
        for first, last in pairwise(starts):
            for at in range(first, last, LOAD_ROWS):
                end = min(at + LOAD_ROWS, last)
                self._append(time_us[at:end], value[at:end])
                self._flush()
            self.finish()

    def _append(self, time_us: NDArray[np.int64], value: NDArray[np.float64]) -> None:
        self._clock.time_us = int(time_us[-1])
        self.historian.append(Batch(0, self._ids, time_us, time_us, value, self._good))

    def _flush(self) -> None:
        if not self.historian.flush(120) or self.historian.lost:
            raise RuntimeError(f"not stored: {self.historian.status}")

    def finish(self) -> int:
        """Pack everything; bytes of the files that hold it then."""
        if not self.historian.seal(600):
            raise RuntimeError(f"not packed: {self.historian.status}")
        if self.failures:
            raise RuntimeError(self.failures[0])
        return self._size()

    def _size(self) -> int:
        return sum(
            size_of(each) for kind in ("samples-*.db", "fast-*.db") for each in self._folder.glob(kind)
        )

    def compact(self) -> int:
        """End the engine and compact the days that are over, as it does when idle; bytes of all files then.

        From then on there is only the reader, and no work in the background beside what is measured.
        """
        self.historian.close()
        self._is_closed = True
        compact_all(self._folder, self._clock.time_us)
        if self._reader is not None:
            self._reader.close()
        self._reader = self.reading()
        return self._size()

    def reading(self, cache_mb: int = 192) -> StoredHistory:
        """A reader of what is in files, to be closed by who asks."""
        return StoredHistory(self._folder, Tail(), told=_fail, cache_mb=cache_mb)

    def raw(self, tag: int, start_us: int, end_us: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Samples of one tag, without the one before the span."""
        found = self.reader.raw(tag, start_us, end_us)
        first = int(np.searchsorted(found.time_us, start_us))
        return found.time_us[first:], found.value[first:]

    def window(self, tags: int, start_us: int, end_us: int, step_us: int) -> NDArray[np.float32]:
        """Value of each tag at each step, float32[tags × steps]."""
        return self.reader.window(range(tags), start_us, end_us, step_us)

    def close(self) -> None:
        """Close all files."""
        if self._reader is not None:
            self._reader.close()
        if not self._is_closed:
            self.historian.close()
