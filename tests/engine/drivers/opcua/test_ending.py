from __future__ import annotations

import asyncio
import contextlib

import pytest

from engine.drivers.opcua.ending import carried_through, first_to_end, stoppable


async def test_cancel_that_the_work_forgets_is_repeated_until_it_ends() -> None:
    forgotten = 0

    async def forgetful(_: asyncio.Event) -> None:
        nonlocal forgotten
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                forgotten += 1
                if forgotten == 3:
                    raise

    task = asyncio.ensure_future(stoppable(forgetful))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 2)
    assert forgotten == 3


async def test_work_that_is_closing_is_not_disturbed() -> None:
    closed: list[bool] = []

    async def polite(closing: asyncio.Event) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            closing.set()
            await asyncio.sleep(0.3)
            closed.append(True)

    task = asyncio.ensure_future(stoppable(polite))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 2)
    assert closed == [True]


async def test_first_failure_ends_the_others_and_is_the_one_raised() -> None:
    ended: list[bool] = []

    async def waits() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    async def fails() -> None:
        await asyncio.sleep(0)
        raise LookupError("here")

    with pytest.raises(LookupError, match="here"):
        await first_to_end(waits(), fails())
    assert ended == [True]
    assert len(asyncio.all_tasks()) == 1


async def test_side_by_side_all_end_though_cancels_come_again_and_again() -> None:
    ended: list[int] = []

    async def slow_to_end(k: int) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            for _ in range(5):
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(0.02)
            ended.append(k)

    task = asyncio.ensure_future(first_to_end(*(slow_to_end(k) for k in range(3))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.01)
    assert task.cancelled()
    assert sorted(ended) == [0, 1, 2]


async def test_cleaning_up_is_carried_through_and_the_cancel_kept_for_afterwards() -> None:
    cleaned: list[bool] = []

    async def clean() -> None:
        await asyncio.sleep(0.1)
        cleaned.append(True)

    task = asyncio.ensure_future(carried_through(clean()))
    while not task.done():
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=0.01)
    assert task.cancelled() and cleaned == [True]
