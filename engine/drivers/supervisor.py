"""Keeps one source's driver running: retry, back-off, state, and the last values marked stale."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.drivers.driver import Context, Driver, NotReady, Refused
from engine.drivers.link import Link, ListeningSink
from engine.types import SourceEvent, SourceStateName, Status

__all__ = ["Link", "back_off_s", "supervise"]

SHORTEST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
LONGEST_UNANSWERED_WAIT_S = 2.5
"""A device that does not answer is asked this often: a knock costs it nothing, and data must flow within
5 s of its return (resources/docs/decisions/0004)."""
REFUSED_WAIT_S = 30.0
STEADY_AFTER_S = 30.0
STOP_GRACES_S = (1.0, 0.5)
"""How long a driver gets after the first and after the second cancel; together under 2 s."""

Uniform = Callable[[float, float], float]
OnChange = Callable[[SourceStateName], None]


def back_off_s(attempt: int, uniform: Uniform = random.uniform) -> float:
    """Seconds to wait after failure number ``attempt`` (from 0) in a row, 1 to 30 s.

    Full jitter (M. Brooker, "Exponential Backoff and Jitter"): devices that went down together
    are not asked together.
    """
    return uniform(SHORTEST_WAIT_S, min(LONGEST_WAIT_S, SHORTEST_WAIT_S * 2.0 ** min(attempt + 1, 16)))


@dataclass(slots=True, eq=False)
class _Watch:
    """One supervised source."""

    context: Context
    driver: Driver
    link: Link
    on_change: OnChange
    log: logging.Logger
    failure: str = ""
    failed_mono_us: int = 0
    attempt: int = 0


async def supervise(
    context: Context,
    driver: Driver,
    link: Link,
    on_change: OnChange = lambda state: None,
    uniform: Uniform = random.uniform,
) -> None:
    """Run the driver of one source until cancelled, noting everything in ``link``.

    Whenever a run ends, all tags of the source are marked stale. ``NotReady`` is retried after 1–2.5 s,
    a busy device after 1–30 s, ``Refused`` after 30 s, all of them at once on ``link.retry_now()``;
    anything else a driver raises is its fault, logged with its traceback and retried after 1–30 s.
    ``on_change`` gets each new state. A cancel is passed on within 2 s, even when the driver does not stop.
    """
    log = logging.getLogger(f"watchroom.source.{context.source.id}")
    watch = _Watch(context, driver, link, on_change, log)
    link.since_us = context.clock.now_us()
    try:
        while True:
            error, lived_s = await _run_once(watch)
            _note_failure(watch, error)
            if lived_s > STEADY_AFTER_S:
                watch.attempt = 0
            await _wait(watch, _pause_s(watch, error, uniform))
    finally:
        _change(watch, "stopped")


def _pause_s(watch: _Watch, error: BaseException, uniform: Uniform) -> float:
    if isinstance(error, Refused):
        return REFUSED_WAIT_S
    if isinstance(error, NotReady) and not error.busy:
        return max(error.again_s, uniform(SHORTEST_WAIT_S, LONGEST_UNANSWERED_WAIT_S))
    watch.attempt += 1
    return back_off_s(watch.attempt - 1, uniform)


async def _run_once(watch: _Watch) -> tuple[BaseException, float]:
    """One run of the driver: why it ended, and for how many seconds its link was up."""
    clock = watch.context.clock
    watch.link.period_s = 0.0
    sink = ListeningSink(watch.context.sink, watch.link, clock, lambda: _note_connected(watch))
    run = asyncio.ensure_future(watch.driver.run(replace(watch.context, sink=sink)))
    try:
        await asyncio.wait({run})
    except asyncio.CancelledError:
        await _stop(watch, run)
        raise
    finally:
        sink.closed = True
        # What was known of the link that ended is no longer true of anything.
        watch.link.security, watch.link.clock_offset_s = "", None
        watch.link.facts.clear()
        tags = np.array([tag.tag_id for tag in watch.context.tags], dtype=np.int32)
        watch.context.sink.mark(tags, Status.STALE)
    up_us = 0 if sink.connected_mono_us is None else clock.mono_us() - sink.connected_mono_us
    if run.cancelled():
        return NotReady("The link broke off in the middle of a question; it is opened again."), up_us / 1e6
    return run.exception() or NotReady("The driver ended without a reason; it is started again."), up_us / 1e6


async def _stop(watch: _Watch, run: asyncio.Future[None]) -> None:
    for grace_s in STOP_GRACES_S:
        run.cancel()
        await asyncio.wait({run}, timeout=grace_s)
        if run.done():
            break
    else:
        watch.log.error("The %s driver does not stop; it is left behind.", watch.driver.name)
        return
    if not run.cancelled() and (error := run.exception()) and not isinstance(error, NotReady | Refused):
        watch.log.error("The %s driver failed while stopping.", watch.driver.name, exc_info=error)


def _note_connected(watch: _Watch) -> None:
    endpoint = watch.context.source.endpoint
    if watch.failure:
        down_s = (watch.context.clock.mono_us() - watch.failed_mono_us) / 1e6
        watch.log.info("%s is connected again after %.0f s.", endpoint, down_s)
    else:
        watch.log.info("%s is connected.", endpoint)
    watch.failure = watch.link.what = watch.link.do = ""
    _change(watch, "connected")


def _note_failure(watch: _Watch, error: BaseException) -> None:
    """Log the first failure in a row of each kind; the retries after it stay silent."""
    expected = isinstance(error, NotReady | Refused)
    watch.link.what, watch.link.do = (error.what, error.do) if expected else _fault(watch, error)
    watch.link.last_error = f"{watch.link.what}: {watch.link.do}" if watch.link.do else watch.link.what
    kind = type(error).__name__
    if kind != watch.failure:
        level = logging.WARNING if expected else logging.ERROR
        watch.log.log(level, "%s", watch.link.last_error, exc_info=None if expected else error)
    if not watch.failure:
        watch.failed_mono_us = watch.context.clock.mono_us()
    watch.failure = kind
    _change(watch, "refused" if isinstance(error, Refused) else "connecting")


def _fault(watch: _Watch, error: BaseException) -> tuple[str, str]:
    what = f"the {watch.driver.name} driver failed with {type(error).__name__} ({error}) and is tried again"
    return what, "please report this with the log"


def _change(watch: _Watch, state: SourceStateName) -> None:
    if watch.link.state != state:
        watch.link.state = state
        watch.link.since_us = watch.context.clock.now_us()
        why = "" if state == "connected" else watch.link.last_error
        watch.link.events.append(SourceEvent(watch.link.since_us, state, why))
        watch.on_change(state)


async def _wait(watch: _Watch, seconds: float) -> None:
    """Sleep, or less when a person asks to try now."""
    ends = {
        asyncio.ensure_future(watch.context.clock.sleep(seconds)),
        asyncio.ensure_future(watch.link.wait_retry()),
    }
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
