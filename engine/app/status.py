"""The answers to clients' requests: plant, status, browse, stop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine import paths
from engine.app.plant import Running
from engine.drivers.driver import Context, Driver, NotReady, Refused
from engine.drivers.link import Link
from engine.server import Answer, RequestRefused
from engine.types import SEVERITY_MASK, EngineStatus, SourceStatus
from engine.wire import BrowseAnswer, BrowseBody, PlantAnswer, StatusAnswer

BROWSE_S = 20.0


def answers(running: Running, stop: asyncio.Event) -> Mapping[str, Answer]:
    """The coroutine that answers each op."""

    async def plant(_: msgspec.Raw) -> PlantAnswer:
        return PlantAnswer(
            running.project.plant, running.project.sources, tuple(running.tags), running.revision
        )

    async def status(_: msgspec.Raw) -> StatusAnswer:
        quality = running.table.quality() & np.uint32(SEVERITY_MASK)
        good = quality == 0
        sources = tuple(_source(running, good, *each) for each in running.sources)
        return StatusAnswer(_engine(running, quality), sources, running.revision)

    async def browse(body: msgspec.Raw) -> BrowseAnswer:
        wanted = msgspec.msgpack.decode(body, type=BrowseBody)
        for context, driver, _link in running.sources:
            if context.source.id == wanted.source:
                return await browse_device(context, driver, wanted.node)
        raise RequestRefused(f"there is no source {wanted.source!r} in this project")

    async def halt(_: msgspec.Raw) -> bool:
        stop.set()
        return True

    async def retry(_: msgspec.Raw) -> bool:
        for _context, _driver, link in running.sources:
            link.retry_now()
        return True

    return {"plant": plant, "status": status, "browse": browse, "stop": halt, "retry": retry}


async def browse_device(context: Context, driver: Driver, node: str) -> BrowseAnswer:
    """Browse a device over a connection of its own.

    Raises:
        RequestRefused: it cannot be reached, says no, or has nothing to browse.
    """
    try:
        async with asyncio.timeout(BROWSE_S):
            return BrowseAnswer(tuple(await driver.browse(context, node)))
    except TimeoutError:
        raise RequestRefused(f"{context.source.endpoint} did not answer within {BROWSE_S:.0f} s") from None
    except (NotReady, Refused) as error:
        raise RequestRefused(str(error)) from error


def _engine(running: Running, severity: NDArray[np.uint32]) -> EngineStatus:
    good, bad = int((severity == 0).sum()), int((severity >= 0x80000000).sum())
    rate_in, rate_kept = running.counters.rates()
    return EngineStatus(
        pid=os.getpid(),
        version=paths.version(),
        uptime_s=round((running.clock.mono_us() - running.started_mono_us) / 1e6, 1),
        tags=len(severity),
        good=good,
        uncertain=len(severity) - good - bad,
        bad=bad,
        rate_in=round(rate_in, 2),
        rate_filtered=round(rate_kept, 2),
        dropped=running.counters.dropped,
        lag_ms_p99=running.counters.lag_ms_p99(),
        rss_mb=round(running.process.memory_info().rss / 1e6, 1),
        cpu_pct=running.cpu_pct,
        trouble=running.journal.trouble if running.journal is not None else "",
    )


def _source(
    running: Running, good: NDArray[np.bool_], context: Context, driver: Driver, link: Link
) -> SourceStatus:
    mono = running.clock.mono_us()
    rows = running.table.rows(np.array([tag.tag_id for tag in context.tags], np.int32))
    return SourceStatus(
        id=context.source.id,
        driver=driver.name,
        endpoint=context.source.endpoint,
        state=link.state_at(mono),
        security=link.security,
        tags=len(context.tags),
        good=int(good[rows].sum()),
        rate_in=round(link.rate_in(mono), 2),
        dropped=link.dropped,
        reconnects=link.reconnects,
        last_error=link.last_error,
        age_s=link.age_s(mono),
    )
