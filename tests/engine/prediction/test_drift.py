"""Drift of inputs against the card."""

from __future__ import annotations

import numpy as np
import pytest

from engine.prediction.drift import blocks_act, drift, index
from engine.prediction.features import FEATURES, FeatureSpec
from engine.types import ModelCard, ModelInput

SPEC = FeatureSpec(("heat",), ("error1",), (3.0, 24.0), (12.0,), 10_800.0)
NAMES = FEATURES["windows/1"].names(SPEC)
RANDOM = np.random.default_rng(5)


def features(rows: int, shift: float = 0.0) -> np.ndarray:
    found = RANDOM.normal(60 + shift, 2, (rows, len(NAMES)))
    for place, name in enumerate(NAMES):
        if "count" in name:
            found[:, place] = RANDOM.poisson(0.1, rows)
    return found.astype(np.float32)


@pytest.fixture(scope="module")
def card() -> ModelCard:
    quantiles = np.quantile(features(50_000), np.linspace(0, 1, 11), axis=0).T
    return ModelCard(
        id="fans", version="1", kind="failure", sha256="0" * 64, asset_class="fan", title="t", what="w",
        horizon_h=(48.0,), features="windows/1", bucket_s=10_800.0,
        inputs=(ModelInput("heat", "°C", low=50.0, high=70.0),), tiers={"watch": 0.2, "act": 0.8},
        evidence={}, metrics={}, data={}, limits=(), golden=(), trainer={}, author="a", failures=40,
        windows_h=(3.0, 24.0),
        events=("error1",),
        reference={name: tuple(map(float, each)) for name, each in zip(NAMES, quantiles, strict=True)},
    )  # fmt: skip


def test_the_same_fleet_does_not_drift(card: ModelCard) -> None:
    seen = drift(card, features(56 * 80), assets=80)
    assert max(seen.psi.values()) < 0.05
    assert not blocks_act(seen)
    assert seen.text == ""


def test_one_asset_alone_does_not_drift_by_chance(card: ModelCard) -> None:
    """56 rows: deciles alone come to 0.16 in the mean if chance is not taken off."""
    heat = card.reference["heat:mean_3h"]
    found = [index(np.array(heat), features(56)[:, 0], 56.0) for _ in range(300)]
    assert all(each is not None for each in found)
    assert float(np.mean([each >= 0.25 for each in found if each is not None])) < 0.03


def test_a_sensor_that_reads_otherwise_blocks_act_and_is_named(card: ModelCard) -> None:
    values = features(56 * 80)
    values[:, NAMES.index("heat:mean_3h")] += 2.0
    seen = drift(card, values, assets=80, p=np.full(len(values), 0.4), happened=0.03)
    assert blocks_act(seen)
    assert "heat mean_3h" in seen.text and "no ACT" in seen.text
    assert seen.mean_p == pytest.approx(0.4) and seen.rate == 0.03


def test_values_outside_the_trained_range_are_told(card: ModelCard) -> None:
    values = features(560)
    values[: len(values) // 10, NAMES.index("heat:mean_3h")] = 99.0
    seen = drift(card, values, assets=10)
    assert seen.outside == pytest.approx(0.1)
    assert "10% of the values are outside" in seen.text


def test_too_few_rows_say_so_and_block_nothing(card: ModelCard) -> None:
    seen = drift(card, features(4), assets=10)
    assert seen.psi == {}
    assert "too few rows" in seen.text
    assert not blocks_act(seen)


def test_counts_that_are_mostly_zero_have_no_drift_of_their_own(card: ModelCard) -> None:
    place = NAMES.index("error1:count_24h")
    many = RANDOM.poisson(0.1, 4000).astype(np.float32)
    few = RANDOM.poisson(1.5, 4000).astype(np.float32)
    reference = np.array(card.reference[NAMES[place]])
    assert (index(reference, many, 4000.0) or 0.0) < 0.05
    assert (index(reference, few, 4000.0) or 0.0) > 0.25


def test_a_count_that_is_rarer_than_a_decile_can_tell_is_no_drift() -> None:
    """One in 700 rows: the deciles are nine tenths of nought and a one, which 5 % would give as well."""
    reference = np.array([0.0] * 10 + [1.0])
    for share in (0.0, 0.0015, 0.05):
        rare = (RANDOM.random(20_000) < share).astype(np.float32)
        assert (index(reference, rare, 20_000.0) or 0.0) < 0.05
    often = (RANDOM.random(20_000) < 0.4).astype(np.float32)
    assert (index(reference, often, 20_000.0) or 0.0) > 0.25


def test_one_machine_is_no_drift_of_what_many_taught(card: ModelCard) -> None:
    """It stands in a narrow part of their range: its PSI would be large from its first hours on."""
    narrow = np.repeat(features(1), 560, axis=0)
    assert blocks_act(drift(card, narrow, assets=10))
    alone = drift(card, narrow, assets=1)
    assert alone.psi == {} and not blocks_act(alone) and "1 of the 8 assets" in alone.text
