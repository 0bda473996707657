"""What speaks for a prediction is what moved it, and the most similar case is the nearest one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.prediction.explain import (
    EVENTS,
    Cases,
    contributions,
    groups_of,
    most_similar,
    normal_of,
    weights_of,
)
from engine.prediction.package import load_package
from engine.types import SimilarCase
from tests.engine.prediction.packages import WEIGHTS, card_of, pack


def test_inputs_are_grouped_and_events_are_a_group_of_their_own() -> None:
    groups = {group.name: group for group in groups_of(card_of())}
    names = list(card_of().reference)
    assert list(groups) == ["hydraulics", "temperature", EVENTS]
    assert {names[k].split(":")[0] for k in groups["hydraulics"].columns} == {"pressure"}
    assert {names[k].split(":")[0] for k in groups[EVENTS].columns} == {"alarm"}
    everything = np.concatenate([group.columns for group in groups.values()])
    assert sorted(everything) == list(range(len(names)))


def test_the_weight_of_a_group_is_its_part_of_the_log_odds(tmp_path: Path) -> None:
    """Of a linear model the fall by occlusion is exact: weight times distance from normal."""
    card = pack(tmp_path)
    package, groups = load_package(tmp_path), groups_of(card)
    rows = np.random.default_rng(5).normal(size=(40, 12)).astype(np.float32)
    found = weights_of(package, rows, groups)
    assert found.shape == (40, 3)
    parts = (rows - normal_of(card)) * WEIGHTS[:12]
    for place, group in enumerate(groups):
        np.testing.assert_allclose(found[:, place], parts[:, group.columns].sum(axis=1), atol=1e-4)


def test_the_strongest_comes_first_and_what_speaks_against_is_left_out() -> None:
    card = card_of()
    row = np.arange(12, dtype=np.float32)
    found = contributions(card, row, np.array([1.0, -2.0, 3.0]), groups_of(card))
    assert [each.group for each in found] == [EVENTS, "hydraulics"]
    events, pressure = found
    assert (events.value, events.unit) == (None, "")
    assert (pressure.weight, pressure.value, pressure.normal, pressure.unit) == (1.0, 0.0, 0.0, "bar")
    row[0] = np.nan
    assert contributions(card, row, np.array([1.0, np.nan, np.nan]), groups_of(card))[0].value is None


def test_no_prediction_is_not_explained(tmp_path: Path) -> None:
    card = pack(tmp_path)
    found = contributions(card, np.zeros(12, np.float32), np.full(3, np.nan), groups_of(card))
    assert found == ()


def past(*rows: np.ndarray) -> Cases:
    cases = tuple(SimilarCase(f"Pump {k}", k, "bearing replaced", 30.0) for k in range(len(rows)))
    return Cases(np.array(rows, np.float32), cases)


def test_the_most_similar_case_is_the_nearest_in_spreads_of_training() -> None:
    names = list(card_of().reference)
    wide = dict.fromkeys(names, (-1.0, -0.5, 0.0, 0.5, 1.0))
    wide[names[0]] = (-1000.0, -500.0, 0.0, 500.0, 1000.0)  # a reading in hundreds, not in units
    card = msgspec.structs.replace(card_of(), reference=wide)
    now = np.zeros(12, np.float32)
    far_in_units, far_in_spreads = now.copy(), now.copy()
    far_in_units[0], far_in_spreads[1] = 100.0, 3.0
    found = most_similar(card, now, past(far_in_spreads, far_in_units))
    assert found is not None and found.asset == "Pump 1"
    assert most_similar(card, now, past(now + 50.0 * np.float32(1e3))) is None
    assert most_similar(card, now, Cases(np.empty((0, 12), np.float32), ())) is None


@pytest.mark.parametrize(("missing", "is_found"), [(6, True), (7, False)])
def test_missing_features_are_not_compared_and_half_must_be_common(missing: int, is_found: bool) -> None:
    now = np.zeros(12, np.float32)
    now[:missing] = np.nan
    found = most_similar(card_of(), now, past(np.zeros(12, np.float32)))
    assert (found is not None) == is_found
