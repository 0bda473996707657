"""How soon a fault of the demo plant is seen, by the way it comes: at once, within hours, within days.

Layer normal has the preset that the engine uses (`presets.SLOW`), learned from seven days without a fault; a
model says WATCH or ACT by its card. What is seen before the fault began is no detection but a false one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.prediction.buckets import Buckets
from engine.prediction.features import FEATURES, spec_of
from engine.prediction.normal import Normal, begin, contributions, learn, score
from engine.prediction.onset import runs
from engine.prediction.package import Package
from engine.prediction.presets import SLOW
from engine.testing.demo_plant.conditions import Conditions, Fault
from engine.testing.demo_plant.framing.names import S50
from engine.testing.demo_plant.framing.plant import PLANT
from engine.testing.demo_plant.specs import COUNTER_TOP
from tests.bench.prediction.demo_fleet import BROKEN, BUCKET_S, DAY_S, HOUR_S, KINDS, Kind, means_of

FINE_S = 300.0
"""Both kinds of rows, of 10 and of 15 minutes, are made of these."""
LEARNED_D, SEEN_D = 7.0, 8.0
SLOW_GROWTH_S = 60 * HOUR_S
STEP_SIZE, STEP_S = 0.6, 24 * HOUR_S
FORMS = ("step", "ramp", "drift")
"""At once to 0.6; as the demo's own faults, within 3 to 4 h; within 60 h."""
TOGETHER = (
    ("seal-leak", "pump-cavitation"),
    ("bearing-wear", "cooling-loss"),
    ("clogged-filter",),
    ("air-leak",),
    ("tip-wear",),
    ("sensor-drift",),
    ("stuck-sensor",),
)
"""Faults that have nothing to do with each other are looked at in one go."""
TELLS: Mapping[str, frozenset[str]] = {
    "seal-leak": frozenset(
        {"Pressure ripple", "Leakage flow", "Pressure", "Pump pressure", "Oil level", "Case drain flow"}
    ),
    "bearing-wear": frozenset({"Pump vibration", "Pump case temperature", "Pump current"}),
    "clogged-filter": frozenset({"Filter pressure drop", "Return pressure"}),
    "sensor-drift": frozenset({"Oil temperature"}),
    "stuck-sensor": frozenset({"Valve position"}),
    "pump-cavitation": frozenset({"Vibration", "Inlet pressure", "Outlet pressure", "Flow"}),
    "cooling-loss": frozenset(
        {"Evaporating pressure", "Evaporating temperature", "Suction gas temperature", "Hot gas temperature"}
        | {"Expansion valve position", "Load"}
    ),
    "air-leak": frozenset({"Pressure", "Flow", "Leak rate", "Receiver pressure"}),
    "tip-wear": frozenset(
        {"Weld current", "Weld resistance", "Weld time", "Weld voltage", "Weld energy"}
        | {"Electrode force", "Tip wear"}
    ),
}
"""Tags of which one must lead the explanation of layer normal."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Hours from a fault's beginning until it was seen, None = not before it broke something.

    ``early`` = it was called abnormal already; ``is_right`` = the first tag of the explanation is one of the
    fault's, None = there was none.
    """

    fault: str
    form: str
    normal_h: float | None
    is_early: bool
    is_right: bool | None
    watch_h: float | None = None
    act_h: float | None = None


def kind_of(fault: str) -> tuple[Kind, str]:
    """The class of assets that a fault is in, and which asset."""
    for kind in KINDS:
        if fault in kind.breaks:
            return kind, kind.assets[kind.breaks[fault][0]]
    return KINDS[0], f"{S50}/Hydraulics"


def measured(asset: str) -> list[str]:
    """Tags of an asset that are measured, by their names: no counters, setpoints, states or flags."""
    return [
        p.spec.name
        for p in PLANT.points()
        if p.path.rpartition("/")[0] == asset
        and not (p.spec.states or p.spec.wire == "bool" or p.spec.writable or p.spec.name.startswith("Axis"))
        and p.spec.high != COUNTER_TOP
        and p.spec.rate < 1000
        and p.spec.wire != "small"
    ]


