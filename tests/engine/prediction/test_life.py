"""Features of lives and of steps: corrected for the way of running, never ahead, the same bit by bit."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.prediction.buckets import Buckets
from engine.prediction.conditions import Conditions, corrected
from engine.prediction.features import FEATURES, FeatureSpec, spec_of
from engine.prediction.package import PackageRefused, read_package
from tests.engine.prediction import packages

CONDITIONS = Conditions(
    ("mach",), (1.0,), ((0.0,), (0.8,)), {"heat": (600.0, 500.0)}, {"heat": (10.0, 5.0)}, 0.05
)
SPEC = FeatureSpec(("mach", "heat"), (), (2.0, 4.0), (8.0,), 3600.0, CONDITIONS)
PLAIN = FeatureSpec(("volt", "rotate"), ("device",), (3.0,), (9.0,), 10_800.0)
LIFE, STEPS = FEATURES["life/1"], FEATURES["steps/1"]


def flights(seed: int, count: int = 40, assets: int = 0) -> Buckets:
    """Flights on the ground or at Mach 0.8, their heat rising the same in both."""
    random = np.random.default_rng(seed)
    shape = (count, assets) if assets else (count,)
    fast = random.random(shape) < 0.5
    health = np.linspace(0, 3, count).reshape(-1, *[1] * (len(shape) - 1)) + np.zeros(shape)
    heat = np.where(fast, 500 + 5 * health, 600 + 10 * health)
    means = np.stack([np.where(fast, 0.8, 0.0), heat], axis=-1).astype(np.float32)
    means[random.random(means.shape) < 0.1] = np.nan
    coverage = np.isfinite(means).astype(np.float32)
    return Buckets(0, 3_600_000_000, means, coverage, np.zeros((*shape, 0), np.int32), SPEC.roles)


def test_a_sensor_reads_the_same_in_every_way_of_running() -> None:
    means = np.array([[0.01, 610], [0.8, 505], [0.79, 500], [0.4, 550], [np.nan, 600]], np.float32)
    found = corrected(means, SPEC.roles, CONDITIONS)[:, 0]
    assert found[:3] == pytest.approx([610, 610, 600])
    assert np.isnan(found[3:]).all(), "of no known way of running, or of none that was told"


def test_means_and_slopes_are_of_the_corrected_sensor_over_what_is_known() -> None:
    names = LIFE.names(SPEC)
    assert names == ("heat:mean_2h", "heat:mean_4h", "heat:mean_8h", "heat:slope_4h", "heat:slope_8h")
    buckets = flights(1)
    row = LIFE.compute(SPEC, buckets, np.array([39]))[0].astype(float)
    heat = corrected(buckets.means, SPEC.roles, CONDITIONS)[-8:, 0]
    known = np.isfinite(heat)
    assert row[2] == pytest.approx(heat[known].mean(), rel=1e-6)
    assert row[4] == pytest.approx(np.polyfit(np.arange(8)[known], heat[known], 1)[0], rel=1e-4)
    assert row[4] == pytest.approx(10 * 3 / 39, rel=0.01)


def test_a_slope_needs_two_values_and_what_is_missing_stays_missing() -> None:
    buckets = flights(2)
    buckets.means[:] = np.nan
    buckets.means[5] = 0.0, 604.0
    row = dict(zip(LIFE.names(SPEC), LIFE.compute(SPEC, buckets, np.array([6]))[0], strict=True))
    assert row["heat:mean_2h"] == 604.0
    assert np.isnan(row["heat:slope_4h"])
    assert np.isnan(LIFE.compute(SPEC, buckets, np.array([30]))).all()


@pytest.mark.parametrize("function", [LIFE, STEPS])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), row=st.integers(0, 39))
def test_nothing_after_a_row_and_nothing_before_its_depth_changes_it(function, seed: int, row: int) -> None:
    buckets, other = flights(seed), flights(seed + 1)
    whole = function.compute(SPEC, buckets, np.arange(40))[row]
    first = max(0, row + 1 - function.depth(SPEC))
    buckets.means[row + 1 :], buckets.means[:first] = other.means[row + 1 :], other.means[:first]
    assert function.compute(SPEC, buckets, np.array([row]))[0].tobytes() == whole.tobytes()


@pytest.mark.parametrize("function", [LIFE, STEPS])
def test_a_row_of_a_fleet_is_the_row_of_the_asset_alone(function) -> None:
    fleet = flights(3, assets=4)
    whole = function.compute(SPEC, fleet, np.arange(40))
    for asset in range(4):
        alone = Buckets(0, fleet.bucket_us, fleet.means[:, asset], fleet.coverage[:, asset],
                        fleet.events[:, asset], fleet.roles)  # fmt: skip
        assert whole[:, asset].tobytes() == function.compute(SPEC, alone, np.arange(40)).tobytes()
    assert whole.shape[-1] == len(function.names(SPEC))


def test_steps_are_the_buckets_themselves_newest_first() -> None:
    means = np.arange(20, dtype=np.float32).reshape(10, 2)
    events = np.arange(10, dtype=np.int32).reshape(10, 1)
    buckets = Buckets(
        0, 10_800_000_000, means, np.ones((10, 2), np.float32), events, PLAIN.roles, PLAIN.classes
    )
    names = STEPS.names(PLAIN)
    assert names[:4] == ("volt:lag_0h", "rotate:lag_0h", "device:lag_0h", "volt:lag_3h")
    rows = STEPS.compute(PLAIN, buckets, np.array([1, 9])).reshape(2, 4, 3)
    assert rows[1].tolist() == [[18, 19, 9], [16, 17, 8], [14, 15, 7], [12, 13, 6]]
    assert np.isnan(rows[0, 2:, :2]).all() and not rows[0, 2:, 2].any()


def test_features_of_other_buckets_are_refused() -> None:
    with pytest.raises(ValueError, match="same order"):
        STEPS.compute(PLAIN, flights(1), np.array([1]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"centres": []},
        {"scales": [0.0]},
        {"level": {}},
        {"settings": ["altitude"]},
        {"within": "far"},
        {"odd": 1},
    ],
)
def test_a_card_with_wrong_conditions_is_refused_with_a_sentence(tmp_path, wrong: dict[str, object]) -> None:
    whole = msgspec.to_builtins(
        msgspec.structs.replace(
            CONDITIONS, settings=("pressure",), level={"temperature": (1.0, 2.0)},
            spread={"temperature": (1.0, 2.0)},
        )
    )  # fmt: skip
    spec = spec_of(packages.card_of(extra={"conditions": whole}))
    packages.pack(tmp_path, extra={"conditions": {**whole, **wrong}}, features="life/1",
                  reference=dict.fromkeys(LIFE.names(spec), (-1.0, 0.0, 1.0)))  # fmt: skip
    with pytest.raises(PackageRefused, match="its features cannot be made"):
        read_package(tmp_path)


@pytest.mark.parametrize("hours", [1e9, "nan", -3.0, "soon"])
def test_a_card_that_looks_back_without_end_is_refused_at_once(tmp_path, hours: object) -> None:
    spec = FeatureSpec(("pressure", "temperature"), ("alarm",), (3.0, 24.0), (3.0,), 3600.0)
    packages.pack(tmp_path, extra={"lags_h": [hours]}, features="steps/1",
                  reference=dict.fromkeys(STEPS.names(spec), (-1.0, 0.0, 1.0)))  # fmt: skip
    with pytest.raises(PackageRefused, match="its features cannot be made"):
        read_package(tmp_path)
