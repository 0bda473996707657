"""One model asked about its assets: probabilities, tiers, remaining life, and why there are none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.prediction.baselines import beyond, limits_of, with_event
from engine.prediction.doubts import doubts, history_doubt, journal_doubt
from engine.prediction.fleet import Fleet
from engine.prediction.tiers import NONE, next_tiers
from engine.types import ModelCard, Rul

log = logging.getLogger("watchroom.prediction")
Situation = Callable[[str], str]
"""Why an asset cannot be judged now: it is stopped, or worked on; "" = it can."""
Was = tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.int64]]
"""Tier of each asset before, when it was reached, and when there was a probability last."""
REMEMBERED = 3
"""So many buckets without a prediction do not forget the tier: else a gap would turn an ACT into a WATCH."""
RULE_H = 24.0
"""The limit-and-event rule looks so far back for an event."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What a model says of its assets after a bucket; all by asset.

    p float64[assets, horizons] calibrated, NaN = none · tiers int8[assets], which outlast a short time
    without p · since_us int64[assets] = when the tier was reached · known_us = when there was a p last ·
    features float32[assets, m] · limit, rule bool[assets] = the baselines.
    """

    issued_us: int
    data_until_us: int
    p: NDArray[np.float64]
    tiers: NDArray[np.int8]
    since_us: NDArray[np.int64]
    rul: Sequence[Rul | None]
    reasons: Sequence[str]
    degraded: Sequence[tuple[str, ...]]
    coverage: NDArray[np.float64]
    features: NDArray[np.float32]
    limit: NDArray[np.bool_]
    rule: NDArray[np.bool_]
    known_us: NDArray[np.int64]

    @property
    def longest(self) -> NDArray[np.float64]:
        """The probability within the longest horizon: the tiers are of that."""
        return self.p[:, -1] if self.p.shape[1] else np.full(len(self.p), np.nan)


def score(
    fleet: Fleet,
    was: Was,
    now_us: int,
    journal_us: int | None,
    situation: Situation,
    blocked: str,
) -> Scored:
    """Ask the model after a bucket has closed. ``blocked`` = why it may not say ACT now, "" = it may."""
    card = fleet.bound.model.card
    found = doubts(card, fleet.leveled, fleet.bound.columns)
    general = history_doubt(card) or journal_doubt(card, journal_us, fleet.end_us)
    reasons = [
        general or doubt or situation(asset)
        for asset, doubt in zip(fleet.bound.assets, found.reasons, strict=True)
    ]
    features = fleet.features(found.blank)
    asked = np.array([not reason for reason in reasons], np.bool_)
    answers = _answers(fleet, features, asked)
    lives = _lives(card, answers)
    silent = asked & np.isnan(answers).any(axis=1)
    for asset in np.flatnonzero(silent).tolist():
        reasons[asset] = f"the model {card.id} gave no number for these inputs"
    for asset in np.flatnonzero(asked & ~silent).tolist() if card.kind == "rul" else ():
        if lives[asset] is None:
            reasons[asset] = f"the model {card.id} gave no life with an interval, only a number"
    degraded = [(*each, blocked) if blocked else each for each in found.degraded]
    p = _calibrated(card, answers) if card.kind == "failure" else np.empty((len(answers), 0))
    tiers, since_us, known_us = _tiers(card, p, degraded, was, now_us)
    limit, rule = _baselines(fleet)
    return Scored(
        now_us, fleet.end_us, p, tiers, since_us,
        lives, reasons, degraded, found.coverage, features, limit, rule, known_us,
    )  # fmt: skip


def _answers(fleet: Fleet, features: NDArray[np.float32], asked: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Answers for those asked, NaN for the others."""
    card, count = fleet.bound.model.card, int(asked.sum())
    try:
        given = fleet.bound.model.run(features[asked])
        if given.ndim != 2 or len(given) != count or (card.kind, given.shape[1]) == ("failure", 0):
            raise ValueError(f"it answers {given.shape} to {count} rows")
    except Exception:  # whatever a model does: the others are asked all the same
        log.exception("no prediction by %s %s", card.id, card.version)
        given = np.full((count, max(1, len(card.horizon_h))), np.nan)
    answers = np.full((len(features), given.shape[1]), np.nan)
    answers[asked] = given
    return answers


def _calibrated(card: ModelCard, answers: NDArray[np.float64]) -> NDArray[np.float64]:
    """By the card's knots, those of the longest horizon; no shorter one is likelier than it."""
    p = answers.copy()
    if card.calibration:
        knots = np.array(card.calibration, np.float64)
        p[:, -1] = np.interp(p[:, -1], knots[:, 0], knots[:, 1])
    return np.minimum(p, p[:, -1:])


def _tiers(
    card: ModelCard,
    p: NDArray[np.float64],
    degraded: Sequence[tuple[str, ...]],
    was: Was,
    now_us: int,
) -> Was:
    size = len(degraded)
    if not p.shape[1]:
        return np.full(size, NONE), np.zeros(size, np.int64), np.zeros(size, np.int64)
    before, since_us, known_us = was
    before = np.where(now_us - known_us <= REMEMBERED * round(card.bucket_s * 1e6), before, NONE)
    may_act = np.array([not each for each in degraded], np.bool_)
    known = ~np.isnan(p[:, -1])
    tiers = np.where(known, next_tiers(before, p[:, -1], card.tiers, may_act), before)
    known_us = np.where(known, now_us, known_us)
    since_us = np.where(tiers == NONE, 0, np.where(tiers == before, since_us, now_us))
    return tiers, since_us, known_us


def _lives(card: ModelCard, answers: NDArray[np.float64]) -> Sequence[Rul | None]:
    """Remaining life of each asset, None without an interval: it would be a plain number.

    The three are learned one by one: the interval is widened to the value, and no life is less than none.
    """
    if card.kind != "rul" or answers.shape[1] < 3:
        return [None] * len(answers)
    unit, share = str(card.extra.get("unit", "h")), float(card.extra.get("share", 0.8))
    rows: list[list[float]] = answers[:, :3].tolist()
    return [
        Rul(max(value, 0.0), max(min(low, value), 0.0), max(value, high, 0.0), unit, share)
        if low <= high
        else None
        for value, low, high in rows
    ]


def _baselines(fleet: Fleet) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    card, history, limits = fleet.bound.model.card, fleet.history, fleet.bound.limits
    if limits is None:
        limits = limits_of(card.normal, fleet.spec.roles, len(fleet.bound.assets))
    limit = beyond(history.means[-1], limits)
    steps = max(1, round(RULE_H * 3600.0 / card.bucket_s))
    return limit, with_event(limit, history.events[-steps:])
