"""From a driver's batch to the live table, and the figures about it. Runs in the loop's thread."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.live import LiveTable
from engine.tags import Exceptions, clean, stale_limit_s
from engine.types import Batch, Clock, TagInfo

log = logging.getLogger("watchroom.ingest")


class Counters:
    """Samples in, kept by the exception filter and dropped, and how late they were written."""

    def __init__(self) -> None:
        self.taken = self.kept = self.dropped = 0
        self.lag_ms: deque[float] = deque(maxlen=2000)
        self._marks: deque[tuple[int, int, int]] = deque(maxlen=6)

    def mark(self, mono_us: int) -> None:
        """Remember the counts now; call once a second."""
        self._marks.append((mono_us, self.taken, self.kept))

    def rates(self) -> tuple[float, float]:
        """Samples a second, taken and kept, over the last five seconds."""
        if len(self._marks) < 2:
            return 0.0, 0.0
        (start, taken, kept), (end, taken_now, kept_now) = self._marks[0], self._marks[-1]
        seconds = (end - start) / 1e6
        return (taken_now - taken) / seconds, (kept_now - kept) / seconds

    def lag_ms_p99(self) -> float | None:
        """99th percentile, over recent batches, from receipt to the live table."""
        return float(np.percentile(np.array(self.lag_ms), 99)) if self.lag_ms else None


class Ingest:
    """The sink of one source (``engine.types.Sink``)."""

    def __init__(
        self,
        table: LiveTable,
        exceptions: Exceptions,
        counters: Counters,
        clock: Clock,
        described: Callable[[int, TagInfo], None],
    ) -> None:
        self.reasons: dict[int, tuple[int, str]] = {}
        """Why a tag was marked: status and words by tag id; they hold while the tag has that status."""
        self._table, self._exceptions, self._counters = table, exceptions, counters
        self._clock, self._described = clock, described

    def batch(self, batch: Batch) -> None:
        """Clean, filter, store."""
        cleaned = clean(batch)
        keep = self._exceptions.keep(cleaned)
        self._table.write(cleaned, keep, self._clock.mono_us())
        self._counters.taken += cleaned.value.size
        self._counters.kept += int(keep.sum())
        self._counters.lag_ms.append((self._clock.now_us() - int(batch.receive_time_us[-1])) / 1000)

    def alive(self, tags: NDArray[np.int32]) -> None:
        """The last values hold."""
        self._table.alive(tags, self._clock.mono_us(), self._clock.now_us())

    def period(self, tags: NDArray[np.int32], seconds: float) -> None:
        """Set the age at which these tags are stale."""
        self._table.period(tags, round(stale_limit_s(seconds) * 1e6))

    def mark(self, tags: NDArray[np.int32], status: int, why: str = "") -> None:
        """Set a quality; the next sample is kept whatever it is."""
        self._exceptions.known[tags] = False
        for tag_id in tags.tolist():
            self.reasons[tag_id] = (status, why)
        self._table.mark(tags, status, self._clock.mono_us(), self._clock.now_us())

    def late(self, batch: Batch) -> None:
        """Into the ring alone."""
        cleaned = clean(batch)
        self._table.write_late(cleaned)

    def describe(self, tag_id: int, info: TagInfo) -> None:
        """Pass on what the device says of a tag."""
        self._described(tag_id, info)

    def connected(self, security: str) -> None:
        """Nothing to do here; the supervisor keeps the link's state."""

    def lost(self, samples: int, why: str) -> None:
        """Count samples that never arrived."""
        self._counters.dropped += samples
        log.warning("%d samples lost: %s", samples, why)

    def note(self, about: str, what: str, do: str = "") -> None:
        """Nothing to do here; the supervisor keeps it with the link."""

    def fact(self, name: str, text: str) -> None:
        """Nothing to do here; the supervisor keeps it with the link."""

    def clock_offset(self, seconds: float) -> None:
        """Nothing to do here; the supervisor keeps it with the link."""
