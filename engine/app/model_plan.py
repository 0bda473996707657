"""What a plant's own training is to learn, from the card of the model that runs; and how it did, in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.clock import rfc3339
from engine.prediction.features import spec_of
from engine.prediction.train_plan import Fit, Plan, Split, tiers_in
from engine.types import ModelCard

DAY_US = 86_400_000_000
GAP = 3
"""Days between two parts: no row of one looks into the other."""
TRAIN, VALIDATION = 0.6, 0.2


def plan_of(card: ModelCard, assets: int, start_us: int, end_us: int, plant: str, by: str) -> Plan:
    """A plan with the inputs, windows and horizons of ``card``; the last fifth is kept to judge by.

    Columns are v0, v1, … and assets 1, 2, …, as `model_train.write_tables` writes them.
    """
    spec = spec_of(card)
    span = f"{rfc3339(start_us)[:10]} to {rfc3339(end_us)[:10]}"
    rows = assets * (end_us - start_us) / (card.bucket_s * 1e6)
    return Plan(
        id=card.id,
        version="r" + rfc3339(end_us)[:16].replace(":", "").replace("T", "-"),
        asset_class=card.asset_class,
        title=card.title,
        what=card.what,
        author=by,
        horizon_h=card.horizon_h,
        bucket_s=card.bucket_s,
        windows_h=card.windows_h,
        lags_h=spec.lags_h,
        columns={each.role: f"v{at}" for at, each in enumerate(card.inputs)},
        events=card.events,
        inputs=card.inputs,
        split=_split(start_us, end_us, assets),
        data={
            "origin": f"the history of {plant}, {span}",
            "licence": "the plant's own data",
            "recipe": f"{card.id} {card.version}",
        },
        limits=(f"learned from {assets} assets of {plant}, {span}: not tried anywhere else",),
        fit=Fit(least_rows=int(np.clip(rows // 100, 5, 200))),
        tiers=tiers_in(card.extra),
        features=card.features,
    )


def said_of(card: ModelCard) -> str:
    """How a new model did on the last part of the history, which it has not seen."""
    seen: Any = card.metrics.get("test", {}).get("act")
    if not seen or not seen.get("failures"):
        return (
            f"learned from {card.failures} failures; there was no failure in the last fifth of the history, "
            "so nobody knows how it does on what it has not seen"
        )
    false, right = _figure(seen["false_per_machine_month"]), _figure(seen["precision"], ".0%")
    return (
        f"learned from {card.failures} failures; on the last fifth of the history, which it had not seen, "
        f"ACT found {_figure(seen['recall'], '.0%')} of {seen['failures']:.0f} failures, with {false} false "
        f"ones a machine-month; {right} of its warnings were right"
    )


def _figure(of: Any, form: str = ".2g") -> str:
    value = of[0] if isinstance(of, list) else of  # pyright: ignore[reportUnknownVariableType]
    return "unknown" if value is None or value != value else format(float(value), form)  # pyright: ignore[reportUnknownArgumentType]


def _split(start_us: int, end_us: int, assets: int) -> Split:
    """Whole days: 60 % to learn from, then validation and test, with gaps."""
    days = (end_us - start_us) // DAY_US
    first = start_us // DAY_US + 1
    learned, checked = first + round(days * TRAIN), first + round(days * (TRAIN + VALIDATION))
    last = end_us // DAY_US - 1
    return Split(
        train=_days(first, learned),
        validation=_days(learned + GAP, checked),
        test=_days(min(checked + GAP, last), last),
        assets=(1, assets),
    )


def _days(first: int, last: int) -> tuple[str, str]:
    return str(np.datetime64(first, "D")), str(np.datetime64(max(first, last), "D"))
