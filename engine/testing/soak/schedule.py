"""What is struck when: drawn from the seed alone, so that the same seed strikes the same again."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Literal

import msgspec

Kind = Literal[
    "freeze",
    "server killed",
    "stall",
    "half-open",
    "hold",
    "slow line",
    "reset",
    "refuse",
    "truncate",
    "duplicate",
    "engine killed",
    "second window",
]
LINKS: tuple[Kind, ...] = (
    *("freeze", "server killed", "stall", "half-open", "hold"),
    *("slow line", "reset", "refuse", "truncate", "duplicate"),
)
"""Faults of one device or of the way to it."""
SHORTEST_S = 0.5
PART = 0.35
"""Of the time between two faults one lasts at most, so that everything can be well again before the next."""
LONGEST_S = 25.0
NOT_STRUCK = {
    "clock step": "needs the program faketime around the engine; see tests/engine/historian and tests/faults",
    "full disk": "needs a file system of its own; see tests/faults/test_history_disk.py",
}
"""What belongs to mixed faults and is not among them, and where it is tested instead."""


class Strike(msgspec.Struct, frozen=True):
    """One fault: ``at_s`` after the beginning, on ``source`` ("" = not one of a device), so long."""

    at_s: float
    kind: Kind
    source: str
    seconds: float


def schedule(
    seed: int, seconds: float, every_s: float, kill_every_s: float, sources: Mapping[str, str], window: bool
) -> tuple[Strike, ...]:
    """One fault every ``every_s``; the engine is killed every ``kill_every_s`` in place of another.

    ``sources`` = drivers by id. Every kind comes up on a source before one comes again there. The last
    fault leaves time to get well.
    """
    luck = random.Random(seed)
    left: dict[str, list[Kind]] = {source: [] for source in sources}
    strikes: list[Strike] = []
    next_kill_s, turn, at_s = kill_every_s, 0, every_s
    while at_s <= seconds - every_s:
        length_s = luck.uniform(SHORTEST_S, min(LONGEST_S, max(PART * every_s, 2 * SHORTEST_S)))
        kind: Kind
        if at_s >= next_kill_s:
            next_kill_s += kill_every_s
            kind, source, length_s = "engine killed", "", 0.0
        elif window and turn % 5 == 4:
            kind, source = "second window", ""
            turn += 1
        else:
            source = sorted(sources)[turn % len(sources)]
            if not left[source]:
                left[source] = list(LINKS)
                luck.shuffle(left[source])
            kind = left[source].pop()
            turn += 1
        strikes.append(Strike(round(at_s, 3), kind, source, round(length_s, 3)))
        at_s += every_s
    return tuple(strikes)
