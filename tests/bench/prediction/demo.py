"""The demo plant: how soon its faults are seen, what it costs in false warnings, and after a sensor swap.

The shipped models with their frozen thresholds, and layer normal, on virtual lines whose seeds were in no
training. Everything is **simulated** by the functions of the plant itself (`demo_fleet`), so it says how the
product does where faults look as they do there, and nothing about a real plant.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine import paths
from engine.app.project import load
from engine.prediction.explain import groups_of, weights_of
from engine.prediction.features import spec_of
from engine.prediction.package import Package, load_package
from engine.prediction.train_fleet import Fleet
from engine.prediction.train_rows import HOUR_US, Rows, rows_of
from engine.prediction.train_scores import Events, Figures, events_of
from tests.bench.prediction.demo_delays import FORMS, TELLS, Seen, kind_of, measured, seen
from tests.bench.prediction.demo_fleet import KINDS, START_US, Kind, Line, fleet_of, lines_of, shared
from tests.bench.prediction.demo_quiet import quiet_lines, quiet_of
from tests.bench.prediction.demo_still import frozen_line, frozen_of
from tests.bench.prediction.demo_swap import swap_lines
from tests.bench.prediction.scored import Scored

SEEDS, DAYS, QUIET_D = 20, 35.0, 16.0
FIRST = {"faulty": 201, "healthy": 301, "delays": 501}
"""First seeds: none of them trained or chose anything."""


@functools.lru_cache(maxsize=1)
def packages() -> dict[str, Package]:
    """The shipped models by class of assets."""
    return {each.asset_class: load_package(paths.resources() / "models" / each.model) for each in KINDS}


def tags_by_role(package: Package) -> dict[str, str]:
    """Which tag below the asset is which input."""
    return {each.role: each.tag for each in package.card.inputs}


def run(data: Path | None = None, seeds: int = SEEDS, days: float = DAYS) -> Scored:
    """Measure everything on so many seeds; ``data`` is not used: the lines are made."""
    return Scored([], list(summary(seeds, days)))


def summary(seeds: int, days: float, forms: Sequence[str] = FORMS) -> Iterator[str]:
    """All tables, line by line."""
    models = packages()
    given = {
        f"{a}/{i.tag}" for kind in KINDS for a in kind.assets for i in models[kind.asset_class].card.inputs
    }
    faulty = lines_of(range(FIRST["faulty"], FIRST["faulty"] + seeds), days, sorted(given))
    yield f"simulated: {seeds} virtual lines of {days:g} days each, seeds that were in no training"
    yield "== models: lines with faults, tiers frozen on the card; limits = the plant's own alarms =="
    for kind in KINDS:
        yield from _models(kind, models[kind.asset_class], faulty)
    yield "== a sensor swap half-way, injected: PR-AUC 48 h, and ACT false per machine-month =="
    for kind in KINDS:
        yield from swap_lines(kind, models[kind.asset_class], faulty)
    yield "== hours from the beginning of a fault until it is seen: median (90 %), seen of n =="
    numbers = range(FIRST["delays"], FIRST["delays"] + seeds)
    told = shared(functools.partial(_seen_there, forms=forms), numbers)
    yield from _delays([each for part in told for each in part])
    yield f"== false warnings per machine-month where nothing fails, {QUIET_D:g} days of each line =="
    quiet = range(FIRST["healthy"], FIRST["healthy"] + seeds)
    sound = lines_of(quiet, QUIET_D, sorted(given), is_healthy=True)
    for kind in KINDS:
        yield _quiet(kind, models[kind.asset_class], sound)
    own = {asset: measured(asset) for _, asset in map(kind_of, TELLS)}
    counted = shared(functools.partial(quiet_of, days=QUIET_D, tags=own), quiet)
    yield from quiet_lines(counted, QUIET_D, list(own))
    yield frozen_line(shared(functools.partial(frozen_of, days=QUIET_D, tags=own), quiet))


def _seen_there(seed: int, forms: Sequence[str]) -> list[Seen]:
    """In a process of its own, which loads the models itself."""
    return seen(seed, packages(), forms)


def scored(package: Package, fleet: Fleet) -> tuple[Rows, Figures]:
    """Rows of a fleet and the probabilities of the longest horizon, NaN where live would give none."""
    rows = rows_of(fleet, spec_of(package.card), package.card.features)
    p = package.run(rows.features)[:, -1]
    p[~rows.served] = np.nan
    return rows, p


def _models(kind: Kind, package: Package, lines: Sequence[Line]) -> Iterator[str]:
    rows, p = scored(package, fleet_of(kind, tags_by_role(package), lines))
    part = rows.served & (rows.is_known(48.0) | rows.repaired)
    for name, score, threshold in (
        *((tier.upper(), p, at) for tier, at in package.card.tiers.items()),
        ("limits", _limits(kind, package, rows), 0.5),
    ):
        events = events_of(rows, score, threshold, part)
        yield f"{kind.asset_class:12s} {name:6s} {_told(events)}"
        late = _broke_later(kind, rows, events, lines)
        some = f", a median of {np.median(late):.0f} h after the warning" if late else ""
        yield f"{'':19s} of {events.wrong.sum():.0f} false, {len(late)} had a fault that broke it later{some}"
    for name, hours in (("6 h", 6.0), ("20 h", 20.0)):
        right, n = _attributed(kind, package, rows, lines, hours)
        if n:
            yield f"{kind.asset_class:12s} explanation {name} before: {right} of {n} name the fault's group"


def _broke_later(kind: Kind, rows: Rows, events: Events, lines: Sequence[Line]) -> list[float]:
    """Hours from each wrong warning in which a fault was under way until that broke the asset: over 48."""
    of_seed, found = {each.seed: each for each in lines}, list[float]()
    for name, opened_us in zip(rows.names, events.wrong_us, strict=True):
        line, place = of_seed[int(name) // 10], int(name) % 10
        own = [each for each in line.conditions.faults if kind.breaks.get(each.name, (-1,))[0] == place]
        for at_s in ((opened_us - START_US) / 1e6).tolist():
            found += [
                (each.end_s - at_s) / 3600.0
                for each in own
                if each.begin_s <= at_s < each.end_s and each.end_s in line.failed_s[each.name]
            ][:1]
    return found


def _told(events: Events) -> str:
    found = events.summary()
    return (
        f"n {found['failures']:.0f}, recall {_ci(found['recall'])}, "
        f"24 h ahead {_ci(found['recall_24h_ahead'])}, false/month {_ci(found['false_per_machine_month'])}, "
        f"right {_ci(found['precision'])}, repaired in time {found['repaired_in_time']:.0f} of "
        f"{found['episodes'] + found['repaired_in_time']:.0f} warnings, "
        f"lead {found['lead_h_median']:.0f} h"
    )


def _ci(figure: Any) -> str:
    return "{:.2f} ({:.2f} to {:.2f})".format(*figure)


@functools.lru_cache(maxsize=1)
def _ends() -> dict[str, tuple[float, float]]:
    """By path, between which values none of the plant's own limit alarms is raised."""
    found: dict[str, tuple[float, float]] = {}
    for each in load(paths.resources() / "demo" / "framing").limits:
        low, high = found.get(each.path, (-np.inf, np.inf))
        if each.limit is not None and each.kind in ("h", "hh"):
            found[each.path] = low, min(high, each.limit)
        elif each.limit is not None and each.kind in ("l", "ll"):
            found[each.path] = max(low, each.limit), high
    return found


