"""How often layer normal calls an asset abnormal while nothing is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from engine.prediction.normal import begin, learn, score
from engine.prediction.onset import runs
from engine.prediction.presets import SLOW
from engine.prediction.train_scores import MONTH_H, interval
from engine.testing.demo_plant.conditions import Conditions
from tests.bench.prediction.demo_delays import LEARNED_D
from tests.bench.prediction.demo_fleet import DAY_S, lived, means_of

Counted = tuple[float, ...]
"""Runs over the limit of each asset."""


def quiet_of(seed: int, days: float, tags: Mapping[str, Sequence[str]]) -> tuple[Counted, Counted]:
    """Runs of each asset of a line in which nothing fails: nobody turns a setpoint, and people do."""
    turned, _ = lived(seed, days, is_healthy=True)
    late = tuple(each for each in turned.settings if each.time_s > LEARNED_D * DAY_S)
    turned = replace(turned, settings=late)
    return _runs(replace(turned, settings=()), days, tags), _runs(turned, days, tags)


def _runs(conditions: Conditions, days: float, tags: Mapping[str, Sequence[str]]) -> Counted:
    paths = [f"{asset}/{name}" for asset, names in tags.items() for name in names]
    means = means_of(conditions, paths, days, SLOW.row_s)
    first, found = round(LEARNED_D * DAY_S / SLOW.row_s), list[float]()
    for asset, names in tags.items():
        rows = np.stack([means[f"{asset}/{name}"] for name in names], axis=1)
        normal = learn(rows[:first], names, SLOW.settings)
        ratios = score(normal, begin(normal), rows[first:])[0] / normal.limit
        time_us = np.arange(len(ratios), dtype=np.int64) * round(SLOW.row_s * 1e6)
        is_on, _ = runs(ratios, time_us, SLOW.rule)
        found.append(float(np.count_nonzero(is_on & ~np.append(False, is_on[:-1]))))
    return tuple(found)


def quiet_lines(
    counted: Sequence[tuple[Counted, Counted]], days: float, assets: Sequence[str]
) -> Iterator[str]:
    """False runs per machine-month of each asset, with what people changed told apart."""
    months = np.full(len(counted), (days - LEARNED_D) * 24.0 / MONTH_H)
    for at, asset in enumerate(assets):
        calm, turned = (np.array([each[side][at] for each in counted]) for side in (0, 1))
        yield (
            f"normal, {asset.rpartition('/')[2]:14s} {months.sum():.0f} months: "
            f"{_ci(interval(calm, months))}; with setpoints that people turn {_ci(interval(turned, months))}"
        )


def _ci(figure: Sequence[float]) -> str:
    return "{:.2f} ({:.2f} to {:.2f})".format(*figure)
