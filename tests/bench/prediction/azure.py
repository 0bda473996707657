"""Azure PdM, 48 h ahead: the shipped model with its frozen thresholds on any folder of that layout.

Beside it on the same rows: limits (HH/LL on the 3-h mean), and the rule of a plant engineer (limit on the
24-h mean AND an error code within 24 h). "At equal recall" takes for every method the highest threshold that
finds 90 % of the failures of the part that is scored; the tiers take the thresholds of the card.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs

from engine import paths
from engine.clock import rfc3339
from engine.prediction.features import FEATURES, spec_of
from engine.prediction.package import Package, load_package, read_package
from engine.prediction.train_fleet import Fleet, Layout, read_tables
from engine.prediction.train_plan import Split
from engine.prediction.train_rows import Rows, as_live, parts_of, rows_of
from engine.prediction.train_scores import (
    Events,
    Figures,
    average_precision_interval,
    brier,
    brier_of_base,
    brier_skill,
    calibration_error,
    cut,
    events_of,
    threshold_for,
)
from engine.types import ModelCard
from tests.bench.prediction.scored import Row, Scored, accuracy_line

COLUMNS = {each: f"{each}_m3" for each in ("volt", "rotate", "pressure", "vibration")}
FACTS = {"variant": "model"}
RECALL = 0.9
MODEL = "azure-pdm-48h"


def run(data: Path, model: str = "") -> Scored:
    """Score the folder; ``model`` = what the name of another package ends with ("cnn-lstm")."""
    package = load_package(paths.resources() / "models" / "-".join(filter(None, (MODEL, model))))
    card = package.card
    fleet = as_live(read_tables(data, layout_of(card)), card.inputs)
    rows = rows_of(fleet, spec_of(card), card.features, optional_of(card))
    p = probabilities(package, rows)
    rule = rule_of(*plain_of(fleet, rows, card))
    return Scored(list(_rows(rows, p, card)), list(summary(fleet, rows, p, card, rule)))


def layout_of(card: ModelCard) -> Layout:
    """Which columns of the tables a card's model is given."""
    facts = {role: column for role, column in FACTS.items() if role in {each.role for each in card.inputs}}
    return Layout(COLUMNS, card.events, card.bucket_s, facts)


def plain_of(fleet: Fleet, rows: Rows, card: ModelCard) -> tuple[Rows, ModelCard]:
    """Rows and card of the trees, which have the means of a day: what the rule is made of, for any model."""
    plain = read_package(paths.resources() / "models" / MODEL).card
    if card.features == plain.features:
        return rows, card
    given = tuple(each for each in plain.inputs if each.required)
    plain = structs.replace(plain, inputs=given)
    return rows_of(fleet, spec_of(plain), plain.features, optional_of(plain)), plain


def optional_of(card: ModelCard) -> frozenset[str]:
    """Roles that may be missing."""
    return frozenset(each.role for each in card.inputs if not each.required)


def probabilities(package: Package, rows: Rows) -> Figures:
    """float64[n, 2]; NaN where live would give none: an input missing, or too little data in the window."""
    p = package.run(rows.features)
    p[~rows.served] = np.nan
    return p


def summary(fleet: Fleet, rows: Rows, p: Figures, card: ModelCard, rule: Figures) -> Iterator[str]:
    """Everything that is told, part by part."""
    yield f"model {card.id} {card.version}; simulated data ({card.data['origin']})"
    yield from (f"note: {each}" for each in fleet.notes[:12])
    if len(fleet.notes) > 12:
        yield f"note: and {len(fleet.notes) - 12} more like these"
    served = int(rows.served.sum())
    yield f"{len(rows.asset):,} rows of {len(rows.names)} machines, {served:,} with a probability"
    for title, part in parts(rows, card).items():
        yield ""
        if not part.any():
            yield f"{title}: no rows in this folder"
            continue
        yield from _part(title, rows, p, card, part, rule)


def parts(rows: Rows, card: ModelCard) -> dict[str, np.ndarray]:
    """Rows that were in no training, by what the card says it was trained on."""
    first, last = card.data["assets"]
    split = Split(
        tuple(card.data["train"]), tuple(card.data["validation"]), ("2015-09-04", "2262-01-01"), (first, last)
    )
    of_split = parts_of(rows, split, max(card.horizon_h))
    since = np.datetime64(split.test[0], "us").astype(np.int64)
    return {
        f"known machines {first}-{last}, after training (from {split.test[0]})": of_split["test"],
        "machines not in training, all months": of_split["unseen"],
        f"machines not in training, from {split.test[0]}": of_split["unseen"] & (rows.known_us >= since),
    }


