"""The driver contract as named checks that run on any driver with a real device or simulator.

An author brings a ``Rig`` and writes one test::

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    async def test_contract(check: Check) -> None:
        await check(DRIVER, MyRig())

A driver that can write (``load_writes``) keeps the promises of ``engine.testing.write_checks`` too.

The kit puts a ``FaultProxy`` between driver and device, starts the device before each check and stops
it after. A broken promise is an ``AssertionError`` that says which.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from engine.clock import SystemClock
from engine.drivers.driver import Driver
from engine.testing.driver_bench import (
    PATIENCE_S,
    SLACK_S,
    Rig,
    bench_of,
    cancel_once,
    cancelled,
    ended,
    explained,
    foreign_tasks,
    open_sockets,
    running,
    supervised,
    until,
)
from engine.types import SEVERITY_MASK, Source, Status

__all__ = ["CHECKS", "Check", "Rig", "check_driver"]

FOUND_S = 5.0
"""A link that fell silent is found within this time."""
CANCELS = 25
SEED = 20_261_122

Check = Callable[[Driver, Rig], Awaitable[None]]
"""One promise of the contract, tried out on a driver and a device."""


async def check_driver(driver: Driver, rig: Rig) -> None:
    """Run the whole contract. Raises ``AssertionError`` with the first broken promise."""
    for check in CHECKS:
        await check(driver, rig)


async def values_arrive_with_quality(driver: Driver, rig: Rig) -> None:
    """Every tag shows what the device holds, good, after the one call of ``connected``."""
    async with bench_of(rig) as bench:
        for number, tag in enumerate(rig.tags):
            await rig.set(tag, 10.0 + number)
        async with running(driver, bench):
            await until(
                lambda: all(bench.seen.last(tag) == 10.0 + n for n, tag in enumerate(bench.ids)),
                PATIENCE_S,
                "every tag shows the device's value",
            )
        assert len(bench.seen.links) == 1, f"connected() was called {len(bench.seen.links)} times in one run"
        assert set(bench.ids) <= set(bench.seen.periods), "period() was not told for every tag"


async def changed_value_arrives(driver: Driver, rig: Rig) -> None:
    """A new value on the device is shown, in time order, and received after it was set."""
    clock, tag = SystemClock(), rig.tags[0]
    async with bench_of(rig) as bench, running(driver, bench):
        for value in (21.0, 22.0, 23.0):
            set_us = clock.now_us()
            await rig.set(tag, value)
            await until(
                lambda value=value: bench.seen.last(tag.tag_id) == value, PATIENCE_S, "a new value arrives"
            )
            assert bench.seen.samples[tag.tag_id][-1].receive_us >= set_us, "received before it was there"


async def unchanged_value_is_proven_current(driver: Driver, rig: Rig) -> None:
    """While nothing changes every tag is proven current again and again, by its period or each second."""
    async with bench_of(rig) as bench, running(driver, bench):
        await until(lambda: set(bench.ids) <= set(bench.seen.periods), PATIENCE_S, "period() for every tag")
        slowest_s = max(1.0, *(bench.seen.periods[tag] for tag in bench.ids))
        before = {tag: bench.seen.proofs.get(tag, 0) for tag in bench.ids}
        await until(
            lambda: all(bench.seen.proofs.get(tag, 0) >= before[tag] + 3 for tag in bench.ids),
            3 * slowest_s + SLACK_S,
            "every unchanged tag is proven current three more times",
        )


async def silent_link_is_found(driver: Driver, rig: Rig) -> None:
    """A link that passes nothing more, but stays open, is found and leaves no tag good."""
    for way in ("both", "up", "down"):
        async with bench_of(rig) as bench, supervised(driver, bench):
            bench.proxy.stall(way)
            await until(
                bench.none_good, FOUND_S + SLACK_S, f"no tag stays good on a silent link (way: {way})"
            )


async def broken_link_ends_the_run(driver: Driver, rig: Rig) -> None:
    """A reset ends the run with ``NotReady``, in words for a person."""
    async with bench_of(rig) as bench, running(driver, bench) as run:
        bench.proxy.cut()
        explained(await ended(run))


async def refused_connection_is_not_ready(driver: Driver, rig: Rig) -> None:
    """A device that takes no connection is ``NotReady``, in words for a person."""
    async with bench_of(rig) as bench:
        bench.proxy.refuse()
        run = asyncio.ensure_future(driver.run(bench.context))
        try:
            explained(await ended(run))
        finally:
            await cancelled(run)
        assert not bench.seen.links, "connected() though the device refused"


async def mute_device_is_not_ready(driver: Driver, rig: Rig) -> None:
    """A device that takes the connection and says nothing is ``NotReady`` too."""
    async with bench_of(rig) as bench:
        bench.proxy.stall()
        run = asyncio.ensure_future(driver.run(bench.context))
        try:
            explained(await ended(run))
        finally:
            await cancelled(run)
        assert not bench.seen.links, "connected() though the device said nothing"


async def recovers_by_itself(driver: Driver, rig: Rig) -> None:
    """After a silent link, a reset and a restarted device the tags are good again and right."""
    tag = rig.tags[0]
    async with bench_of(rig) as bench, supervised(driver, bench):
        bench.proxy.stall()
        await until(bench.none_good, FOUND_S + SLACK_S, "no tag stays good on a silent link")
        bench.proxy.resume()
        await until(bench.all_good, PATIENCE_S, "good again after silence")
        bench.proxy.cut()
        await until(bench.none_good, FOUND_S + SLACK_S, "no tag stays good after a reset")
        await rig.set(tag, 31.0)
        await until(
            lambda: bench.all_good() and bench.seen.last(tag.tag_id) == 31.0,
            PATIENCE_S,
            "right after a reset",
        )
        await rig.stop()
        await until(bench.none_good, FOUND_S + SLACK_S, "no tag stays good without a device")
        bench.proxy.target_port = await rig.start()
        await until(bench.all_good, PATIENCE_S, "good again after a restart of the device")


async def unknown_address_harms_no_other(driver: Driver, rig: Rig) -> None:
    """A tag the device does not have is bad, with a reason; the others are good."""
    unknown = rig.unknown.tag_id
    async with bench_of(rig, rig.unknown) as bench, running(driver, bench):
        await until(
            lambda: bench.seen.status.get(unknown, 0) & SEVERITY_MASK == Status.BAD, PATIENCE_S, "it is bad"
        )
        assert bench.seen.why.get(unknown), "mark() must say why in words"
        assert unknown not in bench.seen.samples, "it has no value to report"
        assert bench.all_good(), "the other tags must stay good"


async def cancel_leaves_nothing_behind(driver: Driver, rig: Rig) -> None:
    """A cancel at any moment stops the driver in 2 s and leaves no task, no socket and no late report."""
    luck = random.Random(SEED)
    async with bench_of(rig) as bench:
        async with running(driver, bench):
            pass  # what a first run keeps for ever, such as an imported library, is no leftover
        before = asyncio.all_tasks()
        for number in range(CANCELS):
            await cancel_once(driver, bench, luck.uniform(0, 0.02) * 1.3 ** (number % 16))
        for spoil in (bench.proxy.stall, bench.proxy.hold):
            spoil()
            await cancel_once(driver, bench, 0.3)
            bench.proxy.resume()
        await until(lambda: not bench.proxy.open, SLACK_S, "every connection is closed")
        assert not open_sockets(bench.proxy.port), f"sockets left: {open_sockets(bench.proxy.port)}"
        ours = {asyncio.current_task(), *before}
        await until(lambda: not foreign_tasks(ours), SLACK_S, "every task of the driver has ended")


async def nothing_is_reported_after_the_end(driver: Driver, rig: Rig) -> None:
    """Once a run has ended it reports nothing, whatever the device does."""
    async with bench_of(rig) as bench:
        async with running(driver, bench):
            pass
        reports = bench.seen.reports
        for value in (41.0, 42.0, 43.0):
            await rig.set(rig.tags[0], value)
            await asyncio.sleep(0.3)
        assert bench.seen.reports == reports, "the driver reported after its end"


async def not_a_number_is_bad(driver: Driver, rig: Rig) -> None:
    """NaN and infinities on the device are never shown as a good value; a number after them is."""
    tag = rig.real
    if tag is None:
        return
    async with bench_of(rig) as bench, running(driver, bench):
        for number, odd in enumerate((float("nan"), float("inf"), float("-inf"))):
            await rig.set(tag, odd)
            await until(
                lambda: bench.seen.status[tag.tag_id] & SEVERITY_MASK == Status.BAD,
                PATIENCE_S,
                f"{odd} is bad",
            )
            await rig.set(tag, 51.0 + number)
            await until(
                lambda number=number: (
                    bench.seen.good(tag.tag_id) and bench.seen.last(tag.tag_id) == 51.0 + number
                ),
                PATIENCE_S,
                f"a number after {odd} is good",
            )


async def addresses_are_judged_without_a_device(driver: Driver, rig: Rig) -> None:
    """What the rig uses passes the driver's own checks, and nonsense does not."""
    assert list(driver.check_source(rig.source(4840))) == [], "its own source is found wrong"
    for tag in (*rig.tags, rig.unknown):
        assert list(driver.check_address(tag.address)) == [], f"{tag.address} is found wrong"
    for nonsense in ("", "?", "no such address at all"):
        sentences = list(driver.check_address(nonsense))
        assert sentences and all(sentences), f"the address {nonsense!r} must be found wrong, in a sentence"
    wrong = Source("x", driver.name, "nonsense")
    assert list(driver.check_source(wrong)), "the endpoint 'nonsense' must be found wrong, in a sentence"


async def nothing_writes(driver: Driver, rig: Rig) -> None:
    """Reading writes nothing: the device's values are as they were after a run."""
    async with bench_of(rig) as bench:
        for number, tag in enumerate(rig.tags):
            await rig.set(tag, 60.0 + number)
        for _ in range(2):
            bench.seen.samples.clear()
            async with running(driver, bench):
                await until(
                    lambda: all(bench.seen.last(tag) == 60.0 + n for n, tag in enumerate(bench.ids)),
                    PATIENCE_S,
                    "the device still holds what was set",
                )


CHECKS: tuple[Check, ...] = (
    addresses_are_judged_without_a_device,
    values_arrive_with_quality,
    changed_value_arrives,
    unchanged_value_is_proven_current,
    not_a_number_is_bad,
    unknown_address_harms_no_other,
    refused_connection_is_not_ready,
    mute_device_is_not_ready,
    broken_link_ends_the_run,
    silent_link_is_found,
    recovers_by_itself,
    cancel_leaves_nothing_behind,
    nothing_is_reported_after_the_end,
    nothing_writes,
)
"""Every promise, the cheap ones first."""
