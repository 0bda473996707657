"""Questions to the stored past: newest first, never too many, never on the loop."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest

from engine.app.queries import MOST_WAITING, THREADS, Queries
from engine.server import RequestRefused


@pytest.fixture
async def queries() -> AsyncIterator[Queries]:
    made = Queries()
    yield made
    await asyncio.to_thread(made.close)


class Busy:
    """Keeps both threads at work until it is let go."""

    def __init__(self, queries: Queries) -> None:
        self.go, self.begun = threading.Event(), threading.Semaphore(0)
        self.tasks = [asyncio.create_task(queries.answer(self._wait)) for _ in range(THREADS)]

    def _wait(self) -> bool:
        self.begun.release()
        return self.go.wait(5)

    async def reached(self) -> None:
        for _ in self.tasks:
            assert await asyncio.to_thread(self.begun.acquire, timeout=5)

    async def end(self) -> None:
        self.go.set()
        assert await asyncio.gather(*self.tasks) == [True] * THREADS


async def asked(queries: Queries, work: Callable[[], object]) -> asyncio.Task[object]:
    """A question that waits by now."""
    task = asyncio.create_task(queries.answer(work))
    await asyncio.sleep(0)
    return task


async def test_answer_comes_from_another_thread(queries: Queries) -> None:
    name = await queries.answer(lambda: threading.current_thread().name)
    assert name.startswith("query")


async def test_what_goes_wrong_is_told_to_who_asked(queries: Queries) -> None:
    with pytest.raises(ZeroDivisionError):
        await queries.answer(lambda: 1 // 0)
    assert await queries.answer(lambda: 1) == 1


async def test_newest_question_is_answered_first(queries: Queries) -> None:
    busy, order = Busy(queries), list[int]()
    await busy.reached()
    lock = threading.Lock()

    def note(k: int) -> None:
        with lock:
            order.append(k)

    tasks = [await asked(queries, lambda k=k: note(k)) for k in range(20)]
    await busy.end()
    await asyncio.gather(*tasks)
    assert sorted(order) == list(range(20))
    assert all(abs(k - place) <= THREADS for place, k in enumerate(reversed(order)))


async def test_oldest_of_too_many_is_refused_in_words(queries: Queries) -> None:
    busy = Busy(queries)
    await busy.reached()
    tasks = [await asked(queries, lambda k=k: k) for k in range(MOST_WAITING + 3)]
    await busy.end()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(answer, RequestRefused) and "ask again" in str(answer) for answer in answers[:3])
    assert answers[3:] == list(range(3, MOST_WAITING + 3))


async def test_question_of_a_client_that_left_is_not_asked(queries: Queries) -> None:
    busy, done = Busy(queries), list[int]()
    await busy.reached()
    task = await asked(queries, lambda: done.append(1))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await busy.end()
    await queries.answer(lambda: None)
    assert done == []


async def test_what_waits_when_the_engine_stops_is_refused() -> None:
    queries = Queries()
    busy = Busy(queries)
    await busy.reached()
    waiting = await asked(queries, lambda: 1)
    closing = asyncio.create_task(asyncio.to_thread(queries.close))
    with pytest.raises(RequestRefused, match="stops"):
        await waiting
    await busy.end()
    await closing
    with pytest.raises(RequestRefused, match="stops"):
        await queries.answer(lambda: 1)
