"""How good probabilities are: by event, not by row; with intervals over assets. Numpy alone.

Rules: an episode opens when the score reaches the threshold and lasts 48 h; it is right when a failure
follows within 48 h. When none follows, but a fault was there as it opened and was repaired within 48 h, it is
neither right nor wrong: it is counted apart, as repaired in time. A failure was found when the score reached
the threshold 1 to 48 h before it. At 3.5 % of rows with a failure ahead, share of rows that are right says
nothing: never alarming is right in 96.5 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.prediction.train_rows import HOUR_US, Rows

MONTH_H = 730.5
LATCH_H = 48.0
DRAWS = 1000

Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Per asset float64[assets]: failures that could be found, found, found 24 h ahead, episodes right and
    wrong, machine-months, episodes repaired in time; hours of lead of each that was found; and by asset when
    the wrong episodes opened.
    """

    failures: Figures
    found: Figures
    early: Figures
    right: Figures
    wrong: Figures
    months: Figures
    repaired: Figures
    lead_h: Figures
    wrong_us: tuple[NDArray[np.int64], ...]

    def summary(self) -> dict[str, list[float] | float]:
        """Each figure as [value, low, high]: 95 % by drawing assets with replacement."""
        return {
            "failures": float(self.failures.sum()),
            "episodes": float((self.right + self.wrong).sum()),
            "repaired_in_time": float(self.repaired.sum()),
            "machine_months": round(float(self.months.sum()), 1),
            "recall": interval(self.found, self.failures),
            "recall_24h_ahead": interval(self.early, self.failures),
            "false_per_machine_month": interval(self.wrong, self.months),
            "precision": interval(self.right, self.right + self.wrong),
            "lead_h_median": float(np.median(self.lead_h)) if len(self.lead_h) else float("nan"),
        }


def events_of(rows: Rows, score: Figures, threshold: float, part: NDArray[np.bool_]) -> Events:
    """Count the rows of ``part`` by event. A score that is NaN reaches no threshold."""
    counts = np.zeros((7, len(rows.names)))
    leads: list[float] = []
    opened = [np.empty(0, np.int64) for _ in rows.names]
    over = score >= threshold
    for asset, mine in _by_asset(rows, part):
        known, failed = rows.known_us[mine], rows.failures_us[asset]
        lead = _leads(known, over[mine], failed)
        reached = lead[lead > 0]
        leads += reached.tolist()
        right, wrong, repaired = _episodes(known[over[mine]], failed, rows.repaired_us[asset])
        opened[asset] = np.array(wrong, np.int64)
        bucket_h = float(np.median(np.diff(known))) / HOUR_US if len(known) > 1 else 0.0
        months = len(mine) * bucket_h / MONTH_H
        early = (reached >= 24.0).sum()
        counts[:, asset] = len(lead), len(reached), early, right, len(wrong), months, repaired
    return Events(*counts, lead_h=np.array(leads), wrong_us=tuple(opened))


