"""Links that break: unplugged (T11), half-open (T12), flapping (T13), slow (T15). Both protocols."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable

import psutil
import pytest

from engine.testing.fault_proxy import FaultProxy, Way
from tests.faults.plants import modbus_server, opcua_server, told, until
from tests.faults.sources import (
    BACK_S,
    KINDS,
    SHORT_AND_LONG,
    Kind,
    Watched,
    modbus_tags,
    opcua_tags,
    through_a_proxy,
    watched,
)
from tests.running import CLOCK

pytestmark = [pytest.mark.fault, pytest.mark.system, pytest.mark.timeout(120)]
FOUND_S = 5.0
SLACK_S = 4.0

each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@each_kind
@pytest.mark.parametrize("full", SHORT_AND_LONG)
async def test_unplugged_plc_goes_stale_and_its_data_flow_again(kind: Kind, full: bool) -> None:
    """T11. The cable is pulled: nothing passes, nothing is refused, no end of a connection is heard of."""
    luck = random.Random(20_261_122)
    drops = [luck.uniform(1, 20) for _ in range(100)] if full else [1.0, 4.0, 6.0]
    stale: list[float] = []
    back: list[float] = []
    async with through_a_proxy(kind) as (proxy, seen, _):
        for seconds in drops:
            proxy.stall(keep_ends=True)
            pulled_us = CLOCK.mono_us()
            while (CLOCK.mono_us() - pulled_us) / 1e6 < seconds:
                await asyncio.sleep(0.02)
                if seen.none_good() and len(stale) < len(back) + 1:
                    stale.append((CLOCK.mono_us() - pulled_us) / 1e6)
            before, plugged_us = seen.counts(), CLOCK.now_us()
            proxy.resume()
            back.append(
                await until(
                    lambda before=before, plugged_us=plugged_us: (
                        seen.all_good()
                        and all(seen.seen.samples[tag][-1].source_us > plugged_us - 300_000 for tag in before)
                    ),
                    BACK_S,
                    f"data again after {seconds:.1f} s without",
                )
            )
            if len(stale) < len(back):
                stale.append(float("nan"))  # plugged in again before anyone could know
    known = [s for s in stale if s == s]
    told("found by the driver after", known)
    told("data again after", back)
    assert len(known) >= sum(seconds > FOUND_S + SLACK_S for seconds in drops)
    assert known and max(known) <= FOUND_S + SLACK_S


@each_kind
@pytest.mark.parametrize("way", ["both", "up", "down"])
async def test_half_open_link_is_found_within_5_seconds(kind: Kind, way: Way) -> None:
    """T12."""
    async with through_a_proxy(kind) as (proxy, seen, _):
        proxy.stall(way)
        found_s = await until(seen.none_good, FOUND_S + SLACK_S, "the half-open link is found")
        print(f"half-open ({way}) found after {found_s:.2f} s")
        await until(lambda: seen.link.what, 1, "it is said in words")
        proxy.resume()
        await until(seen.all_good, BACK_S, "good again")


@each_kind
async def test_frozen_server_is_found_and_comes_back(kind: Kind) -> None:
    """T12 with a process that hangs instead of a cable."""
    async with through_a_proxy(kind) as (_, seen, server):
        server.freeze()
        try:
            found_s = await until(seen.none_good, FOUND_S + SLACK_S, "the frozen server is found")
        finally:
            server.thaw()
        print(f"frozen server found after {found_s:.2f} s")
        await until(seen.all_good, BACK_S, "good again")


@pytest.mark.parametrize("full", SHORT_AND_LONG)
async def test_fifty_flapping_devices_cost_little_and_leave_nothing(full: bool) -> None:
    """T13. Each of 50 links is up for 2 s and down for 2 s, out of step; CPU counts the proxies too."""
    seconds = 600.0 if full else 14.0
    stops: list[FaultProxy] = []
    plc, gateway = opcua_server(1, 1), modbus_server({1: 1}, 4)
    process = psutil.Process()
    try:
        ports = [await asyncio.to_thread(plc.start), await asyncio.to_thread(gateway.start)]
        async with contextlib.AsyncExitStack() as stack:
            all_seen: list[Watched] = []
            for number in range(50):
                is_opcua = number % 10 == 0
                proxy = await stack.enter_async_context(FaultProxy(ports[0 if is_opcua else 1]))
                stops.append(proxy)
                kind = KINDS["opcua" if is_opcua else "modbus"]
                tags = opcua_tags(1, 1, 2.0) if is_opcua else modbus_tags(1, 4, 2.0)
                all_seen.append(
                    await stack.enter_async_context(watched(kind.driver, kind.source(proxy.port), tags))
                )
            await until(lambda: all(seen.all_good() for seen in all_seen), 60, "all 50 are good")
            still = (len(asyncio.all_tasks()), process.num_fds())
            cpu_s, began_us = sum(process.cpu_times()[:2]), CLOCK.mono_us()
            async with asyncio.TaskGroup() as group:
                for number, proxy in enumerate(stops):
                    group.create_task(flap(proxy, seconds, number / 50 * 4))
            wall_s = (CLOCK.mono_us() - began_us) / 1e6
            load = (sum(process.cpu_times()[:2]) - cpu_s) / wall_s
            await until(lambda: all(seen.all_good() for seen in all_seen), 60, "all 50 are good again")
            await until(
                lambda: len(asyncio.all_tasks()) <= still[0] + 5 and process.num_fds() <= still[1] + 5,
                10,
                f"tasks and files as before {still}",
            )
            reconnects = sum(seen.link.reconnects for seen in all_seen)
            print(f"{load:.0%} of a core with the proxies, {reconnects} reconnects in {wall_s:.0f} s")
            assert reconnects >= 50, "the links did flap"
            assert load < 0.9
    finally:
        plc.kill()
        gateway.kill()


async def flap(proxy: FaultProxy, seconds: float, offset_s: float) -> None:
    """Down for 2 s and up for 2 s; up at the end."""
    await asyncio.sleep(offset_s)
    deadline_us = CLOCK.mono_us() + seconds * 1e6
    while CLOCK.mono_us() < deadline_us:
        proxy.refuse()
        proxy.cut()
        await asyncio.sleep(2)
        await proxy.listen()
        await asyncio.sleep(2)


@each_kind
async def test_slow_line_is_no_reason_to_reconnect(kind: Kind) -> None:
    """T15. 64 kbit/s and 2 s under way: late, but alive. A person has set ``timeout_s`` for such a line."""
    async with through_a_proxy(kind, timeout_s=10.0) as (proxy, seen, _):
        connects = seen.link.connects
        proxy.drip(8000, delay_s=2.0, way="down")
        await asyncio.sleep(3)
        await until(_two_more_each(seen), BACK_S, "values keep coming")
        assert seen.link.connects == connects, seen.link.last_error
        assert seen.link.state_at(CLOCK.mono_us()) == "connected"
        proxy.resume()
        await until(_two_more_each(seen), BACK_S, "what was under way has come")
        seen.seen.samples.clear()  # it is late by the rule of an undisturbed line
        await until(seen.all_good, BACK_S, "good")
        assert seen.link.connects == connects, seen.link.last_error


def _two_more_each(seen: Watched) -> Callable[[], bool]:
    before = seen.counts()
    return lambda: all(count > before[tag] + 1 for tag, count in seen.counts().items())
