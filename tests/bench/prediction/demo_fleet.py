"""Many framing lines over weeks, as bucket means straight from the plant's functions: no samples in between.

Every virtual line has a seed, sensors that read up to some per cent otherwise, setpoints that people change,
half of them nights without work, faults that grow until they break or are found in time, and sensors that
lie. All of it is **simulated**. A machine fails at the instant its fault has grown to ``BROKEN``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.prediction.buckets import Buckets
from engine.prediction.train_fleet import Asset, Fleet
from engine.testing.demo_plant.conditions import Conditions, Fault, Setting
from engine.testing.demo_plant.framing.line import cycles
from engine.testing.demo_plant.framing.names import AIR, S30, S40, S50, WATER
from engine.testing.demo_plant.framing.now import AIR_SETPOINT, PRESSURE_SETPOINT, WATER_SETPOINT
from engine.testing.demo_plant.framing.plant import PLANT
from engine.testing.demo_plant.plant import Model, Point

START_US = int(np.datetime64("2026-01-05", "us").astype(np.int64))
"""Model time 0 of every line."""
BUCKET_S = 900.0
STRIDE_S = 30.0
"""A bucket's mean is that of one instant drawn from every ``STRIDE_S`` of it; a stroke takes 58 s."""
BROKEN = 0.9
SPREAD = 0.02
"""Standard deviation of what a sensor of one line reads otherwise than that of another, as a share."""
SLOW_H, FAST_H = (24.0, 96.0), (3.0, 8.0)
"""How long a fault grows to full size, evenly spread, in two kinds; nine of ten are slow."""
SLOW_SHARE, FOUND_SHARE = 0.9, 0.2
"""Shares of faults that are slow, and that are found and repaired while small."""
FOUND_AT = 0.2, 0.5
CALM_D, LIES_D = 16.0, 14.0
"""Mean days from a repair to the next fault of the same kind, and between lies of a sensor."""
DAY_S, HOUR_S = 86_400.0, 3600.0
MANY = 4
"""From so many seeds on two processes share the work."""
T = TypeVar("T")
PART = 16_384
"""Instants asked for at once."""
Told = Callable[[float], None]


def _silent(share: float) -> None:
    """Nobody wants to know how far it is."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of assets: its type id in ``resources/demo/framing/types``, those recorded of each line, and
    which fault breaks which of them, with the groups of inputs that an explanation may name for it.
    """

    asset_class: str
    assets: tuple[str, ...]
    breaks: Mapping[str, tuple[int, frozenset[str]]]

    @property
    def model(self) -> str:
        """Id of its package, and the name of its plan."""
        return f"demo-{self.asset_class}-48h"


KINDS = (
    Kind(
        "hydraulics",
        (f"{S50}/Hydraulics",),
        {
            "seal-leak": (0, frozenset({"leakage"})),
            "bearing-wear": (0, frozenset({"vibration", "pump temperature"})),
            "clogged-filter": (0, frozenset({"filter"})),
        },
    ),
    Kind(
        "water-pump",
        (f"{WATER}/Pump 1", f"{WATER}/Pump 2"),
        {"pump-cavitation": (0, frozenset({"vibration", "suction", "delivery"}))},
    ),
    Kind(
        "chiller",
        (f"{WATER}/Chiller 1", f"{WATER}/Chiller 2"),
        {"cooling-loss": (0, frozenset({"refrigerant"}))},
    ),
    Kind("utility-air", (AIR,), {"air-leak": (0, frozenset({"leakage", "pressure"}))}),
    Kind(
        "robot",
        (f"{S30}/Robot 1", f"{S40}/Robot 1"),
        {"tip-wear": (0, frozenset({"weld", "tips", "force"}))},
    ),
)
LIES = ("sensor-drift", "stuck-sensor")
TURNED = (
    (PRESSURE_SETPOINT, 214.0, 226.0),
    (WATER_SETPOINT, 16.5, 19.5),
    (AIR_SETPOINT, 6.3, 6.8),
    (f"{S30}/Robot 1/Weld current setpoint", 9.2, 10.0),
    (f"{S40}/Robot 1/Weld current setpoint", 9.2, 10.0),
)
"""Setpoints that people change about once a week, and between what."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Bucket means of one virtual line. ``means`` float32[buckets, tags] by path; ``failed_s`` = when a fault
    broke something, in model seconds, by its name. Buckets follow each other from model time 0.
    """

    seed: int
    conditions: Conditions
    means: Mapping[str, NDArray[np.float32]]
    failed_s: Mapping[str, tuple[float, ...]]


def lived(
    seed: int, days: float, *, is_healthy: bool = False
) -> tuple[Conditions, dict[str, tuple[float, ...]]]:
    """What happens to a line in so many days, and when something broke; ``is_healthy`` = nothing does."""
    random, end_s = np.random.default_rng(10_000 + seed), days * DAY_S
    faults: list[Fault] = []
    failed: dict[str, tuple[float, ...]] = {}
    for kind in () if is_healthy else KINDS:
        for name in kind.breaks:
            own, broke = _suffered(name, random, end_s)
            faults += own
            failed[name] = broke
    for name in () if is_healthy else LIES:
        begin = random.exponential(LIES_D * DAY_S)
        while begin < end_s:
            grow_s = random.uniform(*SLOW_H) * HOUR_S
            faults.append(Fault(name, begin, grow_s, end_s=begin + 1.1 * grow_s))
            begin += 1.1 * grow_s + random.exponential(LIES_D * DAY_S)
    settings = [
        Setting(path, at, round(random.uniform(low, high), 1))
        for path, low, high in TURNED
        for at in np.sort(random.uniform(0.0, end_s, random.poisson(days / 7.0))).tolist()
    ]
    nights = [((k + 22 / 24) * DAY_S, (k + 30 / 24) * DAY_S) for k in range(-1, int(days) + 1)]
    pauses = tuple(nights) if seed % 2 else ()
    return Conditions(seed, tuple(faults), tuple(settings), pauses), failed