def _by_asset(rows: Rows, part: NDArray[np.bool_]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Each asset that has rows in the part, and which they are."""
    ends = np.searchsorted(rows.asset, np.arange(len(rows.names) + 1))
    for asset in range(len(rows.names)):
        mine = np.flatnonzero(part[ends[asset] : ends[asset + 1]]) + ends[asset]
        if len(mine):
            yield asset, mine


def _leads(known_us: NDArray[np.int64], over: NDArray[np.bool_], failed_us: NDArray[np.int64]) -> Figures:
    """Hours ahead that each failure with rows 1 to 48 h before it was found; 0 = not found."""
    found: list[float] = []
    for at in failed_us:
        ahead = (at - known_us) / HOUR_US
        window = (ahead >= 1.0) & (ahead <= LATCH_H)
        if window.any():
            found.append(float(np.max(ahead[window & over], initial=0.0)))
    return np.array(found)


def _episodes(
    over_us: NDArray[np.int64], failed_us: NDArray[np.int64], repaired_us: NDArray[np.int64]
) -> tuple[int, list[int], int]:
    """How many episodes are right, when those opened that are wrong, and how many were repaired in time."""
    right = repaired = 0
    wrong: list[int] = []
    until = np.iinfo(np.int64).min
    times: list[int] = over_us.tolist()
    for at in times:
        if at < until:
            continue
        until = at + int(LATCH_H * HOUR_US)
        follows = int(np.searchsorted(failed_us, at, side="right"))
        if follows < len(failed_us) and failed_us[follows] <= until:
            right += 1
        elif ((repaired_us[:, 0] <= at) & (at < repaired_us[:, 1]) & (repaired_us[:, 1] <= until)).any():
            repaired += 1
        else:
            wrong.append(at)
    return right, wrong, repaired


def threshold_for(rows: Rows, score: Figures, recall: float, part: NDArray[np.bool_]) -> float:
    """The highest threshold that finds at least this share of the failures in ``part``."""
    best: list[float] = []
    for asset, mine in _by_asset(rows, part):
        known, values = rows.known_us[mine], np.nan_to_num(score[mine], nan=-np.inf)
        for at in rows.failures_us[asset]:
            ahead = (at - known) / HOUR_US
            window = (ahead >= 1.0) & (ahead <= LATCH_H)
            if window.any():
                best.append(float(values[window].max()))
    if not best:
        return float("inf")
    return sorted(best, reverse=True)[int(np.ceil(recall * len(best))) - 1]


def interval(above: Figures, below: Figures, seed: int = 0) -> list[float]:
    """Ratio of the sums with its 95 % interval, assets drawn with replacement; NaN where nothing is below."""
    some = np.flatnonzero((above != 0) | (below != 0))
    if not len(some) or not below.sum():
        return [float("nan")] * 3
    drawn = np.random.default_rng(seed).choice(some, (DRAWS, len(some)))
    under = below[drawn].sum(axis=1)
    ratios = above[drawn].sum(axis=1)[under > 0] / under[under > 0]
    low, high = np.quantile(ratios, (0.025, 0.975))
    return [round(float(each), 4) for each in (above.sum() / below.sum(), low, high)]


def cut(ours: Figures, theirs: Figures, seed: int = 0) -> list[float]:
    """How many fewer, 1 - ours / theirs, with its 95 % interval over assets."""
    value, low, high = interval(ours, theirs, seed)
    return [round(1.0 - each, 4) for each in (value, high, low)]


def average_precision(label: NDArray[np.bool_], score: Figures) -> float:
    """Area under precision over recall, in steps; equal scores count as one step."""
    if not label.any():
        return float("nan")
    order = np.argsort(-score, kind="stable")
    found = np.cumsum(label[order])
    last = np.append(np.diff(score[order]) != 0, True)
    precision, recall = found[last] / (np.flatnonzero(last) + 1), found[last] / found[-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def average_precision_interval(
    label: NDArray[np.bool_], score: Figures, asset: NDArray[np.intp], draws: int = 100
) -> list[float]:
    """The same with its 95 % interval, assets drawn with replacement."""
    of_asset: list[NDArray[np.intp]] = [np.flatnonzero(asset == each) for each in np.unique(asset)]
    random = np.random.default_rng(0)
    found: list[float] = []
    for _ in range(draws):
        drawn: list[int] = random.integers(0, len(of_asset), len(of_asset)).tolist()
        taken = np.concatenate([of_asset[each] for each in drawn])
        found.append(average_precision(label[taken], score[taken]))
    low, high = np.nanquantile(found, (0.025, 0.975)) if label.any() else (np.nan, np.nan)
    return [round(float(each), 4) for each in (average_precision(label, score), low, high)]


def brier(label: NDArray[np.bool_], p: Figures) -> float:
    """Mean squared difference between probability and outcome (Brier 1950); NaN where there is no row."""
    return float(np.mean((p - label) ** 2)) if len(p) else float("nan")


def brier_of_base(label: NDArray[np.bool_]) -> float:
    """The Brier score of always saying the base rate: more failures among the rows, more of it."""
    rate = float(np.mean(label)) if len(label) else float("nan")
    return rate * (1.0 - rate)


def brier_skill(label: NDArray[np.bool_], p: Figures) -> float:
    """1 - Brier / that of the base rate (the skill score of Murphy, 1973): comparable between parts with more
    and with fewer failures. 0 = no better than the base rate; NaN where all rows are alike.
    """
    base = brier_of_base(label)
    return 1.0 - brier(label, p) / base if base > 0 else float("nan")


def calibration_error(label: NDArray[np.bool_], p: Figures, bins: int = 10) -> float:
    """Expected calibration error: probability against rate in equal steps of p, weighted by rows."""
    at = np.minimum((p * bins).astype(np.intp), bins - 1)
    rows = np.bincount(at, minlength=bins)
    far = np.abs(np.bincount(at, p, bins) - np.bincount(at, label, bins))
    return float(far.sum() / rows.sum()) if rows.sum() else float("nan")