def _part(
    title: str, rows: Rows, p: Figures, card: ModelCard, part: np.ndarray, rule: Figures
) -> Iterator[str]:
    served = part & np.isfinite(p).all(axis=1)
    p48 = p[:, -1]
    all_failures = int(events_of(rows, p48, 2.0, part).failures.sum())
    whole, silent, part = part, int((part & ~served).sum()), served
    label = rows.label(card.horizon_h[-1])
    some = events_of(rows, p48, 2.0, part)
    yield (
        f"== {title}: {int(part.sum()):,} rows, {int(some.failures.sum())} failures, "
        f"{some.months.sum():.0f} machine-months =="
    )
    unseen = all_failures - int(some.failures.sum())
    if silent:
        yield (
            f"left out: {silent:,} rows with too little good data for a probability, and {unseen} failures "
            "with no other row in the 48 h before them; live says nothing then, so they were not warned of"
        )
    if not part.any():
        yield "no row has enough data for a probability"
        return
    for column, hours in enumerate(card.horizon_h):
        happened = rows.label(hours)[part]
        said = p[part, column]
        area = average_precision_interval(happened, said, rows.asset[part])
        yield (
            f"{hours:g} h: PR-AUC {_ci(area)}, base rate {happened.mean():.4f} of {len(said):,} rows, Brier "
            f"{brier(happened, said):.4f} (of the base rate {brier_of_base(happened):.4f}; skill "
            f"{brier_skill(happened, said):.3f}), ECE {calibration_error(happened, said):.4f}"
        )
    for tier, threshold in card.tiers.items():
        yield _tier(f"{tier.upper()} p48 >= {threshold:.2f} (frozen)", events_of(rows, p48, threshold, part))
        if unseen:
            recall = events_of(rows, p48, threshold, whole).summary()["recall"]
            told = f"of all {all_failures} failures, these {unseen} counted as missed"
            yield f"     {told}: recall {_ci(recall)}"
        right = float(np.mean((p48[part] >= threshold) == label[part]))
        yield f"     of rows: {accuracy_line(right, 1.0 - float(label[part].mean()))}"
    if not some.failures.sum():
        yield "no failure in this part: nothing can be said of recall, nor compared at equal recall"
        return
    yield from _equal_recall(rows, p48, card, part, rule)


def _equal_recall(
    rows: Rows, p48: Figures, card: ModelCard, part: np.ndarray, rule: Figures
) -> Iterator[str]:
    yield f"at a recall of at least {RECALL:.0%} on this part, the same for every method:"
    limit = limits(rows, card)
    found: dict[str, Events] = {}
    for name, score in (
        ("this model", p48),
        ("HH/LL on the 3-h mean", limit),
        ("limit AND error code", rule),
    ):
        threshold = threshold_for(rows, score, RECALL, part)
        found[name] = events_of(rows, score, threshold, part)
        yield _tier(f"{name}, from {threshold:.3g}", found[name])
    ours = found.pop("this model").wrong
    for name, each in found.items():
        lead = float(np.median(each.lead_h)) if len(each.lead_h) else float("nan")
        told = _ci(cut(ours, each.wrong), percent=True) if each.wrong.sum() else "none to cut"
        yield f"  false episodes fewer than {name}: {told} (its lead {lead:.0f} h)"


def limits(rows: Rows, card: ModelCard) -> Figures:
    """How many spreads the furthest 3-h mean is from the mean of training; NaN values reach no limit."""
    roles = list(COLUMNS)
    level, spread = np.array([card.normal[role] for role in roles]).T
    far = np.abs((rows.means[:, : len(roles)] - level) / spread)
    return np.max(np.nan_to_num(far, nan=0.0), axis=1)


def rule_of(rows: Rows, card: ModelCard) -> Figures:
    """The same on the 24-h mean, and nothing where no error code came within 24 h."""
    names = FEATURES[card.features].names(spec_of(card))
    roles = list(COLUMNS)
    day = rows.features[:, [names.index(f"{role}:mean_24h") for role in roles]]
    level = np.array([card.normal[role][0] for role in roles])
    # The spread of a day's mean in training, from the card's deciles: a tenth to nine tenths is 2.563 sigma.
    reference = np.array([card.reference[f"{role}:mean_24h"] for role in roles])
    spread = (reference[:, -2] - reference[:, 1]) / 2.563
    errors = rows.features[:, [names.index(f"{each}:count_24h") for each in card.events]].sum(axis=1)
    far = np.max(np.nan_to_num(np.abs((day - level) / spread), nan=0.0), axis=1)
    return np.where(errors > 0, far, -np.inf)


def _tier(title: str, events: Events) -> str:
    told = events.summary()
    return (
        f"  {title}: recall {_ci(told['recall'])}, with >= 24 h {_ci(told['recall_24h_ahead'])}, false per "
        f"machine-month {_ci(told['false_per_machine_month'])}, precision {_ci(told['precision'])}, lead "
        f"{told['lead_h_median']:.0f} h"
    )


def _ci(figure: Any, percent: bool = False) -> str:
    value, low, high = figure
    return f"{value:.1%} ({low:.1%} to {high:.1%})" if percent else f"{value:.3f} ({low:.3f} to {high:.3f})"


def _rows(rows: Rows, p: Figures, card: ModelCard) -> Iterator[Row]:
    score = limits(rows, card)
    for at in range(len(rows.asset)):
        known = bool(np.isfinite(p[at]).all())
        tier = _tier_of(float(p[at, -1]), card) if known else ""
        yield Row(
            rows.names[rows.asset[at]],
            rfc3339(int(rows.known_us[at])),
            float(p[at, 0]) if known else None,
            float(p[at, -1]) if known else None,
            tier,
            None,
            float(score[at]),
        )


def _tier_of(p48: float, card: ModelCard) -> str:
    return next((tier for tier in ("act", "watch") if p48 >= card.tiers[tier]), "")
