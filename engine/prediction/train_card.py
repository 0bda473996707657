"""The package that a training makes: thresholds, evidence, golden rows, and the card that tells them."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.prediction.features import FEATURES
from engine.prediction.train_plan import USUAL, Plan, Tiers
from engine.prediction.train_rows import Rows, failures_in
from engine.prediction.train_scores import (
    average_precision_interval,
    brier,
    brier_of_base,
    brier_skill,
    calibration_error,
    events_of,
)
from engine.types import ModelCard

QUANTILES = tuple(np.round(np.linspace(0.0, 1.0, 11), 2))
GRID = tuple(round(float(each), 2) for each in np.arange(0.10, 0.99, 0.02))
"""Thresholds that are tried: finer steps would fit the noise of some 40 failures."""
WATCH_MOST = 0.5

Parts = dict[str, NDArray[np.bool_]]


def choose_tiers(
    rows: Rows, p48: NDArray[np.float64], part: NDArray[np.bool_], wanted: Tiers = USUAL
) -> tuple[dict[str, float], Any]:
    """Thresholds by what is seen on validation alone, and what was seen.

    WATCH = the highest up to 0.5 that still finds the wanted share of the failures 24 h ahead. ACT = the
    lowest above it from which on episodes are as often right, and as rarely false, as is wanted: each warns
    as early as its share of false warnings allows.
    """
    seen = {each: events_of(rows, p48, each, part).summary() for each in GRID}
    low = [each for each in GRID if each <= WATCH_MOST]
    early = [each for each in low if _first(seen[each]["recall_24h_ahead"]) >= wanted.early]
    watch = early[-1] if early else low[0]
    # One lucky step is not enough: it must hold from there on.
    loud = [each for each in GRID if seen[each]["episodes"] and not _is_sure(seen[each], wanted)]
    act = min((each for each in GRID if each > max(loud, default=WATCH_MOST)), default=GRID[-1])
    act = max(act, next(each for each in GRID if each > watch))
    tiers = {"watch": watch, "act": act}
    evidence: Any = {name: {"threshold": each, **seen.get(each, {})} for name, each in tiers.items()}
    evidence["chosen"] = (
        f"on validation alone: watch = highest that finds {wanted.early:.0%} of the failures 24 h ahead, "
        f"act = lowest from which on {wanted.right:.0%} of the episodes are right and at most {wanted.false} "
        f"per machine-month are false, {wanted.false_high} at the upper end of the 95 % interval"
    )
    return tiers, evidence


def _is_sure(seen: dict[str, Any], wanted: Tiers) -> bool:
    is_right = _first(seen["precision"]) >= wanted.right
    false, _, high = seen["false_per_machine_month"]
    return is_right and false <= wanted.false and high <= wanted.false_high


def _first(figure: list[float] | float) -> float:
    return figure[0] if isinstance(figure, list) else figure


def metrics_of(
    rows: Rows, p: NDArray[np.float64], parts: Parts, tiers: dict[str, float], horizon_h: tuple[float, ...]
) -> dict[str, Any]:
    """Figures with n and 95 % intervals for each part that was not trained on."""
    found: dict[str, Any] = {}
    for name in ("validation", "test", "unseen"):
        part = parts[name]
        if not part.any():
            continue
        told: dict[str, Any] = {"rows": int(part.sum())}
        for column, hours in enumerate(horizon_h):
            use = part & np.isfinite(p[:, column]) & rows.is_known(hours)
            label, score = rows.label(hours)[use], p[use, column]
            told[f"{hours:g}h"] = {
                "rows": int(use.sum()),
                "rows_positive": int(label.sum()),
                "pr_auc": average_precision_interval(label, score, rows.asset[use]),
                "brier": round(brier(label, score), 5),
                "brier_of_base_rate": round(brier_of_base(label), 5),
                "brier_skill": round(brier_skill(label, score), 4),
                "calibration_error": round(calibration_error(label, score), 5),
            }
        for tier, threshold in tiers.items():
            told[tier] = events_of(rows, p[:, -1], threshold, part).summary()
        found[name] = told
    return found


def golden_rows(
    features: NDArray[np.float32], p: NDArray[np.float64], count: int = 6
) -> tuple[tuple[int, ...], NDArray[np.float32]]:
    """Rows spread over the answers, the last two with values missing; their places and features."""
    order = np.argsort(p[:, -1], kind="stable")
    chosen = order[np.linspace(0, len(order) - 1, count).astype(np.intp)]
    rows = features[chosen].copy()
    rows[-1, ::3] = np.nan
    rows[-2, 0] = np.nan
    return tuple(map(int, chosen)), rows


def card_of(
    plan: Plan,
    rows: Rows,
    parts: Parts,
    p: NDArray[np.float64],
    golden: tuple[NDArray[np.float32], NDArray[np.float64]],
) -> ModelCard:
    """The card of what was trained, all but the hash of its model; ``plan`` with its ranges (`taken_of`)."""
    train = parts["train"]
    tiers, evidence = choose_tiers(rows, p[:, -1], parts["validation"], plan.tiers)
    names = FEATURES[plan.features].names(plan.spec())
    quantiles = np.asarray(np.nanquantile(rows.features[train], QUANTILES, axis=0), np.float64).T
    means = rows.means[train]
    spread = {
        each.role: (round(float(np.nanmean(means[:, at])), 4), round(float(np.nanstd(means[:, at])), 4))
        for at, each in enumerate(plan.inputs)
    }
    failures = failures_in(rows, train)
    return ModelCard(
        id=plan.id, version=plan.version, kind="failure", sha256="0" * 64, asset_class=plan.asset_class,
        title=plan.title, what=plan.what, horizon_h=plan.horizon_h, features=plan.features,
        bucket_s=plan.bucket_s, inputs=plan.inputs, tiers=tiers, evidence=evidence,
        metrics=metrics_of(rows, p, parts, tiers, plan.horizon_h),
        data={**plan.data, "assets": list(plan.split.assets), "train": list(plan.split.train),
              "validation": list(plan.split.validation), "test": list(plan.split.test),
              "rows_trained": int(train.sum()), "failures_trained": failures},
        limits=plan.limits,
        golden=tuple(
            {"features": [None if np.isnan(x) else float(x) for x in row],
             "outputs": [float(x) for x in answer]}
            for row, answer in zip(*golden, strict=True)
        ),
        reference={name: tuple(round(float(x), 6) for x in each)
                   for name, each in zip(names, quantiles, strict=True)},
        trainer={"lightgbm": version("lightgbm"), "onnxmltools": version("onnxmltools"),
                 "onnx": version("onnx"),
                 "numpy": version("numpy"), "seed": str(plan.fit.seed)},
        author=plan.author, failures=failures, windows_h=plan.windows_h, events=plan.events, normal=spread,
        ambient=tuple(plan.facts),
        extra={"lags_h": list(plan.lags_h), "fit": msgspec.to_builtins(plan.fit),
               "tiers": msgspec.to_builtins(plan.tiers)},
    )  # fmt: skip
