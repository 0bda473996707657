"""What is known of one source's link, and the sink that finds it out by listening in."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.types import (
    Batch,
    Clock,
    ConditionKey,
    ConditionReport,
    Sink,
    SourceEvent,
    SourceNote,
    SourceStateName,
    TagInfo,
)

STALE_AFTER_S = 3.0
STALE_PERIODS = 2.5
RATE_WINDOW_S = 10
MOST_EVENTS = 50


@dataclass(slots=True, eq=False)
class Link:
    """One source as its supervisor sees it. Read it at will; only the supervisor writes.

    ``since_us`` is UTC; ``security`` is that of the link that is up, "" without one; ``samples`` and
    ``dropped`` count since the engine started; ``reconnects`` counts how often a lost link came back;
    ``last_error`` stays after recovery; ``what`` is the matter now and what to ``do``, "" once the link is
    up. ``notes`` outlive the link, ``facts`` belong to the present one. ``events`` are the last changes.
    """

    state: SourceStateName = "connecting"
    since_us: int = 0
    security: str = ""
    reconnects: int = 0
    samples: int = 0
    dropped: int = 0
    last_error: str = ""
    connects: int = 0
    proven_mono_us: int | None = None
    period_s: float = 0.0
    what: str = ""
    do: str = ""
    clock_offset_s: float | None = None
    notes: dict[str, SourceNote] = field(default_factory=dict[str, SourceNote])
    facts: dict[str, str] = field(default_factory=dict[str, str])
    events: deque[SourceEvent] = field(default_factory=lambda: deque[SourceEvent](maxlen=MOST_EVENTS))
    _first_second: int | None = None
    _seconds: deque[tuple[int, int]] = field(default_factory=deque[tuple[int, int]])
    _retry: asyncio.Event = field(default_factory=asyncio.Event)

    def state_at(self, mono_us: int) -> SourceStateName:
        """The state now: a connected link without proof for longer than its limit is "stale"."""
        if self.state != "connected" or self.proven_mono_us is None:
            return self.state
        limit_s = max(STALE_AFTER_S, STALE_PERIODS * self.period_s)
        return "stale" if mono_us - self.proven_mono_us > limit_s * 1e6 else "connected"

    def age_s(self, mono_us: int) -> float | None:
        """Seconds since the source last proved anything; None when it never did."""
        return None if self.proven_mono_us is None else max(0, mono_us - self.proven_mono_us) / 1e6

    def rate_in(self, mono_us: int) -> float:
        """Samples per second over the last ten whole seconds, or fewer right after the start."""
        second = mono_us // 1_000_000
        if self._first_second is None or second <= self._first_second:
            return 0.0
        span = min(RATE_WINDOW_S, second - self._first_second)
        return sum(count for at, count in self._seconds if second - span <= at < second) / span

    def retry_now(self) -> None:
        """Cut the present wait short, for example after a person trusted a certificate."""
        self._retry.set()

    async def wait_retry(self) -> None:
        """Wait for ``retry_now``; one that came since the last wait counts."""
        await self._retry.wait()
        self._retry.clear()

    def count(self, samples: int, mono_us: int) -> None:
        """Count samples into the second they came in."""
        self.samples += samples
        second = mono_us // 1_000_000
        if self._first_second is None:
            self._first_second = second
        if self._seconds and self._seconds[-1][0] == second:
            samples += self._seconds.pop()[1]
        self._seconds.append((second, samples))
        while self._seconds[0][0] < second - RATE_WINDOW_S:
            self._seconds.popleft()


@dataclass(slots=True, eq=False)
class ListeningSink:
    """Passes one run's reports on to the engine's sink and notes them in the link.

    Once ``closed`` it passes nothing on: a driver that hangs after its end cannot report late.
    """

    sink: Sink
    link: Link
    clock: Clock
    on_connected: Callable[[], None]
    connected_mono_us: int | None = None
    closed: bool = False

    def batch(self, batch: Batch) -> None:
        """Count the samples; they also prove the link."""
        if not self.closed:
            mono_us = self.clock.mono_us()
            self.link.count(int(batch.value.size), mono_us)
            self.link.proven_mono_us = mono_us
            self.sink.batch(batch)

    def alive(self, tags: NDArray[np.int32]) -> None:
        """Note the proof; without tags it is one of the link alone."""
        if not self.closed:
            self.link.proven_mono_us = self.clock.mono_us()
            self.sink.alive(tags)

    def period(self, tags: NDArray[np.int32], seconds: float) -> None:
        """Keep the shortest period: the fastest tags show first that a link went silent."""
        if not self.closed:
            self.link.period_s = min(self.link.period_s or seconds, seconds)
            self.sink.period(tags, seconds)

    def mark(self, tags: NDArray[np.int32], status: int, why: str = "") -> None:
        """Pass on."""
        if not self.closed:
            self.sink.mark(tags, status, why)

    def late(self, batch: Batch) -> None:
        """Pass on; it proves nothing about now."""
        if not self.closed:
            self.sink.late(batch)

    def describe(self, tag_id: int, info: TagInfo) -> None:
        """Pass on."""
        if not self.closed:
            self.sink.describe(tag_id, info)

    def connected(self, security: str) -> None:
        """Note when and how; a link that was there before counts as a reconnect."""
        if self.closed:
            return
        mono_us = self.clock.mono_us()
        self.link.security = security
        self.link.proven_mono_us = mono_us
        if self.connected_mono_us is None:
            self.connected_mono_us = mono_us
            self.link.reconnects += self.link.connects > 0
            self.link.connects += 1
            self.on_connected()
        self.sink.connected(security)

    def lost(self, samples: int, why: str, since_us: int = 0) -> None:
        """Count them."""
        if not self.closed:
            self.link.dropped += samples
            self.sink.lost(samples, why, since_us)

    def note(self, about: str, what: str, do: str = "") -> None:
        """Keep it, or take it back; a note that says the same again keeps its time."""
        if self.closed:
            return
        before = self.link.notes.get(about)
        if not what:
            self.link.notes.pop(about, None)
        elif before is None or (before.what, before.do) != (what, do):
            since_us = self.clock.now_us() if before is None else before.since_us
            self.link.notes[about] = SourceNote(about, what, do, since_us)
        self.sink.note(about, what, do)

    def fact(self, name: str, text: str) -> None:
        """Keep it while the link is up."""
        if not self.closed:
            self.link.facts[name] = text
            self.sink.fact(name, text)

    def clock_offset(self, seconds: float, error_s: float = 0.0) -> None:
        """Keep the newest."""
        if not self.closed:
            self.link.clock_offset_s = seconds
            self.sink.clock_offset(seconds, error_s)

    def condition(self, report: ConditionReport) -> None:
        """Pass on."""
        if not self.closed:
            self.sink.condition(report)

    def conditions(self, known: frozenset[ConditionKey] | None) -> None:
        """Pass on."""
        if not self.closed:
            self.sink.conditions(known)
