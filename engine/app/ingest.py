"""From a driver's batch to the live table, and the figures about it. Runs in the loop's thread."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.alarms import Alarms
from engine.app.clock_watch import ClockWatch
from engine.app.turns import Turns
from engine.live import LiveTable
from engine.tags import Judged, Pipeline, stale_limit_s
from engine.types import Batch, Clock, ConditionKey, ConditionReport, Gap, Origin, Record, Status, TagInfo

log = logging.getLogger("watchroom.ingest")
LOST_US = 10_000_000
"""Losses that follow each other within this time are one gap, and one line of the log."""


class Counters:
    """Samples in, kept for the trend, late, come twice and dropped, and how long they took to be live."""

    def __init__(self) -> None:
        self.taken = self.kept = self.late = self.duplicates = self.dropped = 0
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
    """The sink of one source (``engine.types.Sink``).

    ``reasons`` says why a tag was marked: status and words by tag id; they hold while the tag has
    that status. ``described`` gets what the device says of a tag. ``alarms`` judges what becomes the
    live value, and nothing that comes late. ``record`` and ``turns`` keep the history; ``source`` is the
    id that its gaps bear; ``samples`` counts them by tag id. ``clocks`` = what is known of its clock.
    """

    def __init__(
        self,
        table: LiveTable,
        pipeline: Pipeline,
        counters: Counters,
        clock: Clock,
        reasons: dict[int, tuple[int, str]],
        described: Callable[[int, TagInfo], None],
        alarms: Alarms | None = None,
        record: Record | None = None,
        turns: Turns | None = None,
        source: str = "",
        samples: NDArray[np.int64] | None = None,
    ) -> None:
        self.clocks, self._samples = ClockWatch(), samples
        self._table, self._pipeline, self._counters = table, pipeline, counters
        self._clock, self._reasons, self._described = clock, reasons, described
        self._alarms, self._record, self._turns, self._source = alarms, record, turns, source
        self._heard_us = 0
        self._losing: Gap | None = None

    def batch(self, batch: Batch) -> None:
        """Scale, judge, store."""
        if not batch.value.size:
            return
        judged = self._pipeline.judge(batch)
        self._write(judged)
        self._keep(judged)
        self._heard_us = int(batch.receive_time_us[-1])
        if self._losing is not None and self._heard_us - self._losing.start_us > LOST_US:
            self.close()
        self.clocks.lag(batch)
        self.clocks.reordered += judged.late
        if self._samples is not None:
            self._samples[batch.tags] += len(batch.value)
        counters = self._counters
        counters.taken += batch.value.size
        counters.kept += int(np.count_nonzero(judged.keep))
        counters.late += judged.late
        counters.duplicates += judged.duplicates
        counters.lag_ms.append((self._clock.now_us() - int(batch.receive_time_us[-1])) / 1000)

    def _write(self, judged: Judged) -> None:
        mono_us = self._clock.mono_us()
        self._table.write(judged.batch, judged.keep, mono_us, judged.taken)
        if self._alarms is not None:
            self._alarms.judge(judged.batch, judged.taken, mono_us)
        if len(judged.twice):
            self._hold(judged.twice, mono_us, self._clock.now_us())

    def _keep(self, judged: Judged) -> None:
        """Into the history: all but what came twice, and what came late marked as such."""
        if self._record is None:
            return
        self._record.append(judged.batch, Origin.LIVE, judged.taken)
        if judged.older is not None:
            self._record.append(judged.batch, Origin.LATE, judged.older)

    def _hold(self, tags: NDArray[np.int32], mono_us: int, now_us: int) -> None:
        back = self._table.alive(tags, mono_us, now_us)
        if self._turns is not None:
            self._turns.resumed(back)
        if self._alarms is not None:
            self._alarms.proved(tags, mono_us)

    def alive(self, tags: NDArray[np.int32]) -> None:
        """The last values hold; a late one that nothing newer followed is the last."""
        now_us = self._clock.now_us()
        if (overdue := self._pipeline.overdue(tags, now_us)) is not None:
            self._write(overdue)
        self._hold(tags, self._clock.mono_us(), now_us)

    def period(self, tags: NDArray[np.int32], seconds: float) -> None:
        """Set the age at which these tags are stale."""
        self._table.period(tags, round(stale_limit_s(seconds) * 1e6))

    def mark(self, tags: NDArray[np.int32], status: int, why: str = "") -> None:
        """Set a quality; the next sample is kept whatever it is, and new whatever its time."""
        self._pipeline.restart(tags)
        # A lost link leaves what was bad as it was, and the reason with it.
        if why or status != Status.STALE:
            self._reasons.update(dict.fromkeys(tags.tolist(), (status, why)))
        rows = self._table.mark(tags, status, self._clock.mono_us(), self._clock.now_us())
        if self._turns is not None:
            self._turns.ended(rows)
        if self._alarms is not None:
            self._alarms.silent(tags, lost=True, status=status)

    def late(self, batch: Batch) -> None:
        """Into the trend and the history alone, marked as read back from the device."""
        if batch.value.size:
            cleaned = self._pipeline.clean(batch)
            self._table.write_late(cleaned)
            self._counters.late += batch.value.size
            if self._record is not None:
                self._record.append(cleaned, Origin.BACKFILL)

    def describe(self, tag_id: int, info: TagInfo) -> None:
        """Pass on what the device says of a tag."""
        self._described(tag_id, info)

    def connected(self, security: str) -> None:
        """Nothing to do here; the supervisor keeps the link's state."""

    def lost(self, samples: int, why: str, since_us: int = 0) -> None:
        """Count samples that never arrived, and remember since when."""
        self._counters.dropped += samples
        now_us, before = self._clock.now_us(), self._losing
        begin_us = min(since_us or self._heard_us or now_us, now_us)
        if before is None or now_us - before.start_us > LOST_US or before.text != why:
            self.close()
            self._losing = Gap(begin_us, now_us, "dropped", self._source, samples=samples, text=why)
        else:
            begin_us, many = min(before.start_us, begin_us), (before.samples or 0) + samples
            self._losing = msgspec.structs.replace(before, start_us=begin_us, end_us=now_us, samples=many)

    def close(self) -> None:
        """Put what was lost lately into the history and the log; called by itself, and at the end."""
        lost, self._losing = self._losing, None
        if lost is None:
            return
        log.warning("%d samples lost: %s", lost.samples, lost.text)
        if self._record is not None:
            self._record.gap(lost)

    def note(self, about: str, what: str, do: str = "") -> None:
        """Nothing to do here; the supervisor keeps it with the link."""

    def fact(self, name: str, text: str) -> None:
        """Nothing to do here; the supervisor keeps it with the link."""

    def condition(self, report: ConditionReport) -> None:
        """Show it beside our own alarms."""
        if self._alarms is not None:
            self._alarms.condition(self._source, report)

    def conditions(self, known: frozenset[ConditionKey] | None) -> None:
        """Those that the server does not have any more are gone."""
        if self._alarms is not None:
            self._alarms.conditions(self._source, known)

    def clock_offset(self, seconds: float, error_s: float = 0.0) -> None:
        """Remember it: an hour of it tells how fast the clock drifts."""
        self.clocks.measured(self._clock.mono_us(), self._clock.now_us(), seconds, error_s)
