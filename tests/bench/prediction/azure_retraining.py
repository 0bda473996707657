"""What refitting on the last 72 hours does, and why we do not; what following the sensors' level does.

After 1 August, machines 1-80, pooled: a model of the first 60 days that stays as it is, one refitted every
28 days on the last 72 hours with labels that had 48 h to ripen, and on the last 120 days. Then the shipped
model after a sensor swap put in on 1 August (volt +0.8, rotate -0.8, vibration +0.6 spreads of the 3-h mean):
as it is, and with the level followed day by day without any label (`engine.prediction.rebaseline`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine import paths
from engine.prediction.features import spec_of
from engine.prediction.package import Package, load_package
from engine.prediction.rebaseline import Baseline, follow, without
from engine.prediction.train_fleet import Asset, Fleet, Layout, read_tables
from engine.prediction.train_rows import HOUR_US, Rows, rows_of
from engine.prediction.train_scores import Figures, average_precision
from engine.types import ModelCard
from tests.bench.prediction.azure import COLUMNS, FACTS, MODEL, optional_of, probabilities
from tests.bench.prediction.scored import Scored

SWAP = {"volt": 0.8, "rotate": -0.8, "vibration": 0.6}
SWAPPED_US = int(np.datetime64("2015-08-01", "us").astype(np.int64))
DAY_US = 24 * HOUR_US


def run(data: Path) -> Scored:
    """Both comparisons; nothing is written to scores.csv."""
    package = load_package(paths.resources() / "models" / MODEL)
    layout = Layout(COLUMNS, package.card.events, package.card.bucket_s, FACTS)
    fleet = read_tables(data, layout)
    last = package.card.data["assets"][1]
    known = replace(fleet, assets=tuple(each for each in fleet.assets if int(each.name) <= last))
    return Scored([], [*following(known, package), *refitting(known, package.card)])


def following(fleet: Fleet, package: Package) -> Iterator[str]:
    """The shipped model before and after the swap, with and without the level followed."""
    card = package.card
    changed = swapped(fleet, card)
    yield "the shipped model from 2015-08-01, PR-AUC 48 h; the swap is put in, not real:"
    found: dict[str, float] = {}
    sides: dict[str, tuple[Fleet, bool]] = {
        "no swap, as it is": (fleet, False),
        "no swap, level followed": (fleet, True),
        "swap, as it is": (changed, False),
        "swap, level followed": (changed, True),
    }
    for name, (each, is_followed) in sides.items():
        taken = followed(each, package) if is_followed else each
        rows = rows_of(taken, spec_of(card), card.features, optional_of(card))
        found[name] = pooled(rows, probabilities(package, rows)[:, -1])
        loss = 1.0 - found[name] / found["no swap, as it is"]
        yield f"  {name:28s} {found[name]:.3f}  loss {loss:.1%}"


def swapped(fleet: Fleet, card: ModelCard) -> Fleet:
    """The fleet with sensors that read otherwise from 1 August on."""
    return _with_means(fleet, lambda each: _moved(each, card))


def _moved(asset: Asset, card: ModelCard) -> np.ndarray:
    means = asset.buckets.means.copy()
    later = asset.known_us() > SWAPPED_US
    for role, spreads in SWAP.items():
        means[later, asset.buckets.roles.index(role)] += np.float32(spreads * card.normal[role][1])
    return means


def followed(fleet: Fleet, package: Package) -> Fleet:
    """Every asset's means with the baseline of each day taken off: yesterday's, never a later one."""
    return _with_means(fleet, lambda each: _followed(each, package))


def _followed(asset: Asset, package: Package) -> np.ndarray:
    card, buckets = package.card, asset.buckets
    normal = {role: card.normal[role] for role in COLUMNS}
    known, means = asset.known_us(), buckets.means.copy()
    calm = _no_journal(buckets.events, round(48 * 3600 / card.bucket_s))
    state, day = Baseline(), round(DAY_US / buckets.bucket_us)
    for start in range(0, len(means), day):
        if start:
            state = follow(
                state, int(known[start - 1]), normal, buckets.roles, buckets.means[:start], ~calm[:start],
                card.bucket_s, lambda *_: None,
            )  # fmt: skip
        means[start : start + day] = without(state, buckets.roles, buckets.means[start : start + day])
    return means


def _no_journal(events: np.ndarray, steps: int) -> np.ndarray:
    """Buckets without an error in the 48 h up to them: the rest counts as something being wrong."""
    total = np.concatenate([[0], np.cumsum(events.sum(axis=1))])
    ends = np.arange(1, len(total))
    return total[ends] - total[np.maximum(ends - steps, 0)] == 0


def refitting(fleet: Fleet, card: ModelCard) -> Iterator[str]:
    """Refit every 28 days on what is labelled by then."""
    try:
        from engine.prediction.train_fit import fit
        from engine.prediction.train_plan import Fit
    except ModuleNotFoundError:
        yield "refitting is left out: it needs watchroom[train]"
        return
    rows = rows_of(fleet, spec_of(card), card.features, optional_of(card))
    first_us = int(rows.known_us.min())
    label = rows.label(48.0)
    yield "refitted every 28 days, PR-AUC 48 h from 2015-08-01:"
    spans = {"never (first 60 days)": None, "on the last 72 hours": 3, "on the last 120 days": 120}
    for name, days in spans.items():
        p = np.full(len(label), np.nan)
        used: list[int] = []
        for start in range(SWAPPED_US, int(rows.known_us.max()), 28 * DAY_US):
            ripe = start - 2 * DAY_US if days else first_us + 60 * DAY_US
            since = ripe - days * DAY_US if days else first_us
            train = (rows.known_us > since) & (rows.known_us <= ripe)
            used.append(
                len(
                    np.unique(
                        (rows.known_us + rows.left_h * HOUR_US)[train & label] + rows.asset[train & label]
                    )
                )
            )
            now = (rows.known_us > start) & (rows.known_us <= start + 28 * DAY_US)
            booster = fit(
                rows.features, label, train, train, Fit(trees=60, least_rows=20 if days == 3 else 200)
            )
            p[now] = booster.predict(rows.features[now], num_threads=1)
        yield f"  {name:28s} {pooled(rows, p):.3f}  ({np.mean(used):.0f} failures to learn from each time)"


def pooled(rows: Rows, p48: Figures) -> float:
    """PR-AUC of the rows from 1 August on."""
    use = (rows.known_us > SWAPPED_US) & rows.is_known(48.0) & np.isfinite(p48)
    return average_precision(rows.label(48.0)[use], p48[use])


def _with_means(fleet: Fleet, made: Callable[[Asset], np.ndarray]) -> Fleet:
    assets = (replace(each, buckets=replace(each.buckets, means=made(each))) for each in fleet.assets)
    return replace(fleet, assets=tuple(assets))
