"""What a journal hands on, collected for a test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from engine.store import StoredEvent


class Told:
    def __init__(self) -> None:
        self.events: list[StoredEvent] = []
        self.failures: list[str] = []
        self.healings: list[str] = []
        self._news = threading.Condition()

    def committed(self, events: Sequence[StoredEvent]) -> None:
        with self._news:
            self.events += events
            self._news.notify_all()

    def failed(self, text: str) -> None:
        with self._news:
            self.failures.append(text)
            self._news.notify_all()

    def healed(self, text: str) -> None:
        with self._news:
            self.healings.append(text)
            self._news.notify_all()

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until the news make ``holds`` true; an AssertionError after 30 s."""
        with self._news:
            assert self._news.wait_for(holds, 30), (len(self.events), self.failures, self.healings)

    @property
    def seqs(self) -> list[int]:
        return [event.seq for event in self.events]

    @property
    def names(self) -> list[str]:
        return [event.event for event in self.events]
