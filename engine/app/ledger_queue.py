"""What waits for the ledger's thread: entries of callers, and other things to do with the ledger."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from engine.ledger import Draft
from engine.types.control import NotRecorded

MOST_WAITING = 10_000
"""Entries that wait; more are refused."""
ENDED = "the engine stops"


class Wanted:
    """Entries of one caller, or something else to do in the ledger's thread."""

    def __init__(self, drafts: Sequence[Draft] = (), act: Callable[[], object] | None = None) -> None:
        self.drafts, self.act = drafts, act
        self.done: Future[object] = Future()

    def refuse(self, why: str) -> None:
        """Tell who waits that it was not done."""
        self.done.set_exception(NotRecorded(f"this was not put on record, so it is not done: {why}"))


class Queue:
    """``put`` and ``end`` from any thread, ``take`` in the ledger's, which waits for ``wake``."""

    def __init__(self) -> None:
        self._waiting: deque[Wanted] = deque()
        self._lock = threading.Lock()
        self.wake = threading.Event()
        self.is_ended = False

    def put(self, wanted: Wanted, is_served: bool) -> None:
        """Let something wait for its turn; ``is_served`` = the ledger's thread runs.

        Raises:
            NotRecorded: nobody takes it any more, or too much waits.
        """
        with self._lock:
            refused = ENDED if self.is_ended or not is_served else ""
            if sum(len(each.drafts) or 1 for each in self._waiting) > MOST_WAITING:
                refused = "more waits to be put on record than the disk can take"
            if not refused:
                self._waiting.append(wanted)
        if refused:
            raise NotRecorded(f"this was not put on record, so it is not done: {refused}")
        self.wake.set()

    def end(self) -> None:
        """Nothing more is taken."""
        with self._lock:
            self.is_ended = True
        self.wake.set()

    def take(self) -> list[Wanted]:
        """All that waits and that somebody still waits for."""
        with self._lock:
            found = [each for each in self._waiting if each.done.set_running_or_notify_cancel()]
            self._waiting.clear()
        return found
