"""What outlives a connection: which units were silent, how fast they answer, what they do not have.

Kept for as long as the engine's ``Shared`` lives, one for each line (host and port, or serial port).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from engine.drivers.modbus.address import Table
from engine.drivers.modbus.blocks import Cut, Span
from engine.drivers.shared import Shared

ANSWERS_KEPT = 512
MOST_HOLES = 10_000


@dataclass(slots=True, eq=False)
class UnitMemory:
    """One unit. ``failed`` = trials in a row without an answer, 0 while it is not held for silent;
    ``by_gateway`` = it was a gateway that said so.
    ``answers_s`` are the times from question to answer, newest last. ``refused`` are places for
    which the unit answered with exception 1, 2 or 3, tested longest ago first; ``cuts`` are where blocks had
    to be split.
    """

    failed: int = 0
    by_gateway: bool = False
    answers_s: deque[float] = field(default_factory=lambda: deque[float](maxlen=ANSWERS_KEPT))
    refused: dict[Span, int] = field(default_factory=dict[Span, int])
    cuts: set[Cut] = field(default_factory=set[Cut])

    def refuse(self, span: Span, code: int) -> None:
        """Remember a refusal, as the one tested last. Overload: beyond ``MOST_HOLES`` the oldest goes."""
        self.refused.pop(span, None)
        self.refused[span] = code
        if len(self.refused) > MOST_HOLES:
            del self.refused[next(iter(self.refused))]

    def forget_map(self) -> None:
        """The device has another map now."""
        self.refused.clear()
        self.cuts.clear()


@dataclass(slots=True, eq=False)
class Steps:
    """Which units of a line without transaction ids may be out of step, in seconds of the loop's time.

    ``unsure`` = when, and from which table, a unit was asked what it has not answered; ``echoes`` and
    ``deaf`` = units that answered an echo once, and that did not; ``owed`` = when a unit was asked what
    brings it into step again, without having answered that.
    """

    unsure: dict[int, tuple[float, Table]] = field(default_factory=dict[int, tuple[float, Table]])
    echoes: set[int] = field(default_factory=set[int])
    deaf: set[int] = field(default_factory=set[int])
    owed: dict[int, list[float]] = field(default_factory=dict[int, list[float]])


@dataclass(slots=True, eq=False)
class LineMemory:
    """One line."""

    units: dict[int, UnitMemory] = field(default_factory=dict[int, UnitMemory])
    steps: Steps = field(default_factory=Steps)

    def unit(self, unit: int) -> UnitMemory:
        """What is known of a unit."""
        return self.units.setdefault(unit, UnitMemory())


_LINES: WeakKeyDictionary[Shared, dict[str, LineMemory]] = WeakKeyDictionary()


def remembered(shared: Shared, key: str) -> LineMemory:
    """The memory of one line of one engine."""
    return _LINES.setdefault(shared, {}).setdefault(key, LineMemory())
