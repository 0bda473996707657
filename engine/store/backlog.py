"""The events that wait for the journal's writer: bounded, and counted when they are refused."""

from __future__ import annotations

import threading
from collections import deque

from engine.store.alarm_tables import Given

BACKLOG = 10_000
"""Events kept in memory; beyond it the oldest is dropped for each new one."""

Waiting = tuple[int, str, bytes | Given]
"""time_us, event, body as JSON or as the structs of an alarm."""


class Backlog:
    """Any thread appends; one writer takes a group, and then is done with it or puts it back.

    ``lost`` counts every event that was dropped; ``gap`` is what it was when the group was taken,
    so the events between two gaps of neighbouring groups were lost just before the later group.
    """

    def __init__(self) -> None:
        self.group: list[Waiting] = []
        self.lost = self.gap = 0
        self._waiting: deque[Waiting] = deque()
        self._news = threading.Condition()
        self._closing = self._given_up = self._woken = False

    def append(self, item: Waiting) -> None:
        """Add the newest; never blocks for the disk."""
        with self._news:
            if self._closing:
                self.lost += 1
                return
            self._waiting.append(item)
            self._trim()
            self._news.notify()

    def take(self, pause_s: float, early: bool, wait: bool = True) -> bool:
        """Wait for an event and then ``pause_s``, and move all to ``group``. True when it is the last.

        ``early`` ends the pause when half the room is used; ``close`` always ends it. Without ``wait``, and
        after `wake`, no event is waited for and the group may be empty.
        """
        with self._news:
            self._news.wait_for(lambda: not wait or self._closing or self._woken or self._waiting)
            self._woken = False
            self._news.wait_for(lambda: self._closing or (early and self._crowded()), pause_s)
            self.group, self.gap = list(self._waiting), self.lost
            self._waiting.clear()
            return self._closing

    def wake(self) -> None:
        """Let the writer look for other work, with or without events."""
        with self._news:
            self._woken = True
            self._news.notify()

    def put_back(self) -> None:
        """The group waits again, before what came meanwhile."""
        with self._news:
            self._waiting.extendleft(reversed(self.group))
            self.group = []
            self._trim()

    def done(self) -> bool:
        """The group is on disk. False when ``give_up`` has already counted it as lost."""
        with self._news:
            self.group = []
            return not self._given_up

    def close(self) -> None:
        """Take no more events and wake the writer."""
        with self._news:
            self._closing = True
            self._news.notify()

    def give_up(self) -> int:
        """Drop and count all that is not on disk; returns how many."""
        with self._news:
            left = len(self.group) + len(self._waiting)
            self.group, self._given_up = [], True
            self._waiting.clear()
            self.lost += left
            return left

    def _crowded(self) -> bool:
        return len(self._waiting) >= BACKLOG // 2

    def _trim(self) -> None:
        while len(self._waiting) > BACKLOG:
            self._waiting.popleft()
            self.lost += 1
