"""How an asset normally is, learned from a marked period, and how far from it it is now.

EWMA-Mahalanobis (Lowry et al., "A multivariate EWMA control chart", Technometrics 34, 1992): each tag's
deviation from its normal mean, smoothed, weighed by how the tags move together when all is well. It says
"abnormal", never "will fail".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.prediction.sound import NotLearned, kept_rows
from engine.types import Contribution

Floats = NDArray[np.float64]

FOLDS = 4
"""The limit is a quantile of distances of every fourth of the normal period, measured by the others."""
LEAST_ROWS = 120
ROWS_PER_TAG = 5
LEAST_PRESENT = 0.5
"""With fewer of the learned tags than this there is no score: what is left says too little of the asset."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How normal is learned and watched; a row is one closed bucket.

    ``smooth`` = weight 0…1 of a new row. ``follow`` = weight of a new row in the centre while all is normal;
    0 = the centre stays as learned. A following centre stands still while the score is over its limit, and
    never leaves the learned one by more than ``reach`` learned deviations. ``wander_rows`` = for how many
    rows the slow wander seen in the normal period may go on; ``block_rows`` = what of it is slow. ``ridge``
    = added variance against singular covariances. Limit = ``margin`` x ``quantile`` of held-back distances.
    """

    smooth: float = 0.1
    follow: float = 0.0
    reach: float = 3.0
    wander_rows: int = 0
    block_rows: int = 40
    ridge: float = 0.02
    quantile: float = 0.99
    margin: float = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Normal:
    """What is normal for one asset, all arrays over ``tags``, the learned ones among ``columns`` of a row.

    ``centre`` and ``scale`` = mean and deviation in the tags' units · ``spread`` [t, t] = covariance of the
    smoothed deviations · ``limit`` = squared distance over which it is abnormal · ``left_out`` = tags that
    never moved in the normal period, or were hardly there: nothing is known of how far they may move.
    ``start`` = how far the centre was followed to by the end of the normal period, in deviations.
    """

    tags: tuple[str, ...]
    columns: NDArray[np.int64]
    centre: Floats
    scale: Floats
    spread: Floats
    start: Floats
    limit: float
    rows: int
    settings: Settings
    left_out: tuple[str, ...] = ()
    precision: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "precision", np.linalg.inv(self.spread))


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Between two rows: the smoothed deviations and where the centre was followed to, [..., tags]."""

    smoothed: Floats
    centre: Floats


def begin(normal: Normal) -> State:
    """Before the first row: as normal."""
    return State(normal.start.copy(), normal.start.copy())


def learn(
    values: ArrayLike,
    tags: Sequence[str],
    settings: Settings | None = None,
    held_back: ArrayLike | None = None,
) -> Normal:
    """What is normal, from rows float[n, tags] of a marked normal period, oldest first, NaN = not good.

    ``held_back`` = a second normal period, for the limit alone; without one it comes from the first, each
    quarter measured by the others: larger, as many tags or few rows make those others a worse measure.

    A few rows far from all others (a spike, a restart) are left out. Raises NotLearned with the reason.
    """
    settings = settings or Settings()
    rows = np.asarray(values, np.float64)
    columns = known(rows, tags, LEAST_ROWS, ROWS_PER_TAG)
    rows = rows[kept_rows(rows[:, columns])][:, columns]
    centre, scale = rows.mean(0), rows.std(0)
    deviations, start = _followed((rows - centre) / scale, settings)
    drift = _wander((rows - centre) / scale, settings)
    limit = settings.margin * _held_back(deviations, drift, settings)
    names = tuple(tags[int(column)] for column in columns)
    left_out = tuple(tag for tag in tags if tag not in set(names))
    spread = _spread(deviations, drift, settings)
    found = Normal(names, columns, centre, scale, spread, start, limit, len(rows), settings, left_out)
    return found if held_back is None else _limited(found, held_back)


def _limited(normal: Normal, held_back: ArrayLike) -> Normal:
    """With the limit from a period it was not learned from; the centre may follow, whatever the score."""
    state = begin(normal)
    found, _ = score(replace(normal, limit=np.inf), state, held_back)
    found = found[np.isfinite(found)]
    if len(found) < LEAST_ROWS:
        raise NotLearned(
            f"The held-back normal period gives {len(found)} scores, {LEAST_ROWS} are needed: "
            "mark a longer one."
        )
    settings = normal.settings
    return replace(normal, limit=settings.margin * float(np.quantile(found, settings.quantile)))


