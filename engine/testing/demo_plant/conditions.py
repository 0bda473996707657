"""What happens to a plant while its model runs: faults that grow, stops, pauses, and setpoints somebody
changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Time = NDArray[np.float64]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that begins at ``begin_s`` with ``size`` (0 to 1) and reaches 1 as one of ``grow_s`` would.

    Times in model seconds. It is gone from ``end_s`` on.
    """

    name: str
    begin_s: float
    grow_s: float
    size: float = 0.0
    end_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Setting:
    """A setpoint was given a new value at a model time."""

    path: str
    time_s: float
    value: float


@dataclass(frozen=True, slots=True)
class Stop:
    """Unit number ``unit`` stands still for ``length_s`` at its first work after ``time_s``; ``reason`` =
    number of the word that it shows.
    """

    unit: int
    reason: int
    length_s: float
    time_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Conditions:
    """Everything besides time that a model's values depend on.

    ``pauses`` = begin and end of the stretches in which nobody loads the plant; ``stops`` in order of
    time. ``live_s`` = the model time at which somebody begins to watch.
    """

    seed: int = 1
    faults: tuple[Fault, ...] = ()
    settings: tuple[Setting, ...] = ()
    pauses: tuple[tuple[float, float], ...] = ()
    stops: tuple[Stop, ...] = ()
    live_s: float = 0.0

    def with_fault(self, fault: Fault) -> Conditions:
        """The same with one more fault; it takes the place of one of its name from its beginning on."""
        earlier = self.cleared(fault.name, fault.begin_s)
        return replace(earlier, faults=(*earlier.faults, fault))

    def cleared(self, name: str, time_s: float) -> Conditions:
        """The same with the fault ``name`` ("" = all) repaired at a model time."""
        ended = tuple(
            replace(each, end_s=min(each.end_s, time_s)) if name in ("", each.name) else each
            for each in self.faults
        )
        return replace(self, faults=tuple(each for each in ended if each.end_s > each.begin_s))

    def with_setting(self, setting: Setting, kept: int = 0) -> Conditions:
        """The same with a setpoint changed; of its path only the last ``kept`` are remembered, 0 = all.

        What follows a setpoint has long forgotten those before.
        """
        own = [each for each in self.settings if each.path == setting.path]
        gone = set(map(id, own[: max(0, len(own) + 1 - kept)])) if kept else set[int]()
        return replace(self, settings=(*(s for s in self.settings if id(s) not in gone), setting))


def severity(conditions: Conditions, name: str, time: Time) -> Values:
    """How large a fault is, 0 to 1, at each time."""
    size = np.zeros_like(time)
    for fault in conditions.faults:
        if fault.name == name:
            there = (time >= fault.begin_s) & (time < fault.end_s)
            grown = np.minimum(1.0, fault.size + (time - fault.begin_s) / fault.grow_s)
            size = np.where(there, np.maximum(size, grown), size)
    return size


def exposure_s(conditions: Conditions, name: str, time: Time) -> Values:
    """The integral of ``severity`` up to each time, in seconds: what a counter of its effect has counted."""
    total = np.zeros_like(time)
    for fault in conditions.faults:
        if fault.name == name:
            elapsed = np.clip(time, fault.begin_s, fault.end_s) - fault.begin_s
            growing = np.minimum(elapsed, (1.0 - fault.size) * fault.grow_s)
            total += fault.size * growing + growing**2 / (2 * fault.grow_s) + (elapsed - growing)
    return total


def times_above(conditions: Conditions, name: str, level: float, time: Time) -> Values:
    """How often up to each time a fault has grown larger than ``level``."""
    times = np.zeros_like(time)
    for fault in conditions.faults:
        start = fault.begin_s + max(0.0, level - fault.size) * fault.grow_s
        if fault.name == name and start < fault.end_s:
            times += time > start
    return times


def above_s(conditions: Conditions, name: str, level: float, time: Time) -> Values:
    """For how long, in seconds up to each time, a fault has been larger than ``level``."""
    total = np.zeros_like(time)
    for fault in conditions.faults:
        if fault.name == name:
            start = fault.begin_s + max(0.0, level - fault.size) * fault.grow_s
            total += np.clip(time, start, max(start, fault.end_s)) - start
    return total


def setpoint(conditions: Conditions, path: str, start: float, time: Time) -> Values:
    """What a setpoint is at each time; ``start`` before anybody changed it."""
    return followed(conditions, path, start, time, 0.0)


def followed(conditions: Conditions, path: str, start: float, time: Time, lag_s: float) -> Values:
    """A value that follows a setpoint with a first-order lag of ``lag_s`` seconds."""
    value = np.full_like(time, start)
    before = start
    for change in sorted((each for each in conditions.settings if each.path == path), key=_when):
        elapsed = np.maximum(time - change.time_s, 0.0)
        part = 1.0 - np.exp(-elapsed / lag_s) if lag_s else 1.0
        value += np.where(time >= change.time_s, (change.value - before) * part, 0.0)
        before = change.value
    return value


def _when(setting: Setting) -> float:
    return setting.time_s
