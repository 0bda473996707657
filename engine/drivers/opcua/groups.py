"""Which subscription a tag belongs to: one for each rate and data type, as few as the server has. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.drivers.opcua.decode import Reader

MOST_GROUPS = 8
"""Subscriptions of one source at most, though the server may have more: each costs it work."""
SLOWEST_PUBLISH_MS = 500.0
FASTEST_PUBLISH_MS = 50.0
BLOCK_RATE = 100.0
"""Tags of so many samples a second and more come as blocks: a notification holds many samples of each."""
BLOCK_PUBLISH_MS = 100.0
"""Long enough for blocks that are worth it, short enough for an eye."""
KEEP_ALIVE_S = 0.75
"""Asked for between two proofs of life; the server may revise it."""


@dataclass(slots=True, eq=False)
class Group:
    """One subscription. ``live`` bool[handles] = the item exists and a value has come.

    ``monitored`` bool[handles + 2] = samples under this handle are ours: those of asked-for and of existing
    items, in the first group also of the server state behind them; the last is for handles that are none
    of ours. ``released`` bool[handles + 2] = they were ours once, so a few may still be on their way.

    ``slot`` = its rates in ``Plan``; ``publish_ms`` is asked for, ``granted_ms`` what the server made of
    it. ``items`` = monitored item id by handle, ``readers`` only for tags that are no plain numbers.
    ``expected`` = number of the next notification, 0 = not known yet. ``gaps`` = first and last number of
    notifications that are missing, ``before_us`` int64[handles] = ``Feed.last_us`` before the first of
    them; ``stale`` = all items must be read again. While either holds, nothing counts as current.
    """

    number: int
    slot: int
    data_type: str
    publish_ms: float
    live: NDArray[np.bool_]
    subscription: int = 0
    granted_ms: float = 0.0
    keep_alive_s: float = KEEP_ALIVE_S
    items: dict[int, int] = field(default_factory=dict[int, int])
    readers: dict[int, Reader] = field(default_factory=dict[int, Reader])
    expected: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    stale: bool = False
    before_us: NDArray[np.int64] | None = None
    heard_us: int = 0
    alive: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    monitored: NDArray[np.bool_] = field(init=False)
    released: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.monitored = np.zeros(len(self.live) + 2, np.bool_)
        self.monitored[-2] = self.number == 0
        self.released = np.zeros(len(self.live) + 2, np.bool_)

    @property
    def broken(self) -> bool:
        """Notifications are missing: what is shown may be out of date."""
        return self.stale or bool(self.gaps)


@dataclass(frozen=True, slots=True)
class Plan:
    """How rates share subscriptions: the slot of each rate, and how often each slot publishes (ms)."""

    slot_of: dict[float, int]
    publish_ms: tuple[float, ...]


def planned(rates: Sequence[float], most: int) -> Plan:
    """A slot for each distinct rate (samples/s), fastest first; what exceeds ``most`` shares the last.

    A slot publishes as often as the keenest of its rates asks, within what suits a display.
    """
    distinct = sorted(set(rates), reverse=True) or [1.0]
    slots = max(1, min(most, len(distinct)))
    slot_of = {rate: min(k, slots - 1) for k, rate in enumerate(distinct)}
    publish = tuple(
        min(_publish_ms(rate) for rate in distinct if slot_of[rate] == slot) for slot in range(slots)
    )
    return Plan(slot_of, publish)


def _publish_ms(rate: float) -> float:
    """How often samples of this rate are best delivered."""
    if rate >= BLOCK_RATE:
        return BLOCK_PUBLISH_MS
    return min(SLOWEST_PUBLISH_MS, max(FASTEST_PUBLISH_MS, sampling_ms(rate)))


def sampling_ms(rate: float) -> float:
    """The sampling interval to ask for."""
    return 1000.0 / rate


def place(
    groups: Sequence[Group], plan: Plan, slot: int, data_type: str, most: int, most_items: int
) -> int | None:
    """Where a tag goes: the position of its group, ``len(groups)`` = a new one, None = nowhere.

    ``most`` groups may exist, each with ``most_items`` items (0 = any number). Its own data type comes
    first; when subscriptions run short, data types of one rate share, then rates.
    """
    room = [g for g in groups if not most_items or len(g.items) < most_items]
    own = [g for g in room if g.slot == slot]
    if same := [g for g in own if g.data_type == data_type]:
        return same[0].number
    waiting = set(range(len(plan.publish_ms))) - {g.slot for g in groups} - {slot}
    if len(groups) + len(waiting) < most or (not own and len(groups) < most):
        return len(groups)
    for candidates in (own, room):
        if candidates:
            return candidates[0].number
    return None
