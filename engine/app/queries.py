"""Questions to the stored past, answered by two threads so that the loop never waits for the disk.

The newest question is answered first: what a person just turned to is worth more than what the screen
has scrolled past. Overload: refuse; beyond ``MOST_WAITING`` the oldest that waits is refused in words.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from engine.server import RequestRefused

THREADS = 2
MOST_WAITING = 64
Found = TypeVar("Found")


class Queries:
    """The two threads and what waits for them. ``answer`` from the loop; ``close`` from any thread."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, "query")
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()

    async def answer(self, work: Callable[[], Found]) -> Found:
        """What ``work`` gives or raises. Cancelled while it waits, it is never begun.

        Raises:
            RequestRefused: too many newer questions came, or the engine stops.
        """
        future: Future[Found] = Future()
        with self._lock:
            self._waiting.append((future, work))
            oldest = self._waiting.popleft()[0] if len(self._waiting) > MOST_WAITING else None
        if oldest is not None:
            _refuse(oldest, "the history was asked for more than it can answer at once; ask again")
        try:
            self._pool.submit(self._next)
        except RuntimeError:  # closed meanwhile
            _refuse(future, "the engine stops")
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Refuse what waits and let what is being answered end."""
        with self._lock:
            left = [future for future, _ in self._waiting]
            self._waiting.clear()
        for future in left:
            _refuse(future, "the engine stops")
        self._pool.shutdown(cancel_futures=True)

    def _next(self) -> None:
        with self._lock:
            if not self._waiting:  # its question was refused or taken already
                return
            future, work = self._waiting.pop()
        if not future.set_running_or_notify_cancel():
            return
        try:
            found = work()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(found)


def _refuse(future: Future[Any], why: str) -> None:
    if future.set_running_or_notify_cancel():
        future.set_exception(RequestRefused(why))
