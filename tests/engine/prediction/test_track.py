"""The record: what counts for which tier, and when a model is below its budget and not only unlucky."""

from __future__ import annotations

import pytest

from engine.prediction.track import (
    MONTH_S,
    Budget,
    Missed,
    budget_of,
    least_count,
    most_share,
    over_budget,
    rates,
)
from engine.types import Episode, HitRate, Outcome
from tests.engine.prediction.fleet_rig import card

HOUR_US = 3_600_000_000
BUDGET = {"act": Budget(0.85, 0.1)}


def episode(number: int, outcome: Outcome, act_h: int = 0, failed_h: int = 0) -> Episode:
    return Episode(
        number, "P1", "act" if act_h else "watch", "m", "1", HOUR_US,
        outcome=outcome, act_us=act_h * HOUR_US, failed_us=failed_h * HOUR_US,
    )  # fmt: skip


def test_each_tier_counts_its_own_warnings_misses_and_lead() -> None:
    every = [
        episode(1, "right", act_h=20, failed_h=41), episode(2, "right", failed_h=31), episode(3, "wrong"),
        episode(4, "dismissed", act_h=5), episode(5, "unclear", act_h=5), episode(6, "open", act_h=9),
        episode(7, "right", act_h=3),
    ]  # fmt: skip
    missed = [Missed("m", "1", "P1", 0, tier) for tier in ("", "watch", "act")]
    watch, act = rates(every, missed, 3 * MONTH_S)
    assert watch == HitRate("watch", right=3, wrong=2, missed=1, open=1, months=3.0, lead_h=35.0)
    assert act == HitRate("act", right=2, wrong=1, missed=2, open=1, months=3.0, lead_h=21.0)


def test_too_many_wrong_warnings_set_a_model_aside_and_say_so() -> None:
    found = over_budget([HitRate("act", right=4, wrong=16, months=1000.0)], BUDGET)
    assert found == "4 of 20 ACT warnings were right here, below 85%"
    found = over_budget([HitRate("act", right=200, wrong=16, months=10.0)], BUDGET)
    assert found == "1.6 false ACT warnings a machine-month, above 0.1"


def test_bad_luck_or_too_few_warnings_set_nothing_aside() -> None:
    assert over_budget([HitRate("act", right=0, wrong=9, months=1000.0)], BUDGET) == ""
    assert over_budget([HitRate("act", right=16, wrong=4, months=1000.0)], BUDGET) == ""
    assert over_budget([HitRate("act", right=95, wrong=2, months=15.0)], BUDGET) == ""
    assert over_budget([HitRate("watch", right=0, wrong=99, months=1.0)], BUDGET) == ""


def test_the_intervals_are_those_of_the_books() -> None:
    assert most_share(8, 10) == pytest.approx(0.9315, abs=1e-3)
    assert least_count(16) == pytest.approx(10.0, abs=0.1)  # Poisson, exact: 10.04
    assert least_count(0) == 0.0


def test_the_card_states_its_budget_else_ours_holds() -> None:
    own = {"act": {"precision": 0.9, "false_per_month": 0.05, "least": 20}}
    found = budget_of(card(extra={"budget": own}))
    assert found["act"] == Budget(0.9, 0.05, 20) and found["watch"] == budget_of(card())["watch"]
