"""What to poll and when: blocks of one table and rate, each with its own due time."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.drivers.modbus.address import Address, parse_address
from engine.drivers.modbus.blocks import LIMITS, Block, Limits, coalesce, split
from engine.drivers.modbus.decode import Plan, plan_block
from engine.types import Status, Tag

RETRY_REFUSED_US = 5_000_000
PROBE_PERIOD_S = 1.0

STATUS_OF_EXCEPTION: dict[int, Status] = {
    1: Status.CONFIGURATION_ERROR,  # illegal function: the device has no such table
    2: Status.CONFIGURATION_ERROR,  # illegal data address
    3: Status.CONFIGURATION_ERROR,  # illegal data value: too many registers at once
    4: Status.DEVICE_FAILURE,
    5: Status.NO_COMMUNICATION,  # acknowledge: busy with a long command
    6: Status.NO_COMMUNICATION,  # busy
    8: Status.DEVICE_FAILURE,  # memory parity error
    10: Status.NO_COMMUNICATION,  # gateway path unavailable
    11: Status.NO_COMMUNICATION,  # gateway target does not answer
}
FROM_THE_UNIT = frozenset({1, 2, 3})
"""Exceptions only the unit itself can answer with: it is there, though it refuses the question."""


@dataclass(frozen=True, slots=True)
class Polled:
    """A tag to poll, with its address read."""

    tag_id: int
    address: Address
    period_us: int


@dataclass(slots=True, eq=False)
class Scan:
    """One block, polled every ``period_us``; ``due_us`` is monotonic. tags int32[n] fixes the order.

    ``status`` is what its tags were last marked with, GOOD after a batch.
    """

    polled: tuple[Polled, ...]
    block: Block
    plan: Plan
    tags: NDArray[np.int32]
    group: int
    period_us: int
    due_us: int
    status: int = Status.GOOD


def read_tags(tags: Sequence[Tag]) -> list[Polled]:
    """The tags with their addresses read. Raises AddressError for one that ``check`` would refuse."""
    return [
        Polled(tag.tag_id, parse_address(tag.address), round(1e6 / tag.rate) if tag.rate > 0 else 1_000_000)
        for tag in tags
    ]


def build_scans(source: str, polled: Sequence[Polled], due_us: int, limits: Limits = LIMITS) -> list[Scan]:
    """Blocks per rate, all due at once. Without tags: one register, to prove the link."""
    if not polled:
        return [_scan(source, (), Block("holding", 0, 1, ()), round(PROBE_PERIOD_S * 1e6), due_us)]
    classes: dict[int, list[Polled]] = {}
    for tag in polled:
        classes.setdefault(tag.period_us, []).append(tag)
    return [
        _scan(source, tuple(members), block, period_us, due_us)
        for period_us, members in sorted(classes.items())
        for block in coalesce([tag.address for tag in members], limits)
    ]


def split_scan(source: str, scan: Scan) -> list[Scan]:
    """Two smaller scans for one whose block the device refuses; empty when only one place is left."""
    halves = split([tag.address for tag in scan.polled], scan.block) if scan.polled else None
    return [_scan(source, scan.polled, half, scan.period_us, scan.due_us) for half in halves or ()]


def _scan(source: str, polled: tuple[Polled, ...], block: Block, period_us: int, due_us: int) -> Scan:
    members = tuple(polled[place] for place in block.members)
    tags = np.array([tag.tag_id for tag in members], dtype=np.int32)
    plan = plan_block(block.start, block.count, [tag.address for tag in members])
    block = Block(block.table, block.start, block.count, tuple(range(len(members))))
    name = f"{source} {block.table} {block.start} {block.count} {period_us}".encode()
    group = zlib.crc32(tags.tobytes(), zlib.crc32(name)) & 0x7FFFFFFF
    return Scan(members, block, plan, tags, group, period_us, due_us)


def reschedule(scan: Scan, now_us: int) -> int:
    """Set the next due time on the scan's own grid; gives the number of whole scans missed.

    A scan that is late by less than a period runs at once; older ones are skipped, never piled up.
    """
    if scan.status == Status.CONFIGURATION_ERROR:
        scan.due_us = now_us + max(RETRY_REFUSED_US, scan.period_us)
        return 0
    scan.due_us += scan.period_us
    missed = max(0, (now_us - scan.due_us) // scan.period_us)
    scan.due_us += missed * scan.period_us
    return missed
