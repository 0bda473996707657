"""What to poll and when: blocks of one table and rate, each with its own due time."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.drivers.modbus.address import Address, parse_address
from engine.drivers.modbus.blocks import LIMITS, Block, Cut, Limits, Span, coalesce, split
from engine.drivers.modbus.decode import Plan, plan_block
from engine.drivers.modbus.memory import UnitMemory
from engine.types import Status, Tag

PROBE_PERIOD_S = 1.0


@dataclass(frozen=True, slots=True)
class Polled:
    """A tag to poll, with its address read."""

    tag_id: int
    path: str
    address: Address
    period_us: int


@dataclass(slots=True, eq=False)
class Scan:
    """One block, polled every ``period_us``; ``due_us`` is monotonic. tags int32[n] fixes the order.

    ``status`` is what its tags were last marked with, GOOD after a batch. ``cuts`` are where blocks were
    split to come to this one, while a refused place is searched for.
    """

    polled: tuple[Polled, ...]
    block: Block
    plan: Plan
    tags: NDArray[np.int32]
    group: int
    period_us: int
    due_us: int
    status: int = Status.GOOD
    cuts: tuple[Cut, ...] = ()

    def __str__(self) -> str:
        """The block for a person: ``holding:100``, ``holding:100 to 124``."""
        first, last = self.block.start, self.block.start + self.block.count - 1
        return f"{self.block.table}:{first}" if first == last else f"{self.block.table}:{first} to {last}"


def read_tags(tags: Sequence[Tag]) -> list[Polled]:
    """The tags with their addresses read. Raises AddressError for one that ``check`` would refuse."""
    return [
        Polled(
            tag.tag_id,
            tag.path,
            parse_address(tag.address),
            round(1e6 / tag.rate) if tag.rate > 0 else 1_000_000,
        )
        for tag in tags
    ]


def span_of(address: Address) -> Span:
    """The place an address lies on."""
    return address.table, address.start, address.width


def build_scans(
    source: str,
    polled: Sequence[Polled],
    due_us: int,
    limits: Limits = LIMITS,
    memory: UnitMemory | None = None,
) -> tuple[list[Scan], list[Scan]]:
    """Blocks per rate, all due at once, and one scan for each place that is known to be refused.

    Without anything to poll: one register, to prove the link.
    """
    memory = memory or UnitMemory()
    classes: dict[int, list[Polled]] = {}
    places: dict[Span, list[Polled]] = {}
    for tag in polled:
        span = span_of(tag.address)
        if span in memory.refused:
            places.setdefault(span, []).append(tag)
        else:
            classes.setdefault(tag.period_us, []).append(tag)
    scans = [
        _scan(source, tuple(members), block, period_us, due_us)
        for period_us, members in sorted(classes.items())
        for block in coalesce([tag.address for tag in members], limits, memory.cuts, memory.refused)
    ]
    refused = [
        _scan(source, tuple(tags), Block(*span, tuple(range(len(tags)))), tags[0].period_us, due_us)
        for span in memory.refused
        if (tags := places.get(span))
    ]
    if not scans:
        start: Block = refused[0].block if refused else Block("holding", 0, 1, ())
        probe = Block(start.table, start.start, start.count, ())
        scans = [_scan(source, (), probe, round(PROBE_PERIOD_S * 1e6), due_us)]
    return scans, refused


def split_scan(source: str, scan: Scan, due_us: int) -> list[Scan]:
    """Two smaller scans for one whose block the device refuses; empty when only one place is left."""
    halves = split([tag.address for tag in scan.polled], scan.block) if scan.polled else None
    if halves is None:
        return []
    cut: Cut = (halves[1].table, halves[1].start)
    return [_scan(source, scan.polled, half, scan.period_us, due_us, (*scan.cuts, cut)) for half in halves]


def _scan(
    source: str,
    polled: tuple[Polled, ...],
    block: Block,
    period_us: int,
    due_us: int,
    cuts: tuple[Cut, ...] = (),
) -> Scan:
    members = tuple(polled[place] for place in block.members)
    tags = np.array([tag.tag_id for tag in members], dtype=np.int32)
    plan = plan_block(block.start, block.count, [tag.address for tag in members])
    block = Block(block.table, block.start, block.count, tuple(range(len(members))))
    name = f"{source} {block.table} {block.start} {block.count} {period_us}".encode()
    group = zlib.crc32(tags.tobytes(), zlib.crc32(name)) & 0x7FFFFFFF
    return Scan(members, block, plan, tags, group, period_us, due_us, cuts=cuts)


def reschedule(scan: Scan, now_us: int) -> int:
    """Set the next due time on the scan's own grid; gives the number of whole scans missed.

    A scan that is late by less than a period runs at once; older ones are skipped, never piled up.
    """
    scan.due_us += scan.period_us
    missed = max(0, (now_us - scan.due_us) // scan.period_us)
    scan.due_us += missed * scan.period_us
    return missed
