"""Watching a plant: fast enough for each second, and nothing of it claims to be an alarm."""

import time

import numpy as np
import pytest

from engine.prediction.normal import State, fleet, learn, score_fleet
from engine.prediction.presets import PROCESS, SLOW, SLOW_FOLLOWING, WARMING

ASSETS, SENSORS = 250, 8


def test_the_following_preset_is_slow_and_bounded():
    days = SLOW_FOLLOWING.row_s / SLOW_FOLLOWING.settings.follow / 86400
    assert days == pytest.approx(14.0)
    assert SLOW_FOLLOWING.settings.reach <= 1.0
    assert SLOW.settings.follow == 0
    assert PROCESS.settings.follow == 0
    assert WARMING.settings.follow > 0


@pytest.mark.bench
def test_250_assets_of_8_sensors_are_scored_within_a_tick():
    random = np.random.default_rng(1)
    normals = [learn(random.normal(size=(200, SENSORS)), [f"t{at}" for at in range(SENSORS)])] * ASSETS
    side = fleet(normals)
    state = State(np.zeros((ASSETS, SENSORS)), np.zeros((ASSETS, SENSORS)))
    rows = random.normal(size=(300, ASSETS, SENSORS))
    rows[::3, ::10, 2] = np.nan
    took = []
    for row in rows:
        began = time.perf_counter()
        _, state = score_fleet(side, state, row)
        took.append(time.perf_counter() - began)
    p50, p95 = np.quantile(took, (0.5, 0.95)) * 1000
    print(f"{ASSETS} x {SENSORS}: median {p50:.2f} ms, p95 {p95:.2f} ms")
    assert p95 < 50
