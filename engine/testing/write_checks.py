"""The contract of drivers that write, as named checks beside those of ``engine.testing.driver_checks``.

An author's rig also tells what the device holds (``get``) and gives a source that may be written::

    @pytest.mark.parametrize("check", WRITE_CHECKS, ids=lambda check: check.__name__)
    async def test_writes(check: WriteCheck) -> None:
        await check(DRIVER, MyRig())
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

import msgspec

from engine.drivers.driver import Driver, Writes
from engine.testing.driver_bench import PATIENCE_S, SLACK_S, Bench, Rig, bench_of, running, until
from engine.types import Sent, Source, Tag, WriteOrder

__all__ = ["WRITE_CHECKS", "WritableRig", "WriteCheck"]

DEADLINE_S = 0.8


class WritableRig(Rig, Protocol):
    """A device that takes writes to its ``tags``; its ``source`` allows them."""

    async def get(self, tag: Tag) -> float:
        """What the device holds for a tag now."""
        ...


WriteCheck = Callable[[Driver, WritableRig], Awaitable[None]]
"""One promise about writing, tried out on a driver and a device."""


def _writes(driver: Driver) -> Writes:
    assert driver.load_writes is not None, f"the {driver.name} driver has no load_writes"
    return driver.load_writes()


def _order(tag: Tag, value: float, deadline_s: float = DEADLINE_S) -> WriteOrder:
    return WriteOrder(tag.tag_id, value, deadline_s)


def _never_sent(sent: Sent) -> None:
    """Check that it was refused before anything left, in words."""
    assert (sent.outcome, sent.frames) == ("rejected", 0), f"it must be rejected with no frame sent: {sent}"
    assert sent.why, "a refusal must say why"


async def _held(rig: WritableRig, tag: Tag, value: float, seconds: float) -> None:
    """Wait until the device holds a value."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while (found := await rig.get(tag)) != value:
        assert loop.time() < deadline, f"the device holds {found}, not {value}"
        await asyncio.sleep(0.02)


async def written_value_is_on_the_device(driver: Driver, rig: WritableRig) -> None:
    """A write is accepted, done with one frame, held by the device, read back at once and shown."""
    writes = _writes(driver)
    async with bench_of(rig) as bench, running(driver, bench):
        for number, tag in enumerate(rig.tags):
            value = 71.0 + number
            sent = await writes.send(bench.context, _order(tag, value, PATIENCE_S))
            assert (sent.outcome, sent.frames) == ("accepted", 1), f"it must be done with one frame: {sent}"
            assert await rig.get(tag) == value, "the device does not hold what was accepted"
            read = await writes.read(bench.context, tag.tag_id)
            assert read.value == value, f"read back {read}"
            await until(
                lambda tag=tag, value=value: bench.seen.last(tag.tag_id) == value, PATIENCE_S, "it is shown"
            )


async def without_a_link_nothing_is_sent(driver: Driver, rig: WritableRig) -> None:
    """Before the run, after it, and to a device that left: rejected, and never done later."""
    writes, tag = _writes(driver), rig.tags[0]
    async with bench_of(rig) as bench:
        await rig.set(tag, 0.5)
        _never_sent(await writes.send(bench.context, _order(tag, 72.0)))
        async with running(driver, bench) as run:
            bench.proxy.cut()
            await asyncio.wait({run}, timeout=PATIENCE_S)
            _never_sent(await writes.send(bench.context, _order(tag, 73.0)))
        read = await writes.read(bench.context, tag.tag_id)
        assert read.value is None and read.why, f"there is nobody to read from: {read}"
        async with running(driver, bench):
            assert await rig.get(tag) == 0.5, "a write that was refused came later"


async def write_without_security_is_refused(driver: Driver, rig: WritableRig) -> None:
    """Over a link without security nothing is written, unless the source says that it may be."""
    writes, tag = _writes(driver), rig.tags[0]
    async with bench_of(rig) as bench:
        await rig.set(tag, 0.5)
        source = bench.context.source
        if not source.unsecured_writes:
            return
        strict = _with_source(bench, msgspec.structs.replace(source, unsecured_writes=False))
        async with running(driver, strict):
            sent = await writes.send(strict.context, _order(tag, 72.0))
            if strict.seen.links[-1] == "none":
                _never_sent(sent)
                assert await rig.get(tag) == 0.5


def _with_source(bench: Bench, source: Source) -> Bench:
    return replace(bench, context=replace(bench.context, source=source))


async def unfit_value_is_refused(driver: Driver, rig: WritableRig) -> None:
    """What is no number, a tag that is not there, and an order without time never leave."""
    writes, tag = _writes(driver), rig.tags[0]
    async with bench_of(rig, rig.unknown) as bench, running(driver, bench):
        for odd in (float("nan"), float("inf"), float("-inf")):
            _never_sent(await writes.send(bench.context, _order(tag, odd)))
        _never_sent(await writes.send(bench.context, WriteOrder(987_654, 1.0)))
        _never_sent(await writes.send(bench.context, _order(tag, 1.0, 0.0)))
        assert bench.all_good(), "a refused write must not harm the link"


async def unanswered_write_is_unknown_in_time(driver: Driver, rig: WritableRig) -> None:
    """The device does it and its answer is lost: unknown at the deadline, with one frame."""
    writes, tag = _writes(driver), rig.tags[0]
    loop = asyncio.get_running_loop()
    async with bench_of(rig) as bench, running(driver, bench):
        bench.proxy.stall("down")
        began_s = loop.time()
        sent = await writes.send(bench.context, _order(tag, 74.0))
        assert loop.time() - began_s <= DEADLINE_S + SLACK_S, "it was not judged in time"
        assert (sent.outcome, sent.frames) == ("unknown", 1), f"nobody knows what came of it: {sent}"
        assert sent.why, "it must say what is known"
        await _held(rig, tag, 74.0, SLACK_S)


async def cancelled_write_is_sent_once_at_most(driver: Driver, rig: WritableRig) -> None:
    """A cancel at any moment ends the call at once, and the next write is done and answered as ever."""
    writes, tag = _writes(driver), rig.tags[0]
    async with bench_of(rig) as bench, running(driver, bench) as run:
        for number in range(12):
            task = asyncio.ensure_future(writes.send(bench.context, _order(tag, 80.0 + number, PATIENCE_S)))
            for _ in range(number):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task}, timeout=SLACK_S)
            assert task.done(), "a cancelled write goes on"
        assert not run.done(), "a cancelled write ended the run"
        sent = await writes.send(bench.context, _order(tag, 99.0, PATIENCE_S))
        assert sent.outcome == "accepted", f"the write after the cancelled ones: {sent}"
        await _held(rig, tag, 99.0, SLACK_S)


WRITE_CHECKS: tuple[WriteCheck, ...] = (
    unfit_value_is_refused,
    write_without_security_is_refused,
    written_value_is_on_the_device,
    without_a_link_nothing_is_sent,
    unanswered_write_is_unknown_in_time,
    cancelled_write_is_sent_once_at_most,
)
"""Every promise, the cheap ones first."""
