"""How an asset of many tags normally is: principal components, and what they do not explain.

T2 = how far the components are from their usual size; Q = squared remainder (Jackson and Mudholkar,
Technometrics 21, 1979). For assets of more than about thirty tags, where a covariance of all of them needs
more normal rows than a plant has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.prediction.normal import FOLDS, LEAST_PRESENT, LEAST_ROWS, known, smoothed
from engine.prediction.sound import NotLearned, kept_rows
from engine.types import Contribution

Floats = NDArray[np.float64]

MANY_TAGS = 30
"""From here on an asset is watched by principal components."""
ROWS_PER_TAG = 3


@dataclass(frozen=True, slots=True)
class PcaSettings:
    """``smooth`` = weight 0…1 of a new row · ``share`` of the variance that the components explain.

    Limits = ``margin`` x ``quantile`` of held-back T2 and Q.
    """

    smooth: float = 0.1
    share: float = 0.85
    quantile: float = 0.99
    margin: float = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Pca:
    """What is normal: ``axes`` [t, k] and ``sizes`` [k] (variances) of the components, limits of T2 and Q."""

    tags: tuple[str, ...]
    columns: NDArray[np.int64]
    centre: Floats
    scale: Floats
    axes: Floats
    sizes: Floats
    t2_limit: float
    q_limit: float
    rows: int
    settings: PcaSettings
    left_out: tuple[str, ...] = ()
    limit: float = 1.0


def learn(
    values: ArrayLike,
    tags: Sequence[str],
    settings: PcaSettings | None = None,
    held_back: ArrayLike | None = None,
) -> Pca:
    """What is normal, from rows float[n, tags] of a marked period, oldest first; NotLearned with the reason.

    ``held_back`` = a second normal period, for the limits alone; without one they come from the first.
    """
    settings = settings or PcaSettings()
    rows = np.asarray(values, np.float64)
    columns = known(rows, tags, LEAST_ROWS, ROWS_PER_TAG)
    rows = rows[kept_rows(rows[:, columns])][:, columns]
    centre, scale = rows.mean(0), rows.std(0)
    settled = min(round(1.0 / settings.smooth), len(rows) // 4)
    deviations = smoothed((rows - centre) / scale, settings.smooth)[settled:]
    axes, sizes = _components(deviations, settings.share)
    t2, q = _held_back(deviations, settings)
    names = tuple(tags[int(column)] for column in columns)
    left_out = tuple(tag for tag in tags if tag not in set(names))
    found = Pca(names, columns, centre, scale, axes, sizes, t2, q, len(rows), settings, left_out)
    return found if held_back is None else _limited(found, held_back)


def _limited(pca: Pca, held_back: ArrayLike) -> Pca:
    """With the limits from a period it was not learned from."""
    rows = np.asarray(held_back, np.float64)[:, pca.columns]
    rows = rows[np.isfinite(rows).all(1)]
    if len(rows) < LEAST_ROWS:
        raise NotLearned(
            f"The held-back normal period holds {len(rows)} rows, {LEAST_ROWS} are needed: mark a longer one."
        )
    settings = pca.settings
    deviations = smoothed((rows - pca.centre) / pca.scale, settings.smooth)
    t2, q = np.quantile(np.stack(_statistics(deviations, pca.axes, pca.sizes)), settings.quantile, axis=1)
    return replace(pca, t2_limit=settings.margin * float(t2), q_limit=settings.margin * float(q))


def _components(deviations: Floats, share: float) -> tuple[Floats, Floats]:
    """The largest components that explain ``share`` of the variance, at least one."""
    sizes, axes = np.linalg.eigh(deviations.T @ deviations / len(deviations))
    sizes, axes = np.maximum(sizes[::-1], 0.0), axes[:, ::-1]
    explained = np.cumsum(sizes) / sizes.sum()
    count = min(int(np.searchsorted(explained, share)) + 1, len(sizes))
    return axes[:, :count], np.maximum(sizes[:count], 1e-12)


def _held_back(deviations: Floats, settings: PcaSettings) -> tuple[float, float]:
    """Limits of T2 and Q from rows that the components measuring them never saw."""
    found: list[Floats] = []
    for part in np.array_split(np.arange(len(deviations)), FOLDS):
        axes, sizes = _components(np.delete(deviations, part, axis=0), settings.share)
        found.append(np.stack(_statistics(deviations[part], axes, sizes)))
    t2, q = np.quantile(np.concatenate(found, axis=1), settings.quantile, axis=1)
    return settings.margin * float(t2), settings.margin * max(float(q), 1e-12)


def _statistics(deviations: Floats, axes: Floats, sizes: Floats) -> tuple[Floats, Floats]:
    """T2 and Q of rows float[n, t] in which every tag is there."""
    scores = deviations @ axes
    remainder = deviations - scores @ axes.T
    return (scores**2 / sizes).sum(1), (remainder**2).sum(1)


def begin(pca: Pca) -> Floats:
    """The state before the first row: smoothed deviations of 0."""
    return np.zeros(len(pca.tags))


def score(pca: Pca, state: Floats, values: ArrayLike) -> tuple[Floats, Floats]:
    """The larger of T2 and Q over its limit, float64[n], for rows float[n, columns]; 1 is the limit.

    Tags that are NaN are left out: the components come from the others, and Q is raised to all. NaN = fewer
    than half of the tags are there. Row after row gives what all at once give.
    """
    z = (np.asarray(values, np.float64)[:, pca.columns] - pca.centre) / pca.scale
    deviations, state = _smooth_present(z, state, pca.settings.smooth)
    t2, q = _statistics(np.where(np.isfinite(z), deviations, 0.0), pca.axes, pca.sizes)
    for at in np.flatnonzero(~np.isfinite(z).all(1)):
        t2[at], q[at] = _of_present(pca, deviations[at], np.isfinite(z[at]))
    return np.maximum(t2 / pca.t2_limit, q / pca.q_limit), state


def _smooth_present(z: Floats, state: Floats, weight: float) -> tuple[Floats, Floats]:
    found = np.empty_like(z)
    for at, row in enumerate(z):
        state = np.where(np.isfinite(row), state + weight * (row - state), state)
        found[at] = state
    return found, state


def _of_present(pca: Pca, deviation: Floats, there: NDArray[np.bool_]) -> tuple[float, float]:
    """T2 and Q of one row from the tags that are there: components by regularised least squares."""
    present = int(there.sum())
    if present < max(LEAST_PRESENT * len(there), 1):
        return float("nan"), float("nan")
    axes, seen = pca.axes[there], deviation[there]
    noise = pca.q_limit / len(there)
    scores = np.linalg.solve(axes.T @ axes + noise * np.diag(1.0 / pca.sizes), axes.T @ seen)
    remainder = seen - axes @ scores
    return float((scores**2 / pca.sizes).sum()), float((remainder**2).sum()) * len(there) / present


def contributions(
    pca: Pca, state: Floats, values: ArrayLike, most: int = 5, paths: Sequence[str] | None = None
) -> tuple[Contribution, ...]:
    """The tags that made the last row abnormal, largest first: weight = share 0…1 of the larger statistic.

    ``values`` = that row float[columns]; ``paths`` by column, else the names of the tags.
    """
    row = np.asarray(values, np.float64)[pca.columns]
    there = np.isfinite(row)
    deviation = np.where(there, state, 0.0)
    t2, q = _statistics(deviation[None], pca.axes, pca.sizes)
    scores = deviation @ pca.axes
    if t2[0] / pca.t2_limit >= q[0] / pca.q_limit:
        parts = np.maximum(deviation * (pca.axes @ (scores / pca.sizes)), 0.0)
    else:
        parts = (deviation - pca.axes @ scores) ** 2
    parts = np.where(there, parts, 0.0)
    weights = parts / max(float(parts.sum()), 1e-300)
    return tuple(
        Contribution(
            pca.tags[at],
            float(weights[at]),
            float(row[at]),
            float(pca.centre[at]),
            tag=paths[int(pca.columns[at])] if paths else pca.tags[at],
        )
        for at in map(int, np.argsort(-weights, kind="stable")[:most])
        if weights[at] > 0
    )
