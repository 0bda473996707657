"""The ledger follows the event journal: each event that belongs there becomes one entry, exactly once.

How far it came stands in the entries themselves: the newest that has ``body.journal_seq`` names the last
event that was entered. After a crash between the two files the rest is read from the journal again.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from engine.app import ledger_events
from engine.ledger import Draft, Reading
from engine.store import Journal, StoredEvent

PAGE = 2000
"""Events read from the journal in one go."""
MOST_HEARD = 5000
"""Events that wait in memory; beyond that they are read from the journal again."""


class Follower:
    """``heard`` in the journal's thread, all else in that of the ledger."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard: deque[StoredEvent] = deque()
        self._journal: Journal | None = None
        self._last: int | None = None
        self._is_behind = True

    def use(self, journal: Journal) -> None:
        """The journal to follow."""
        self._journal = journal

    def heard(self, events: Sequence[StoredEvent]) -> bool:
        """Events that are on disk now. Whether the ledger has something to do."""
        found = [each for each in events if ledger_events.is_followed(each)]
        with self._lock:
            if len(self._heard) + len(found) > MOST_HEARD:
                self._heard.clear()
                self._is_behind = True
            else:
                self._heard.extend(found)
        return bool(found)

    def resume(self, reading: Reading) -> None:
        """Find in the ledger how far it came; from there on the journal is read again."""
        self._last, self._is_behind = last_followed(reading), True

    def lost(self) -> None:
        """What was heard may not have got into the ledger: read it again from the journal."""
        with self._lock:
            self._heard.clear()
            self._is_behind = True

    def enter(self, append: Callable[[Sequence[Draft]], None]) -> bool:
        """Enter some of what happened; returns whether there is more. What ``append`` raises ends it.

        Raises:
            StoreError: the journal cannot be read now.
        """
        if self._journal is None:
            return False
        try:
            if self._is_behind:
                return self._catch_up(self._journal, append)
            return self._enter_heard(append)
        except BaseException:
            self.lost()
            raise

    def _enter_heard(self, append: Callable[[Sequence[Draft]], None]) -> bool:
        with self._lock:
            if self._is_behind:  # more was heard than is kept
                return True
            events = [each for each in self._heard if each.seq > (self._last or 0)]
            self._heard.clear()
        if events:
            append(ledger_events.drafts(events))
            self._last = events[-1].seq
        return False

    def _catch_up(self, journal: Journal, append: Callable[[Sequence[Draft]], None]) -> bool:
        newest = journal.last()
        if self._last is not None and newest < self._last:
            append([ledger_events.starts_again(newest, self._last)])
            self._last = newest
        with self._lock:
            self._is_behind = False  # what is heard from now on is in the page that is read now, or kept
        page = journal.after(self._last or 0, PAGE)
        found = ledger_events.drafts(page)
        if found:
            append(found)
        self._last = page[-1].seq if page else self._last or 0
        with self._lock:
            self._is_behind = self._is_behind or len(page) == PAGE
            return self._is_behind


def last_followed(reading: Reading) -> int | None:
    """Number of the event that was entered last, None = none ever was."""
    number: Any = reading.newest_of(ledger_events.NUMBER)
    return number if isinstance(number, int) else None
