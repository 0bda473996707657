"""Proof that values are current where the server's own keep-alives come too rarely: they are read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.drivers.driver import NotReady
from engine.drivers.opcua.feed import Feed
from engine.drivers.opcua.groups import Group
from engine.drivers.opcua.samples import Samples, settle_values
from engine.types import Sink, Status

LONG_KEEP_ALIVE_S = 2.0
"""With keep-alives further apart than this, a subscription that died would show old values as current."""
PROOF_S = 1.5
"""Time between two readings."""
MOST_READ = 1_000
"""Values read at a time; of a larger group the next ones have their turn in the next reading."""
CURRENT_S = 2.0
"""Least period of proof told for such tags: a reading and the time it takes."""
PATIENCE_S = 3.0
"""A value that was read is given this long to be published, or 2.5 intervals of sampling or publishing."""


def needs_proof(group: Group) -> bool:
    """Whether the server's keep-alives are too rare to vouch for values."""
    return group.keep_alive_s > LONG_KEEP_ALIVE_S


def proof_period_s(group: Group, tags: int, slowest_s: float) -> float:
    """How often each of so many tags is proven current; ``slowest_s`` = the slowest sampling granted."""
    if not needs_proof(group):
        return group.keep_alive_s
    readings = math.ceil(tags / MOST_READ)
    return min(group.keep_alive_s, max(CURRENT_S, readings * PROOF_S, slowest_s, group.granted_ms / 1000))


def keep_alive_note(groups: Sequence[Group], where: str) -> tuple[str, str]:
    """What a person should know about rare keep-alives; "" = they are frequent enough."""
    longest_s = max((group.keep_alive_s for group in groups), default=0.0)
    if longest_s <= LONG_KEEP_ALIVE_S:
        return "", ""
    return (
        f"{where} grants a keep-alive of {longest_s:g} s only, so values are read every {PROOF_S:g} s to see "
        "whether they still hold",
        "lower the shortest keep-alive (its count or the publishing interval) at the server",
    )


@dataclass(slots=True, eq=False)
class Proof:
    """The readings of one group: whose turn is next, and which values were not as delivered since when."""

    due_us: int = 0
    _next: int = 0
    _differing: list[int] = field(default_factory=list[int])
    _since_us: int = 0

    def turn(self, group: Group, now_us: int) -> list[int]:
        """The handles to be read now: those that differed, then the next ones."""
        self.due_us = now_us + int(PROOF_S * 1e6)
        live = np.flatnonzero(group.live).tolist()
        self._next = self._next if self._next < len(live) else 0
        part = live[self._next : self._next + MOST_READ]
        self._next += len(part)
        again = [handle for handle in self._differing[:MOST_READ] if group.live[handle]]
        return list(dict.fromkeys([*again, *part]))

    def judge(self, feed: Feed, group: Group, read: Samples, sink: Sink, now_us: int) -> float:
        """Prove those that are as delivered; gives for how long others have waited for a publish (s)."""
        read = settle_values(read)
        delivered = feed.last_value[read.handle]
        same = (read.value == delivered) | (np.isnan(read.value) & np.isnan(delivered))
        sound = (read.status & np.uint32(Status.BAD)) == 0
        if not group.broken and feed.cover == Status.GOOD:
            sink.alive(feed.tag_ids[read.handle[same & sound & group.live[read.handle]]])
        self._differing = read.handle[~same].tolist()
        if not self._differing:
            self._since_us = 0
        elif group.heard_us >= self._since_us:
            self._since_us = now_us
        return (now_us - self._since_us) / 1e6 if self._differing else 0.0


def patience_s(group: Group, slowest_s: float) -> float:
    """How long a changed value may stay unpublished."""
    return max(PATIENCE_S, 2.5 * slowest_s, 2.5 * group.granted_ms / 1000)


def unreported(where: str, seconds: float) -> NotReady:
    """Values change on the server and it publishes nothing."""
    return NotReady(
        f"{where} has published nothing for {seconds:.1f} s though values changed",
        "nothing, the subscription is made anew; if it happens often, restart the OPC UA server",
    )
