"""Which registers to read together: neighbours are worth one request, big holes are not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.drivers.modbus.address import BIT_TABLES, Address, Table

Span = tuple[Table, int, int]
"""A place on the device: table, start and width."""
Cut = tuple[Table, int]
"""A block must not reach from before this place to it or beyond."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest block a request may ask for, and the widest hole worth reading over.

    The two sizes are the most that the protocol allows (Modbus Application Protocol V1.1b3, 6.1
    to 6.4). A hole of bits is 16 times as long as one of registers: the same bytes on the wire.
    """

    registers: int = 125
    bits: int = 2000
    gap: int = 8


@dataclass(frozen=True, slots=True)
class Block:
    """One read request: ``count`` registers (or bits) from ``start``.

    ``members`` are places in the list that was coalesced, ordered by their start.
    """

    table: Table
    start: int
    count: int
    members: tuple[int, ...]


LIMITS = Limits()


def coalesce(
    addresses: Sequence[Address],
    limits: Limits = LIMITS,
    cuts: Iterable[Cut] = (),
    refused: Iterable[Span] = (),
) -> list[Block]:
    """Cover all addresses with as few blocks as the limits allow; every member lies in one block.

    No block reaches over a cut or holds the whole of a refused span; a single tag larger than the
    limit is read whole all the same.
    """
    walls = sorted(set(cuts))
    spans = sorted(set(refused))
    order = sorted(range(len(addresses)), key=lambda place: _position(addresses[place]))
    groups: list[list[int]] = []
    end = 0
    for place in order:
        address = addresses[place]
        first = addresses[groups[-1][0]] if groups else None
        largest, gap = _limits_of(address.table, limits)
        reach = max(end, address.start + address.width)
        if (
            first is None
            or first.table != address.table
            or address.start - end > gap
            or reach - first.start > largest
            or _between(walls, first, address.start)
            or _holds(spans, first, reach)
        ):
            groups.append([])
            reach = address.start + address.width
        groups[-1].append(place)
        end = reach
    return [_block(addresses, group) for group in groups]


def _position(address: Address) -> tuple[Table, int, int]:
    return address.table, address.start, address.width


def _limits_of(table: Table, limits: Limits) -> tuple[int, int]:
    return (limits.bits, limits.gap * 16) if table in BIT_TABLES else (limits.registers, limits.gap)


def _between(walls: Sequence[Cut], first: Address, start: int) -> bool:
    """Is there a cut after the start of ``first``, up to ``start``?"""
    next_wall = bisect_right(walls, (first.table, first.start))
    return next_wall < len(walls) and walls[next_wall] <= (first.table, start)


def _holds(spans: Sequence[Span], first: Address, reach: int) -> bool:
    """Does a whole span lie between the start of ``first`` and ``reach``?"""
    place = bisect_right(spans, (first.table, first.start, 0))
    while place < len(spans) and spans[place][:2] < (first.table, reach):
        if spans[place][1] + spans[place][2] <= reach:
            return True
        place += 1
    return False


def _block(addresses: Sequence[Address], members: Sequence[int]) -> Block:
    start = addresses[members[0]].start
    end = max(addresses[place].start + addresses[place].width for place in members)
    return Block(addresses[members[0]].table, start, end - start, tuple(members))


def split(addresses: Sequence[Address], block: Block) -> tuple[Block, Block] | None:
    """Two smaller blocks for one that the device refuses, cut at its widest hole or else its middle.

    None when all members lie on the same registers: then it is the address that is wrong.
    """
    spans = [(addresses[place].start, addresses[place].width) for place in block.members]
    if len(set(spans)) < 2:
        return None
    cut = _widest_hole(spans) or _middle(spans)
    return _block(addresses, block.members[:cut]), _block(addresses, block.members[cut:])


def _widest_hole(spans: Sequence[tuple[int, int]]) -> int | None:
    widest, cut, end = 0, None, spans[0][0] + spans[0][1]
    for place, (start, width) in enumerate(spans):
        if start - end > widest:
            widest, cut = start - end, place
        end = max(end, start + width)
    return cut


def _middle(spans: Sequence[tuple[int, int]]) -> int:
    """A cut near the middle that keeps tags on the same registers together."""
    cuts = [place for place in range(1, len(spans)) if spans[place] != spans[place - 1]]
    return min(cuts, key=lambda place: abs(place - len(spans) / 2))
