"""What a changed sensor does to a model, as it is and with the level followed.

From the middle on one input of each asset reads otherwise by one and a half spreads on the card: injected, no
real drift. Following (`engine.prediction.rebaseline`) is frozen while the model itself warns, as in the
engine, and only ever uses days that are over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.prediction.features import FEATURES, spec_of
from engine.prediction.package import Package
from engine.prediction.rebaseline import Baseline, follow, without
from engine.prediction.train_fleet import Asset, Fleet
from engine.prediction.train_rows import Rows, rows_of
from engine.prediction.train_scores import Figures, average_precision, events_of
from tests.bench.prediction.demo_fleet import BUCKET_S, DAY_S, Kind, Line, fleet_of

SWAP = 1.5
"""Spreads of the card's own normal, on its first input. A third of it changes nothing."""
DAY = round(DAY_S / BUCKET_S)


def swap_lines(kind: Kind, package: Package, lines: Sequence[Line]) -> Iterator[str]:
    """A line of text: no swap, swapped as it is, swapped and followed, and followed without a swap."""
    tags = {each.role: each.tag for each in package.card.inputs}
    fleet = fleet_of(kind, tags, lines)
    role = next(iter(tags))
    changed = _with_means(fleet, [_swapped(each, role, package) for each in fleet.assets])
    told: list[str] = []
    for name, each in (
        ("no swap", fleet),
        ("swapped", changed),
        ("swapped, followed", followed(changed, package)),
        ("no swap, followed", followed(fleet, package)),
    ):
        rows, p, part = _later(package, each)
        use = part & np.isfinite(p) & rows.is_known(48.0)
        events = events_of(rows, p, package.card.tiers["act"], part)
        told.append(
            f"{name} {average_precision(rows.label(48.0)[use], p[use]):.3f}, "
            f"{events.wrong.sum() / max(events.months.sum(), 1e-9):.2f}"
        )
    moved = SWAP * package.card.normal[role][1]
    yield f"{kind.asset_class:12s} {role} +{moved:.3g} {package.card.inputs[0].unit}: {'; '.join(told)}"


def _later(package: Package, fleet: Fleet) -> tuple[Rows, Figures, NDArray[np.bool_]]:
    """Rows, probabilities, and which rows lie after the swap."""
    rows = rows_of(fleet, spec_of(package.card), package.card.features)
    p = package.run(rows.features)[:, -1]
    p[~rows.served] = np.nan
    middle = int(np.median(rows.known_us))
    known = rows.is_known(48.0) | rows.repaired
    return rows, p, rows.served & known & (rows.known_us > middle)


def _swapped(asset: Asset, role: str, package: Package) -> NDArray[np.float32]:
    means = asset.buckets.means.copy()
    shift = np.float32(SWAP * package.card.normal[role][1])
    means[len(means) // 2 :, asset.buckets.roles.index(role)] += shift
    return means


def followed(fleet: Fleet, package: Package) -> Fleet:
    """Every asset's means with the baseline of each day taken off: yesterday's, never a later one."""
    return _with_means(fleet, [_followed(each, package) for each in fleet.assets])


def _followed(asset: Asset, package: Package) -> NDArray[np.float32]:
    card, buckets, state = package.card, asset.buckets, Baseline()
    means, known = buckets.means.copy(), asset.known_us()
    wrong = np.zeros(len(means), np.bool_)
    function, spec = FEATURES[card.features], spec_of(card)
    for start in range(0, len(means), DAY):
        if start:
            state = follow(
                state, int(known[start - 1]), card.normal, buckets.roles, buckets.means[:start],
                wrong[:start], BUCKET_S, lambda *_: None,
            )  # fmt: skip
        day = np.arange(start, min(start + DAY, len(means)))
        means[day] = without(state, buckets.roles, buckets.means[day])
        features = function.compute(spec, replace(buckets, means=means), day)
        wrong[day] = package.run(features)[:, -1] >= card.tiers["watch"]
    return means


def _with_means(fleet: Fleet, made: Sequence[NDArray[np.float32]]) -> Fleet:
    assets = (
        replace(each, buckets=replace(each.buckets, means=means))
        for each, means in zip(fleet.assets, made, strict=True)
    )
    return replace(fleet, assets=tuple(assets))
