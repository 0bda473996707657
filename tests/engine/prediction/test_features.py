"""Features: what they are, that they never look ahead, and that a row is the same alone as among others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.prediction.buckets import Buckets
from engine.prediction.features import FEATURES, FeatureSpec, columns_of, owner

SPEC = FeatureSpec(("volt", "rotate"), ("device",), (3.0, 12.0, 48.0), (3.0, 24.0), 10_800.0)
FUNCTION = FEATURES["windows/1"]
NAMES = FUNCTION.names(SPEC)
BUCKET_US = 10_800_000_000


def made(seed: int, count: int = 60, assets: int = 0) -> Buckets:
    random = np.random.default_rng(seed)
    shape = (count, assets) if assets else (count,)
    means = random.normal(100, 20, (*shape, 2)).astype(np.float32)
    coverage = random.uniform(0.5, 1.0, (*shape, 2)).astype(np.float32)
    lost = random.random((*shape, 2)) < 0.2
    means[lost], coverage[lost] = np.nan, 0.0
    events = (random.random((*shape, 1)) < 0.05).astype(np.int32)
    return Buckets(0, BUCKET_US, means, coverage, events, SPEC.roles, SPEC.classes)


def at(features: np.ndarray, name: str) -> float:
    return float(features[NAMES.index(name)])


def test_means_lags_and_steps_are_what_their_names_say() -> None:
    means = np.arange(40, dtype=np.float32)[:, None].repeat(2, axis=1)
    coverage = np.ones((40, 2), np.float32)
    coverage[39, 0] = 0.5
    events = np.zeros((40, 1), np.int32)
    events[[39 - 10, 39 - 2], 0] = 1, 3
    row = FUNCTION.compute(SPEC, Buckets(0, BUCKET_US, means, coverage, events, *SPEC_NAMES), np.array([39]))[
        0
    ]
    assert at(row, "volt:mean_3h") == 39 and at(row, "rotate:mean_12h") == 37.5
    assert at(row, "volt:mean_12h") == pytest.approx((36 + 37 + 38 + 39 * 0.5) / 3.5)
    assert at(row, "rotate:lag_24h") == 31 and at(row, "rotate:lag_3h") == 38
    assert at(row, "rotate:above_48h") == 7.5 and at(row, "rotate:step_48h") == 16
    assert [at(row, f"device:count_{hours}h") for hours in (3, 24, 48)] == [0, 3, 4]
    assert at(row, "device:hours_since") == 6


SPEC_NAMES = SPEC.roles, SPEC.classes


def test_an_event_long_ago_is_seventy_two_hours_ago_and_no_more() -> None:
    events = np.zeros((200, 1), np.int32)
    events[0] = 1
    steady = np.ones((200, 2), np.float32)
    buckets = Buckets(0, BUCKET_US, steady, steady, events, *SPEC_NAMES)
    since = FUNCTION.compute(SPEC, buckets, np.arange(200))[:, NAMES.index("device:hours_since")]
    assert since.tolist() == [min(3.0 * row, 72.0) for row in range(200)]


def test_what_is_missing_stays_missing_and_is_never_a_zero() -> None:
    buckets = made(1)
    buckets.means[:, 0], buckets.coverage[:, 0] = np.nan, 0.0
    found = FUNCTION.compute(SPEC, buckets, np.arange(60))
    volt = columns_of(NAMES, {"volt"})
    assert np.isnan(found[:, volt]).all()
    assert not np.isnan(found[30:, NAMES.index("rotate:mean_48h")]).any()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 59))
def test_nothing_after_a_row_changes_it_and_depth_is_all_it_needs(seed: int, row: int) -> None:
    buckets, other = made(seed), made(seed + 1)
    whole = FUNCTION.compute(SPEC, buckets, np.arange(60))[row]
    after = slice(row + 1, None)
    buckets.means[after], buckets.events[after] = other.means[after], other.events[after] + 7
    buckets.coverage[after] = other.coverage[after]
    assert FUNCTION.compute(SPEC, buckets, np.array([row]))[0].tobytes() == whole.tobytes()
    first = max(0, row + 1 - FUNCTION.depth(SPEC))
    cut = slice(first, row + 1)
    arrays = buckets.means[cut], buckets.coverage[cut], buckets.events[cut]
    short = Buckets(first * BUCKET_US, BUCKET_US, *arrays, *SPEC_NAMES)
    assert FUNCTION.compute(SPEC, short, np.array([row - first]))[0].tobytes() == whole.tobytes()


def test_an_asset_among_two_hundred_has_the_bits_it_has_alone() -> None:
    fleet = made(3, assets=200)
    whole = FUNCTION.compute(SPEC, fleet, np.arange(60))
    for asset in (0, 77, 199):
        arrays = fleet.means[:, asset], fleet.coverage[:, asset], fleet.events[:, asset]
        alone = FUNCTION.compute(SPEC, Buckets(0, BUCKET_US, *arrays, *SPEC_NAMES), np.arange(60))
        assert alone.tobytes() == np.ascontiguousarray(whole[:, asset]).tobytes()


def test_every_feature_is_of_a_role_or_a_class_and_of_nothing_else() -> None:
    assert {owner(name) for name in NAMES} == {"volt", "rotate", "device"}
    assert len(set(NAMES)) == len(NAMES) == FUNCTION.compute(SPEC, made(1), np.array([5])).shape[1]


def test_where_the_buckets_lie_in_time_changes_nothing() -> None:
    here = made(9)
    arrays = here.means, here.coverage, here.events
    there = Buckets(123 * BUCKET_US, BUCKET_US, *arrays, *SPEC_NAMES)
    rows = np.arange(60)
    assert FUNCTION.compute(SPEC, here, rows).tobytes() == FUNCTION.compute(SPEC, there, rows).tobytes()


def test_buckets_of_other_roles_or_width_are_refused() -> None:
    buckets = made(1)
    arrays = buckets.means, buckets.coverage, buckets.events
    with pytest.raises(ValueError, match="same order"):
        FUNCTION.compute(SPEC, Buckets(0, BUCKET_US, *arrays, ("rotate", "volt"), ("device",)), np.array([1]))
    with pytest.raises(ValueError, match="3600 s buckets"):
        FUNCTION.compute(SPEC, Buckets(0, 3_600_000_000, *arrays, *SPEC_NAMES), np.array([1]))