def known(rows: Floats, tags: Sequence[str], least: int, per_tag: int) -> NDArray[np.int64]:
    """The columns that can be learned: they moved, and were good in most rows; raises NotLearned."""
    if rows.ndim != 2 or rows.shape[1] != len(tags):
        raise ValueError(f"rows of {len(tags)} tags are needed, these have the shape {rows.shape}")
    there = np.isfinite(rows).mean(0) if len(rows) else np.zeros(len(tags))
    low, high = _ends(rows)
    columns = np.flatnonzero((there > 0.5) & (high - low > 1e-9 * np.maximum(np.abs(high), np.abs(low))))
    if not len(columns):
        raise NotLearned("No tag moved in the normal period: mark a period in which the asset ran.")
    count = int(np.isfinite(rows[:, columns]).all(1).sum())
    needed = max(least, per_tag * len(columns))
    if count < needed:
        raise NotLearned(
            f"The normal period holds {count} rows in which all tags were good, {needed} are needed: "
            "mark a longer one."
        )
    return columns


def _ends(rows: Floats) -> tuple[Floats, Floats]:
    finite = np.isfinite(rows)
    low = np.where(finite, rows, np.inf).min(0, initial=np.inf)
    high = np.where(finite, rows, -np.inf).max(0, initial=-np.inf)
    seen = finite.any(0)
    return np.where(seen, low, 0.0), np.where(seen, high, 0.0)


def smoothed(z: Floats, weight: float) -> Floats:
    """Exponentially weighted means of the rows, beginning as normal (0)."""
    found, last = np.empty_like(z), np.zeros(z.shape[1])
    for at, row in enumerate(z):
        last = last + weight * (row - last)
        found[at] = last
    return found