def _suffered(name: str, random: np.random.Generator, end_s: float) -> tuple[list[Fault], tuple[float, ...]]:
    """One fault after the other until the end, and when each broke what it is in."""
    found: list[Fault] = []
    broke: list[float] = []
    begin = random.exponential(CALM_D * DAY_S)
    while begin < end_s:
        span = SLOW_H if random.uniform() < SLOW_SHARE else FAST_H
        grow_s = HOUR_S * random.uniform(*span)
        is_found = random.uniform() < FOUND_SHARE
        size = random.uniform(*FOUND_AT) if is_found else BROKEN
        found.append(Fault(name, begin, grow_s, end_s=begin + size * grow_s))
        if not is_found:
            broke.append(begin + size * grow_s)
        begin += size * grow_s + random.exponential(CALM_D * DAY_S)
    return found, tuple(broke)


def wanted(paths: Iterable[str]) -> Callable[[Point], bool]:
    """Whether a point is one of these, or of a like asset: a model has all assets of a group or none."""
    chosen = set(paths)
    specs = {(id(p.group), p.spec.name) for p in PLANT.points() if p.path in chosen}
    return lambda point: (id(point.group), point.spec.name) in specs


def means_of(
    conditions: Conditions,
    paths: Sequence[str],
    days: float,
    bucket_s: float = BUCKET_S,
    begin_s: float = 0.0,
) -> dict[str, NDArray[np.float32]]:
    """Means of tags in buckets of ``bucket_s`` from ``begin_s`` on, by path; sensors are the plant's own."""
    model = Model(PLANT, wanted(paths))
    column = {point.path: at for at, point in enumerate(model.points)}
    chosen = [column[path] for path in paths]
    many, each = round(days * DAY_S / bucket_s), round(bucket_s / STRIDE_S)
    random = np.random.default_rng([20_000 + conditions.seed, round(begin_s)])
    time = begin_s + (np.arange(many * each) + random.uniform(size=many * each)) * STRIDE_S
    # In a drawn order every part of it reaches to the end, and the line is worked out once, not part by part.
    order = random.permutation(len(time))
    values = np.empty((len(time), len(paths)), np.float32)
    for part in np.array_split(order, max(1, len(order) // PART)):
        values[part] = model.values(conditions, time[part])[:, chosen]
    found = values.reshape(many, each, -1).mean(axis=1)
    return {path: found[:, at] for at, path in enumerate(paths)}


def line_of(seed: int, days: float, paths: Sequence[str], *, is_healthy: bool = False) -> Line:
    """A virtual line with sensors of its own."""
    conditions, failed = lived(seed, days, is_healthy=is_healthy)
    means = means_of(conditions, paths, days)
    cycles.cache_clear()  # hundreds of megabytes for weeks of bodies
    random = np.random.default_rng(30_000 + seed)
    gains = 1.0 + SPREAD * random.standard_normal(len(paths))
    own = {path: (means[path] * gain).astype(np.float32) for path, gain in zip(paths, gains, strict=True)}
    return Line(seed, conditions, own, failed)


def lines_of(
    seeds: Sequence[int], days: float, paths: Sequence[str], *, is_healthy: bool = False, told: Told = _silent
) -> list[Line]:
    """Several lines, in order of ``seeds``; ``told`` hears how far it is, 0 to 1."""
    return shared(functools.partial(line_of, days=days, paths=paths, is_healthy=is_healthy), seeds, told)


def shared(one: Callable[[int], T], seeds: Sequence[int], told: Told = _silent) -> list[T]:
    """``one`` of every seed, in their order; many of them in two processes, a few in this one."""
    if len(seeds) < MANY:
        return [one(seed) for seed in seeds]
    found: list[T] = []
    with ProcessPoolExecutor(2) as pool:
        for made in pool.map(one, seeds):
            found.append(made)
            told(len(found) / len(seeds))
    return found


def fleet_of(kind: Kind, tags: Mapping[str, str], lines: Sequence[Line]) -> Fleet:
    """The recorded assets of a class as training and scoring take them. ``tags`` by role; machine = 10 x
    line + place.
    """
    assets: list[Asset] = []
    for line in lines:
        for place, path in enumerate(kind.assets):
            means = np.stack([line.means[f"{path}/{tag}"] for tag in tags.values()], axis=1)
            broke = [name for name, (at, _) in kind.breaks.items() if at == place]
            failed = sorted(at for name in broke for at in line.failed_s.get(name, ()))
            buckets = Buckets(
                START_US, round(BUCKET_S * 1e6), means, np.ones_like(means),
                np.zeros((len(means), 0), np.int32), tuple(tags),
            )  # fmt: skip
            spans = [
                (each.begin_s, each.end_s)
                for each in line.conditions.faults
                if each.name in broke and each.end_s < np.inf
                and each.end_s not in line.failed_s.get(each.name, ())
            ]  # fmt: skip
            repaired_us = _instants_us(sorted(spans)).reshape(-1, 2)
            assets.append(Asset(str(10 * line.seed + place), buckets, _instants_us(failed), repaired_us))
    return Fleet(tuple(assets), ())


def _instants_us(model_s: Sequence[object]) -> NDArray[np.int64]:
    return START_US + np.rint(np.array(model_s, np.float64) * 1e6).astype(np.int64)
