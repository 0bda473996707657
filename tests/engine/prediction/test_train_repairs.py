"""A fault repaired in time: what would have followed is not known, and no warning is blamed for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.prediction.buckets import Buckets
from engine.prediction.features import FeatureSpec
from engine.prediction.train_card import choose_tiers
from engine.prediction.train_fleet import Asset, Fleet, Layout, read_tables
from engine.prediction.train_plan import Split, Tiers
from engine.prediction.train_rows import HOUR_US, Rows, parts_of, rows_of
from engine.prediction.train_scores import brier, brier_of_base, brier_skill, events_of
from tests.engine.prediction.train_rig import put

SPEC = FeatureSpec(("heat",), (), (1.0,), (), 3600.0)
HOURS = 400
FAILED_H, REPAIRED_H = 300, (100, 130)
ROLES = ("heat",)


def rows(
    failed_h: tuple[int, ...] = (FAILED_H,), repaired_h: tuple[tuple[int, int], ...] = (REPAIRED_H,)
) -> Rows:
    means = np.zeros((HOURS, 1), np.float32)
    buckets = Buckets(0, HOUR_US, means, np.ones_like(means), np.zeros((HOURS, 0), np.int32), ROLES)
    spans = np.array(repaired_h, np.int64).reshape(-1, 2) * HOUR_US
    return rows_of(Fleet((Asset("1", buckets, np.array(failed_h, np.int64) * HOUR_US, spans),), ()), SPEC)


def warned(at: Rows, *hours: int) -> np.ndarray:
    """A score that reaches 1 at these hours alone."""
    return np.isin(at.known_us // HOUR_US, hours).astype(float)


def counted(at: Rows, *hours: int) -> tuple[float, float, float]:
    found = events_of(at, warned(at, *hours), 0.5, np.ones(len(at.asset), np.bool_))
    return float(found.right.sum()), float(found.wrong.sum()), float(found.repaired.sum())


@pytest.mark.parametrize(
    ("hour", "told"),
    [
        (260, (1, 0, 0)),
        (100, (0, 0, 1)),
        (129, (0, 0, 1)),
        (99, (0, 1, 0)),  # the fault was not there yet: an accident, no foresight
        (130, (0, 1, 0)),  # it is repaired: nothing is wrong any more
        (251, (0, 1, 0)),  # the failure comes 49 h later
    ],
)
def test_a_warning_is_right_wrong_or_of_a_fault_that_was_repaired(
    hour: int, told: tuple[int, int, int]
) -> None:
    assert counted(rows(), hour if hour != 251 else FAILED_H - 49) == told


def test_a_failure_that_follows_all_the_same_makes_it_right() -> None:
    assert counted(rows(failed_h=(120,)), 105) == (1, 0, 0)


def test_a_repair_after_the_horizon_is_none_in_time() -> None:
    assert counted(rows(repaired_h=((100, 200),)), 110) == (0, 1, 0)


def test_the_wrong_ones_are_told_by_when_they_opened() -> None:
    at = rows()
    found = events_of(at, warned(at, 20, 110, 260), 0.5, np.ones(HOURS, np.bool_))
    assert found.wrong_us[0].tolist() == [20 * HOUR_US]


@given(st.lists(st.integers(1, HOURS), max_size=12), st.integers(0, 350), st.integers(1, 60))
def test_every_warning_is_counted_once_whatever_was_repaired(hours: list[int], since: int, long: int) -> None:
    with_repair, without = rows(repaired_h=((since, since + long),)), rows(repaired_h=())
    right, wrong, repaired = counted(with_repair, *hours)
    assert (right, wrong + repaired, 0) == counted(without, *hours)


def test_what_would_have_followed_a_repair_is_not_learned_from_but_is_counted() -> None:
    at = rows()
    known, hour = at.is_known(48.0), at.known_us // HOUR_US
    inside = (hour >= REPAIRED_H[0]) & (hour < REPAIRED_H[1])
    assert not known[inside].any() and known[~inside & (hour <= FAILED_H)].all()
    assert np.array_equal(at.repaired, inside)
    split = Split(
        ("1970-01-01", "1970-01-15"), ("1970-01-16", "1970-01-16"), ("1970-01-17", "1970-01-17"), (1, 1)
    )
    assert parts_of(at, split, 48.0)["train"][inside].all()


def test_repairs_are_read_where_there_are_any_and_odd_ones_are_told(tmp_path: Path) -> None:
    layout = Layout({"heat": "heat"}, (), 3600.0)
    start = np.datetime64("2020-01-01T00:00:00")
    times = [str(start + np.timedelta64(each, "h")) for each in range(10)]
    put(tmp_path / "telemetry_3h.csv", ("machineID", "t", "heat"), [(1, each, 1.0) for each in times])
    put(tmp_path / "errors.csv", ("datetime", "machineID", "errorID"), [(times[0], 1, "none")])
    put(tmp_path / "failures.csv", ("datetime", "machineID", "failure"), [(times[9], 1, "broken")])
    assert read_tables(tmp_path, layout).assets[0].repaired_us.shape == (0, 2)
    odd = [
        (1, times[4], times[2]),
        (1, "no time", times[5]),
        (1, times[6], times[8]),
        (1, times[1], times[3]),
    ]
    put(tmp_path / "repairs.csv", ("machineID", "since", "datetime"), odd)
    fleet = read_tables(tmp_path, layout)
    spans = (fleet.assets[0].repaired_us - int(start.astype("datetime64[us]").astype(np.int64))) // HOUR_US
    assert spans.tolist() == [[1, 3], [6, 8]]
    assert any("2 repairs of machine 1 have no beginning" in each for each in fleet.notes)


def test_act_is_raised_until_also_the_upper_end_of_false_warnings_is_low() -> None:
    at = rows()
    p = np.where(warned(at, 20) > 0, 0.7, np.where(warned(at, 260) > 0, 0.9, 0.0))
    every = np.ones(HOURS, np.bool_)
    usual, _ = choose_tiers(at, p, every, Tiers(right=0.5, false=9.0, false_high=9.0))
    strict, told = choose_tiers(at, p, every, Tiers(right=0.5, false=9.0, false_high=0.1))
    assert usual["act"] < 0.7 < strict["act"] <= 0.9
    assert "0.1 at the upper end" in told["chosen"]


def test_the_skill_is_nothing_for_the_base_rate_and_one_for_the_truth() -> None:
    label = np.arange(100) < 5
    assert brier_of_base(label) == pytest.approx(0.0475)
    assert brier_skill(label, np.full(100, 0.05)) == pytest.approx(0.0)
    assert brier_skill(label, label.astype(float)) == 1.0
    half = np.where(label, 0.5, 0.0)
    assert brier_skill(label, half) == pytest.approx(1 - brier(label, half) / 0.0475)
    assert np.isnan(brier_skill(np.zeros(3, np.bool_), np.zeros(3)))
