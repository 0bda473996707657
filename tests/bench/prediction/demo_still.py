"""Whether a sensor that is stuck is seen: every measured tag frozen once, and how often one is blamed.

Limits learned from seven days, as the engine does it (`engine.prediction.stillness`), on lines in which
nothing fails and people turn setpoints. Frozen = from one row on exactly the last value, at a drawn time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.prediction.presets import SLOW
from engine.prediction.stillness import Rest, after, begin, rests_of, stuck
from engine.prediction.train_scores import MONTH_H
from tests.bench.prediction.demo_delays import LEARNED_D
from tests.bench.prediction.demo_fleet import DAY_S, lived, means_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frozen:
    """Of one line: hours until each frozen tag was named, inf = never; tags wrongly named; months of tags."""

    hours: tuple[float, ...]
    wrong: int
    months: float


def frozen_of(seed: int, days: float, tags: Mapping[str, Sequence[str]]) -> Frozen:
    """Each tag of each asset frozen once, and nothing frozen."""
    conditions, _ = lived(seed, days, is_healthy=True)
    means = means_of(conditions, [f"{a}/{n}" for a, own in tags.items() for n in own], days, SLOW.row_s)
    first, random = round(LEARNED_D * DAY_S / SLOW.row_s), np.random.default_rng(40_000 + seed)
    hours, wrong, months = list[float](), 0, 0.0
    for asset, names in tags.items():
        rows = np.stack([means[f"{asset}/{name}"] for name in names], axis=1).astype(np.float64)
        rests, later = rests_of(rows[:first]), rows[first:]
        wrong += len({tag for named in _named(rests, later) for tag in named})
        months += len(names) * len(later) * SLOW.row_s / 3600.0 / MONTH_H
        for tag in range(len(names)):
            at, changed = int(random.integers(10, len(later) // 2)), later.copy()
            changed[at:, tag] = changed[at - 1, tag]
            seen = [row for row, named in enumerate(_named(rests, changed)) if row >= at and tag in named]
            hours.append((seen[0] + 1 - at) * SLOW.row_s / 3600.0 if seen else np.inf)
    return Frozen(tuple(hours), wrong, months)


def _named(rests: Sequence[Rest], rows: Floats) -> Iterator[list[int]]:
    """After each row, which tags are said not to move any more."""
    still = begin(rows.shape[1])
    for row in rows:
        still = after(still, rests, row, 0)
        yield stuck(still, rests)


def frozen_line(found: Sequence[Frozen]) -> str:
    """All lines together."""
    hours = np.array([each for line in found for each in line.hours])
    wrong, months = sum(each.wrong for each in found), sum(each.months for each in found)
    median, most = np.quantile(hours, (0.5, 0.9), method="lower")
    return (
        f"stuck sensors: {np.isfinite(hours).sum()} of {len(hours)} frozen tags named, after {median:.1f} h "
        f"({most:.1f} h for nine of ten); {wrong} tags named wrongly in {months:.0f} months of tags"
    )
