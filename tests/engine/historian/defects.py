"""An hour of the demo plant with defects put in by a seed, and which tag has which."""

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.testing.demo_plant.conditions import Conditions
from engine.testing.demo_plant.plant import Model
from engine.testing.demo_plant.plants import plant_named
from engine.types import Origin, Samples, Tag
from tests.engine.historian.made import Memory, samples, take

T0 = 1_790_812_800_000_000
HOUR_US = 3_600_000_000
PERIOD_US = 2_000_000
FROM_S = 50_000.0
EVERY = 4
"""One tag of so many is looked at."""


@dataclass
class Hour:
    """``has`` = tags by the side that their defect shows on."""

    history: Memory = field(default_factory=Memory)
    tags: list[Tag] = field(default_factory=list)
    pairs: list[tuple[int, int, float]] = field(default_factory=list)
    has: dict[str, set[str]] = field(default_factory=dict)


@cache
def _plant() -> tuple[tuple[Tag, ...], NDArray[np.float64]]:
    model = Model(plant_named("framing"))
    value = model.values(Conditions(), FROM_S + np.arange(0, 3600, PERIOD_US / 1e6))
    tags = tuple(
        Tag(
            *(at, point.path, point.source, ""),
            type="bool" if point.spec.wire == "bool" else "float64",
            low=point.spec.low,
            high=point.spec.high,
            rate=1e6 / PERIOD_US,
            criticality=point.spec.criticality,
            writable=point.spec.writable,
            states=dict(enumerate(point.spec.states)),
        )
        for at, point in enumerate(model.points)
    )
    return tags[::EVERY], value[:, ::EVERY]


def hour(seed: int, each: int = 25) -> Hour:
    """Every second tag sends each value, the others only what changed."""
    chance, found = np.random.default_rng(seed), Hour()
    tags, value = _plant()
    found.tags = list(tags)
    time = T0 + np.arange(len(value)) * PERIOD_US
    raw = {tag.tag_id: _sent(tag, time, value[:, at], chance) for at, tag in enumerate(tags)}
    lively = [tag for at, tag in enumerate(tags) if _lively(tag, value[:, at])]
    polled = [tag for tag in lively if tag.tag_id // EVERY % 2 == 0]
    chosen = list(chance.permutation(len(polled)))
    defects = {"complete": _missing, "timely": _late, "in_range": _outside, "moving": _stuck}
    for side, spoil in defects.items():
        some = [polled[chosen.pop()] for _ in range(each)]
        found.has[side] = {tag.path for tag in some}
        for tag in some:
            raw[tag.tag_id] = spoil(tag, raw[tag.tag_id], chance)
    found.has["consistent"] = set()
    for k in range(2 * each):
        _pair(found, polled[chosen.pop()], raw, chance, drifts=k < each)
    found.history.tags.update(raw)
    return found


def _lively(tag: Tag, value: NDArray[np.float64]) -> bool:
    """A measured value that hardly ever stays the same."""
    changes = value[1:] != value[:-1]
    measured = tag.type == "float64" and not tag.states and not tag.writable
    return bool(measured and changes.mean() > 0.5 and value.min() > tag.low and value.max() < tag.high)


def _sent(
    tag: Tag, time: NDArray[np.int64], value: NDArray[np.float64], chance: np.random.Generator
) -> Samples:
    delay = chance.exponential(0.08, len(time)) * 1e6
    jitter = chance.normal(0, 0.02, len(time)) * 1e6
    every = samples((time + jitter).astype(np.int64), value, delay_us=delay.astype(np.int64))
    if tag.tag_id // EVERY % 2 == 0:
        return every
    return take(every, np.append(True, value[1:] != value[:-1]))


def _stretch(chance: np.random.Generator, count: int, least_s: float, most_s: float) -> slice:
    long = int(chance.uniform(least_s, most_s) * 1e6 / PERIOD_US)
    first = int(chance.integers(60, count - long - 60))
    return slice(first, first + long)


def _missing(tag: Tag, raw: Samples, chance: np.random.Generator) -> Samples:
    keep = np.ones(len(raw.time_us), np.bool_)
    keep[_stretch(chance, len(keep), 60, 900)] = False
    return take(raw, keep)


def _late(tag: Tag, raw: Samples, chance: np.random.Generator) -> Samples:
    part = _stretch(chance, len(raw.time_us), 60, 900)
    receive, origin = raw.receive_us.copy(), raw.origin.copy()
    receive[part] += int(chance.uniform(6, 60) * 1e6)
    if chance.random() < 0.5:
        origin[part] = Origin.BACKFILL
    return replace(raw, receive_us=receive, origin=origin)


def _outside(tag: Tag, raw: Samples, chance: np.random.Generator) -> Samples:
    value = raw.value.copy()
    value[_stretch(chance, len(value), 30, 600)] = tag.high + (tag.high - tag.low) * chance.uniform(0.01, 1)
    # It still moves: this defect is no stuck sensor.
    return replace(raw, value=value + chance.normal(0, 1e-6, len(value)))


def _stuck(tag: Tag, raw: Samples, chance: np.random.Generator) -> Samples:
    value = raw.value.copy()
    part = _stretch(chance, len(value), 400, 1500)
    value[part] = value[part.start]
    return replace(raw, value=value)


def _pair(
    found: Hour, tag: Tag, raw: dict[int, Samples], chance: np.random.Generator, *, drifts: bool
) -> None:
    twin = replace_path(tag, 1_000_000 + tag.tag_id, f"{tag.path} B")
    mine, far = raw[tag.tag_id], 0.02 * (tag.high - tag.low)
    value = mine.value + chance.normal(0, far / 10, len(mine.value))
    if drifts:
        value += np.linspace(0, 4 * far, len(value))
        found.has["consistent"] |= {tag.path, twin.path}
    found.tags.append(twin)
    raw[twin.tag_id] = replace(mine, value=value)
    found.pairs.append((tag.tag_id, twin.tag_id, far))


def replace_path(tag: Tag, tag_id: int, path: str) -> Tag:
    """A tag like this one, with another id and path, and no range of its own."""
    return Tag(tag_id, path, tag.source, "", type=tag.type, rate=tag.rate, criticality=tag.criticality)
