"""Polls one Modbus device: earliest due block first, one question in flight."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.drivers.driver import Context, NotReady
from engine.drivers.modbus.address import Table
from engine.drivers.modbus.client import ExceptionReply, open_link
from engine.drivers.modbus.decode import decode
from engine.drivers.modbus.endpoint import Endpoint, parse_endpoint
from engine.drivers.modbus.scan import (
    FROM_THE_UNIT,
    STATUS_OF_EXCEPTION,
    Polled,
    Scan,
    build_scans,
    read_tags,
    reschedule,
    split_scan,
)
from engine.types import Batch, Status

NO_TAGS = np.array([], dtype=np.int32)
PROBE_AFTER_US = 2_000_000
"""With nothing to poll for this long the link is asked anyway, so that its loss is found in 5 s."""


class Reader(Protocol):
    """What polling needs of a link; raises ExceptionReply and NotReady."""

    async def read(self, table: Table, start: int, count: int) -> NDArray[np.uint16]:
        """Registers uint16[count], or bits as 0 and 1."""
        ...


@dataclass(slots=True, eq=False)
class Poll:
    """The state of one connection's polling."""

    context: Context
    endpoint: Endpoint
    reader: Reader
    polled: list[Polled]
    queue: list[tuple[int, int, Scan]] = field(default_factory=list[tuple[int, int, Scan]])
    order: count[int] = field(default_factory=count)
    connected: bool = False
    answered_us: int = 0
    trouble: int = 0


async def run(context: Context) -> None:
    """Connect and poll until cancelled. Raises NotReady; see ``engine.drivers.driver``."""
    endpoint = parse_endpoint(context.source.endpoint)
    polled = read_tags(context.tags)
    async with open_link(endpoint) as link:
        await poll_device(Poll(context, endpoint, link, polled))


async def poll_device(poll: Poll) -> None:
    """Poll for ever. The link counts as connected with the first answer of the unit itself."""
    _plan_anew(poll)
    for _ in range(len(poll.queue)):
        await _poll_next(poll)
    if not poll.connected:
        raise NotReady(
            f"{poll.endpoint} answers every read with Modbus exception {poll.trouble}; "
            "check that the unit is running and its number is right."
        )
    while True:
        now_us = poll.context.clock.mono_us()
        wake_us = min(poll.queue[0][0], poll.answered_us + PROBE_AFTER_US)
        if wake_us > now_us:
            await poll.context.clock.sleep((wake_us - now_us) / 1e6)
        elif poll.queue[0][0] <= now_us:
            await _poll_next(poll)
        else:
            await _prove_link(poll)


def _plan_anew(poll: Poll) -> None:
    poll.queue.clear()
    for scan in build_scans(poll.context.source.id, poll.polled, poll.context.clock.mono_us()):
        _enqueue(poll, scan)


def _enqueue(poll: Poll, scan: Scan) -> None:
    heapq.heappush(poll.queue, (scan.due_us, next(poll.order), scan))


async def _poll_next(poll: Poll) -> None:
    scan = heapq.heappop(poll.queue)[2]
    try:
        words = await poll.reader.read(scan.block.table, scan.block.start, scan.block.count)
    except ExceptionReply as exception:
        _answered(poll, proven=exception.code in FROM_THE_UNIT)
        _refused(poll, scan, exception.code)
        return
    receive_us = poll.context.clock.now_us()
    _answered(poll, proven=True)
    _deliver(poll, scan, words, receive_us)
    returned = scan.status == Status.CONFIGURATION_ERROR
    scan.status = Status.GOOD
    if returned:  # the device's map has changed: neighbours may be read together again
        _plan_anew(poll)
    else:
        _next_turn(poll, scan)


def _answered(poll: Poll, proven: bool) -> None:
    """Note an answer; ``proven`` when it comes from the unit itself, whatever becomes of its values."""
    poll.answered_us = poll.context.clock.mono_us()
    if not proven:
        return
    if poll.connected:
        poll.context.sink.alive(NO_TAGS)
        return
    poll.connected = True
    poll.context.sink.connected("none")
    for period_us in {tag.period_us for tag in poll.polled}:
        tags = np.array([tag.tag_id for tag in poll.polled if tag.period_us == period_us], dtype=np.int32)
        poll.context.sink.period(tags, period_us / 1e6)


def _deliver(poll: Poll, scan: Scan, words: NDArray[np.uint16], receive_us: int) -> None:
    if not scan.polled:
        return
    value = decode(scan.plan, words).reshape(1, -1)
    time_us = np.array([receive_us], dtype=np.int64)
    quality = np.zeros(len(scan.tags), dtype=np.uint32)
    poll.context.sink.batch(Batch(scan.group, scan.tags, time_us, time_us, value, quality))


def _refused(poll: Poll, scan: Scan, code: int) -> None:
    """Find the offending tags of a refused block by halving it; mark what cannot be halved."""
    poll.trouble = code
    halves = split_scan(poll.context.source.id, scan) if code in {2, 3} else []
    for half in halves:
        _enqueue(poll, half)
    if halves:
        return
    status = STATUS_OF_EXCEPTION.get(code, Status.DEVICE_FAILURE)
    if scan.status != status and scan.polled:
        poll.context.sink.mark(scan.tags, status)
    scan.status = status
    _next_turn(poll, scan)


def _next_turn(poll: Poll, scan: Scan) -> None:
    missed = reschedule(scan, poll.context.clock.mono_us())
    if missed and scan.polled:
        where = f"{scan.block.table}:{scan.block.start}"
        poll.context.sink.lost(
            missed * len(scan.tags),
            f"{poll.endpoint} is polled slower than asked: {missed} scans of {where}, due every "
            f"{scan.period_us / 1e6:g} s, were skipped; lower the rate or check the network.",
        )
    _enqueue(poll, scan)


async def _prove_link(poll: Poll) -> None:
    block = poll.queue[0][2].block
    try:
        await poll.reader.read(block.table, block.start, 1)
    except ExceptionReply as exception:
        poll.trouble = exception.code
        _answered(poll, proven=exception.code in FROM_THE_UNIT)
    else:
        _answered(poll, proven=True)
