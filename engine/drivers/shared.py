"""Connections that several sources hold together: the units behind a gateway, the tags of one server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

Thing = TypeVar("Thing")


@dataclass(slots=True, eq=False)
class _Held:
    """One shared thing: the task that opened it closes it when ``left`` is set."""

    ready: asyncio.Future[Any]
    left: asyncio.Event
    keeper: asyncio.Task[None]
    holders: int = 0


class Shared:
    """Things by key, each opened by the first who holds it and closed after the last. One loop only."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}

    @contextlib.asynccontextmanager
    async def hold(
        self, key: str, opening: Callable[[], AbstractAsyncContextManager[Thing]]
    ) -> AsyncGenerator[Thing]:
        """The thing under ``key``, opened by ``opening()`` unless somebody holds it already.

        Whoever waits while it is being opened gets the same error if that fails. It is opened and
        closed in a task of its own, so a cancelled holder never takes it from the others.
        """
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = _begin(key, opening)
        held.holders += 1
        try:
            # Not awaiting the future itself: a cancel would end it for all who wait.
            await asyncio.wait([held.ready])
            if held.ready.cancelled():
                raise ConnectionAbortedError("the connection was given up while it was being opened")
            yield held.ready.result()
        finally:
            held.holders -= 1
            if not held.holders:
                self._forget(key, held)
                await _closed(held)

    def drop(self, key: str, thing: object) -> None:
        """This thing is broken: who comes next opens a new one; it is closed when its holders leave."""
        held = self._held.get(key)
        if held is not None and _opened(held) is thing:
            del self._held[key]

    def opened(self, key: str) -> Any | None:
        """The thing under ``key`` if it is open now, without holding it."""
        held = self._held.get(key)
        return None if held is None else _opened(held)

    def _forget(self, key: str, held: _Held) -> None:
        if self._held.get(key) is held:
            del self._held[key]


def _opened(held: _Held) -> Any | None:
    ready = held.ready.done() and not held.ready.cancelled() and held.ready.exception() is None
    return held.ready.result() if ready else None


def _begin(key: str, opening: Callable[[], AbstractAsyncContextManager[Any]]) -> _Held:
    ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    left = asyncio.Event()
    return _Held(ready, left, asyncio.create_task(_keep(ready, left, opening), name=f"shared {key}"))


async def _keep(
    ready: asyncio.Future[Any], left: asyncio.Event, opening: Callable[[], AbstractAsyncContextManager[Any]]
) -> None:
    try:
        async with opening() as thing:
            ready.set_result(thing)
            await left.wait()
    except Exception as error:
        if ready.done():
            raise
        ready.set_exception(error)
        ready.exception()  # the last who waited for it may be gone
    finally:
        ready.cancel()


async def _closed(held: _Held) -> None:
    """Let the keeper close the thing, or give up opening it; a cancel of ours is kept for afterwards."""
    keeper, cancelled = held.keeper, None
    held.left.set()
    while not keeper.done():
        if not held.ready.done():
            keeper.cancel()
        try:
            await asyncio.wait([keeper], timeout=0.05)
        except asyncio.CancelledError as error:
            cancelled = error
    if not keeper.cancelled():
        keeper.exception()
    if cancelled is not None:
        raise cancelled
