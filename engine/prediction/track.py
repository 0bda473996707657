"""How warnings fared: right, wrong, missed, false alarms a month, hours ahead, and when that is too bad."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from engine.typed import convert
from engine.types import Episode, HitRate, ModelCard, Tier

HOUR_US = 3_600_000_000
MONTH_S = 30.4375 * 86400.0
WRONG = ("wrong", "dismissed")
Z = 1.645
"""One-sided 95 %: a model is not set aside for bad luck."""


class Missed(msgspec.Struct, frozen=True):
    """A failure that a model watched. ``tier`` = the highest that had warned of it in time, "" = none."""

    model: str
    version: str
    asset: str
    time_us: int
    tier: Tier


class Budget(msgspec.Struct, frozen=True):
    """What a tier must reach here, judged once ``least`` warnings have an outcome.

    ``precision`` = share of warnings that are right; ``false_per_month`` = wrong ones a machine-month.
    """

    precision: float
    false_per_month: float
    least: int = 10


BUDGETS: dict[Tier, Budget] = {"watch": Budget(0.15, 3.0), "act": Budget(0.7, 0.3)}
"""Where the card has no ``extra["budget"]`` = {"act": {"precision": ..., "false_per_month": ...}}."""


def budget_of(card: ModelCard) -> dict[Tier, Budget]:
    """The budget that the card states, ours where it states none."""
    stated: Any = card.extra.get("budget", {})
    return {tier: convert(stated[tier], Budget) if tier in stated else BUDGETS[tier] for tier in BUDGETS}


def rates(
    episodes: Iterable[Episode], failures: Sequence[Missed], watched_s: float
) -> tuple[HitRate, HitRate]:
    """The record of WATCH and of ACT. An episode that reached ACT counts for both.

    One whose outcome is unclear (somebody repaired it meanwhile) counts for neither.
    """
    every = list(episodes)
    months = watched_s / MONTH_S
    acted = [each for each in every if each.act_us]
    return (
        _rate("watch", every, sum(each.tier == "" for each in failures), months),
        _rate("act", acted, sum(each.tier != "act" for each in failures), months),
    )


def _rate(tier: Tier, episodes: Sequence[Episode], missed: int, months: float) -> HitRate:
    right = [each for each in episodes if each.outcome == "right"]
    begun = [each.act_us if tier == "act" else each.begun_us for each in right]
    leads = [(e.failed_us - at) / HOUR_US for e, at in zip(right, begun, strict=True) if e.failed_us]
    return HitRate(
        tier,
        right=len(right),
        wrong=sum(each.outcome in WRONG for each in episodes),
        missed=missed,
        open=sum(each.outcome == "open" for each in episodes),
        months=months,
        lead_h=statistics.median(leads) if leads else None,
    )


def over_budget(found: Sequence[HitRate], budget: dict[Tier, Budget]) -> str:
    """Why a model is set aside, in a sentence; "" = it keeps within its budget, or too little is known."""
    for rate in found:
        limit, settled = budget.get(rate.tier), rate.right + rate.wrong
        if limit is None or settled < limit.least:
            continue
        name = rate.tier.upper()
        if most_share(rate.right, settled) < limit.precision:
            return f"{rate.right} of {settled} {name} warnings were right here, below {limit.precision:.0%}"
        if rate.months and least_count(rate.wrong) / rate.months > limit.false_per_month:
            each = rate.wrong / rate.months
            return f"{each:.2g} false {name} warnings a machine-month, above {limit.false_per_month:g}"
    return ""


def most_share(right: int, of: int) -> float:
    """The upper end of Wilson's interval for a share (Wilson 1927)."""
    share, spread = right / of, Z * Z / of
    half = Z * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return (share + spread / 2 + half) / (1 + spread)


def least_count(count: int) -> float:
    """The lower end of Byar's interval for a count (Breslow and Day 1987)."""
    return count * (1 - 1 / (9 * count) - Z / (3 * math.sqrt(count))) ** 3 if count else 0.0
