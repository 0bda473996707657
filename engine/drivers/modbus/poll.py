"""Polls one Modbus unit: earliest due block first, one question in flight."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.drivers.driver import Context, NotReady
from engine.drivers.modbus.address import Table
from engine.drivers.modbus.blocks import LIMITS, Limits
from engine.drivers.modbus.decode import decode
from engine.drivers.modbus.endpoint import Endpoint
from engine.drivers.modbus.memory import UnitMemory
from engine.drivers.modbus.replies import BUSY, NOT_THERE, STATUS_OF_EXCEPTION, in_words
from engine.drivers.modbus.report import (
    tell_answers,
    tell_blocks,
    tell_busy,
    tell_holes,
    tell_pace,
    tell_units,
    why_refused,
)
from engine.drivers.modbus.scan import (
    Polled,
    Scan,
    build_scans,
    reschedule,
    span_of,
    split_scan,
)
from engine.drivers.modbus.wire import ExceptionReply
from engine.types import Batch, Status

NO_TAGS = np.array([], dtype=np.int32)
PROBE_AFTER_US = 1_000_000
"""With nothing to poll for this long the unit is asked anyway, so that a loss is found in 5 s."""
RETEST_US = 5_000_000
"""One of the refused places is tried this often; if it answers, the device has another map."""
TELL_US = 10_000_000


class Reader(Protocol):
    """What polling needs of a unit; raises ExceptionReply and NotReady."""

    async def read(self, table: Table, start: int, count: int) -> NDArray[np.uint16]:
        """Registers uint16[count], or bits as 0 and 1."""
        ...


@dataclass(slots=True, eq=False)
class Poll:
    """The state of one unit's polling.

    ``searching`` = parts of split blocks not yet answered for; ``marked`` = tags marked as not on the
    device; ``due``, ``missed`` and ``busy`` (an exception code, 0 = none) count since ``told_us``.
    """

    context: Context
    endpoint: Endpoint
    reader: Reader
    polled: list[Polled]
    limits: Limits = LIMITS
    memory: UnitMemory = field(default_factory=UnitMemory)
    sharers: list[int] = field(default_factory=list[int])
    queue: list[tuple[int, int, Scan]] = field(default_factory=list[tuple[int, int, Scan]])
    refused: list[Scan] = field(default_factory=list[Scan])
    order: count[int] = field(default_factory=count)
    connected: bool = False
    answered_us: int = 0
    retest_us: int = 0
    trouble: int = 0
    searching: int = 0
    marked: set[int] = field(default_factory=set[int])
    too_slow: str = ""
    told_us: int = 0
    due: int = 0
    missed: int = 0
    busy: int = 0


async def poll_device(poll: Poll) -> None:
    """Poll for ever. The link counts as connected with the first answer of the unit itself."""
    poll.too_slow = f"{poll.endpoint} is polled slower than asked, so scans were skipped"
    _plan_anew(poll)
    for _ in range(len(poll.queue)):
        await _poll_next(poll)
    if not poll.connected:
        raise NotReady(
            f"{poll.endpoint} answers every read with {in_words(poll.trouble)}",
            "check that the device is running and not in another mode",
            busy=poll.trouble in BUSY,
        )
    poll.told_us = poll.retest_us = poll.context.clock.mono_us()
    _tell(poll, 0)
    _tell_map(poll)
    while True:
        await _do_next(poll)


async def _do_next(poll: Poll) -> None:
    now_us = poll.context.clock.mono_us()
    if now_us - poll.told_us >= TELL_US:
        _tell(poll, now_us - poll.told_us)
        poll.told_us = now_us
    retest_us = poll.retest_us + RETEST_US if poll.refused else None
    next_us = poll.queue[0][0]
    wake_us = min(next_us, poll.answered_us + PROBE_AFTER_US, retest_us or next_us)
    if wake_us > now_us:
        await poll.context.clock.sleep((wake_us - now_us) / 1e6)
    elif retest_us is not None and retest_us <= now_us:
        poll.retest_us = now_us
        await _retest(poll)
    elif next_us <= now_us:
        await _poll_next(poll)
    else:
        await _prove_link(poll)


def _plan_anew(poll: Poll) -> None:
    """Blocks for all tags, as the memory of the device allows; those that stay keep their due time."""
    before = {scan.group: scan for _, _, scan in poll.queue if not scan.cuts}
    poll.queue.clear()
    poll.searching = 0
    source, now_us = poll.context.source.id, poll.context.clock.mono_us()
    scans, poll.refused = build_scans(source, poll.polled, now_us, poll.limits, poll.memory)
    for scan in scans:
        _enqueue(poll, before.get(scan.group, scan))
    if poll.told_us:
        _tell_map(poll)


def _enqueue(poll: Poll, scan: Scan) -> None:
    heapq.heappush(poll.queue, (scan.due_us, next(poll.order), scan))


async def _poll_next(poll: Poll) -> None:
    scan = heapq.heappop(poll.queue)[2]
    try:
        words = await poll.reader.read(scan.block.table, scan.block.start, scan.block.count)
    except ExceptionReply as exception:
        _answered(poll, proven=exception.code in NOT_THERE)
        _refused(poll, scan, exception.code)
        return
    receive_us = poll.context.clock.now_us()
    _answered(poll, proven=True, alive=not scan.polled)
    _deliver(poll, scan, words, receive_us)
    if not scan.polled and poll.refused:  # what stood for the refused places answers
        _another_map(poll)
        return
    _next_turn(poll, scan)
    if scan.cuts:
        _searched(poll, scan)


def _answered(poll: Poll, proven: bool, alive: bool = True) -> None:
    """Note an answer; ``proven`` when it comes from the unit itself, whatever becomes of its values.

    ``alive`` = say so, because no batch will.
    """
    poll.answered_us = poll.context.clock.mono_us()
    if not proven:
        return
    if poll.connected:
        if alive:
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
    value = decode(scan.plan, words, poll.context.intern).reshape(1, -1)
    time_us = np.array([receive_us], dtype=np.int64)
    quality = np.zeros(len(scan.tags), dtype=np.uint32)
    poll.context.sink.batch(Batch(scan.group, scan.tags, time_us, time_us, value, quality))
    scan.status = Status.GOOD


def _refused(poll: Poll, scan: Scan, code: int) -> None:
    """Find what the device does not have by halving the block; mark what it fails to give."""
    poll.trouble = code
    if code in NOT_THERE and scan.polled:
        _search(poll, scan, code)
        return
    if code in BUSY:
        poll.busy = code
        tell_busy(poll.context.sink, poll.endpoint, code)
    status = STATUS_OF_EXCEPTION.get(code, Status.DEVICE_FAILURE)
    if scan.status != status and scan.polled:
        poll.context.sink.mark(scan.tags, status, why_refused(scan, code))
    scan.status = status
    _next_turn(poll, scan)


def _search(poll: Poll, scan: Scan, code: int) -> None:
    halves = split_scan(poll.context.source.id, scan, poll.context.clock.mono_us()) if code != 1 else []
    for half in halves:
        poll.memory.cuts.add(half.cuts[-1])
        poll.searching += 1
        _enqueue(poll, half)
    if not halves:  # this explains why the blocks around it were refused
        for tag in scan.polled:
            poll.memory.refuse(span_of(tag.address), code)
        poll.memory.cuts.difference_update(scan.cuts)
        _mark_refused(poll, scan, code)
        poll.refused.append(scan)
    _searched(poll, scan)


def _searched(poll: Poll, scan: Scan) -> None:
    """One part is answered for; after the last one neighbours are read together as far as they can be."""
    if scan.cuts:
        scan.cuts = ()
        poll.searching -= 1
    if not poll.searching:
        _plan_anew(poll)


def _mark_refused(poll: Poll, scan: Scan, code: int) -> None:
    tags = [tag_id for tag_id in scan.tags.tolist() if tag_id not in poll.marked]
    poll.marked.update(tags)
    if tags:
        ids = np.array(tags, dtype=np.int32)
        poll.context.sink.mark(ids, Status.CONFIGURATION_ERROR, why_refused(scan, code))


def _another_map(poll: Poll) -> None:
    """A place that was refused answers: what is known of the device's map no longer holds."""
    poll.memory.forget_map()
    poll.marked.clear()
    _plan_anew(poll)