def seen(
    seed: int,
    packages: Mapping[str, Package],
    forms: Sequence[str] = FORMS,
    together: Sequence[Sequence[str]] = TOGETHER,
) -> list[Seen]:
    """All faults of ``together`` in all forms on the line of one seed."""
    tags = {asset: measured(asset) for _, asset in map(kind_of, TELLS)}
    paths = [f"{asset}/{name}" for asset, names in tags.items() for name in names]
    calm = Conditions(seed, pauses=_nights(seed))
    before = means_of(calm, paths, SEEN_D, FINE_S)
    normals: dict[str, Normal] = {}
    for asset, names in tags.items():
        rows = _rows(before, asset, names, SLOW.row_s)[: round(LEARNED_D * DAY_S / SLOW.row_s)]
        normals[asset] = learn(rows, names, SLOW.settings)
    begin_s = SEEN_D * DAY_S + np.random.default_rng(40_000 + seed).uniform(0.0, 24.0) * HOUR_S
    found: list[Seen] = []
    for form in forms:
        for names in together:
            faults = tuple(_fault(name, form, begin_s) for name in names)
            until_s = max(_end(each, form) for each in faults)
            days = np.ceil((until_s - SEEN_D * DAY_S) / HOUR_S) / 24.0
            own = [path for path in paths if path.rpartition("/")[0] in {kind_of(n)[1] for n in names}]
            after = means_of(
                Conditions(seed, faults, pauses=_nights(seed)), own, days, FINE_S, SEEN_D * DAY_S
            )
            whole = {path: np.concatenate([before[path], after[path]]) for path in own}
            found += [_seen_one(each, form, whole, tags, normals, packages) for each in faults]
    return found


def _nights(seed: int) -> tuple[tuple[float, float], ...]:
    nights = tuple(((k + 22 / 24) * DAY_S, (k + 30 / 24) * DAY_S) for k in range(-1, 14))
    return nights if seed % 2 else ()


def _fault(name: str, form: str, begin_s: float) -> Fault:
    if form == "step":
        return Fault(name, begin_s, 1e12, STEP_SIZE)
    return Fault(name, begin_s, PLANT.faults[name] if form == "ramp" else SLOW_GROWTH_S)


def _end(fault: Fault, form: str) -> float:
    return fault.begin_s + (STEP_S if form == "step" else BROKEN * fault.grow_s)


def _rows(
    means: Mapping[str, NDArray[np.float32]], asset: str, names: Sequence[str], row_s: float
) -> NDArray[np.float32]:
    """float32[rows, tags] of ``row_s`` each."""
    whole = np.stack([means[f"{asset}/{name}"] for name in names], axis=1)
    each = round(row_s / FINE_S)
    return whole[: len(whole) // each * each].reshape(-1, each, len(names)).mean(axis=1)


def _seen_one(
    fault: Fault,
    form: str,
    means: Mapping[str, NDArray[np.float32]],
    tags: Mapping[str, list[str]],
    normals: Mapping[str, Normal],
    packages: Mapping[str, Package],
) -> Seen:
    kind, asset = kind_of(fault.name)
    normal, names = normals[asset], tags[asset]
    rows = _rows(means, asset, names, SLOW.row_s)[round(LEARNED_D * DAY_S / SLOW.row_s) :]
    end_s = LEARNED_D * DAY_S + SLOW.row_s * np.arange(1, len(rows) + 1)
    ratios = score(normal, begin(normal), rows)[0] / normal.limit
    is_on, _ = runs(ratios, np.rint(end_s * 1e6).astype(np.int64), SLOW.rule)
    is_early = bool(is_on[end_s <= fault.begin_s][-1])
    at = np.flatnonzero(is_on & (end_s > fault.begin_s) & (end_s <= _end(fault, form)))
    normal_h = None if is_early or not len(at) else float(end_s[at[0]] - fault.begin_s) / HOUR_S
    is_right: bool | None = None
    if normal_h is not None:
        _, state = score(normal, begin(normal), rows[: at[0] + 1])
        top = contributions(normal, state, rows[at[0]])
        is_right = bool(top) and top[0].group in TELLS[fault.name]
    watch_h, act_h = _warned(packages[kind.asset_class], fault, form, means, asset)
    return Seen(fault.name, form, normal_h, is_early, is_right, watch_h, act_h)


def _warned(
    package: Package, fault: Fault, form: str, means: Mapping[str, NDArray[np.float32]], asset: str
) -> tuple[float | None, float | None]:
    """Hours until WATCH and ACT of the model, None = never, or before the fault began."""
    card = package.card
    rows = _rows(means, asset, [each.tag for each in card.inputs], BUCKET_S)
    buckets = Buckets(
        0, round(BUCKET_S * 1e6), rows, np.ones_like(rows), np.zeros((len(rows), 0), np.int32),
        tuple(each.role for each in card.inputs),
    )  # fmt: skip
    end_s = BUCKET_S * np.arange(1, len(rows) + 1)
    there = np.flatnonzero((end_s > SEEN_D * DAY_S) & (end_s <= _end(fault, form)))
    p = package.run(FEATURES[card.features].compute(spec_of(card), buckets, there))[:, -1]
    found: list[float | None] = []
    for threshold in (card.tiers["watch"], card.tiers["act"]):
        over = end_s[there[p >= threshold]]
        is_after = len(over) > 0 and over[0] > fault.begin_s
        found.append(float(over[0] - fault.begin_s) / HOUR_S if is_after else None)
    return found[0], found[1]
