"""What waits to become frames: batches, gaps and texts, bounded, and counted when they are refused."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.types import Batch, Gap, Origin

MOST_BYTES = 256_000_000
"""Samples that may wait in memory, here and in the writer."""
BATCH_BYTES, SAMPLE_BYTES = 1000, 20
"""About what a waiting batch and each sample in it take."""

Waiting = tuple[Batch, Origin, NDArray[np.bool_] | None]


@dataclass(slots=True)
class Refused:
    """Samples of one scan group that were not taken: how many, and received from when to when."""

    tags: NDArray[np.int32]
    first_us: int
    last_us: int
    samples: int = 0


@dataclass(slots=True)
class Taken:
    """What the writer takes at once. ``ticket`` = number of the newest thing in it, or before it."""

    batches: list[Waiting]
    gaps: list[Gap]
    texts: list[tuple[int, str]]
    refused: list[Refused]
    ticket: int
    closing: bool
    mark: bool


@dataclass(slots=True)
class _Content:
    batches: deque[Waiting] = field(default_factory=deque[Waiting])
    gaps: list[Gap] = field(default_factory=list[Gap])
    texts: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    refused: dict[int, Refused] = field(default_factory=dict[int, Refused])


class Inbox:
    """Any thread puts in, quickly; one writer takes. Overload: refuse, counted by scan group.

    ``held`` = bytes that the writer still holds of what it took, set by the writer. ``lost`` counts the
    samples that were refused.
    """

    def __init__(self) -> None:
        self.held = self.lost = 0
        self.samples = 0
        self.oldest_us = 0
        self._bytes = self._ticket = 0
        self._content = _Content()
        self._news = threading.Condition()
        self._hurry = self._closing = self._mark = False

    def put(self, batch: Batch, origin: Origin, taken: NDArray[np.bool_] | None) -> None:
        """Samples; only references are kept, so nobody may change the arrays any more."""
        size = batch.value.size
        cost = BATCH_BYTES + SAMPLE_BYTES * size
        with self._news:
            content = self._content
            self._ticket += 1
            if self._closing or self._bytes + self.held + cost > MOST_BYTES:
                self._refuse(batch, size if taken is None else int(np.count_nonzero(taken)))
                return
            if not content.batches:
                self.oldest_us = int(batch.receive_time_us[0])
                self._news.notify_all()
            content.batches.append((batch, origin, taken))
            self._bytes += cost
            self.samples += size

    def gap(self, gap: Gap) -> None:
        """A stretch without samples."""
        with self._news:
            self._ticket += 1
            self._content.gaps.append(gap)
            self._news.notify_all()

    def text(self, code: int, text: str) -> None:
        """A text and its number."""
        with self._news:
            self._ticket += 1
            self._content.texts.append((code, text))
            self._news.notify_all()

    def hurry(self, *, mark: bool = False) -> int:
        """Let the writer not wait for more; the ticket it must reach. ``mark`` asks for a cut for a seal."""
        with self._news:
            self._hurry = True
            self._mark = self._mark or mark
            if mark:
                self._ticket += 1
            self._news.notify_all()
            return self._ticket

    def close(self) -> None:
        """Refuse from now on, and let the writer end."""
        with self._news:
            self._closing = True
            self._news.notify_all()

    def take(self, idle_s: float, group_s: float) -> Taken:
        """Wait for something, at most ``idle_s``, then ``group_s`` for more of it, and take all."""
        with self._news:
            self._news.wait_for(self._is_pressed_or_full, idle_s)
            if not self._pressed():
                self._news.wait_for(self._pressed, group_s)
            content, self._content = self._content, _Content()
            pressing = self._mark
            self._hurry = self._mark = False
            self._bytes = self.samples = 0
            refused = list(content.refused.values())
            return Taken(
                list(content.batches),
                content.gaps,
                content.texts,
                refused,
                self._ticket,
                self._closing,
                pressing,
            )

    def _pressed(self) -> bool:
        return self._closing or self._hurry or self._bytes > MOST_BYTES // 4

    def _is_pressed_or_full(self) -> bool:
        content = self._content
        return self._pressed() or bool(content.batches or content.gaps or content.texts)

    def _refuse(self, batch: Batch, samples: int) -> None:
        """Counted by the first tag of the batch: a batch is of one source."""
        self.lost += samples
        group = int(batch.tags[0])
        known = self._content.refused.get(group)
        first, last = int(batch.receive_time_us[0]), int(batch.receive_time_us[-1])
        if known is None:
            self._content.refused[group] = known = Refused(batch.tags, first, last)
        known.samples += samples
        known.first_us, known.last_us = min(known.first_us, first), max(known.last_us, last)