async def _retest(poll: Poll) -> None:
    scan = poll.refused.pop(0)
    poll.refused.append(scan)
    try:
        words = await poll.reader.read(scan.block.table, scan.block.start, scan.block.count)
    except ExceptionReply as exception:
        _answered(poll, proven=exception.code in NOT_THERE)
        if exception.code in NOT_THERE and scan.polled:
            poll.memory.refuse(span_of(scan.polled[0].address), exception.code)
        return
    receive_us = poll.context.clock.now_us()
    _answered(poll, proven=True)
    _deliver(poll, scan, words, receive_us)
    _another_map(poll)


def _next_turn(poll: Poll, scan: Scan) -> None:
    missed = reschedule(scan, poll.context.clock.mono_us())
    poll.due += 1 + missed
    if missed and scan.polled:
        poll.missed += missed
        poll.context.sink.lost(missed * len(scan.tags), poll.too_slow)
    _enqueue(poll, scan)


async def _prove_link(poll: Poll) -> None:
    block = poll.queue[0][2].block
    try:
        await poll.reader.read(block.table, block.start, 1)
    except ExceptionReply as exception:
        poll.trouble = exception.code
        _answered(poll, proven=exception.code in NOT_THERE)
    else:
        _answered(poll, proven=True)


def _tell_map(poll: Poll) -> None:
    sink = poll.context.sink
    tell_blocks(sink, [scan for _, _, scan in poll.queue])
    tell_holes(sink, poll.memory, poll.refused)
    for scan in poll.refused:
        code = poll.memory.refused.get(span_of(scan.polled[0].address), 2)
        _mark_refused(poll, scan, code)


def _tell(poll: Poll, elapsed_us: int) -> None:
    """What is renewed every ten seconds."""
    sink = poll.context.sink
    tell_answers(sink, list(poll.memory.answers_s))
    tell_units(sink, len(poll.sharers))
    if not poll.busy:
        tell_busy(sink, poll.endpoint, 0)
    if elapsed_us:
        tell_pace(sink, poll.endpoint, poll.due, poll.missed, elapsed_us / 1e6)
        poll.busy = 0
    poll.due = poll.missed = 0
