"""What is known of one source's link, and the sink that finds it out by listening in."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.types import Batch, Clock, Sink, SourceStateName, TagInfo

STALE_AFTER_S = 3.0
STALE_PERIODS = 2.5
RATE_WINDOW_S = 10


@dataclass(slots=True, eq=False)
class Link:
    """One source as its supervisor sees it. Read it at will; only the supervisor writes.

    ``since_us`` is UTC; ``security`` is that of the link that is up, "" without one; ``samples`` and
    ``dropped`` count since the engine started; ``reconnects`` counts how often a lost link came back;
    ``last_error`` stays after recovery.
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

    def mark(self, tags: NDArray[np.int32], status: int) -> None:
        """Pass on."""
        if not self.closed:
            self.sink.mark(tags, status)

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

    def lost(self, samples: int, why: str) -> None:
        """Count them."""
        if not self.closed:
            self.link.dropped += samples
            self.sink.lost(samples, why)
