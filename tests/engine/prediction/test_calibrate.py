"""Probabilities put right by outcomes."""

from __future__ import annotations

import numpy as np
import pytest

from engine.prediction.calibrate import apply, calibrate, isotonic, platt


def outcomes(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A model that says twice the odds it should: raw, happened, true."""
    random = np.random.default_rng(3)
    true = random.uniform(0.02, 0.7, rows)
    odds = 2.0 * true / (1 - true)
    return odds / (1 + odds), random.random(rows) < true, true


def test_platt_finds_the_odds_that_were_doubled() -> None:
    raw, happened, true = outcomes(20_000)
    put_right = apply(platt(raw, happened), raw)
    assert np.max(np.abs(put_right - true)) < 0.03
    assert np.mean((put_right - happened) ** 2) < np.mean((raw - happened) ** 2)


def test_isotonic_comes_near_any_rising_curve() -> None:
    raw, happened, true = outcomes(20_000)
    assert np.mean(np.abs(apply(isotonic(raw, happened), raw) - true)) < 0.02


@pytest.mark.parametrize("rows", [40, 300, 600])
def test_knots_are_what_a_card_takes(rows: int) -> None:
    raw, happened, _ = outcomes(rows)
    given, true = np.array(calibrate(raw, happened)).T
    assert (np.diff(given) > 0).all()
    assert (np.diff(true) >= 0).all()
    assert 0 <= min(given.min(), true.min()) and max(given.max(), true.max()) <= 1


def test_a_model_that_points_the_wrong_way_is_made_flat_and_never_turned_round() -> None:
    raw, happened, _ = outcomes(400)
    found = apply(platt(1 - raw, happened), np.array([0.1, 0.9]))
    assert found[0] == pytest.approx(found[1], abs=1e-6)


def test_outcomes_that_are_all_alike_calibrate_nothing() -> None:
    with pytest.raises(ValueError, match="20 of both kinds"):
        calibrate(np.full(50, 0.5), np.zeros(50, bool))