def _limits(kind: Kind, package: Package, rows: Rows) -> Figures:
    """1 where the mean of an input is beyond a limit of its own alarms, by bucket."""
    found = np.zeros(len(rows.asset))
    for place, path in enumerate(kind.assets):
        own = np.array([int(name) % 10 == place for name in rows.names])[rows.asset]
        for column, each in enumerate(package.card.inputs):
            low, high = _ends().get(f"{path}/{each.tag}", (-np.inf, np.inf))
            found[own & ((rows.means[:, column] < low) | (rows.means[:, column] > high))] = 1.0
    return found


def _attributed(
    kind: Kind, package: Package, rows: Rows, lines: Sequence[Line], hours: float
) -> tuple[int, int]:
    """Of the failures that were warned of so many hours before, how many were explained by their group."""
    groups, right, count = groups_of(package.card), 0, 0
    known_h = rows.known_us / HOUR_US
    for asset, name in enumerate(rows.names):
        line = next(each for each in lines if each.seed == int(name) // 10)
        of_time = {
            at_s / 3600.0: kind.breaks[fault][1]
            for fault, (place, _) in kind.breaks.items()
            if place == int(name) % 10
            for at_s in line.failed_s[fault]
        }
        begin_h = (rows.known_us[rows.asset == asset][0] / HOUR_US) - 0.25
        for at_h, expected in of_time.items():
            mine = (rows.asset == asset) & rows.served & (np.abs(known_h - begin_h - at_h + hours) <= 0.13)
            at = np.flatnonzero(mine)[:1]
            if not len(at) or not package.run(rows.features[at])[0, -1] >= package.card.tiers["watch"]:
                continue
            weights = weights_of(package, rows.features[at], groups)[0]
            right += groups[int(np.argmax(weights))].name in expected
            count += 1
    return right, count


def _quiet(kind: Kind, package: Package, lines: Sequence[Line]) -> str:
    rows, p = scored(package, fleet_of(kind, tags_by_role(package), lines))
    told = [
        f"{tier.upper()} {_ci(events_of(rows, p, at, rows.served).summary()['false_per_machine_month'])}"
        for tier, at in package.card.tiers.items()
    ]
    months = float(events_of(rows, p, 2.0, rows.served).months.sum())
    return f"{kind.asset_class:12s} {months:.0f} months: {', '.join(told)}"


def _delays(found: Sequence[Seen]) -> Iterator[str]:
    for fault in TELLS:
        for form in FORMS:
            own = [each for each in found if (each.fault, each.form) == (fault, form)]
            if not own:
                continue
            asked = [each.is_right for each in own if each.is_right is not None]
            early = sum(each.is_early for each in own)
            yield (
                f"{fault:16s} {form:6s} normal {_spread([e.normal_h for e in own])}, "
                f"first tag right {sum(asked)} of {len(asked)}, abnormal before {early}; "
                f"WATCH {_spread([e.watch_h for e in own])}; ACT {_spread([e.act_h for e in own])}"
            )


def _spread(hours: Sequence[float | None]) -> str:
    known = [each for each in hours if each is not None]
    if not known:
        return f"- (0 of {len(hours)})"
    return f"{np.median(known):.1f} h ({np.quantile(known, 0.9):.1f} h), {len(known)} of {len(hours)}"
