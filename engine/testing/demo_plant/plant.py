"""What a demo plant is: groups of alike equipment, each a table of specs and one function of time.

A plant is general: its tags are the product of a group's prefixes and specs, its model gives
float64[k, tags] for float64[k] seconds, and everything else (servers, project files, tests) follows
from that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from engine.testing.demo_plant.conditions import Conditions, Stop, Time, Values, severity
from engine.testing.demo_plant.noise import channels, grains, normal, wander
from engine.types import Criticality, WriteRule

Wire = Literal["bool", "small", "int16", "uint16", "int32", "uint32", "float32", "float64"]
Flags = Literal["coil", "discrete", "bits"]
Order = Literal["", "swap", "bswap", "bswap+swap"]
BLOCK_RATE = 100.0
"""A tag of so many samples a second and more is shown in blocks."""
CHUNK = 512
"""Rows evaluated at once: large enough for numpy, small enough for the cache."""
NOISE_CHANNELS = 1_000_000
"""First channel of the sensors' noise; models draw from those below."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One tag of a group. ``noise`` (standard deviation) and ``drift`` (amplitude) are in ``unit``.

    ``low`` and ``high`` = the sensor's range; ``decimals`` = its resolution; ``states`` = the words of an
    enumeration from 0 on; ``deadband`` 0 = one step of what is noisy. ``wire`` = the type in the device; a
    "small" number is an Int32 in OPC UA and one register in Modbus.
    """

    name: str
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    decimals: int = 0
    noise: float = 0.0
    drift: float = 0.0
    wire: Wire = "float32"
    rate: float = 1.0
    criticality: Criticality = "normal"
    states: tuple[str, ...] = ()
    writable: bool = False
    deadband: float = 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """Equipment of one kind: every prefix has every spec.

    ``values`` gives for each spec's name a number, [k] (the same for every prefix), or what broadcasts to
    float64[k, prefixes]. ``source`` = id of the server ("" = as ``Plant.source_of`` says); ``order`` = word
    order, ``flags`` = where bools lie and ``table`` = the registers, all three for Modbus.
    """

    prefixes: tuple[str, ...]
    specs: tuple[Spec, ...]
    values: Callable[[Any], Mapping[str, Any]]
    source: str = ""
    order: Order = ""
    flags: Flags = "bits"
    table: Literal["holding", "input"] = "holding"


@dataclass(frozen=True, slots=True)
class Point:
    """A tag of a plant: where it is, what it is. ``column`` in the model's values."""

    path: str
    source: str
    spec: Spec
    group: Group
    column: int


@dataclass(frozen=True, slots=True)
class Permit:
    """What a controller asks before it takes a write: the tag ``path`` has one of ``values``."""

    path: str
    values: tuple[float, ...] = (1.0,)


@dataclass(frozen=True, slots=True)
class Liar:
    """What a fault of one sensor makes of its tag ``path``; what is measured stays as it is.

    At size 1 it shows ``shift`` (in the tag's unit) too much, or, where ``stuck_at`` is given, that value
    alone and without noise. Its quality stays good: a sensor does not know that it lies.
    """

    path: str
    shift: float = 0.0
    stuck_at: float | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """One server of a plant; its ``id`` is the source's in plant.toml."""

    id: str
    kind: Literal["opcua", "modbus"]
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Plant:
    """A plant and its model.

    ``prepare`` makes what the groups' functions take from (conditions, time); ``faults`` = the faults it
    can suffer from, with the model seconds each takes to grow. ``fixed`` = texts of node ids by path
    where they do not follow from it. ``repairs`` = how a fault stops the plant when it is found, by its name;
    ``stoppages`` = stops that are part of a past; ``slow`` = faults that a past leaves growing, with the
    model seconds they take there. ``liars`` = faults of a sensor alone, by name. ``writes`` = the rows of
    writes.csv, patterns in place of tags; ``permits`` = by path what must hold for the controller to take a
    write.
    """

    id: str
    name: str
    line: str
    servers: tuple[Server, ...]
    groups: tuple[Group, ...]
    prepare: Callable[[Conditions, Time], Any]
    faults: Mapping[str, float]
    source_of: Callable[[str], str] = lambda path: ""
    fixed: Mapping[str, str] = field(default_factory=dict[str, str])
    namespace: str = "urn:watchroom:demo"
    timezone: str = "Europe/Berlin"
    repairs: Mapping[str, Stop] = field(default_factory=dict[str, Stop])
    stoppages: tuple[Stop, ...] = ()
    slow: Mapping[str, float] = field(default_factory=dict[str, float])
    liars: Mapping[str, Liar] = field(default_factory=dict[str, Liar])
    writes: tuple[WriteRule, ...] = ()
    permits: Mapping[str, tuple[Permit, ...]] = field(default_factory=dict[str, tuple[Permit, ...]])

    def points(self) -> tuple[Point, ...]:
        """All tags in the order of the model's columns."""
        found: list[Point] = []
        for group in self.groups:
            for prefix in group.prefixes:
                for spec in group.specs:
                    path = f"{prefix}/{spec.name}"
                    source = group.source or self.source_of(path)
                    found.append(Point(path, source, spec, group, len(found)))
        return tuple(found)


