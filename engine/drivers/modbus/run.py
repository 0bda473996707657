"""One run of the driver: hold the line with the other units on it, and poll until something ends that."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from engine.drivers.driver import Context, NotReady, Refused
from engine.drivers.modbus.endpoint import limits, parse_endpoint, timeout_s
from engine.drivers.modbus.line import Line, UnitLine, open_line
from engine.drivers.modbus.memory import remembered
from engine.drivers.modbus.poll import Poll, poll_device
from engine.drivers.modbus.scan import read_tags


async def run(context: Context) -> None:
    """Hold the line and poll until cancelled. Raises NotReady, Refused; see ``engine.drivers.driver``."""
    endpoint = parse_endpoint(context.source.endpoint)
    key = endpoint.place.key
    memory = remembered(context.shared, key)
    polled = read_tags(context.tags)
    try:
        async with context.shared.hold(key, lambda: open_line(endpoint.place, memory, context.clock)) as line:
            if line.place != endpoint.place:
                raise Refused(
                    f'{line.place} is open with other settings than those of "{context.source.id}"',
                    "give all sources of one serial port the same baud, parity and stop",
                )
            unit = memory.unit(endpoint.unit)
            reader = UnitLine(line, endpoint, timeout_s(context.source), unit)
            limit = limits(context.source)
            poll = Poll(context, endpoint, reader, polled, limit, unit, line.units)
            line.units.append(endpoint.unit)
            mine = line.sources[context.source.id] = {tag.tag_id: tag for tag in context.tags}
            try:
                await _while_it_works(line, poll_device(poll))
            finally:
                line.leave(endpoint.unit)
                if line.sources.get(context.source.id) is mine:
                    del line.sources[context.source.id]
                if line.broken.done():
                    context.shared.drop(key, line)
    except ConnectionAbortedError as error:
        raise NotReady(f"{endpoint.place}: {error}") from None


async def _while_it_works(line: Line, work: Coroutine[Any, Any, None]) -> None:
    """Do the work until it ends, or the line breaks. A cancel ends both."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task, line.broken}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
        error = None if task.cancelled() else task.exception()
    raise error or line.why()
