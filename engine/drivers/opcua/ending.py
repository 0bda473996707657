"""Ending tasks for certain: in Python 3.11 a single cancel is not enough.

There ``asyncio.wait_for``, which asyncua puts around every request, returns the answer and forgets
the cancel if both fall into the same turn of the loop (python/cpython#86296, cured in 3.12).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

_AGAIN_S = 0.05

_Result = TypeVar("_Result")


async def stoppable(work: Callable[[asyncio.Event], Coroutine[Any, Any, _Result]]) -> _Result:
    """Await ``work(closing)`` such that a cancel always ends it.

    The work is cancelled again and again until it is done or has set ``closing``: from then on it is
    cleaning up, within its own deadline, and is left alone.
    """
    closing = asyncio.Event()
    task = asyncio.create_task(work(closing))
    try:
        await asyncio.wait([task])
    finally:
        await ended(task, closing)
    return task.result()


async def first_to_end(*work: Coroutine[Any, Any, None]) -> None:
    """Run side by side until one ends, end the others, and raise what that one raised."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await carried_through(_all_ended(tasks))
    for task in done:
        task.result()


async def _all_ended(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        await ended(task)


async def ended(task: asyncio.Task[Any], closing: asyncio.Event | None = None) -> None:
    """Cancel a task until it is done; a cancel of ours meanwhile is kept for afterwards.

    The task's own error is left in it. ``closing`` set = it ends by itself, do not disturb.
    """
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        if closing is None or not closing.is_set():
            task.cancel()
        try:
            await asyncio.wait([task], timeout=_AGAIN_S)
        except asyncio.CancelledError as error:
            cancelled = error
    if not task.cancelled():
        task.exception()
    if cancelled is not None:
        raise cancelled


async def carried_through(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Await work to its end, whatever cancels come meanwhile; they are kept for afterwards.

    For cleaning up that has its own deadline.
    """
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()
        raise cancelled
    return task.result()
