"""Whether a model still meets what it was trained on: its inputs, and how often what it says comes true."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from engine.types import Drift, ModelCard

WARN, BLOCK = 0.1, 0.25
"""PSI from which on drift is told, and from which on ACT is blocked (prediction.md 7)."""
SPAN_H = 168.0
"""Rows of the last 7 days are compared."""
ROWS_A_BIN = 8.0
"""Independent rows per bin below which the share of a bin is chance."""
SHARE_FLOOR = 1e-3
LEAST_ASSETS = 8
"""One machine stands in a narrow part of what many were trained on: with fewer, PSI says nothing."""
FAR_OUTSIDE = 0.05
"""Share of values outside the trained range that is worth a word."""
SPAN_IN_NAME = re.compile(r"_(\d+(?:\.\d+)?)h$")


def drift(
    card: ModelCard,
    features: NDArray[np.float32],
    *,
    assets: int = 1,
    p: NDArray[np.float64] | None = None,
    happened: float | None = None,
) -> Drift:
    """Compare rows of the last 7 days, float32[n, m], with the card. ``assets`` = how many gave them.

    ``p`` float64[n] = what was said for the same horizon as ``happened``, the share of rows it came true.
    NaN in features = missing, and left out. With fewer than `LEAST_ASSETS` no PSI is told.
    """
    few = assets < LEAST_ASSETS
    found = (
        {}
        if few
        else {
            name: index(
                np.array(quantiles), features[:, place], _independent(name, card, len(features), assets)
            )
            for place, (name, quantiles) in enumerate(card.reference.items())
            if name.partition(":")[0] not in card.ambient  # one asset has one type: not a change of it
        }
    )
    psi = {name: round(each, 4) for name, each in found.items() if each is not None}
    outside = _outside(card, features)
    said = p[np.isfinite(p)] if p is not None else np.empty(0)
    mean_p = float(said.mean()) if len(said) else None
    told = _told(psi, outside, len(found) - len(psi))
    if few:
        told = told or f"{assets} of the {LEAST_ASSETS} assets that are needed to see it in the inputs"
    return Drift(psi, round(outside, 4), mean_p, happened, told)


def blocks_act(seen: Drift) -> bool:
    """Whether the ACT tier is blocked: some input is too far from training."""
    return max(seen.psi.values(), default=0.0) >= BLOCK


def index(quantiles: NDArray[np.float64], values: NDArray[np.float32], independent: float) -> float | None:
    """Population stability index of ``values`` against reference quantiles, less what chance alone gives.

    sum (a - e) ln(a / e) over bins between quantiles; ties make one bin. Under no drift its mean is about
    (bins - 1) / n for n independent rows (chi squared), which is taken off. Bins are joined until each has
    8 independent rows in the mean; None = too few rows for two bins.
    """
    good = values[np.isfinite(values)]
    usable = independent * len(good) / max(len(values), 1)
    bins = min(len(quantiles) - 1, int(usable / ROWS_A_BIN))
    if bins < 2 or not len(good):
        return None
    at = np.linspace(0.0, 1.0, len(quantiles))
    edges = np.interp(np.linspace(0.0, 1.0, bins + 1)[1:-1], at, quantiles)
    if bool((quantiles == np.rint(quantiles)).all()):
        edges = np.floor(edges)  # a count: there is nothing between its values
    edges = np.unique(edges)
    counts = np.bincount(np.searchsorted(edges, good, side="left"), minlength=len(edges) + 1)
    below = _expected(quantiles, at, edges, np.cumsum(counts)[:-1] / len(good))
    actual = np.maximum(counts / len(good), SHARE_FLOOR)
    expected = np.maximum(np.diff(np.concatenate([[0.0], below, [1.0]])), SHARE_FLOOR)
    raw = float(np.sum((actual - expected) * np.log(actual / expected)))
    return max(0.0, raw - (len(edges)) / usable)


def _expected(
    quantiles: NDArray[np.float64], at: NDArray[np.float64], edges: NDArray[np.float64],
    seen: NDArray[np.float64],
) -> NDArray[np.float64]:  # fmt: skip
    """The share of the reference at or below each edge; ``seen`` = of the values now.

    Where many values are equal, as counts of rare events are, quantiles tell only between which shares it
    lies: then that of now counts, as far as it lies between them. A value of 0.15 % in training and one of
    9 % have the same deciles, and the difference must not be called drift.
    """
    first, after = (np.searchsorted(quantiles, edges, side=side) for side in ("left", "right"))
    is_count = (quantiles == np.rint(quantiles)).all()
    is_tied = (after - first > 1) | is_count
    low = at[np.maximum(after - 1, 0)]
    high = at[np.minimum(after, len(at) - 1)]
    return np.where(is_tied, np.clip(seen, low, high), np.interp(edges, quantiles, at))


def _independent(name: str, card: ModelCard, rows: int, assets: int) -> float:
    """How many rows say something new: neighbours within a window of a feature share most of its data."""
    found = SPAN_IN_NAME.search(name)
    hours = (
        float(found[1]) if found and ":lag_" not in name else (72.0 if name.endswith("hours_since") else 0.0)
    )
    shared = max(1.0, hours * 3600.0 / card.bucket_s)
    return max(rows / shared, float(min(assets, rows)))


def _outside(card: ModelCard, features: NDArray[np.float32]) -> float:
    """Largest share of an input's own values outside the range on the card."""
    names = list(card.reference)
    shortest = f"mean_{min(card.windows_h, default=0.0):g}h"
    shares = [0.0]
    for each in card.inputs:
        if f"{each.role}:{shortest}" not in names:
            continue
        values = features[:, names.index(f"{each.role}:{shortest}")]
        good = values[np.isfinite(values)]
        if len(good):
            low = -np.inf if each.low is None else each.low
            high = np.inf if each.high is None else each.high
            shares.append(float(np.mean((good < low) | (good > high))))
    return max(shares)


def _told(psi: dict[str, float], outside: float, unknown: int) -> str:
    worst = max(psi, key=lambda name: psi[name], default="")
    told: list[str] = []
    if worst and psi[worst] >= WARN:
        told.append(
            f"{worst.replace(':', ' ')} is not as in training (PSI {psi[worst]:.2f})"
            + ("; no ACT until it is, or the model is retrained" if psi[worst] >= BLOCK else "")
        )
    if outside >= FAR_OUTSIDE:
        told.append(f"{outside:.0%} of the values are outside the trained range")
    if unknown and not psi:
        told.append("too few rows in 7 days to compare with training")
    return "; ".join(told)
