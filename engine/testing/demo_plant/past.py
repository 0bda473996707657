"""The past that a demo plant is given: when its model began, and what has happened to it since.

Kept in a file beside the plant's keys, so that every later start goes on with the same model at the
right time: what counted up goes on counting, and the curve has no step at the seam.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from engine import paths
from engine.testing.demo_plant.conditions import Conditions, Fault
from engine.testing.demo_plant.noise import channels, uniform
from engine.testing.demo_plant.plant import Plant
from engine.typed import from_json

NIGHT = 22, 6
"""Hours of the plant's own time between which nobody loads it."""
CALM_BEFORE_S = 7_200.0
"""So long before somebody begins to watch, nothing happens any more."""
SHORTEST_PAUSE_S = 1_800.0
GROWN = 0.85
"""How far a fault has grown when it is found and repaired."""
SLOW_BEGAN_S = 30 * 3600.0, 40 * 3600.0
"""So long ago a slow fault began that still grows when somebody begins to watch."""
LEFT_ALONE_S = 12 * 3600.0
"""A past shorter than the slow fault and this would show nothing of how the machine was before."""
NEVER_S = 1e12
"""The end of a fault that nobody repaired: JSON has no infinity."""
_GRID_S = 600.0
_CHANNEL = 600_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Past:
    """``origin_us`` = UTC microseconds of model time 0; the model has been followed from then on."""

    plant: str
    origin_us: int
    conditions: Conditions

    def time_s(self, now_us: int) -> float:
        """Model time at an instant."""
        return (now_us - self.origin_us) / 1e6


def invented(plant: Plant, seed: int, origin_us: int, live_s: float) -> Past:
    """A believable past of a plant from model time 0 to ``live_s``, when somebody begins to watch.

    Nights without work; a fault that grows, stops the plant and is repaired, then another; two stops; a slow
    fault that nobody has found yet. Of all that, what has room.
    """
    nights = tuple(_nights(plant.timezone, origin_us, live_s))
    draw = iter(uniform(channels(seed, _CHANNEL, 1), np.arange(64)).tolist())
    busy: list[Span] = [*nights, (live_s - CALM_BEFORE_S, np.inf)]
    conditions = Conditions(seed, pauses=nights, live_s=live_s)
    for name, grow_s in list(plant.faults.items())[:2]:
        repair = plant.repairs.get(name)
        length = GROWN * grow_s + (repair.length_s if repair else 0.0)
        begin = _room(busy, 0.05 * live_s, length, live_s, next(draw))
        if begin is None:
            continue
        end_s = begin + GROWN * grow_s
        if repair is not None:
            conditions = replace(conditions, stops=(*conditions.stops, replace(repair, time_s=end_s)))
            end_s += 0.5 * repair.length_s
        conditions = replace(conditions, faults=(*conditions.faults, Fault(name, begin, grow_s, end_s=end_s)))
        busy.append((begin, begin + length))
    for stop in plant.stoppages:
        begin = _room(busy, 0.0, stop.length_s + _GRID_S, live_s, next(draw))
        if begin is not None:
            conditions = replace(conditions, stops=(*conditions.stops, replace(stop, time_s=begin)))
            busy.append((begin, begin + stop.length_s + _GRID_S))
    for name, grow_s in plant.slow.items():
        begin = live_s - SLOW_BEGAN_S[0] - (SLOW_BEGAN_S[1] - SLOW_BEGAN_S[0]) * next(draw)
        if begin >= LEFT_ALONE_S:
            conditions = conditions.with_fault(Fault(name, begin, grow_s, end_s=NEVER_S))
    in_order = tuple(sorted(conditions.stops, key=lambda stop: stop.time_s))
    return Past(plant.id, origin_us, replace(conditions, stops=in_order))


def _nights(timezone: str, origin_us: int, live_s: float) -> list[Span]:
    """The pauses of the past in model time; the last one ends well before somebody begins to watch."""
    zone = ZoneInfo(timezone)
    begin = _EPOCH + timedelta(microseconds=origin_us)
    day = begin.astimezone(zone).date() - timedelta(days=1)
    found: list[Span] = []
    for k in range(int(live_s // 86_400) + 3):
        at = [datetime(day.year, day.month, day.day, hour, tzinfo=zone) for hour in NIGHT]
        evening, morning = at[0] + timedelta(days=k), at[1] + timedelta(days=k + 1)
        from_s, to_s = ((each.astimezone(UTC) - begin).total_seconds() for each in (evening, morning))
        from_s, to_s = max(from_s, 0.0), min(to_s, live_s - CALM_BEFORE_S)
        if to_s - from_s >= SHORTEST_PAUSE_S:
            found.append((from_s, to_s))
    return found


def _room(busy: Sequence[Span], first_s: float, length_s: float, live_s: float, draw: float) -> float | None:
    """A beginning for something that takes so long and meets nothing else; ``draw`` 0 to 1 chooses."""
    free = [
        float(begin)
        for begin in np.arange(max(first_s, _GRID_S), max(live_s, _GRID_S), _GRID_S)
        if all(begin + length_s <= other[0] or begin >= other[1] for other in busy)
    ]
    return free[int(draw * len(free))] if free else None


def read_past(file: Path) -> Past | None:
    """The past that a file tells of, None = it tells of none."""
    try:
        return from_json(file.read_bytes(), Past)
    except (OSError, msgspec.MsgspecError):
        return None


def write_past(file: Path, past: Past) -> None:
    """Keep a past; a fault that was not repaired ends in it at ``NEVER_S``."""
    paths.replace_file(file, msgspec.json.encode(past))