class Model:
    """A plant's values at any time. Pure: the same seed, conditions and time give the same values.

    With ``wanted`` it is a model of only those tags, and their values are what they are among all.
    """

    def __init__(self, plant: Plant, wanted: Callable[[Point], bool] = lambda point: True) -> None:
        self._plant = plant
        every = plant.points()
        self.points = tuple(point for point in every if wanted(point))
        self.columns = np.array([point.column for point in self.points], np.int64)
        self._groups = _wanted(plant, self.points)
        specs = [point.spec for point in self.points]
        self._count = len(every)
        self._noise = np.array([spec.noise for spec in specs])
        self._drift = np.array([spec.drift for spec in specs])
        self._scale = 10.0 ** np.array([spec.decimals for spec in specs])
        self._low = np.array([spec.low for spec in specs])
        self._high = np.array([spec.high for spec in specs])
        place = {point.path: column for column, point in enumerate(self.points)}
        self._liars = [(name, place[e.path], e) for name, e in plant.liars.items() if e.path in place]
        self._noisy = np.flatnonzero(self._noise)
        self._drifting = np.flatnonzero(self._drift)

    def values(self, conditions: Conditions, time: Time) -> Values:
        """float64[k, points] at float64[k] model seconds, as the sensors show them."""
        out = np.empty((len(time), len(self.points)))
        for first in range(0, len(time), CHUNK):
            part = slice(first, first + CHUNK)
            self._fill(conditions, time[part], out[part])
        return out

    def _fill(self, conditions: Conditions, time: Time, out: Values) -> None:
        now = self._plant.prepare(conditions, time)
        start = 0
        for group, specs in self._groups:
            count, width = len(group.prefixes), len(specs)
            block = out[:, start : start + count * width].reshape(len(time), count, width)
            values = group.values(now)
            for place, spec in enumerate(specs):
                value = values[spec.name]
                one_for_all = isinstance(value, np.ndarray) and value.ndim == 1
                block[:, :, place] = value[:, np.newaxis] if one_for_all else value
            start += count * width
        self._sense(conditions, time, out)

    def _sense(self, conditions: Conditions, time: Time, out: Values) -> None:
        """Noise, drift, faults, resolution and range of the sensors."""
        keys = channels(conditions.seed, NOISE_CHANNELS, self._count)[self.columns]
        noisy, drifting = self._noisy, self._drifting
        out[:, noisy] += self._noise[noisy] * normal(keys[noisy], grains(time)[:, np.newaxis])
        out[:, drifting] += self._drift[drifting] * wander(keys[drifting], time)
        for name, column, liar in self._liars:
            size = severity(conditions, name, time)
            wrong = liar.shift if liar.stuck_at is None else liar.stuck_at - out[:, column]
            out[:, column] += size * wrong
        out *= self._scale
        np.rint(out, out=out)
        out /= self._scale
        np.clip(out, self._low, self._high, out=out)


def _wanted(plant: Plant, points: Sequence[Point]) -> list[tuple[Group, tuple[Spec, ...]]]:
    """The groups with at least one of these points, and the specs of each that are among them."""
    chosen = {(id(point.group), id(point.spec)) for point in points}
    found = [(g, tuple(spec for spec in g.specs if (id(g), id(spec)) in chosen)) for g in plant.groups]
    return [(group, specs) for group, specs in found if specs]