def _followed(z: Floats, settings: Settings) -> tuple[Floats, Floats]:
    """Smoothed deviations from the followed centre, without the first rows, and where the centre ended."""
    found, centre = smoothed(z, settings.smooth), np.zeros(z.shape[1])
    if settings.follow:
        for at, row in enumerate(found.copy()):
            found[at] = row - centre
            centre = np.clip(centre + settings.follow * (row - centre), -settings.reach, settings.reach)
    settled = min(round(1.0 / (settings.follow or settings.smooth)), len(z) // 4)
    return found[settled:], centre


def _wander(z: Floats, settings: Settings) -> Floats:
    """Covariance [t, t] of how far the slow part of the tags may go in ``wander_rows`` as it did here."""
    blocks = len(z) // settings.block_rows
    if not settings.wander_rows or blocks < 2:
        return np.zeros((z.shape[1], z.shape[1]))
    means = z[: blocks * settings.block_rows].reshape(blocks, settings.block_rows, -1).mean(1)
    lag = max(blocks // 2, 1)
    steps = means[lag:] - means[:-lag]
    return steps.T @ steps / len(steps) / (lag * settings.block_rows) * settings.wander_rows


def _spread(deviations: Floats, drift: Floats, settings: Settings) -> Floats:
    centred = deviations - deviations.mean(0)
    covariance = centred.T @ centred / max(len(deviations) - 1, 1)
    typical = max(float(np.diag(covariance).mean()), 1e-12)
    return covariance + drift + settings.ridge * typical * np.eye(len(covariance))


def _held_back(deviations: Floats, drift: Floats, settings: Settings) -> float:
    """The quantile of squared distances, each measured by a covariance that never saw its row."""
    found: list[Floats] = []
    for part in np.array_split(np.arange(len(deviations)), FOLDS):
        others = np.delete(deviations, part, axis=0)
        precision = np.linalg.inv(_spread(others, drift, settings))
        found.append(np.einsum("nt,tu,nu->n", deviations[part], precision, deviations[part]))
    return float(np.quantile(np.concatenate(found), settings.quantile))


def score(normal: Normal, state: State, values: ArrayLike) -> tuple[Floats, State]:
    """Squared distances float64[n] of rows float[n, columns], to be held against ``limit``; goes on later.

    A tag that is NaN is left out of the distance (the Mahalanobis distance of the others, raised to what all
    would have); NaN = too few tags are there. Row after row gives the bits that all at once give.
    """
    z = (np.asarray(values, np.float64)[:, normal.columns] - normal.centre) / normal.scale
    one, found = fleet([normal]), np.empty(len(z))
    now = State(state.smoothed[None], state.centre[None])
    for at, row in enumerate(z):
        found[at : at + 1], now = step(one, now, row[None])
    return found, State(now.smoothed[0], now.centre[0])


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """Assets with the same number of learned tags side by side, [a, …], scored in one go."""

    centre: Floats
    scale: Floats
    spread: Floats
    precision: Floats
    limit: Floats
    follow: Floats
    smooth: Floats
    reach: Floats


def fleet(normals: Sequence[Normal]) -> Fleet:
    """Side by side; raises ValueError where the numbers of tags differ."""
    if len({len(each.tags) for each in normals}) > 1:
        raise ValueError("assets side by side need the same number of learned tags")
    return Fleet(
        np.array([each.centre for each in normals]),
        np.array([each.scale for each in normals]),
        np.array([each.spread for each in normals]),
        np.array([each.precision for each in normals]),
        np.array([each.limit for each in normals]),
        np.array([[each.settings.follow] for each in normals]),
        np.array([[each.settings.smooth] for each in normals]),
        np.array([[each.settings.reach] for each in normals]),
    )


def score_fleet(fleet: Fleet, state: State, values: Floats) -> tuple[Floats, State]:
    """One row of every asset: squared distances float64[a] of values float[a, t] of their learned tags."""
    return step(fleet, state, (values - fleet.centre) / fleet.scale)


def step(fleet: Fleet, state: State, z: Floats) -> tuple[Floats, State]:
    """Squared distances float64[a] of deviations ``z`` [a, t] in learned scales, and the state after them."""
    there = np.isfinite(z)
    now = np.where(there, state.smoothed + fleet.smooth * (np.where(there, z, 0.0) - state.smoothed), np.nan)
    found = distances(fleet, now - state.centre)
    now = np.where(there, now, state.smoothed)
    with np.errstate(invalid="ignore"):
        usual = there & (found <= fleet.limit)[:, None]
    moved = np.clip(state.centre + fleet.follow * (now - state.centre), -fleet.reach, fleet.reach)
    return found, State(now, np.where(usual, moved, state.centre))


def distances(fleet: Fleet, deviations: Floats) -> Floats:
    """Squared Mahalanobis distances float64[a] of the tags that are there (NaN = is not)."""
    there = np.isfinite(deviations)
    filled = np.where(there, deviations, 0.0)
    precision = fleet.precision
    whole = there.all(1)
    if not whole.all():
        precision = precision.copy()
        precision[~whole] = _of_present(fleet.spread[~whole], there[~whole])
    found = ((filled[:, None, :] @ precision)[:, 0, :] * filled).sum(1)
    if whole.all():
        return found
    present, tags = there.sum(1), there.shape[1]
    raised = found * chi_square_99(tags) / chi_square_99(np.maximum(present, 1))
    return np.where(whole, found, np.where(present >= max(LEAST_PRESENT * tags, 1), raised, np.nan))


def _of_present(spread: Floats, there: NDArray[np.bool_]) -> Floats:
    """Precision [a, t, t] of the marginal distribution of the tags that are there, 0 elsewhere."""
    both = there[:, :, None] & there[:, None, :]
    blocked = np.where(both, spread, np.eye(spread.shape[1]))
    return np.where(both, np.linalg.inv(blocked), 0.0)


def chi_square_99(degrees: ArrayLike) -> Floats:
    """99 % quantile of chi-square by Wilson and Hilferty (1931); within 2 % from 1 degree on."""
    k = np.asarray(degrees, np.float64)
    return k * (1.0 - 2.0 / (9.0 * k) + 2.3263478740408408 * np.sqrt(2.0 / (9.0 * k))) ** 3


def contributions(
    normal: Normal, state: State, values: ArrayLike, most: int = 5, paths: Sequence[str] | None = None
) -> tuple[Contribution, ...]:
    """The tags that made the last row abnormal, largest first.

    ``weight`` = by how much the distance over its limit would fall were this tag as the others let expect
    (reconstruction-based contribution, Alcala and Qin, Automatica 45, 2009). ``state`` after that row,
    ``values`` = the row float[columns]; ``paths`` by column, else the names of the tags.
    """
    row = np.asarray(values, np.float64)[normal.columns]
    there = np.isfinite(row)
    deviation = np.where(there, state.smoothed - state.centre, 0.0)
    precision = normal.precision
    if not there.all():
        precision = _of_present(normal.spread[None], there[None])[0]
    own = np.diag(precision)
    weights = np.where(there, (precision @ deviation) ** 2 / np.where(own > 0, own, 1.0), 0.0) / normal.limit
    return tuple(
        Contribution(
            normal.tags[at],
            float(weights[at]),
            float(row[at]),
            float(normal.centre[at] + state.centre[at] * normal.scale[at]),
            tag=paths[int(normal.columns[at])] if paths else normal.tags[at],
        )
        for at in map(int, np.argsort(-weights, kind="stable")[:most])
        if weights[at] > 0
    )


def degraded(normal: Normal, values: ArrayLike) -> tuple[str, ...]:
    """Why the score of this row float[columns] is worth less than usual; empty = it is not."""
    there = np.isfinite(np.asarray(values, np.float64)[normal.columns])
    missing = [tag for tag, is_there in zip(normal.tags, there, strict=True) if not is_there]
    if not missing:
        return ()
    if there.sum() < max(LEAST_PRESENT * len(there), 1):
        return (f"no score: {len(missing)} of {len(there)} inputs are missing",)
    return tuple(f"{tag} is missing" for tag in missing)
