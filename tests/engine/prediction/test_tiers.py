"""Tiers: reached at their threshold, left well below it, and never ACT while something is doubtful."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.prediction.tiers import ACT, FALLS_AT, NONE, WATCH, next_tiers

TIERS = {"watch": 0.2, "act": 0.8}
PROBABILITIES = st.lists(st.one_of(st.floats(0.0, 1.0), st.just(np.nan)), min_size=1, max_size=30)


def follow(values: list[float], may_act: bool = True, tiers: dict[str, float] = TIERS) -> list[int]:
    now, found = np.array([NONE]), []
    for value in values:
        now = next_tiers(now, np.array([value]), tiers, np.array([may_act]))
        found.append(int(now[0]))
    return found


def test_a_tier_is_left_only_well_below_its_threshold() -> None:
    assert follow([0.1, 0.2, 0.15, 0.139, 0.19, 0.8, 0.57, 0.55, 0.1]) == [0, 1, 1, 0, 0, 2, 2, 1, 0]


def test_without_a_prediction_there_is_no_tier() -> None:
    assert follow([0.9, np.nan, 0.6]) == [ACT, NONE, WATCH]


def test_doubt_blocks_act_and_leaves_watch() -> None:
    assert follow([0.95, 0.3, 0.1], may_act=False) == [WATCH, WATCH, NONE]
    still = next_tiers(np.array([ACT]), np.array([0.95]), TIERS, np.array([False]))
    assert still.tolist() == [WATCH]


def test_a_tier_that_the_card_does_not_have_is_never_reached() -> None:
    assert follow([1.0, 0.6, 0.5], tiers={"act": 0.8}) == [ACT, ACT, NONE]
    assert follow([1.0], tiers={"watch": 0.2}) == [WATCH]


@settings(max_examples=40, deadline=None)
@given(PROBABILITIES, st.booleans())
def test_every_tier_stands_for_a_probability_that_reaches_or_holds_it(
    values: list[float], may_act: bool
) -> None:
    before = int(NONE)
    for value, tier in zip(values, follow(values, may_act), strict=True):
        if tier == ACT:
            assert may_act and value >= (FALLS_AT if before == ACT else 1) * TIERS["act"]
        if tier == WATCH:
            assert value >= (FALLS_AT if before != NONE else 1) * TIERS["watch"]
            assert not may_act or value < TIERS["act"]
        if tier == NONE:
            assert not value >= TIERS["watch"]
        before = tier


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=50))
def test_a_fleet_is_judged_as_each_of_its_assets_alone(values: list[float]) -> None:
    before = np.arange(len(values)) % 3
    may = np.arange(len(values)) % 2 == 0
    p = np.array(values)
    whole = next_tiers(before.astype(np.int8), p, TIERS, may)
    for at in range(len(values)):
        one = slice(at, at + 1)
        assert whole[at] == next_tiers(before[one].astype(np.int8), p[one], TIERS, may[one])[0]
